//! Tests of the reference evaluator on programs built by hand and at random.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    missing_docs
)]
#![allow(
    clippy::cast_possible_wrap,
    clippy::similar_names,
    clippy::format_push_string
)] // small numbers, short texts

mod build;
mod conditions;
mod meaning;
mod random;
mod reasons;
mod speed;
