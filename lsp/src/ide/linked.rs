//! Names that can be typed at all their places at once.
//!
//! Only what lives inside one item: a parameter of a role, and a user who is given in a test. Every other name may stand in
//! other files, which an editor does not change along, so half a name would be left behind there; those are renamed.

use ambit_compiler::{Database, Project, SourceFile};
use ambit_grammar::Span;

use super::occurrence;
use super::symbol::Symbol;

/// The places of the name at a byte, in order; nothing where it does not live in one item, or stands there alone.
pub fn linked(db: &Database, project: Project, file: SourceFile, offset: u32) -> Option<Vec<Span>> {
    let (_, symbols) = occurrence::at(db, file, offset)?;
    let [symbol @ (Symbol::Param(..) | Symbol::TestUser(..))] = symbols.as_slice() else {
        return None;
    };
    // Of a name that is declared twice only one could be meant.
    let declares = |all: &[(super::Place, bool)]| all.iter().filter(|(_, d)| *d).count();
    let all = occurrence::in_file(db, file, symbol);
    symbol.declaration(db, project)?;
    (declares(&all) == 1 && all.len() > 1)
        .then(|| all.into_iter().map(|(place, _)| place.span).collect())
}
