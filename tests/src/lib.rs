//! Tests that see every room: specification, properties, examples, and the generators of projects and policies.

pub mod project;
pub mod random;
pub mod rng;
