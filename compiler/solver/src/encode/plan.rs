//! What formulas ask of terms, before the day is known: which atoms they reach, which terms are compared with one
//! another, on which days tests can come out otherwise.

use std::collections::{BTreeMap, BTreeSet};

use ambit_core::{Type, Value};

use crate::atom::{Atom, Term, TermId};
use crate::circuit::{Bool, Node};
use crate::days::{self, Day};
use crate::limit::Limit;
use crate::question::Question;

/// What the atoms of a question ask of terms, before the day is known.
#[derive(Debug, Clone, Default)]
pub(crate) struct Plan {
    /// Atoms that formulas reach, in order.
    pub atoms: Vec<u32>,
    /// A window or `today` is among them.
    pub uses_day: bool,
    /// Days of instants that stand for themselves: the instant is not compared otherwise.
    pub free_days: BTreeSet<TermId>,
    /// Days of instants that are tests of the instant.
    pub bound_days: BTreeMap<TermId, TermId>,
    /// Classes of terms that are compared with one another (each also alone).
    pub classes: Vec<Vec<TermId>>,
    /// Constant days that days are compared with.
    pub constants: Vec<Day>,
    /// How many days vary.
    pub varying: usize,
}

impl Plan {
    /// Looks through everything that the roots and all that always holds reach.
    pub fn new(question: &Question<'_, '_>, roots: &[Bool], witness: bool) -> Result<Self, Limit> {
        let mut plan = Self {
            atoms: reached(question, roots, witness),
            ..Self::default()
        };
        let terms = &question.terms;
        let is_today = |t: TermId| terms[t.index()].term == Term::Today;
        // Instants that are compared as such.
        let mut direct: BTreeSet<TermId> = BTreeSet::new();
        let mut days: BTreeSet<TermId> = BTreeSet::new();
        let mut paired: BTreeSet<TermId> = BTreeSet::new();
        for atom in &plan.atoms {
            let atom = &question.circuit.atoms[*atom as usize];
            plan.uses_day |= matches!(atom, Atom::Window(..));
            for term in terms_of(atom) {
                plan.uses_day |= is_today(term);
                match terms[term.index()].term {
                    Term::Day(_) => {
                        days.insert(term);
                    }
                    _ => {
                        direct.insert(term);
                    }
                }
            }
            match atom {
                Atom::Same(a, b) | Atom::Le(a, b) | Atom::Element(a, b)
                    if !is_today(*a) && !is_today(*b) =>
                {
                    paired.extend([*a, *b]);
                }
                _ => {}
            }
        }
        for day in days {
            let Term::Day(inner) = terms[day.index()].term else {
                continue;
            };
            if !direct.contains(&inner) {
                plan.free_days.insert(day);
            } else if paired.contains(&day) {
                return Err(Limit::InstantAndDay {
                    term: question.name_of(inner),
                });
            } else {
                plan.bound_days.insert(day, inner);
            }
        }
        plan.find_classes(question);
        plan.find_constants(question);
        if !plan.free_days.is_empty() {
            // No instant has such a day, so other days do not stand for it.
            plan.constants.extend(question.model.skipped());
        }
        if witness && plan.varying > 0 {
            // Days that count as nothing are worth a look.
            let nothing = [0, days::number(question.model.epoch())];
            plan.constants.extend(nothing);
        }
        plan.constants.sort_unstable();
        plan.constants.dedup();
        Ok(plan)
    }

    fn find_classes(&mut self, question: &Question<'_, '_>) {
        let count = question.terms.len();
        let mut parent: Vec<u32> = (0..count as u32).collect();
        let mut used = vec![false; count];
        let mut sets: BTreeMap<TermId, TermId> = BTreeMap::new();
        for atom in &self.atoms {
            let atom = &question.circuit.atoms[*atom as usize];
            for term in terms_of(atom) {
                used[self.stands_for(term).index()] = true;
            }
            match atom {
                Atom::Same(a, b) | Atom::Le(a, b) | Atom::SameScope(a, b) => {
                    join(&mut parent, *a, *b);
                }
                // Whatever is tested against one set may be equal.
                Atom::Element(x, set) => match sets.get(set) {
                    Some(other) => join(&mut parent, *x, *other),
                    None => {
                        sets.insert(*set, *x);
                    }
                },
                _ => {}
            }
        }
        let mut classes: BTreeMap<u32, Vec<TermId>> = BTreeMap::new();
        for position in 0..count as u32 {
            let term = TermId(position);
            let info = &question.terms[term.index()];
            if !used[term.index()] || info.term == Term::Today || matches!(info.ty, Type::Set(_)) {
                continue;
            }
            classes
                .entry(find(&mut parent, position))
                .or_default()
                .push(term);
        }
        self.classes = classes.into_values().collect();
    }

