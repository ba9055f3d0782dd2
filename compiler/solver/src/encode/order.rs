//! Values with an order: integers, days and instants (bounds and differences), decimals (a dense order).
//!
//! A bound is a literal "at most c" or "less than c"; those of one term follow from one another in a chain. Between
//! terms there is "at most"; that chains of them agree with the bounds is looked at when a model is at hand.

use std::collections::{BTreeMap, BTreeSet};

use ambit_core::{Decimal, Instant, Type, Value};
use batsat::Lit;
use rustc_hash::FxHashMap;

use super::chains::{Chains, Edge, Side};
use super::{Mode, Plan, Unary};
use crate::atom::TermId;
use crate::days;
use crate::question::Question;
use crate::sat::Sat;

/// A value of an ordered type.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Num {
    /// An integer, a day, the nanoseconds of an instant.
    Whole(i128),
    /// A decimal.
    Dense(Decimal),
}

/// "Less than" (`closed` false) or "at most".
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Key {
    pub num: Num,
    pub closed: bool,
}

/// A class of terms that are compared by order.
#[derive(Debug)]
pub(crate) struct OrderClass {
    pub terms: Vec<TermId>,
    pub ty: Type,
    /// The bounds of each term, in order.
    pub bounds: FxHashMap<TermId, BTreeMap<Key, Lit>>,
    /// "At most", between terms.
    pub le: BTreeMap<(TermId, TermId), Lit>,
}

impl OrderClass {
    pub fn new(
        sat: &mut Sat<'_>,
        question: &Question<'_, '_>,
        plan: &Plan,
        terms: &[TermId],
        unary: &[Unary],
        mode: Mode,
    ) -> Self {
        let ty = question.terms[terms[0].index()].ty.clone();
        let mut keys: BTreeSet<Key> = BTreeSet::new();
        for test in unary {
            match test {
                Unary::Eq(value) => keys.extend(equal(num(value))),
                Unary::In(values) => keys.extend(values.iter().flat_map(|v| equal(num(v)))),
                Unary::Bound(strict, value) => {
                    keys.insert(key(num(value), !strict));
                }
                Unary::Between(first, last) => {
                    keys.insert(key(Num::Whole(i128::from(*first)), false));
                    keys.insert(key(Num::Whole(i128::from(*last)), true));
                }
            }
        }
        let day_of_instant = terms.iter().any(|t| plan.free_days.contains(t));
        let skipped: Vec<Num> = if day_of_instant {
            question
                .model
                .skipped()
                .to_vec()
                .into_iter()
                .map(|d| Num::Whole(i128::from(d)))
                .collect()
        } else {
            Vec::new()
        };
        // Only where a bound comes near can a day that does not exist matter; all are few.
        keys.extend(skipped.iter().cloned().flat_map(equal));
        if mode.witness {
            let default = crate::witness::default_value(question.model.program, &ty);
            keys.extend(equal(num(&default)));
            if day_of_instant {
                keys.extend(equal(num(&Value::Date(question.model.epoch()))));
            }
            keys.extend(
                lengths(&ty, &keys)
                    .into_iter()
                    .flat_map(|(low, high)| [key(low, false), key(high, true)]),
            );
        }
        let (least, most) = range(&ty);
        let (least, most) = (least.map(|l| key(l, true)), most.map(|m| key(m, true)));
        keys.retain(|k| {
            least.as_ref().is_none_or(|l| k >= l) && most.as_ref().is_none_or(|m| k < m)
        });
        let mut class = Self {
            terms: terms.to_vec(),
            ty,
            bounds: FxHashMap::default(),
            le: BTreeMap::new(),
        };
        for term in terms {
            let mut bounds = BTreeMap::new();
            let mut before: Option<Lit> = None;
            for key in &keys {
                let lit = sat.fresh();
                if let Some(before) = before {
                    sat.add(&[!before, lit]);
                }
                before = Some(lit);
                bounds.insert(key.clone(), lit);
            }
            class.bounds.insert(*term, bounds);
            if plan.free_days.contains(term) {
                for day in &skipped {
                    let equal = class.equals(sat, *term, day.clone());
                    sat.add(&[!equal]);
                }
            }
        }
        class
    }

    fn bound(&self, sat: &Sat<'_>, term: TermId, key: &Key) -> Lit {
        if let Some(lit) = self.bounds[&term].get(key) {
            return *lit;
        }
        // Out of the type's range: nothing is below, everything is.
        let (least, _) = range(&self.ty);
        sat.of(least.is_none_or(|l| *key >= self::key(l, true)))
    }

    /// The term is at most (`closed`), or less than, a value that some test names.
    pub fn at_most(&self, sat: &Sat<'_>, term: TermId, num: Num, closed: bool) -> Lit {
        self.bound(sat, term, &key(num, closed))
    }

