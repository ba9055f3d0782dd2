//! `narrowing-role`: a role or group that reads as if it gave, and takes: who has it besides others loses what those
//! give. So read a role that grants and restricts, and restrictions by an axis, which are united among themselves.

use std::collections::{BTreeMap, BTreeSet};

use ambit_core::{Effect, Holder, PrincipalId, PrincipalKind, RuleId};
use ambit_solver::{Bool, Witness};

use super::scenes::{self, Scene};
use crate::confirm::{Showing, example};
use crate::cx::{Cx, Done, Lines, at, principal_name, speaks_of};
use crate::raw::Raw;

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
        of_principal(cx, principal, &positions)?;
    }
    Ok(())
}

fn of_principal(cx: &mut Cx<'_, '_>, principal: PrincipalId, positions: &[usize]) -> Done {
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
            loses(cx, scene, &action, &is_own)
        })?;
        let Some(witness) = found else { continue };
        let showing = Showing {
            user: 0,
            resource: cx.resource,
            action: &action,
            allowed: false,
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
        cx.out.push(raw);
        return Ok(());
    }
    Ok(())
}

/// What others give, and the role's own rules take.
fn loses(
    cx: &Cx<'_, '_>,
    scene: &Scene<'_>,
    action: &str,
    is_own: &dyn Fn(RuleId) -> bool,
) -> Result<Option<Witness>, crate::raw::Trouble> {
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
