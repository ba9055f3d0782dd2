//! Texts are found for every outcome of their tests that the rules of language.md allow, and for no other is there one.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::{BTreeMap, HashSet};

use ambit_core::TextTest;
use smol_str::SmolStr;

use super::find;

/// Every text of up to eight of these letters: more than any outcome of the tests below needs.
fn every_text() -> Vec<String> {
    let letters = ['a', 'b', 'c'];
    let mut all = vec![String::new()];
    let mut from = 0;
    for _ in 0..8 {
        let to = all.len();
        for i in from..to {
            for letter in letters {
                let mut text = all[i].clone();
                text.push(letter);
                all.push(text);
            }
        }
        from = to;
    }
    all
}

fn outcome(text: &str, tests: &[(TextTest, &str)]) -> Vec<bool> {
    tests
        .iter()
        .map(|(test, literal)| match test {
            TextTest::StartsWith => text.starts_with(literal),
            TextTest::EndsWith => text.ends_with(literal),
            TextTest::Contains => text.contains(literal),
        })
        .collect()
}

/// Prefixes are prefixes of one another, suffixes likewise, and no test that fails follows from one that holds.
fn allowed(tests: &[(TextTest, &str)], outcome: &[bool]) -> bool {
    let holds: Vec<_> = tests
        .iter()
        .zip(outcome)
        .filter(|(_, o)| **o)
        .map(|(t, _)| *t)
        .collect();
    let fails: Vec<_> = tests
        .iter()
        .zip(outcome)
        .filter(|(_, o)| !**o)
        .map(|(t, _)| *t)
        .collect();
    let chain = |wanted: TextTest| {
        let of: Vec<&str> = holds
            .iter()
            .filter(|(t, _)| *t == wanted)
            .map(|(_, l)| *l)
            .collect();
        of.iter().all(|a| {
            of.iter().all(|b| match wanted {
                TextTest::StartsWith => a.starts_with(b) || b.starts_with(a),
                _ => a.ends_with(b) || b.ends_with(a),
            })
        })
    };
    let follows = |(test, literal): &(TextTest, &str)| {
        literal.is_empty()
            || holds.iter().any(|(t, l)| match (t, test) {
                (TextTest::StartsWith, TextTest::StartsWith) => l.starts_with(literal),
                (TextTest::EndsWith, TextTest::EndsWith) => l.ends_with(literal),
                (_, TextTest::Contains) => l.contains(literal),
                _ => false,
            })
    };
    chain(TextTest::StartsWith) && chain(TextTest::EndsWith) && !fails.iter().any(follows)
}

#[test]
fn a_text_for_every_outcome_that_can_be() {
    let texts = every_text();
    let literals = ["a", "b", "ab", "ba", "aa", ""];
    let mut pool: Vec<(TextTest, &str)> = Vec::new();
    for literal in literals {
        pool.push((TextTest::StartsWith, literal));
        pool.push((TextTest::EndsWith, literal));
        pool.push((TextTest::Contains, literal));
    }
    let (mut found, mut none) = (0, 0);
    for i in 0..pool.len() {
        for j in i + 1..pool.len() {
            for k in j + 1..pool.len() {
                let tests = [pool[i], pool[j], pool[k]];
                let mut known: BTreeMap<Vec<bool>, usize> = BTreeMap::new();
                for text in &texts {
                    *known.entry(outcome(text, &tests)).or_default() += 1;
                }
                for bits in 0..8_u32 {
                    let wanted: Vec<bool> = (0..3).map(|n| bits >> n & 1 == 1).collect();
                    let asked: Vec<(TextTest, SmolStr, bool)> = tests
                        .iter()
                        .zip(&wanted)
                        .map(|((t, l), w)| (*t, SmolStr::new(l), *w))
                        .collect();
                    let many = known.get(&wanted).is_some_and(|n| *n > 6);
                    assert_eq!(allowed(&tests, &wanted), many, "{asked:?}");
                    if !allowed(&tests, &wanted) {
                        none += 1;
                        continue;
                    }
                    found += 1;
                    // As many as anybody wants, each another.
                    let mut taken: HashSet<SmolStr> = HashSet::new();
                    for _ in 0..12 {
                        let text = find(&asked, &|t| !taken.contains(t));
                        let text = text.unwrap_or_else(|| panic!("no text for {asked:?}"));
                        assert_eq!(outcome(&text, &tests), wanted, "{text:?} for {asked:?}");
                        assert!(taken.insert(text));
                    }
                }
            }
        }
    }
    assert!(found > 1_000 && none > 1_000, "{found} and {none}");
}

#[test]
fn pieces_that_must_be_inside_do_not_meet() {
    let contains = |literal: &str, holds| (TextTest::Contains, SmolStr::new(literal), holds);
    let tests = [
        contains("ab", true),
        contains("bc", true),
        contains("abc", false),
        (TextTest::StartsWith, "x".into(), true),
        (TextTest::EndsWith, "x".into(), false),
    ];
    let text = find(&tests, &|_| true).unwrap();
    assert!(text.starts_with('x') && !text.ends_with('x'), "{text}");
    assert!(
        text.contains("ab") && text.contains("bc") && !text.contains("abc"),
        "{text}"
    );
    // Every plain letter stands in some literal.
    let all: String = ('a'..='z').chain('A'..='Z').chain('0'..='9').collect();
    let tests = [
        contains(&all, false),
        contains("a", true),
        contains("aa", true),
    ];
    assert!(find(&tests, &|_| true).is_some());
}
