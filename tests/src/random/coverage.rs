//! What a run covered: how often each construct was written, lowered and judged.

use std::collections::BTreeMap;

use ambit_core::{Operand, Pred};

/// Counts by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage(pub BTreeMap<String, u64>);

impl Coverage {
    /// One more.
    pub fn count(&mut self, what: &str) {
        *self.0.entry(what.to_owned()).or_default() += 1;
    }

    /// How many there were.
    pub fn of(&self, what: &str) -> u64 {
        self.0.get(what).copied().unwrap_or(0)
    }

    /// Adds the counts of another run.
    pub fn add(&mut self, other: &Self) {
        for (what, n) in &other.0 {
            *self.0.entry(what.clone()).or_default() += n;
        }
    }

    /// Counts what a lowered condition is made of.
    pub fn pred(&mut self, pred: &Pred) {
        match pred {
            Pred::Const(_) => self.count("core const"),
            Pred::Not(inner) => {
                self.count("core not");
                self.pred(inner);
            }
            Pred::And(list) => {
                self.count("core and");
                list.iter().for_each(|p| self.pred(p));
            }
            Pred::Or(list) => {
                self.count("core or");
                list.iter().for_each(|p| self.pred(p));
            }
            Pred::Is(operand) => self.operand("is", operand),
            Pred::Compare(left, op, right) => {
                self.count(&format!("core compare {op:?}"));
                self.operand("compare", left);
                self.operand("compare", right);
            }
            Pred::InList(operand, _) => self.operand("in list", operand),
            Pred::InSet(operand, _) => self.operand("in set", operand),
            Pred::IsNull(operand) => self.operand("is null", operand),
            Pred::Text(operand, test, _) => self.operand(&format!("{test:?}"), operand),
            Pred::InWindow(operand, window) => {
                self.count(&format!("core window {:?} {:?}", window.kind, window.unit));
                self.operand("window", operand);
            }
            Pred::Scope(operand, test) => {
                let any = if test.levels.iter().any(|l| l.members.is_none()) {
                    " with any"
                } else {
                    ""
                };
                self.count(&format!("core scope {:?}{any}", test.mode));
                self.operand("scope", operand);
            }
            Pred::Exists(exists) => {
                self.count(if exists.visible {
                    "core exists visible"
                } else {
                    "core exists"
                });
                self.pred(&exists.pred);
            }
            Pred::LinkVisible(_) => self.count("core link visible"),
        }
    }

    fn operand(&mut self, test: &str, operand: &Operand) {
        let what = match operand {
            Operand::Column(path) if path.steps.is_empty() => "column",
            Operand::Column(_) => "path",
            Operand::Attribute(_) => "attribute",
            Operand::Login => "login",
            Operand::Today => "today",
            Operand::Const(_) => "literal",
            Operand::Day(_) => "day of an instant",
        };
        self.count(&format!("core {test} of {what}"));
    }
}
