//! The machine's own `SQLite`, through Python: an older one than the one that is built in, so that predicates are run on
//! both ends of what is promised.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::OnceLock;

use ambit_targets::sql::Dialect;
use serde_json::{Value as Json, json};

/// That there is one, and which.
pub struct System {
    python: std::path::PathBuf,
    pub version: String,
}

/// The machine's `SQLite`, or why it is of no use: Python is missing, or it has the version that is built in.
pub fn system() -> Result<&'static System, String> {
    static SYSTEM: OnceLock<Result<System, String>> = OnceLock::new();
    SYSTEM.get_or_init(find).as_ref().map_err(Clone::clone)
}

fn find() -> Result<System, String> {
    let python = super::python::interpreter()?;
    let mut system = System {
        python,
        version: String::new(),
    };
    let version = system.start()?.version.clone();
    let (own, minimum) = (parts(rusqlite::version()), parts(Dialect::Sqlite.minimum()));
    if parts(&version) >= own {
        return Err(format!(
            "python3 has SQLite {version}, and {} is built in",
            rusqlite::version()
        ));
    }
    if parts(&version) < minimum {
        return Err(format!(
            "python3 has SQLite {version}, older than {}",
            Dialect::Sqlite.minimum()
        ));
    }
    if !version.starts_with(&format!("{}.", Dialect::Sqlite.minimum())) {
        crate::budget::say(&format!(
            "sqlite-minimum: the machine has SQLite {version}; the oldest that is promised is {}",
            Dialect::Sqlite.minimum()
        ));
    }
    system.version = version;
    Ok(system)
}

fn parts(version: &str) -> Vec<u32> {
    version.split('.').map_while(|n| n.parse().ok()).collect()
}

impl System {
    /// A process of it.
    pub fn start(&self) -> Result<Process, String> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("sqlite/system.py");
        let mut child = Command::new(&self.python)
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|e| e.to_string())?;
        let (input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let mut process = Process {
            child,
            input: Some(input),
            output: BufReader::new(output),
            version: String::new(),
        };
        let hello = process.line();
        match hello["version"].as_str() {
            Some(version) => version.clone_into(&mut process.version),
            None => return Err(format!("python3 cannot run SQLite: {hello}")),
        }
        Ok(process)
    }
}

/// A process, with one database at a time.
pub struct Process {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    pub version: String,
}

impl Process {
    /// Does some steps (`tests/sqlite/system.py`); gives the rows of each query.
    pub fn run(&mut self, steps: &[Json]) -> Result<Vec<Vec<Vec<Json>>>, String> {
        let input = self.input.as_mut().unwrap();
        writeln!(input, "{}", json!(steps)).unwrap();
        input.flush().unwrap();
        let mut answer = self.line();
        if let Some(error) = answer["error"].as_str() {
            return Err(error.to_owned());
        }
        Ok(serde_json::from_value(answer["ok"].take()).unwrap())
    }

    fn line(&mut self) -> Json {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or(Json::Null)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // The end of its input ends it.
        drop(self.input.take());
        let _ = self.child.wait();
    }
}

#[test]
fn the_system_answers() {
    let system = need!("sqlite-minimum");
    // Which version stands for the oldest one.
    let outcome = crate::budget::Outcome {
        cases: 1,
        ..Default::default()
    };
    crate::budget::summary("sqlite-of-the-machine", &system.version, &outcome);
    let mut process = system.start().unwrap();
    let rows = process
        .run(&[
            json!(["open"]),
            json!(["script", "CREATE TABLE t (a); CREATE TABLE u (a)"]),
            json!([
                "insert",
                "INSERT INTO t VALUES (?)",
                [["a\u{0}b"], [i64::MAX], [null]]
            ]),
            json!(["query", "SELECT a FROM t WHERE :none IS NULL", { "none": null }]),
        ])
        .unwrap();
    let null = Json::Null;
    assert_eq!(rows, [[[json!("a\u{0}b")], [json!(i64::MAX)], [null]]]);
    assert!(process.run(&[json!(["query", "SELECT", {}])]).is_err());
    assert!(process.run(&[json!(["query", "SELECT 1", {}])]).is_ok());
}
