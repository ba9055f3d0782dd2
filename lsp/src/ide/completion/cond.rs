//! What may come in a condition, and in a step of a test.

use ambit_compiler::{Sort, Ty};
use ambit_grammar::TokenKind as T;
use smol_str::SmolStr;

use super::context::{Words, querying, rule};
use super::look::Look;
use super::{Ask, cells, words};

const COMPARISONS: &[T] = &[
    T::Equals,
    T::NotEquals,
    T::Less,
    T::LessEquals,
    T::Greater,
    T::GreaterEquals,
    T::Before,
    T::After,
    T::Between,
];

/// Has a condition been said in full, so that something else may follow?
pub(super) fn ended(words: &Words<'_>) -> bool {
    words.kind(0).is_some_and(|kind| {
        kind.is_name()
            || kind.is_value()
            || matches!(
                kind,
                T::RightParen
                    | T::RightBracket
                    | T::RightBrace
                    | T::Null
                    | T::True
                    | T::False
                    | T::Nothing
                    | T::Everything
                    | T::Today
                    | T::Visible
            )
    })
}

/// What may come behind these words of a condition on rows of `table`.
pub(super) fn asks(
    look: &Look<'_>,
    table: Option<SmolStr>,
    words: &Words<'_>,
    asks: &mut Vec<Ask>,
) {
    let table = scope(look, table, words);
    let last = words.kind(0);
    match last {
        Some(T::Dot) => {
            if words.kind(1) == Some(T::User) {
                asks.push(Ask::Attributes);
            } else {
                let (path, _) = path(words, 1);
                let at = table.and_then(|t| look.walk(&t, &path));
                asks.extend(at.map(|t| Ask::Columns(t.name.clone())));
            }
        }
        Some(T::Not) if before_is_operand(words) => asks.push(Ask::Words(&["in"])),
        Some(T::Not) if words.kind(1) == Some(T::Is) => asks.push(Ask::Words(&["null"])),
        None | Some(T::And | T::Or | T::LeftParen | T::Not | T::Where) => operand(table, asks),
        Some(kind) if COMPARISONS.contains(&kind) => {
            asks.push(Ask::Values(type_before(look, table.as_ref(), words, 1)));
            asks.push(Ask::Operand(table));
            asks.push(Ask::Words(&["user", "today"]));
        }
        Some(T::In) => asks.push(Ask::Words(&["last", "next", "this", "user"])),
        Some(T::LeftBracket | T::Comma) if words.open().last() == Some(&T::LeftBracket) => {
            let at = words.tokens.iter().rposition(|t| t.kind == T::In);
            let back = at.map(|at| words.tokens.len() - at);
            let back = back.map(|b| b + usize::from(words.kind(b) == Some(T::Not)));
            if let Some(back) = back {
                asks.push(Ask::Values(type_before(look, table.as_ref(), words, back)));
            }
        }
        Some(T::LeftBrace | T::Comma) => {
            let at = words
                .tokens
                .iter()
                .rposition(|t| matches!(t.kind, T::Match | T::Contains));
            if let Some(back) = at.map(|at| words.tokens.len() - at) {
                asks.push(Ask::Levels(type_before(look, table.as_ref(), words, back)));
            }
        }
        Some(T::Colon) => asks.push(Ask::Words(&["any"])),
        Some(T::Is) => asks.push(Ask::Words(&["null", "not", "visible"])),
        Some(T::Starts | T::Ends) => asks.push(Ask::Words(&["with"])),
        Some(T::Match | T::Contains) => asks.push(Ask::Words(&["all", "any"])),
        Some(T::Exists) => {
            asks.push(Ask::Words(&["visible"]));
            asks.push(Ask::Linked(table));
        }
        Some(T::Visible) if words.kind(1) == Some(T::Exists) => asks.push(Ask::Linked(table)),
        Some(T::This | T::Last | T::Next) => asks.push(Ask::Words(words::UNITS)),
        Some(T::Number) if matches!(words.kind(1), Some(T::Last | T::Next)) => {
            asks.push(Ask::Words(words::UNITS));
        }
        Some(T::To | T::From) => asks.push(Ask::Words(&["today"])),
        Some(T::By) => {
            let tables = words.kind(1).filter(|k| k.is_name()).map(|_| words.word(1));
            asks.extend(tables.map(|t| Ask::Columns(t.into())));
            asks.extend(table.map(Ask::Columns));
        }
        Some(kind) if in_window(words, kind) => asks.push(Ask::Words(&["to", "from", "and", "or"])),
        Some(kind) if kind.is_name() && exists_before(words) => {
            asks.push(Ask::Words(&["where", "by"]));
            asks.push(Ask::Words(words::JOINS));
        }
        Some(_) if ended(words) => {
            let value = words.kind(0).is_some_and(T::is_name);
            if value || last == Some(T::Today) {
                asks.push(Ask::Words(words::TESTS));
            }
            asks.push(Ask::Words(words::JOINS));
        }
        _ => {}
    }
}

fn operand(table: Option<SmolStr>, asks: &mut Vec<Ask>) {
    asks.push(Ask::Operand(table));
    asks.push(Ask::Words(words::CONDITION));
}

