//! `ambit check`: everything that is wrong with a project.

use std::fmt::Write as _;

use ambit_diagnostics::{Level, clean_lines};
use clap::ValueEnum;
use serde_json::json;

use crate::args::{Format, Global};
use crate::exit::{Exit, Failure};
use crate::output::{Outcome, Printer};
use crate::project::LeftOut;
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
    /// Syntax, names and types alone
    Types,
    /// Meaning, too: claims are proved and findings made
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
    let mut report = workspace.check();
    let meaning = if args.stage == Stage::All && !report.has_errors() {
        ambit_analysis::report(&workspace.db, workspace.input)
    } else {
        ambit_analysis::Report::default()
    };
    report.problems.extend(meaning.problems);
    let count = |level| report.problems.iter().filter(|p| p.level == level).count();
    let (errors, warnings, infos) = (
        count(Level::Error),
        count(Level::Warning),
        count(Level::Info),
    );
    let mut found: Vec<String> = Vec::new();
    for (number, what) in [(errors, "error"), (warnings, "warning"), (infos, "remark")] {
        if number > 0 {
            found.push(counted(number, what));
        }
    }
    let claims = match (meaning.proved, meaning.failed) {
        (0, 0) => String::new(),
        (proved, 0) => format!(", {} proved", counted(proved, "assertion")),
        (proved, failed) => format!(
            ", {} proved, {failed} refuted",
            counted(proved, "assertion")
        ),
    };
    let left_out = &workspace.disk.left_out;
    let mut answer = format!(
        "{} in {}: {}{claims}\n",
        counted(report.items, "item"),
        counted(report.files, "file"),
        if found.is_empty() {
            "no problems".to_owned()
        } else {
            found.join(", ")
        }
    );
    answer.push_str(&told(left_out));
    let mut notes: Vec<String> = meaning.fault.into_iter().collect();
    let fault = !notes.is_empty();
    if let (Some(first), Format::Human) = (report.problems.first(), global.format) {
        notes.push(format!(
            "\nfor more about a problem: ambit explain {}",
            first.code
        ));
    }
    let denied = args.deny == Some(Deny::Warnings) && warnings > 0;
    let exit = if fault {
        Some(Exit::Fault)
    } else if meaning.refused {
        Some(Exit::Refused)
    } else {
        denied.then_some(Exit::Input)
    };
    Outcome {
        exit,
        result: json!({
            "items": report.items,
            "files": report.files,
            "left_out": left_out
                .iter()
                .map(|file| json!({"path": file.path, "why": file.why}))
                .collect::<Vec<_>>(),
            "assertions": {"proved": meaning.proved, "failed": meaning.failed},
            "findings": meaning.findings,
        }),
        problems: report.problems,
        sources: workspace.sources(),
        answer,
        notes,
        ..Outcome::default()
    }
}

/// Which files are left out, and why.
fn told(left_out: &[LeftOut]) -> String {
    const SHOWN: usize = 10;
    if left_out.is_empty() {
        return String::new();
    }
    let mut text = format!("{} left out:\n", counted(left_out.len(), "file"));
    for LeftOut { path, why } in left_out.iter().take(SHOWN) {
        let _ = writeln!(text, "  {}: {why}", clean_lines(path));
    }
    let more = left_out.len().saturating_sub(SHOWN);
    if more > 0 {
        let _ = writeln!(text, "  and {more} more (`--format json` names all)");
    }
    text
}

/// `1 item`, `2 items`.
pub fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
