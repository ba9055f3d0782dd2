//! `narrowing-role`: a role or group that reads as if it gave, and takes: who has it besides others loses what those
//! give. So read a role that grants and restricts, and restrictions by an axis, which are united among themselves.

mod together;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ambit_core::{Effect, Holder, PrincipalId, PrincipalKind, Rule, RuleId};
use ambit_solver::{Bool, Who, Witness};
use smol_str::SmolStr;

use super::scenes::{self, Scene};
use crate::confirm::{Showing, example};
use crate::cx::{Cx, Done, Lines, at, principal_name, speaks_of};
use crate::raw::{Example, Raw, Spot, Trouble};

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
                let found = loses(cx, scene, &action, &is_own)?;
                Ok(found.map(|witness| (witness, scene.who)))
            });
            let raw = match witness {
                Ok(None) => {
                    rest.push(suspect);
                    continue;
                }
                Ok(Some((witness, who))) => suspect.shown(cx, &witness, who).map(Some),
                Err(trouble) => Err(trouble),
            };
            let raw = cx.confirmed(Spot::Principal(*principal), raw)?;
            found.extend(raw.map(|raw| (*principal, raw)));
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
    cx: &mut Cx<'_, '_>,
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
        let raw = match loses(cx, &scene, action, &is_own) {
            Ok(None) => continue,
            Ok(Some(witness)) => suspect.shown(cx, &witness, scene.who).map(Some),
            Err(trouble) => Err(trouble),
        };
        let raw = cx.confirmed(Spot::Principal(suspect.principal), raw)?;
        found.extend(raw.map(|raw| (suspect.principal, raw)));
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

    /// The finding with a case that shows it.
    fn shown(&self, cx: &Cx<'_, '_>, witness: &Witness, who: Who) -> Result<Raw, Trouble> {
        let showing = Showing {
            user: 0,
            who,
            resource: cx.resource,
            action: &self.action,
            allowed: false,
            said: &|case| {
                let others = cx.rules.iter().filter(|(id, _)| !self.is_own(cx, *id));
                let takes = |position: &usize| {
                    let (id, rule) = cx.rules[*position];
                    match rule.effect {
                        Effect::Grant => false,
                        Effect::Deny => case.rule(id).is_some_and(|value| !value.is_false()),
                        Effect::Restrict { .. } => {
                            case.rule(id).is_some_and(|value| !value.is_true())
                        }
                    }
                };
                case.given(cx.is_open(&self.action), others) && self.own.iter().any(takes)
            },
        };
        let example = example(cx.program, witness, showing)?;
        Ok(self.said(cx, Some(example)))
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
