//! A real query by a real user.
//!
//! Two SQLite connections take part. The *store* holds the data: a database file, opened so that nothing can be
//! written, or rows in memory. Only SQL of ours runs there: a view for each table of the query, of which the condition
//! is the user's predicate ([`ambit_targets::sql`]). The *sandbox* is an empty database in memory that gets what those
//! views let through, and only there the user's statement runs, closed by SQLite's authorizer to everything but
//! reading. So a hidden row is not merely filtered: where the statement runs it does not exist, whatever the
//! statement and whatever order the engine evaluates it in.

mod answer;
mod columns;
mod csv;
pub mod data;
mod error;
mod file;
pub mod files;
mod functions;
mod guard;
mod harden;
pub mod oracle;
mod rows;
mod run;
mod sandbox;
mod store;

pub use answer::{Answer, Cell};
pub use error::{DataError, Error};
pub use run::{Limits, query};
pub use store::Store;
