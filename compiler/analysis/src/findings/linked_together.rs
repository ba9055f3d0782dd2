//! `linked-fields` of several rules: each can be met, and for one principal they never meet.

use std::collections::BTreeSet;

use ambit_core::{Effect, Holder, Pred, Rule, RuleId};
use ambit_solver::{Bool, Who};

use super::hierarchy::{Tree, stated};
use super::hierarchy_said::{conflict, with_facts};
use crate::confirm::{Showing, example};
use crate::cx::{Cx, Done, Lines, ask, at, principal_name};
use crate::raw::{Raw, Spot, Trouble};

/// The rules of a principal together.
pub(super) fn find(cx: &mut Cx<'_, '_>, tree: &Tree<'_>, alone: &BTreeSet<RuleId>) -> Done {
    let mut order: Vec<(usize, Who)> = cx
        .concerned()
        .into_iter()
        .map(|p| (cx.program.principal(p).closure.len(), Who::Bare(p)))
        .collect();
    order.sort_by_key(|(size, _)| *size);
    let everyone = (0, Who::Nobody);
    // Whoever has more is in the same case for the same rules.
    let mut told: BTreeSet<Vec<RuleId>> = BTreeSet::new();
    for (_, who) in std::iter::once(everyone).chain(order) {
        let rules = cx.rules_for(who);
        let named: Vec<&(RuleId, &Rule)> = rules
            .iter()
            .filter(|(id, _)| tree.levels.contains_key(id))
            .collect();
        let levels: BTreeSet<usize> = named.iter().map(|(id, _)| tree.levels[id].0).collect();
        let takes = named.iter().any(|(_, rule)| rule.effect != Effect::Grant);
        let known = told
            .iter()
            .any(|core| core.iter().all(|id| rules.iter().any(|(r, _)| r == id)));
        if levels.len() < 2 || !takes || known || named.iter().any(|(id, _)| alone.contains(id)) {
            continue;
        }
        let spot = named.last().map_or(Spot::Claim(0), |(id, _)| at(*id));
        let raw = of_principal(cx, tree, who, &rules);
        if let Some((core, raw)) = cx.confirmed(spot, raw)? {
            told.insert(core);
            cx.out.push(raw);
        }
    }
    Ok(())
}

fn of_principal(
    cx: &Cx<'_, '_>,
    tree: &Tree<'_>,
    who: Who,
    rules: &[(RuleId, &Rule)],
) -> Result<Option<(Vec<RuleId>, Raw)>, Trouble> {
    let (mut q, user, row) = ask(cx.model, cx.resource, who);
    let lines = Lines::new(&mut q, user, row, rules);
    let Some(action) = cx
        .program
        .actions_of(cx.resource)
        .into_iter()
        .find(|action| {
            cx.is_open(action)
                || rules
                    .iter()
                    .any(|(_, r)| r.effect == Effect::Grant && r.actions.contains(action))
        })
    else {
        return Ok(None);
    };
    let given = lines.given(&mut q, &action, cx.is_open(&action), &|_| true);
    let spared = lines.spared(&mut q, &action, &|_| true);
    let stated = stated(&mut q, tree, cx.program, rules, user, row);
    let takers: Vec<(RuleId, Bool)> = lines
        .lines
        .iter()
        .filter(|line| line.rule.effect != Effect::Grant)
        .map(|line| (line.id, line.spares))
        .collect();
    let mut whole = spared;
    whole.push(given);
    let mut formulas = whole.clone();
    formulas.push(stated);
    let mut all = formulas.clone();
    all.extend(takers.iter().map(|(_, spares)| *spares));
    let mut asked = q.ask(&all)?;
    if asked.can_usually(&formulas) || !asked.can(&whole)? || asked.can(&formulas)? {
        return Ok(None);
    }
    // The fewest that together leave nothing. Those united by one axis are no one's fault alone.
    let mut core = takers;
    let mut position = 0;
    while position < core.len() {
        let mut list = vec![stated, given];
        list.extend(
            core.iter()
                .enumerate()
                .filter(|(i, _)| *i != position)
                .map(|(_, c)| c.1),
        );
        if asked.can(&list)? {
            position += 1;
        } else {
            core.remove(position);
        }
    }
    // The finest first: it says most.
    core.sort_by_key(|(id, _)| (std::cmp::Reverse(tree.levels.get(id).map(|l| l.0)), *id));
    let Some((finest, keeps)) = core.first().copied() else {
        return Ok(None);
    };
    let mut list = vec![stated, given];
    if asked.can(&[stated, given, keeps])? {
        list.push(keeps);
    }
    let witness = asked.witness(&list)?;
    let shown = match &witness {
        Some(witness) => Some(example(
            cx.program,
            witness,
            Showing {
                user: 0,
                who,
                resource: cx.resource,
                action: &action,
                allowed: false,
                said: &|case| case.given(cx.is_open(&action), rules),
            },
        )?),
        None => None,
    };
    let ids: Vec<RuleId> = core.iter().map(|(id, _)| *id).collect();
    let grants = rules
        .iter()
        .filter(|(id, rule)| rule.effect == Effect::Grant && tree.levels.contains_key(id));
    let preds: Vec<&Pred> = rules
        .iter()
        .filter(|(id, _)| ids.contains(id))
        .chain(grants)
        .map(|(_, rule)| &rule.pred)
        .collect();
    let conflict = conflict(tree, &preds);
    let name = match who {
        Who::Bare(p) => principal_name(cx.program, p),
        _ => ambit_core::print::print_holder(cx.program, &Holder::Everyone),
    };
    let left = format!("{name} is left with nothing on `{}`", cx.name());
    let message = match &conflict {
        Some((never, _)) => format!("{left}: {never}"),
        None => format!("{left}: linked fields are asked for values that never meet"),
    };
    let mut raw = Raw::new("W0606", at(finest), message)
        .label("no row of the hierarchy passes this and the others")
        .example(shown);
    for id in ids.iter().skip(1) {
        raw = raw.related("asks for what never meets it", Spot::Rule(*id));
    }
    let raw = with_facts(raw, tree, conflict.map(|(_, fact)| fact));
    Ok(Some((ids, raw)))
}
