//! The same thing elsewhere in the file.

use ambit_compiler::{Database, SourceFile};
use ambit_grammar::Span;

use super::occurrence;

/// Every place in the file that speaks of what stands here, and whether it declares it.
pub fn highlights(db: &Database, file: SourceFile, offset: u32) -> Vec<(Span, bool)> {
    let Some((_, symbols)) = occurrence::at(db, file, offset) else {
        return Vec::new();
    };
    let mut spans: Vec<(Span, bool)> = symbols
        .iter()
        .flat_map(|symbol| occurrence::in_file(db, file, symbol))
        .map(|(place, declares)| (place.span, declares))
        .collect();
    spans.sort_unstable();
    spans.dedup();
    spans
}
