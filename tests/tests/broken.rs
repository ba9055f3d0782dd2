//! `examples/broken`: twenty mistakes, each marked on its line.

use std::collections::BTreeSet;

use crate::support::marks::{compare, marks};
use crate::support::project::Checked;
use crate::support::{files, read};

fn broken() -> (Vec<(String, String)>, Checked) {
    let sources = files("examples/broken", ".ambit");
    let checked = Checked::new(&sources, Some(&read("examples/broken/ambit.toml")));
    (sources, checked)
}

#[test]
fn exactly_the_marked_problems_are_reported() {
    let (sources, checked) = broken();
    let expected: Vec<_> = sources
        .iter()
        .flat_map(|(name, text)| marks(name, text, "//~"))
        .collect();
    let codes: BTreeSet<_> = expected.iter().map(|m| &m.what).collect();
    assert_eq!(
        (expected.len(), codes.len()),
        (20, 20),
        "twenty different mistakes"
    );
    let (missing, extra) = compare(&expected, &checked.marks());
    assert!(
        missing.is_empty() && extra.is_empty(),
        "missing: {missing:#?}\nnot marked: {extra:#?}\n{}",
        checked.rendered()
    );
}

#[test]
fn every_problem_helps_and_says_something_of_its_own() {
    let (_, checked) = broken();
    let mut messages = BTreeSet::new();
    for problem in &checked.report.problems {
        assert!(
            !problem.help.is_empty() || !problem.fixes.is_empty(),
            "no help: {}",
            problem.message
        );
        assert!(
            messages.insert(&problem.message),
            "said twice: {}",
            problem.message
        );
    }
}
