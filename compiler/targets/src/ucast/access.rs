//! The three lines of language.md, "Meaning", as one condition.

use std::collections::BTreeMap;

use ambit_core::{
    Applies, Axis, Effect, Holder, PrincipalId, Program, Resource, Rule, RuleId, TableId,
};

use super::cond::{Cond, Said, all, any};
use super::lower::Lower;
use crate::target::Refusal;

/// The rules of a program by what they speak of.
pub(super) struct Rules<'p> {
    program: &'p Program,
    by_resource: BTreeMap<Resource, Vec<(RuleId, &'p Rule)>>,
}

/// Those that bind one principal on one resource.
pub(super) struct Bound<'p> {
    rules: Vec<(RuleId, &'p Rule)>,
    resource: Resource,
    open: bool,
    bypassed: bool,
}

impl<'p> Rules<'p> {
    pub fn new(program: &'p Program) -> Self {
        let mut by_resource: BTreeMap<Resource, Vec<_>> = BTreeMap::new();
        for (position, rule) in program.rules.iter().enumerate() {
            let list = by_resource.entry(rule.resource).or_default();
            list.push((RuleId(position as u32), rule));
        }
        Self {
            program,
            by_resource,
        }
    }

    /// The rules of a bare principal (nobody in particular: those for everyone) on a resource.
    pub fn bound(&self, lower: &Lower<'p>, resource: Resource) -> Bound<'p> {
        let has: &[PrincipalId] = match lower.who {
            Some(who) => &self.program.principal(who).closure,
            None => &[],
        };
        let binds = |rule: &Rule| match &rule.holder {
            Holder::Principal(id) => has.contains(id),
            Holder::Everyone => true,
            Holder::EveryoneExcept(ids) => !ids.iter().any(|id| has.contains(id)),
        };
        let list = self
            .by_resource
            .get(&resource)
            .map_or(&[][..], Vec::as_slice);
        let bypasses = |id: &PrincipalId| {
            let bypasses = &self.program.principal(*id).bypasses;
            lower
                .source
                .is_some_and(|source| bypasses.contains(&source))
        };
        Bound {
            rules: list
                .iter()
                .filter(|(_, rule)| binds(rule))
                .copied()
                .collect(),
            resource,
            open: match resource {
                Resource::Table(id) => self.program.table(id).open,
                Resource::Object(_) => false,
            },
            bypassed: has.iter().any(bypasses),
        }
    }
}

impl Bound<'_> {
    /// Where the action is allowed.
    pub fn allowed(&self, lower: &Lower<'_>, action: &str) -> Said {
        if self.bypassed {
            return Ok(Cond::Const(true));
        }
        let mut grants: Vec<Said> = vec![Ok(Cond::Const(self.open && action == "read"))];
        let mut lines: Vec<Said> = Vec::new();
        let mut axes: BTreeMap<Axis, Vec<Said>> = BTreeMap::new();
        for (id, rule) in &self.rules {
            let restricts = matches!(rule.effect, Effect::Restrict { .. });
            if !restricts && !rule.actions.iter().any(|a| a == action) {
                continue;
            }
            let said = lower.cond(&rule.pred, rule.effect != Effect::Deny);
            // A rule that changes nothing may apply or not.
            let neutral = Cond::Const(rule.effect != Effect::Grant);
            let said = match self.applies(&rule.applies) {
                Some(true) => said,
                Some(false) => continue,
                None if said == Ok(neutral) => said,
                None => Err(not_seen()),
            };
            let said = said.map_err(|refusal| refusal.within(id.0));
            match rule.effect {
                Effect::Grant => grants.push(said),
                Effect::Deny | Effect::Restrict { by: None } => lines.push(said),
                Effect::Restrict { by: Some(axis) } => axes.entry(axis).or_default().push(said),
            }
        }
        lines.insert(0, any(grants));
        lines.extend(axes.into_values().map(any));
        all(lines)?.bounded()
    }

    /// Does a rule apply, whatever else the query names besides this table? `None` where it depends.
    fn applies(&self, applies: &Applies) -> Option<bool> {
        let here = |list: &[TableId]| match self.resource {
            Resource::Table(table) => list.contains(&table),
            Resource::Object(_) => false,
        };
        match applies {
            Applies::Always => Some(true),
            Applies::WhenAll(list) if list.len() == 1 && here(list) => Some(true),
            Applies::WhenAny(list) if here(list) => Some(true),
            Applies::UnlessOnly(list) if !here(list) => Some(true),
            _ => None,
        }
    }
}

fn not_seen() -> Refusal {
    Refusal::new(
        "E0501",
        "a rule with `applies`",
        "an interpreter of UCAST does not know which tables the query names",
    )
}
