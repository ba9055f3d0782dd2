//! Exit codes, and the failures that end a command.

use std::collections::BTreeMap;
use std::sync::Arc;

use ambit_diagnostics::Resolved;
use smol_str::SmolStr;

/// Why the process ends (contract.md). Among 1, 3 and 4 the highest wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Exit {
    /// Done, nothing at level error.
    Done = 0,
    /// The input fails.
    Input = 1,
    /// Wrong usage.
    Usage = 2,
    /// Refused: cannot be said or secured faithfully.
    Refused = 3,
    /// The outside world: a file, an engine, a connection.
    Outside = 4,
    /// An internal fault.
    Fault = 70,
}

/// A command cannot begin or go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    /// What is wrong: one line, lower case, no full stop.
    pub message: String,
    /// What to do about it.
    pub help: Vec<String>,
    /// The problems that end it, where there are any.
    pub problems: Vec<Resolved>,
    /// The texts of the files that problems speak of.
    pub sources: BTreeMap<SmolStr, Arc<str>>,
}

impl Failure {
    /// A failure with a message.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self {
            exit,
            message: message.into(),
            help: Vec::new(),
            problems: Vec::new(),
            sources: BTreeMap::new(),
        }
    }

    /// The project has errors, and the command needs one without.
    pub fn problems(problems: Vec<Resolved>, sources: BTreeMap<SmolStr, Arc<str>>) -> Self {
        Self {
            problems,
            sources,
            ..Self::new(Exit::Input, "the project has errors")
        }
    }

    /// The command line is used wrongly.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// The outside world fails.
    pub fn outside(message: impl Into<String>) -> Self {
        Self::new(Exit::Outside, message)
    }

    /// A file or folder cannot be used: `action` says for what (`read`, `write`, …).
    pub fn file(action: &str, path: &std::path::Path, error: &std::io::Error) -> Self {
        Self::outside(format!(
            "cannot {action} `{}`: {}",
            path.display(),
            reason(error)
        ))
    }

    /// Adds what to do.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }
}

/// The system's reason without its number, in lower case.
fn reason(error: &std::io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    let mut characters = text.chars();
    characters
        .next()
        .map(|c| c.to_lowercase().chain(characters).collect())
        .unwrap_or_default()
}