    fn find_constants(&mut self, question: &Question<'_, '_>) {
        let mut constants = BTreeSet::new();
        let zone = &question.model.zone;
        let mut add = |value: &Value| match value {
            Value::Date(date) => {
                constants.insert(days::number(*date));
            }
            Value::Timestamp(instant) => {
                constants.insert(days::number(instant.day(zone)));
            }
            _ => {}
        };
        let mut varying = BTreeSet::new();
        for atom in &self.atoms {
            let atom = &question.circuit.atoms[*atom as usize];
            match atom {
                Atom::Eq(_, value) | Atom::Bound(_, _, value) => add(value),
                Atom::In(_, values) => values.iter().for_each(&mut add),
                _ => {}
            }
            varying.extend(
                terms_of(atom).into_iter().filter(|t| {
                    matches!(question.terms[t.index()].ty, Type::Date | Type::Timestamp)
                }),
            );
        }
        self.constants = constants.into_iter().collect();
        self.varying = varying.len();
    }

    /// The term whose tests these are: of a day of an instant that is also compared otherwise, the instant.
    fn stands_for(&self, term: TermId) -> TermId {
        self.bound_days.get(&term).copied().unwrap_or(term)
    }

    /// The days to try, one of each kind.
    pub fn days(&self, question: &Question<'_, '_>) -> Vec<Day> {
        if !self.uses_day {
            return vec![usual_day()];
        }
        let mut windows: Vec<ambit_core::Window> = self
            .atoms
            .iter()
            .filter_map(|a| match &question.circuit.atoms[*a as usize] {
                Atom::Window(_, window) => Some(*window),
                _ => None,
            })
            .collect();
        windows.sort_by_key(|w| (w.kind as u8, w.unit as u8, w.count));
        windows.dedup();
        let need = days::Need {
            windows,
            constants: self.constants.clone(),
            cap: self.varying as Day + 2,
            week_start: question.model.program.settings.week_start,
            odd: if self.bound_days.is_empty() {
                Vec::new()
            } else {
                question.model.odd().to_vec()
            },
        };
        let mut days = days::representatives(&need, &question.model.shapes);
        // A day of our time is easier to read.
        days.sort_by_key(|d| ((d - usual_day()).abs(), *d));
        days
    }
}

/// The day of a witness where any day will do.
pub(crate) fn usual_day() -> Day {
    days::number(jiff::civil::date(2024, 1, 15))
}

fn join(parent: &mut [u32], a: TermId, b: TermId) {
    let (a, b) = (find(parent, a.0), find(parent, b.0));
    parent[a.max(b) as usize] = a.min(b);
}

/// The first of a class, by way of its others.
pub(super) fn find(parent: &mut [u32], mut at: u32) -> u32 {
    while parent[at as usize] != at {
        parent[at as usize] = parent[parent[at as usize] as usize];
        at = parent[at as usize];
    }
    at
}

/// The terms that an atom compares.
pub(crate) fn terms_of(atom: &Atom) -> Vec<TermId> {
    match atom {
        Atom::Eq(t, _)
        | Atom::In(t, _)
        | Atom::Bound(t, ..)
        | Atom::Text(t, ..)
        | Atom::Window(t, _)
        | Atom::Scope(t, _) => vec![*t],
        Atom::Same(a, b) | Atom::Le(a, b) | Atom::SameScope(a, b) => vec![*a, *b],
        Atom::Element(x, _) => vec![*x],
        Atom::Member(..)
        | Atom::InQuery(_)
        | Atom::Number(..)
        | Atom::Present(_)
        | Atom::Merged(..)
        | Atom::Null(_)
        | Atom::Stray(_)
        | Atom::Exists(..) => Vec::new(),
    }
}

fn reached(question: &Question<'_, '_>, roots: &[Bool], witness: bool) -> Vec<u32> {
    let circuit = &question.circuit;
    // Which rows are one row a witness needs to know, even where nothing follows from it.
    let one = question.same_rows.iter().chain(&question.merges);
    let more = one
        .map(|(.., same)| same)
        .chain(&question.merge_side)
        .filter(|_| witness)
        .map(|b| b.node());
    let mut seen = vec![false; circuit.nodes.len()];
    let mut atoms = Vec::new();
    let mut work: Vec<usize> = roots
        .iter()
        .chain(&question.side)
        .map(|b| b.node())
        .chain(more)
        .collect();
    while let Some(at) = work.pop() {
        if std::mem::replace(&mut seen[at], true) {
            continue;
        }
        match &circuit.nodes[at] {
            Node::True => {}
            Node::Atom(atom) => atoms.push(*atom),
            Node::And(parts) => work.extend(parts.iter().map(|p| p.node())),
        }
    }
    atoms.sort_unstable();
    atoms
}
