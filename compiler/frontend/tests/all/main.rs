//! The frontend, from text to problems and Core.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod lowering;
mod order;
mod problems;
mod support;
