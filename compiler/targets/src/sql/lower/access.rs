//! The three lines of language.md, "Meaning", for one user.

use std::collections::BTreeMap;

use ambit_core::{Applies, Axis, Effect, Resource, Rule};

use super::{Lowering, Refusal, RowRef};
use crate::sql::tree::Expr;

impl Lowering<'_> {
    /// May the user do this to the row? Three-valued, as the lines are.
    pub(super) fn access(&mut self, row: &RowRef, action: &str) -> Result<Expr, Refusal> {
        let program = self.program;
        if self.user.bypasses(program, self.source(row)) {
            return Ok(Expr::Bool(true));
        }
        let mut grants = Vec::new();
        let mut terms = Vec::new();
        let mut united: BTreeMap<Axis, Vec<Expr>> = BTreeMap::new();
        let open = action == "read" && program.table(row.table).open;
        for rule in program
            .rules
            .iter()
            .filter(|r| r.resource == Resource::Table(row.table))
        {
            if !self.speaks(rule, action) {
                continue;
            }
            match rule.effect {
                Effect::Grant if open => {}
                Effect::Grant => grants.push(self.pred(&rule.pred, row)?),
                Effect::Deny => terms.push(self.pred(&rule.pred, row)?.negate()),
                Effect::Restrict { by: None } => terms.push(self.pred(&rule.pred, row)?),
                Effect::Restrict { by: Some(axis) } => {
                    let lowered = self.pred(&rule.pred, row)?;
                    united.entry(axis).or_default().push(lowered);
                }
            }
        }
        let granted = if open {
            Expr::Bool(true)
        } else {
            Expr::any(grants)
        };
        let united = united.into_values().map(Expr::any);
        Ok(Expr::all([granted].into_iter().chain(terms).chain(united)))
    }

    /// Does the rule count for this user, query and action?
    fn speaks(&self, rule: &Rule, action: &str) -> bool {
        rule.actions.iter().any(|a| a == action)
            && self.user.is_held_by(&rule.holder)
            && match &rule.applies {
                Applies::Always => true,
                Applies::WhenAll(tables) => tables.iter().all(|t| self.query_tables.contains(t)),
                Applies::WhenAny(tables) => tables.iter().any(|t| self.query_tables.contains(t)),
                Applies::UnlessOnly(tables) => {
                    !self.query_tables.iter().all(|t| tables.contains(t))
                }
            }
    }
}
