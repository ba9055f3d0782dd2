//! `narrowing-role`: a role or group that reads as if it gave, and takes: who has it besides others loses what those
//! give. So read a role that grants and restricts, and restrictions by an axis, which are united among themselves.

mod together;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ambit_core::{Effect, Holder, PrincipalId, PrincipalKind, Rule, RuleId};
use ambit_solver::{Bool, Witness};
use smol_str::SmolStr;

use super::scenes::{self, Scene};
use crate::confirm::{Showing, example};
use crate::cx::{Cx, Done, Lines, at, principal_name, speaks_of};
use crate::raw::{Example, Raw};

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
    let mut found: BTreeMap<PrincipalId, Raw> = BTreeMap::new();
    for action in cx.program.actions_of(cx.resource) {
        let mut rest = Vec::new();
        for (principal, positions) in &own {
            (cx.shared.wanted)();
            if found.contains_key(principal) {
                continue;
            }
            let Some(suspect) = suspect(cx, *principal, positions, &action) else {
                continue;
            };
            let is_own = |id: RuleId| suspect.is_own(cx, id);
            let holder = Holder::Principal(*principal);
            let witness = scenes::first_small(cx, &holder, &action, |scene| {
                loses(cx, scene, &action, &is_own)
            })?;
            match witness {
                Some(witness) => {
                    let shown = suspect.example(cx, &witness)?;
                    found.insert(*principal, suspect.said(cx, Some(shown)));
                }
                None => rest.push(suspect),
            }
        }
        in_general(cx, &action, &rest, &mut found)?;
    }
    cx.out.extend(found.into_values());
    Ok(())
}

/// So many are asked of one by one, about everybody; more are asked of together before.
const ONE_BY_ONE: usize = 8;

/// So many are shown by a case, where a case takes everybody's rules to find.
const SHOWN: usize = 64;

/// Of whom nothing was found with few others: what with anybody?
fn in_general(
    cx: &Cx<'_, '_>,
    action: &str,
    suspects: &[Suspect<'_>],
    found: &mut BTreeMap<PrincipalId, Raw>,
) -> Done {
    let many = suspects.len() > ONE_BY_ONE;
    let losing = if many {
        together::losing(cx, action, suspects)?
    } else {
        vec![true; suspects.len()]
    };
    let mut shown = 0;
    for (suspect, losing) in suspects.iter().zip(losing) {
        (cx.shared.wanted)();
        if !losing {
            continue;
        }
        if many && !suspect.by_axis && shown >= SHOWN {
            found.insert(suspect.principal, suspect.said(cx, None));
            continue;
        }
        shown += 1;
        let holder = Holder::Principal(suspect.principal);
        let is_own = |id: RuleId| suspect.is_own(cx, id);
        let scene = scenes::whole(cx, &holder);
        if let Some(witness) = loses(cx, &scene, action, &is_own)? {
            let example = suspect.example(cx, &witness)?;
            found.insert(suspect.principal, suspect.said(cx, Some(example)));
        }
    }
    Ok(())
}

/// A principal whose own rules take something of an action.
struct Suspect<'p> {
    principal: PrincipalId,
    /// Its rules, by position in the rules of the resource.
    own: Vec<usize>,
    action: SmolStr,
    /// One of those that take.
    taking: (RuleId, &'p Rule),
    grants: bool,
    /// One of them restricts by an axis.
    by_axis: bool,
}

/// The suspect of an action, if it is one.
fn suspect<'p>(
    cx: &Cx<'_, 'p>,
    principal: PrincipalId,
    positions: &[usize],
    action: &SmolStr,
) -> Option<Suspect<'p>> {
    let own: Vec<_> = positions.iter().map(|p| cx.rules[*p]).collect();
    let of_action = |grant: bool| {
        let mut own = own.iter();
        own.find(|(_, r)| (r.effect == Effect::Grant) == grant && speaks_of(r, action))
    };
    let taking = *of_action(false)?;
    // Who only takes says so, unless by an axis: there the second of its kind widens.
    let grants = of_action(true).is_some();
    if !grants && !matches!(taking.1.effect, Effect::Restrict { by: Some(_) }) {
        return None;
    }
    Some(Suspect {
        principal,
        own: positions.to_vec(),
        action: action.clone(),
        taking,
        grants,
        by_axis: own
            .iter()
            .any(|(_, r)| matches!(r.effect, Effect::Restrict { by: Some(_) })),
    })
}

impl Suspect<'_> {
    fn is_own(&self, cx: &Cx<'_, '_>, id: RuleId) -> bool {
        self.own.iter().any(|p| cx.rules[*p].0 == id)
    }

    /// A case that shows it.
    fn example(
        &self,
        cx: &Cx<'_, '_>,
        witness: &Witness,
    ) -> Result<Arc<Example>, crate::raw::Trouble> {
        let showing = Showing {
            user: 0,
            resource: cx.resource,
            action: &self.action,
            allowed: false,
        };
        example(cx.program, witness, showing)
    }

    fn said(&self, cx: &Cx<'_, '_>, shown: Option<Arc<Example>>) -> Raw {
        let (id, rule) = self.taking;
        let note = match rule.effect {
            Effect::Restrict { by: Some(_) } => {
                "the first restriction by an axis narrows; only further ones by the same axis widen again"
            }
            Effect::Restrict { by: None } => {
                "a restriction must hold of every row, whoever gives it"
            }
            _ => "a deny takes away whatever other roles give",
        };
        let name = principal_name(cx.program, self.principal);
        Raw::new(
            "W0605",
            at(id),
            format!(
                "who has {name} besides others can {} less of `{}`",
                self.action,
                cx.name()
            ),
        )
        .label(if rule.effect == Effect::Deny {
            "denies what others grant, too"
        } else {
            "narrows what others grant, too"
        })
        .note(note)
        .help(if self.grants {
            "to say only what this role gives, put the condition into its grants"
        } else {
            "to say what this role gives, grant it: a restriction only narrows what others give"
        })
        .example(shown)
    }
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
