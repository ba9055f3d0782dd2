//! Values that are only equal or not, and texts with their tests.
//!
//! The constants of a class are grouped into *regions*: two constants on which every test comes out alike are in one.
//! A term lies in exactly one region, or (of a type with values without end) in none: then it has a value besides all
//! constants, and its tests of text follow from one another as language.md says ("What the solver decides", 3).

use std::collections::{BTreeMap, BTreeSet};

use ambit_core::{TextTest, Type, Value};
use batsat::Lit;
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::{Mode, Unary};
use crate::atom::TermId;
use crate::cond::text_test;
use crate::days;
use crate::question::Question;
use crate::sat::Sat;
use crate::witness::{default_value, length};

/// A class of terms that are at most compared for equality.
#[derive(Debug)]
pub(crate) struct EqualityClass {
    pub terms: Vec<TermId>,
    pub ty: Type,
    /// Constants that no test tells apart, each region sorted by length.
    pub regions: Vec<Vec<Value>>,
    region_of: FxHashMap<Value, usize>,
    /// The literals "in this region" of each term; the last is "in none", if there is such.
    pub lies: FxHashMap<TermId, Vec<Lit>>,
    pub has_other: bool,
    patterns: Vec<(TextTest, SmolStr)>,
    /// The literals of the tests of text of each term.
    tests: FxHashMap<TermId, Vec<Lit>>,
    pub same: BTreeMap<(TermId, TermId), Lit>,
    /// For each set that terms are tested against: these terms, and the literals "it is in the set".
    sets: Vec<Vec<(TermId, Lit)>>,
}

impl EqualityClass {
    pub fn new(
        sat: &mut Sat<'_>,
        question: &Question<'_, '_>,
        terms: &[TermId],
        unary: &[Unary],
        texts: &[(TextTest, SmolStr)],
        mode: Mode,
    ) -> Self {
        let ty = question.terms[terms[0].index()].ty.clone();
        let program = question.model.program;
        let mut patterns = texts.to_vec();
        patterns.sort_by(|a, b| (a.0 as u8, &a.1).cmp(&(b.0 as u8, &b.1)));
        patterns.dedup();
        let mut constants: BTreeSet<Value> = BTreeSet::new();
        for test in unary {
            match test {
                Unary::Eq(value) => {
                    constants.insert(value.clone());
                }
                Unary::In(values) => constants.extend(values.iter().cloned()),
                Unary::Bound(..) | Unary::Between(..) => {}
            }
        }
        let finite = match &ty {
            Type::Bool => {
                constants = [Value::Bool(false), Value::Bool(true)].into();
                true
            }
            Type::Enum(id) => {
                let members = &program.enumeration(*id).members;
                constants = members.iter().map(|m| Value::Text(m.clone())).collect();
                true
            }
            _ => false,
        };
        if mode.witness && !finite {
            constants.insert(default_value(program, &ty));
            if terms.iter().any(|t| question.is_day_of_instant(*t)) {
                constants.insert(Value::Date(question.model.epoch()));
            }
            small_values(&ty, &patterns, terms.len(), &mut constants);
        }
        let skipped = if ty == Type::Date && terms.iter().any(|t| question.is_day_of_instant(*t)) {
            question.model.skipped().to_vec()
        } else {
            Vec::new()
        };
        // A witness tells the default from other values, and short ones from long ones.
        let default = mode.witness.then(|| default_value(program, &ty));
        let epoch = Value::Date(question.model.epoch());
        let apart = |value: &Value| {
            default
                .as_ref()
                .map(|default| (value != default, *value != epoch, length(value)))
        };
        // A day that does not exist is no day of an instant.
        let missing = |value: &Value| match value {
            Value::Date(date) => skipped.contains(&days::number(*date)),
            _ => false,
        };
        let apart = |value: &Value| (missing(value), apart(value));
        let mut regions = regions_of(&constants, unary, &patterns, terms.len(), &apart);
        for region in &mut regions {
            region.sort_by_key(length);
        }
        let mut region_of = FxHashMap::default();
        for (i, region) in regions.iter().enumerate() {
            for value in region {
                region_of.insert(value.clone(), i);
            }
        }
        let mut class = Self {
            terms: terms.to_vec(),
            ty,
            regions,
            region_of,
            lies: FxHashMap::default(),
            has_other: !finite,
            patterns,
            tests: FxHashMap::default(),
            same: BTreeMap::new(),
            sets: Vec::new(),
        };
        for term in terms {
            class.add_term(sat, *term);
            if question.is_day_of_instant(*term) {
                for day in &skipped {
                    if let Some(region) = class.region_of.get(&Value::Date(days::date(*day))) {
                        let lies = class.lies[term][*region];
                        sat.add(&[!lies]);
                    }
                }
            }
        }
        class
    }

