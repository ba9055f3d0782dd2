//! The commands: one file each.

pub mod access;
pub mod build;
pub mod check;
pub mod completions;
pub mod condition;
pub mod debug;
pub mod eval_cases;
pub mod explain;
pub mod explanation;
pub mod fmt;
mod fragment;
pub mod init;
pub mod inputs;
pub mod json;
mod junit;
pub mod prove;
pub mod query;
mod rows;
mod suggest;
pub mod test;
pub mod who;
pub mod why;

use crate::args::{Args, Command, Format, Global};
use crate::exit::Failure;
use crate::output::{Outcome, Printer};

/// Runs the command that the arguments name.
pub fn run(args: &Args, printer: &mut Printer) -> Result<Outcome, Failure> {
    let global = &args.global;
    match &args.command {
        Command::Check(a) => plain(global).and_then(|()| check::run(a, global, printer)),
        Command::Build(a) => plain(global).and_then(|()| build::run(a, global, printer)),
        Command::Init(a) => plain(global).and_then(|()| init::run(a)),
        Command::Fmt(a) => plain(global).and_then(|()| fmt::run(a, global)),
        Command::Query(a) => plain(global).and_then(|()| query::run(a, global)),
        Command::Test(a) => test::run(a, global, printer),
        Command::Prove(a) => plain(global).and_then(|()| prove::run(a, global)),
        Command::Who(a) => plain(global).and_then(|()| who::run(a, global)),
        Command::Why(a) => plain(global).and_then(|()| why::run(a, global)),
        Command::Eval(a) => plain(global).and_then(|()| eval_cases::run(a, global)),
        Command::Explain(a) => plain(global).and_then(|()| explain::run(a)),
        Command::Debug(a) => plain(global).and_then(|()| debug::run(a, global)),
        Command::Completions(a) => plain(global).and_then(|()| completions::run(a)),
    }
}

/// Only `test` speaks `JUnit`.
fn plain(global: &Global) -> Result<(), Failure> {
    if global.format == Format::Junit {
        return Err(Failure::usage("`--format junit` is for `ambit test` only"));
    }
    Ok(())
}
