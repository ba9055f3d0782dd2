//! Conditions as small as they are proved to be: what people are shown and targets are given.

use std::collections::BTreeMap;

use ambit_core::{Effect, Place, Places, Pred, Program, Resource, TableId};
use ambit_solver::{Facts, Model, Outcome, simplify};

/// The program with the condition of each rule in the smallest equal form found: equal where it counts for what the
/// rule does, whatever a database holds. What the solver does not take stays as it is.
pub fn smallest(program: &Program) -> Program {
    smallest_while(program, &|| {})
}

/// The same; `step` is called before each rule and while one is looked at, so that somebody who no longer wants it can leave.
pub fn smallest_while(program: &Program, step: &dyn Fn()) -> Program {
    let mut out = program.clone();
    let model = Model::new(program).while_wanted(step);
    // Instances and resources of one rule often share a condition.
    let mut known: BTreeMap<(usize, Option<TableId>, bool), Option<ambit_solver::Simplified>> =
        BTreeMap::new();
    for (rule, small) in program.rules.iter().zip(&mut out.rules) {
        if !may_shrink(&rule.pred) {
            continue;
        }
        step();
        let table = match rule.resource {
            Resource::Table(table) => Some(table),
            Resource::Object(_) => None,
        };
        let outcome = if rule.effect == Effect::Deny {
            Outcome::False
        } else {
            Outcome::True
        };
        let key = (shared(&rule.pred), table, outcome == Outcome::False);
        let made = known.entry(key).or_insert_with(|| {
            simplify(&model, table, &rule.pred, outcome, Facts::NONE)
                .ok()
                .flatten()
        });
        let Some(made) = made else { continue };
        let own = Place {
            file: rule.origin.file.clone(),
            line: rule.origin.line,
        };
        small.places = Places::collect(
            own,
            made.nodes.iter().map(|node| rule.place(*node as usize)),
        );
        small.pred = made.pred.clone();
    }
    out
}

/// A condition to be shown, as small as it is proved to be where it is true, by what the schema says of data.
pub fn shown(program: &Program, table: Option<TableId>, pred: &Pred) -> Pred {
    shown_in(&Model::new(program), table, pred)
}

/// The same in a model that is there already.
pub(crate) fn shown_in(model: &Model<'_>, table: Option<TableId>, pred: &Pred) -> Pred {
    if !may_shrink(pred) {
        return pred.clone();
    }
    simplify(model, table, pred, Outcome::True, Facts::SCHEMA)
        .ok()
        .flatten()
        .map_or_else(|| pred.clone(), |made| made.pred)
}

/// Is there anything that could be left out?
fn may_shrink(pred: &Pred) -> bool {
    match pred {
        Pred::And(_) | Pred::Or(_) => true,
        Pred::Not(inner) => may_shrink(inner) || matches!(**inner, Pred::Not(_)),
        _ => false,
    }
}

/// Where the parts of a condition lie in memory: equal for conditions that are one.
fn shared(pred: &Pred) -> usize {
    match pred {
        Pred::And(parts) | Pred::Or(parts) => parts.as_ptr() as usize,
        Pred::Not(inner) => std::sync::Arc::as_ptr(inner) as usize,
        _ => 0,
    }
}
