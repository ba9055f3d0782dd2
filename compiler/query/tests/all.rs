//! Predicates and guarded queries on hand-built programs.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_wrap,
    missing_docs
)]

#[path = "all/bound.rs"]
mod bound;
#[path = "all/build.rs"]
mod build;
#[path = "all/data.rs"]
mod data;
#[path = "all/files.rs"]
mod files;
#[path = "all/predicates.rs"]
mod predicates;
#[path = "all/sneaky.rs"]
mod sneaky;
#[path = "all/statements.rs"]
mod statements;
