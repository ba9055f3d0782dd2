//! A condition of a rule gets a name: it becomes a filter.

use ambit_compiler::{item_syntax, name_index};
use ambit_grammar::Span;
use ambit_grammar::ast::{Cond, ItemKind};

use super::conds::{self, On};
use super::{Candidate, Cx, Kind, flat, formatted};

pub(super) fn candidates(cx: &Cx<'_>, out: &mut Vec<Candidate>) {
    let kind = &item_syntax(cx.db, cx.item).item.kind;
    let Some((cond, Some(table))) = chosen(cx, kind) else {
        return;
    };
    let name = fresh(cx, table);
    let text = flat(cx.text(cond.span()));
    let filter = formatted(&format!("filter {name} on {table} where {text}"));
    out.push(Candidate {
        title: format!("Extract as filter `{name}`"),
        kind: Kind::Extract,
        edits: vec![
            cx.edit(Span::new(0, 0), format!("{filter}\n\n")),
            cx.edit(cond.span(), name),
        ],
    });
}

/// What is selected; without a selection the whole condition of the rule at the cursor.
fn chosen<'a>(cx: &Cx<'a>, kind: &'a ItemKind) -> Option<On<'a>> {
    // A filter's condition has a name, and so has what is one word.
    if matches!(kind, ItemKind::Filter(_)) {
        return None;
    }
    let worth = |cond: &Cond| {
        !matches!(
            cond,
            Cond::Operand(_) | Cond::Nothing(_) | Cond::Everything(_) | Cond::Error(_)
        )
    };
    if cx.range.start == cx.range.end {
        let (_, rule) = cx.rule()?;
        let on = conds::of_rule(rule)?;
        let span = on.0.span();
        let inside = span.start <= cx.range.start && cx.range.end <= span.end;
        return (inside && worth(on.0)).then_some(on);
    }
    conds::around(kind, cx.range, &|cond| {
        cond.span() == cx.range && worth(cond)
    })
}

fn fresh(cx: &Cx<'_>, table: &str) -> String {
    let names = name_index(cx.db, cx.project);
    let first = format!("{table}_filter");
    let more = (2..).map(|n| format!("{table}_filter_{n}"));
    std::iter::once(first)
        .chain(more)
        .find(|name| names.first(name).is_none())
        .unwrap_or_default()
}
