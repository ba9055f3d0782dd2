//! Targets: what Core is compiled into.
//!
//! [`sql`] lowers conditions to SQL expressions that keep the three values of the language. It shares nothing with
//! the evaluator but Core's types, so that each can test the other.

pub mod sql;
