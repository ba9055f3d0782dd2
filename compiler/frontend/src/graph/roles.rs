//! Circles of `inherits`.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use ambit_diagnostics::{Place, Problem};
use ambit_grammar::Span;
use ambit_grammar::ast::ItemKind;
use smol_str::SmolStr;

use super::cycle::{Edges, cycles, picture};
use crate::db::{Db, Project};
use crate::items::{Item, item_head};
use crate::names::{NameIndex, Sort, name_index};

/// The names that a role or group inherits.
#[salsa::tracked(returns(clone))]
pub(crate) fn parents<'db>(db: &'db dyn Db, item: Item<'db>) -> Arc<Vec<SmolStr>> {
    Arc::new(
        inherits(db, item)
            .into_iter()
            .map(|(name, _)| name)
            .collect(),
    )
}

fn inherits<'db>(db: &'db dyn Db, item: Item<'db>) -> Vec<(SmolStr, Span)> {
    match &item_head(db, item).kind {
        ItemKind::Role(r) | ItemKind::Group(r) => r
            .inherits
            .iter()
            .map(|w| (w.name.text.clone(), w.name.span))
            .collect(),
        _ => Vec::new(),
    }
}

/// One problem for each circle, at the `inherits` of its first role by name; and the roles that the circles name.
pub(crate) fn role_cycles(db: &dyn Db, project: Project) -> (Vec<Problem>, BTreeSet<SmolStr>) {
    let names = name_index(db, project);
    let lists: Vec<(&str, Arc<Vec<SmolStr>>)> = names
        .declarations()
        .into_iter()
        .filter(|(_, sort, _)| matches!(sort, Sort::Role | Sort::Group))
        .map(|(name, _, item)| (name, parents(db, item)))
        .collect();
    let edges: Edges<'_> = lists
        .iter()
        .map(|(n, p)| (*n, p.iter().map(SmolStr::as_str).collect()))
        .collect();
    let cycles = cycles(&edges);
    let mut problems: Vec<Problem> = cycles
        .iter()
        .filter_map(|cycle| problem(db, names, cycle))
        .collect();
    if problems.is_empty() {
        problems.extend(too_large(db, names, &edges));
    }
    (
        problems,
        cycles.iter().flatten().map(SmolStr::new).collect(),
    )
}

/// How many principals all roles and groups together may inherit, counted once for each heir.
const MOST_INHERITED: usize = 10_000_000;

/// What everybody inherits must fit memory: a tower of thousands of roles, each on top of the other, does not.
fn too_large(db: &dyn Db, names: &NameIndex<'_>, edges: &Edges<'_>) -> Option<Problem> {
    let mut total = 0;
    for name in edges.keys() {
        let mut seen: HashSet<&str> = HashSet::from([*name]);
        let mut work = vec![*name];
        while let Some(at) = work.pop() {
            total += 1;
            if total > MOST_INHERITED {
                let (_, item) = names.first(name)?;
                let message = format!(
                    "role `{name}` and those before it inherit more than {MOST_INHERITED} principals"
                );
                return Some(
                    Problem::new("E0407", message, crate::names::name_place(db, item))
                        .label("here the limit is passed")
                        .help("make the tower of roles flatter: inherit from a few roles instead of from a long chain"),
                );
            }
            work.extend(
                edges
                    .get(at)
                    .into_iter()
                    .flatten()
                    .filter(|next| seen.insert(next)),
            );
        }
    }
    None
}

fn problem(db: &dyn Db, names: &NameIndex<'_>, cycle: &[&str]) -> Option<Problem> {
    let at = |i: usize| -> Option<Place> {
        let name = cycle.get(i)?;
        let next = cycle.get(i + 1).or(cycle.first())?;
        let (_, item) = names.first(name)?;
        let (_, span) = inherits(db, item).into_iter().find(|(n, _)| n == next)?;
        Some(Place::Item(item.key(db).clone(), span))
    };
    let first = cycle.first()?;
    let mut problem = Problem::new(
        "E0401",
        format!("role `{first}` inherits from itself: {}", picture(cycle)),
        at(0)?,
    )
    .label("the circle begins here")
    .help("remove one of these `inherits`; what both need goes into a third role");
    for i in 1..cycle.len().min(6) {
        if let Some(place) = at(i) {
            problem = problem.related("and goes on here", place);
        }
    }
    Some(problem)
}
