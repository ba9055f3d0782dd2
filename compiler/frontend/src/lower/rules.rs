//! Rules: one for each resource and holder; role rules once for each instance.

use ambit_core::{
    Applies, Axis, Effect, Holder, PrincipalId, Program, ROW_ACTIONS, Resource, Rule, SourceId,
    TestId, Value,
};
use ambit_grammar::ast::ItemKind;
use smol_str::SmolStr;

use super::Lower;
use super::ids::column;
use super::principals::Instances;
use crate::items::{Item, item_syntax};
use crate::types::{TApplies, TAxis, TEffect, TRule, TWhat, check_item};

/// Fills the rules and the `exclusive` sets of a program.
pub(crate) fn lower_rules<'db>(
    lower: &Lower<'db>,
    instances: &Instances<'db>,
    program: &mut Program,
) {
    for item in &lower.items {
        let checked = check_item(lower.db, *item);
        let typed = &checked.typed;
        let principals = |test: Option<TestId>| -> Vec<PrincipalId> {
            typed
                .whos
                .iter()
                .map(|w| instances.id(w, &[], test))
                .collect()
        };
        let name = &item.key(lower.db).name;
        match &item_syntax(lower.db, *item).item.kind {
            ItemKind::Role(_) | ItemKind::Group(_) | ItemKind::User(_) => {
                for rule in &typed.rules {
                    for (id, args) in instances.of(name) {
                        lower_rule(lower, *item, rule, &Holder::Principal(id), args, program);
                    }
                }
            }
            ItemKind::For(_) => {
                let whos = principals(None);
                for rule in &typed.rules {
                    for id in &whos {
                        lower_rule(lower, *item, rule, &Holder::Principal(*id), &[], program);
                    }
                }
            }
            ItemKind::Everyone(_) => {
                let except = principals(None);
                let holder = if except.is_empty() {
                    Holder::Everyone
                } else {
                    Holder::EveryoneExcept(except)
                };
                for rule in &typed.rules {
                    lower_rule(lower, *item, rule, &holder, &[], program);
                }
            }
            ItemKind::Exclusive(_) => program.exclusive.push(principals(None)),
            ItemKind::Test(_) => {
                if let (Some(test), Some(id)) = (&typed.test, instances.tests.get(item)) {
                    for person in &test.users {
                        let holder = Holder::Principal(instances.given(&person.name, *id));
                        for rule in &person.rules {
                            lower_rule(lower, *item, rule, &holder, &[], program);
                        }
                    }
                }
            }
            _ => {}
        }
    }
}

fn lower_rule<'db>(
    lower: &Lower<'db>,
    item: Item<'db>,
    rule: &TRule,
    holder: &Holder,
    args: &[Value],
    program: &mut Program,
) {
    let origin = lower.origins.of(item, rule.span);
    for (what, cond) in &rule.on {
        let pred = lower.pred(cond, args);
        let places = lower.places(item, rule.span, cond, &origin);
        let (resources, everything_in): (Vec<Resource>, Option<SourceId>) = match what {
            TWhat::Table(name) => (vec![Resource::Table(lower.ids.table(name))], None),
            TWhat::Object(name) => (vec![Resource::Object(lower.ids.object(name))], None),
            TWhat::EverythingIn(name) => {
                let source = lower.ids.source(name);
                (everything_in(program, source), Some(source))
            }
        };
        for resource in resources {
            let actions = actions(program, rule, resource);
            // `everything in` gives each thing those of the actions that it has.
            if actions.is_empty() {
                continue;
            }
            program.rules.push(Rule {
                effect: match &rule.effect {
                    TEffect::Grant => Effect::Grant,
                    TEffect::Deny => Effect::Deny,
                    TEffect::Restrict(axis) => Effect::Restrict {
                        by: axis.as_ref().map(|a| match a {
                            TAxis::Column(index) => Axis::Column(column(*index)),
                            TAxis::Hierarchy(name) => Axis::Hierarchy(lower.ids.hierarchy(name)),
                        }),
                    },
                },
                holder: holder.clone(),
                resource,
                actions,
                pred: pred.clone(),
                places: places.clone(),
                applies: match &rule.applies {
                    TApplies::Always => Applies::Always,
                    TApplies::WhenAll(t) => Applies::WhenAll(lower.ids.tables(t)),
                    TApplies::WhenAny(t) => Applies::WhenAny(lower.ids.tables(t)),
                    TApplies::UnlessOnly(t) => Applies::UnlessOnly(lower.ids.tables(t)),
                },
                everything_in,
                docs: rule.docs.clone(),
                origin: origin.clone(),
            });
        }
    }
}

/// Each table and object of a source.
fn everything_in(program: &Program, source: SourceId) -> Vec<Resource> {
    let tables = program
        .tables
        .iter()
        .enumerate()
        .filter(|(_, t)| t.sources.contains(&source));
    let objects = program
        .objects
        .iter()
        .enumerate()
        .filter(|(_, o)| o.source == Some(source));
    tables
        .map(|(i, _)| Resource::Table(ambit_core::TableId(i as u32)))
        .chain(objects.map(|(i, _)| Resource::Object(ambit_core::ObjectId(i as u32))))
        .collect()
}

/// The actions of a rule on a resource, sorted: `write` and `implies` written out; a restrict binds all.
fn actions(program: &Program, rule: &TRule, resource: Resource) -> Vec<SmolStr> {
    let known = program.actions_of(resource);
    let mut out: Vec<SmolStr> = match &rule.effect {
        TEffect::Restrict(_) => known,
        effect => rule
            .actions
            .iter()
            .flat_map(|a| expand(program, a, effect, resource, &known))
            .collect(),
    };
    out.sort();
    out.dedup();
    out
}

fn expand(
    program: &Program,
    action: &SmolStr,
    effect: &TEffect,
    resource: Resource,
    known: &[SmolStr],
) -> Vec<SmolStr> {
    match resource {
        Resource::Table(_) if action == "write" => ROW_ACTIONS
            .iter()
            .skip(1)
            .map(|a| SmolStr::new_static(a))
            .collect(),
        Resource::Table(_) => known.iter().filter(|a| *a == action).cloned().collect(),
        Resource::Object(id) => {
            let Some(position) = known.iter().position(|a| a == action) else {
                return Vec::new();
            };
            let kind = program
                .objects
                .get(id.index())
                .and_then(|o| program.kinds.get(o.kind.index()));
            let Some(kind) = kind else { return Vec::new() };
            // Granting a grants what a implies; denying b denies what implies b.
            let takes = |i: usize| match effect {
                TEffect::Deny => kind
                    .implies
                    .get(i)
                    .is_some_and(|all| all.contains(&position)),
                _ => kind
                    .implies
                    .get(position)
                    .is_some_and(|all| all.contains(&i)),
            };
            known
                .iter()
                .enumerate()
                .filter(|(i, _)| takes(*i))
                .map(|(_, a)| a.clone())
                .collect()
        }
    }
}
