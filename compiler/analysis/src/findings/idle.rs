//! `takes-nothing`: a deny or restrict without which everybody may do just the same.

use std::collections::BTreeMap;

use ambit_core::{Effect, Rule, RuleId};
use ambit_solver::{Bool, Question};

use super::scenes::{self, Scene};
use crate::cx::{Cx, Done, Line, Lines, at, speaks_of};
use crate::raw::{Mend, Raw, Trouble};

pub(crate) fn find(cx: &mut Cx<'_, '_>) -> Done {
    if cx.rules.iter().all(|(_, r)| r.effect == Effect::Grant) {
        return Ok(());
    }
    let mut given = cx.program.actions_of(cx.resource);
    given.retain(|action| {
        let grants = |rule: &Rule| rule.effect == Effect::Grant && speaks_of(rule, action);
        cx.is_open(action) || cx.rules.iter().any(|(_, rule)| grants(rule))
    });
    let mut found = BTreeMap::new();
    for (id, rule) in cx.rules.clone() {
        if rule.effect == Effect::Grant {
            continue;
        }
        let mut idle = true;
        for action in given.iter().filter(|action| speaks_of(rule, action)) {
            let case = scenes::first(cx, &rule.holder, action, |scene| {
                matters(cx, scene, id, action)
            })?;
            if case.is_some() {
                idle = false;
                break;
            }
        }
        if idle {
            found.insert(id, said(cx, id, rule, !given.is_empty()));
        }
    }
    cx.say_where_all(found);
    Ok(())
}

/// Does the rule change what such a user may do?
fn matters(
    cx: &Cx<'_, '_>,
    scene: &Scene<'_>,
    id: RuleId,
    action: &str,
) -> Result<Option<()>, Trouble> {
    let (mut q, user, row) = scene.ask(cx);
    let lines = Lines::new(&mut q, user, row, &scene.rules);
    let Some(line) = lines.lines.iter().find(|line| line.id == id) else {
        return Ok(None);
    };
    let given = lines.given(&mut q, action, cx.is_open(action), &|_| true);
    if given == Bool::FALSE {
        return Ok(None);
    }
    let cases = cases(&mut q, &lines, line, action, given);
    let mut asked = q.ask(&cases)?;
    for case in cases {
        if asked.can(&[case])? {
            return Ok(Some(()));
        }
    }
    Ok(None)
}

/// When the rule takes what all others leave, or, united with others of its axis, gives what they do not.
fn cases<'p>(
    q: &mut Question<'p, '_>,
    lines: &Lines<'p>,
    line: &Line<'p>,
    action: &str,
    given: Bool,
) -> Vec<Bool> {
    let mut takes = vec![line.active, given];
    if !matches!(line.rule.effect, Effect::Restrict { by: Some(_) }) {
        takes.push(!line.spares);
        takes.extend(lines.spared(q, action, &|other| other != line.id));
        return vec![q.and(takes)];
    }
    let united = |other: &&Line<'p>| other.rule.effect == line.rule.effect;
    let others: Vec<&Line<'p>> = lines
        .lines
        .iter()
        .filter(|other| united(other) && other.id != line.id)
        .collect();
    let rest = lines.spared(q, action, &|other| {
        !lines.lines.iter().any(|l| l.id == other && united(&l))
    });
    takes.push(!line.yes);
    takes.extend(others.iter().map(|other| !other.active));
    takes.extend(rest.iter().copied());
    let mut gives = vec![line.active, line.yes, given];
    gives.push(q.or(others.iter().map(|other| other.active)));
    for other in others {
        gives.push(q.or([!other.active, !other.yes]));
    }
    gives.extend(rest);
    vec![q.and(takes), q.and(gives)]
}

fn said(cx: &Cx<'_, '_>, id: RuleId, rule: &Rule, granted: bool) -> Raw {
    let word = if rule.effect == Effect::Deny {
        "deny"
    } else {
        "restriction"
    };
    let name = cx.name();
    let raw = if granted {
        Raw::new(
            "W0603",
            at(id),
            format!("this {word} takes nothing away on `{name}`"),
        )
        .label("without it everybody may do just the same")
        .note("what it would take is taken by other rules, or granted to nobody whom it speaks of")
    } else {
        Raw::new(
            "W0603",
            at(id),
            format!("nobody is granted anything on `{name}` that this {word} could take"),
        )
        .label("nothing to take away from")
        .help(format!("grant something on `{name}`, or declare it `open`"))
    };
    raw.help("take the rule out, or mend what it is to take")
        .mend("take the rule out", false, Mend::Remove(id))
}
