//! From syntax to Core: salsa queries for items, names, types and lowering.

mod characters;
mod check;
mod db;
mod graph;
mod items;
mod lower;
mod names;
mod settings;
mod types;

pub use check::{
    Report, check, check_file, check_in_parallel, check_program, find_item, prepare, resolve_place,
    settled,
};
pub use db::{Database, Db, Memory, Project, SourceFile};
pub use items::{Item, file_items, item_syntax};
pub use lower::program;
pub use names::{NameIndex, Sort, name_index};
pub use settings::{
    Config, LINT_LEVELS, Pattern, SETTINGS, SETTINGS_FILE, SettingValue, SettingsTable,
    TargetSetting, TargetSettings, is_version_control, lints, zones,
};
pub use types::*;
