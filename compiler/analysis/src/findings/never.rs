//! `never-holds`: a rule whose condition can never be true, or whose holder nobody can be.

use std::collections::BTreeMap;

use ambit_core::{Effect, Pred};
use ambit_solver::Bool;

use crate::cx::{Cx, Done, ask, at, who};
use crate::raw::{Mend, Raw};

pub(crate) fn find(cx: &mut Cx<'_, '_>) -> Done {
    let mut found = BTreeMap::new();
    for (id, rule) in &cx.rules {
        // `nothing` says it; a deny that is never false is looked at by what it takes.
        if matches!(rule.pred, Pred::Const(_)) || simple(&rule.pred) {
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
        let raw = if asked.can(&[holds])? || !asked.can(&[Bool::TRUE])? {
            Raw::new(
                "W0601",
                at(*id),
                "this rule can never speak of a user for whom its condition holds",
            )
            .label("never both")
        } else {
            let what = match rule.effect {
                Effect::Grant => "so the grant gives nothing",
                Effect::Deny => "so the deny hides at most rows of which it is unknown",
                Effect::Restrict { .. } => "so the restriction leaves nothing",
            };
            let pred = ambit_core::print::print_pred(cx.program, cx.table(), &rule.pred);
            Raw::new("W0601", at(*id), format!("`{}` can never hold", short(&pred)))
                .label(format!("never true, {what}"))
        };
        found.insert(
            *id,
            raw.help("mend the condition, or take the rule out")
                .note("no row, user, query and day make it true")
                .mend("take the rule out", false, Mend::Remove(*id)),
        );
    }
    cx.say_where_all(found);
    Ok(())
}

/// A condition that some row makes true, seen without asking.
fn simple(pred: &Pred) -> bool {
    use ambit_core::{CompareOp, Operand};
    match pred {
        Pred::Compare(Operand::Column(_), CompareOp::Eq, Operand::Const(_)) => true,
        Pred::InList(Operand::Column(_), _) | Pred::Text(Operand::Column(_), ..) => true,
        Pred::Is(Operand::Column(_)) => true,
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
