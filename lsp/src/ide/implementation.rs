//! From a declaration to what it becomes: the instances and heirs of a role, the uses of a filter, the objects of a kind.

use ambit_compiler::{Database, Project, Sort, SourceFile, item_syntax};
use ambit_grammar::Span;
use ambit_grammar::ast::{ItemKind, Who};

use super::symbol::{Symbol, named};
use super::{Place, all_items, declared, occurrence, roles};

/// Where the name stands, and what it becomes.
pub fn implementation(
    db: &Database,
    project: Project,
    file: SourceFile,
    offset: u32,
) -> Option<(Span, Vec<Place>)> {
    let (span, symbols) = occurrence::at(db, file, offset)?;
    let name = symbols.iter().find_map(|symbol| match symbol {
        Symbol::Item(name) => Some(name),
        _ => None,
    })?;
    let is = |sort| named(db, project, name, sort).is_some();
    let places = if is(Sort::Role) || is(Sort::Group) {
        let mut places = instances(db, project, name);
        places.extend(heirs(db, project, name));
        places
    } else if is(Sort::Filter) {
        let all = occurrence::everywhere(db, project, &Symbol::Item(name.clone()));
        let uses = all.into_iter().filter(|(_, declares)| !declares);
        uses.map(|(place, _)| place).collect()
    } else if is(Sort::Kind) {
        objects(db, project, |object| {
            object.kind.as_ref().is_some_and(|k| k.text == *name)
        })
    } else if is(Sort::Table) {
        // What shows a table is what it becomes for people.
        objects(db, project, |object| {
            object.uses.iter().any(|u| u.text == *name)
        })
    } else {
        return None;
    };
    (!places.is_empty()).then_some((span, places))
}

/// The first place of each instance of a role with parameters.
fn instances(db: &Database, project: Project, name: &str) -> Vec<Place> {
    let mut seen = std::collections::BTreeSet::new();
    let mut places = Vec::new();
    for (file, item) in all_items(db, project) {
        for who in whos(&item_syntax(db, item).item.kind) {
            let instance = who.name.text == name && !who.args.is_empty();
            if instance && seen.insert(super::one_line(db, item, who.span)) {
                let span = who.span.shift(item.start(db));
                places.push(Place { file, span });
            }
        }
    }
    places
}

/// The principals that an item names, wherever instances are made.
fn whos(kind: &ItemKind) -> Vec<&Who> {
    match kind {
        ItemKind::Role(role) | ItemKind::Group(role) => role.inherits.iter().collect(),
        ItemKind::User(person) => person.has.iter().collect(),
        ItemKind::For(of) => of.whos.iter().collect(),
        ItemKind::Everyone(of) => of.except.iter().collect(),
        ItemKind::Exclusive(of) => of.whos.iter().collect(),
        _ => Vec::new(),
    }
}

/// The names of whoever inherits or has a principal.
fn heirs(db: &Database, project: Project, name: &str) -> Vec<Place> {
    let children = roles::children(db, project, name).into_iter();
    children
        .filter_map(|child| Symbol::Item(child).declaration(db, project))
        .collect()
}

fn objects(
    db: &Database,
    project: Project,
    wanted: impl Fn(&ambit_grammar::ast::Object) -> bool,
) -> Vec<Place> {
    all_items(db, project)
        .filter_map(|(file, item)| {
            let kind = &item_syntax(db, item).item.kind;
            let ItemKind::Object(object) = kind else {
                return None;
            };
            let span = declared(kind)?.span.shift(item.start(db));
            wanted(object).then_some(Place { file, span })
        })
        .collect()
}
