//! Everything that speaks of what stands here.

use ambit_compiler::{Database, Project, SourceFile};

use super::symbol::Symbol;
use super::{Place, occurrence};

/// All places in the project; with the declarations where they are asked for.
pub fn references(
    db: &Database,
    project: Project,
    file: SourceFile,
    offset: u32,
    with_declarations: bool,
) -> Vec<Place> {
    let Some((_, symbols)) = occurrence::at(db, file, offset) else {
        return Vec::new();
    };
    let mut places = Vec::new();
    for symbol in symbols.iter().filter(|s| !matches!(s, Symbol::Builtin(_))) {
        for (place, declares) in occurrence::everywhere(db, project, symbol) {
            if (with_declarations || !declares) && !places.contains(&place) {
                places.push(place);
            }
        }
    }
    places
}
