//! Conditions: filters written out, parameters filled in.

use std::sync::Arc;

use ambit_core::{Exists, Operand, Path, Pred, Step, Value};

use super::Lower;
use super::ids::column;
use crate::names::Sort;
use crate::types::{TCond, TOperand, TStep, check_item, find};

impl Lower<'_> {
    /// A condition, with the arguments of the role instance.
    pub fn pred(&self, cond: &TCond, args: &[Value]) -> Pred {
        match cond {
            // No condition with a hole is lowered; should one be, it reveals nothing.
            TCond::Error => Pred::Const(false),
            TCond::Const(b) => Pred::Const(*b),
            TCond::Not(inner) => Pred::Not(Arc::new(self.pred(inner, args))),
            TCond::And(parts) => Pred::And(parts.iter().map(|p| self.pred(p, args)).collect()),
            TCond::Or(parts) => Pred::Or(parts.iter().map(|p| self.pred(p, args)).collect()),
            TCond::Is(operand) => match self.operand(operand, args) {
                Operand::Const(Value::Bool(b)) => Pred::Const(b),
                operand => Pred::Is(operand),
            },
            TCond::Compare(a, op, b) => {
                Pred::Compare(self.operand(a, args), *op, self.operand(b, args))
            }
            TCond::InList(a, values) => Pred::InList(self.operand(a, args), values.clone()),
            TCond::InSet(a, name) => Pred::InSet(self.operand(a, args), self.ids.attribute(name)),
            TCond::IsNull(a) => Pred::IsNull(self.operand(a, args)),
            TCond::Text(a, test, text) => Pred::Text(self.operand(a, args), *test, text.clone()),
            TCond::InWindow(a, window) => Pred::InWindow(self.operand(a, args), *window),
            TCond::Scope(a, test) => Pred::Scope(self.operand(a, args), test.clone()),
            TCond::LinkVisible(steps, _) => Pred::LinkVisible(self.steps(steps).into()),
            TCond::Exists(e) => Pred::Exists(Arc::new(Exists {
                path: self.steps(&e.path),
                own: column(e.own),
                table: self.ids.table(&e.table),
                other: column(e.other),
                visible: e.visible,
                pred: self.pred(&e.cond, args),
            })),
            TCond::Filter(name, _) => {
                let item = find(self.db, name, Sort::Filter);
                let checked = item.map(|i| check_item(self.db, i));
                match checked.as_ref().and_then(|c| c.typed.cond.as_ref()) {
                    Some(cond) => self.pred(cond, &[]),
                    None => Pred::Const(false),
                }
            }
        }
    }

    fn steps(&self, steps: &[TStep]) -> Vec<Step> {
        steps
            .iter()
            .map(|s| Step {
                from: self.ids.table(&s.from),
                column: column(s.column),
                to: self.ids.table(&s.to),
                key: column(s.key),
            })
            .collect()
    }

    fn operand(&self, operand: &TOperand, args: &[Value]) -> Operand {
        match operand {
            TOperand::Column {
                steps,
                table,
                column: index,
                ..
            } => Operand::Column(Path {
                steps: self.steps(steps),
                table: self.ids.table(table),
                column: column(*index),
            }),
            TOperand::Attribute(name) => Operand::Attribute(self.ids.attribute(name)),
            TOperand::Login => Operand::Login,
            TOperand::Today => Operand::Today,
            TOperand::Const(value) => Operand::Const(value.clone()),
            TOperand::Param(i) => {
                Operand::Const(args.get(*i as usize).cloned().unwrap_or(Value::Null))
            }
            TOperand::Day(inner) => Operand::Day(Arc::new(self.operand(inner, args))),
            TOperand::Error => Operand::Const(Value::Null),
        }
    }
}
