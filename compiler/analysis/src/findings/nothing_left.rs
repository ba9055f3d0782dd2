//! `nothing-left`: a principal who is granted something, and whose own rules take all of it away.

use std::collections::BTreeSet;

use ambit_core::{Effect, Holder, Pred, PrincipalId, Rule, RuleId};
use ambit_solver::{Bool, Who};

use crate::confirm::{Showing, example};
use crate::cx::{Cx, Done, Lines, ask, at, principal_name, speaks_of};
use crate::raw::{Raw, Spot, Trouble};

pub(crate) fn find(cx: &mut Cx<'_, '_>) -> Done {
    if cx
        .rules
        .iter()
        .all(|(_, rule)| rule.effect == Effect::Grant)
    {
        return Ok(());
    }
    // Who has more comes later: what a group cannot, its members cannot for the same reason.
    let mut found: BTreeSet<PrincipalId> = BTreeSet::new();
    let mut order = cx.concerned();
    order.sort_by_key(|p| (cx.program.principal(*p).closure.len(), *p));
    for principal in order {
        let closure = &cx.program.principal(principal).closure;
        let bypasses = closure
            .iter()
            .any(|p| !cx.program.principal(*p).bypasses.is_empty());
        let rules = cx.rules_for(Who::Bare(principal));
        let takes = rules.iter().any(|(_, rule)| {
            rule.effect != Effect::Grant && matches!(rule.holder, Holder::Principal(_))
        });
        if !takes || bypasses || closure.iter().any(|p| found.contains(p)) {
            continue;
        }
        let raw = of_principal(cx, principal, &rules);
        if let Some(raw) = cx.confirmed(Spot::Principal(principal), raw)? {
            cx.out.push(raw);
            found.insert(principal);
        }
    }
    Ok(())
}

fn of_principal(
    cx: &Cx<'_, '_>,
    principal: PrincipalId,
    rules: &[(RuleId, &Rule)],
) -> Result<Option<Raw>, Trouble> {
    let (mut q, user, row) = ask(cx.model, cx.resource, Who::Bare(principal));
    let lines = Lines::new(&mut q, user, row, rules);
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
        return Ok(None);
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
            return Ok(None);
        }
    }
    if !asked.can(&[given])? {
        // Nothing is granted that could be taken: another finding says so.
        return Ok(None);
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
    // Who takes all without a condition, from what others give, says so.
    if let [(only, _)] = needed.as_slice()
        && rules
            .iter()
            .any(|(id, rule)| id == only && matches!(rule.pred, Pred::Const(_)))
        && !rules.iter().any(|(_, rule)| {
            rule.effect == Effect::Grant && rule.holder == Holder::Principal(principal)
        })
    {
        return Ok(None);
    }
    // A row that is granted and that all rules but the first would leave.
    let mut list: Vec<Bool> = vec![given];
    list.extend(needed.iter().skip(1).map(|(_, b)| *b));
    if !asked.can(&list)? {
        list.truncate(1);
    }
    let witness = asked.witness(&list)?;
    let shown = match &witness {
        Some(witness) => Some(example(
            cx.program,
            witness,
            Showing {
                user: 0,
                who: Who::Bare(principal),
                resource: cx.resource,
                action: &action,
                allowed: false,
                said: &|case| case.given(cx.is_open(&action), rules),
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
    .example(shown);
    for (id, _) in &needed {
        raw = raw.related("no row passes this and the others", at(*id));
    }
    if needed.len() > 1 {
        raw = raw.note("restrictions are intersected: every one must hold");
    }
    Ok(Some(raw))
}
