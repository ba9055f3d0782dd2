//! Tests of the grammar crate: one binary, one module a subject.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod format;
mod syntax;
