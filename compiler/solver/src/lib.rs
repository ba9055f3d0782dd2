//! The decision procedure: whether something can hold, for every row, related row, user, query and day, exactly, with
//! a smallest witness (language.md, "What the solver decides").
//!
//! A [`Question`] names users and rows and makes formulas of conditions and decisions ("is true" and "is false";
//! unknown is neither). Rows that matter are finite in number; so the formula becomes clauses, with a small theory for
//! each type, for a SAT solver. It shares nothing with the reference evaluator but Core's types, so that each can check
//! the other.

// Days, positions and numbers of variables are far from the ends of their types.
#![allow(clippy::cast_possible_wrap)]

mod atom;
mod circuit;
mod cond;
mod days;
mod decide;
mod encode;
mod known;
mod limit;
mod minimise;
mod model;
mod question;
mod read;
mod rows;
mod sat;
mod simplify;
mod solve;
mod text;
mod users;
mod witness;

pub use atom::{RowId, UserId};
pub use circuit::Bool;
pub use decide::{Act, every_rule};
pub use limit::{Limit, MAX_NODES, MAX_ROWS};
pub use model::{Facts, Model};
pub use question::{Question, Who};
pub use simplify::{BUDGET, Outcome, Simplified, equal, simplify};
pub use solve::Asked;
pub use witness::{Size, Witness, WitnessUser, default_value, length};
