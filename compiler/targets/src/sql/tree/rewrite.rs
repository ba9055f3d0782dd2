//! Conditions joined, and what becomes simpler by it.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::{Expr, Op};

impl Expr {
    /// `AND` of any number. Terms stand once, and lists of one operand become one list.
    pub fn all(terms: impl IntoIterator<Item = Self>) -> Self {
        let mut list = Joined::default();
        for term in terms {
            let flat = match term {
                Self::And(inner) => inner,
                Self::Bool(true) => continue,
                Self::Bool(false) => return Self::Bool(false),
                other => vec![other],
            };
            for term in flat {
                let kept = match Listed::of(term) {
                    Ok(Listed {
                        operand,
                        values,
                        within: true,
                    }) => list.intersect(operand, values),
                    Ok(Listed {
                        operand, values, ..
                    }) => list.unite(operand, values, false),
                    Err(other) => list.push(other),
                };
                if !kept {
                    return Self::Bool(false);
                }
            }
        }
        list.finish(true)
    }

    /// `OR` of any number. Terms stand once, and equalities of one operand become one list.
    pub fn any(terms: impl IntoIterator<Item = Self>) -> Self {
        let mut list = Joined::default();
        for term in terms {
            let flat = match term {
                Self::Or(inner) => inner,
                Self::Bool(false) => continue,
                Self::Bool(true) => return Self::Bool(true),
                other => vec![other],
            };
            for term in flat {
                let open = match Listed::of(term) {
                    Ok(Listed {
                        operand,
                        values,
                        within: true,
                    }) => list.unite(operand, values, true),
                    Ok(listed) => list.push(listed.back()),
                    Err(other) => list.push(other),
                };
                if !open {
                    return Self::Bool(true);
                }
            }
        }
        list.finish(false)
    }

    /// `IN`; an equality where there is one value; never true of none.
    pub fn within(operand: Self, mut values: Vec<Self>) -> Self {
        match values.len() {
            0 => Self::Bool(false),
            1 => operand.compare(Op::Eq, values.swap_remove(0)),
            _ => Self::In(Box::new(operand), values),
        }
    }

    /// `NOT IN` at least one value; `<>` where there is one.
    pub fn without(operand: Self, mut values: Vec<Self>) -> Self {
        match values.len() {
            0 => Self::Bool(true),
            1 => operand.compare(Op::Ne, values.swap_remove(0)),
            _ => Self::NotIn(Box::new(operand), values),
        }
    }
}

/// An operand that is, or is not, one of some literals.
struct Listed {
    operand: Expr,
    values: Vec<Expr>,
    within: bool,
}

impl Listed {
    fn of(term: Expr) -> Result<Self, Expr> {
        Ok(match term {
            Expr::Compare(operand, op @ (Op::Eq | Op::Ne), value)
                if value.is_literal() && !operand.is_literal() =>
            {
                Self {
                    operand: *operand,
                    values: vec![*value],
                    within: op == Op::Eq,
                }
            }
            Expr::In(operand, values) if values.iter().all(Expr::is_literal) => Self {
                operand: *operand,
                values,
                within: true,
            },
            Expr::NotIn(operand, values) if values.iter().all(Expr::is_literal) => Self {
                operand: *operand,
                values,
                within: false,
            },
            other => return Err(other),
        })
    }

    fn back(self) -> Expr {
        if self.within {
            Expr::within(self.operand, self.values)
        } else {
            Expr::without(self.operand, self.values)
        }
    }
}

/// The terms of a chain, in their order and without doubles.
#[derive(Default)]
struct Joined {
    slots: Vec<Slot>,
    /// Where terms stand, by their digest; only of chains that are not short.
    places: HashMap<u64, Vec<usize>>,
}

enum Slot {
    Plain(Expr),
    Listed {
        operand: Expr,
        values: Distinct,
        within: bool,
    },
}

/// Up to so many, looking at each is faster than a digest.
const SHORT: usize = 8;

fn digest(e: &Expr) -> u64 {
    let mut hasher = DefaultHasher::new();
    e.hash(&mut hasher);
    hasher.finish()
}

impl Slot {
    /// The term, or the operand of the list.
    fn subject(&self) -> &Expr {
        match self {
            Self::Plain(e) | Self::Listed { operand: e, .. } => e,
        }
    }
}

impl Joined {
    /// One more term; false where its opposite stands there, so that the two together decide the chain.
    fn push(&mut self, term: Expr) -> bool {
        // Of these exactly one holds of any value, whatever the engine's logic.
        let opposite = match &term {
            Expr::IsNull(e) => Some(Expr::IsNotNull(e.clone())),
            Expr::IsNotNull(e) => Some(Expr::IsNull(e.clone())),
            _ => None,
        };
        if let Some(opposite) = opposite {
            let is = |slot: &Slot| matches!(slot, Slot::Plain(e) if *e == opposite);
            if self.find(&opposite, is).is_some() {
                return false;
            }
        }
        let same = |slot: &Slot| matches!(slot, Slot::Plain(e) if *e == term);
        if self.find(&term, same).is_none() {
            self.add(Slot::Plain(term));
        }
        true
    }

    fn add(&mut self, slot: Slot) {
        if self.slots.len() == SHORT {
            for (place, slot) in self.slots.iter().enumerate() {
                let places = self.places.entry(digest(slot.subject())).or_default();
                places.push(place);
            }
        }
        if self.slots.len() >= SHORT {
            let places = self.places.entry(digest(slot.subject())).or_default();
            places.push(self.slots.len());
        }
        self.slots.push(slot);
    }

