//! From syntax to Core: salsa queries for items, names, types and lowering.

mod db;
mod items;
mod names;
mod settings;
mod types;

pub use db::{Database, Db, Project, SourceFile};
pub use items::{Item, file_items, item_syntax};
pub use names::{NameIndex, Sort, name_index};
pub use settings::{Config, SETTINGS_FILE};
pub use types::*;
