//! From formulas to clauses, for one day: each class of terms that are compared with one another brings the clauses of
//! its type's theory.
//!
//! All that speaks of one term is eager: clauses are added once. What remains lazy is that equality and order between
//! terms are transitive: a model that breaks this is refused with a lemma ([`Encoding::solve`]).

mod chains;
mod equality;
mod order;
mod plan;
mod scope;

use ambit_core::{Instant, Type, Value};
use batsat::Lit;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

use self::scope::ScopeClass;
use crate::atom::{Atom, Term, TermId};
use crate::circuit::{Bool, Node};
use crate::days::{self, Day};
use crate::question::Question;
use crate::sat::Sat;

pub(crate) use self::equality::EqualityClass;
pub(crate) use self::order::{Key, Num, OrderClass, key, lengths, num, value as value_of};
pub(crate) use self::plan::{Plan, terms_of, usual_day};

/// A test of one term, the day known.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Unary {
    Eq(Value),
    In(std::sync::Arc<[Value]>),
    /// At most, or (strict) less than.
    Bound(bool, Value),
    /// Both in it.
    Between(Day, Day),
}

/// What an atom is, the day known.
enum Resolved {
    Const(bool),
    Unary(TermId, Unary),
    /// The same with the opposite outcome.
    Not(TermId, Unary),
    Same(TermId, TermId),
    Le(TermId, TermId),
    Text(TermId),
    Scope,
    Plain,
}

/// How many triangles of comparisons get their clauses before they are needed, in one class.
const MOST_TRIANGLES: usize = 20_000;

/// With how many lemmas of one class a model is refused, at most.
const MOST_LEMMAS: usize = 64;

/// A class of terms with its theory.
#[derive(Debug)]
pub(crate) enum Class {
    Equality(EqualityClass),
    Order(OrderClass),
    Scope(ScopeClass),
}

/// The clauses of a question for one day.
#[derive(Debug)]
pub(crate) struct Encoding<'p> {
    pub sat: Sat<'p>,
    pub day: Day,
    any_day: bool,
    nodes: Vec<Option<Lit>>,
    pub atoms: FxHashMap<u32, Lit>,
    pub classes: Vec<Class>,
    /// The class of a term.
    pub class_of: FxHashMap<TermId, usize>,
    /// What is tested against a set: set, element, literal.
    pub elements: Vec<(TermId, TermId, Lit)>,
}

/// How to encode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mode {
    /// Values that a small witness would take are told apart.
    pub witness: bool,
    /// Keep every clause.
    pub record: bool,
    /// Tests of `today` hold or not, as it suits: what then cannot hold, can on no day.
    pub any_day: bool,
}

impl<'p> Encoding<'p> {
    pub fn new(question: &Question<'p, '_>, plan: &Plan, day: Day, mode: Mode) -> Self {
        let mut encoding = Self {
            sat: Sat::new(mode.record, question.model.wanted),
            day,
            any_day: mode.any_day,
            nodes: vec![None; question.circuit.nodes.len()],
            atoms: FxHashMap::default(),
            classes: Vec::new(),
            class_of: FxHashMap::default(),
            elements: Vec::new(),
        };
        encoding.add_classes(question, plan, mode);
        for atom in &plan.atoms {
            question.model.wanted.look();
            let lit = encoding.atom(question, plan, *atom);
            encoding.atoms.insert(*atom, lit);
        }
        encoding.add_sets(question);
        for class in &encoding.classes {
            match class {
                Class::Equality(class) => class.triangles(&mut encoding.sat),
                Class::Order(class) => class.triangles(&mut encoding.sat),
                Class::Scope(_) => {}
            }
        }
        let merges = question.merge_side.iter().filter(|_| mode.witness);
        for side in question.side.iter().chain(merges) {
            let lit = encoding.lit(question, *side);
            encoding.sat.add(&[lit]);
        }
        encoding
    }