    pub fn equals(&self, sat: &mut Sat<'_>, term: TermId, num: Num) -> Lit {
        let upper = self.bound(sat, term, &key(num.clone(), true));
        let lower = self.bound(sat, term, &key(num, false));
        sat.and(&[upper, !lower])
    }

    pub fn unary(&self, sat: &mut Sat<'_>, term: TermId, test: &Unary) -> Lit {
        match test {
            Unary::Eq(value) => self.equals(sat, term, num(value)),
            Unary::In(values) => {
                let mut list: Vec<Num> = values.iter().map(num).collect();
                list.sort_unstable();
                list.dedup();
                // Neighbours are one stretch.
                let mut parts = Vec::new();
                let mut at = 0;
                while at < list.len() {
                    let mut end = at;
                    while end + 1 < list.len() && next(&list[end]).as_ref() == Some(&list[end + 1])
                    {
                        end += 1;
                    }
                    let upper = self.bound(sat, term, &key(list[end].clone(), true));
                    let lower = self.bound(sat, term, &key(list[at].clone(), false));
                    parts.push(sat.and(&[upper, !lower]));
                    at = end + 1;
                }
                sat.or(&parts)
            }
            Unary::Bound(strict, value) => self.bound(sat, term, &key(num(value), !strict)),
            Unary::Between(first, last) => {
                let upper = self.bound(sat, term, &key(Num::Whole(i128::from(*last)), true));
                let lower = self.bound(sat, term, &key(Num::Whole(i128::from(*first)), false));
                sat.and(&[upper, !lower])
            }
        }
    }

    pub fn le(&mut self, sat: &mut Sat<'_>, a: TermId, b: TermId) -> Lit {
        if let Some(known) = self.le.get(&(a, b)) {
            return *known;
        }
        let (forth, back) = (sat.fresh(), sat.fresh());
        sat.add(&[forth, back]);
        self.le.insert((a, b), forth);
        self.le.insert((b, a), back);
        // What follows from one bound needs no lemma.
        for (x, y, le, less) in [(a, b, forth, !back), (b, a, back, !forth)] {
            for (key, upper) in &self.bounds[&y] {
                sat.add(&[!le, !*upper, self.bounds[&x][key]]);
                // Less than what is at most that: the next bound below.
                let below = self.bounds[&x].range(sink(key.clone(), true)..).next();
                if let Some((lower, lit)) = below
                    && lower < key
                {
                    sat.add(&[!less, !*upper, *lit]);
                }
            }
        }
        forth
    }

    pub fn same(&mut self, sat: &mut Sat<'_>, a: TermId, b: TermId) -> Lit {
        let (forth, back) = (self.le(sat, a, b), self.le(sat, b, a));
        sat.and(&[forth, back])
    }

    /// Chains of "at most" agree with one another and with the bounds: lemmas where a model says otherwise.
    pub fn check(&self, sat: &Sat<'_>, lemmas: &mut Vec<Vec<Lit>>) {
        if self.le.is_empty() {
            return;
        }
        if let Err(found) = self.chains(sat) {
            lemmas.extend(found);
        }
    }

    /// What follows from two of "at most" for a third that stands beside them, so that few lemmas are needed.
    pub fn triangles(&self, sat: &mut Sat<'_>) {
        let mut next: BTreeMap<TermId, Vec<TermId>> = BTreeMap::new();
        for (a, b) in self.le.keys() {
            next.entry(*a).or_default().push(*b);
        }
        let mut left = super::MOST_TRIANGLES;
        for ((a, b), first) in &self.le {
            for c in &next[b] {
                if let Some(third) = self.le.get(&(*a, *c))
                    && left > 0
                {
                    left -= 1;
                    sat.add(&[!*first, !self.le[&(*b, *c)], *third]);
                }
            }
        }
    }

    /// From where to where each term can lie in the model at hand, by its position. `Err`: it cannot, and why.
    pub fn chains(&self, sat: &Sat<'_>) -> Result<Chains, Vec<Vec<Lit>>> {
        let position: FxHashMap<TermId, usize> = self
            .terms
            .iter()
            .enumerate()
            .map(|(i, t)| (*t, i))
            .collect();
        let edges = self
            .le
            .iter()
            .filter_map(|((a, b), lit)| {
                let back = self.le[&(*b, *a)];
                // a <= b, or a < b where b <= a does not hold.
                let (strict, lit) = match (sat.value(*lit), sat.value(back)) {
                    (true, true) => (false, *lit),
                    (true, false) => (true, !back),
                    _ => return None,
                };
                Some(Edge {
                    from: position[a],
                    to: position[b],
                    strict,
                    lit,
                })
            })
            .collect();
        let (least, most) = range(&self.ty);
        let (least, most) = (least.map(|n| key(n, false)), most.map(|n| key(n, true)));
        let (mut low, mut high) = (Vec::new(), Vec::new());
        for term in &self.terms {
            let bounds = &self.bounds[term];
            // Not "at most c": more than c. The greatest such.
            let lower = bounds.iter().rev().find(|(_, lit)| !sat.value(**lit));
            let upper = bounds.iter().find(|(_, lit)| sat.value(**lit));
            low.push(Side {
                key: lower.map(|(k, _)| k).or(least.as_ref()).cloned(),
                lit: lower.map(|(_, lit)| !*lit),
                over: None,
            });
            high.push(Side {
                key: upper.map(|(k, _)| k).or(most.as_ref()).cloned(),
                lit: upper.map(|(_, lit)| *lit),
                over: None,
            });
        }
        Chains::new(edges, low, high)
    }
}