    fn add_term(&mut self, sat: &mut Sat<'_>, term: TermId) {
        let count = self.regions.len() + usize::from(self.has_other);
        let lies: Vec<Lit> = match count {
            0 => Vec::new(),
            1 => vec![sat.yes()],
            2 => {
                let first = sat.fresh();
                vec![first, !first]
            }
            _ => {
                let lies: Vec<Lit> = (0..count).map(|_| sat.fresh()).collect();
                sat.exactly_one(&lies);
                lies
            }
        };
        let tests: Vec<Lit> = self
            .patterns
            .iter()
            .map(|(_, literal)| {
                if literal.is_empty() {
                    sat.yes()
                } else {
                    sat.fresh()
                }
            })
            .collect();
        for (region, lies) in self.regions.iter().zip(&lies) {
            let Some(Value::Text(text)) = region.first() else {
                continue;
            };
            for ((test, literal), holds) in self.patterns.iter().zip(&tests) {
                let outcome = text_test(text, *test, literal);
                sat.add(&[!*lies, if outcome { *holds } else { !*holds }]);
            }
        }
        for (i, a) in self.patterns.iter().enumerate() {
            for (j, b) in self.patterns.iter().enumerate() {
                if i == j {
                    continue;
                }
                if follows(a, b) {
                    sat.add(&[!tests[i], tests[j]]);
                } else if i < j && excludes(a, b) {
                    sat.add(&[!tests[i], !tests[j]]);
                }
            }
        }
        self.lies.insert(term, lies);
        self.tests.insert(term, tests);
    }

    pub fn unary(&self, sat: &mut Sat<'_>, term: TermId, test: &Unary) -> Lit {
        let lies = &self.lies[&term];
        let one = |value: &Value| self.region_of.get(value).map(|r| lies[*r]);
        match test {
            Unary::Eq(value) => one(value).unwrap_or(sat.no()),
            Unary::In(values) => {
                let mut parts: Vec<Lit> = values.iter().filter_map(one).collect();
                parts.sort_unstable();
                parts.dedup();
                sat.or(&parts)
            }
            Unary::Bound(..) | Unary::Between(..) => sat.no(),
        }
    }

    pub fn text(&self, term: TermId, test: TextTest, literal: &SmolStr) -> Lit {
        let position = self
            .patterns
            .iter()
            .position(|(t, l)| *t == test && l == literal);
        self.tests[&term][position.unwrap_or(0)]
    }

    pub fn same(&mut self, sat: &mut Sat<'_>, a: TermId, b: TermId) -> Lit {
        let key = (a.min(b), a.max(b));
        if let Some(known) = self.same.get(&key) {
            return *known;
        }
        let same = sat.fresh();
        let (of_a, of_b) = (self.lies[&a].clone(), self.lies[&b].clone());
        for (i, (x, y)) in of_a.iter().zip(&of_b).enumerate() {
            sat.add(&[!same, !*x, *y]);
            sat.add(&[!same, *x, !*y]);
            if self.regions.get(i).is_some_and(|r| r.len() == 1) {
                sat.add(&[!*x, !*y, same]);
            }
        }
        for (x, y) in self.tests[&a].iter().zip(&self.tests[&b]) {
            sat.add(&[!same, !*x, *y]);
            sat.add(&[!same, *x, !*y]);
        }
        self.same.insert(key, same);
        same
    }

    /// Terms with one value are elements of a set together. Those that no test makes equal, and that lie where there are
    /// values enough, can have values of their own. What is equal by way of other terms is found by [`Self::check`].
    pub fn elements(
        &mut self,
        sat: &mut Sat<'_>,
        elements: &[(TermId, Lit)],
        today: &dyn Fn(TermId) -> bool,
        date: &Value,
    ) {
        for (number, region) in self.regions.iter().enumerate() {
            if region.len() != 1 {
                continue;
            }
            let holds = sat.fresh();
            for (term, within) in elements {
                let lies = if today(*term) {
                    sat.of(region[0] == *date)
                } else {
                    self.lies[term][number]
                };
                sat.add(&[!lies, !*within, holds]);
                sat.add(&[!lies, *within, !holds]);
            }
        }
        let of: FxHashMap<TermId, Lit> = elements.iter().copied().collect();
        for ((a, b), same) in &self.same {
            if let (Some(a), Some(b)) = (of.get(a), of.get(b)) {
                sat.add(&[!*same, !*a, *b]);
                sat.add(&[!*same, *a, !*b]);
            }
        }
        let terms = elements.iter().filter(|(term, _)| !today(*term));
        self.sets.push(terms.copied().collect());
    }

