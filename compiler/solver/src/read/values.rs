//! A value for each term of each class, as the model says: the simplest that its tests allow.

use std::collections::{BTreeMap, BTreeSet};

use ambit_core::{Type, Value};

use super::nth;
use crate::atom::TermId;
use crate::encode::{Class, Encoding, Key, Num, OrderClass, Plan, value_of};
use crate::question::Question;

/// A value for each term of each class, as the model says.
pub(super) fn values(
    question: &Question<'_, '_>,
    plan: &Plan,
    encoding: &Encoding,
) -> BTreeMap<TermId, Value> {
    let mut out = BTreeMap::new();
    for class in &encoding.classes {
        match class {
            Class::Equality(class) => equal_values(encoding, class, &mut out),
            Class::Order(class) => ordered_values(question, plan, encoding, class, &mut out),
            Class::Scope(_) => {}
        }
    }
    out
}

fn equal_values(
    encoding: &Encoding,
    class: &crate::encode::EqualityClass,
    out: &mut BTreeMap<TermId, Value>,
) {
    let sat = &encoding.sat;
    // Terms that are equal have one value.
    let mut groups: Vec<Vec<TermId>> = Vec::new();
    for term in &class.terms {
        let equal = |other: &TermId| {
            let key = (*other.min(term), *other.max(term));
            class.same.get(&key).is_some_and(|lit| sat.value(*lit))
        };
        let mut joined: Vec<TermId> = vec![*term];
        groups.retain(|group| {
            if group.iter().any(equal) {
                joined.extend(group);
                false
            } else {
                true
            }
        });
        joined.sort_unstable();
        groups.push(joined);
    }
    groups.sort_unstable();
    let mut taken: BTreeSet<Value> = BTreeSet::new();
    let constants: BTreeSet<&Value> = class.regions.iter().flatten().collect();
    for group in groups {
        let first = group[0];
        let value = match class.region(sat, first) {
            Some(region) => {
                let region = &class.regions[region];
                region
                    .iter()
                    .find(|v| !taken.contains(*v))
                    .or(region.first())
                    .cloned()
            }
            None => {
                let free = |v: &Value| !taken.contains(v) && !constants.contains(v);
                match class.ty {
                    Type::String => {
                        let tests = class.tests_of(sat, first);
                        crate::text::find(&tests, &|text| free(&Value::text(text))).map(Value::Text)
                    }
                    // As many as there are constants and groups are taken at most.
                    ref ty => (0..i64::from(u32::MAX))
                        .map(|n| nth(ty, n))
                        .find(|v| free(v)),
                }
            }
        };
        let Some(value) = value else { continue };
        taken.insert(value.clone());
        for term in group {
            out.insert(term, value.clone());
        }
    }
}

fn ordered_values(
    question: &Question<'_, '_>,
    plan: &Plan,
    encoding: &Encoding,
    class: &OrderClass,
    out: &mut BTreeMap<TermId, Value>,
) {
    let sat = &encoding.sat;
    let skipped: Vec<i64> = if class.terms.iter().any(|t| plan.free_days.contains(t)) {
        question.model.skipped().to_vec()
    } else {
        Vec::new()
    };
    let preferred = match class.ty {
        // Days of instants that stand for themselves begin at the epoch, too.
        Type::Date | Type::Int | Type::Timestamp => Num::Whole(0),
        _ => Num::Dense(rust_decimal::Decimal::ZERO),
    };
    let Ok(mut chains) = class.chains(sat) else {
        return;
    };
    for (position, term) in class.terms.iter().enumerate() {
        let span = chains.span(position);
        let mut num = pick(span.low, span.high, preferred);
        if plan.free_days.contains(term)
            && let Num::Whole(n) = num
            && skipped.contains(&(n as i64))
        {
            let beside = [n + 1, n - 1].map(Num::Whole);
            let inside = |c: &Num| {
                let key = crate::encode::key(*c, true);
                span.low.is_none_or(|l| key > l) && span.high.is_none_or(|h| key <= h)
            };
            num = beside.into_iter().find(inside).unwrap_or(num);
        }
        let key = |closed| crate::encode::key(num, closed);
        chains.fix(position, key(false), key(true));
        out.insert(*term, value_of(&class.ty, num));
    }
}

/// The simplest value above `low` and up to `high`: the preferred one, else the nearest to it.
fn pick(low: Option<Key>, high: Option<Key>, preferred: Num) -> Num {
    let at = |n: Num| crate::encode::key(n, true);
    let above = |n: Num| low.is_none_or(|l| at(n) > l || (!l.closed && l.num == n));
    let below = |n: Num| high.is_none_or(|h| at(n) <= h);
    if above(preferred) && below(preferred) {
        return preferred;
    }
    match (low, high) {
        (Some(low), _) if !above(preferred) => match low.num {
            Num::Whole(n) => Num::Whole(n + 1),
            Num::Dense(d) => Num::Dense(dense(d, !low.closed, high.map(|h| (h.num, h.closed)))),
        },
        (_, Some(high)) => match (high.num, high.closed) {
            (Num::Whole(n), _) => Num::Whole(n),
            (Num::Dense(d), true) => Num::Dense(d),
            (Num::Dense(d), false) => {
                // Below d, above low: mirror.
                let low = low.map(|l| (negate(l.num), !l.closed));
                Num::Dense(-dense(-d, false, low))
            }
        },
        _ => preferred,
    }
}

fn negate(num: Num) -> Num {
    match num {
        Num::Dense(d) => Num::Dense(-d),
        Num::Whole(n) => Num::Whole(-n),
    }
}

/// A short decimal that is at least (`closed`) or more than `low`, and within `high` (its second: itself counts).
fn dense(
    low: rust_decimal::Decimal,
    closed: bool,
    high: Option<(Num, bool)>,
) -> rust_decimal::Decimal {
    use rust_decimal::Decimal;
    let fits = |d: Decimal| {
        (d > low || (closed && d == low))
            && match high {
                Some((Num::Dense(h), true)) => d <= h,
                Some((Num::Dense(h), false)) => d < h,
                _ => true,
            }
    };
    for places in 0..=27 {
        let step = Decimal::new(1, places);
        let down =
            low.round_dp_with_strategy(places, rust_decimal::RoundingStrategy::ToNegativeInfinity);
        for candidate in [Some(down), down.checked_add(step)].into_iter().flatten() {
            if fits(candidate) {
                return candidate.normalize();
            }
        }
    }
    if let Some((Num::Dense(h), _)) = high
        && let Some(sum) = low.checked_add(h)
    {
        return sum / Decimal::TWO;
    }
    low
}
