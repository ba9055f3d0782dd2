//! Where what stands here is declared.

use ambit_compiler::{Database, Project, SourceFile};
use ambit_grammar::Span;

use super::{Place, occurrence};

/// Where the name stands, and the declarations of all that it stands for.
pub fn definition(
    db: &Database,
    project: Project,
    file: SourceFile,
    offset: u32,
) -> Option<(Span, Vec<Place>)> {
    let (span, symbols) = occurrence::at(db, file, offset)?;
    let places: Vec<Place> = symbols
        .iter()
        .filter_map(|symbol| symbol.declaration(db, project))
        .collect();
    (!places.is_empty()).then_some((span, places))
}
