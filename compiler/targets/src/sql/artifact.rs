//! The target `sql`: `sql/<dialect>/predicates.json`.

use crate::target::{Context, Emitted, Target, TargetOption};

/// The target `sql`.
#[derive(Debug, Clone, Copy)]
pub struct Sql;

impl Target for Sql {
    fn name(&self) -> &'static str {
        "sql"
    }

    fn options(&self) -> &'static [TargetOption] {
        &[]
    }

    fn emit(&self, _context: &Context<'_>) -> Emitted {
        Emitted::default()
    }
}
