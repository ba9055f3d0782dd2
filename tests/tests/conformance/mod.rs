//! Conformance: random policies × hostile rows × users; the evaluator against what SQL says on the real engines.

// Texts for people, put together piece by piece; small numbers as values; tables of cases as matches.
#![allow(
    clippy::format_push_string,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::collapsible_match,
    clippy::match_same_arms,
    clippy::type_complexity
)]

pub mod artifact;
mod assumed;
pub mod case;
mod direct;
mod grid;
mod hostile;
mod huge;
mod odd;
mod odd_decimals;
pub mod postgres;
mod refusals;
pub mod shadows;
mod shrink;
pub mod sqlite;
pub mod store;
pub mod tally;
pub mod tokens;
mod zones;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use ambit_targets::sql::Dialect;
use ambit_tests::rng::Rng;

use crate::engines::postgres::Server;
use case::{Case, Difference};
use store::Engine;
use tally::Tally;

/// A comparison of a case with an engine.
type Compare = fn(&Case, &mut dyn Engine, &mut Tally) -> Option<Difference>;

/// A run over random policies.
struct Run<'a> {
    /// The first word of the suites: `access` or `conformance`.
    name: &'a str,
    dialect: Dialect,
    /// What the engine is called in summaries.
    word: &'a str,
    /// Policies in the ordinary run; `AMBIT_CASES` multiplies.
    policies: usize,
    /// An engine for each thread.
    engine: &'a (dyn Fn(usize) -> Box<dyn Engine> + Sync),
    compare: Compare,
    /// What both forms together must reach; each at least a third of it.
    least: u64,
}

impl Run<'_> {
    fn run(&self) {
        let started = Instant::now();
        let (times, seed) = (crate::budget::times(), crate::budget::seed());
        let policies = self.policies * times;
        let (next, all, found) = (
            AtomicUsize::new(0),
            Mutex::new(Tally::default()),
            Mutex::new(None),
        );
        let threads = std::thread::available_parallelism().map_or(1, |n| n.get().min(8));
        std::thread::scope(|scope| {
            for thread in 0..threads {
                let (next, all, found) = (&next, &all, &found);
                scope.spawn(move || {
                    let mut tally = Tally::default();
                    let mut engine = (self.engine)(thread);
                    loop {
                        let n = next.fetch_add(1, Ordering::Relaxed);
                        if n >= policies || found.lock().unwrap().is_some() {
                            break;
                        }
                        let mut rng = Rng::new(seed).fork(n as u64);
                        let mut case = Case::new(self.dialect, &mut rng, &mut tally.coverage);
                        if self.name == "hostile-session" {
                            case.hostile.session = Some(rng.draw());
                            case.hostile.names = n % 4 != 0;
                        }
                        if self.name == "access" {
                            tally.grid.count(&case);
                        }
                        if let Some(difference) = (self.compare)(&case, &mut *engine, &mut tally) {
                            *found.lock().unwrap() = Some((n, case, difference));
                        }
                    }
                    all.lock().unwrap().add(&tally);
                });
            }
        });
        let tally = all.into_inner().unwrap();
        let found = found.into_inner().unwrap();
        let seconds = started.elapsed().as_secs_f64();
        let title = format!("{} on {}", self.name, self.word);
        tally.print(&title, policies, seed, seconds);
        let hostile = self.name == "hostile-session";
        let suites: Vec<(String, u64)> = if hostile {
            vec![(self.name.to_owned(), tally.checks.values().sum())]
        } else {
            let of = |(form, n): (&&str, &u64)| (format!("{}-{form}", self.name), *n);
            tally.checks.iter().map(of).collect()
        };
        for (suite, n) in suites {
            crate::budget::summary(
                &suite,
                self.word,
                &crate::budget::Outcome {
                    cases: n,
                    differences: u64::from(found.is_some()),
                    refused: tally.refusals(),
                    seed,
                    seconds,
                },
            );
        }
        if let Some((n, case, difference)) = found {
            let mut engine = (self.engine)(threads);
            let (case, difference) = shrink::shrink(case, difference, |case| {
                (self.compare)(case, &mut *engine, &mut Tally::default())
            });
            panic!(
                "AMBIT_SEED={seed}, policy {n}:\n{}",
                case.describe(&difference)
            );
        }
        tally.assert_sound(self.name == "access", times as u64);
        let (inline, bound) = (tally.of("inline"), tally.of("bound"));
        let least = self.least * times as u64;
        assert!(
            inline + bound >= least && inline.min(bound) >= least / 3,
            "only {inline} checks inline and {bound} bound, not {least}"
        );
    }
}

