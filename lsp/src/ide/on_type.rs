//! The indentation of the line that is being written, as the formatter would have it.
//!
//! An unfinished item is nothing that the formatter touches; so the words above the line count: four blanks for each open
//! bracket, and more where the line goes on with what stands before it.

use ambit_compiler::{Database, SourceFile};
use ambit_grammar::{Span, Token, TokenKind as T, lex};

use super::item_before;

/// One level.
const LEVEL: usize = 4;

/// The replacement that indents the line of a byte, after `typed` was typed there; nothing where it stands well already.
pub fn on_type(
    db: &Database,
    file: SourceFile,
    offset: u32,
    typed: char,
) -> Option<(Span, String)> {
    let text = file.text(db);
    let start = line_start(&text, offset)?;
    let rest = text.get(start as usize..)?;
    let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
    let old = Span::new(start, start + blanks as u32);
    match typed {
        '\n' => {}
        // A bracket behind other words of its line does not move it.
        '}' if old.end < offset && text.as_bytes().get(old.end as usize) == Some(&b'}') => {}
        _ => return None,
    }
    let item = item_before(db, file, old.end)?.start(db);
    let tokens = lex(text.get(item as usize..)?);
    let at = |token: &Token| token.start + item;
    let before: Vec<&Token> = tokens.iter().filter(|t| at(t) < start).collect();
    // Inside a word nothing is indented: there is none that goes on over a line end but comments of other languages.
    if before.last().is_some_and(|t| t.end + item > old.end) {
        return None;
    }
    let next = tokens
        .iter()
        .find(|t| at(t) >= old.end && t.kind != T::Whitespace);
    // What stands on this line; of an empty one nothing.
    let next = next.filter(|t| {
        let between = text.get(old.end as usize..at(t) as usize);
        between.is_some_and(|b| !b.contains('\n'))
    });
    let text = text.get(item as usize..)?;
    let level = level(text, &before, next.map(|t| t.kind));
    let new = " ".repeat(level * LEVEL);
    (rest.get(..blanks)? != new).then_some((old, new))
}

fn line_start(text: &str, offset: u32) -> Option<u32> {
    let before = text.get(..offset as usize)?;
    Some(before.rfind('\n').map_or(0, |n| n + 1) as u32)
}

/// An open bracket.
struct Frame {
    /// How deep the lines in it stand.
    level: usize,
    /// A list or a part of a condition, whose lines all stand alike.
    round: bool,
}

/// How deep a line stands behind these words that begins with `next`.
fn level(text: &str, before: &[&Token], next: Option<T>) -> usize {
    let mut frames: Vec<Frame> = Vec::new();
    let mut last: Option<T> = None;
    let mut line = 0;
    let mut new_line = false;
    for token in before {
        if token.kind == T::Whitespace {
            let blank = text.get(token.start as usize..token.end as usize);
            new_line |= blank.is_some_and(|b| b.contains('\n'));
            continue;
        }
        if token.kind.is_trivia() {
            continue;
        }
        if std::mem::take(&mut new_line) {
            line = of_line(&frames, last, Some(token.kind));
        }
        match token.kind {
            T::LeftBrace | T::LeftBracket | T::LeftParen => frames.push(Frame {
                // However long the head of an item is, its body stands one level below its first line.
                level: if frames.is_empty() && token.kind == T::LeftBrace {
                    1
                } else {
                    line + 1
                },
                round: token.kind != T::LeftBrace,
            }),
            T::RightBrace | T::RightBracket | T::RightParen => {
                frames.pop();
            }
            _ => {}
        }
        last = Some(token.kind);
    }
    of_line(&frames, last, next)
}

/// How deep a line stands between these brackets that begins with `next` behind `last`.
fn of_line(frames: &[Frame], last: Option<T>, next: Option<T>) -> usize {
    let base = frames.last().map_or(0, |f| f.level);
    if next.is_some_and(|n| matches!(n, T::RightBrace | T::RightBracket | T::RightParen)) {
        return base.saturating_sub(1);
    }
    if frames.last().is_some_and(|f| f.round) {
        return base;
    }
    let joins = |kind| matches!(kind, T::And | T::Or);
    let asks = |kind| matches!(kind, T::Where | T::To);
    if next.is_some_and(joins) || last.is_some_and(|l| joins(l) || asks(l)) {
        return base + 2;
    }
    let clause = next.is_some_and(begins_clause) || last.is_some_and(begins_clause);
    // A list in a body is a list of members; in a head it goes on.
    let list = frames.is_empty() && last == Some(T::Comma);
    base + usize::from(clause || list)
}

/// Words before which what is too long breaks, and that want something behind them.
fn begins_clause(kind: T) -> bool {
    matches!(
        kind,
        T::Where
            | T::To
            | T::Applies
            | T::Inherits
            | T::Uses
            | T::Bypasses
            | T::As
            | T::When
            | T::Can
            | T::Colon
    )
}
