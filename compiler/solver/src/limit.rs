//! What the decision procedure does not take, as a closed list: everything else is decided.

use std::fmt;

/// A question that is outside the fragment, or grows beyond its bounds. Nothing is ever answered "unknown": a limit is
/// told before any answer is given. docs/solver.md lists them; tests raise each.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Limit {
    /// More related rows must be looked at than [`MAX_ROWS`].
    Rows,
    /// More formulas than [`MAX_NODES`].
    Size,
    /// An instant is compared as an instant and, as a day, with something that varies: `at > b and at = other_day`.
    InstantAndDay {
        /// `table.column`, or `user.attribute`.
        term: String,
    },
    /// A scope is stored as rows of a table that conditions also read as such.
    ScopeRows {
        /// The table of the rows.
        table: String,
    },
}

/// How many rows a question may speak of.
pub const MAX_ROWS: usize = 1_500;
/// How many formulas a question may be made of.
pub const MAX_NODES: usize = 4_000_000;

impl Limit {
    /// What to do about it, for a person.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Rows | Self::Size => {
                "split the rule, or nest fewer `exists` in one another: each true one needs a row of its own"
            }
            Self::InstantAndDay { .. } => {
                "compare the instant with instants, or its day with days, but not both in rules of one table"
            }
            Self::ScopeRows { .. } => {
                "test the scope with `match` or `contains`, and leave its rows out of `exists` and paths"
            }
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rows => write!(f, "the question needs more than {MAX_ROWS} related rows"),
            Self::Size => write!(f, "the question needs more than {MAX_NODES} formulas"),
            Self::InstantAndDay { term } => write!(
                f,
                "`{term}` is compared as an instant and, as a day, with something that varies"
            ),
            Self::ScopeRows { table } => {
                write!(
                    f,
                    "`{table}` holds the rows of a scope and is also read as a table"
                )
            }
        }
    }
}

impl std::error::Error for Limit {}
