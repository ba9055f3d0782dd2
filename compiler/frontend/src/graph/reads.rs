//! What rules read: circles of visibility, and circles of tables read below one another.
//!
//! language.md, "What the solver decides": `visible` has no cycle of tables; a table read inside `exists t`, by a
//! further `exists` or by a path (other than straight back over the link just crossed), is *below* t, and over the
//! whole program *below* has no cycle. With a cycle a condition can hold in infinite tables only.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use ambit_diagnostics::{Place, Problem};
use ambit_grammar::Span;
use smol_str::SmolStr;

use super::cycle::{Edges, cycles, picture};
use crate::db::{Db, Project};
use crate::items::{Item, file_items};
use crate::names::Sort;
use crate::types::{
    TClaim, TCond, TEffect, TExists, TOperand, TRule, TStep, TWhat, check_item, find,
};

/// What an item's conditions read, without places.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Reads {
    /// (table, table read by a rule that binds reading it).
    tables: BTreeSet<(SmolStr, SmolStr)>,
    /// (table, table whose rows must be visible for reading it).
    visible: BTreeSet<(SmolStr, SmolStr)>,
    /// (t, table read inside `exists t`).
    below: BTreeSet<(SmolStr, SmolStr)>,
    /// (t, table whose rules are asked inside `exists t`).
    asked: BTreeSet<(SmolStr, SmolStr)>,
}

/// Something that a condition does with another table.
#[derive(Clone, Copy)]
enum Event<'a> {
    /// A table is read, inside `exists` of the other.
    Read {
        table: &'a SmolStr,
        inside: Option<&'a SmolStr>,
    },
    /// The rules of a table are asked, inside `exists` of the other.
    Visible {
        table: &'a SmolStr,
        inside: Option<&'a SmolStr>,
    },
}

/// A filter, inside which `exists`, and the link that leads straight back.
type Seen = (SmolStr, Option<SmolStr>, Option<(u32, SmolStr)>);

struct Walk<'db, 's> {
    db: &'db dyn Db,
    sink: &'s mut dyn FnMut(Event<'_>, Span),
    /// Filters already walked in the same surroundings: a second time adds nothing.
    done: HashSet<Seen>,
}

/// Where a condition stands: inside which `exists`, and the link that leads straight back.
#[derive(Clone, Default)]
struct At<'a> {
    inside: Option<&'a SmolStr>,
    back: Option<(u32, &'a SmolStr)>,
}

impl Walk<'_, '_> {
    fn cond(&mut self, cond: &TCond, at: &At<'_>, outer: Option<Span>) {
        match cond {
            TCond::Const(_) | TCond::Error => {}
            TCond::Not(inner) => self.cond(inner, at, outer),
            TCond::And(parts) | TCond::Or(parts) => {
                for part in parts {
                    self.cond(part, at, outer);
                }
            }
            TCond::Is(a)
            | TCond::InList(a, _)
            | TCond::InSet(a, _)
            | TCond::IsNull(a)
            | TCond::Text(a, ..)
            | TCond::InWindow(a, _)
            | TCond::Scope(a, _) => self.operand(a, at, outer),
            TCond::Compare(a, _, b) => {
                self.operand(a, at, outer);
                self.operand(b, at, outer);
            }
            TCond::LinkVisible(steps, span) => {
                let span = outer.unwrap_or(*span);
                self.steps(steps, at, span);
                if let Some(last) = steps.last() {
                    (self.sink)(
                        Event::Visible {
                            table: &last.to,
                            inside: at.inside,
                        },
                        span,
                    );
                }
            }
            TCond::Exists(exists) => self.exists(exists, at, outer),
            TCond::Filter(name, span) => {
                let key = (
                    name.clone(),
                    at.inside.cloned(),
                    at.back.map(|(c, t)| (c, t.clone())),
                );
                if !self.done.insert(key) {
                    return;
                }
                if let Some(item) = find(self.db, name, Sort::Filter)
                    && let Some(cond) = &check_item(self.db, item).typed.cond
                {
                    self.cond(cond, at, Some(outer.unwrap_or(*span)));
                }
            }
        }
    }

    fn exists(&mut self, exists: &TExists, at: &At<'_>, outer: Option<Span>) {
        let span = outer.unwrap_or(exists.span);
        self.steps(&exists.path, at, span);
        (self.sink)(
            Event::Read {
                table: &exists.table,
                inside: at.inside,
            },
            span,
        );
        let inside = Some(&exists.table);
        if exists.visible {
            (self.sink)(
                Event::Visible {
                    table: &exists.table,
                    inside,
                },
                span,
            );
        }
        self.cond(
            &exists.cond,
            &At {
                inside,
                back: Some((exists.other, &exists.at)),
            },
            outer,
        );
    }

