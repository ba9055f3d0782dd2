//! Comparisons, lists, sets and tests of text.

use ambit_core::{AttributeId, CompareOp, Operand, TextTest, Value};
use smol_str::SmolStr;

use super::operand::{literal, op, own_domain};
use super::{Lowering, Refusal, RowRef};
use crate::sql::tree::{Expr, Op};

impl Lowering<'_> {
    pub(super) fn compare(
        &mut self,
        left: &Operand,
        operator: CompareOp,
        right: &Operand,
        row: &RowRef,
    ) -> Result<Expr, Refusal> {
        if let Some(instants) = self.compare_day(left, operator, right, row)? {
            return Ok(instants);
        }
        let kind = self
            .domain_of(left)
            .or_else(|| self.domain_of(right))
            .or_else(|| match left {
                Operand::Const(value) => own_domain(value),
                _ => None,
            });
        let left = self.value(left, row, kind)?;
        let right = self.value(right, row, kind)?;
        Ok(left.compare(op(operator), right))
    }

    pub(super) fn in_list(
        &mut self,
        operand: &Operand,
        list: &[Value],
        row: &RowRef,
    ) -> Result<Expr, Refusal> {
        let kind = self
            .domain_of(operand)
            .or_else(|| list.first().and_then(own_domain));
        let members = list
            .iter()
            .map(|v| literal(v, kind))
            .collect::<Result<Vec<_>, _>>()?;
        let value = self.value(operand, row, kind)?;
        Ok(Expr::In(Box::new(value), members))
    }

    pub(super) fn in_set(
        &mut self,
        operand: &Operand,
        set: AttributeId,
        row: &RowRef,
    ) -> Result<Expr, Refusal> {
        let Some(Value::Set(elements)) = self.user.attributes.get(&set) else {
            return Ok(Expr::Null);
        };
        let members = elements
            .iter()
            .map(|v| self.element(set, v))
            .collect::<Result<Vec<_>, _>>()?;
        let kind = self
            .domain_of(operand)
            .or_else(|| self.domain_of(&Operand::Attribute(set)));
        let value = self.value(operand, row, kind)?;
        if members.is_empty() {
            // `IN ()` would be false of an unknown value too.
            return Ok(Expr::when(value.known(), Expr::Bool(false)));
        }
        Ok(Expr::In(Box::new(value), members))
    }

    /// Tests of text go over its bytes: a character of UTF-8 never begins within another, and the functions of text
    /// stop at a NUL.
    pub(super) fn text_test(
        &mut self,
        operand: &Operand,
        test: TextTest,
        literal: &SmolStr,
        row: &RowRef,
    ) -> Result<Expr, Refusal> {
        let value = self.value(operand, row, None)?;
        if literal.is_empty() {
            return Ok(Expr::when(value.known(), Expr::Bool(true)));
        }
        let needle = Expr::text(literal.as_str());
        let bytes = |e: Expr| Expr::Cast(Box::new(e), "BLOB");
        // Of an empty blob `substr` makes NULL; the text itself stands in for it, and is equal to no blob.
        let slice = |args: Vec<Expr>, value: Expr| {
            Expr::Call("coalesce", vec![Expr::Call("substr", args), value])
        };
        let length = Expr::Int(i64::try_from(literal.len()).unwrap_or(i64::MAX));
        Ok(match test {
            TextTest::StartsWith => slice(vec![bytes(value.clone()), Expr::Int(1), length], value)
                .compare(Op::Eq, bytes(needle)),
            TextTest::EndsWith => {
                let from = Expr::Int(i64::try_from(literal.len()).map_or(i64::MIN, |n| -n));
                slice(vec![bytes(value.clone()), from], value).compare(Op::Eq, bytes(needle))
            }
            TextTest::Contains => {
                Expr::Call("instr", vec![bytes(value), bytes(needle)]).compare(Op::Gt, Expr::Int(0))
            }
        })
    }
}