/// The table whose row is at hand: inside the parentheses of an `exists` another than outside.
fn scope(look: &Look<'_>, table: Option<SmolStr>, words: &Words<'_>) -> Option<SmolStr> {
    let mut scopes: Vec<Option<SmolStr>> = vec![table];
    let mut ranged: Option<SmolStr> = None;
    let mut exists = false;
    for token in words.tokens {
        match token.kind {
            T::Exists => exists = true,
            T::Visible | T::Dot | T::Where => {}
            T::By => exists = false,
            T::LeftParen => {
                let inner = ranged.take().or_else(|| scopes.last().cloned().flatten());
                scopes.push(inner);
                exists = false;
            }
            T::RightParen => {
                scopes.pop();
            }
            kind if kind.is_name() && exists => {
                let name = words.text_of(*token);
                // The last name of the path is the table.
                if look.table(name).is_some() {
                    ranged = Some(name.into());
                }
            }
            kind if kind.is_name() => {}
            _ => {
                exists = false;
                ranged = None;
            }
        }
    }
    scopes.pop().flatten()
}

/// The names of the path that ends `back` words before the end, and how many words it takes.
fn path<'a>(words: &Words<'a>, back: usize) -> (Vec<&'a str>, usize) {
    let mut names = Vec::new();
    let mut at = back;
    while words.kind(at).is_some_and(T::is_name) {
        names.push(words.word(at));
        if words.kind(at + 1) != Some(T::Dot) {
            return (reversed(names), at + 1 - back);
        }
        at += 2;
    }
    (reversed(names), at - back)
}

fn reversed<T>(mut all: Vec<T>) -> Vec<T> {
    all.reverse();
    all
}

/// The type of the operand that ends `back` words before the end.
fn type_before(look: &Look<'_>, table: Option<&SmolStr>, words: &Words<'_>, back: usize) -> Ty {
    let (names, taken) = path(words, back);
    let Some((last, links)) = names.split_last() else {
        return Ty::Unknown;
    };
    if words.kind(back + taken) == Some(T::Dot) && words.kind(back + taken + 1) == Some(T::User)
        || words.kind(back + 1) == Some(T::Dot) && words.kind(back + 2) == Some(T::User)
    {
        return look.attribute(last);
    }
    if links.is_empty()
        && let Some((_, ty)) = look.params().iter().find(|(n, _)| n == last)
    {
        return ty.clone();
    }
    let at = table.and_then(|t| look.walk(t, links));
    let column = at.as_ref().and_then(|t| t.column(last));
    column.map_or(Ty::Unknown, |(_, c)| c.ty.clone())
}

/// Is the word before the last one an operand? Then `not` goes on with `in`.
fn before_is_operand(words: &Words<'_>) -> bool {
    words.kind(1).is_some_and(|k| k.is_name() || k.is_value())
}

fn in_window(words: &Words<'_>, last: T) -> bool {
    let unit = words::UNITS.contains(&last.text());
    unit && words.since(&[T::In]).is_some_and(|(_, w)| {
        matches!(
            w.tokens.first().map(|t| t.kind),
            Some(T::Last | T::Next | T::This)
        )
    })
}

/// Do the last words name the table of an `exists`?
fn exists_before(words: &Words<'_>) -> bool {
    let (_, taken) = path(words, 0);
    match words.kind(taken) {
        Some(T::Exists) => true,
        Some(T::Visible) => words.kind(taken + 1) == Some(T::Exists),
        _ => false,
    }
}

/// What may come in a test.
pub(super) fn step(look: &Look<'_>, words: &Words<'_>, open: &[T], out: &mut Vec<Ask>) {
    if open.len() > 1 {
        return given(look, words, open, out);
    }
    let during = words.since(&[T::When]);
    let step = words.since(&[T::Given, T::Sees, T::Can, T::Cannot]);
    match (words.kind(0), step) {
        (Some(T::Given), _) => {
            out.push(Ask::Names(&[Sort::Table]));
            out.push(Ask::Words(&["user", "today"]));
        }
        (Some(T::Sees), _) => out.push(Ask::Names(&[Sort::Table])),
        (Some(T::Can | T::Cannot), _) => out.push(Ask::Actions(Vec::new())),
        (Some(T::When | T::Querying), _) => {
            let rest = during.map(|(_, rest)| rest);
            match rest.filter(|r| !r.tokens.is_empty()) {
                Some(rest) => querying(&rest, out),
                None => out.push(Ask::Words(&["querying"])),
            }
        }
        (_, Some((T::Given, rest))) if rest.kind(0) == Some(T::Colon) => {
            out.push(Ask::Names(&[Sort::Role, Sort::Group]));
        }
        (_, Some((T::Can | T::Cannot, rest))) if rest.tokens.len() == 1 => {
            out.push(Ask::Names(&[Sort::Table, Sort::Object]));
        }
        (last, _) => {
            let begins = last.is_some_and(|k| {
                matches!(k, T::LeftBrace | T::RightBrace | T::RightBracket) || k.is_value()
            });
            if last.is_some_and(|k| k.is_name() || k == T::RightParen) {
                out.push(Ask::Words(&["sees", "can", "cannot"]));
            }
            if begins || last.is_some_and(T::is_name) {
                out.push(Ask::Names(&[Sort::Role, Sort::Group, Sort::User]));
                out.push(Ask::TestUsers);
                out.push(Ask::Words(&["given"]));
            }
            if last == Some(T::RightBracket) {
                out.push(Ask::Words(&["when"]));
            }
        }
    }
}

/// Inside `given … { … }`, or a list of keys.
fn given(look: &Look<'_>, words: &Words<'_>, open: &[T], out: &mut Vec<Ask>) {
    if open.last() == Some(&T::LeftBracket) && open.len() == 2 {
        return cells::keys(look, words, out);
    }
    let Some((_, rest)) = words.since(&[T::Given]) else {
        return;
    };
    if rest.tokens.first().is_some_and(|t| t.kind == T::User) {
        return rule(look, T::User, &rest, open.get(1..).unwrap_or_default(), out);
    }
    cells::asks(look, &rest, out);
}