#[test]
fn the_lowering_means_the_same_on_sqlite() {
    Run {
        name: "access",
        dialect: Dialect::Sqlite,
        word: "sqlite",
        policies: 300,
        engine: &|_| Box::new(sqlite::Sqlite),
        compare: direct::compare,
        least: 30_000,
    }
    .run();
}

/// A run on a server.
fn on_postgres(server: &Server, name: &str, compare: Compare, policies: usize, least: u64) {
    Run {
        name,
        dialect: Dialect::Postgres,
        word: server.word,
        policies,
        engine: &|n| {
            let database = format!("{}{n}", name.replace('-', "_"));
            Box::new(postgres::Postgres::new(server, &database))
        },
        compare,
        least,
    }
    .run();
}

#[test]
fn the_lowering_means_the_same_on_postgres() {
    on_postgres(need!("postgres"), "access", direct::compare, 300, 30_000);
}

#[test]
fn the_lowering_means_the_same_on_the_least_postgres() {
    on_postgres(
        need!("postgres-minimum"),
        "access",
        direct::compare,
        200,
        20_000,
    );
}

#[test]
fn the_artifact_means_the_same_on_sqlite() {
    Run {
        name: "conformance",
        dialect: Dialect::Sqlite,
        word: "sqlite",
        policies: 200,
        engine: &|_| Box::new(sqlite::Sqlite),
        compare: artifact::compare,
        least: 50_000,
    }
    .run();
}

#[test]
fn the_artifact_means_the_same_on_postgres() {
    on_postgres(
        need!("postgres"),
        "conformance",
        artifact::compare,
        200,
        30_000,
    );
}

#[test]
fn the_artifact_means_the_same_on_the_least_postgres() {
    on_postgres(
        need!("postgres-minimum"),
        "conformance",
        artifact::compare,
        140,
        20_000,
    );
}

/// The same policies in sessions that do what a session can: names in front of `pg_catalog`, temporary ones, settings
/// of every kind, a role of few rights.
fn in_hostile_sessions(server: &Server) {
    on_postgres(server, "hostile-session", artifact::compare, 140, 20_000);
    let all = postgres::Postgres::new(server, "hostile_names")
        .shadowed
        .len();
    let met = shadows::MET.lock().unwrap().clone();
    let names: Vec<String> = met
        .iter()
        .map(|(kind, name)| format!("{kind:?} {name}"))
        .collect();
    crate::budget::say(&format!(
        "{all} names have stand-ins on {}, all {} that predicates use among them: {}",
        server.word,
        names.len(),
        names.join(", ")
    ));
    assert!(all >= 1000, "only {all} names have stand-ins");
    assert!(names.len() >= 36, "only {} names were met", names.len());
    let outcome = crate::budget::Outcome {
        cases: all as u64,
        ..Default::default()
    };
    crate::budget::summary("hostile-session-names", server.word, &outcome);
}

#[test]
fn no_session_bends_a_predicate_on_postgres() {
    in_hostile_sessions(need!("postgres"));
}

#[test]
fn no_session_bends_a_predicate_on_the_least_postgres() {
    in_hostile_sessions(need!("postgres-minimum"));
}

#[test]
fn the_lowering_means_the_same_on_the_oldest_sqlite() {
    let system = need!("sqlite-minimum");
    Run {
        name: "access",
        dialect: Dialect::Sqlite,
        word: "sqlite-minimum",
        policies: 300,
        engine: &|_| Box::new(sqlite::Oldest::new(system)),
        compare: direct::compare,
        least: 30_000,
    }
    .run();
}

#[test]
fn the_artifact_means_the_same_on_the_oldest_sqlite() {
    let system = need!("sqlite-minimum");
    Run {
        name: "conformance",
        dialect: Dialect::Sqlite,
        word: "sqlite-minimum",
        policies: 200,
        engine: &|_| Box::new(sqlite::Oldest::new(system)),
        compare: artifact::compare,
        least: 50_000,
    }
    .run();
}

#[test]
fn the_comparison_sees_what_differs() {
    use jiff::ToSpan as _;
    let mut seen = 0;
    for n in 0..60 {
        let mut tally = Tally::default();
        let mut case = Case::new(
            Dialect::Sqlite,
            &mut Rng::new(7).fork(n),
            &mut tally.coverage,
        );
        case.sql_today = case.today.checked_sub(35.days()).ok();
        seen += u64::from(direct::compare(&case, &mut sqlite::Sqlite, &mut tally).is_some());
    }
    assert!(
        seen >= 10,
        "another day makes a difference in {seen} of 60 policies only"
    );
}
