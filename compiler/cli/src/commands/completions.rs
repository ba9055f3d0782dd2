//! `ambit completions SHELL`.

use clap::CommandFactory as _;
use clap_complete::{Shell, generate};
use serde_json::json;

use crate::args::Args;
use crate::exit::{Exit, Failure};
use crate::output::Outcome;

/// Arguments of `completions`.
#[derive(Debug, clap::Args)]
pub struct Completions {
    /// The shell
    shell: Shell,
}

/// Prints the script.
pub fn run(args: &Completions) -> Result<Outcome, Failure> {
    let mut script = Vec::new();
    generate(args.shell, &mut Args::command(), "ambit", &mut script);
    let script = String::from_utf8(script)
        .map_err(|e| Failure::new(Exit::Fault, format!("internal fault: {e}")))?;
    let result = json!({"shell": args.shell.to_string(), "script": script});
    Ok(Outcome::new(script, result))
}
