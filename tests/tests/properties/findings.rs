//! What a finding calls idle can be taken out: no decision of the reference evaluator changes.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use ambit_compiler::{Config, Database};
use ambit_core::Program;
use ambit_diagnostics::Resolved;
use ambit_tests::rng::Rng;

use super::case::Case;
use super::report::Tally;

/// Policies in the ordinary run; `AMBIT_CASES` multiplies.
const POLICIES: usize = 120;

/// So many rules must have been taken out in the ordinary run.
const TAKEN: usize = 200;

/// Does the finding say that the rule changes nothing? Of those that never hold a grant alone: a deny hides what is
/// unknown still, and a restriction keeps nothing.
fn idle(problem: &Resolved) -> bool {
    match problem.code {
        "W0602" | "W0603" => true,
        "W0601" => problem.label.ends_with("so the grant gives nothing"),
        _ => false,
    }
}

fn program_of(case: &Case, text: &str) -> (Option<Arc<Program>>, Vec<Resolved>) {
    let mut db = Database::default();
    let config = Config::read(&case.policy.settings());
    let project = db.project(vec![("random.ambit".into(), text.into())], config);
    let report = ambit_analysis::report(&db, project);
    assert_eq!(report.fault, None, "{text}");
    (ambit_compiler::program(&db, project), report.problems)
}

#[test]
fn what_is_called_idle_can_be_taken_out() {
    let started = Instant::now();
    let (times, seed) = (crate::budget::times(), crate::budget::seed());
    // Findings may use what the schema says of data.
    let (mut taken, mut rows, mut open) = (BTreeMap::<&str, usize>::new(), 0, 0);
    for n in 0..POLICIES * times {
        let mut rng = Rng::new(seed ^ 0xf1d).fork(n as u64);
        let mut case = Case::new(&mut rng, &mut Tally::default().coverage);
        case.keep_to_the_schema();
        let text = case.policy.text();
        let (program, problems) = program_of(&case, &text);
        let before = case.decisions(&program.unwrap());
        for problem in problems.iter().filter(|p| idle(p)) {
            let removes = |fix: &&ambit_diagnostics::ResolvedFix| {
                fix.edits.iter().all(|(_, text)| text.is_empty())
            };
            let Some(fix) = problem.fixes.iter().find(removes) else {
                continue;
            };
            let mut edited = text.clone();
            for (span, _) in fix.edits.iter().rev() {
                edited.replace_range(span.start as usize..span.end as usize, "");
            }
            let (Some(after), _) = program_of(&case, &edited) else {
                panic!("AMBIT_SEED={seed}, policy {n}: the fix of {problem:?} breaks\n{text}");
            };
            let after = case.decisions(&after);
            assert_eq!(
                before, after,
                "AMBIT_SEED={seed}, policy {n}: {} {} at {:?} changes decisions\n{text}",
                problem.code, problem.message, problem.at
            );
            *taken.entry(problem.code).or_default() += 1;
            rows += before.len();
            open += before.iter().filter(|allowed| **allowed).count();
        }
    }
    println!("idle rules taken out: {taken:?}; {rows} decisions alike, {open} of them allowed");
    crate::budget::summary(
        "findings-idle",
        "evaluator",
        &crate::budget::Outcome {
            cases: rows as u64,
            seed,
            seconds: started.elapsed().as_secs_f64(),
            ..crate::budget::Outcome::default()
        },
    );
    assert!(taken.values().sum::<usize>() >= TAKEN, "{taken:?}");
    assert!(
        open * 10 > rows && (rows - open) * 10 > rows,
        "{open} of {rows}"
    );
}
