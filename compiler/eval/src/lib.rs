//! The reference evaluator: the plain reading of the language over Core.
//!
//! It follows language.md line by line and simplifies nothing, so that it can be held against the page: it is the
//! oracle of every other part (solver, targets, readers). Conditions are read in `eval`, the three lines of
//! "Meaning" in `decide`; `reason` tells how a decision came about; [`Prepared`] is a fast path with the same
//! meaning, tested against the plain one.

mod data;
mod decide;
mod eval;
mod predicate;
mod prepared;

mod ready;
mod reason;
mod scope;
mod testing;
mod tree;
mod truth;
mod user;
mod why;
mod window;

pub use data::{Data, DataError, RowRef, check_row, check_value};
pub use decide::{Act, Judge, LeftOut};

pub use prepared::Prepared;
pub use reason::{Explanation, Node, Part, Role, RuleReason, Whose};
pub use scope::{parse_scope, test_scope};
pub use testing::{TestFailure, TestRun, given_rows, run_test};
pub use truth::Truth;
pub use user::User;
pub use why::reasons;
pub use window::{day_of, window_ends};
