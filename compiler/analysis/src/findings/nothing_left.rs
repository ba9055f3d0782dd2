//! `nothing-left`: a principal who is granted something, and whose own rules take all of it away.

use std::collections::BTreeSet;

use ambit_core::{Effect, Holder, PrincipalId, RuleId};
use ambit_solver::{Bool, Who};

use crate::confirm::{Showing, confirm};
use crate::cx::{Cx, Done, Lines, ask, at, principal_name, speaks_of};
use crate::raw::{Raw, Spot};

pub(crate) fn find(cx: &mut Cx<'_, '_>) -> Done {
    let mut found: BTreeSet<PrincipalId> = BTreeSet::new();
    // Who has more comes later: what a group cannot, its members cannot for the same reason.
    let mut order: Vec<PrincipalId> = (0..cx.program.principals.len() as u32)
        .map(PrincipalId)
        .filter(|p| cx.program.principal(*p).test.is_none())
        .collect();
    order.sort_by_key(|p| (cx.program.principal(*p).closure.len(), *p));
    let takers: BTreeSet<PrincipalId> = cx
        .rules
        .iter()
        .filter(|(_, rule)| rule.effect != Effect::Grant)
        .filter_map(|(_, rule)| match rule.holder {
            Holder::Principal(p) => Some(p),
            _ => None,
        })
        .collect();
    for principal in order {
        let closure = &cx.program.principal(principal).closure;
        let bypasses = closure
            .iter()
            .any(|p| !cx.program.principal(*p).bypasses.is_empty());
        let takes = takers.contains(&principal) || closure.iter().any(|p| takers.contains(p));
        if !takes || bypasses || closure.iter().any(|p| found.contains(p)) {
            continue;
        }
        if of_principal(cx, principal)? {
            found.insert(principal);
        }
    }
    Ok(())
}

fn of_principal(cx: &mut Cx<'_, '_>, principal: PrincipalId) -> Result<bool, crate::raw::Trouble> {
    let (mut q, user, row) = ask(cx.model, cx.resource, Who::Bare(principal));
    let lines = Lines::new(&mut q, user, row, &cx.rules);
    let mut any = Vec::new();
    let mut first: Option<(String, Bool)> = None;
    for action in cx.program.actions_of(cx.resource) {
        let given = lines.given(&mut q, &action, cx.is_open(&action), &|_| true);
        if given == Bool::FALSE {
            continue;
        }
        let mut parts = lines.spared(&mut q, &action, &|_| true);
        parts.push(given);
        any.push(q.and(parts));
        first.get_or_insert((action.to_string(), given));
    }
    let Some((action, given)) = first else {
        return Ok(false);
    };
    // Row by row, the three lines of one action; an update or delete without a read is another matter.
    let mut formulas = any.clone();
    formulas.push(given);
    let takers: Vec<(RuleId, Bool)> = lines
        .lines
        .iter()
        .filter(|l| l.rule.effect != Effect::Grant && speaks_of(l.rule, &action))
        .map(|l| (l.id, l.spares))
        .collect();
    formulas.extend(takers.iter().map(|(_, b)| *b));
    let mut asked = q.ask(&formulas)?;
    for some in &any {
        if asked.can(&[*some])? {
            return Ok(false);
        }
    }
    if !asked.can(&[given])? {
        // Nothing is granted that could be taken: another finding says so.
        return Ok(false);
    }
    // The fewest rules that together leave nothing.
    let mut needed: Vec<(RuleId, Bool)> = takers;
    let mut at_hand = 0;
    while at_hand < needed.len() {
        let mut list: Vec<Bool> = vec![given];
        list.extend(
            needed
                .iter()
                .enumerate()
                .filter(|(i, _)| *i != at_hand)
                .map(|(_, (_, b))| *b),
        );
        if asked.can(&list)? {
            at_hand += 1;
        } else {
            needed.remove(at_hand);
        }
    }
    // A row that is granted and that all rules but the first would leave.
    let mut list: Vec<Bool> = vec![given];
    list.extend(needed.iter().skip(1).map(|(_, b)| *b));
    if !asked.can(&list)? {
        list.truncate(1);
    }
    let witness = asked.witness(&list)?;
    let shown = match &witness {
        Some(witness) => Some(confirm(
            cx.program,
            witness,
            Showing {
                user: 0,
                resource: cx.resource,
                action: &action,
                allowed: false,
            },
        )?),
        None => None,
    };
    let mut raw = Raw::new(
        "W0604",
        Spot::Principal(principal),
        format!(
            "{} ends up with nothing on `{}`",
            principal_name(cx.program, principal),
            cx.name()
        ),
    )
    .label("granted something, left with nothing")
    .help("loosen one of the rules, or unite them: `restrict … by` the same column widens")
    .witness(shown);
    for (id, _) in &needed {
        raw = raw.related("no row passes this and the others", at(*id));
    }
    if needed.len() > 1 {
        raw = raw.note("restrictions are intersected: every one must hold");
    }
    cx.out.push(raw);
    Ok(true)
}
