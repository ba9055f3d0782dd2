//! A client of the server's binary, over pipes.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

/// The server, built in the profile of benches (of tests where it is only asked whether all this runs).
pub fn binary(test: bool) -> PathBuf {
    if let Some(path) = std::env::var_os("AMBIT_LSP") {
        return path.into();
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let profile = if test { "dev" } else { "bench" };
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(cargo)
        .args([
            "build",
            "--locked",
            "--package",
            "ambit-lsp",
            "--bin",
            "ambit-lsp",
        ])
        .args(["--profile", profile])
        .current_dir(root)
        .status()
        .unwrap();
    assert!(built.success(), "the server does not build");
    // target/release/deps/editor-…
    let exe = std::env::current_exe().unwrap();
    let target = exe.ancestors().nth(3).unwrap();
    let folder = if test { "debug" } else { "release" };
    target.join(folder).join("ambit-lsp")
}

pub struct Client {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    next: u64,
}

impl Client {
    pub fn start(server: &Path) -> Self {
        let mut child = Command::new(server)
            .arg("--stdio")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        Self {
            input: child.stdin.take().unwrap(),
            output: BufReader::new(child.stdout.take().unwrap()),
            child,
            next: 0,
        }
    }

    /// Sends a notification.
    pub fn tell(&mut self, method: &str, params: &Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// Sends a request and waits for its answer; what comes before is dropped. Gives the answer's bytes, too.
    pub fn ask(&mut self, method: &str, params: &Value) -> (Value, usize) {
        self.next += 1;
        let id = self.next;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        let wanted = format!("\"id\":{id}");
        loop {
            let body = self.receive();
            // Only the answer is read: what is measured is the server.
            if body.contains(&wanted) && !body.contains("\"method\":") {
                return (serde_json::from_str(&body).unwrap(), body.len());
            }
        }
    }

    /// Waits for the diagnostics of a file in a version; gives their bytes.
    pub fn published(&mut self, uri: &str, version: i32) -> usize {
        let (uri, version) = (
            format!("\"uri\":\"{uri}\""),
            format!("\"version\":{version}"),
        );
        loop {
            let body = self.receive();
            // Both stand outside the list, at the end of the message or before it.
            if body.contains("publishDiagnostics") && body.contains(&version) && body.contains(&uri)
            {
                return body.len();
            }
        }
    }

    fn send(&mut self, message: &Value) {
        let text = message.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{text}", text.len()).unwrap();
        self.input.flush().unwrap();
    }

    fn receive(&mut self) -> String {
        let mut length = 0;
        loop {
            let mut line = String::new();
            assert!(
                self.output.read_line(&mut line).unwrap() > 0,
                "the server went"
            );
            match line.trim().strip_prefix("Content-Length: ") {
                Some(n) => length = n.parse().unwrap(),
                None if line.trim().is_empty() => break,
                None => {}
            }
        }
        let mut body = vec![0; length];
        self.output.read_exact(&mut body).unwrap();
        String::from_utf8(body).unwrap()
    }

    /// Memory that is resident, and the most that was, in bytes (Linux).
    pub fn memory(&self) -> Option<(u64, u64)> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let of = |key: &str| -> Option<u64> {
            let line = status.lines().find(|l| l.starts_with(key))?;
            let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
            Some(kilobytes * 1024)
        };
        Some((of("VmRSS:")?, of("VmHWM:")?))
    }

    /// The time that the server computed so far (Linux).
    pub fn computed(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()));
        let stat = stat.unwrap_or_default();
        let fields = stat.rsplit(')').next().unwrap_or_default();
        let ticks = fields.split_whitespace().skip(11).take(2);
        let ticks: u64 = ticks.filter_map(|t| t.parse::<u64>().ok()).sum();
        // A hundredth of a second is what Linux counts in.
        Duration::from_millis(ticks * 10)
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
