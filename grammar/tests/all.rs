//! Tests of the grammar crate: one binary, one module a subject.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    missing_docs
)]

mod editors;
mod format;
mod syntax;
