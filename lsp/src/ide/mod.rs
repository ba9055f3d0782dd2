//! Editor features, one file each: functions over the database, in bytes of files and types of their own.
//!
//! Nothing here knows of the protocol, so that everything can be tested, and called, without a server. All of it works
//! on broken text: what could not be read is a hole in an item's tree, and neighbours are not touched.

pub mod acting;
pub mod calls;
pub mod commands;
pub mod completion;
pub mod definition;
pub mod effective;
pub mod folding;
pub mod format;
pub mod hierarchy;
pub mod highlight;
pub mod hint;
pub mod hover;
pub mod implementation;
pub mod lens;
pub mod link;
pub mod linked;
pub mod markdown;
pub mod occurrence;
pub mod on_type;
pub mod problems;
pub mod refactor;
pub mod references;
pub mod rename;
pub mod roles;
pub mod rules;
pub mod selection;
pub mod settings;
pub mod signature;
pub mod symbol;
pub mod symbols;
pub mod tokens;
pub mod type_definition;

use ambit_compiler::{Database, Db, Item, Project, SourceFile, file_items, item_syntax};
use ambit_grammar::Span;
use ambit_grammar::ast::{ItemKind, Name, Rule};
use smol_str::SmolStr;

/// A range of bytes of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Place {
    /// The file.
    pub file: SourceFile,
    /// The bytes.
    pub span: Span,
}

/// The file of that path (relative to the project, with `/`).
pub fn file_named(db: &dyn Db, project: Project, path: &str) -> Option<SourceFile> {
    let files = project.files(db);
    let index = files
        .binary_search_by(|f| f.path(db).as_str().cmp(path))
        .ok()?;
    files.get(index).copied()
}

/// The item that a byte stands in, or right behind.
pub fn item_at(db: &dyn Db, file: SourceFile, offset: u32) -> Option<Item<'_>> {
    item_before(db, file, offset).filter(|item| offset <= item_span(db, *item).end)
}

/// The item that a byte stands in or behind: what is being written may still belong to it.
pub fn item_before(db: &dyn Db, file: SourceFile, offset: u32) -> Option<Item<'_>> {
    let items = file_items(db, file);
    let index = items.partition_point(|i| i.start(db) <= offset);
    items.get(index.checked_sub(1)?).copied()
}

/// The bytes of an item in its file, with its doc comments.
pub fn item_span(db: &dyn Db, item: Item<'_>) -> Span {
    let start = item.start(db);
    Span::new(start, start + item.raw(db).text.len() as u32)
}

/// The file of an item.
pub fn item_file(db: &dyn Db, project: Project, item: Item<'_>) -> Option<SourceFile> {
    file_named(db, project, &item.key(db).file)
}

/// The name that an item declares.
pub fn declared(kind: &ItemKind) -> Option<&Name> {
    Some(match kind {
        ItemKind::Source(x) => &x.name,
        ItemKind::Enum(x) => &x.name,
        ItemKind::Table(x) => &x.name,
        ItemKind::Hierarchy(x) => &x.name,
        ItemKind::Kind(x) => &x.name,
        ItemKind::Object(x) => &x.name,
        ItemKind::Attribute(x) => &x.name,
        ItemKind::Filter(x) => &x.name,
        ItemKind::Role(x) | ItemKind::Group(x) => &x.name,
        ItemKind::User(x) => &x.name,
        ItemKind::Everyone(_)
        | ItemKind::For(_)
        | ItemKind::Exclusive(_)
        | ItemKind::Test(_)
        | ItemKind::Assert(_)
        | ItemKind::Error => return None,
    })
}

/// The rules that stand in an item.
pub fn rules_of(kind: &ItemKind) -> &[Rule] {
    match kind {
        ItemKind::Role(x) | ItemKind::Group(x) => &x.rules,
        ItemKind::User(x) => &x.rules,
        ItemKind::Everyone(x) => &x.rules,
        ItemKind::For(x) => &x.rules,
        _ => &[],
    }
}

/// Where a rule stands in its item.
pub fn rule_span(rule: &Rule) -> Span {
    match rule {
        Rule::Access { span, .. } | Rule::Restrict { span, .. } | Rule::Error(span) => *span,
    }
}

/// The text of a span of an item, on one line.
pub fn one_line(db: &dyn Db, item: Item<'_>, span: Span) -> String {
    let raw = item.raw(db);
    refactor::flat(raw.text.get(span.range()).unwrap_or_default())
}

/// The `///` comments of an item.
pub fn docs_of(db: &dyn Db, item: Item<'_>) -> Vec<SmolStr> {
    item_syntax(db, item).item.docs.clone()
}

/// All items of a project, in the order of files and places.
pub fn all_items(db: &Database, project: Project) -> impl Iterator<Item = (SourceFile, Item<'_>)> {
    project
        .files(db)
        .iter()
        .flat_map(move |file| file_items(db, *file).iter().map(move |item| (*file, *item)))
}
