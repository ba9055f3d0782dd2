//! The formatter: one canonical style without options (docs/style.md).
//!
//! It moves white space and nothing else. Items with a syntax error stay as they are; what it prints it reads again,
//! and where the tree, the words or the comments would differ, it leaves the text alone.
//!
//! A file is a row of pieces: items, and the gaps between them. An item's layout depends on the item alone, so that an
//! edit replaces few pieces; only comments at the ends of neighbouring lines are aligned across items.

mod align;
mod check;
mod erase;
mod items;
mod layout;
mod pieces;
mod print;
mod rules;
mod stream;
mod tests;
mod trailing;

use crate::Span;
use pieces::Piece;
use stream::Source;

/// A formatted text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Formatted {
    /// The whole text.
    pub text: String,
    /// What turns the old text into the new one: replacements of bytes of the file, in order, apart from one another.
    pub edits: Vec<(Span, String)>,
    /// What stayed as it was, and why: bytes of the file, in order.
    pub skipped: Vec<(Span, SkipReason)>,
}

/// Why a part of a file is not formatted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum SkipReason {
    /// It cannot be read: a syntax error.
    SyntaxError,
    /// Formatted, it would not read as it does now. A fault of the formatter, which did no harm.
    WouldChangeMeaning,
    /// The text is larger than offsets can tell (4 GiB).
    TooLarge,
}

/// Formats a whole file.
pub fn format(text: &str) -> Formatted {
    format_where(text, None)
}

/// Formats the items that a range of bytes touches, each with the comments and blank lines above it. They come out as
/// [`format()`] would leave them. The skipped parts are those that the range touches.
pub fn format_range(text: &str, start: u32, end: u32) -> Formatted {
    format_where(text, Some(Span::new(start, end.max(start))))
}

fn format_where(text: &str, range: Option<Span>) -> Formatted {
    let whole = Span::new(0, text.len().min(u32::MAX as usize) as u32);
    if text.len() >= u32::MAX as usize {
        return unchanged(text, whole, SkipReason::TooLarge);
    }
    let old = Source::new(text);
    let mut left = Vec::new();
    loop {
        let (pieces, skipped) = pieces::pieces(&old, &left);
        let wanted = |piece: &Piece| range.is_none_or(|r| touches(r, piece.claim));
        let edits: Vec<(Span, String)> = pieces
            .iter()
            .filter(|p| wanted(p))
            .filter_map(|p| edit(text, p.span, &p.text))
            .collect();
        let skipped = skipped
            .into_iter()
            .filter(|&(span, _)| range.is_none_or(|r| touches(r, span)))
            .collect();
        if edits.is_empty() {
            return Formatted {
                text: text.to_owned(),
                edits,
                skipped,
            };
        }
        let formatted = apply(text, &edits);
        let new = Source::new(&formatted);
        if !check::same_words(&old, &new) {
            return unchanged(text, range.unwrap_or(whole), SkipReason::WouldChangeMeaning);
        }
        let Some(item) = check::different_item(&old, &new) else {
            return Formatted {
                text: formatted,
                edits,
                skipped,
            };
        };
        // Where text cannot be read, lines decide where items end. The item stays as it is, or the one above it.
        let next = (0..=item).rev().take(ATTEMPTS).find(|i| !left.contains(i));
        match next {
            Some(item) if left.len() < ATTEMPTS => left.push(item),
            _ => return unchanged(text, range.unwrap_or(whole), SkipReason::WouldChangeMeaning),
        }
    }
}

/// So many items are left alone before the whole text is.
const ATTEMPTS: usize = 6;

fn unchanged(text: &str, span: Span, reason: SkipReason) -> Formatted {
    Formatted {
        text: text.to_owned(),
        edits: Vec::new(),
        skipped: vec![(span, reason)],
    }
}

/// A cursor touches what it stands in or right behind; a range what it shares a byte with.
fn touches(range: Span, span: Span) -> bool {
    if range.start == range.end {
        span.start < range.start && range.start <= span.end || span.start == 0 && range.start == 0
    } else if span.start == span.end {
        range.start <= span.start && span.start <= range.end
    } else {
        range.start < span.end && span.start < range.end
    }
}

/// The replacement that gives a piece its new text, without what both texts share at either end.
fn edit(text: &str, span: Span, new: &str) -> Option<(Span, String)> {
    let old = text.get(span.range())?;
    if old == new {
        return None;
    }
    let same = |(a, b): &(char, char)| a == b;
    let head: usize = old
        .chars()
        .zip(new.chars())
        .take_while(same)
        .map(|(c, _)| c.len_utf8())
        .sum();
    let (old_rest, new_rest) = (old.get(head..)?, new.get(head..)?);
    let tail: usize = old_rest
        .chars()
        .rev()
        .zip(new_rest.chars().rev())
        .take_while(same)
        .map(|(c, _)| c.len_utf8())
        .sum();
    let replaced = Span::new(span.start + head as u32, span.end - tail as u32);
    Some((replaced, new_rest.get(..new_rest.len() - tail)?.to_owned()))
}

fn apply(text: &str, edits: &[(Span, String)]) -> String {
    let mut new = String::with_capacity(text.len() + text.len() / 8);
    let mut at = 0;
    for (span, replacement) in edits {
        new.push_str(text.get(at..span.start as usize).unwrap_or_default());
        new.push_str(replacement);
        at = span.end as usize;
    }
    new.push_str(text.get(at..).unwrap_or_default());
    new
}
