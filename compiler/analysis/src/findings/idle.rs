//! `takes-nothing`: a deny or restrict without which everybody may do just the same.

use std::collections::BTreeMap;

use ambit_core::{Effect, RuleId};
use ambit_solver::{Bool, Who};

use crate::cx::{Cx, Done, Lines, ask, at, speaks_of};
use crate::raw::{Mend, Raw};

pub(crate) fn find(cx: &mut Cx<'_, '_>) -> Done {
    if cx.rules.iter().all(|(_, r)| r.effect == Effect::Grant) {
        return Ok(());
    }
    let (mut q, user, row) = ask(cx.model, cx.resource, Who::Anyone);
    let lines = Lines::new(&mut q, user, row, &cx.rules);
    let actions = cx.program.actions_of(cx.resource);
    let mut cases: BTreeMap<RuleId, Vec<Vec<Bool>>> = BTreeMap::new();
    let mut granted = false;
    for action in &actions {
        let open = cx.is_open(action);
        let given = lines.given(&mut q, action, open, &|_| true);
        granted |= given != Bool::FALSE;
        if given == Bool::FALSE {
            continue;
        }
        for line in &lines.lines {
            if line.rule.effect == Effect::Grant || !speaks_of(line.rule, action) {
                continue;
            }
            let rest = lines.spared(&mut q, action, &|other| other != line.id);
            let list = cases.entry(line.id).or_default();
            // It takes what all others leave.
            let mut takes = vec![line.active, given];
            match line.rule.effect {
                Effect::Restrict { by: Some(_) } => {
                    let others: Vec<Bool> = lines
                        .lines
                        .iter()
                        .filter(|l| l.rule.effect == line.rule.effect && l.id != line.id)
                        .map(|l| l.active)
                        .collect();
                    takes.push(!line.yes);
                    takes.extend(others.iter().map(|b| !*b));
                    takes.extend(rest.iter().copied());
                    // Or, united with others of its axis, it gives what they do not.
                    let mut gives = vec![line.active, line.yes, given];
                    gives.push(q.or(others));
                    for other in &lines.lines {
                        if other.rule.effect == line.rule.effect && other.id != line.id {
                            gives.push(q.or([!other.active, !other.yes]));
                        }
                    }
                    gives.extend(lines.spared(&mut q, action, &|other| {
                        lines
                            .lines
                            .iter()
                            .any(|l| l.id == other && l.rule.effect != line.rule.effect)
                    }));
                    list.push(gives);
                }
                _ => {
                    takes.push(!line.spares);
                    takes.extend(rest);
                }
            }
            list.push(takes);
        }
    }
    let all: Vec<Bool> = cases.values().flatten().flatten().copied().collect();
    let mut asked = q.ask(&all)?;
    let mut found = BTreeMap::new();
    for line in &lines.lines {
        if line.rule.effect == Effect::Grant {
            continue;
        }
        let cases = cases.remove(&line.id).unwrap_or_default();
        let mut idle = true;
        for case in &cases {
            if asked.can_usually(case) {
                idle = false;
                break;
            }
        }
        for case in &cases {
            idle = idle && !asked.can(case)?;
        }
        if !idle {
            continue;
        }
        let word = if line.rule.effect == Effect::Deny {
            "deny"
        } else {
            "restriction"
        };
        let raw = if granted {
            Raw::new(
                "W0603",
                at(line.id),
                format!("this {word} takes nothing away on `{}`", cx.name()),
            )
            .label("without it everybody may do just the same")
            .note("what it would hide is hidden by other rules, or granted to nobody whom it speaks of")
        } else {
            Raw::new(
                "W0603",
                at(line.id),
                format!(
                    "nobody is granted anything on `{}` that this {word} could take",
                    cx.name()
                ),
            )
            .label("nothing to take away from")
            .help(format!(
                "grant something on `{}`, or declare it `open`",
                cx.name()
            ))
        };
        found.insert(
            line.id,
            raw.help("take the rule out, or mend what it is to hide")
                .mend("take the rule out", false, Mend::Remove(line.id)),
        );
    }
    cx.say_where_all(found);
    Ok(())
}
