//! Whom to ask about: those of whom few rules speak first. A question about everybody reads every rule, so it comes last.

use std::collections::BTreeSet;

use ambit_core::{Effect, Holder, PrincipalId, PrincipalKind, Rule, RuleId};
use ambit_solver::{Question, RowId, UserId, Who, Witness};

use crate::cx::{Cx, Done, ask, has, speaks_of, who};
use crate::raw::Trouble;

/// With how many others, one at a time, somebody is looked at.
const MOST_COMPANIONS: usize = 4;

/// Where there are more rules than this, some others from all over are looked at, too: a question about everybody then costs
/// more than many about two.
const FEW_RULES: usize = 64;
const MOST_SPREAD: usize = 12;

/// A user, and rules that are all that can speak of him.
pub(super) struct Scene<'p> {
    pub who: Who,
    pub rules: Vec<(RuleId, &'p Rule)>,
    /// What the user may have.
    has: BTreeSet<PrincipalId>,
    /// All rules are there.
    whole: bool,
}

impl<'p> Scene<'p> {
    /// A question about such a user and one row.
    pub fn ask<'m>(&self, cx: &Cx<'m, 'p>) -> (Question<'p, 'm>, UserId, Option<RowId>) {
        let (mut q, user, row) = ask(cx.model, cx.resource, self.who);
        // Somebody has what the rules are of, and nothing else that they name.
        for (_, rule) in &self.rules {
            if let (false, Holder::EveryoneExcept(list)) = (self.whole, &rule.holder) {
                for other in list.iter().filter(|x| !self.has.contains(x)) {
                    let member = q.member(user, *other);
                    q.require(!member);
                }
            }
        }
        (q, user, row)
    }

    /// Only these rules speak of the witness' user.
    pub fn fits(&self, witness: &Witness) -> bool {
        let declared = witness.users.first().and_then(|user| user.declared);
        let named = |user| matches!(self.who, Who::Bare(p) | Who::AnyoneWith(p) if p == user);
        self.whole || declared.is_none_or(named)
    }
}

/// What is found in the first scene in which something is.
pub(super) fn first<'p, T>(
    cx: &Cx<'_, 'p>,
    holder: &Holder,
    action: &str,
    mut look: impl FnMut(&Scene<'p>) -> Result<Option<T>, Trouble>,
) -> Result<Option<T>, Trouble> {
    let mut found = None;
    each(cx, holder, action, |scene| {
        found = look(scene)?;
        Ok(found.is_some())
    })?;
    Ok(found)
}

/// Looks at whoever a holder's rules speak of, until that is enough: by himself, with one other who is granted the
/// action, and in general.
pub(super) fn each<'p>(
    cx: &Cx<'_, 'p>,
    holder: &Holder,
    action: &str,
    mut look: impl FnMut(&Scene<'p>) -> Result<bool, Trouble>,
) -> Done {
    let mut enough = false;
    each_small(cx, holder, action, |scene| {
        enough = look(scene)?;
        Ok(enough)
    })?;
    if !enough {
        look(&whole(cx, holder))?;
    }
    Ok(())
}

/// Whoever a holder's rules speak of, in general.
pub(super) fn whole<'p>(cx: &Cx<'_, 'p>, holder: &Holder) -> Scene<'p> {
    Scene {
        who: who(holder),
        rules: cx.rules.clone(),
        has: BTreeSet::new(),
        whole: true,
    }
}

/// What is found in the first scene about few rules in which something is.
pub(super) fn first_small<'p, T>(
    cx: &Cx<'_, 'p>,
    holder: &Holder,
    action: &str,
    mut look: impl FnMut(&Scene<'p>) -> Result<Option<T>, Trouble>,
) -> Result<Option<T>, Trouble> {
    let mut found = None;
    each_small(cx, holder, action, |scene| {
        found = look(scene)?;
        Ok(found.is_some())
    })?;
    Ok(found)
}

/// The same without what is asked of everybody.
fn each_small<'p>(
    cx: &Cx<'_, 'p>,
    holder: &Holder,
    action: &str,
    mut look: impl FnMut(&Scene<'p>) -> Result<bool, Trouble>,
) -> Done {
    // Where all users are written, nobody is bare.
    if !cx.program.settings.users_listed {
        let (bare, own) = match holder {
            Holder::Principal(p) => (Who::Bare(*p), Some(*p)),
            Holder::Everyone | Holder::EveryoneExcept(_) => (Who::Nobody, None),
        };
        let closure = |p: PrincipalId| cx.program.principal(p).closure.iter().copied();
        let alone = Scene {
            who: bare,
            rules: cx.rules_for(bare),
            has: own.into_iter().flat_map(closure).collect(),
            whole: false,
        };
        if look(&alone)? {
            return Ok(());
        }
        for other in companions(cx, holder, own, action) {
            let mut rules = cx.rules_for(Who::Bare(other));
            rules.extend(&alone.rules);
            rules.sort_unstable_by_key(|(id, _)| *id);
            rules.dedup_by_key(|(id, _)| *id);
            let scene = Scene {
                who: match own {
                    None => Who::Bare(other),
                    Some(p) if cx.program.principal(p).kind == PrincipalKind::User => who(holder),
                    Some(p) => Who::Both(p, other),
                },
                rules,
                has: alone.has.iter().copied().chain(closure(other)).collect(),
                whole: false,
            };
            if look(&scene)? {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// Whoever has a holder's principal and nothing else; where all users are written, whoever of them has it.
pub(super) fn holder_alone(cx: &Cx<'_, '_>, holder: &Holder) -> Who {
    match holder {
        holder if cx.program.settings.users_listed => who(holder),
        Holder::Principal(p) => Who::Bare(*p),
        Holder::Everyone | Holder::EveryoneExcept(_) => Who::Nobody,
    }
}

/// Some who are granted the action, and whom a holder's rules may speak of, too.
fn companions(
    cx: &Cx<'_, '_>,
    holder: &Holder,
    own: Option<PrincipalId>,
    action: &str,
) -> Vec<PrincipalId> {
    let fits = |(_, rule): &(RuleId, &Rule)| match rule.holder {
        Holder::Principal(p)
            if rule.effect == Effect::Grant
                && speaks_of(rule, action)
                && cx.program.principal(p).kind != PrincipalKind::User
                && own.is_none_or(|own| !has(cx.program, own, p) && !exclude(cx, own, p))
                && !matches!(holder, Holder::EveryoneExcept(list)
                    if list.iter().any(|x| has(cx.program, p, *x))) =>
        {
            Some(p)
        }
        _ => None,
    };
    let mut first = BTreeSet::new();
    for rule in &cx.rules {
        if first.len() >= MOST_COMPANIONS {
            break;
        }
        first.extend(fits(rule));
    }
    let mut out: Vec<PrincipalId> = first.iter().copied().collect();
    let count = cx.rules.len();
    if count > FEW_RULES {
        let spread = (0..MOST_SPREAD).filter_map(|n| {
            let from = n * count / MOST_SPREAD;
            let part = cx.rules.get(from..from + count / MOST_SPREAD)?;
            part.iter().find_map(fits)
        });
        out.extend(spread.filter(|p| !first.contains(p)));
    }
    out
}

/// Can nobody have both?
fn exclude(cx: &Cx<'_, '_>, a: PrincipalId, b: PrincipalId) -> bool {
    cx.program.exclusive.iter().any(|set| {
        let mut of_a = set.iter().filter(|x| has(cx.program, a, **x));
        of_a.any(|x| set.iter().any(|y| x != y && has(cx.program, b, *y)))
    })
}
