//! Circles of `inherits`.

use std::sync::Arc;

use ambit_diagnostics::{Place, Problem};
use ambit_grammar::Span;
use ambit_grammar::ast::ItemKind;
use smol_str::SmolStr;

use super::cycle::{Edges, cycles, picture};
use crate::db::{Db, Project};
use crate::items::{Item, item_syntax};
use crate::names::{NameIndex, Sort, name_index};

/// The names that a role or group inherits.
#[salsa::tracked(returns(clone))]
pub(crate) fn parents<'db>(db: &'db dyn Db, item: Item<'db>) -> Arc<Vec<SmolStr>> {
    Arc::new(inherits(db, item).into_iter().map(|(name, _)| name).collect())
}

fn inherits<'db>(db: &'db dyn Db, item: Item<'db>) -> Vec<(SmolStr, Span)> {
    match &item_syntax(db, item).item.kind {
        ItemKind::Role(r) | ItemKind::Group(r) => {
            r.inherits.iter().map(|w| (w.name.text.clone(), w.name.span)).collect()
        }
        _ => Vec::new(),
    }
}

/// One problem for each circle, at the `inherits` of its first role by name.
pub(crate) fn role_cycles(db: &dyn Db, project: Project) -> Vec<Problem> {
    let names = name_index(db, project);
    let lists: Vec<(&str, Arc<Vec<SmolStr>>)> = names
        .declarations()
        .into_iter()
        .filter(|(_, sort, _)| matches!(sort, Sort::Role | Sort::Group))
        .map(|(name, _, item)| (name, parents(db, item)))
        .collect();
    let edges: Edges<'_> = lists.iter().map(|(n, p)| (*n, p.iter().map(SmolStr::as_str).collect())).collect();
    cycles(&edges).iter().filter_map(|cycle| problem(db, names, cycle)).collect()
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
    let mut problem = Problem::new("E0401", format!("role `{first}` inherits from itself: {}", picture(cycle)), at(0)?)
        .label("the circle begins here")
        .help("remove one of these `inherits`; what both need goes into a third role");
    for i in 1..cycle.len().min(6) {
        if let Some(place) = at(i) {
            problem = problem.related("and goes on here", place);
        }
    }
    Some(problem)
}
