//! Rules: one for each resource and holder; role rules once for each instance.

// The macros of salsa make items of their own, without docs.
#![allow(missing_docs)]

use std::sync::Arc;

use ambit_core::{
    Applies, Axis, Effect, Exclusive, Holder, Origin, Places, PrincipalId, Program, ROW_ACTIONS,
    Resource, Rule, RuleBody, SourceId, Value,
};
use smol_str::SmolStr;

use super::ids::column;
use super::principals::{Instances, instances};
use super::{Lower, schema_of};
use crate::db::{Db, Project};
use crate::items::{Item, item_head};
use crate::types::{TApplies, TAxis, TEffect, TRule, TWhat, check_item};

/// A rule of an item, lowered.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ItemRule {
    body: Arc<RuleBody>,
    /// In a test, the number of the user it is written at.
    user: usize,
    /// Its number among the rules written there.
    rule: usize,
    /// The number of the thing in its list `on`.
    on: usize,
}

/// The rules of an item, in the order written; of each, one for each holder and resource.
#[salsa::tracked(returns(clone))]
pub(crate) fn item_rules<'db>(
    db: &'db dyn Db,
    project: Project,
    item: Item<'db>,
) -> Arc<Vec<ItemRule>> {
    let lower = Lower::without_places(db, project);
    let instances = instances(db, project);
    let schema = schema_of(db, project);
    let checked = check_item(db, item);
    let typed = &checked.typed;
    let mut out = Vec::new();
    let mut add = |user: usize, rules: &[TRule], holders: &[(Holder, &[Value])]| {
        for (number, rule) in rules.iter().enumerate() {
            for (holder, args) in holders {
                for (on, body) in bodies(&lower, &schema, rule, holder, args) {
                    out.push(ItemRule {
                        body: Arc::new(body),
                        user,
                        rule: number,
                        on,
                    });
                }
            }
        }
    };
    let principals = || typed.whos.iter().map(|w| instances.id(w, &[], None));
    match item.key(db).keyword.as_str() {
        "role" | "group" | "user" => {
            let of = instances.of(&item.key(db).name);
            let holders: Vec<(Holder, &[Value])> = of
                .into_iter()
                .map(|(id, args)| (Holder::Principal(id), args))
                .collect();
            add(0, &typed.rules, &holders);
        }
        "for" => {
            let holders: Vec<(Holder, &[Value])> = principals()
                .map(|id| (Holder::Principal(id), &[] as &[Value]))
                .collect();
            add(0, &typed.rules, &holders);
        }
        "everyone" => {
            let except: Vec<PrincipalId> = principals().collect();
            let holder = if except.is_empty() {
                Holder::Everyone
            } else {
                Holder::EveryoneExcept(except)
            };
            add(0, &typed.rules, &[(holder, &[])]);
        }
        "test" => {
            if let (Some(test), Some(id)) = (&typed.test, instances.test(item.key(db))) {
                for (user, person) in test.users.iter().enumerate() {
                    let holder = Holder::Principal(instances.given(&person.name, id));
                    add(user, &person.rules, &[(holder, &[])]);
                }
            }
        }
        _ => {}
    }
    out.shrink_to_fit();
    Arc::new(out)
}

/// Fills the rules and the `exclusive` sets of a program.
pub(crate) fn lower_rules(lower: &Lower<'_>, instances: &Instances, program: &mut Program) {
    for item in lower.items() {
        match item.key(lower.db).keyword.as_str() {
            "role" | "group" | "user" | "for" | "everyone" | "test" => {
                place_rules(lower, item, program);
            }
            "exclusive" => {
                let checked = check_item(lower.db, item);
                let whos = checked.typed.whos.iter();
                program.exclusive.push(Exclusive {
                    principals: whos.map(|w| instances.id(w, &[], None)).collect(),
                    origin: lower.origins.of(item, item_head(lower.db, item).span),
                });
            }
            _ => {}
        }
    }
}

/// Adds the rules of an item, with their places.
fn place_rules<'db>(lower: &Lower<'db>, item: Item<'db>, program: &mut Program) {
    let rules = item_rules(lower.db, lower.project, item);
    if rules.is_empty() {
        return;
    }
    let checked = check_item(lower.db, item);
    let typed = &checked.typed;
    let within = lower.origins.within(item);
    // Copies of one written rule stand side by side, and share its place.
    let mut last: Option<(&ItemRule, Origin, Places)> = None;
    for made in rules.iter() {
        let list = match &typed.test {
            Some(test) => test.users.get(made.user).map(|user| &user.rules),
            None => Some(&typed.rules),
        };
        let Some(rule) = list.and_then(|list| list.get(made.rule)) else {
            continue;
        };
        let same = |l: &(&ItemRule, Origin, Places)| {
            (l.0.user, l.0.rule, l.0.on) == (made.user, made.rule, made.on)
        };
        let (_, origin, places) = match last.take().filter(same) {
            Some(last) => last,
            None => {
                let origin = within.of(rule.span);
                let places = lower.places(item, (made.user, made.rule, made.on), &origin);
                (made, origin, places)
            }
        };
        program.rules.push(Rule {
            body: Arc::clone(&made.body),
            places: places.clone(),
            docs: rule.docs.clone(),
            origin: origin.clone(),
        });
        last = Some((made, origin, places));
    }
}

/// What a rule means for a holder: one for each resource that it speaks of, with the number of its part of `on`.
fn bodies(
    lower: &Lower<'_>,
    schema: &Program,
    rule: &TRule,
    holder: &Holder,
    args: &[Value],
) -> Vec<(usize, RuleBody)> {
    let mut out = Vec::new();
    for (on, (what, cond)) in rule.on.iter().enumerate() {
        let pred = lower.pred(cond, args);
        let (resources, everything_in): (Vec<Resource>, Option<SourceId>) = match what {
            TWhat::Table(name) => (vec![Resource::Table(lower.ids.table(name))], None),
            TWhat::Object(name) => (vec![Resource::Object(lower.ids.object(name))], None),
            TWhat::EverythingIn(name) => {
                let source = lower.ids.source(name);
                (everything_in(schema, source), Some(source))
            }
        };
        for resource in resources {
            let actions = actions(schema, rule, resource);
            // `everything in` gives each thing those of the actions that it has.
            if actions.is_empty() {
                continue;
            }
            let body = RuleBody {
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
                applies: match &rule.applies {
                    TApplies::Always => Applies::Always,
                    TApplies::WhenAll(t) => Applies::WhenAll(lower.ids.tables(t)),
                    TApplies::WhenAny(t) => Applies::WhenAny(lower.ids.tables(t)),
                    TApplies::UnlessOnly(t) => Applies::UnlessOnly(lower.ids.tables(t)),
                },
                everything_in,
            };
            out.push((on, body));
        }
    }
    out
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
    out.shrink_to_fit();
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
