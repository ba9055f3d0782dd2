//! Circles of filters, and filters that grow beyond bounds when they are written out.

use std::collections::HashMap;
use std::sync::Arc;

use ambit_diagnostics::{Place, Problem};
use ambit_grammar::Span;
use smol_str::SmolStr;

use super::cycle::{Edges, cycles, picture};
use crate::db::{Db, Project};
use crate::items::Item;
use crate::names::{NameIndex, Sort, name_index};
use crate::types::{TCond, check_item};

/// The most tests that a condition may have once its filters are written out.
const LARGEST: u64 = 20_000;
/// The deepest that a condition may nest once its filters are written out.
const DEEPEST: u32 = 256;

/// What a condition is made of: its own size and depth, and the filters in it with the depth at which each stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Shape {
    size: u64,
    depth: u32,
    filters: Vec<(SmolStr, u32)>,
}

/// The shape of a filter item.
#[salsa::tracked(returns(clone))]
pub(crate) fn filter_shape<'db>(db: &'db dyn Db, item: Item<'db>) -> Arc<Shape> {
    let mut shape = Shape::default();
    if let Some(cond) = &check_item(db, item).typed.cond {
        measure(cond, 1, &mut shape);
    }
    Arc::new(shape)
}

/// The shapes of the conditions of an item's rules (and claim) that name filters; others are bounded by the parser.
#[salsa::tracked(returns(clone))]
pub(crate) fn rule_shapes<'db>(db: &'db dyn Db, item: Item<'db>) -> Arc<Vec<Shape>> {
    let checked = check_item(db, item);
    let mut shapes: Vec<Shape> = conditions(&checked.typed)
        .map(|cond| {
            let mut shape = Shape::default();
            measure(cond, 1, &mut shape);
            shape
        })
        .filter(|shape| !shape.filters.is_empty())
        .collect();
    shapes.dedup();
    Arc::new(shapes)
}

/// All conditions of an item but a filter's own.
pub(crate) fn conditions(typed: &crate::types::TItem) -> impl Iterator<Item = &TCond> {
    let rules = typed.rules.iter().flat_map(|r| r.on.iter().map(|(_, c)| c));
    let given = typed
        .test
        .iter()
        .flat_map(|t| &t.users)
        .flat_map(|u| &u.rules);
    let given = given.flat_map(|r| r.on.iter().map(|(_, c)| c));
    let claim = typed.claim.iter().filter_map(|c| match c {
        crate::types::TClaim::Can { cond, .. } => Some(cond),
        crate::types::TClaim::Are { .. } => None,
    });
    rules.chain(given).chain(claim)
}

fn measure(cond: &TCond, depth: u32, shape: &mut Shape) {
    shape.size += 1;
    shape.depth = shape.depth.max(depth);
    match cond {
        TCond::Not(inner) => measure(inner, depth + 1, shape),
        TCond::And(parts) | TCond::Or(parts) => {
            for part in parts {
                measure(part, depth + 1, shape);
            }
        }
        TCond::Exists(e) => measure(&e.cond, depth + 1, shape),
        TCond::Filter(name, _) => shape.filters.push((name.clone(), depth)),
        _ => {}
    }
}

