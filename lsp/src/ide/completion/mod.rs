//! What could stand under the cursor.
//!
//! `context` reads the words before the cursor and says what may come (`Ask`); this file looks it up. The tree is
//! not asked: an unfinished text has holes where the cursor is.

mod cells;
mod cond;
mod context;
mod head;
mod look;
mod words;

use ambit_compiler::{Database, Project, Sort, SourceFile, Ty, file_items};
use ambit_grammar::{Span, Token, TokenKind, lex};
use smol_str::SmolStr;

use super::symbol::Symbol;
use look::Look;

/// What an entry of the list is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A keyword.
    Keyword,
    /// What an item of that sort declares.
    Declared(Sort),
    /// A column.
    Column,
    /// An action.
    Action,
    /// A member of an enum.
    Member,
    /// A parameter of the role.
    Param,
    /// A type, or a kind of source.
    Type,
    /// A level of a scope.
    Level,
}

/// An entry of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What it is called.
    pub label: String,
    /// What it is.
    pub kind: Kind,
    /// What stands beside it, in pale.
    pub detail: String,
    /// Its documentation, as Markdown; of declarations `hover::of_name` has it.
    pub docs: String,
    /// What is written.
    pub text: String,
}

/// The list, and what an entry replaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completions {
    /// The word under the cursor (of a string what is between the quotes).
    pub replaced: Span,
    /// The entries, without doubles.
    pub entries: Vec<Entry>,
}

/// What may come.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Ask {
    /// These keywords.
    Words(&'static [&'static str]),
    /// Names of these sorts.
    Names(&'static [Sort]),
    /// Columns of a table.
    Columns(SmolStr),
    /// Columns of a table that lead to a row, or everything that can be compared: columns, parameters, filters.
    Operand(Option<SmolStr>),
    /// Tables that are linked to a table.
    Linked(Option<SmolStr>),
    /// Attributes, and `login`.
    Attributes,
    /// Actions of these resources; of all where there are none yet.
    Actions(Vec<SmolStr>),
    /// Types.
    Types,
    /// Kinds of sources.
    SourceKinds,
    /// Values of a type, as literals.
    Values(Ty),
    /// Levels of a scope.
    Levels(Ty),
    /// Values of a column in the rows that the test gives.
    Given(SmolStr, SmolStr),
    /// Parameters of the role.
    Params,
    /// Users who are given in the test.
    TestUsers,
}

/// What could stand at a byte of a file.
pub fn completions(db: &Database, project: Project, file: SourceFile, offset: u32) -> Completions {
    let text = file.text(db);
    let tokens = around(db, file, &text, |start| start < offset);
    let under = tokens
        .iter()
        .rfind(|t| t.start < offset && offset <= t.end)
        .filter(|t| t.kind != TokenKind::Whitespace);
    let (replaced, string) = word(&text, under, offset);
    let nothing = Completions {
        replaced,
        entries: Vec::new(),
    };
    let in_comment = under.is_some_and(|t| {
        matches!(
            t.kind,
            TokenKind::Comment | TokenKind::DocComment | TokenKind::ForeignComment
        )
    });
    if in_comment {
        return nothing;
    }
    let at = under
        .filter(|_| replaced.start < offset || string)
        .map_or(offset, |t| t.start);
    let (look, before) = before(db, project, file, &tokens, at);
    let begins_line = begins_line(&text, at);
    let mut asks = context::asks(&look, &text, &before, begins_line);
    if string {
        asks.retain(|a| matches!(a, Ask::Values(_) | Ask::Given(..)));
    }
    let mut entries = Vec::new();
    for ask in asks {
        look.answer(ask, string, &mut entries);
    }
    let mut seen = std::collections::HashSet::new();
    entries.retain(|e| seen.insert(e.label.clone()));
    Completions { replaced, entries }
}

/// What the name at a byte stands for, by the words before it alone: for names that stand in holes of the tree.
pub fn meaning(
    db: &Database,
    project: Project,
    file: SourceFile,
    offset: u32,
) -> Option<(Span, Vec<Symbol>)> {
    let text = file.text(db);
    let tokens = around(db, file, &text, |start| start <= offset);
    let under = tokens
        .iter()
        .rfind(|t| t.start <= offset && offset <= t.end && t.kind.is_name())?;
    let span = Span::new(under.start, under.end);
    let name = text.get(span.range())?;
    let (look, before) = before(db, project, file, &tokens, under.start);
    let asks = context::asks(&look, &text, &before, false);
    let symbol = asks.into_iter().find_map(|ask| look.symbol(ask, name))?;
    Some((span, vec![symbol]))
}

/// The tokens from the last item whose start is wanted up to the next one: an item begins with a token, so the rest of
/// the file need not be read.
fn around(db: &Database, file: SourceFile, text: &str, wanted: impl Fn(u32) -> bool) -> Vec<Token> {
    let items = file_items(db, file);
    let next = items.partition_point(|i| wanted(i.start(db)));
    let start_of = |n: usize| items.get(n).map(|i| i.start(db));
    let start = next.checked_sub(1).and_then(start_of).unwrap_or(0);
    let end = start_of(next).unwrap_or(text.len() as u32);
    let part = text.get(start as usize..end as usize).unwrap_or_default();
    let tokens = lex(part).into_iter().map(|token| Token {
        start: token.start + start,
        end: token.end + start,
        ..token
    });
    tokens.collect()
}

/// The words before a byte in its item.
fn before<'db>(
    db: &'db Database,
    project: Project,
    file: SourceFile,
    tokens: &[Token],
    at: u32,
) -> (Look<'db>, Vec<Token>) {
    let items = file_items(db, file);
    let index = items.partition_point(|i| i.start(db) < at);
    let item = index.checked_sub(1).and_then(|i| items.get(i)).copied();
    let start = item.map_or(0, |i| i.start(db));
    let before = tokens
        .iter()
        .filter(|t| t.start >= start && t.end <= at && !t.kind.is_trivia())
        .copied()
        .collect();
    (Look { db, project, item }, before)
}

/// What an entry replaces, and whether the cursor is in a string.
fn word(text: &str, under: Option<&Token>, offset: u32) -> (Span, bool) {
    let nothing = Span::new(offset, offset);
    let Some(token) = under else {
        return (nothing, false);
    };
    match token.kind {
        TokenKind::String | TokenKind::UnterminatedString => {
            let whole = text.get(token.start as usize..token.end as usize);
            let closed = token.kind == TokenKind::String;
            if closed && offset == token.end {
                return (nothing, false);
            }
            // Of a string that is never closed, the rest of the line is not its own.
            let end = if closed { token.end - 1 } else { offset };
            let start = token.start + u32::from(whole.is_some_and(|w| w.starts_with('"')));
            (Span::new(start, end.max(start)), true)
        }
        kind if kind.is_keyword() || kind == TokenKind::Identifier => {
            (Span::new(token.start, token.end), false)
        }
        _ => (nothing, false),
    }
}

fn begins_line(text: &str, at: u32) -> bool {
    let before = text.get(..at as usize).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    line.trim().is_empty()
}

fn plain(label: &str, kind: Kind, detail: &str) -> Entry {
    Entry {
        label: label.to_owned(),
        kind,
        detail: detail.to_owned(),
        docs: String::new(),
        text: label.to_owned(),
    }
}
