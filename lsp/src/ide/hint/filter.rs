//! The type of a filter: what its outcome depends on.

use ambit_compiler::{Database, Item, Project, Sort, item_syntax};
use ambit_grammar::Span;
use ambit_grammar::TokenKind as T;
use ambit_grammar::ast::ItemKind;

use super::Hint;
use crate::ide::occurrence::occurrences;
use crate::ide::symbol::{Symbol, named};

/// What a filter depends on besides its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Depends {
    user: bool,
    today: bool,
}

/// The hint behind a filter's name: `sales, user → bool`.
pub(super) fn hint(db: &Database, project: Project, item: Item<'_>) -> Option<Hint> {
    let ItemKind::Filter(filter) = &item_syntax(db, item).item.kind else {
        return None;
    };
    let table = filter.table.as_ref()?;
    let mut depends = Depends::default();
    look(db, project, item, &mut depends, 0);
    let mut takes = vec![table.text.as_str()];
    takes.extend(depends.user.then_some("user"));
    takes.extend(depends.today.then_some("today"));
    let what = match (depends.user, depends.today) {
        (false, false) => "of the row alone",
        (true, false) => "of the row and of who asks",
        (false, true) => "of the row and of the day",
        (true, true) => "of the row, of who asks and of the day",
    };
    Some(Hint {
        at: filter.name.span.end + item.start(db),
        text: format!("{} → bool", takes.join(", ")),
        tooltip: format!("a condition {what}"),
    })
}

/// Filters in a circle end where they are this deep.
const DEEPEST: usize = 32;

fn look(db: &Database, project: Project, item: Item<'_>, depends: &mut Depends, depth: usize) {
    let ItemKind::Filter(filter) = &item_syntax(db, item).item.kind else {
        return;
    };
    let cond = filter.cond.span();
    let inside = |span: Span| cond.start <= span.start && span.end <= cond.end;
    let raw = item.raw(db);
    for token in raw.tokens() {
        if inside(Span::new(token.start, token.end)) {
            depends.user |= matches!(token.kind, T::User | T::Visible);
            depends.today |= matches!(token.kind, T::Today | T::Last | T::Next | T::This);
        }
    }
    if depth == DEEPEST {
        return;
    }
    for name in occurrences(db, item).iter().filter(|o| inside(o.span)) {
        if let Symbol::Item(name) = &name.symbol
            && let Some(other) = named(db, project, name, Sort::Filter)
        {
            look(db, project, other, depends, depth + 1);
        }
    }
}
