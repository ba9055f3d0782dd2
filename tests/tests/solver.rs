//! The solver against exhaustive evaluation on small domains: the reference evaluator is the oracle.

// Shares are told in percent; random pieces are written the way they are drawn.
#![allow(
    clippy::cast_precision_loss,
    clippy::format_push_string,
    clippy::cast_sign_loss,
    clippy::match_bool,
    clippy::range_plus_one,
    clippy::type_complexity,
    clippy::unnecessary_wraps
)]

mod conds;
mod constructs;
mod decisions;
mod domain;
mod laws;
mod measure;
mod pairs;
mod policies;
mod schema;