    /// The slot of this subject that is as wanted.
    fn find(&self, subject: &Expr, wanted: impl Fn(&Slot) -> bool) -> Option<usize> {
        if self.slots.len() <= SHORT {
            return self.slots.iter().position(wanted);
        }
        let places = self.places.get(&digest(subject))?;
        let is = |place: &&usize| self.slots.get(**place).is_some_and(&wanted);
        places.iter().find(is).copied()
    }

    /// The values listed for an operand.
    fn values(&mut self, subject: &Expr, wanted: bool) -> Option<&mut Distinct> {
        let place = self.find(subject, |slot| {
            matches!(slot, Slot::Listed { operand, within, .. } if *within == wanted && operand == subject)
        })?;
        match self.slots.get_mut(place)? {
            Slot::Listed { values, .. } => Some(values),
            Slot::Plain(_) => None,
        }
    }

    /// More values for an operand.
    fn unite(&mut self, operand: Expr, more: Vec<Expr>, within: bool) -> bool {
        if let Some(values) = self.values(&operand, within) {
            values.extend(more);
        } else {
            let mut values = Distinct::default();
            values.extend(more);
            self.add(Slot::Listed {
                operand,
                values,
                within,
            });
        }
        true
    }

    /// Fewer values for an operand; false where none are left.
    fn intersect(&mut self, operand: Expr, only: Vec<Expr>) -> bool {
        let Some(values) = self.values(&operand, true) else {
            return self.unite(operand, only, true);
        };
        let mut kept = Distinct::default();
        kept.extend(only);
        values.keep(&kept);
        !values.list.is_empty()
    }

    fn finish(self, and: bool) -> Expr {
        let mut terms: Vec<Expr> = self
            .slots
            .into_iter()
            .map(|slot| match slot {
                Slot::Plain(term) => term,
                Slot::Listed {
                    operand,
                    values,
                    within,
                } => Listed {
                    operand,
                    values: values.list,
                    within,
                }
                .back(),
            })
            .collect();
        match terms.len() {
            0 => Expr::Bool(and),
            1 => terms.swap_remove(0),
            _ if and => Expr::And(terms),
            _ => Expr::Or(terms),
        }
    }
}

/// Values in their order, without doubles.
#[derive(Default)]
struct Distinct {
    list: Vec<Expr>,
    /// Where values stand, by their digest; only of lists that are not short.
    places: HashMap<u64, Vec<usize>>,
}

impl Distinct {
    fn holds(&self, value: &Expr) -> bool {
        if self.list.len() <= SHORT {
            return self.list.contains(value);
        }
        let places = self.places.get(&digest(value)).into_iter().flatten();
        places.filter_map(|p| self.list.get(*p)).any(|v| v == value)
    }

    fn push(&mut self, value: Expr) {
        if self.holds(&value) {
            return;
        }
        if self.list.len() == SHORT {
            for (place, value) in self.list.iter().enumerate() {
                self.places.entry(digest(value)).or_default().push(place);
            }
        }
        if self.list.len() >= SHORT {
            let places = self.places.entry(digest(&value)).or_default();
            places.push(self.list.len());
        }
        self.list.push(value);
    }

    fn extend(&mut self, values: impl IntoIterator<Item = Expr>) {
        for value in values {
            self.push(value);
        }
    }

    fn keep(&mut self, only: &Self) {
        let list = std::mem::take(&mut self.list);
        self.places.clear();
        self.extend(list.into_iter().filter(|v| only.holds(v)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn c() -> Expr {
        Expr::Column {
            row: vec!["t".into()],
            name: "c".into(),
        }
    }

    fn is(i: i64) -> Expr {
        c().compare(Op::Eq, Expr::Int(i))
    }

    #[test]
    fn equalities_of_one_operand_become_a_list() {
        let list = |ids: &[i64]| Expr::within(c(), ids.iter().map(|i| Expr::Int(*i)).collect());
        assert_eq!(Expr::any([is(1), is(2), list(&[2, 3])]), list(&[1, 2, 3]));
        assert_eq!(Expr::all([list(&[1, 2]), list(&[2, 3])]), is(2));
        assert_eq!(Expr::all([is(1), is(2)]), Expr::Bool(false));
        let not = |i| c().compare(Op::Ne, Expr::Int(i));
        let neither = Expr::without(c(), vec![Expr::Int(1), Expr::Int(2)]);
        assert_eq!(Expr::all([not(1), not(2)]), neither);
        assert_eq!(Expr::any([not(1), not(2)]), Expr::Or(vec![not(1), not(2)]));
    }

    #[test]
    fn constants_and_doubles_go() {
        let known = c().known();
        assert_eq!(Expr::all([known.clone(), known.clone()]), known);
        assert_eq!(
            Expr::all([known.clone(), Expr::Bool(false)]),
            Expr::Bool(false)
        );
        assert_eq!(Expr::any([known.clone(), Expr::Bool(false)]), known);
        let null = Expr::IsNull(c().into());
        assert_eq!(
            Expr::any([null.clone(), is(1), known.clone()]),
            Expr::Bool(true)
        );
        assert_eq!(Expr::all([known.clone(), null]), Expr::Bool(false));
        assert_eq!(Expr::any([]), Expr::Bool(false));
        assert_eq!(Expr::all([]), Expr::Bool(true));
    }
}