    fn add_classes(&mut self, question: &Question<'_, '_>, plan: &Plan, mode: Mode) {
        let mut class_of: FxHashMap<TermId, usize> = FxHashMap::default();
        for (position, class) in plan.classes.iter().enumerate() {
            for term in class {
                class_of.insert(*term, position);
            }
        }
        let mut unary: Vec<Vec<Unary>> = vec![Vec::new(); plan.classes.len()];
        let mut texts: Vec<Vec<(ambit_core::TextTest, smol_str::SmolStr)>> =
            vec![Vec::new(); plan.classes.len()];
        let mut scopes: Vec<Vec<ambit_core::ScopeTest>> = vec![Vec::new(); plan.classes.len()];
        let mut ordered = vec![false; plan.classes.len()];
        for number in &plan.atoms {
            question.model.wanted.look();
            let atom = &question.circuit.atoms[*number as usize];
            match self.resolve(question, plan, atom) {
                Resolved::Unary(term, test) | Resolved::Not(term, test) => {
                    for (term, test) in Self::instants(question, plan, term, test) {
                        let class = class_of[&term];
                        ordered[class] |= matches!(test, Unary::Bound(..) | Unary::Between(..));
                        unary[class].push(test);
                    }
                }
                Resolved::Le(a, _) => ordered[class_of[&a]] = true,
                Resolved::Text(term) => {
                    if let Atom::Text(_, test, literal) = atom {
                        texts[class_of[&term]].push((*test, literal.clone()));
                    }
                }
                Resolved::Scope => {
                    if let Atom::Scope(term, test) = atom {
                        scopes[class_of[term]].push(test.clone());
                    }
                }
                Resolved::Const(_) | Resolved::Same(..) | Resolved::Plain => {}
            }
            // What is tested against a set in which today is, or is not, may be today.
            if let Atom::Element(x, set) = atom
                && question.terms[x.index()].term == Term::Today
            {
                let today = Unary::Eq(Value::Date(days::date(self.day)));
                let beside = plan.atoms.iter().find_map(|other| {
                    match &question.circuit.atoms[*other as usize] {
                        Atom::Element(y, s) if s == set => class_of.get(y),
                        _ => None,
                    }
                });
                if let Some(class) = beside {
                    unary[*class].push(today);
                }
            }
        }
        for (position, terms) in plan.classes.iter().enumerate() {
            let ty = question.terms[terms[0].index()].ty.clone();
            let class = if matches!(ty, Type::Scope(_)) {
                Class::Scope(ScopeClass::new(&mut self.sat, terms, &scopes[position]))
            } else if ordered[position] {
                Class::Order(OrderClass::new(
                    &mut self.sat,
                    question,
                    plan,
                    terms,
                    &unary[position],
                    mode,
                ))
            } else {
                Class::Equality(EqualityClass::new(
                    &mut self.sat,
                    question,
                    terms,
                    &unary[position],
                    &texts[position],
                    mode,
                ))
            };
            self.classes.push(class);
        }
        self.class_of = class_of;
    }

    /// A test of a day that is bound to its instant, as tests of the instant; any other as it is.
    fn instants(
        question: &Question<'_, '_>,
        plan: &Plan,
        term: TermId,
        test: Unary,
    ) -> Vec<(TermId, Unary)> {
        let Some(inner) = plan.bound_days.get(&term) else {
            return vec![(term, test)];
        };
        let mut out = Vec::new();
        for day in days_of(&test) {
            for instant in days::until(day, &question.model.zone) {
                out.push((*inner, Unary::Bound(true, instant_value(instant))));
            }
        }
        if out.is_empty() {
            out.push((*inner, Unary::Bound(true, Value::Timestamp(Instant::MIN))));
        }
        out
    }

    fn resolve(&self, question: &Question<'_, '_>, _plan: &Plan, atom: &Atom) -> Resolved {
        let today = self.day;
        let is_today = |t: &TermId| question.terms[t.index()].term == Term::Today;
        let is_day = |value: &Value| match value {
            Value::Date(date) => Some(days::number(*date)),
            _ => None,
        };
        let week_start = question.model.program.settings.week_start;
        if self.any_day && (matches!(atom, Atom::Window(..)) || terms_of(atom).iter().any(is_today))
        {
            return Resolved::Plain;
        }
        match atom {
            Atom::Eq(t, v) if is_today(t) => Resolved::Const(is_day(v) == Some(today)),
            Atom::In(t, list) if is_today(t) => {
                Resolved::Const(list.iter().any(|v| is_day(v) == Some(today)))
            }
            Atom::Bound(t, strict, v) if is_today(t) => Resolved::Const(
                is_day(v).is_some_and(|d| if *strict { today < d } else { today <= d }),
            ),
            Atom::Window(t, window) => {
                let (first, last) = days::ends(*window, today, week_start);
                if is_today(t) {
                    Resolved::Const(first <= today && today <= last)
                } else {
                    Resolved::Unary(*t, Unary::Between(first, last))
                }
            }
            Atom::Eq(t, v) => Resolved::Unary(*t, Unary::Eq(v.clone())),
            Atom::In(t, list) => Resolved::Unary(*t, Unary::In(list.clone())),
            Atom::Bound(t, strict, v) => Resolved::Unary(*t, Unary::Bound(*strict, v.clone())),
            Atom::Same(a, b) => {
                let value = Value::Date(days::date(today));
                match (is_today(a), is_today(b)) {
                    (true, _) => Resolved::Unary(*b, Unary::Eq(value)),
                    (_, true) => Resolved::Unary(*a, Unary::Eq(value)),
                    _ => Resolved::Same(*a, *b),
                }
            }
            Atom::Le(a, b) => {
                let value = Value::Date(days::date(today));
                match (is_today(a), is_today(b)) {
                    // today <= b: not b < today
                    (true, _) => Resolved::Not(*b, Unary::Bound(true, value)),
                    (_, true) => Resolved::Unary(*a, Unary::Bound(false, value)),
                    _ => Resolved::Le(*a, *b),
                }
            }
            Atom::Text(t, ..) => Resolved::Text(*t),
            Atom::Scope(..) | Atom::SameScope(..) => Resolved::Scope,
            _ => Resolved::Plain,
        }
    }