    fn operand(&mut self, operand: &TOperand, at: &At<'_>, outer: Option<Span>) {
        match operand {
            TOperand::Column { steps, span, .. } => self.steps(steps, at, outer.unwrap_or(*span)),
            TOperand::Day(inner) => self.operand(inner, at, outer),
            _ => {}
        }
    }

    fn steps(&mut self, steps: &[TStep], at: &At<'_>, span: Span) {
        for (i, step) in steps.iter().enumerate() {
            let straight_back = i == 0
                && at
                    .back
                    .is_some_and(|(column, to)| column == step.column && *to == step.to);
            if !straight_back {
                (self.sink)(
                    Event::Read {
                        table: &step.to,
                        inside: at.inside,
                    },
                    span,
                );
            }
        }
    }
}

fn walk(db: &dyn Db, cond: &TCond, sink: &mut dyn FnMut(Event<'_>, Span)) {
    let mut walk = Walk {
        db,
        sink,
        done: HashSet::new(),
    };
    walk.cond(cond, &At::default(), None);
}

/// Does a rule take part in reading rows? A restrict binds every action.
fn binds_read(rule: &TRule) -> bool {
    matches!(rule.effect, TEffect::Restrict(_)) || rule.actions.iter().any(|a| a == "read")
}

/// What the conditions of an item read.
#[salsa::tracked(returns(clone))]
pub(crate) fn item_reads<'db>(db: &'db dyn Db, item: Item<'db>) -> Arc<Reads> {
    let mut reads = Reads::default();
    each_condition(db, item, &mut |table, reading, cond| {
        walk(db, cond, &mut |event, _| {
            note(&mut reads, table, reading, event);
        });
    });
    Arc::new(reads)
}

fn note(reads: &mut Reads, table: Option<&SmolStr>, reading: bool, event: Event<'_>) {
    match event {
        Event::Read {
            table: read,
            inside,
        } => {
            if let (Some(table), true) = (table, reading) {
                reads.tables.insert((table.clone(), read.clone()));
            }
            if let Some(inside) = inside {
                reads.below.insert((inside.clone(), read.clone()));
            }
        }
        Event::Visible {
            table: asked,
            inside,
        } => {
            if let (Some(table), true) = (table, reading) {
                reads.visible.insert((table.clone(), asked.clone()));
            }
            if let Some(inside) = inside {
                reads.asked.insert((inside.clone(), asked.clone()));
            }
        }
    }
}

/// Every condition of an item, with the table whose row is at hand and whether it takes part in reading it.
fn each_condition<'db>(
    db: &'db dyn Db,
    item: Item<'db>,
    sink: &mut dyn FnMut(Option<&SmolStr>, bool, &TCond),
) {
    let checked = check_item(db, item);
    let typed = &checked.typed;
    let rules = typed.rules.iter().chain(
        typed
            .test
            .iter()
            .flat_map(|t| &t.users)
            .flat_map(|u| &u.rules),
    );
    for rule in rules {
        for (what, cond) in &rule.on {
            let table = if let TWhat::Table(t) = what {
                Some(t)
            } else {
                None
            };
            sink(table, binds_read(rule), cond);
        }
    }
    if let Some(TClaim::Can { cond, .. }) = &typed.claim {
        sink(None, false, cond);
    }
}

/// Circles of `visible`, else circles of *below*.
pub(crate) fn read_cycles(db: &dyn Db, project: Project) -> Vec<Problem> {
    let items: Vec<Item<'_>> = project
        .files(db)
        .iter()
        .flat_map(|f| file_items(db, *f).iter().copied())
        .collect();
    let parts: Vec<Arc<Reads>> = items.iter().map(|i| item_reads(db, *i)).collect();
    let visible = merge(parts.iter().flat_map(|p| &p.visible));
    let found = cycles(&visible);
    if !found.is_empty() {
        return found
            .iter()
            .filter_map(|c| visible_circle(db, &items, &parts, c))
            .collect();
    }
    let reads = merge(parts.iter().flat_map(|p| &p.tables));
    let reached = closure(&reads, &visible);
    let mut below = merge(parts.iter().flat_map(|p| &p.below));
    for (inside, asked) in parts.iter().flat_map(|p| &p.asked) {
        let more = reached.get(asked.as_str());
        below
            .entry(inside)
            .or_default()
            .extend(more.into_iter().flatten().copied());
    }
    let found = cycles(&below);
    found
        .iter()
        .filter_map(|c| below_circle(db, &items, &parts, c))
        .collect()
}

