//! From what stands here to what it is an instance of: the enum of a column, the table that a link leads to, the kind of
//! an object, the roles of a user.

use ambit_compiler::{Database, Item, Project, SourceFile, item_syntax};
use ambit_grammar::Span;
use ambit_grammar::ast::{ItemKind, Name, Step, Type, Who};

use super::symbol::Symbol;
use super::symbols::type_span;
use super::{Place, item_file, occurrence};

/// Where the name stands, and the declarations of its type.
pub fn type_definition(
    db: &Database,
    project: Project,
    file: SourceFile,
    offset: u32,
) -> Option<(Span, Vec<Place>)> {
    let (span, symbols) = occurrence::at(db, file, offset)?;
    let mut places = Vec::new();
    for symbol in &symbols {
        for place in of_symbol(db, project, symbol) {
            if !places.contains(&place) {
                places.push(place);
            }
        }
    }
    (!places.is_empty()).then_some((span, places))
}

fn of_symbol(db: &Database, project: Project, symbol: &Symbol) -> Vec<Place> {
    let Some(item) = symbol.item(db, project) else {
        return Vec::new();
    };
    let declared = |name: &Name| Symbol::Item(name.text.clone()).declaration(db, project);
    let all = |whos: &[Who]| whos.iter().filter_map(|w| declared(&w.name)).collect();
    match (symbol, &item_syntax(db, item).item.kind) {
        (Symbol::Column(_, name), ItemKind::Table(table)) => {
            let Some(column) = table.columns.iter().find(|c| c.name.text == *name) else {
                return Vec::new();
            };
            let mut places = of_type(db, project, item, &column.ty);
            // What a link leads to says more than `int`.
            let links = column.links.iter().filter_map(|l| l.names.first());
            places.extend(links.filter_map(declared));
            places
        }
        (Symbol::Param(_, name), ItemKind::Role(role) | ItemKind::Group(role)) => {
            let param = role.params.iter().find(|p| p.name.text == *name);
            param.map_or_else(Vec::new, |p| of_type(db, project, item, &p.ty))
        }
        (Symbol::Item(_), ItemKind::Attribute(attribute)) => {
            of_type(db, project, item, &attribute.ty)
        }
        (Symbol::Item(_), ItemKind::Object(object)) => object
            .kind
            .as_ref()
            .and_then(declared)
            .into_iter()
            .collect(),
        (Symbol::Item(_), ItemKind::User(person)) => all(&person.has),
        (Symbol::Item(_), ItemKind::Filter(filter)) => filter
            .table
            .as_ref()
            .and_then(declared)
            .into_iter()
            .collect(),
        (Symbol::TestUser(_, name), ItemKind::Test(test)) => {
            let given = test.steps.iter().find_map(|step| match step {
                Step::User(person, _) if person.name.text == *name => Some(person),
                _ => None,
            });
            given.map_or_else(Vec::new, |person| all(&person.has))
        }
        (Symbol::Member(of, _), _) => {
            let of = Symbol::Item(of.clone());
            of.declaration(db, project).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// The enum that a type names; a scope is declared where it is written. What the language brings stands nowhere.
fn of_type(db: &Database, project: Project, item: Item<'_>, ty: &Type) -> Vec<Place> {
    match ty {
        Type::Named(name) | Type::SetOf(name, _) => {
            let of = Symbol::Item(name.text.clone());
            of.declaration(db, project).into_iter().collect()
        }
        Type::Scope(..) => {
            let span = type_span(ty).shift(item.start(db));
            let file = item_file(db, project, item);
            file.map(|file| Place { file, span }).into_iter().collect()
        }
        Type::Error(_) => Vec::new(),
    }
}
