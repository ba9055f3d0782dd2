//! What formatting must not change.

use super::erase::Erase;
use super::stream::{Source, Stream};
use crate::ast::Item;
use crate::{RawItem, parse_item, split};

/// Does the text hold this item and nothing else? (Its doc comments stand outside; see [`different_item`].)
pub(super) fn same_item(mut old: Item, text: &str) -> bool {
    let raws = split(text);
    let [raw] = raws.as_slice() else { return false };
    let parsed = parse_item(raw);
    if !parsed.errors.is_empty() {
        return false;
    }
    let mut new = parsed.item;
    old.docs.clear();
    new.docs.clear();
    old.erase();
    new.erase();
    old == new
}

/// Do two texts have the same words and comments in the same order?
pub(super) fn same_words(old: &Source<'_>, new: &Source<'_>) -> bool {
    // Whatever the lexer may take for white space: nothing visible gets lost.
    let visible = |c: &char| !c.is_whitespace();
    if old
        .stream
        .text
        .chars()
        .filter(visible)
        .ne(new.stream.text.chars().filter(visible))
    {
        return false;
    }
    let (old, new) = (&old.stream, &new.stream);
    let words = old.words.len();
    words == new.words.len()
        && (0..=words).all(|word| {
            let old_comments = old.comments(word).iter().map(|c| old.comment_text(c));
            let new_comments = new.comments(word).iter().map(|c| new.comment_text(c));
            old.word_text(word) == new.word_text(word) && old_comments.eq(new_comments)
        })
}

/// The first item of the old text that is not the same words with the same doc comments in the new one.
pub(super) fn different_item(old: &Source<'_>, new: &Source<'_>) -> Option<usize> {
    let same = |(a, b): (&RawItem, &RawItem)| {
        a.keyword == b.keyword && a.name == b.name && place(&old.stream, a) == place(&new.stream, b)
    };
    let common = old
        .items
        .iter()
        .zip(&new.items)
        .take_while(|&pair| same(pair))
        .count();
    (common < old.items.len().max(new.items.len())).then_some(common)
}

/// First word of an item, the word after its last, and its doc comments.
fn place(stream: &Stream<'_>, raw: &RawItem) -> (usize, usize, usize) {
    let first = stream.word_at(raw.start);
    let past = stream.word_at(raw.start.saturating_add(raw.text.len() as u32));
    (
        first,
        past,
        stream
            .comments(first)
            .iter()
            .filter(|c| c.start >= raw.start)
            .count(),
    )
}
