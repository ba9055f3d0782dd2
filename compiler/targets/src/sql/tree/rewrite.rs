//! Conditions joined, and what becomes simpler by it.

use std::collections::{HashMap, HashSet};

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
                match Listed::of(term) {
                    Ok(Listed {
                        operand,
                        values,
                        within: true,
                    }) => list.unite(operand, values, true),
                    Ok(listed) => list.push(listed.back()),
                    Err(other) => list.push(other),
                };
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

/// The terms of a chain.
#[derive(Default)]
struct Joined {
    slots: Vec<Slot>,
    /// Where an operand is listed: by operand and whether it is within.
    listed: HashMap<(Expr, bool), usize>,
    seen: HashSet<Expr>,
}

enum Slot {
    Plain(Expr),
    Listed {
        operand: Expr,
        values: Vec<Expr>,
        seen: HashSet<Expr>,
        within: bool,
    },
}

impl Joined {
    fn push(&mut self, term: Expr) -> bool {
        if self.seen.insert(term.clone()) {
            self.slots.push(Slot::Plain(term));
        }
        true
    }

    fn slot(&mut self, operand: &Expr, within: bool) -> Option<&mut Slot> {
        let position = *self.listed.get(&(operand.clone(), within))?;
        self.slots.get_mut(position)
    }

    fn start(&mut self, operand: Expr, values: Vec<Expr>, within: bool) {
        self.listed
            .insert((operand.clone(), within), self.slots.len());
        let mut seen = HashSet::new();
        let values = values
            .into_iter()
            .filter(|v| seen.insert(v.clone()))
            .collect();
        self.slots.push(Slot::Listed {
            operand,
            values,
            seen,
            within,
        });
    }

    /// More values for an operand.
    fn unite(&mut self, operand: Expr, more: Vec<Expr>, within: bool) -> bool {
        if let Some(Slot::Listed { values, seen, .. }) = self.slot(&operand, within) {
            values.extend(more.into_iter().filter(|v| seen.insert(v.clone())));
        } else {
            self.start(operand, more, within);
        }
        true
    }

    /// Fewer values for an operand; false where none are left.
    fn intersect(&mut self, operand: Expr, only: Vec<Expr>) -> bool {
        if let Some(Slot::Listed { values, .. }) = self.slot(&operand, true) {
            let only: HashSet<Expr> = only.into_iter().collect();
            values.retain(|v| only.contains(v));
            return !values.is_empty();
        }
        self.start(operand, only, true);
        true
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
                    ..
                } => Listed {
                    operand,
                    values,
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
        assert_eq!(Expr::any([]), Expr::Bool(false));
        assert_eq!(Expr::all([]), Expr::Bool(true));
    }
}
