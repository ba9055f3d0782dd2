//! Tests that run the binary, and the pages of the codes.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

#[path = "all/build.rs"]
mod build;
#[path = "all/commands.rs"]
mod commands;
#[path = "all/envelope.rs"]
mod envelope;
#[path = "all/judging.rs"]
mod judging;
#[path = "all/limits.rs"]
mod limits;
#[path = "all/logins.rs"]
mod logins;
#[path = "all/meaning.rs"]
mod meaning;
#[path = "all/pages.rs"]
mod pages;
#[path = "all/traps.rs"]
mod traps;
#[path = "all/watch.rs"]
mod watch;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// What a run gave.
#[derive(Debug)]
struct Run {
    code: i32,
    out: String,
    err: String,
}

impl Run {
    /// The one JSON document of stdout.
    fn json(&self) -> Value {
        assert_eq!(self.out.lines().count(), 1, "one document:\n{}", self.out);
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}: {}", self.out))
    }
}

fn command(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ambit"));
    command
        .args(args)
        .current_dir(folder)
        .env_remove("NO_COLOR");
    command
}

fn ambit(folder: &Path, args: &[&str]) -> Run {
    with_input(folder, args, b"")
}

fn with_input(folder: &Path, args: &[&str], input: &[u8]) -> Run {
    let mut child = command(folder, args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that does not read closes the pipe.
    let _ = child.stdin.take().unwrap().write_all(input);
    let output = child.wait_with_output().unwrap();
    Run {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A folder with these files.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        write(dir.path(), name, text.as_bytes());
    }
    dir
}

/// A project with these files and an empty `ambit.toml`.
fn project(files: &[(&str, &str)]) -> TempDir {
    let dir = folder(files);
    write(dir.path(), "ambit.toml", b"");
    dir
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, bytes).unwrap();
    path
}

const SCHEMA: &str =
    "source warehouse : postgres\ntable sales in warehouse {\n    key id : int\n}\n";