/// What is more than `key` is less than or at most something: that is then more than this.
pub(super) fn raise(key: Key, strict: bool) -> Key {
    match (&key.num, strict) {
        (_, false) => key,
        (Num::Whole(n), true) => Key {
            num: Num::Whole(n + 1),
            closed: true,
        },
        // More than a value beyond: also beyond; "at least v" becomes "more than v".
        (Num::Dense(_), true) => Key {
            closed: true,
            ..key
        },
    }
}

pub(super) fn sink(key: Key, strict: bool) -> Key {
    match (&key.num, strict) {
        (_, false) => key,
        (Num::Whole(n), true) => Key {
            num: Num::Whole(n - 1),
            closed: true,
        },
        (Num::Dense(_), true) => Key {
            closed: false,
            ..key
        },
    }
}

/// The bound "at most" (`closed`) or "less than"; among whole numbers "less than c" is "at most c - 1".
pub(crate) fn key(num: Num, closed: bool) -> Key {
    match (num, closed) {
        (Num::Whole(n), false) => Key {
            num: Num::Whole(n - 1),
            closed: true,
        },
        (num, closed) => Key { num, closed },
    }
}

fn equal(num: Num) -> [Key; 2] {
    [key(num.clone(), false), key(num, true)]
}

fn next(num: &Num) -> Option<Num> {
    match num {
        Num::Whole(n) => Some(Num::Whole(n + 1)),
        Num::Dense(_) => None,
    }
}

/// A value as a number of its order.
pub(crate) fn num(value: &Value) -> Num {
    match value {
        Value::Int(n) => Num::Whole(i128::from(*n)),
        Value::Decimal(d) => Num::Dense(d.clone()),
        Value::Date(date) => Num::Whole(i128::from(days::number(*date))),
        Value::Timestamp(t) => Num::Whole(t.as_nanosecond()),
        _ => Num::Whole(0),
    }
}

/// The value of a number.
pub(crate) fn value(ty: &Type, num: Num) -> Value {
    match (ty, num) {
        (Type::Int, Num::Whole(n)) => Value::Int(n as i64),
        (Type::Date, Num::Whole(n)) => Value::Date(days::date(n as i64)),
        (Type::Timestamp, Num::Whole(n)) => {
            Value::Timestamp(Instant::from_nanosecond(n).unwrap_or(Instant::MAX))
        }
        (_, Num::Dense(d)) => Value::Decimal(d),
        _ => Value::Null,
    }
}

/// The least and the greatest value of a type.
fn range(ty: &Type) -> (Option<Num>, Option<Num>) {
    let whole = |a: i128, b: i128| (Some(Num::Whole(a)), Some(Num::Whole(b)));
    match ty {
        Type::Int => whole(i128::from(i64::MIN), i128::from(i64::MAX)),
        Type::Date => whole(i128::from(days::first_day()), i128::from(days::last_day())),
        Type::Timestamp => whole(Instant::MIN.as_nanosecond(), Instant::MAX.as_nanosecond()),
        // Decimals have no end.
        _ => (None, None),
    }
}

/// The stretches of numbers that are written with so many characters, up to those of the keys.
pub(crate) fn lengths(ty: &Type, keys: &BTreeSet<Key>) -> Vec<(Num, Num)> {
    if !matches!(ty, Type::Int | Type::Decimal) {
        return Vec::new();
    }
    let longest = keys
        .iter()
        .map(|k| match &k.num {
            Num::Whole(n) => n.unsigned_abs().to_string().len(),
            Num::Dense(d) => d.digits().0.len().max(1),
        })
        .max()
        .unwrap_or(1)
        .min(17);
    (1..=longest as u32 + 1)
        .map(|length| {
            let high = 10_i64.pow(length) - 1;
            let low = -(10_i64.pow(length - 1) - 1);
            match ty {
                Type::Decimal => (
                    Num::Dense(Decimal::from(low)),
                    Num::Dense(Decimal::from(high)),
                ),
                _ => (Num::Whole(i128::from(low)), Num::Whole(i128::from(high))),
            }
        })
        .collect()
}
