//! Conditions for the interpreters of UCAST: `ucast/<principal>.json`.

use crate::target::{Context, Emitted, Target, TargetOption};

/// The target `ucast`.
#[derive(Debug, Clone, Copy)]
pub struct Ucast;

impl Target for Ucast {
    fn name(&self) -> &'static str {
        "ucast"
    }

    fn options(&self) -> &'static [TargetOption] {
        &[]
    }

    fn emit(&self, _context: &Context<'_>) -> Emitted {
        Emitted::default()
    }
}
