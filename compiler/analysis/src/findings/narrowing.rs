//! `narrowing-role`: a role or group that reads as if it gave, and takes: who has it besides others loses what those
//! give. So read a role that grants and restricts, and restrictions by an axis, which are united among themselves.

use std::collections::{BTreeMap, BTreeSet};

use ambit_core::{Effect, Holder, PrincipalId, PrincipalKind, Rule, RuleId};
use ambit_solver::{Bool, Witness};

use super::scenes::{self, Scene};
use crate::confirm::{Showing, example};
use crate::cx::{Cx, Done, Lines, at, principal_name, speaks_of};
use crate::raw::{Raw, Spot, Trouble};

pub(crate) fn find(cx: &mut Cx<'_, '_>) -> Done {
    let mut own: BTreeMap<PrincipalId, Vec<usize>> = BTreeMap::new();
    for (position, (_, rule)) in cx.rules.iter().enumerate() {
        if let Holder::Principal(p) = rule.holder
            && cx.program.principal(p).kind != PrincipalKind::User
        {
            own.entry(p).or_default().push(position);
        }
    }
    // The instances of a role are one role.
    let mut bases = BTreeSet::new();
    own.retain(|p, _| bases.insert(cx.program.principal(*p).base.clone()));
    for (principal, positions) in own {
        let raw = of_principal(cx, principal, &positions);
        let raw = cx.confirmed(Spot::Principal(principal), raw)?;
        cx.out.extend(raw);
    }
    Ok(())
}

fn of_principal(
    cx: &Cx<'_, '_>,
    principal: PrincipalId,
    positions: &[usize],
) -> Result<Option<Raw>, Trouble> {
    let own: Vec<_> = positions.iter().map(|p| cx.rules[*p]).collect();
    for action in cx.program.actions_of(cx.resource) {
        let of_action = |grant: bool| {
            let mut own = own.iter();
            own.find(|(_, r)| (r.effect == Effect::Grant) == grant && speaks_of(r, &action))
        };
        let Some((id, rule)) = of_action(false) else {
            continue;
        };
        // Who only takes says so, unless by an axis: there the second of its kind widens.
        let by_axis = matches!(rule.effect, Effect::Restrict { by: Some(_) });
        let grants = of_action(true).is_some();
        if !grants && !by_axis {
            continue;
        }
        let is_own = |id: RuleId| own.iter().any(|(other, _)| *other == id);
        let holder = Holder::Principal(principal);
        let found = scenes::first(cx, &holder, &action, |scene| {
            let found = loses(cx, scene, &action, &is_own)?;
            Ok(found.map(|witness| (witness, scene.who)))
        })?;
        let Some((witness, who)) = found else {
            continue;
        };
        let showing = Showing {
            user: 0,
            who,
            resource: cx.resource,
            action: &action,
            allowed: false,
            said: &|case| {
                let others = cx.rules.iter().filter(|(id, _)| !is_own(*id));
                let takes = |(id, rule): &(RuleId, &Rule)| match rule.effect {
                    Effect::Grant => false,
                    Effect::Deny => case.rule(*id).is_some_and(|value| !value.is_false()),
                    Effect::Restrict { .. } => case.rule(*id).is_some_and(|value| !value.is_true()),
                };
                case.given(cx.is_open(&action), others) && own.iter().any(takes)
            },
        };
        let shown = example(cx.program, &witness, showing)?;
        let note = match rule.effect {
            Effect::Restrict { by: Some(_) } => {
                "the first restriction by an axis narrows; only further ones by the same axis widen again"
            }
            Effect::Restrict { by: None } => {
                "a restriction must hold of every row, whoever gives it"
            }
            _ => "a deny takes away whatever other roles give",
        };
        let name = principal_name(cx.program, principal);
        let raw = Raw::new(
            "W0605",
            at(*id),
            format!(
                "who has {name} besides others can {action} less of `{}`",
                cx.name()
            ),
        )
        .label(if rule.effect == Effect::Deny {
            "denies what others grant, too"
        } else {
            "narrows what others grant, too"
        })
        .note(note)
        .help(if grants {
            "to say only what this role gives, put the condition into its grants"
        } else {
            "to say what this role gives, grant it: a restriction only narrows what others give"
        })
        .example(Some(shown));
        return Ok(Some(raw));
    }
    Ok(None)
}

/// What others give, and the role's own rules take.
fn loses(
    cx: &Cx<'_, '_>,
    scene: &Scene<'_>,
    action: &str,
    is_own: &dyn Fn(RuleId) -> bool,
) -> Result<Option<Witness>, Trouble> {
    let (mut q, user, row) = scene.ask(cx);
    let lines = Lines::new(&mut q, user, row, &scene.rules);
    // What the role itself gives would not be there without it.
    let given = lines.given(&mut q, action, cx.is_open(action), &|id| !is_own(id));
    if given == Bool::FALSE {
        return Ok(None);
    }
    let mut all = lines.spared(&mut q, action, &|id| !is_own(id));
    all.push(given);
    let with = lines.spared(&mut q, action, &|_| true);
    all.push(!q.and(with));
    let whole = q.and(all);
    Ok(q.witness(whole)?.filter(|witness| scene.fits(witness)))
}
