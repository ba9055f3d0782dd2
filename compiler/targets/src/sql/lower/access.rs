//! The three lines of language.md, "Meaning", for one user.

use std::collections::BTreeMap;

use ambit_core::{Applies, Axis, Effect, Resource, Rule};

use super::{Lowering, RowRef};
use crate::sql::tree::Expr;
use crate::target::Refusal;

impl Lowering<'_> {
    /// Where the user may do this to the row; or where the outcome of the lines is false.
    pub(super) fn access(
        &mut self,
        row: &RowRef,
        action: &str,
        want: bool,
    ) -> Result<Expr, Refusal> {
        let program = self.request.program;
        if self.request.user.bypasses(program, self.source(row)) {
            return Ok(Expr::Bool(want));
        }
        let user = &self.request.user.principals;
        let numbers: Vec<u32> = match self.request.rules {
            Some(index) => index.of(row.table, user),
            None => (0..).take(program.rules.len()).collect(),
        };
        let rules: Vec<(u32, &Rule)> = numbers
            .into_iter()
            .filter_map(|number| Some((number, program.rules.get(number as usize)?)))
            .filter(|(_, rule)| rule.resource == Resource::Table(row.table))
            .filter(|(_, rule)| self.speaks(rule, action))
            .collect();
        let (grants, others): (Vec<_>, Vec<_>) = rules
            .into_iter()
            .partition(|(_, rule)| rule.effect == Effect::Grant);
        let granted = self.granted(&grants, row, action, want)?;
        // Where nothing is granted, nothing else matters: neither what it says nor that it cannot be said.
        if granted == Expr::Bool(!want) {
            return Ok(granted);
        }
        let mut terms = vec![granted];
        let mut united: BTreeMap<Axis, Vec<Expr>> = BTreeMap::new();
        for (number, rule) in others {
            let Some(lowered) = self.applies(rule, number, row, want)? else {
                continue;
            };
            match rule.effect {
                Effect::Restrict { by: Some(axis) } => {
                    united.entry(axis).or_default().push(lowered);
                }
                _ => terms.push(lowered),
            }
        }
        let united = united.into_values();
        Ok(if want {
            Expr::all(terms.into_iter().chain(united.map(Expr::any)))
        } else {
            Expr::any(terms.into_iter().chain(united.map(Expr::all)))
        })
    }

    /// The first line: the table is open, or some grant holds.
    fn granted(
        &mut self,
        grants: &[(u32, &Rule)],
        row: &RowRef,
        action: &str,
        want: bool,
    ) -> Result<Expr, Refusal> {
        if action == "read" && self.request.program.table(row.table).open {
            return Ok(Expr::Bool(want));
        }
        let mut lowered = Vec::new();
        for (number, rule) in grants {
            lowered.extend(self.applies(rule, *number, row, want)?);
        }
        Ok(if want {
            Expr::any(lowered)
        } else {
            Expr::all(lowered)
        })
    }

    /// What a rule adds to the lines for the wanted outcome; nothing where the query is none of its.
    fn applies(
        &mut self,
        rule: &Rule,
        place: u32,
        row: &RowRef,
        want: bool,
    ) -> Result<Option<Expr>, Refusal> {
        let counts = self.counts(&rule.applies);
        if counts == Some(false) {
            return Ok(None);
        }
        // A deny must be false, all others true.
        let outcome = want != (rule.effect == Effect::Deny);
        let lowered = self
            .pred(&rule.pred, row, outcome)
            .map_err(|refusal| refusal.within(place))?;
        // What it would be if the rule were not written.
        let neutral = match rule.effect {
            Effect::Grant => !want,
            Effect::Deny | Effect::Restrict { .. } => want,
        };
        let united = matches!(rule.effect, Effect::Restrict { by: Some(_) });
        if counts.is_none() && (united || lowered != Expr::Bool(neutral)) {
            let name = &self.request.program.table(self.asked).name;
            return Err(Refusal::new(
                "E0501",
                "a rule with `applies`",
                format!("the artifact does not see which tables a query names besides `{name}`"),
            )
            .help("write the condition without `applies`, or let `ambit query` run the statement")
            .within(place));
        }
        Ok(Some(lowered))
    }

    /// Does the rule count for this user and action?
    fn speaks(&self, rule: &Rule, action: &str) -> bool {
        let all = matches!(rule.effect, Effect::Restrict { .. });
        (all || rule.actions.iter().any(|a| a == action))
            && self.request.user.is_held_by(&rule.holder)
    }

    /// Does the rule count for this query? Nothing where that depends on tables that nobody sees.
    fn counts(&self, applies: &Applies) -> Option<bool> {
        let asked = self.asked;
        match self.query() {
            Some(query) => Some(match applies {
                Applies::Always => true,
                Applies::WhenAll(tables) => tables.iter().all(|t| query.contains(t)),
                Applies::WhenAny(tables) => tables.iter().any(|t| query.contains(t)),
                Applies::UnlessOnly(tables) => !query.iter().all(|t| tables.contains(t)),
            }),
            None => match applies {
                Applies::Always => Some(true),
                Applies::WhenAll(tables) => tables.iter().all(|t| *t == asked).then_some(true),
                Applies::WhenAny(tables) => tables.contains(&asked).then_some(true),
                Applies::UnlessOnly(tables) => (!tables.contains(&asked)).then_some(true),
            },
        }
    }
}
