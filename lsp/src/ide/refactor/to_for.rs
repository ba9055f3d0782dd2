//! Grants that several roles or groups have alike move to one `for` block.

use ambit_compiler::{Item, SourceFile, item_syntax};
use ambit_grammar::Span;
use ambit_grammar::ast::ItemKind;

use super::merge::Grant;
use super::{Candidate, Cx, Edit, Kind, edit, flat, formatted, with_blanks};
use crate::ide::{all_items, rules_of};

/// So many others whose grants are written otherwise are tried.
const TRIED: usize = 3;

/// Somebody else with a like grant.
struct Other<'db> {
    name: &'db str,
    file: SourceFile,
    item: Item<'db>,
    span: Span,
    alike: bool,
}

pub(super) fn candidates(cx: &Cx<'_>, out: &mut Vec<Candidate>) {
    let Some((_, rule)) = cx.rule() else { return };
    let (Some(own), Some(grant)) = (holder(cx, cx.item), Grant::of(rule)) else {
        return;
    };
    let text = flat(cx.text(grant.span));
    let others = others(cx, &grant, &text);
    let (alike, rest): (Vec<_>, Vec<_>) = others.into_iter().partition(|o| o.alike);
    let sets: Vec<Vec<Other<'_>>> = if alike.is_empty() {
        rest.into_iter().take(TRIED).map(|o| vec![o]).collect()
    } else {
        vec![alike]
    };
    for others in sets {
        let names: Vec<&str> = std::iter::once(own)
            .chain(others.iter().map(|o| o.name))
            .collect();
        let names = names.join(", ");
        let block = formatted(&format!("for {names} {{\n    {text}\n}}"));
        let end = item_syntax(cx.db, cx.item).item.span.end;
        let raw = &cx.raw.text;
        let mut edits: Vec<Edit> = vec![
            cx.edit(with_blanks(raw, grant.span), ""),
            cx.edit(Span::new(end, end), format!("\n\n{block}")),
        ];
        for other in &others {
            let raw = &other.item.raw(cx.db).text;
            let span = with_blanks(raw, other.span);
            edits.push(edit(cx.db, other.file, other.item, span, ""));
        }
        out.push(Candidate {
            title: format!("Move the grant to `for {names}`"),
            kind: Kind::Rewrite,
            edits,
        });
    }
}

/// The name of a role or group without parameters.
fn holder<'db>(cx: &Cx<'db>, item: Item<'db>) -> Option<&'db str> {
    match &item_syntax(cx.db, item).item.kind {
        ItemKind::Role(role) | ItemKind::Group(role) if role.params.is_empty() => {
            Some(role.name.text.as_str())
        }
        _ => None,
    }
}

/// The other holders of a grant of the same actions on the same things; those whose grants are written alike are marked.
fn others<'db>(cx: &Cx<'db>, grant: &Grant<'_>, text: &str) -> Vec<Other<'db>> {
    let mut found = Vec::new();
    for (file, item) in all_items(cx.db, cx.project) {
        if item == cx.item {
            continue;
        }
        let Some(name) = holder(cx, item) else {
            continue;
        };
        let rules = rules_of(&item_syntax(cx.db, item).item.kind);
        let like = rules
            .iter()
            .filter_map(Grant::of)
            .find(|g| g.on() == grant.on() && g.actions() == grant.actions());
        if let Some(like) = like {
            let raw = item.raw(cx.db);
            let written = raw.text.get(like.span.range());
            let alike = written.is_some_and(|w| flat(w) == text);
            found.push(Other {
                name,
                file,
                item,
                span: like.span,
                alike,
            });
        }
    }
    found
}