    /// What follows from two equalities for a third that stands beside them, so that few lemmas are needed.
    pub fn triangles(&self, sat: &mut Sat<'_>) {
        let mut next: BTreeMap<TermId, Vec<(TermId, Lit)>> = BTreeMap::new();
        for ((a, b), lit) in &self.same {
            next.entry(*a).or_default().push((*b, *lit));
        }
        let mut left = super::MOST_TRIANGLES;
        // a < b < c, each once.
        for ((a, b), first) in &self.same {
            for (c, second) in next.get(b).into_iter().flatten() {
                if let Some(third) = self.same.get(&(*a, *c))
                    && left > 0
                {
                    left -= 1;
                    sat.add(&[!*first, !*second, *third]);
                    sat.add(&[!*first, *second, !*third]);
                    sat.add(&[*first, !*second, !*third]);
                }
            }
        }
    }

    /// Equality is transitive, and what is equal is in the same sets: lemmas where a model says otherwise.
    pub fn check(&self, sat: &Sat<'_>, lemmas: &mut Vec<Vec<Lit>>) {
        // Of one equality all that follows is written.
        if self.same.len() < 2 {
            return;
        }
        let position: FxHashMap<TermId, u32> =
            (0..).zip(&self.terms).map(|(i, t)| (*t, i)).collect();
        let mut parent: Vec<u32> = (0..self.terms.len() as u32).collect();
        let mut edges: BTreeMap<TermId, Vec<(TermId, Lit)>> = BTreeMap::new();
        for ((a, b), lit) in &self.same {
            if sat.value(*lit) {
                edges.entry(*a).or_default().push((*b, *lit));
                edges.entry(*b).or_default().push((*a, *lit));
                let (a, b) = (
                    super::plan::find(&mut parent, position[a]),
                    super::plan::find(&mut parent, position[b]),
                );
                parent[a.max(b) as usize] = a.min(b);
            }
        }
        for ((a, b), lit) in &self.same {
            if sat.value(*lit)
                || super::plan::find(&mut parent, position[a])
                    != super::plan::find(&mut parent, position[b])
            {
                continue;
            }
            if let Some(path) = path(&edges, *a, *b) {
                let mut lemma: Vec<Lit> = path.into_iter().map(|l| !l).collect();
                lemma.push(*lit);
                lemmas.push(lemma);
                if lemmas.len() >= super::MOST_LEMMAS {
                    return;
                }
            }
        }
        for set in &self.sets {
            // Of what is equal, one that is in the set.
            let mut within: FxHashMap<u32, (TermId, Lit)> = FxHashMap::default();
            for (term, lit) in set.iter().filter(|(_, lit)| sat.value(*lit)) {
                let group = super::plan::find(&mut parent, position[term]);
                within.entry(group).or_insert((*term, *lit));
            }
            for (term, lit) in set.iter().filter(|(_, lit)| !sat.value(*lit)) {
                let group = super::plan::find(&mut parent, position[term]);
                if let Some((other, holds)) = within.get(&group)
                    && let Some(path) = path(&edges, *other, *term)
                {
                    let mut lemma: Vec<Lit> = path.into_iter().map(|l| !l).collect();
                    lemma.extend([!*holds, *lit]);
                    lemmas.push(lemma);
                    if lemmas.len() >= super::MOST_LEMMAS {
                        return;
                    }
                }
            }
        }
    }

    /// The tests of text of a term that hold, or do not.
    pub fn tests_of(&self, sat: &Sat<'_>, term: TermId) -> Vec<(TextTest, SmolStr, bool)> {
        self.patterns
            .iter()
            .zip(&self.tests[&term])
            .map(|((test, literal), lit)| (*test, literal.clone(), sat.value(*lit)))
            .collect()
    }

    /// The region in which a term lies; `None`: in none.
    pub fn region(&self, sat: &Sat<'_>, term: TermId) -> Option<usize> {
        self.lies[&term]
            .iter()
            .take(self.regions.len())
            .position(|lit| sat.value(*lit))
    }
}

/// A way from one term to another over equalities, the shortest.
fn path(
    edges: &BTreeMap<TermId, Vec<(TermId, Lit)>>,
    from: TermId,
    to: TermId,
) -> Option<Vec<Lit>> {
    let mut came: BTreeMap<TermId, (TermId, Lit)> = BTreeMap::new();
    let mut work = std::collections::VecDeque::from([from]);
    while let Some(at) = work.pop_front() {
        if at == to {
            let mut out = Vec::new();
            let mut here = to;
            while here != from {
                let (before, lit) = came[&here];
                out.push(lit);
                here = before;
            }
            return Some(out);
        }
        for (next, lit) in edges.get(&at).into_iter().flatten() {
            if *next != from && !came.contains_key(next) {
                came.insert(*next, (at, *lit));
                work.push_back(*next);
            }
        }
    }
    None
}