/// Circles, and what grows too large.
pub(crate) fn filter_problems(db: &dyn Db, project: Project) -> Vec<Problem> {
    let names = name_index(db, project);
    let shapes: HashMap<&str, (Item<'_>, Arc<Shape>)> = names
        .declarations()
        .into_iter()
        .filter(|(_, sort, _)| *sort == Sort::Filter)
        .map(|(name, _, item)| (name, (item, filter_shape(db, item))))
        .collect();
    if shapes.is_empty() {
        return Vec::new();
    }
    let edges: Edges<'_> = shapes
        .iter()
        .map(|(n, (_, s))| (*n, s.filters.iter().map(|(f, _)| f.as_str()).collect()))
        .collect();
    let found = cycles(&edges);
    if !found.is_empty() {
        return found
            .iter()
            .filter_map(|cycle| circle(db, names, cycle))
            .collect();
    }
    let totals = totals(&edges, &shapes);
    let mut problems = Vec::new();
    let mut too_large = false;
    for name in edges.keys() {
        if let (Some((size, depth)), Some((item, _))) = (totals.get(name), shapes.get(name))
            && (*size > LARGEST || *depth > DEEPEST)
            // Only the first of a chain is to blame: those that use it are too large because of it.
            && !uses_too_large(&edges, &totals, name)
        {
            too_large = true;
            let place = crate::names::name_place(db, *item);
            problems.push(grown(place, &format!("filter `{name}`"), *size, *depth));
        }
    }
    if too_large {
        return problems;
    }
    for file in project.files(db) {
        for item in crate::items::file_items(db, *file) {
            for shape in rule_shapes(db, *item).iter() {
                let (size, depth) = with_filters(shape, &totals);
                if size > LARGEST || depth > DEEPEST {
                    let place = Place::Item(item.key(db).clone(), first_filter(db, *item));
                    problems.push(grown(place, "a condition", size, depth));
                    break;
                }
            }
        }
    }
    problems
}

fn grown(place: Place, what: &str, size: u64, depth: u32) -> Problem {
    let why = if size > LARGEST {
        format!(
            "has {} tests, {LARGEST} at most are allowed",
            if size == u64::MAX {
                "countless".into()
            } else {
                size.to_string()
            }
        )
    } else {
        format!("nests {depth} deep, {DEEPEST} at most are allowed")
    };
    Problem::new(
        "E0407",
        format!("{what} is too large: with its filters written out it {why}"),
        place,
    )
    .label("grows too large")
    .help("say less in one condition: several grants are united, several restricts intersected")
}

fn uses_too_large(edges: &Edges<'_>, totals: &HashMap<&str, (u64, u32)>, name: &str) -> bool {
    edges.get(name).into_iter().flatten().any(|used| {
        totals
            .get(used)
            .is_some_and(|(size, depth)| *size > LARGEST || *depth > DEEPEST)
    })
}

fn with_filters(shape: &Shape, totals: &HashMap<&str, (u64, u32)>) -> (u64, u32) {
    let mut size = shape.size;
    let mut depth = shape.depth;
    for (filter, at) in &shape.filters {
        let (s, d) = totals.get(filter.as_str()).copied().unwrap_or((0, 0));
        size = size.saturating_add(s);
        depth = depth.max(at.saturating_add(d));
    }
    (size, depth)
}

/// Size and depth of every filter written out; filters have no circle here. Without recursion: chains may be long.
fn totals<'a>(
    edges: &Edges<'a>,
    shapes: &HashMap<&'a str, (Item<'_>, Arc<Shape>)>,
) -> HashMap<&'a str, (u64, u32)> {
    let mut totals: HashMap<&str, (u64, u32)> = HashMap::new();
    for root in edges.keys() {
        let mut work = vec![*root];
        while let Some(at) = work.last().copied() {
            let missing: Vec<&str> = edges
                .get(at)
                .into_iter()
                .flatten()
                .copied()
                .filter(|n| !totals.contains_key(n) && shapes.contains_key(n))
                .collect();
            if missing.is_empty() || totals.contains_key(at) {
                work.pop();
                if let Some((_, shape)) = shapes.get(at) {
                    let total = with_filters(shape, &totals);
                    totals.insert(at, total);
                }
            } else {
                work.extend(missing);
            }
        }
    }
    totals
}

fn circle(db: &dyn Db, names: &NameIndex<'_>, cycle: &[&str]) -> Option<Problem> {
    let name = cycle.first()?;
    let next = cycle.get(1).unwrap_or(name);
    let (_, item) = names.all(name).iter().find(|(s, _)| *s == Sort::Filter)?;
    let cond = check_item(db, *item).typed.cond.clone()?;
    let span = find_filter(&cond, &|n| n == *next)?;
    Some(
        Problem::new(
            "E0404",
            format!("filter `{name}` is made of itself: {}", picture(cycle)),
            Place::Item(item.key(db).clone(), span),
        )
        .label("the circle begins here")
        .help("write one of these filters without the others"),
    )
}

fn first_filter<'db>(db: &'db dyn Db, item: Item<'db>) -> Span {
    let checked = check_item(db, item);
    conditions(&checked.typed)
        .find_map(|c| find_filter(c, &|_| true))
        .unwrap_or_default()
}

/// Where a condition names a filter that `wanted` accepts.
fn find_filter(cond: &TCond, wanted: &dyn Fn(&str) -> bool) -> Option<Span> {
    match cond {
        TCond::Filter(name, span) => wanted(name).then_some(*span),
        TCond::Not(inner) => find_filter(inner, wanted),
        TCond::And(parts) | TCond::Or(parts) => parts.iter().find_map(|p| find_filter(p, wanted)),
        TCond::Exists(e) => find_filter(&e.cond, wanted),
        _ => None,
    }
}
