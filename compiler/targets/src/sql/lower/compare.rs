//! Comparisons and lists of values.

use ambit_core::{CompareOp, Operand, Value};

use super::path::Joins;
use super::term::{Open, Side, Term, op, own_domain};
use super::{Lowering, RowRef};
use crate::sql::domain::Domain;
use crate::sql::tree::{Expr, Op};
use crate::target::Refusal;

impl Lowering<'_> {
    pub(super) fn compare(
        &mut self,
        left: &Operand,
        operator: CompareOp,
        right: &Operand,
        row: &RowRef,
        want: bool,
    ) -> Result<Expr, Refusal> {
        let hint = self
            .domain_of(left)
            .or_else(|| self.domain_of(right))
            .or_else(|| match left {
                Operand::Const(value) => own_domain(value),
                _ => None,
            });
        let mut joins = Joins::default();
        let left = self.side(left, row, &mut joins, hint)?;
        let right = self.side(right, row, &mut joins, hint)?;
        let operator = if want {
            op(operator)
        } else {
            op(operator).negated()
        };
        let holds = self.compare_sides(left, operator, right)?;
        Ok(joins.around(holds))
    }

    /// Where two known values compare so. (False is said by the negated operator.)
    fn compare_sides(&mut self, left: Side, op: Op, right: Side) -> Result<Expr, Refusal> {
        Ok(match (left, right) {
            (Side::Unknown, _) | (_, Side::Unknown) => Expr::Bool(false),
            (Side::Known(_, a), Side::Known(_, b)) => Expr::Bool(known(&a, op, &b)),
            (Side::Term(term), Side::Known(_, value)) => self.compare_known(&term, op, &value)?,
            (Side::Known(_, value), Side::Term(term)) => {
                self.compare_known(&term, op.mirrored(), &value)?
            }
            (Side::Day(instant), Side::Known(_, Value::Date(day))) => {
                self.compare_day(&instant, op, day)
            }
            (Side::Known(_, Value::Date(day)), Side::Day(instant)) => {
                self.compare_day(&instant, op.mirrored(), day)
            }
            (left, right) => match (self.term(left)?, self.term(right)?) {
                (Some(left), Some(right)) => self.compare_terms(&left, op, &right)?,
                _ => Expr::Bool(false),
            },
        })
    }

    fn compare_known(&self, term: &Term, op: Op, value: &Value) -> Result<Expr, Refusal> {
        match op {
            Op::Eq => self.one_of(term, std::slice::from_ref(value), true),
            Op::Ne => self.one_of(term, std::slice::from_ref(value), false),
            _ if !ordered(term.domain) => Ok(Expr::Bool(false)),
            _ => {
                let Some(literal) = self.literal(term.domain, value)? else {
                    return Ok(Expr::Bool(false));
                };
                let holds = term.form.key.clone().compare(op, literal);
                let formed = term.formed(Open::left_of(op));
                Ok(Expr::all(formed.into_iter().chain([holds])))
            }
        }
    }

    pub(super) fn compare_terms(&self, left: &Term, op: Op, right: &Term) -> Result<Expr, Refusal> {
        let equality = matches!(op, Op::Eq | Op::Ne);
        if left.domain != right.domain || !(equality || ordered(left.domain)) {
            return Ok(Expr::Bool(false));
        }
        let (open, other) = if equality {
            // An infinity equals itself, and differs from all else.
            (Open::Both, Open::Both)
        } else {
            (Open::left_of(op), Open::left_of(op.mirrored()))
        };
        let mut all = left.formed(open);
        // What equals something well formed is well formed, where nothing else is equal to it.
        if op != Op::Eq || !(self.engine.exact)(left.domain) || all.is_empty() {
            all.extend(right.formed(other));
        }
        all.extend(self.member(left)?);
        if op != Op::Eq || left.members != right.members {
            all.extend(self.member(right)?);
        }
        all.push(left.form.key.clone().compare(op, right.form.key.clone()));
        Ok(Expr::all(all))
    }

    /// `x in [a, b]`, and `x = a`.
    pub(super) fn in_values(
        &mut self,
        operand: &Operand,
        values: &[Value],
        row: &RowRef,
        want: bool,
    ) -> Result<Expr, Refusal> {
        let hint = self
            .domain_of(operand)
            .or_else(|| values.first().and_then(own_domain));
        let mut joins = Joins::default();
        let side = self.side(operand, row, &mut joins, hint)?;
        let holds = self.side_in(side, values, want)?;
        Ok(joins.around(holds))
    }

    /// That a side is (or certainly is not) one of some known values.
    pub(super) fn side_in(
        &mut self,
        side: Side,
        values: &[Value],
        want: bool,
    ) -> Result<Expr, Refusal> {
        Ok(match side {
            Side::Unknown => Expr::Bool(false),
            Side::Known(_, value) => {
                let mut outcomes = values.iter().map(|v| (v, known(&value, Op::Eq, v)));
                Expr::Bool(if want {
                    outcomes.any(|(_, equal)| equal)
                } else {
                    outcomes.all(|(v, _)| known(&value, Op::Ne, v))
                })
            }
            Side::Term(term) => self.one_of(&term, values, want)?,
            Side::Day(instant) => {
                let op = if want { Op::Eq } else { Op::Ne };
                let days = values.iter().map(|v| match v {
                    Value::Date(day) => self.compare_day(&instant, op, *day),
                    _ => Expr::Bool(false),
                });
                let days: Vec<Expr> = days.collect();
                if want {
                    Expr::any(days)
                } else {
                    // Not to be one of none is to be there at all.
                    Expr::all(days.into_iter().chain([instant.present()]))
                }
            }
        })
    }

    /// That a term is, or certainly is not, one of some values.
    pub(super) fn one_of(
        &self,
        term: &Term,
        values: &[Value],
        want: bool,
    ) -> Result<Expr, Refusal> {
        if let Some(id) = term.members {
            // Inside its enum: one of these members, or one of the others.
            let members: Vec<Value> = self
                .members(id)
                .iter()
                .map(|m| Value::Text(m.clone()))
                .filter(|m| values.contains(m) == want)
                .collect();
            return if !want && values.iter().any(|v| !matches!(v, Value::Text(_))) {
                Ok(Expr::Bool(false))
            } else {
                self.within(term, &members)
            };
        }
        if want {
            return self.within(term, values);
        }
        let mut literals = Vec::new();
        for value in values {
            match self.literal(term.domain, value)? {
                Some(literal) => literals.push(literal),
                // Not to equal something of another type is unknown.
                None => return Ok(Expr::Bool(false)),
            }
        }
        if literals.is_empty() {
            return Ok(term.present());
        }
        let formed = term.formed(Open::Both);
        let other = Expr::without(term.form.key.clone(), literals);
        Ok(Expr::all(formed.into_iter().chain([other])))
    }
}

/// Text and booleans have no order.
fn ordered(domain: Domain) -> bool {
    !matches!(domain, Domain::Text | Domain::Bool)
}

/// Whether two known values compare so; of two types, or an order that does not exist, they do not.
pub(super) fn known(left: &Value, op: Op, right: &Value) -> bool {
    let order = match (left, right) {
        (Value::Bool(a), Value::Bool(b)) => return equality(a == b, op),
        (Value::Text(a), Value::Text(b)) => return equality(a == b, op),
        (Value::Int(a), Value::Int(b)) => a.cmp(b),
        (Value::Decimal(a), Value::Decimal(b)) => a.cmp(b),
        (Value::Date(a), Value::Date(b)) => a.cmp(b),
        (Value::Timestamp(a), Value::Timestamp(b)) => a.cmp(b),
        _ => return false,
    };
    match op {
        Op::Eq => order.is_eq(),
        Op::Ne => order.is_ne(),
        Op::Lt => order.is_lt(),
        Op::Le => order.is_le(),
        Op::Gt => order.is_gt(),
        Op::Ge => order.is_ge(),
    }
}

fn equality(equal: bool, op: Op) -> bool {
    match op {
        Op::Eq => equal,
        Op::Ne => !equal,
        _ => false,
    }
}
