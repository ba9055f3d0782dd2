//! `attribute-unmet`: a rule tests an attribute, and no declared user of whom all is known can meet the test.

use std::collections::BTreeMap;

use ambit_core::print::{print_pred, print_value};
use ambit_core::{AttributeId, Holder, PrincipalId, PrincipalKind, Rule, Value};
use ambit_solver::Who;

use super::{reads, short};
use crate::cx::{Cx, Done, ask, at, has, who};
use crate::raw::{Raw, Spot, Trouble};

/// How many users a finding names.
const MOST_NAMED: usize = 3;

pub(crate) fn find(cx: &mut Cx<'_, '_>) -> Done {
    let users: Vec<PrincipalId> = (0..cx.program.principals.len() as u32)
        .map(PrincipalId)
        .filter(|p| {
            let user = cx.program.principal(*p);
            user.kind == PrincipalKind::User && user.test.is_none()
        })
        .collect();
    if users.is_empty() {
        return Ok(());
    }
    let mut found = BTreeMap::new();
    for (id, rule) in cx.rules.clone() {
        let read = reads::attributes(&rule.pred);
        if read.is_empty() {
            continue;
        }
        let under: Vec<PrincipalId> = users
            .iter()
            .copied()
            .filter(|user| is_under(cx, *user, &rule.holder))
            .collect();
        // Of whom something is left to the identity provider, it may meet the test.
        let known = |user: &PrincipalId| read.iter().all(|a| written(cx, *user, *a).is_some());
        if under.is_empty() || !under.iter().all(known) || met(cx, rule, &under)? {
            continue;
        }
        let condition = short(&print_pred(cx.program, cx.table(), &rule.pred));
        let mut raw = Raw::new(
            "W0613",
            at(id),
            format!(
                "no declared user {}meets `{condition}`",
                match &rule.holder {
                    Holder::Principal(p)
                        if cx.program.principal(*p).kind != PrincipalKind::User =>
                        format!("of `{}` ", cx.program.principal(*p).name),
                    _ => String::new(),
                }
            ),
        )
        .label("holds for none of them")
        .note("what is written at a user wins over what the identity provider supplies");
        for user in under.iter().take(MOST_NAMED) {
            let name = &cx.program.principal(*user).name;
            let values: Vec<String> = read
                .iter()
                .map(|a| {
                    let value = written(cx, *user, *a).unwrap_or(&Value::Null);
                    let name = &cx.program.attributes[a.index()].name;
                    format!("`{name} = {}`", print_value(value))
                })
                .collect();
            raw = raw.related(
                format!("`{name}` has {}", values.join(", ")),
                Spot::Principal(*user),
            );
        }
        if under.len() > MOST_NAMED {
            raw = raw.note(format!("nor do {} more users", under.len() - MOST_NAMED));
        }
        found.insert(
            id,
            raw.help("mend the condition, or the values at the users"),
        );
    }
    cx.say_where_all(&found);
    Ok(())
}

/// Somebody can meet the condition, and so can one of these users; or nobody can, which is another finding.
fn met(cx: &Cx<'_, '_>, rule: &Rule, users: &[PrincipalId]) -> Result<bool, Trouble> {
    for user in users {
        if can_hold(cx, rule, Who::AnyoneWith(*user))? {
            return Ok(true);
        }
    }
    // Any other user of the same kind: attributes of a declared one are fixed.
    let anyone = match &rule.holder {
        Holder::Principal(p) if cx.program.principal(*p).kind == PrincipalKind::User => Who::Anyone,
        holder => who(holder),
    };
    Ok(!cx.program.settings.users_listed && !can_hold(cx, rule, anyone)?)
}

fn can_hold(cx: &Cx<'_, '_>, rule: &Rule, who: Who) -> Result<bool, Trouble> {
    let (mut q, user, row) = ask(cx.model, cx.resource, who);
    let holds = q.is_true(user, &rule.pred, row);
    Ok(q.satisfiable(holds)?)
}

fn is_under(cx: &Cx<'_, '_>, user: PrincipalId, holder: &Holder) -> bool {
    match holder {
        Holder::Principal(p) => has(cx.program, user, *p),
        Holder::Everyone => true,
        Holder::EveryoneExcept(list) => !list.iter().any(|p| has(cx.program, user, *p)),
    }
}

/// What is written of an attribute at a user; where only written users exist, what is not written is null.
fn written<'p>(cx: &Cx<'_, 'p>, user: PrincipalId, attribute: AttributeId) -> Option<&'p Value> {
    let written = &cx.program.principal(user).attributes;
    let value = written
        .iter()
        .find(|(a, _)| *a == attribute)
        .map(|(_, value)| value);
    value.or(cx.program.settings.users_listed.then_some(&Value::Null))
}
