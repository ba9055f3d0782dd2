//! SQL: a typed tree, its printer, and the lowering of Core to it.
//!
//! A predicate is lowered for an outcome: SQL that holds exactly where the outcome is the case, whatever the engine's
//! own logic says of NULL. It never trusts what it reads: a value of another storage class than the schema says, a text
//! that is no date, or a member outside its enum is no value for any test.

mod artifact;
mod dialect;
mod domain;
mod fit;
mod functions;
mod layout;
mod lower;
mod print;
mod request;
mod rules;
mod scope;
mod stack;
mod tree;
mod user;

pub use artifact::{Sql, Teller, Told, dialect_named, entry, homes};
pub use functions::{Function, day_of, scope_value};
pub use layout::{ColumnLayout, Layout, Storage, TableLayout};
pub use print::{identifier, qualified};
pub use request::{Dialect, Facts, Outcome, Predicate, Query, Request, Today, access, access_all};
pub use rules::RuleIndex;
pub use scope::{parse_scope, print_scope};
pub use user::{Login, UserContext};
