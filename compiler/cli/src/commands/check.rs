//! `ambit check`: everything that is wrong with a project.

use ambit_diagnostics::Level;
use clap::ValueEnum;
use serde_json::json;

use crate::args::{Format, Global};
use crate::exit::{Exit, Failure};
use crate::output::{Outcome, Printer};
use crate::watch::watch;
use crate::workspace::Workspace;

/// Arguments of `check`.
#[derive(Debug, clap::Args)]
pub struct Check {
    /// Fail on these, too
    #[arg(long, value_name = "WHAT")]
    deny: Option<Deny>,
    /// How far to check
    #[arg(long, value_name = "STAGE", default_value = "all")]
    stage: Stage,
    /// Check again whenever a file changes
    #[arg(long)]
    watch: bool,
}

/// What `--deny` names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Deny {
    /// Warnings
    Warnings,
}

/// The stages of checking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Stage {
    /// Syntax, names and types
    Types,
    /// Everything that this version can check
    All,
}

/// Checks.
pub fn run(args: &Check, global: &Global, printer: &mut Printer) -> Result<Outcome, Failure> {
    if args.watch {
        return watch("check", global, printer, |workspace| {
            Ok(check(args, global, workspace))
        });
    }
    Ok(check(args, global, &Workspace::open(global)?))
}

fn check(args: &Check, global: &Global, workspace: &Workspace) -> Outcome {
    let report = workspace.check();
    let count = |level| report.problems.iter().filter(|p| p.level == level).count();
    let (errors, warnings) = (count(Level::Error), count(Level::Warning));
    let answer = format!(
        "{} in {}: {}\n",
        counted(report.items, "item"),
        counted(report.files, "file"),
        match (errors, warnings) {
            (0, 0) => "no problems".to_owned(),
            (0, _) => counted(warnings, "warning"),
            (_, 0) => counted(errors, "error"),
            _ => format!(
                "{}, {}",
                counted(errors, "error"),
                counted(warnings, "warning")
            ),
        }
    );
    let mut notes = Vec::new();
    if let (Some(first), Format::Human) = (report.problems.first(), global.format) {
        notes.push(format!(
            "\nfor more about a problem: ambit explain {}",
            first.code
        ));
    }
    if args.stage == Stage::All {
        notes.push(
            "note: this version checks syntax, names and types (`--stage types`); it does not yet prove claims or look \
             for rules without effect"
                .to_owned(),
        );
    }
    let denied = args.deny == Some(Deny::Warnings) && warnings > 0;
    Outcome {
        exit: denied.then_some(Exit::Input),
        result: json!({
            "items": report.items,
            "files": report.files,
            "assertions": {"proved": 0, "failed": 0},
            "findings": 0,
        }),
        problems: report.problems,
        sources: workspace.sources(),
        answer,
        notes,
        ..Outcome::default()
    }
}

/// `1 item`, `2 items`.
pub fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
