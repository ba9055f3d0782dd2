//! Where the cursor is: the words before it in its item say what may come.

use ambit_compiler::Sort;
use ambit_grammar::{Token, TokenKind as T};
use smol_str::SmolStr;

use super::head::{head, parens};
use super::look::Look;
use super::{Ask, cond, words};

pub(super) const TABLES: &[Sort] = &[Sort::Table];
pub(super) const RESOURCES: &[Sort] = &[Sort::Table, Sort::Object];
pub(super) const SOURCES: &[Sort] = &[Sort::Source];
pub(super) const HOLDABLE: &[Sort] = &[Sort::Role, Sort::Group];
pub(super) const PRINCIPALS: &[Sort] = &[Sort::Role, Sort::Group, Sort::User];

/// The words before the cursor.
pub(super) struct Words<'a> {
    text: &'a str,
    pub tokens: &'a [Token],
}

impl<'a> Words<'a> {
    pub fn new(text: &'a str, tokens: &'a [Token]) -> Self {
        Self { text, tokens }
    }

    /// The kind of the n-th word from the end; 0 is the last.
    pub fn kind(&self, back: usize) -> Option<T> {
        self.at(back).map(|t| t.kind)
    }

    /// The n-th word from the end.
    pub fn word(&self, back: usize) -> &'a str {
        self.at(back).map_or("", |t| self.text_of(*t))
    }

    /// Some of the words.
    pub fn part(&self, tokens: &'a [Token]) -> Self {
        Self::new(self.text, tokens)
    }

    pub fn text_of(&self, token: Token) -> &'a str {
        let range = token.start as usize..token.end as usize;
        self.text.get(range).unwrap_or_default()
    }

    fn at(&self, back: usize) -> Option<&'a Token> {
        let index = self.tokens.len().checked_sub(back + 1)?;
        self.tokens.get(index)
    }

    /// The words since the last one of these kinds, and that one.
    pub fn since(&self, kinds: &[T]) -> Option<(T, Words<'a>)> {
        let index = self.tokens.iter().rposition(|t| kinds.contains(&t.kind))?;
        let kind = self.tokens.get(index)?.kind;
        let rest = self.tokens.get(index + 1..)?;
        Some((kind, Words::new(self.text, rest)))
    }

    /// The names among the words.
    pub fn names(&self) -> impl Iterator<Item = SmolStr> + '_ {
        let names = self.tokens.iter().filter(|t| t.kind.is_name());
        names.map(|t| SmolStr::new(self.text_of(*t)))
    }

    /// The brackets that are open.
    pub fn open(&self) -> Vec<T> {
        let mut open = Vec::new();
        for token in self.tokens {
            match token.kind {
                T::LeftBrace | T::LeftBracket | T::LeftParen => open.push(token.kind),
                T::RightBrace | T::RightBracket | T::RightParen => {
                    open.pop();
                }
                _ => {}
            }
        }
        open
    }
}

/// What may come behind these words of an item.
pub(super) fn asks(look: &Look<'_>, text: &str, before: &[Token], begins_line: bool) -> Vec<Ask> {
    let words = Words::new(text, before);
    let open = words.open();
    let mut asks = Vec::new();
    let item = before.first().map(|t| t.kind).filter(|k| k.is_item());
    if let Some(item) = item {
        if open.is_empty() {
            head(look, item, &words, &mut asks);
        } else if open.first() == Some(&T::LeftParen) && matches!(item, T::Role | T::Group) {
            parens(look, &words, &mut asks);
        } else {
            body(look, item, &words, &open, &mut asks);
        }
    }
    if open.is_empty() && (begins_line || item.is_none()) {
        asks.push(Ask::Words(words::ITEMS));
    }
    asks
}

fn body(look: &Look<'_>, item: T, words: &Words<'_>, open: &[T], asks: &mut Vec<Ask>) {
    let own = || words.names().next();
    match item {
        T::Table => column(look, words, open, asks),
        T::Kind => match words.kind(0) {
            Some(T::Implies) => asks.extend(own().map(|_| {
                let inner = words.since(&[T::LeftBrace]).map(|(_, w)| w);
                let names = inner.iter().flat_map(Words::names).count();
                // What a kind's own actions are called, the rows' actions mostly are, too.
                if names > 0 {
                    Ask::Actions(Vec::new())
                } else {
                    Ask::Words(&[])
                }
            })),
            Some(T::LeftBrace | T::Comma) => asks.push(Ask::Actions(Vec::new())),
            _ => asks.push(Ask::Words(&["implies"])),
        },
        T::Hierarchy => {
            let table = words.since(&[T::On]).and_then(|(_, w)| w.names().next());
            asks.extend(table.map(Ask::Columns));
        }
        T::Test => super::cond::step(look, words, open, asks),
        T::Role | T::Group | T::User | T::Everyone | T::For => rule(look, item, words, open, asks),
        _ => {}
    }
}

fn column(look: &Look<'_>, words: &Words<'_>, open: &[T], asks: &mut Vec<Ask>) {
    if open.last() == Some(&T::LeftParen) {
        let rows = words.since(&[T::In]).and_then(|(_, w)| w.names().next());
        asks.extend(rows.map(Ask::Columns));
        return;
    }
    match words.kind(0) {
        Some(T::Colon | T::Of) => asks.push(Ask::Types),
        Some(T::Arrow | T::In) => asks.push(Ask::Names(TABLES)),
        Some(T::Dot) if look.table(words.word(1)).is_some() => {
            asks.push(Ask::Columns(words.word(1).into()));
        }
        Some(T::As) if words.kind(1) == Some(T::Stored) => {
            asks.push(Ask::Words(&["text", "array", "json", "rows", "scaled"]));
        }
        Some(T::Stored) => asks.push(Ask::Words(&["as"])),
        Some(T::LeftBrace) => asks.push(Ask::Words(&["key"])),
        _ => asks.push(Ask::Words(&["key", "as", "stored"])),
    }
}

