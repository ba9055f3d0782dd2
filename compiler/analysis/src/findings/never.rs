//! `never-holds`: a rule whose condition can never be true, or whose holder nobody can be.

use std::collections::BTreeMap;

use ambit_core::{
    Applies, ColumnId, CompareOp, Effect, Holder, Operand, Pred, PrincipalKind, Program, Rule,
    Type, Value,
};
use ambit_solver::Bool;

use super::reads::attributes;
use crate::cx::{Cx, Done, ask, at, who};
use crate::raw::{Mend, Raw};

pub(crate) fn find(cx: &mut Cx<'_, '_>) -> Done {
    let mut found = BTreeMap::new();
    for (id, rule) in &cx.rules {
        // `nothing` says it; a deny that is never false is looked at by what it takes.
        if matches!(rule.pred, Pred::Const(_)) || on_sight(cx.program, rule) {
            continue;
        }
        // Where all users are written, a test that none of them meets is another finding.
        if cx.program.settings.users_listed && !attributes(&rule.pred).is_empty() {
            continue;
        }
        let (mut q, user, row) = ask(cx.model, cx.resource, who(&rule.holder));
        let active = q.active(user, rule);
        let holds = q.is_true(user, &rule.pred, row);
        let mut asked = q.ask(&[active, holds])?;
        if asked.can(&[active, holds])? {
            continue;
        }
        // A deny whose condition can be unknown hides still.
        let raw = if asked.can(&[holds])? {
            Raw::new(
                "W0601",
                at(*id),
                "this rule can never apply where its condition holds",
            )
            .label("speaks of nobody for whom it holds, in no query")
        } else if !asked.can(&[Bool::TRUE])? {
            // Where all users are written, a role that nobody has is no fault of its rules.
            if cx.program.settings.users_listed {
                continue;
            }
            Raw::new("W0601", at(*id), "nobody can be whom this rule speaks of")
                .label("no user can have all that this takes")
        } else {
            let what = match rule.effect {
                Effect::Grant => "so the grant gives nothing",
                Effect::Deny => "so the deny hides at most rows of which it is unknown",
                Effect::Restrict { .. } => "so the restriction leaves nothing",
            };
            let pred = ambit_core::print::print_pred(cx.program, cx.table(), &rule.pred);
            Raw::new(
                "W0601",
                at(*id),
                format!("`{}` can never hold", short(&pred)),
            )
            .label(format!("never true, {what}"))
        };
        found.insert(
            *id,
            raw.help("mend the condition, or take the rule out")
                .note("no row, user, query and day make it true")
                .mend("take the rule out", false, Mend::Remove(*id)),
        );
    }
    cx.say_where_all(&found);
    Ok(())
}

/// Does the rule hold for somebody, as is seen without asking?
fn on_sight(program: &Program, rule: &Rule) -> bool {
    let somebody = match &rule.holder {
        Holder::Principal(p) => program.principal(*p).kind != PrincipalKind::User,
        Holder::Everyone => true,
        Holder::EveryoneExcept(_) => false,
    };
    let some_query = !matches!(rule.applies, Applies::UnlessOnly(_));
    somebody
        && some_query
        && program.exclusive.is_empty()
        && !program.settings.users_listed
        && free(program, &rule.pred, &mut Vec::new())
}

/// Can the condition be true, each of its tests being of another column? `seen` has those so far.
fn free(program: &Program, pred: &Pred, seen: &mut Vec<ColumnId>) -> bool {
    let mut own = |operand: &Operand| match operand {
        Operand::Column(path) if path.steps.is_empty() && !seen.contains(&path.column) => {
            seen.push(path.column);
            Some(&program.column(path.table, path.column).ty)
        }
        _ => None,
    };
    match pred {
        Pred::InList(a, _) | Pred::Text(a, ..) | Pred::Is(a) => own(a).is_some(),
        Pred::Compare(a, op, Operand::Const(value)) => match (op, value) {
            (CompareOp::Eq, _) | (_, Value::Decimal(_)) => own(a).is_some(),
            (CompareOp::Ne, _) => {
                own(a).is_some_and(|ty| !matches!(ty, Type::Bool | Type::Enum(_)))
            }
            (_, Value::Int(n)) => !matches!(*n, i64::MIN | i64::MAX) && own(a).is_some(),
            _ => false,
        },
        Pred::And(parts) => parts.iter().all(|part| free(program, part, seen)),
        Pred::Or(parts) => parts
            .iter()
            .any(|part| free(program, part, &mut seen.clone())),
        _ => false,
    }
}

/// A text of a message: not longer than a line.
pub(crate) fn short(text: &str) -> String {
    const MOST: usize = 70;
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    let cut: String = text.chars().take(MOST - 1).collect();
    format!("{cut}…")
}
