//! The role graph as a hierarchy of types: what a principal inherits, and who inherits it.

use ambit_compiler::{Database, Project, Sort, SourceFile, item_syntax};
use ambit_grammar::Span;
use smol_str::SmolStr;

use super::symbol::Symbol;
use super::{declared, item_file, item_span, occurrence, roles};

/// A role, group or user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Its name.
    pub name: SmolStr,
    /// Which of the three.
    pub sort: Sort,
    /// Its file.
    pub file: SourceFile,
    /// All of it.
    pub span: Span,
    /// Its name's place.
    pub name_span: Span,
}

/// The principal that stands at a byte.
pub fn prepare(db: &Database, project: Project, file: SourceFile, offset: u32) -> Option<Node> {
    let (_, symbols) = occurrence::at(db, file, offset)?;
    symbols.iter().find_map(|symbol| match symbol {
        Symbol::Item(name) => node(db, project, name),
        _ => None,
    })
}

/// What a principal inherits or has.
pub fn supertypes(db: &Database, project: Project, name: &str) -> Vec<Node> {
    let names = roles::parents(db, project, name);
    names.iter().filter_map(|n| node(db, project, n)).collect()
}

/// Who inherits or has a principal.
pub fn subtypes(db: &Database, project: Project, name: &str) -> Vec<Node> {
    let names = roles::children(db, project, name);
    names.iter().filter_map(|n| node(db, project, n)).collect()
}

/// The role, group or user of that name.
pub fn node(db: &Database, project: Project, name: &str) -> Option<Node> {
    let (sort, item) = roles::principal(db, project, name)?;
    let span = declared(&item_syntax(db, item).item.kind)?.span;
    Some(Node {
        name: name.into(),
        sort,
        file: item_file(db, project, item)?,
        span: item_span(db, item),
        name_span: span.shift(item.start(db)),
    })
}
