//! Words spelled alike.

use crate::token::TokenKind;

/// No keyword is longer, and the distance is quadratic in the length.
const LONGEST: usize = 16;

/// The candidate spelled most like `word`, if one is alike at all: at most one slip in short words, two in longer ones,
/// a swap of neighbours counting once. Case does not count.
pub(crate) fn nearest(
    word: &str,
    candidates: impl Iterator<Item = TokenKind>,
) -> Option<TokenKind> {
    if word.len() > LONGEST || !word.is_ascii() {
        return None;
    }
    let word = word.to_ascii_lowercase();
    candidates
        .filter_map(|kind| {
            let text = kind.text();
            let allowed = match text.len().max(word.len()) {
                0..=2 => 0,
                3..=5 => 1,
                _ => 2,
            };
            if text.len().abs_diff(word.len()) > allowed {
                return None;
            }
            let distance = distance(word.as_bytes(), text.as_bytes());
            (distance <= allowed).then_some((distance, kind))
        })
        .min()
        .map(|(_, kind)| kind)
}

/// Edits between two words of at most [`LONGEST`] letters: insertions, deletions, replacements, swaps of neighbours
/// (optimal string alignment).
fn distance(a: &[u8], b: &[u8]) -> usize {
    type Row = [usize; LONGEST + 1];
    let at = |row: &Row, j: usize| row.get(j).copied().unwrap_or(usize::MAX / 2);
    let mut before: Row = [0; LONGEST + 1];
    let mut last: Row = std::array::from_fn(|j| j);
    for (i, &x) in a.iter().enumerate() {
        let mut row: Row = [usize::MAX / 2; LONGEST + 1];
        let mut left = i + 1;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (j, &y) in b.iter().enumerate() {
            let mut best = (at(&last, j) + usize::from(x != y))
                .min(at(&last, j + 1) + 1)
                .min(left + 1);
            if i > 0 && j > 0 && a.get(i - 1) == Some(&y) && b.get(j - 1) == Some(&x) {
                best = best.min(at(&before, j - 1) + 1);
            }
            left = best;
            if let Some(cell) = row.get_mut(j + 1) {
                *cell = best;
            }
        }
        before = last;
        last = row;
    }
    at(&last, b.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_found_and_other_words_are_not() {
        let item = |word: &str| nearest(word, TokenKind::item_keywords());
        assert_eq!(item("tabel"), Some(TokenKind::Table));
        assert_eq!(item("Role"), Some(TokenKind::Role));
        assert_eq!(item("rol"), Some(TokenKind::Role));
        assert_eq!(item("hierachy"), Some(TokenKind::Hierarchy));
        assert_eq!(item("policy"), None);
        assert_eq!(item("x"), None);
        assert_eq!(item("größe"), None);
    }
}
