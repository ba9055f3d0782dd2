//! Texts that pass some tests and fail others, as short as can be.

use ambit_core::TextTest;
use smol_str::SmolStr;

use crate::cond::text_test;

/// Texts that a small witness could take for these tests: what they begin or end with, put together in every way that
/// is not longer than it must be.
pub(crate) fn candidates(patterns: &[(TextTest, SmolStr)]) -> Vec<SmolStr> {
    const MOST: usize = 12;
    let of = |test: TextTest| {
        patterns
            .iter()
            .filter(move |(t, _)| *t == test)
            .map(|(_, l)| l.clone())
            .take(MOST)
    };
    let starts: Vec<SmolStr> = of(TextTest::StartsWith).collect();
    let ends: Vec<SmolStr> = of(TextTest::EndsWith).collect();
    let inner: Vec<SmolStr> = of(TextTest::Contains).collect();
    let mut out: Vec<SmolStr> = starts.iter().chain(&ends).chain(&inner).cloned().collect();
    for (a, b) in starts
        .iter()
        .flat_map(|a| ends.iter().chain(&inner).map(move |b| (a, b)))
        .chain(inner.iter().flat_map(|a| ends.iter().map(move |b| (a, b))))
    {
        out.push(merged(a, b));
    }
    out.sort_unstable();
    out.dedup();
    out
}

/// The shortest text that begins with `a` and ends with `b`.
fn merged(a: &str, b: &str) -> SmolStr {
    let most = a.len().min(b.len());
    for overlap in (0..=most).rev() {
        if a.is_char_boundary(a.len() - overlap)
            && b.is_char_boundary(overlap)
            && a[a.len() - overlap..] == b[..overlap]
        {
            return SmolStr::from(format!("{a}{}", &b[overlap..]));
        }
    }
    SmolStr::from(format!("{a}{b}"))
}

/// A text that passes and fails these tests and that `free` accepts: there are such without end where the solver says
/// that there is one (language.md, "What the solver decides", 3).
pub(crate) fn find(
    tests: &[(TextTest, SmolStr, bool)],
    free: &dyn Fn(&str) -> bool,
) -> Option<SmolStr> {
    let holds = |text: &str| {
        tests
            .iter()
            .all(|(test, literal, wanted)| text_test(text, *test, literal) == *wanted)
            && free(text)
    };
    let longest = |wanted: TextTest| {
        tests
            .iter()
            .filter(|(test, _, holds)| *test == wanted && *holds)
            .map(|(_, literal, _)| literal.as_str())
            .max_by_key(|l| l.len())
            .unwrap_or_default()
    };
    let (start, end) = (longest(TextTest::StartsWith), longest(TextTest::EndsWith));
    // What must be inside and is not yet in another piece.
    let mut inner: Vec<&str> = Vec::new();
    let mut all: Vec<&str> = tests
        .iter()
        .filter(|(test, _, holds)| *test == TextTest::Contains && *holds)
        .map(|(_, literal, _)| literal.as_str())
        .collect();
    all.sort_by_key(|l| std::cmp::Reverse(l.len()));
    for literal in all {
        if !start.contains(literal)
            && !end.contains(literal)
            && !inner.iter().any(|i| i.contains(literal))
        {
            inner.push(literal);
        }
    }
    // Letters in no literal keep pieces apart, so that nothing comes about where they meet.
    let used = |c: char| tests.iter().any(|(_, literal, _)| literal.contains(c));
    let mut letters: Vec<char> = ('a'..='z').chain('A'..='Z').chain('0'..='9').collect();
    let apart: Vec<char> = letters
        .iter()
        .copied()
        .chain('\u{4e00}'..='\u{9fff}')
        .filter(|c| !used(*c))
        .take(3)
        .collect();
    letters.extend(&apart);
    let mut tight = vec![merged(start, end).to_string()];
    if let [one] = inner.as_slice() {
        tight.insert(0, merged(&merged(start, one), end).to_string());
    }
    if inner.len() < 2
        && let Some(text) = tight.iter().find(|t| holds(t))
    {
        return Some(text.as_str().into());
    }
    // A letter between all pieces, and more and more of them: one that no literal holds will do in the end.
    for count in 0..64_usize {
        for letter in if count == 0 { &letters } else { &apart } {
            let between = letter.to_string();
            let mut text = start.to_owned();
            for piece in &inner {
                text += &between;
                text += piece;
            }
            // After the last piece nothing need stand, without any piece something must.
            text += &between.repeat(count + usize::from(inner.is_empty()));
            text += end;
            if holds(&text) {
                return Some(text.into());
            }
        }
    }
    None
}

#[cfg(test)]
mod tests;
