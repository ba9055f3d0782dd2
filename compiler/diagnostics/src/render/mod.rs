//! The renderers: one problem, four forms. None of them reads a clock, a file or the terminal.

mod github;
mod human;
mod json;
mod plain;
mod sarif;

pub use github::github;
pub use human::{Human, human};
pub use json::{json, json_one};
pub use sarif::sarif;

use crate::{Level, registry};

/// The slug of a code; a code outside the registry has its own name.
fn slug(code: &'static str) -> &'static str {
    registry::find(code).map_or(code, |c| c.slug)
}

/// How JSON says a level.
pub fn level_word(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Info => "info",
    }
}
