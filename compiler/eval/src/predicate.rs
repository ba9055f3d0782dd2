//! The three lines as one condition, to be shown.

use std::collections::BTreeMap;

use ambit_core::{Axis, Effect, ObjectId, Pred, Resource, TableId};

use crate::decide::Judge;

impl Judge<'_> {
    /// The condition under which an action on a row is allowed to this user in this query: the three lines as one.
    /// The user's own values stay symbolic.
    pub fn predicate(&self, table: TableId, action: &str) -> Pred {
        if self
            .bypass(
                Resource::Table(table),
                self.program.source_of(table, self.source),
            )
            .is_some()
        {
            return Pred::Const(true);
        }
        let mut parts = self.lines_as_pred(Resource::Table(table), action);
        if matches!(action, "update" | "delete") {
            parts.extend(self.lines_as_pred(Resource::Table(table), "read"));
        }
        joined(parts, true)
    }

    /// The same for an object.
    pub fn object_predicate(&self, object: ObjectId, action: &str) -> Pred {
        let home = self
            .program
            .objects
            .get(object.index())
            .and_then(|o| o.source);
        match self.bypass(Resource::Object(object), home) {
            Some(_) => Pred::Const(true),
            None => joined(self.lines_as_pred(Resource::Object(object), action), true),
        }
    }

    /// What must all be true. (That a deny must be false is that its `not` is true.)
    fn lines_as_pred(&self, resource: Resource, action: &str) -> Vec<Pred> {
        let mut grants = Vec::new();
        let mut parts = Vec::new();
        let mut united: BTreeMap<Axis, Vec<Pred>> = BTreeMap::new();
        for (_, rule) in self.rules_on(resource, action) {
            match rule.effect {
                Effect::Grant => grants.push(rule.pred.clone()),
                Effect::Deny => parts.push(match &rule.pred {
                    Pred::Const(value) => Pred::Const(!value),
                    pred => Pred::Not(pred.clone().into()),
                }),
                Effect::Restrict { by: None } => parts.push(rule.pred.clone()),
                Effect::Restrict { by: Some(axis) } => {
                    united.entry(axis).or_default().push(rule.pred.clone());
                }
            }
        }
        if !self.is_open(resource, action) {
            parts.insert(0, joined(grants, false));
        }
        parts.extend(united.into_values().map(|axis| joined(axis, false)));
        parts
    }
}

/// All (or one) of some conditions. Only constants that say nothing, and doubles, are left out.
fn joined(parts: Vec<Pred>, all: bool) -> Pred {
    let mut kept: Vec<Pred> = Vec::new();
    for part in parts {
        if part == Pred::Const(!all) {
            return part;
        }
        if part != Pred::Const(all) && !kept.contains(&part) {
            kept.push(part);
        }
    }
    match kept.as_slice() {
        [] => Pred::Const(all),
        [one] => one.clone(),
        _ if all => Pred::And(kept.into()),
        _ => Pred::Or(kept.into()),
    }
}
