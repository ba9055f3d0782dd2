//! Words spelled alike.

use crate::token::TokenKind;

/// The candidate spelled most like `word`, if one is alike at all: at most one slip in three letters, two at most, a
/// swap of neighbours counting once. Case does not count.
pub(crate) fn nearest(word: &str, candidates: impl Iterator<Item = TokenKind>) -> Option<TokenKind> {
    // No keyword is longer than this, and the distance below is quadratic.
    const LONGEST: usize = 16;
    if word.len() > LONGEST || !word.is_ascii() {
        return None;
    }
    let word = word.to_ascii_lowercase();
    candidates
        .filter_map(|kind| {
            let allowed = match kind.text().len().max(word.len()) {
                0..=2 => 0,
                3..=5 => 1,
                _ => 2,
            };
            let distance = distance(word.as_bytes(), kind.text().as_bytes());
            (distance <= allowed).then_some((distance, kind))
        })
        .min()
        .map(|(_, kind)| kind)
}

/// Edits between two words: insertions, deletions, replacements, swaps of neighbours (optimal string alignment).
fn distance(a: &[u8], b: &[u8]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, &x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, &y) in b.iter().enumerate() {
            let at = |row: &[usize], j: usize| row.get(j).copied().unwrap_or(usize::MAX / 2);
            let mut best = at(&last, j) + usize::from(x != y);
            best = best.min(at(&last, j + 1) + 1).min(at(&row, j) + 1);
            let swapped = i > 0 && j > 0 && a.get(i - 1) == Some(&y) && b.get(j - 1) == Some(&x);
            if swapped {
                best = best.min(at(&before, j - 1) + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or_default()
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
