//! "Did you mean": the nearest known name to one that is unknown.

/// The candidate nearest to `word`, if one is near enough to be meant.
///
/// Nearness is the Damerau-Levenshtein distance (insert, drop, change, swap neighbours) over characters without
/// case; a candidate that differs by case alone wins at once. At most a third of the longer word's characters may
/// differ. Ties go to the name that comes first in the alphabet, so the answer does not depend on the order in which
/// candidates come.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted: Vec<char> = fold(word);
    let mut best: Option<(usize, bool, &'a str)> = None;
    let mut rows = Rows::default();
    for candidate in candidates {
        if candidate == word || candidate.is_empty() {
            continue;
        }
        let bound = best.map_or(usize::MAX, |(distance, ..)| distance);
        // Cheap bounds first: the lengths in bytes differ by at most four times what the characters do.
        if candidate.len() > 4 * (wanted.len() + wanted.len() / 2 + 2) {
            continue;
        }
        let folded = fold(candidate);
        let limit = cut_off(wanted.len().max(folded.len())).min(bound);
        if wanted.len().abs_diff(folded.len()) > limit {
            continue;
        }
        let Some(distance) = rows.distance(&wanted, &folded, limit) else {
            continue;
        };
        // Among equals, a name with the same first character is the likelier one.
        let entry = (distance, folded.first() != wanted.first(), candidate);
        if best.is_none_or(|b| entry < b) {
            best = Some(entry);
        }
    }
    best.map(|(.., name)| name)
}

/// How many changes still count as a slip, for a word of so many characters.
fn cut_off(len: usize) -> usize {
    match len {
        0..=1 => 0,
        2..=5 => 1,
        6..=8 => 2,
        _ => (len / 3).min(5),
    }
}

fn fold(text: &str) -> Vec<char> {
    text.chars().flat_map(char::to_lowercase).collect()
}

/// The three rows of the table that the distance needs, kept between candidates.
#[derive(Default)]
struct Rows {
    before: Vec<usize>,
    last: Vec<usize>,
    this: Vec<usize>,
}

impl Rows {
    /// The distance between two words, unless it is above `limit`.
    fn distance(&mut self, a: &[char], b: &[char], limit: usize) -> Option<usize> {
        self.before.clear();
        self.before.resize(b.len() + 1, 0);
        self.last.clear();
        self.last.extend(0..=b.len());
        let mut a_before = None;
        for (i, x) in a.iter().enumerate() {
            self.this.clear();
            self.this.push(i + 1);
            let mut left = i + 1;
            let mut smallest = left;
            let mut b_before: Option<&char> = None;
            for (j, y) in b.iter().enumerate() {
                let diagonal = self.last.get(j).copied().unwrap_or(usize::MAX);
                let above = self.last.get(j + 1).copied().unwrap_or(usize::MAX);
                let mut cost = (diagonal + usize::from(x != y))
                    .min(above + 1)
                    .min(left + 1);
                if a_before == Some(y) && b_before == Some(x) {
                    let swapped = j
                        .checked_sub(1)
                        .and_then(|k| self.before.get(k))
                        .copied()
                        .unwrap_or(usize::MAX - 1);
                    cost = cost.min(swapped + 1);
                }
                self.this.push(cost);
                smallest = smallest.min(cost);
                left = cost;
                b_before = Some(y);
            }
            if smallest > limit {
                return None;
            }
            a_before = Some(x);
            std::mem::swap(&mut self.before, &mut self.last);
            std::mem::swap(&mut self.last, &mut self.this);
        }
        self.last.last().copied().filter(|d| *d <= limit)
    }
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn finds_slips() {
        let names = ["salesperson", "sold_on", "country", "amount", "id"];
        assert_eq!(nearest("contry", names), Some("country"));
        assert_eq!(
            nearest("coutnry", names),
            Some("country"),
            "neighbours swapped"
        );
        assert_eq!(nearest("sales_person", names), Some("salesperson"));
        assert_eq!(nearest("Amount", names), Some("amount"), "case alone");
        assert_eq!(nearest("ID", names), Some("id"));
        assert_eq!(nearest("soldon", names), Some("sold_on"));
    }

    #[test]
    fn does_not_guess() {
        assert_eq!(nearest("x", ["y"]), None);
        assert_eq!(nearest("region", ["country", "amount"]), None);
        assert_eq!(nearest("", ["a", ""]), None);
        assert_eq!(nearest("abc", []), None);
        assert_eq!(nearest("read", ["edit", "run"]), None);
        assert_eq!(
            nearest("abc", ["abc"]),
            None,
            "the word itself is no suggestion"
        );
    }

    #[test]
    fn ties_do_not_depend_on_the_order() {
        assert_eq!(
            nearest("sale", ["salt", "sales"]),
            nearest("sale", ["sales", "salt"])
        );
        assert_eq!(
            nearest("cat", ["bat", "cab"]),
            Some("cab"),
            "the same first character first"
        );
        assert_eq!(nearest("user_a", ["user_c", "user_b"]), Some("user_b"));
    }

    #[test]
    fn case_goes_before_distance() {
        assert_eq!(nearest("USA", ["USB", "Usa"]), Some("Usa"));
    }

    #[test]
    fn characters_not_bytes() {
        assert_eq!(nearest("Tōkyō", ["Tokyō"]), Some("Tokyō"));
        assert_eq!(nearest("日本語", ["日本誤"]), Some("日本誤"));
    }
}
