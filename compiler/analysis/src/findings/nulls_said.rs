//! What to say of rows that are hidden only because something is null.

use ambit_core::{Effect, Rule, RuleId};

use super::maybe::Maybe;
use super::reads::{self, is_conjunctive};
use crate::cx::{Cx, at};
use crate::raw::{Mend, Raw};

/// The finding about a rule; `culprits`: what is null.
pub(super) fn said(cx: &Cx<'_, '_>, id: RuleId, rule: &Rule, culprits: &[&Maybe]) -> Raw {
    let name = |maybe: &Maybe| ambit_core::print::print_operand(cx.program, &maybe.operand);
    let names: Vec<String> = culprits.iter().map(|maybe| name(maybe)).collect();
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    let (word, label) = match rule.effect {
        Effect::Deny => (
            "this deny also hides",
            "unknown where it is null, and unknown hides",
        ),
        Effect::Grant => (
            "this grant leaves out",
            "unknown where it is null, and unknown gives nothing",
        ),
        Effect::Restrict { .. } => (
            "this restriction also hides",
            "unknown where it is null, and unknown hides",
        ),
    };
    let message = format!(
        "{word} rows of `{}` whose {} is null",
        cx.name(),
        quoted.join(" or ")
    );
    let raw = Raw::new("W0607", at(id), message)
        .label(label)
        .note("every test of a null is unknown, and unknown never reveals a row");
    // What is meant by the rule, and what it does besides.
    let (by_or, mends, says) = match rule.effect {
        Effect::Deny => (false, "hide only rows with a value", "hide both"),
        _ => (true, "show rows without a value, too", "hide them"),
    };
    let joined = |or: bool| {
        let (test, word) = if or {
            ("is null", "or")
        } else {
            ("is not null", "and")
        };
        let guards: Vec<String> = names.iter().map(|n| format!("{n} {test} {word}")).collect();
        guards.join(" ")
    };
    let title = format!("write `{}` before the test to {mends}", joined(by_or));
    let raw = raw.help(format!("write `{}` to {says} and say so", joined(!by_or)));
    // Before a condition of more tests it would decide about the others, too.
    let fits = if by_or {
        names.len() == 1 && reads::tests(&rule.pred).len() == 1
    } else {
        is_conjunctive(&rule.pred)
    };
    if !fits {
        return raw.help(title);
    }
    let mend = Mend::Guard {
        rule: id,
        text: joined(by_or),
        by_or,
    };
    raw.mend(title, false, mend)
}
