//! The policy as data: `json/policy.json`.

use crate::target::{Context, Emitted, Target, TargetOption};

/// The target `json`.
#[derive(Debug, Clone, Copy)]
pub struct Json;

impl Target for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn options(&self) -> &'static [TargetOption] {
        &[]
    }

    fn emit(&self, _context: &Context<'_>) -> Emitted {
        Emitted::default()
    }
}
