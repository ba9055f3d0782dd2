//! `hidden-by-null`: rows that are hidden only because a column is null, which makes a condition unknown.

use std::collections::BTreeMap;

use ambit_core::{Effect, Rule, RuleId};
use ambit_eval::Truth;
use ambit_solver::{Bool, Question, RowId, UserId, Who, Witness};

use super::maybe::{Maybe, maybes};
use super::nulls_said::said;
use super::scenes::{self, Scene};
use crate::confirm::{Showing, example};
use crate::cx::{Cx, Done, Lines, ask, at};
use crate::raw::{Raw, Trouble};

pub(crate) fn find(cx: &mut Cx<'_, '_>) -> Done {
    let Some(table) = cx.table() else {
        return Ok(());
    };
    let mut found = BTreeMap::new();
    for (id, rule) in cx.rules.clone() {
        let mut maybes = maybes(cx.program, table, &rule.pred);
        if rule.effect != Effect::Deny {
            maybes.retain(|maybe| maybe.negative);
        }
        if maybes.is_empty() {
            continue;
        }
        let raw = of_rule(cx, id, rule, &maybes);
        if let Some(raw) = cx.confirmed(at(id), raw)? {
            found.insert(id, raw);
        }
    }
    cx.say_where_all(&found);
    Ok(())
}

fn of_rule(
    cx: &Cx<'_, '_>,
    id: RuleId,
    rule: &Rule,
    maybes: &[Maybe],
) -> Result<Option<Raw>, Trouble> {
    let mut culprits: Vec<&Maybe> = Vec::new();
    let mut shown = None;
    for maybe in maybes {
        if !is_unknown(cx, rule, maybes, maybe)? {
            continue;
        }
        for action in cx.actions_of(rule) {
            let found = scenes::first(cx, &rule.holder, &action, |scene| {
                let found = hides(cx, id, rule, maybes, maybe, scene, &action)?;
                Ok(found.map(|witness| (witness, scene.who)))
            })?;
            let Some((witness, who)) = found else {
                continue;
            };
            culprits.push(maybe);
            if shown.is_none() {
                let showing = Showing {
                    user: 0,
                    who,
                    resource: cx.resource,
                    action: &action,
                    allowed: false,
                    said: &|case| {
                        case.rule(id) == Some(Truth::Unknown)
                            && case.condition(&maybe.is_null)[0].is_true()
                    },
                };
                shown = Some(example(cx.program, &witness, showing)?);
            }
            break;
        }
    }
    Ok(shown.map(|shown| said(cx, id, rule, &culprits).example(Some(shown))))
}

/// Can the condition be unknown where that alone is null? It is not where it asks for a value first.
fn is_unknown(
    cx: &Cx<'_, '_>,
    rule: &Rule,
    maybes: &[Maybe],
    maybe: &Maybe,
) -> Result<bool, Trouble> {
    let (mut q, user, row) = ask(cx.model, cx.resource, Who::Anyone);
    let mut all = vec![
        !q.is_true(user, &rule.pred, row),
        !q.is_false(user, &rule.pred, row),
    ];
    all.push(only_null(&mut q, user, row, maybes, maybe));
    let whole = q.and(all);
    Ok(q.satisfiable(whole)?)
}

/// That is null and all else is known.
fn only_null<'s>(
    q: &mut Question<'s, '_>,
    user: UserId,
    row: Option<RowId>,
    maybes: &'s [Maybe],
    maybe: &Maybe,
) -> Bool {
    let mut all = Vec::new();
    for other in maybes {
        let null = q.is_true(user, &other.is_null, row);
        all.push(if std::ptr::eq(other, maybe) {
            null
        } else {
            !null
        });
    }
    all.push(q.all_supplied(user));
    all.push(q.nothing_stray());
    all.push(q.links_lead());
    q.and(all)
}

/// A row that this rule alone hides, and only because that is null.
fn hides(
    cx: &Cx<'_, '_>,
    id: RuleId,
    rule: &Rule,
    maybes: &[Maybe],
    maybe: &Maybe,
    scene: &Scene<'_>,
    action: &str,
) -> Result<Option<Witness>, Trouble> {
    let (mut q, user, row) = scene.ask(cx);
    let rules = &scene.rules;
    let lines = Lines::new(&mut q, user, row, rules);
    let Some(line) = lines.lines.iter().find(|line| line.id == id) else {
        return Ok(None);
    };
    let open = cx.is_open(action);
    let given = lines.given(&mut q, action, open, &|other| other != id);
    let mut all = vec![line.active, !line.yes, !line.no];
    all.push(if rule.effect == Effect::Grant {
        !given
    } else {
        given
    });
    if all.contains(&Bool::FALSE) {
        return Ok(None);
    }
    all.extend(lines.spared(&mut q, action, &|other| {
        let united = |(r, of): &(RuleId, &Rule)| *r == other && same_axis(rule, of);
        other != id && !rules.iter().any(united)
    }));
    // Of one axis no other gives.
    for other in &lines.lines {
        if other.id != id && same_axis(rule, other.rule) {
            all.push(!other.active);
        }
    }
    // Unknown comes from nothing else.
    all.push(only_null(&mut q, user, row, maybes, maybe));
    let whole = q.and(all);
    Ok(q.witness(whole)?.filter(|witness| scene.fits(witness)))
}

fn same_axis(a: &Rule, b: &Rule) -> bool {
    matches!(a.effect, Effect::Restrict { by: Some(_) }) && a.effect == b.effect
}