fn merge<'a>(pairs: impl Iterator<Item = &'a (SmolStr, SmolStr)>) -> Edges<'a> {
    let mut sets: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (from, to) in pairs {
        sets.entry(from).or_default().insert(to);
        sets.entry(to).or_default();
    }
    sets.into_iter()
        .map(|(k, v)| (k, v.into_iter().collect()))
        .collect()
}

/// For each table: all tables that asking its read rules reads, through `visible` (which has no circle here).
fn closure<'a>(reads: &Edges<'a>, visible: &Edges<'a>) -> BTreeMap<&'a str, BTreeSet<&'a str>> {
    let mut out = BTreeMap::new();
    for table in reads.keys().chain(visible.keys()) {
        let mut seen: BTreeSet<&str> = BTreeSet::from([*table]);
        let mut work = vec![*table];
        let mut all: BTreeSet<&str> = BTreeSet::new();
        while let Some(at) = work.pop() {
            all.extend(reads.get(at).into_iter().flatten().copied());
            for next in visible.get(at).into_iter().flatten() {
                if seen.insert(next) {
                    work.push(next);
                }
            }
        }
        out.insert(*table, all);
    }
    out
}

fn visible_circle(
    db: &dyn Db,
    items: &[Item<'_>],
    parts: &[Arc<Reads>],
    cycle: &[&str],
) -> Option<Problem> {
    let (from, to) = (*cycle.first()?, *cycle.get(1).or(cycle.first())?);
    let edge = (SmolStr::new(from), SmolStr::new(to));
    let place = place_of(
        db,
        items,
        parts,
        |p| p.visible.contains(&edge),
        &|table, event| {
            matches!(event, Event::Visible { table: asked, .. } if *asked == edge.1)
                && table == Some(&edge.0)
        },
    )?;
    Some(
        Problem::new(
            "E0402",
            format!(
                "who sees `{from}` depends on who sees `{from}`: {}",
                picture(cycle)
            ),
            place,
        )
        .label("asks what is visible")
        .help("say for one of these tables what may be seen without asking the other")
        .note("`visible` asks the rules of the other table, so a circle would never be decided"),
    )
}

fn below_circle(
    db: &dyn Db,
    items: &[Item<'_>],
    parts: &[Arc<Reads>],
    cycle: &[&str],
) -> Option<Problem> {
    let pairs = (0..cycle.len()).filter_map(|i| {
        let from = SmolStr::new(cycle.get(i)?);
        let to = SmolStr::new(cycle.get(i + 1).or(cycle.first())?);
        Some((from, to))
    });
    let place = pairs.into_iter().find_map(|edge| {
        place_of(db, items, parts, |p| p.below.contains(&edge), &|_, event| {
            matches!(event, Event::Read { table, inside: Some(inside) } if *inside == edge.0 && *table == edge.1)
        })
        .or_else(|| {
            place_of(db, items, parts, |p| p.asked.iter().any(|(i, _)| *i == edge.0), &|_, event| {
                matches!(event, Event::Visible { inside: Some(inside), .. } if *inside == edge.0)
            })
        })
    })?;
    let message = match cycle {
        [one] => format!("`{one}` is read below itself"),
        _ => format!(
            "tables are read below one another in a circle: {}",
            picture(cycle)
        ),
    };
    Some(
        Problem::new("E0403", message, place)
            .label("read inside `exists`")
            .help("end the chain: leave the inner `exists` or path out, or keep the value in a column of its own")
            .note("with a circle a condition could hold in infinite tables only, and nothing could be proved of it"),
    )
}

/// The place of the first event that `wanted` accepts, in the first item whose summary `part` accepts.
fn place_of(
    db: &dyn Db,
    items: &[Item<'_>],
    parts: &[Arc<Reads>],
    part: impl Fn(&Reads) -> bool,
    wanted: &dyn Fn(Option<&SmolStr>, Event<'_>) -> bool,
) -> Option<Place> {
    let (item, _) = items.iter().zip(parts).find(|(_, p)| part(p))?;
    let mut found: Option<Span> = None;
    each_condition(db, *item, &mut |table, _, cond| {
        walk(db, cond, &mut |event, span| {
            if found.is_none() && wanted(table, event) {
                found = Some(span);
            }
        });
    });
    Some(Place::Item(item.key(db).clone(), found?))
}
