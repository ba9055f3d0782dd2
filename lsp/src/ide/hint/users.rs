//! How many declared users have a role or group.

use ambit_compiler::{Database, Item, Project, Sort, item_syntax, name_index};
use ambit_grammar::ast::ItemKind;

use super::Hint;
use crate::ide::roles;

/// The hint behind a role's name; none in a project that declares no users.
pub(super) fn hint(db: &Database, project: Project, item: Item<'_>) -> Option<Hint> {
    let (ItemKind::Role(role) | ItemKind::Group(role)) = &item_syntax(db, item).item.kind else {
        return None;
    };
    if name_index(db, project).names_of(&[Sort::User]).is_empty() {
        return None;
    }
    let users = roles::users(db, project, &role.name.text);
    let text = match users.len() {
        0 => "no user".to_owned(),
        1 => "1 user".to_owned(),
        n => format!("{n} users"),
    };
    let tooltip = match users.as_slice() {
        [] => "no declared user has it, directly or by inheritance".to_owned(),
        some => format!("declared users who have it: {}", some.join(", ")),
    };
    Some(Hint {
        at: role.name.span.end + item.start(db),
        text,
        tooltip,
    })
}
