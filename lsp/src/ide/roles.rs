//! The graph of roles, groups and users: what each inherits, and who has it.
//!
//! Read off the texts, so that it is there while the project has errors; circles end where they meet themselves.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ambit_compiler::{Database, Db, Item, Project, Sort, item_syntax, name_index};
use ambit_grammar::ast::{ItemKind, Who};
use smol_str::SmolStr;

/// Who belongs to the graph.
pub const PRINCIPALS: &[Sort] = &[Sort::Role, Sort::Group, Sort::User];

/// What a role or group inherits, or a user has, as written.
pub fn whos(kind: &ItemKind) -> &[Who] {
    match kind {
        ItemKind::Role(role) | ItemKind::Group(role) => &role.inherits,
        ItemKind::User(person) => &person.has,
        _ => &[],
    }
}

/// The names of what an item inherits or has directly.
#[salsa::tracked(returns(clone))]
fn direct<'db>(db: &'db dyn Db, item: Item<'db>) -> Arc<Vec<SmolStr>> {
    let whos = whos(&item_syntax(db, item).item.kind);
    Arc::new(whos.iter().map(|w| w.name.text.clone()).collect())
}

/// The role, group or user of that name.
pub fn principal<'db>(db: &'db dyn Db, project: Project, name: &str) -> Option<(Sort, Item<'db>)> {
    let all = name_index(db, project).all(name);
    all.iter().find(|(s, _)| PRINCIPALS.contains(s)).copied()
}

/// What somebody inherits or has, directly.
pub fn parents(db: &dyn Db, project: Project, name: &str) -> Vec<SmolStr> {
    principal(db, project, name)
        .map(|(_, item)| direct(db, item).to_vec())
        .unwrap_or_default()
}

/// All that somebody inherits or has, nearest first.
pub fn ancestors(db: &dyn Db, project: Project, name: &str) -> Vec<SmolStr> {
    let mut seen = BTreeSet::from([SmolStr::new(name)]);
    let mut found = Vec::new();
    let mut next = std::collections::VecDeque::from(parents(db, project, name));
    while let Some(name) = next.pop_front() {
        if seen.insert(name.clone()) && principal(db, project, &name).is_some() {
            next.extend(parents(db, project, &name));
            found.push(name);
        }
    }
    found
}

/// Who inherits or has somebody, directly; sorted by name.
pub fn children(db: &Database, project: Project, name: &str) -> Vec<SmolStr> {
    let names = name_index(db, project).names_of(PRINCIPALS).into_iter();
    names
        .filter(|child| {
            principal(db, project, child)
                .is_some_and(|(_, item)| direct(db, item).iter().any(|p| p == name))
        })
        .map(SmolStr::new)
        .collect()
}

/// The declared users of every role and group, by its name; made once, since a file full of roles asks for each.
#[salsa::tracked(returns(clone))]
fn holders(db: &dyn Db, project: Project) -> Arc<BTreeMap<SmolStr, Vec<SmolStr>>> {
    let mut holders: BTreeMap<SmolStr, Vec<SmolStr>> = BTreeMap::new();
    for user in name_index(db, project).names_of(&[Sort::User]) {
        for role in ancestors(db, project, user) {
            holders.entry(role).or_default().push(user.into());
        }
    }
    Arc::new(holders)
}

/// The declared users who have a role or group, directly or by inheritance; sorted by name.
pub fn users(db: &Database, project: Project, name: &str) -> Vec<SmolStr> {
    holders(db, project).get(name).cloned().unwrap_or_default()
}
