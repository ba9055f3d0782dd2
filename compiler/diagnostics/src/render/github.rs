//! Workflow commands of GitHub Actions: one line a problem, shown beside the changed lines.

use std::fmt::Write as _;

use super::slug;
use crate::sources::Sources;
use crate::{Level, Resolved};

/// Every problem as a workflow command, one a line.
///
/// `prefix` stands before each file name: the way from the repository's root to the project.
pub fn github(problems: &[Resolved], sources: &Sources, prefix: &str) -> String {
    let mut out = String::new();
    for problem in problems {
        let command = match problem.level {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Info => "notice",
        };
        let source = sources.get(&problem.at.file);
        let start = source.position(problem.at.start);
        let end = source.position(problem.at.end.max(problem.at.start));
        let file = property(&format!("{prefix}{}", problem.at.file));
        let title = property(&format!("{} {}", problem.code, slug(problem.code)));
        let _ = write!(
            out,
            "::{command} file={file},line={},col={},endLine={}",
            start.line, start.col, end.line
        );
        // GitHub takes an end column only within one line.
        if start.line == end.line {
            let _ = write!(out, ",endColumn={}", end.col);
        }
        let mut message = problem.message.clone();
        for help in &problem.help {
            let _ = write!(message, "\nhelp: {help}");
        }
        let _ = writeln!(out, ",title={title}::{}", data(&message));
    }
    out
}

/// Escapes the text of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// Escapes a property of a command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
