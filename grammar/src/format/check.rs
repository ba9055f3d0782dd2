//! What formatting must not change.

use super::erase::Erase;
use super::stream::Stream;
use crate::ast::Item;
use crate::{RawItem, parse_item, split};

/// Does the text hold this item and nothing else? (Its doc comments stand outside; see [`same`].)
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

/// Do two texts have the same words and comments in the same order, and the same items with the same doc comments?
pub(super) fn same(old: &str, new: &str) -> bool {
    let (old_stream, new_stream) = (Stream::new(old), Stream::new(new));
    let words = old_stream.words.len();
    if words != new_stream.words.len() {
        return false;
    }
    for word in 0..=words {
        if old_stream.word_text(word) != new_stream.word_text(word) {
            return false;
        }
        let (old, new) = (old_stream.comments(word), new_stream.comments(word));
        if old.len() != new.len() {
            return false;
        }
        if old.iter().zip(new).any(|(a, b)| old_stream.comment_text(a) != new_stream.comment_text(b)) {
            return false;
        }
    }
    let (old_items, new_items) = (split(old), split(new));
    old_items.len() == new_items.len()
        && old_items.iter().zip(&new_items).all(|(a, b)| {
            a.keyword == b.keyword && a.name == b.name && place(&old_stream, a) == place(&new_stream, b)
        })
}

/// First word of an item, the word after its last, and its doc comments.
fn place(stream: &Stream<'_>, raw: &RawItem) -> (usize, usize, usize) {
    let first = stream.word_at(raw.start);
    let past = stream.word_at(raw.start.saturating_add(raw.text.len() as u32));
    (first, past, stream.comments(first).iter().filter(|c| c.start >= raw.start).count())
}
