//! `sources-not-granted`: an object is granted, and what it uses is not.

use ambit_core::{ObjectId, PrincipalId, PrincipalKind, Resource, Rule, RuleId};
use ambit_solver::Who;

use super::object_rows::reads;
use crate::cx::{Cx, at, has, holder_name};
use crate::raw::{Raw, Trouble};

/// What the object uses and such a user may not read.
pub(super) fn not_granted(
    cx: &Cx<'_, '_>,
    id: RuleId,
    rule: &Rule,
    who: Who,
    object: ObjectId,
) -> Result<Option<Raw>, Trouble> {
    let declared: Vec<PrincipalId> = declared_users(cx, who);
    let mut missing = Vec::new();
    for used in &cx.program.objects[object.index()].uses {
        let (source, readable) = match used {
            Resource::Table(table) => (cx.program.source_of(*table, None), true),
            Resource::Object(inner) => (
                cx.program.objects[inner.index()].source,
                cx.program.actions_of(*used).iter().any(|a| a == "read"),
            ),
        };
        let alongside = rule.everything_in.is_some() && rule.everything_in == source;
        if !readable || alongside || reads(cx, who, *used)? {
            continue;
        }
        // All who have it have the rest from elsewhere.
        let mut others = !declared.is_empty();
        for user in &declared {
            others = others && reads(cx, Who::Bare(*user), *used)?;
        }
        if !others {
            missing.push(format!("`{}`", cx.program.resource_name(*used)));
        }
    }
    if missing.is_empty() {
        return Ok(None);
    }
    let list = missing.join(", ");
    Ok(Some(
        Raw::new(
            "W0610",
            at(id),
            format!(
                "{} is granted `{}` and not what it uses: {list}",
                holder_name(cx.program, &rule.holder),
                cx.name()
            ),
        )
        .label(format!(
            "{list} {} closed",
            if missing.len() == 1 { "stays" } else { "stay" }
        ))
        .note("what is granted whole opens nothing behind it")
        .help(format!(
            "grant read on {}, too",
            missing.join(", ").replace('`', "")
        )),
    ))
}

/// The declared users who have a role or group.
fn declared_users(cx: &Cx<'_, '_>, who: Who) -> Vec<PrincipalId> {
    let (Who::Bare(holder) | Who::AnyoneWith(holder)) = who else {
        return Vec::new();
    };
    (0..cx.program.principals.len() as u32)
        .map(PrincipalId)
        .filter(|p| {
            let user = cx.program.principal(*p);
            *p != holder
                && user.kind == PrincipalKind::User
                && user.test.is_none()
                && has(cx.program, *p, holder)
        })
        .collect()
}
