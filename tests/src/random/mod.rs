//! Random policies with every construct of the language, and hostile rows and users to try them on.
//!
//! A policy is kept in pieces, so that a counter-example can be made smaller by leaving pieces out.

pub mod cond;
pub mod coverage;
mod holders;
mod links;
pub mod maker;
pub mod policy;
mod rules;
pub mod schema;
pub mod values;
pub mod world;

pub use coverage::Coverage;
pub use policy::Policy;
pub use values::Pool;
pub use world::{TableRows, UserSpec};
