//! `covered-grant`: a grant that others give already, to whoever has it, or that an open table makes idle.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use ambit_core::{Effect, Holder, Pred, Rule, RuleId};

use crate::cx::{Cx, Done, Lines, ask, at, holder_name, who};
use crate::raw::{Mend, Raw};

/// Among how many others the one that gives it alone is looked for.
const MOST_TRIED: usize = 50;

pub(crate) fn find(cx: &mut Cx<'_, '_>) -> Done {
    let mut found = BTreeMap::new();
    let mut holders: HashSet<&Holder> = HashSet::new();
    for (_, rule) in &cx.rules {
        if rule.effect == Effect::Grant && holders.insert(&rule.holder) {
            of_holder(cx, &rule.holder, &mut found)?;
        }
    }
    cx.say_where_all(&found);
    Ok(())
}

fn of_holder<'p>(cx: &Cx<'_, 'p>, holder: &Holder, found: &mut BTreeMap<RuleId, Raw>) -> Done {
    let grants: Vec<(RuleId, &'p Rule)> = cx
        .always_with(holder)
        .into_iter()
        .filter(|(_, rule)| rule.effect == Effect::Grant)
        .collect();
    let own: Vec<(RuleId, &'p Rule)> = grants
        .iter()
        .copied()
        .filter(|(_, rule)| rule.holder == *holder)
        .collect();
    for (id, rule) in &own {
        if rule.actions.iter().all(|a| cx.is_open(a)) {
            let raw = Raw::new(
                "W0602",
                at(*id),
                format!(
                    "`{}` is open: who may read it need not be granted it",
                    cx.name()
                ),
            )
            .label("gives what everybody has")
            .help("take the grant out, or take `open` off the table");
            found.insert(*id, raw.mend("take the grant out", true, Mend::Remove(*id)));
        }
    }
    if grants.len() < 2 || grants.iter().all(|(id, _)| found.contains_key(id)) {
        return Ok(());
    }
    let (mut q, user, row) = ask(cx.model, cx.resource, who(holder));
    let lines = Lines::new(&mut q, user, row, &grants);
    let mut formulas = Vec::new();
    let mut gives = BTreeMap::new();
    for line in &lines.lines {
        let given = q.and([line.active, line.yes]);
        formulas.push(given);
        gives.insert(line.id, given);
    }
    let mut asked = q.ask(&formulas)?;
    let mut gone: BTreeSet<RuleId> = BTreeSet::new();
    // The later of two that say the same goes.
    for (id, rule) in own.iter().rev() {
        if found.contains_key(id) || rule.pred == Pred::Const(false) {
            continue;
        }
        let Some(given) = gives.get(id) else { continue };
        let others: Vec<(RuleId, &Rule)> = grants
            .iter()
            .copied()
            .filter(|(other, _)| other != id && !gone.contains(other))
            .collect();
        let covers = |all: &[(RuleId, &Rule)], asked: &mut ambit_solver::Asked<'_, '_, '_>| {
            let mut covered = true;
            for action in rule.actions.iter().filter(|a| !cx.is_open(a)) {
                let mut list = vec![*given];
                list.extend(
                    all.iter()
                        .filter(|(_, other)| other.actions.contains(action))
                        .filter_map(|(other, _)| gives.get(other))
                        .map(|b| !*b),
                );
                covered &= list.len() > 1 && !asked.can(&list)?;
                if !covered {
                    break;
                }
            }
            Ok::<bool, ambit_solver::Limit>(covered)
        };
        if !asked.can(&[*given])? || !covers(&others, &mut asked)? {
            continue;
        }
        gone.insert(*id);
        let mut one = None;
        // Of many it hardly helps to know the one.
        for other in others.iter().take(MOST_TRIED) {
            if covers(std::slice::from_ref(other), &mut asked)? {
                one = Some(*other);
                break;
            }
        }
        let mut raw = Raw::new(
            "W0602",
            at(*id),
            format!(
                "{} is granted all of this on `{}` already",
                holder_name(cx.program, holder),
                cx.name()
            ),
        )
        .label("gives nothing more")
        .help("take the grant out: nobody loses anything");
        raw = match one {
            Some((other, rule)) => {
                let whose = if rule.holder == *holder {
                    String::new()
                } else {
                    format!(", of {}", holder_name(cx.program, &rule.holder))
                };
                raw.related(format!("this gives it{whose}"), at(other))
            }
            None => raw.note("several grants together give it"),
        };
        found.insert(*id, raw.mend("take the grant out", true, Mend::Remove(*id)));
    }
    Ok(())
}