/// A rule, or what may begin one.
pub(super) fn rule(look: &Look<'_>, item: T, words: &Words<'_>, open: &[T], asks: &mut Vec<Ask>) {
    let Some((effect, rest)) = words.since(&[T::Grant, T::Deny, T::Restrict]) else {
        if item == T::User {
            fact(look, words, open, asks);
        }
        if open.last() == Some(&T::LeftBrace) {
            asks.push(Ask::Words(words::RULES));
        }
        return;
    };
    let on = if effect == T::Restrict {
        Some(Words::new(words.text, rest.tokens))
    } else {
        rest.since(&[T::On]).map(|(_, w)| w)
    };
    let resources: Vec<SmolStr> = on
        .iter()
        .flat_map(|w| {
            let end = w
                .tokens
                .iter()
                .position(|t| matches!(t.kind, T::Where | T::To | T::By | T::Applies));
            let part = Words::new(
                w.text,
                w.tokens
                    .get(..end.unwrap_or(w.tokens.len()))
                    .unwrap_or_default(),
            );
            part.names().collect::<Vec<_>>()
        })
        .collect();
    let table = resources.iter().find(|r| look.table(r).is_some()).cloned();
    if let Some((_, applies)) = rest.since(&[T::Applies]) {
        return querying(&applies, asks);
    }
    let clause = match effect {
        T::Restrict => rest.since(&[T::To]).or_else(|| rest.since(&[T::By])),
        _ => rest.since(&[T::Where]).or_else(|| rest.since(&[T::On])),
    };
    match clause {
        // `to today` belongs to a window, and `where` may stand in an `exists`: the first one counts.
        Some((T::Where | T::To, _)) => {
            let first = if effect == T::Restrict {
                T::To
            } else {
                T::Where
            };
            let at = rest
                .tokens
                .iter()
                .position(|t| t.kind == first)
                .unwrap_or(0);
            let cond = Words::new(words.text, rest.tokens.get(at + 1..).unwrap_or_default());
            let before = asks.len();
            cond::asks(look, table, &cond, asks);
            if cond::ended(&cond) && asks.len() > before && cond.open().is_empty() {
                asks.push(Ask::Words(&["applies"]));
                asks.push(Ask::Words(words::RULES));
            }
        }
        Some((T::By, by)) if by.tokens.is_empty() => {
            asks.extend(table.map(Ask::Columns));
            asks.push(Ask::Names(&[Sort::Hierarchy]));
        }
        Some((T::By, _)) => asks.push(Ask::Words(&["to"])),
        None if effect != T::Restrict => match rest.kind(0) {
            None | Some(T::Comma) => asks.push(Ask::Actions(after(look, words))),
            _ => asks.push(Ask::Words(&["on"])),
        },
        _ => match words.kind(0) {
            Some(T::On | T::Comma | T::Restrict) => {
                asks.push(Ask::Names(RESOURCES));
                asks.push(Ask::Words(&["everything"]));
            }
            Some(T::Everything) => asks.push(Ask::Words(&["in"])),
            Some(T::In) => asks.push(Ask::Names(SOURCES)),
            _ if effect == T::Restrict => asks.push(Ask::Words(&["by", "to"])),
            _ => {
                asks.push(Ask::Words(&["where", "applies"]));
                asks.push(Ask::Words(words::RULES));
            }
        },
    }
}

/// The resources that the rule at the cursor goes on to name.
fn after(look: &Look<'_>, words: &Words<'_>) -> Vec<SmolStr> {
    let Some(end) = words.tokens.last().map(|t| t.end as usize) else {
        return Vec::new();
    };
    let rest = words.text.get(end..).unwrap_or_default();
    let line = rest.lines().next().unwrap_or_default();
    let mut named = line.split_whitespace().skip_while(|w| *w != "on").skip(1);
    let name = named.next().unwrap_or_default().trim_end_matches(',');
    let known = look.table(name).is_some() || look.named(name, Sort::Object).is_some();
    known.then(|| SmolStr::new(name)).into_iter().collect()
}

/// `applies …`, `when querying …`: behind their first word.
pub(super) fn querying(words: &Words<'_>, asks: &mut Vec<Ask>) {
    match words.kind(0) {
        None => asks.push(Ask::Words(&["when", "unless"])),
        Some(T::When | T::Unless) => asks.push(Ask::Words(&["querying"])),
        Some(T::Querying) if words.kind(1) == Some(T::Unless) => asks.push(Ask::Words(&["only"])),
        Some(T::Any) => asks.push(Ask::Words(&["of"])),
        Some(T::Querying) => {
            asks.push(Ask::Names(TABLES));
            asks.push(Ask::Words(&["any"]));
        }
        Some(T::Only | T::LeftBracket | T::Comma) => asks.push(Ask::Names(TABLES)),
        _ => asks.push(Ask::Words(words::RULES)),
    }
}

/// An attribute of a user, or its value.
fn fact(look: &Look<'_>, words: &Words<'_>, open: &[T], asks: &mut Vec<Ask>) {
    let value = match words.kind(0) {
        Some(T::Equals) => Some(1),
        _ if open.last() == Some(&T::LeftBracket) => {
            let equals = words.tokens.iter().rposition(|t| t.kind == T::Equals);
            equals.map(|at| words.tokens.len() - at)
        }
        _ => None,
    };
    match value {
        Some(back) => asks.push(Ask::Values(look.attribute(words.word(back)))),
        None => asks.push(Ask::Names(&[Sort::Attribute])),
    }
}
