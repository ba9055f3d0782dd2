//! An editor as a process of its own, with an end to patience.

use std::fmt::Write as _;
use std::io::Read as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::support;

/// How it ended.
pub struct Ended {
    pub success: bool,
    /// What it said, on both channels.
    pub said: String,
    pub seconds: f64,
}

/// Runs a command; it and what it started are ended after `patience`.
pub fn run(command: &mut Command, patience: Duration) -> Ended {
    let started = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()
        .unwrap();
    let mut out = child.stdout.take().unwrap();
    let mut err = child.stderr.take().unwrap();
    let hear = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = out.read_to_end(&mut bytes);
        bytes
    });
    let hear_errors = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = err.read_to_end(&mut bytes);
        bytes
    });
    let group = format!("-{}", child.id());
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break Some(status);
        }
        if started.elapsed() > patience {
            break None;
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    // What it left behind would keep the channels open.
    let _ = Command::new("kill")
        .args(["-KILL", "--", &group])
        .stderr(Stdio::null())
        .status();
    if status.is_none() {
        let _ = child.wait();
    }
    let mut said = String::from_utf8_lossy(&hear.join().unwrap()).into_owned();
    said += &String::from_utf8_lossy(&hear_errors.join().unwrap());
    if status.is_none() {
        let _ = write!(said, "\nit did not end in {} s", patience.as_secs());
    }
    Ended {
        success: status.is_some_and(|s| s.success()),
        said,
        seconds: started.elapsed().as_secs_f64(),
    }
}

/// A copy of an example, without what a build wrote.
pub fn project(example: &str, to: &Path) -> PathBuf {
    fn copy(from: &Path, to: &Path) {
        std::fs::create_dir_all(to).unwrap();
        for entry in std::fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name();
            if entry.file_type().unwrap().is_dir() {
                if name != "out" && !name.to_string_lossy().starts_with('.') {
                    copy(&entry.path(), &to.join(name));
                }
            } else {
                std::fs::copy(entry.path(), to.join(name)).unwrap();
            }
        }
    }
    let folder = to.join(example);
    copy(&support::root().join("examples").join(example), &folder);
    folder
}
