//! Tests that see every room.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

// First: its macro `need!` is for all below.
#[macro_use]
mod engines;

mod artifacts;
mod broken;
mod budget;
mod build_steps;
mod builds;
mod conformance;
mod docs;
mod edges;
mod editors;
mod events;
mod examples;
mod format;
mod fuzz;
mod generated;
mod injection;
mod json_artifact;
mod kill;
mod mutated;
mod page;
mod printed;
mod properties;
mod query;
mod robust;
mod scopes;
mod solver;
mod spec;
mod support;
mod whole;
