//! Damaged texts through the whole front: nothing panics, tokens stay lossless, formatting stays idempotent.

use std::sync::Arc;
use std::time::Instant;

use ambit_compiler::{Config, Database, check};
use ambit_tests::project::{Shape, generate};
use ambit_tests::random::{Coverage, Policy};
use ambit_tests::rng::Rng;

use crate::budget;
use crate::support;

/// Damaged texts in the ordinary run.
const CASES: usize = 3_000;

/// What a hand on the keyboard, a merge or a broken disk may put anywhere.
const DEBRIS: &[&str] = &[
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    ",",
    ".",
    ":",
    "\"",
    "\\",
    "->",
    "=",
    "!",
    "<",
    ">",
    "?",
    "/",
    "//",
    "///",
    "\n",
    "\r",
    "\r\n",
    "\t",
    "\u{feff}",
    "\u{0}",
    "é",
    "😀",
    "\u{2028}",
    "role ",
    "grant ",
    "user",
    "test \"x\" {",
    "everyone {",
    "where",
    " and ",
    " or ",
    "not ",
    "exists ",
    "1",
    "-1",
    "2024-02-30",
    "2024-01-15T10:00:00Z",
    "99999999999999999999",
    "1.",
    "\"\\u{110000}\"",
    "\"\\q\"",
    "<<<<<<< HEAD\n",
    "=======\n",
    "table t {",
    "null",
    "in []",
    "is",
    "as \"\"",
];

fn sources() -> Vec<String> {
    let mut texts: Vec<String> = support::files("examples", ".ambit")
        .into_iter()
        .map(|(_, t)| t)
        .collect();
    texts.extend(
        generate(Shape {
            roles: 12,
            grants: 60,
            files: 3,
            seed: 5,
        })
        .into_iter()
        .map(|(_, t)| t),
    );
    let rng = Rng::new(budget::seed());
    texts.extend((0..12).map(|n| {
        Policy::new(&mut rng.fork(n), &mut Coverage::default())
            .0
            .text()
    }));
    texts
}

/// Damages a text in a few places.
fn damage(rng: &mut Rng, text: &str, others: &[String]) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    // A window of a long text is as good as the whole and quicker.
    if chars.len() > 4_000 {
        let from = rng.below(chars.len() - 4_000);
        chars = chars[from..from + 4_000].to_vec();
    }
    for _ in 0..=rng.below(4) {
        let at = rng.below(chars.len() + 1);
        let end = (at + rng.below(40)).min(chars.len());
        match rng.below(7) {
            0 => drop(chars.drain(at..end)),
            1 => drop(chars.splice(at..at, rng.pick(DEBRIS).chars())),
            2 => drop(chars.splice(at..end, rng.pick(DEBRIS).chars())),
            3 => {
                let again: Vec<char> = chars[at..end].to_vec();
                drop(chars.splice(at..at, again));
            }
            4 if at < chars.len() => {
                let other = rng.below(chars.len());
                chars.swap(at, other);
            }
            5 => {
                let other: Vec<char> = rng.pick(others).chars().take(2_000).collect();
                let from = rng.below(other.len() + 1);
                let to = (from + rng.below(80)).min(other.len());
                drop(chars.splice(at..at, other[from..to].to_vec()));
            }
            _ => chars.truncate(at),
        }
    }
    chars.into_iter().collect()
}

#[test]
fn damaged_texts_never_panic() {
    let started = Instant::now();
    let (texts, seed) = (sources(), budget::seed());
    let cases = CASES * budget::times();
    let mut reported = 0;
    for n in 0..cases as u64 {
        let mut rng = Rng::new(seed).fork(n);
        let source = rng.pick(&texts).clone();
        let text = damage(&mut rng, &source, &texts);
        let outcome = std::panic::catch_unwind(|| whole_front(&text, n % 8 == 0));
        match outcome {
            Ok(problems) => reported += u64::from(problems),
            Err(fault) => {
                budget::say(&format!("AMBIT_SEED={seed}, case {n}, text:\n{text}"));
                std::panic::resume_unwind(fault);
            }
        }
    }
    // Where damage is not noticed, the damage is too gentle.
    assert!(
        reported * 2 > cases as u64,
        "only {reported} of {cases} damaged texts have a problem"
    );
    budget::say(&format!(
        "fuzz: {cases} damaged texts, {reported} with problems, seed {seed}"
    ));
    budget::summary(
        "fuzz",
        "front",
        &budget::Outcome {
            cases: cases as u64,
            seed,
            seconds: started.elapsed().as_secs_f64(),
            ..Default::default()
        },
    );
}

/// Runs every stage; are there problems?
fn whole_front(text: &str, formatting: bool) -> bool {
    let tokens = ambit_grammar::lex(text);
    let mut at = 0;
    for token in &tokens {
        assert_eq!(token.start, at, "a gap between tokens");
        assert!(token.end > token.start && text.is_char_boundary(token.end as usize));
        at = token.end;
    }
    assert_eq!(at as usize, text.len(), "bytes outside every token");
    let mut db = Database::default();
    let project = db.project(vec![("a.ambit".into(), Arc::from(text))], Config::default());
    let report = check(&db, project);
    for problem in &report.problems {
        let (start, end) = (problem.at.start as usize, problem.at.end as usize);
        assert!(
            start <= end && text.get(start..end).is_some(),
            "{} at {start}..{end}",
            problem.code
        );
    }
    assert_eq!(
        ambit_compiler::program(&db, project).is_none(),
        report.has_errors()
    );
    if formatting {
        let once = ambit_grammar::format(text).text;
        assert_eq!(
            ambit_grammar::format(&once).text,
            once,
            "twice differs from once"
        );
    }
    !report.problems.is_empty()
}

#[test]
fn any_bytes_are_text_or_refused() {
    let mut rng = Rng::new(budget::seed());
    for _ in 0..300 * budget::times() {
        let bytes: Vec<u8> = (0..rng.below(400)).map(|_| rng.draw() as u8).collect();
        whole_front(&String::from_utf8_lossy(&bytes), true);
    }
}
