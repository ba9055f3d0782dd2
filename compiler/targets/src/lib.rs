//! Targets: what Core is compiled into.
//!
//! A target turns a program into artifacts: texts with a path below the `out` folder. It works on Core alone; files,
//! clock and terminal are the command line's. What a target cannot say faithfully it refuses, with the reason.

pub mod json;
pub mod sql;
pub mod target;
pub mod ucast;

pub use target::{
    Artifact, Context, Emitted, Engine, Evidence, Refusal, Refused, TARGETS, Target, find,
};
