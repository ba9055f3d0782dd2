//! The command line of Ambit: arguments in, one answer and an exit code out.
//!
//! A command (`commands/<name>.rs`) returns an [`output::Outcome`] or an [`exit::Failure`]; [`output`] alone writes, so
//! that every command has the same envelope, streams and exit codes (contract.md).

pub mod args;
pub mod build;
pub mod commands;
pub mod deadline;
pub mod exit;
pub mod guard;
pub mod output;
pub mod project;
pub mod watch;
pub mod workspace;

use std::ffi::OsString;
use std::io::IsTerminal as _;

use clap::Parser as _;

use args::{Args, ColorWhen, Format};
use exit::{Exit, Failure};
use output::{Outcome, Printer};

/// The recursive parts of the compiler follow the nesting of the input; this is room for the deepest allowed.
const STACK: usize = 256 << 20;

/// Runs the command line of this process and gives its exit code.
pub fn main() -> u8 {
    let args: Vec<OsString> = std::env::args_os().collect();
    // Without room for a large stack (a limit on address space) the ordinary one must do.
    let copy = args.clone();
    match std::thread::Builder::new()
        .name("ambit".into())
        .stack_size(STACK)
        .spawn(move || run(&copy))
    {
        Ok(thread) => thread.join().unwrap_or(Exit::Fault as u8),
        Err(_) => run(&args),
    }
}

/// Runs one command line: `args` begins with the name of the program.
pub fn run(args: &[OsString]) -> u8 {
    let parsed = match Args::try_parse_from(args) {
        Ok(parsed) => parsed,
        Err(error) => return output::clap_error(&error, asks_for_json(args)),
    };
    let global = &parsed.global;
    let mut printer = Printer::new(
        global.format,
        wants_color(global.color),
        global.directory.as_deref(),
    );
    let name = parsed.command.name();
    let outcome = guard::run(|| commands::run(&parsed, &mut printer));
    let outcome = match outcome {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(failure)) => Outcome::failed(&failure),
        Err(fault) => Outcome::failed(&Failure::new(Exit::Fault, fault)),
    };
    printer.print(name, &outcome)
}

/// Whether the arguments ask for JSON, told without understanding the rest of them.
fn asks_for_json(args: &[OsString]) -> bool {
    let mut args = args.iter().filter_map(|a| a.to_str());
    while let Some(arg) = args.next() {
        match arg {
            "--" => return false,
            "--format" => return args.next() == Some("json"),
            "--format=json" => return true,
            _ => {}
        }
    }
    false
}

fn wants_color(when: ColorWhen) -> bool {
    match when {
        ColorWhen::Always => true,
        ColorWhen::Never => false,
        ColorWhen::Auto => {
            let set = |name: &str| std::env::var_os(name).is_some_and(|v| !v.is_empty());
            std::io::stderr().is_terminal()
                && !set("NO_COLOR")
                && std::env::var_os("TERM").is_none_or(|t| t != "dumb")
        }
    }
}

impl Format {
    /// Whether stdout holds one JSON document.
    pub fn is_json(self) -> bool {
        self == Self::Json
    }
}
