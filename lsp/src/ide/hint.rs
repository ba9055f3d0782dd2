//! Text between the lines: how many roles come with those that are written, who has a role, what a filter depends on, what is
//! left of a grant, and what somebody sees who is acted for.

mod effect;
mod filter;
mod users;

use ambit_compiler::{Database, Item, Project, SourceFile, file_items, item_syntax};
use ambit_grammar::Span;
use ambit_grammar::ast::{ItemKind, Who};

use super::{acting, declared, item_span, roles};

/// Text that is shown, and not part of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// The byte before which it stands.
    pub at: u32,
    /// The text.
    pub text: String,
    /// What it means.
    pub tooltip: String,
}

/// The hints of a part of a file, in the order of their places; only what stands in the part is looked at. `acting`: whom
/// they speak for.
pub fn hints(
    db: &Database,
    project: Project,
    file: SourceFile,
    range: Span,
    acting: Option<&str>,
) -> Vec<Hint> {
    let touches = |item: &&Item<'_>| {
        let span = item_span(db, **item);
        span.start <= range.end && range.start <= span.end
    };
    let items: Vec<Item<'_>> = file_items(db, file)
        .iter()
        .filter(touches)
        .copied()
        .collect();
    let mut hints = Vec::new();
    for item in &items {
        hints.extend(users::hint(db, project, *item));
        hints.extend(filter::hint(db, project, *item));
        hints.extend(inherited(db, project, *item));
        if let Some(who) = acting {
            hints.extend(of_somebody(db, project, *item, who));
        }
    }
    hints.extend(effect::hints(db, project, &items, range));
    hints.retain(|h| range.start <= h.at && h.at <= range.end);
    hints.sort_by_key(|h| h.at);
    hints
}

fn inherited(db: &Database, project: Project, item: Item<'_>) -> Option<Hint> {
    let kind = &item_syntax(db, item).item.kind;
    let whos = roles::whos(kind);
    let (name, last) = (declared(kind)?, whos.last()?);
    let all = roles::ancestors(db, project, &name.text);
    let more: Vec<&str> = all
        .iter()
        .filter(|a| !whos.iter().any(|w| w.name.text == **a))
        .map(smol_str::SmolStr::as_str)
        .collect();
    (!more.is_empty()).then(|| Hint {
        at: last.span.end + item.start(db),
        text: format!("+ {} inherited", more.len()),
        tooltip: format!("with them: {}", more.join(", ")),
    })
}

/// What a declaration is to somebody: what he reads of a table or object, whose rules speak of him.
fn of_somebody(db: &Database, project: Project, item: Item<'_>, who: &str) -> Option<Hint> {
    let tree = &item_syntax(db, item).item;
    let start = item.start(db);
    let names = |whos: &[Who]| {
        let mut whos = whos.iter();
        whos.any(|w| acting::has(db, project, who, &w.name.text))
    };
    let at_head = |offset: u32, speaks: bool| {
        let text = if speaks {
            format!("speaks of {who}")
        } else {
            format!("not of {who}")
        };
        Hint {
            at: start + offset,
            tooltip: format!("the rules here: {text}"),
            text,
        }
    };
    match &tree.kind {
        ItemKind::Table(_) | ItemKind::Object(_) => {
            let name = declared(&tree.kind)?;
            let line = acting::line(db, project, who, &name.text)?;
            Some(Hint {
                at: start + name.span.end,
                text: acting::short(&line),
                tooltip: line,
            })
        }
        ItemKind::Role(role) | ItemKind::Group(role) => {
            let has = acting::has(db, project, who, &role.name.text);
            has.then(|| at_head(role.name.span.end, true))
        }
        ItemKind::For(of) => Some(at_head(of.whos.last()?.span.end, names(&of.whos))),
        ItemKind::Everyone(of) if !of.except.is_empty() => {
            Some(at_head(of.except.last()?.span.end, !names(&of.except)))
        }
        _ => None,
    }
}
