//! The arguments of the command line. What they mean is told in contract.md.

use std::path::PathBuf;

use ambit_core::{Instant, read_date};
use clap::{Parser, Subcommand, ValueEnum};

use crate::commands;

/// Who may see and do what with data: one policy, checked against a schema.
#[derive(Debug, Parser)]
#[command(
    name = "ambit",
    version,
    disable_help_subcommand = true,
    max_term_width = 100
)]
pub struct Args {
    /// Options of every command.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Options of every command.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Options of every command")]
pub struct Global {
    /// The folder that holds ambit.toml (else the nearest parent that does)
    #[arg(short = 'C', value_name = "DIR", global = true)]
    pub directory: Option<PathBuf>,
    /// How to print the answer
    #[arg(long, value_name = "FORMAT", default_value = "human", global = true)]
    pub format: Format,
    /// When to use colours
    #[arg(long, value_name = "WHEN", default_value = "auto", global = true)]
    pub color: ColorWhen,
    /// The moment that counts as now: a date (its first instant) or an RFC 3339 timestamp (default: the clock)
    #[arg(long, value_name = "DATE|RFC3339", global = true, value_parser = parse_moment)]
    pub at: Option<Moment>,
}

/// How to print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Human,
    /// One JSON document
    Json,
    /// SARIF 2.1.0: problems only
    Sarif,
    /// Workflow commands of GitHub Actions: problems only
    Github,
    /// `JUnit` XML (test only)
    Junit,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ColorWhen {
    /// On a terminal
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// A moment as written after `--at`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// A date: its first instant in the project's time zone.
    Date(jiff::civil::Date),
    /// An instant.
    Instant(Instant),
}

impl Moment {
    /// The moment that a text says: a date, or an instant in UTC or with an offset.
    pub fn read(text: &str) -> Option<Self> {
        let date = read_date(text).map(Self::Date);
        date.or_else(|| Instant::with_offset(text).map(Self::Instant))
    }
}

fn parse_moment(text: &str) -> Result<Moment, String> {
    Moment::read(text).ok_or_else(|| {
        "write a date like 2024-01-15 or an instant like 2024-01-15T10:00:00Z".to_owned()
    })
}

/// The commands. Each has its arguments in its own file.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Find everything that is wrong with a project
    Check(commands::check::Check),
    /// Write what databases and other systems enforce: the artifacts
    Build(commands::build::Build),
    /// Begin a project: ambit.toml, a schema and a policy
    Init(commands::init::Init),
    /// Bring files into the one canonical layout
    Fmt(commands::fmt::Fmt),
    /// Ask a `SQLite` database or CSV files as a user: only what that user may read is there
    Query(commands::query::Query),
    /// Run the tests of a project
    Test(commands::test::Test),
    /// Prove claims for every row, user, query and day, or show a case that refutes them
    Prove(commands::prove::Prove),
    /// Say who decided about a row, by which rule, and the value of each part of its condition
    Why(commands::why::Why),
    /// List everybody who may reach something of a table or object, and where
    Who(commands::who::Who),
    /// Answer a file of questions, one JSON object a line
    Eval(commands::eval_cases::Eval),
    /// Explain a code such as E0201
    Explain(commands::explain::Explain),
    /// Show what a stage of the compiler makes of a file
    Debug(commands::debug::Debug),
    /// Print a completion script for a shell
    Completions(commands::completions::Completions),
}

impl Command {
    /// The name, as the envelope says it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Check(_) => "check",
            Self::Build(_) => "build",
            Self::Init(_) => "init",
            Self::Fmt(_) => "fmt",
            Self::Query(_) => "query",
            Self::Test(_) => "test",
            Self::Prove(_) => "prove",
            Self::Who(_) => "who",
            Self::Why(_) => "why",
            Self::Eval(_) => "eval",
            Self::Explain(_) => "explain",
            Self::Debug(_) => "debug",
            Self::Completions(_) => "completions",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_definition_is_sound() {
        Args::command().debug_assert();
    }

    #[test]
    fn moments() {
        assert!(matches!(parse_moment("2024-01-15"), Ok(Moment::Date(_))));
        assert!(matches!(
            parse_moment("2024-01-15T10:00:00Z"),
            Ok(Moment::Instant(_))
        ));
        assert!(matches!(
            parse_moment("2024-01-15T10:00:00+02:00"),
            Ok(Moment::Instant(_))
        ));
        for bad in [
            "2024-02-30",
            "2024-01-15T10:00:00",
            "today",
            "",
            "2024-1-5",
            "20240105",
            "2024-01-15T10Z",
            "2024-01-15T10:00:60Z",
            "2024-01-15 10:00:00Z",
        ] {
            assert!(parse_moment(bad).is_err(), "{bad}");
        }
    }
}
