//! A decision in one line for people.

use std::collections::BTreeSet;

use ambit_core::print::{print_holder, print_rule};
use ambit_core::{Program, RuleId};
use ambit_eval::{Explanation, Judge, Node, Part, Role, RuleReason, Truth};

/// So many values are told.
const TOLD: usize = 3;

/// Why somebody may or may not.
pub fn reason(judge: &Judge<'_>, explanation: &Explanation) -> String {
    if explanation.bypass.is_some() {
        return judge.tree(explanation).text;
    }
    // Of an update or delete the part that fails tells more.
    let failing = explanation.parts.iter().find(|p| !p.value.is_true());
    let Some(part) = failing.or(explanation.parts.first()) else {
        return String::new();
    };
    let of =
        |role: Role| -> Vec<&RuleReason> { part.rules.iter().filter(|r| r.role == role).collect() };
    let program = judge.program;
    let prefix = if explanation.parts.len() > 1 {
        format!("{}: ", part.action)
    } else {
        String::new()
    };
    let text = if part.value.is_true() {
        gives(program, part, &of(Role::Gives))
    } else if let Some(first) = of(Role::Takes).first() {
        takes(program, first)
    } else {
        lacks(program, &of(Role::Lacks))
    };
    format!("{prefix}{text}")
}

fn gives(program: &Program, part: &Part, rules: &[&RuleReason]) -> String {
    match rules.first() {
        Some(first) => format!(
            "{} gives it: {}{}",
            holder(program, first.rule),
            written(program, first.rule),
            values(&first.tree)
        ),
        None if part.open => "the table is open, and no rule takes it away".to_owned(),
        None => "no rule takes it away".to_owned(),
    }
}

fn takes(program: &Program, first: &RuleReason) -> String {
    let unknown = if first.value == Truth::Unknown {
        ", which is unknown"
    } else {
        ""
    };
    format!(
        "{} takes it away: {}{unknown}{}",
        holder(program, first.rule),
        written(program, first.rule),
        values(&first.tree)
    )
}

fn lacks(program: &Program, rules: &[&RuleReason]) -> String {
    match rules {
        [] => "no rule grants it".to_owned(),
        [only] => format!(
            "{} does not give it: {}{}",
            holder(program, only.rule),
            written(program, only.rule),
            values(&only.tree)
        ),
        [first, ..] => format!(
            "none of {} grants gives it, such as {}: {}{}",
            rules.len(),
            holder(program, first.rule),
            written(program, first.rule),
            values(&first.tree)
        ),
    }
}

/// To whom a rule belongs.
pub fn holder(program: &Program, rule: RuleId) -> String {
    let rule = program.rules.get(rule.index());
    rule.map(|r| print_holder(program, &r.holder))
        .unwrap_or_default()
}

/// A rule on one line.
pub fn written(program: &Program, rule: RuleId) -> String {
    let rule = program.rules.get(rule.index());
    rule.map(|r| print_rule(program, r)).unwrap_or_default()
}

/// The values on which a condition was decided: ` (country is "USA")`.
fn values(tree: &Node) -> String {
    fn walk<'n>(node: &'n Node, told: &mut BTreeSet<&'n str>) {
        told.extend(node.given.iter().map(String::as_str));
        node.children.iter().for_each(|child| walk(child, told));
    }
    let mut told = BTreeSet::new();
    walk(tree, &mut told);
    let some: Vec<&str> = told.iter().take(TOLD).copied().collect();
    match (some.is_empty(), told.len() > TOLD) {
        (true, _) => String::new(),
        (false, true) => format!(" ({}, …)", some.join(", ")),
        (false, false) => format!(" ({})", some.join(", ")),
    }
}
