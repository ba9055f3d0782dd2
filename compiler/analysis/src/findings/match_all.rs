//! `match-all`: `match all` of several members hides the scopes that hold one of them alone.

use std::collections::BTreeMap;

use ambit_core::{Effect, Operand, Pred, Rule, RuleId, ScopeLevel, ScopeMode, ScopeTest};
use ambit_solver::Witness;

use super::reads;
use super::scenes::{self, Scene};
use crate::confirm::{Showing, example};
use crate::cx::{Cx, Done, Lines, ask, at, speaks_of, who};
use crate::raw::{Mend, Raw, Trouble};

pub(crate) fn find(cx: &mut Cx<'_, '_>) -> Done {
    let mut found = BTreeMap::new();
    for (id, rule) in cx.rules.clone() {
        // A deny that asks for all of them hides the less for it.
        if rule.effect == Effect::Deny {
            continue;
        }
        for test in reads::tests(&rule.pred) {
            if let Pred::Scope(operand, scope) = test.pred
                && !test.negated
                && scope.mode == ScopeMode::MatchAll
                && let Some(level) = scope.levels.iter().find(|level| listed(level) > 1)
            {
                let raw = of_test(cx, id, rule, operand, scope, level);
                if let Some(raw) = cx.confirmed(at(id), raw)? {
                    found.insert(id, raw);
                    break;
                }
            }
        }
    }
    cx.say_where_all(&found);
    Ok(())
}

fn listed(level: &ScopeLevel) -> usize {
    level.members.as_ref().map_or(0, Vec::len)
}

fn of_test(
    cx: &Cx<'_, '_>,
    id: RuleId,
    rule: &Rule,
    operand: &Operand,
    scope: &ScopeTest,
    level: &ScopeLevel,
) -> Result<Option<Raw>, Trouble> {
    // Of each level its first member, and nothing else.
    let single = Pred::Scope(
        operand.clone(),
        ScopeTest {
            mode: ScopeMode::MatchAll,
            levels: scope
                .levels
                .iter()
                .map(|level| ScopeLevel {
                    level: level.level.clone(),
                    members: level
                        .members
                        .as_ref()
                        .map(|m| m.iter().take(1).cloned().collect()),
                })
                .collect(),
        },
    );
    // Another part of the rule lets such a scope through.
    let (mut q, user, row) = ask(cx.model, cx.resource, who(&rule.holder));
    let single_there = q.is_true(user, &single, row);
    let yes = q.is_true(user, &rule.pred, row);
    let through = [single_there, yes];
    if q.ask(&through)?.can(&through)? {
        return Ok(None);
    }
    let first = level
        .members
        .iter()
        .flatten()
        .next()
        .cloned()
        .unwrap_or_default();
    let mut raw = Raw::new(
        "W0611",
        at(id),
        format!(
            "a scope of `{}={first}` alone stays hidden: `match all` asks for each of the {} members listed",
            level.level,
            listed(level)
        ),
    )
    .label("asks for all of them in one scope")
    .note("`match all`: each pair of the scope fits a member listed, and each member listed is fitted; `match any` asks for the first alone")
    .mend(
        "write `match any`: one of the members alone then passes, too",
        false,
        Mend::Replace {
            rule: id,
            from: "match all".to_owned(),
            to: "match any".to_owned(),
        },
    );
    let Some(action) = cx.actions_of(rule).into_iter().next() else {
        return Ok(Some(raw));
    };
    let shown = scenes::first(cx, &rule.holder, &action, |scene| {
        let found = hidden(cx, id, rule, &single, scene, &action)?;
        Ok(found.map(|witness| (witness, scene.who)))
    })?;
    if let Some((witness, who)) = shown {
        let showing = Showing {
            user: 0,
            who,
            resource: cx.resource,
            action: &action,
            allowed: false,
            said: &|case| {
                case.condition(&single)[0].is_true()
                    && case.rule(id).is_some_and(|value| !value.is_true())
            },
        };
        raw = raw.example(Some(example(cx.program, &witness, showing)?));
    }
    Ok(Some(raw))
}

/// A row with such a scope that this rule alone hides.
fn hidden(
    cx: &Cx<'_, '_>,
    id: RuleId,
    rule: &Rule,
    single: &Pred,
    scene: &Scene<'_>,
    action: &str,
) -> Result<Option<Witness>, Trouble> {
    let (mut q, user, row) = scene.ask(cx);
    let lines = Lines::new(&mut q, user, row, &scene.rules);
    let Some(line) = lines.lines.iter().find(|line| line.id == id) else {
        return Ok(None);
    };
    let mut all = vec![line.active, !line.yes, q.is_true(user, single, row)];
    let given = lines.given(&mut q, action, cx.is_open(action), &|other| other != id);
    all.push(if rule.effect == Effect::Grant {
        !given
    } else {
        given
    });
    for other in &lines.lines {
        if other.id != id && speaks_of(other.rule, action) {
            all.push(other.spares);
        }
    }
    let whole = q.and(all);
    Ok(q.witness(whole)?.filter(|witness| scene.fits(witness)))
}
