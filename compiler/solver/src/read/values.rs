//! A value for each term of each class, as the model says: the simplest that its tests allow.

use std::collections::{BTreeMap, BTreeSet};

use ambit_core::{Decimal, Type, Value};

use super::nth;
use crate::atom::TermId;
use crate::encode::{Class, Encoding, Key, Num, OrderClass, Plan, value_of};
use crate::question::Question;

/// A value for each term of each class, as the model says.
pub(super) fn values(
    question: &Question<'_, '_>,
    plan: &Plan,
    encoding: &Encoding<'_>,
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
    encoding: &Encoding<'_>,
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
    encoding: &Encoding<'_>,
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
        _ => Num::Dense(Decimal::zero()),
    };
    let Ok(mut chains) = class.chains(sat) else {
        return;
    };
    for (position, term) in class.terms.iter().enumerate() {
        let span = chains.span(position);
        let mut num = pick(span.low.as_ref(), span.high.as_ref(), &preferred);
        if plan.free_days.contains(term)
            && let Num::Whole(n) = num
            && skipped.contains(&(n as i64))
        {
            let beside = [n + 1, n - 1].map(Num::Whole);
            let inside = |c: &Num| {
                let key = crate::encode::key(c.clone(), true);
                span.low.as_ref().is_none_or(|l| key > *l)
                    && span.high.as_ref().is_none_or(|h| key <= *h)
            };
            num = beside.into_iter().find(inside).unwrap_or(num);
        }
        let key = |closed| crate::encode::key(num.clone(), closed);
        chains.fix(position, key(false), key(true));
        out.insert(*term, value_of(&class.ty, num));
    }
}

/// The simplest value above `low` and up to `high`: the preferred one, else one near to it.
fn pick(low: Option<&Key>, high: Option<&Key>, preferred: &Num) -> Num {
    let at = crate::encode::key(preferred.clone(), true);
    let above = low.is_none_or(|l| at > *l || (!l.closed && l.num == *preferred));
    let below = high.is_none_or(|h| at <= *h);
    match (low, high) {
        (Some(low), _) if !above => match &low.num {
            Num::Whole(n) => Num::Whole(n + 1),
            Num::Dense(d) => Num::Dense(dense(d, !low.closed, high.and_then(end).as_ref())),
        },
        (_, Some(high)) if !below => match &high.num {
            Num::Whole(n) => Num::Whole(*n),
            // Up to d, above low: mirrored.
            Num::Dense(d) => {
                let low = low.and_then(end).map(|(l, closed)| (-&l, !closed));
                Num::Dense(-&dense(&-d, high.closed, low.as_ref()))
            }
        },
        _ => preferred.clone(),
    }
}

/// The decimal of a key, and whether that itself is "at most" it.
fn end(key: &Key) -> Option<(Decimal, bool)> {
    match &key.num {
        Num::Dense(d) => Some((d.clone(), key.closed)),
        Num::Whole(_) => None,
    }
}

/// A short decimal that is at least (`closed`) or more than `low`, and within `high` (its second: itself counts): of
/// those with the fewest places the first.
fn dense(low: &Decimal, closed: bool, high: Option<&(Decimal, bool)>) -> Decimal {
    let fits = |d: &Decimal| {
        (d > low || (closed && d == low))
            && match high {
                Some((h, true)) => d <= h,
                Some((h, false)) => d < h,
                None => true,
            }
    };
    // Between two decimals lies one with a place more than both.
    let most = high.map_or(0, |(h, _)| h.places()).max(low.places()) + 1;
    for places in 0..=most {
        let down = low.floor(places);
        let up = down.plus(&Decimal::scaled(1, places));
        if let Some(found) = [down, up].into_iter().find(fits) {
            return found;
        }
    }
    low.clone()
}
