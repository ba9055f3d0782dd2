//! SQL: a typed tree, its printer, and the lowering of Core to it.
//!
//! A lowered predicate is a SQL expression whose outcomes 1, 0 and NULL are the language's true, false and unknown,
//! in every construct and at either polarity. It never trusts what it reads: a value of another storage class than
//! the schema says, a text that is no date, or a member outside its enum is no value for any test.

mod artifact;
mod functions;
mod layout;
mod lower;
mod print;
mod request;
mod scope;
mod tree;
mod user;

pub use artifact::Sql;
pub use functions::{Function, day_of, scope_value};
pub use layout::{ColumnLayout, Layout, Storage, TableLayout};
pub use lower::{Options, Refusal, SqlPredicate, predicate};
pub use print::{identifier, literal, qualified};
pub use request::{Dialect, Facts, Outcome, Predicate, Query, Request, Today, access, access_all};
pub use scope::{parse_scope, print_scope};
pub use tree::{Expr, Op, Select, TableRef};
pub use user::{Login, UserContext};
