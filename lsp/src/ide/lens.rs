//! Lines above declarations: how many users have a role.

use ambit_compiler::{Database, Project, SourceFile, file_items, item_syntax};
use ambit_grammar::Span;
use ambit_grammar::ast::ItemKind;

use super::roles;

/// A line above a declaration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lens {
    /// Where the name stands.
    pub span: Span,
    /// What it says.
    pub title: String,
}

/// The lenses of a file.
pub fn lenses(db: &Database, project: Project, file: SourceFile) -> Vec<Lens> {
    let mut lenses = Vec::new();
    for item in file_items(db, file) {
        let (ItemKind::Role(role) | ItemKind::Group(role)) = &item_syntax(db, *item).item.kind
        else {
            continue;
        };
        let users = roles::users(db, project, &role.name.text);
        let title = match users.as_slice() {
            [] => "no declared user".to_owned(),
            [one] => format!("1 user: {one}"),
            [first, second, third, fourth, ..] if users.len() > 4 => {
                format!(
                    "{} users: {first}, {second}, {third}, {fourth}…",
                    users.len()
                )
            }
            some => format!("{} users: {}", some.len(), some.join(", ")),
        };
        lenses.push(Lens {
            span: role.name.span.shift(item.start(db)),
            title,
        });
    }
    lenses
}
