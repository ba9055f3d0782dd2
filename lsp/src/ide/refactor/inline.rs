//! A filter goes where its name stands: at one place, or at all and then the filter itself.

use ambit_compiler::{Item, Sort, item_syntax};
use ambit_grammar::Span;
use ambit_grammar::ast::ItemKind;

use super::conds;
use super::{Candidate, Cx, Edit, Kind, edit, flat};
use crate::ide::symbol::{Symbol, named};
use crate::ide::{Place, declared, item_file, occurrence};

pub(super) fn candidates(cx: &Cx<'_>, out: &mut Vec<Candidate>) {
    let offset = cx.range.start + cx.item.start(cx.db);
    let Some((at, symbols)) = occurrence::at(cx.db, cx.file, offset) else {
        return;
    };
    let [symbol @ Symbol::Item(name)] = symbols.as_slice() else {
        return;
    };
    let Some(filter) = named(cx.db, cx.project, name, Sort::Filter) else {
        return;
    };
    let Some(text) = condition(cx, filter) else {
        return;
    };
    let replace = |place: Place| -> Edit { (place.file, place.span, text.clone()) };
    let kind = &item_syntax(cx.db, filter).item.kind;
    let own = declared(kind).map(|n| n.span.shift(filter.start(cx.db)));
    let here = item_file(cx.db, cx.project, filter) == Some(cx.file);
    if !(here && own == Some(at)) {
        let place = Place {
            file: cx.file,
            span: at,
        };
        out.push(Candidate {
            title: format!("Inline `{name}` here"),
            kind: Kind::Inline,
            edits: vec![replace(place)],
        });
        return;
    }
    let uses = occurrence::everywhere(cx.db, cx.project, symbol).into_iter();
    let mut edits: Vec<Edit> = uses.filter(|(_, d)| !d).map(|(p, _)| replace(p)).collect();
    if edits.is_empty() {
        return;
    }
    edits.push(edit(cx.db, cx.file, filter, whole(cx, filter), ""));
    out.push(Candidate {
        title: format!("Inline `{name}` everywhere"),
        kind: Kind::Inline,
        edits,
    });
}

/// The condition of a filter, in parentheses where it needs them beside others.
fn condition(cx: &Cx<'_>, filter: Item<'_>) -> Option<String> {
    let ItemKind::Filter(tree) = &item_syntax(cx.db, filter).item.kind else {
        return None;
    };
    let raw = filter.raw(cx.db);
    let text = flat(raw.text.get(tree.cond.span().range())?);
    Some(if conds::is_atom(&tree.cond) {
        text
    } else {
        format!("({text})")
    })
}

/// An item with the line end behind it.
fn whole(cx: &Cx<'_>, item: Item<'_>) -> Span {
    let span = item_syntax(cx.db, item).item.span;
    let end = item.start(cx.db) + span.end;
    let text = cx.file.text(cx.db);
    let rest = text.get(end as usize..).unwrap_or_default();
    let line = rest
        .find('\n')
        .filter(|n| rest.get(..*n).is_some_and(|r| r.trim().is_empty()));
    Span::new(0, span.end + line.map_or(0, |n| n as u32 + 1))
}