/// What tells constants apart besides tests: it is no value of the type; and, for a witness, it is not the default, not
/// the epoch, and so long.
type Apart = (bool, Option<(bool, bool, usize)>);

/// Groups constants on which all tests come out alike. Where terms are compared, a group that they could use up is
/// told apart.
fn regions_of(
    constants: &BTreeSet<Value>,
    unary: &[Unary],
    patterns: &[(TextTest, SmolStr)],
    terms: usize,
    apart: &dyn Fn(&Value) -> Apart,
) -> Vec<Vec<Value>> {
    let mut outcomes: FxHashMap<&Value, Vec<u32>> = FxHashMap::default();
    for constant in constants {
        outcomes.insert(constant, Vec::new());
    }
    let mut seen: rustc_hash::FxHashSet<&Unary> = rustc_hash::FxHashSet::default();
    for (number, test) in unary.iter().enumerate() {
        if !seen.insert(test) {
            continue;
        }
        let values: &[Value] = match test {
            Unary::Eq(value) => std::slice::from_ref(value),
            Unary::In(values) => values,
            Unary::Bound(..) | Unary::Between(..) => &[],
        };
        for value in values {
            if let Some(list) = outcomes.get_mut(value) {
                list.push(number as u32);
            }
        }
    }
    let mut groups: BTreeMap<_, Vec<Value>> = BTreeMap::new();
    for constant in constants {
        let texts = match constant {
            Value::Text(text) => patterns
                .iter()
                .map(|(test, literal)| text_test(text, *test, literal))
                .collect(),
            _ => Vec::new(),
        };
        let mut tests = outcomes.remove(constant).unwrap_or_default();
        tests.dedup();
        groups
            .entry((tests, texts, apart(constant)))
            .or_default()
            .push(constant.clone());
    }
    let mut regions = Vec::new();
    for group in groups.into_values() {
        if terms > 1 && group.len() < terms.max(2) {
            regions.extend(group.into_iter().map(|v| vec![v]));
        } else {
            regions.push(group);
        }
    }
    regions
}

/// Whatever passes the first test passes the second.
fn follows(a: &(TextTest, SmolStr), b: &(TextTest, SmolStr)) -> bool {
    use TextTest::{Contains, EndsWith, StartsWith};
    match (a.0, b.0) {
        (StartsWith, StartsWith) => a.1.starts_with(b.1.as_str()),
        (EndsWith, EndsWith) => a.1.ends_with(b.1.as_str()),
        (_, Contains) => a.1.contains(b.1.as_str()),
        _ => false,
    }
}

/// Nothing passes both.
fn excludes(a: &(TextTest, SmolStr), b: &(TextTest, SmolStr)) -> bool {
    use TextTest::{EndsWith, StartsWith};
    match (a.0, b.0) {
        (StartsWith, StartsWith) => {
            !a.1.starts_with(b.1.as_str()) && !b.1.starts_with(a.1.as_str())
        }
        (EndsWith, EndsWith) => !a.1.ends_with(b.1.as_str()) && !b.1.ends_with(a.1.as_str()),
        _ => false,
    }
}

/// Values that a small witness would take, besides the constants.
fn small_values(
    ty: &Type,
    patterns: &[(TextTest, SmolStr)],
    terms: usize,
    constants: &mut BTreeSet<Value>,
) {
    let wanted = terms.min(8) + 1;
    match ty {
        Type::Int => {
            let fresh: Vec<Value> = (1..)
                .map(Value::Int)
                .filter(|v| !constants.contains(v))
                .take(wanted)
                .collect();
            constants.extend(fresh);
        }
        Type::Decimal => {
            let fresh: Vec<Value> = (1..)
                .map(|n: i64| Value::Decimal(n.into()))
                .filter(|v| !constants.contains(v))
                .take(wanted)
                .collect();
            constants.extend(fresh);
        }
        Type::String => {
            let fresh: Vec<Value> = ('a'..='z')
                .map(|c| Value::Text(SmolStr::from_iter([c])))
                .filter(|v| !constants.contains(v))
                .take(wanted)
                .collect();
            constants.extend(fresh);
            let merged = crate::text::candidates(patterns);
            constants.extend(merged.into_iter().map(Value::Text));
        }
        _ => {}
    }
}
