//! Properties over random policies: the evaluator against `SQLite`, row by row.

mod case;
mod findings;
mod report;
mod shrink;
mod sqlite;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use ambit_tests::rng::Rng;

use case::Case;
use report::Tally;

/// Policies in the ordinary run; `AMBIT_CASES` multiplies.
const POLICIES: usize = 500;

/// Cases (policy × row × user) that the ordinary run must reach.
const CASES: u64 = 20_000;

#[test]
fn the_evaluator_and_sqlite_agree_on_every_row() {
    let started = Instant::now();
    let (times, seed) = (crate::budget::times(), crate::budget::seed());
    let policies = POLICIES * times;
    let (next, all, found) = (
        AtomicUsize::new(0),
        Mutex::new(Tally::default()),
        Mutex::new(None),
    );
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let mut tally = Tally::default();
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    if n >= policies || found.lock().unwrap().is_some() {
                        break;
                    }
                    let mut rng = Rng::new(seed).fork(n as u64);
                    let case = Case::new(&mut rng, &mut tally.coverage);
                    if let Some(difference) = case.compare(&mut tally) {
                        *found.lock().unwrap() = Some((n, case, difference));
                    }
                }
                all.lock().unwrap().add(&tally);
            });
        }
    });
    let tally = all.into_inner().unwrap();
    let found = found.into_inner().unwrap();
    tally.print(policies, seed);
    crate::budget::summary(
        "properties",
        "sqlite",
        &crate::budget::Outcome {
            cases: tally.cases,
            differences: u64::from(found.is_some()),
            refused: tally.refused.0.values().sum(),
            seed,
            seconds: started.elapsed().as_secs_f64(),
        },
    );
    if let Some((n, case, difference)) = found {
        let (case, difference) = shrink::shrink(case, difference);
        panic!(
            "AMBIT_SEED={seed}, policy {n}:\n{}",
            case.describe(&difference)
        );
    }
    tally.assert_not_degenerate(times as u64);
    assert!(
        tally.cases >= CASES * times as u64,
        "only {} cases",
        tally.cases
    );
}

#[test]
fn the_comparison_sees_what_differs() {
    use jiff::ToSpan as _;
    let mut seen = 0;
    for n in 0..40 {
        let mut case = Case::new(&mut Rng::new(7).fork(n), &mut Tally::default().coverage);
        case.sql_today = case.pool.today.checked_sub(35.days()).ok();
        seen += u64::from(case.compare(&mut Tally::default()).is_some());
    }
    assert!(
        seen >= 10,
        "another day makes a difference in {seen} of 40 policies only"
    );
}
