//! `narrowing-role`: a role or group that takes access away from whoever has it besides others.

use std::collections::BTreeMap;

use ambit_core::{Effect, Holder, PrincipalId, PrincipalKind};
use ambit_solver::{Bool, Who};

use crate::confirm::{Showing, confirm};
use crate::cx::{Cx, Done, Lines, ask, at, principal_name, speaks_of};
use crate::raw::Raw;

pub(crate) fn find(cx: &mut Cx<'_, '_>) -> Done {
    let mut takers: BTreeMap<PrincipalId, Vec<usize>> = BTreeMap::new();
    for (position, (_, rule)) in cx.rules.iter().enumerate() {
        if let Holder::Principal(p) = rule.holder
            && rule.effect != Effect::Grant
            && cx.program.principal(p).kind != PrincipalKind::User
        {
            takers.entry(p).or_default().push(position);
        }
    }
    // The instances of a role are one role.
    let mut bases = std::collections::BTreeSet::new();
    takers.retain(|p, _| bases.insert(cx.program.principal(*p).base.clone()));
    for (principal, positions) in takers {
        of_principal(cx, principal, &positions)?;
    }
    Ok(())
}

fn of_principal(cx: &mut Cx<'_, '_>, principal: PrincipalId, positions: &[usize]) -> Done {
    let (mut q, user, row) = ask(cx.model, cx.resource, Who::AnyoneWith(principal));
    // What the role itself gives would not be there without it.
    let rules = cx.rules.clone();
    let own = |id| {
        rules
            .iter()
            .any(|(other, rule)| *other == id && rule.holder == Holder::Principal(principal))
    };
    let lines = Lines::new(&mut q, user, row, &rules);
    for action in cx.program.actions_of(cx.resource) {
        if !positions.iter().any(|p| speaks_of(rules[*p].1, &action)) {
            continue;
        }
        let given = lines.given(&mut q, &action, cx.is_open(&action), &|id| !own(id));
        if given == Bool::FALSE {
            continue;
        }
        let mut without = lines.spared(&mut q, &action, &|id| !own(id));
        without.push(given);
        let with = lines.spared(&mut q, &action, &|_| true);
        let with = q.and(with);
        let mut formulas = without.clone();
        formulas.push(!with);
        let mut asked = q.ask(&formulas)?;
        let Some(witness) = asked.witness(&formulas)? else {
            return Ok(());
        };
        // Update and delete ask for reading, too: what is shown is the one action where that does not matter.
        let shown = if matches!(action.as_str(), "update" | "delete") {
            None
        } else {
            Some(confirm(
                cx.program,
                &witness,
                Showing {
                    user: 0,
                    resource: cx.resource,
                    action: &action,
                    allowed: false,
                },
            )?)
        };
        let (id, rule) = rules[positions[0]];
        let name = principal_name(cx.program, principal);
        let mut raw = Raw::new(
            "W0605",
            at(id),
            format!("{name} takes access away: who has it besides others can {action} less of `{}`", cx.name()),
        )
        .label(if rule.effect == Effect::Deny {
            "denies rows that others grant"
        } else {
            "hides rows that others grant"
        })
        .witness(shown);
        raw = match rule.effect {
            Effect::Restrict { by: Some(_) } => raw.note(
                "the first restriction by an axis narrows; only further ones by the same axis widen again",
            ),
            Effect::Restrict { by: None } => raw.note("every restriction must hold, whatever other roles give"),
            _ => raw.note("a deny takes away whatever other roles give"),
        };
        raw = raw.help("if that is meant, `[lints] narrowing-role = \"allow\"`; else write it as a grant of what the role may see");
        cx.out.push(raw);
        return Ok(());
    }
    Ok(())
}
