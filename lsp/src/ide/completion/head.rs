//! What may come in the head of an item, and in a claim, which is nothing but a head.

use ambit_compiler::Sort;
use ambit_grammar::TokenKind as T;

use super::context::{HOLDABLE, PRINCIPALS, RESOURCES, SOURCES, TABLES, Words};
use super::look::Look;
use super::{Ask, cond};

/// Parentheses in the head of a role: its own parameters, or the arguments of another.
pub(super) fn parens(look: &Look<'_>, words: &Words<'_>, asks: &mut Vec<Ask>) {
    let inherits = words.since(&[T::Inherits]).is_some();
    if inherits {
        arguments(look, words, asks);
    } else if words.kind(0) == Some(T::Colon) {
        asks.push(Ask::Types);
    }
}

/// Arguments of a role: values of the parameter's type, or own parameters.
fn arguments(look: &Look<'_>, words: &Words<'_>, asks: &mut Vec<Ask>) {
    asks.push(Ask::Params);
    let Some(index) = words.tokens.iter().rposition(|t| t.kind == T::LeftParen) else {
        return;
    };
    let commas = words.tokens.get(index..).unwrap_or_default();
    let commas = commas.iter().filter(|t| t.kind == T::Comma).count();
    let role = index.checked_sub(1).and_then(|i| words.tokens.get(i));
    let role = role.and_then(|t| look.named(words.text_of(*t), Sort::Role));
    let decl = role.and_then(|item| ambit_compiler::role_decl(look.db, item));
    if let Some((_, ty)) = decl.as_ref().and_then(|d| d.params.get(commas)) {
        asks.push(Ask::Values(ty.clone()));
    }
}

/// What may come before the body.
pub(super) fn head(look: &Look<'_>, item: T, words: &Words<'_>, asks: &mut Vec<Ask>) {
    if item == T::Assert {
        return claim(look, words, asks);
    }
    if item == T::Filter
        && let Some((_, cond)) = words.since(&[T::Where])
    {
        let table = words.since(&[T::On]).and_then(|(_, w)| w.names().next());
        return cond::asks(look, table, &cond, asks);
    }
    let last = words.kind(0);
    let comma = last == Some(T::Comma);
    let clause = words.since(&[
        T::In,
        T::As,
        T::Colon,
        T::Inherits,
        T::Bypasses,
        T::Uses,
        T::On,
        T::Except,
        T::For,
        T::Exclusive,
    ]);
    let begins =
        |kind: T| last == Some(kind) || (comma && clause.as_ref().is_some_and(|(k, _)| *k == kind));
    match item {
        _ if last == Some(T::In) => asks.push(Ask::Names(SOURCES)),
        _ if last == Some(T::As) => {}
        T::Source if begins(T::Colon) => asks.push(Ask::SourceKinds),
        T::Object if begins(T::Colon) => asks.push(Ask::Names(&[Sort::Kind])),
        T::Attribute if begins(T::Colon) || last == Some(T::Of) => asks.push(Ask::Types),
        T::User if begins(T::Colon) => asks.push(Ask::Names(HOLDABLE)),
        T::Object if begins(T::Uses) => asks.push(Ask::Names(RESOURCES)),
        T::Role | T::Group if begins(T::Inherits) => asks.push(Ask::Names(HOLDABLE)),
        T::Role | T::Group if begins(T::Bypasses) => asks.push(Ask::Names(SOURCES)),
        T::Filter | T::Hierarchy if last == Some(T::On) => asks.push(Ask::Names(TABLES)),
        T::Everyone if begins(T::Except) => asks.push(Ask::Names(PRINCIPALS)),
        T::For if begins(T::For) => asks.push(Ask::Names(PRINCIPALS)),
        T::Exclusive if begins(T::Exclusive) => asks.push(Ask::Names(PRINCIPALS)),
        _ if words.tokens.len() < 2 && item != T::Everyone => {}
        _ => asks.push(Ask::Words(match item {
            T::Table => &["in", "as", "open"],
            T::Hierarchy | T::Filter if words.since(&[T::On]).is_none() => &["on"],
            T::Filter => &["where"],
            T::Source | T::User | T::Kind | T::Attribute => &["as"],
            T::Object => &["in", "as", "uses"],
            T::Role | T::Group => &["as", "inherits", "bypasses"],
            T::Everyone => &["except"],
            _ => &[],
        })),
    }
}

fn claim(look: &Look<'_>, words: &Words<'_>, asks: &mut Vec<Ask>) {
    if let Some((_, cond)) = words.since(&[T::Where]) {
        let table = words
            .since(&[T::Always, T::Never])
            .and_then(|(_, w)| w.names().nth(1));
        return cond::asks(look, table, &cond, asks);
    }
    match words.kind(0) {
        Some(T::Assert | T::And) => {
            asks.push(Ask::Names(PRINCIPALS));
            asks.push(Ask::Words(&["anyone"]));
        }
        Some(T::With) => asks.push(Ask::Names(HOLDABLE)),
        Some(T::Can) => asks.push(Ask::Words(&["always", "never"])),
        Some(T::Always | T::Never) => asks.push(Ask::Actions(Vec::new())),
        Some(T::Are) => asks.push(Ask::Words(&["disjoint", "equal"])),
        Some(T::Disjoint | T::Equal) => asks.push(Ask::Words(&["on"])),
        Some(T::On) => asks.push(Ask::Names(TABLES)),
        Some(T::Anyone) => asks.push(Ask::Words(&["with", "can"])),
        _ => match words.since(&[T::Always, T::Never]) {
            Some((_, rest)) if rest.names().count() == 1 => asks.push(Ask::Names(RESOURCES)),
            Some(_) => asks.push(Ask::Words(&["where"])),
            None => asks.push(Ask::Words(&["can", "and", "are"])),
        },
    }
}
