//! `starts with` and its kin.

use ambit_core::{Operand, TextTest, Value};
use smol_str::SmolStr;

use super::path::Joins;
use super::term::{Open, Side};
use super::{Lowering, RowRef};
use crate::sql::domain::Domain;
use crate::sql::tree::Expr;
use crate::target::Refusal;

impl Lowering<'_> {
    pub(super) fn text_test(
        &mut self,
        operand: &Operand,
        test: TextTest,
        literal: &SmolStr,
        row: &RowRef,
        want: bool,
    ) -> Result<Expr, Refusal> {
        let passes = |text: &str| match test {
            TextTest::StartsWith => text.starts_with(literal.as_str()),
            TextTest::EndsWith => text.ends_with(literal.as_str()),
            TextTest::Contains => text.contains(literal.as_str()),
        };
        let mut joins = Joins::default();
        let side = self.side(operand, row, &mut joins, Some(Domain::Text))?;
        let holds = match side {
            Side::Known(_, Value::Text(text)) => Expr::Bool(passes(&text) == want),
            Side::Term(term) if term.domain == Domain::Text => match term.members {
                Some(id) => {
                    let members: Vec<Value> = self
                        .members(id)
                        .iter()
                        .filter(|m| passes(m) == want)
                        .map(|m| Value::Text(m.clone()))
                        .collect();
                    self.within(&term, &members)?
                }
                None if literal.is_empty() && want => term.present(),
                None if literal.is_empty() => Expr::Bool(false),
                None => {
                    let needle = self.literal(Domain::Text, &Value::Text(literal.clone()))?;
                    let Some(needle) = needle else {
                        return Ok(Expr::Bool(false));
                    };
                    self.assume(self.engine.text_assumes);
                    let key = term.form.key.clone();
                    let holds = (self.engine.text_test)(test, key, needle, literal, want);
                    let formed = term.formed(Open::Both);
                    Expr::all(formed.into_iter().chain([holds]))
                }
            },
            _ => Expr::Bool(false),
        };
        Ok(joins.around(holds))
    }
}