    fn atom(&mut self, question: &Question<'_, '_>, plan: &Plan, number: u32) -> Lit {
        let atom = &question.circuit.atoms[number as usize];
        match self.resolve(question, plan, atom) {
            Resolved::Const(value) => self.sat.of(value),
            Resolved::Unary(term, test) => self.unary(question, plan, term, &test),
            Resolved::Not(term, test) => !self.unary(question, plan, term, &test),
            Resolved::Same(a, b) => self.same(a, b),
            Resolved::Le(a, b) => match &mut self.classes[self.class_of[&a]] {
                Class::Order(class) => class.le(&mut self.sat, a, b),
                Class::Equality(_) | Class::Scope(_) => self.sat.no(),
            },
            Resolved::Text(term) => match (&self.classes[self.class_of[&term]], atom) {
                (Class::Equality(class), Atom::Text(_, test, literal)) => {
                    class.text(term, *test, literal)
                }
                _ => self.sat.no(),
            },
            Resolved::Scope => match atom {
                Atom::Scope(term, test) => match &self.classes[self.class_of[term]] {
                    Class::Scope(class) => class.test(&mut self.sat, *term, test),
                    _ => self.sat.no(),
                },
                Atom::SameScope(a, b) => match &self.classes[self.class_of[a]] {
                    Class::Scope(class) => class.same(&mut self.sat, *a, *b),
                    _ => self.sat.no(),
                },
                _ => self.sat.no(),
            },
            Resolved::Plain => {
                let lit = self.sat.fresh();
                if let Atom::Element(x, set) = atom {
                    self.elements.push((*set, *x, lit));
                }
                lit
            }
        }
    }

    fn unary(
        &mut self,
        question: &Question<'_, '_>,
        plan: &Plan,
        term: TermId,
        test: &Unary,
    ) -> Lit {
        if let Some(inner) = plan.bound_days.get(&term) {
            return self.day_test(question, *inner, test);
        }
        match &mut self.classes[self.class_of[&term]] {
            Class::Equality(class) => class.unary(&mut self.sat, term, test),
            Class::Order(class) => class.unary(&mut self.sat, term, test),
            Class::Scope(_) => self.sat.no(),
        }
    }

    /// A test of the day of an instant, as tests of the instant.
    fn day_test(&mut self, question: &Question<'_, '_>, inner: TermId, test: &Unary) -> Lit {
        let at_most = |encoding: &mut Self, day: Day| {
            let bounds: Vec<Lit> = days::until(day, &question.model.zone)
                .into_iter()
                .map(|instant| {
                    let bound = Unary::Bound(true, instant_value(instant));
                    match &mut encoding.classes[encoding.class_of[&inner]] {
                        Class::Order(class) => class.unary(&mut encoding.sat, inner, &bound),
                        _ => encoding.sat.no(),
                    }
                })
                .collect();
            // Before the first; from the second to before the third; …
            let mut parts = Vec::new();
            for (i, bound) in bounds.iter().enumerate() {
                if i % 2 == 0 {
                    let after = i.checked_sub(1).map(|p| !bounds[p]);
                    let piece: Vec<Lit> = after.into_iter().chain([*bound]).collect();
                    parts.push(encoding.sat.and(&piece));
                }
            }
            if bounds.len().is_multiple_of(2) {
                let last: Vec<Lit> = bounds.last().map(|b| !*b).into_iter().collect();
                parts.push(encoding.sat.and(&last));
            }
            encoding.sat.or(&parts)
        };
        let between = |encoding: &mut Self, first: Day, last: Day| {
            let upper = at_most(encoding, last);
            let lower = at_most(encoding, first - 1);
            encoding.sat.and(&[upper, !lower])
        };
        let day = |value: &Value| match value {
            Value::Date(date) => days::number(*date),
            _ => 0,
        };
        match test {
            Unary::Eq(value) => between(self, day(value), day(value)),
            Unary::In(values) => {
                let parts: Vec<Lit> = values
                    .iter()
                    .map(|v| between(self, day(v), day(v)))
                    .collect();
                self.sat.or(&parts)
            }
            Unary::Bound(strict, value) => at_most(self, day(value) - i64::from(*strict)),
            Unary::Between(first, last) => between(self, *first, *last),
        }
    }

