//! What to say of rows that lead to hidden ones.

use std::collections::BTreeSet;

use ambit_core::{Effect, Pred, Resource, Rule, RuleId, Step, TableId};

use super::reads::all_tests;
use crate::cx::{Cx, at, holder_name};
use crate::raw::{Mend, Raw};

/// The finding about a grant; `hides`: a rule that hides the row at the end of the link; `circle`: the fix would ask in a
/// circle.
pub(super) fn said(
    cx: &Cx<'_, '_>,
    (id, rule): (RuleId, &Rule),
    step: &Step,
    hides: Option<&RuleId>,
    circle: bool,
) -> Raw {
    let column = cx.program.column(step.from, step.column);
    let name = &cx.program.table(step.to).name;
    let mut raw = Raw::new(
        "W0612",
        at(id),
        format!(
            "{} may read rows of `{}` whose `{}` leads to a row of `{name}` that is hidden",
            holder_name(cx.program, &rule.holder),
            cx.name(),
            column.name
        ),
    )
    .label("gives rows that lead to hidden ones")
    .note(format!(
        "rows of `{}` tell of the row that `{}` leads to, and that it is there",
        cx.name(),
        column.name
    ));
    if let Some(hides) = hides {
        raw = raw.related(hidden_by(cx, *hides, name), at(*hides));
    }
    let test = format!("{} is visible", column.name);
    // A row whose link is null leads nowhere.
    let guard = if column.nullable {
        format!("({} is null or {test})", column.name)
    } else {
        test
    };
    if circle {
        return raw.help(format!(
            "rules on `{name}` ask for visible rows of `{}`, so these cannot follow it: say both by the same fields",
            cx.name()
        ));
    }
    raw.mend(
        format!("let `{}` follow `{name}`: `where {guard}`", cx.name()),
        false,
        Mend::Guard {
            rule: id,
            text: format!("{guard} and"),
            by_or: false,
        },
    )
}

/// What a rule that hides a row does.
pub(super) fn hidden_by(cx: &Cx<'_, '_>, rule: RuleId, table: &str) -> String {
    match cx.program.rules.get(rule.index()).map(|rule| rule.effect) {
        Some(Effect::Grant) => format!("this gives only some rows of `{table}`"),
        _ => format!("this hides rows of `{table}`"),
    }
}

/// Do rules on a table ask for visible rows of another, in the end?
pub(super) fn asks_for(cx: &Cx<'_, '_>, table: TableId, other: TableId) -> bool {
    let mut seen: BTreeSet<TableId> = BTreeSet::new();
    let mut work = vec![table];
    while let Some(at) = work.pop() {
        if !seen.insert(at) {
            continue;
        }
        for (_, rule) in cx.model.rules_on(Resource::Table(at)) {
            for test in all_tests(&rule.pred) {
                match test {
                    Pred::LinkVisible(steps) => work.extend(steps.last().map(|step| step.to)),
                    Pred::Exists(exists) if exists.visible => work.push(exists.table),
                    _ => {}
                }
            }
        }
    }
    seen.contains(&other)
}
