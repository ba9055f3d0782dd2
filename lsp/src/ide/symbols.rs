//! What a file and a project declare: outlines and search.

use ambit_compiler::{Database, Item, Project, SourceFile, file_items, item_syntax};
use ambit_grammar::Span;
use ambit_grammar::ast::{ItemKind, Name, Rule, Step};

use super::{Place, all_items, declared, item_span, one_line, rules_of};

/// What is declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A source.
    Source,
    /// An enum.
    Enum,
    /// A member of an enum.
    Member,
    /// A table.
    Table,
    /// A column.
    Column,
    /// A column of the key.
    Key,
    /// A hierarchy.
    Hierarchy,
    /// A kind of objects.
    Kind,
    /// An action of a kind.
    Action,
    /// An object.
    Object,
    /// An attribute.
    Attribute,
    /// A filter.
    Filter,
    /// A role.
    Role,
    /// A group.
    Group,
    /// A user.
    User,
    /// `everyone`, `for`, `exclusive`.
    Block,
    /// A rule.
    Rule,
    /// A test.
    Test,
    /// An assertion.
    Claim,
}

/// An entry of an outline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// What stands beside the name, in pale.
    pub detail: String,
    /// What it is.
    pub kind: Kind,
    /// All of it.
    pub span: Span,
    /// Its name's place, within `span`.
    pub name_span: Span,
    /// What it holds.
    pub children: Vec<Entry>,
}

/// The outline of a file.
pub fn document(db: &Database, file: SourceFile) -> Vec<Entry> {
    let items = file_items(db, file).iter();
    items.filter_map(|item| entry(db, *item)).collect()
}

/// Declarations of a project whose names hold the letters of `query` in order.
pub fn workspace(db: &Database, project: Project, query: &str) -> Vec<(Entry, Place, String)> {
    let mut found = Vec::new();
    for (file, item) in all_items(db, project) {
        let Some(entry) = entry(db, item) else {
            continue;
        };
        let members = entry.children.iter().filter(|c| c.kind != Kind::Rule);
        let own = (&entry, String::new());
        for (entry, container) in
            std::iter::once(own).chain(members.map(|c| (c, entry.name.clone())))
        {
            if matches(query, &entry.name) {
                let span = entry.name_span;
                let entry = Entry {
                    children: Vec::new(),
                    ..entry.clone()
                };
                found.push((entry, Place { file, span }, container));
            }
        }
    }
    found
}

/// Do the letters of `query` stand in `name`, in that order, in any case?
fn matches(query: &str, name: &str) -> bool {
    let mut letters = name.chars().flat_map(char::to_lowercase);
    query
        .chars()
        .flat_map(char::to_lowercase)
        .all(|wanted| letters.any(|c| c == wanted))
}

fn kind_of(kind: &ItemKind) -> Option<Kind> {
    Some(match kind {
        ItemKind::Source(_) => Kind::Source,
        ItemKind::Enum(_) => Kind::Enum,
        ItemKind::Table(_) => Kind::Table,
        ItemKind::Hierarchy(_) => Kind::Hierarchy,
        ItemKind::Kind(_) => Kind::Kind,
        ItemKind::Object(_) => Kind::Object,
        ItemKind::Attribute(_) => Kind::Attribute,
        ItemKind::Filter(_) => Kind::Filter,
        ItemKind::Role(_) => Kind::Role,
        ItemKind::Group(_) => Kind::Group,
        ItemKind::User(_) => Kind::User,
        ItemKind::Everyone(_) | ItemKind::For(_) | ItemKind::Exclusive(_) => Kind::Block,
        ItemKind::Test(_) => Kind::Test,
        ItemKind::Assert(_) => Kind::Claim,
        ItemKind::Error => return None,
    })
}

fn entry(db: &Database, item: Item<'_>) -> Option<Entry> {
    let parsed = item_syntax(db, item);
    let tree = &parsed.item;
    let kind = kind_of(&tree.kind)?;
    let start = item.start(db);
    let (name, name_span) = match &tree.kind {
        ItemKind::Test(test) => (test.name.value.to_string(), test.name.span),
        other => match declared(other) {
            Some(name) => (name.text.to_string(), name.span),
            None => (head(db, item, tree.span), tree.span),
        },
    };
    let name = if name.trim().is_empty() {
        item.key(db).keyword.to_string()
    } else {
        name
    };
    let children = children(db, item, &tree.kind)
        .into_iter()
        .map(|mut child| {
            child.span = child.span.shift(start);
            child.name_span = child.name_span.shift(start);
            child
        })
        .collect();
    Some(Entry {
        name,
        detail: item.key(db).keyword.to_string(),
        kind,
        span: item_span(db, item),
        name_span: name_span.shift(start),
        children,
    })
}

/// An item without a name, up to its brace.
fn head(db: &Database, item: Item<'_>, span: Span) -> String {
    let text = one_line(db, item, span);
    let head = text.split('{').next().unwrap_or_default().trim();
    head.chars().take(80).collect()
}

fn member(name: &Name, kind: Kind, detail: String, span: Span) -> Entry {
    Entry {
        name: name.text.to_string(),
        detail,
        kind,
        span: span.to(name.span),
        name_span: name.span,
        children: Vec::new(),
    }
}

fn children(db: &Database, item: Item<'_>, kind: &ItemKind) -> Vec<Entry> {
    let mut out: Vec<Entry> = match kind {
        ItemKind::Table(table) => table
            .columns
            .iter()
            .map(|c| {
                let kind = if c.key.is_some() {
                    Kind::Key
                } else {
                    Kind::Column
                };
                member(&c.name, kind, one_line(db, item, type_span(&c.ty)), c.span)
            })
            .collect(),
        ItemKind::Kind(kind) => kind
            .actions
            .iter()
            .map(|a| member(&a.name, Kind::Action, String::new(), a.name.span))
            .collect(),
        ItemKind::Enum(of) => of
            .members
            .iter()
            .map(|m| Entry {
                name: m.value.to_string(),
                detail: String::new(),
                kind: Kind::Member,
                span: m.span,
                name_span: m.span,
                children: Vec::new(),
            })
            .collect(),
        ItemKind::Test(test) => test
            .steps
            .iter()
            .filter_map(|step| match step {
                Step::User(person, span) => Some(member(
                    &person.name,
                    Kind::User,
                    "given user".to_owned(),
                    *span,
                )),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    };
    for rule in rules_of(kind) {
        let span = super::rule_span(rule);
        if !matches!(rule, Rule::Error(_)) {
            let name: String = one_line(db, item, span).chars().take(80).collect();
            out.push(Entry {
                name,
                detail: String::new(),
                kind: Kind::Rule,
                span,
                name_span: span,
                children: Vec::new(),
            });
        }
    }
    // An editor refuses an entry without a name.
    out.retain(|e| !e.name.trim().is_empty());
    out
}

/// Where a type stands.
pub fn type_span(ty: &ambit_grammar::ast::Type) -> Span {
    use ambit_grammar::ast::Type;
    match ty {
        Type::Named(name) => name.span,
        Type::SetOf(_, span) | Type::Scope(_, span) | Type::Error(span) => *span,
    }
}