    pub fn same(&mut self, a: TermId, b: TermId) -> Lit {
        match &mut self.classes[self.class_of[&a]] {
            Class::Equality(class) => class.same(&mut self.sat, a, b),
            Class::Order(class) => class.same(&mut self.sat, a, b),
            Class::Scope(_) => self.sat.no(),
        }
    }

    /// Equal values are elements of the same sets.
    fn add_sets(&mut self, question: &Question<'_, '_>) {
        let today = |t: TermId| question.terms[t.index()].term == Term::Today;
        let mut sets: BTreeMap<TermId, Vec<(TermId, Lit)>> = BTreeMap::new();
        for (set, x, lit) in &self.elements {
            if !(self.any_day && today(*x)) {
                sets.entry(*set).or_default().push((*x, *lit));
            }
        }
        for elements in sets.into_values() {
            // Values that are only equal or not: for each constant one literal says whether it is in the set.
            let others = elements.iter().find(|(x, _)| !today(*x));
            if let Some((x, _)) = others
                && let Class::Equality(class) = &mut self.classes[self.class_of[x]]
            {
                let date = Value::Date(days::date(self.day));
                class.elements(&mut self.sat, &elements, &today, &date);
                continue;
            }
            for (i, (x, in_x)) in elements.iter().enumerate() {
                for (y, in_y) in &elements[i + 1..] {
                    let date = Unary::Eq(Value::Date(days::date(self.day)));
                    let same = match (today(*x), today(*y)) {
                        (false, false) => self.same(*x, *y),
                        (of_x, _) => {
                            let term = if of_x { *y } else { *x };
                            match &self.classes[self.class_of[&term]] {
                                Class::Order(class) => class.unary(&mut self.sat, term, &date),
                                Class::Equality(_) | Class::Scope(_) => self.sat.no(),
                            }
                        }
                    };
                    self.sat.add(&[!same, !*in_x, *in_y]);
                    self.sat.add(&[!same, *in_x, !*in_y]);
                }
            }
        }
    }

    /// The literal of a formula.
    pub fn lit(&mut self, question: &Question<'_, '_>, formula: Bool) -> Lit {
        let node = formula.node();
        if self.nodes.len() < question.circuit.nodes.len() {
            self.nodes.resize(question.circuit.nodes.len(), None);
        }
        let lit = match self.nodes[node] {
            Some(lit) => lit,
            None => {
                let lit = match &question.circuit.nodes[node] {
                    Node::True => self.sat.yes(),
                    Node::Atom(atom) => match self.atoms.get(atom) {
                        Some(lit) => *lit,
                        // No formula of the question reaches it, so it is free.
                        None => self.sat.fresh(),
                    },
                    Node::And(parts) => {
                        let parts: Vec<Lit> =
                            parts.iter().map(|p| self.lit(question, *p)).collect();
                        self.sat.and(&parts)
                    }
                };
                self.nodes[node] = Some(lit);
                lit
            }
        };
        if formula.negated() { !lit } else { lit }
    }

    /// The literal of an atom, where formulas reach it.
    pub fn find(&self, question: &Question<'_, '_>, atom: &Atom) -> Option<Lit> {
        let node = question.circuit.find(atom)?;
        self.atoms.get(&node).copied()
    }

    /// Can everything hold, with these assumptions? Models that break a theory are refused with a lemma until one
    /// keeps them all.
    pub fn solve(&mut self, assumptions: &[Lit]) -> bool {
        loop {
            if !self.sat.solve(assumptions) {
                return false;
            }
            let mut lemmas: Vec<Vec<Lit>> = Vec::new();
            for class in &self.classes {
                match class {
                    Class::Equality(class) => class.check(&self.sat, &mut lemmas),
                    Class::Order(class) => class.check(&self.sat, &mut lemmas),
                    Class::Scope(_) => {}
                }
            }
            if lemmas.is_empty() {
                return true;
            }
            for lemma in lemmas {
                self.sat.add(&lemma);
            }
        }
    }
}

/// The days after which a test of days changes.
fn days_of(test: &Unary) -> Vec<Day> {
    let day = |value: &Value| match value {
        Value::Date(date) => days::number(*date),
        _ => 0,
    };
    match test {
        Unary::Eq(v) => vec![day(v) - 1, day(v)],
        Unary::In(list) => list.iter().flat_map(|v| [day(v) - 1, day(v)]).collect(),
        Unary::Bound(strict, v) => vec![day(v) - i64::from(*strict)],
        Unary::Between(first, last) => vec![first - 1, *last],
    }
}

fn instant_value(nanoseconds: i128) -> Value {
    Value::Timestamp(Instant::from_nanosecond(nanoseconds).unwrap_or(Instant::MAX))
}
