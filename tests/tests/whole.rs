//! Random projects, whole: whatever one says, it is checked, its claims are proved or refuted, and it is built, without a
//! panic and without a fault (a witness that the reference evaluator does not confirm, above all).

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use ambit_analysis::Trouble;
use ambit_cli::build::{emit, settings};
use ambit_compiler::{Config, Database};
use ambit_tests::random::{Coverage, Policy};
use ambit_tests::rng::Rng;

/// Projects in the ordinary run; `AMBIT_CASES` multiplies.
const PROJECTS: usize = 2_000;

/// Claims of each: so many are asserted, and as many are proved besides.
const CLAIMS: usize = 2;

#[derive(Debug, Default, Clone, Copy)]
struct Seen {
    problems: usize,
    held: usize,
    failed: usize,
    limits: usize,
    artifacts: usize,
    refused: usize,
}

/// `check`, `prove` and `build` of a project: what came out, or the fault.
fn whole(
    policy: &str,
    settings_text: &str,
    asserted: &str,
    proved: &[String],
) -> Result<Seen, String> {
    let mut seen = Seen::default();
    let mut db = Database::default();
    let config = Config::read(settings_text);
    let mut files = vec![
        ("asserted.ambit".into(), Arc::from(asserted)),
        ("policy.ambit".into(), Arc::from(policy)),
    ];
    let claims = proved.iter().enumerate();
    let claims =
        claims.map(|(n, claim)| (format!("claim{n}.ambit").into(), Arc::from(claim.as_str())));
    let project = db.project(files.clone(), config.clone());
    let checked = ambit_compiler::check(&db, project);
    if checked.has_errors() {
        return Err(format!("no program: {:?}", checked.problems.first()));
    }
    let report = ambit_analysis::report(&db, project);
    if let Some(fault) = report.fault {
        return Err(format!("check: {fault}"));
    }
    seen.problems = report.problems.len();
    (seen.held, seen.failed) = (report.proved, report.failed);
    seen.limits += usize::from(report.refused);
    files.extend(claims);
    files.sort_by(|a: &(smol_str::SmolStr, _), b| a.0.cmp(&b.0));
    let mut of_claims = Database::default();
    let asked = of_claims.project(files, config.clone());
    for n in 0..proved.len() {
        for (claim, proof) in
            ambit_analysis::prove_file(&of_claims, asked, &format!("claim{n}.ambit"))
        {
            match proof {
                Ok(proof) if proof.holds() => seen.held += 1,
                Ok(_) => seen.failed += 1,
                Err(Trouble::Limit(_)) => seen.limits += 1,
                Err(Trouble::Unconfirmed(why)) => return Err(format!("{}: {why}", claim.text)),
            }
        }
    }
    let program = ambit_compiler::program(&db, project).ok_or("no program")?;
    let small = ambit_analysis::smallest(&program);
    let targets = settings::chosen(&config, &[]).map_err(|e| e.message)?;
    let built = emit::emit(&small, &config, &targets, &|_| None, &|_| {}).map_err(|e| e.message)?;
    (seen.artifacts, seen.refused) = (built.artifacts.len(), built.refused.len());
    Ok(seen)
}

#[test]
fn no_project_ends_in_a_fault() {
    let started = Instant::now();
    let (times, seed) = (crate::budget::times(), crate::budget::seed());
    let count = PROJECTS * times;
    let one = |n: usize| {
        let mut rng = Rng::new(seed ^ 0x3a11).fork(n as u64);
        let mut coverage = Coverage::default();
        let (policy, pool) = Policy::new(&mut rng, &mut coverage);
        // A claim about everyone speaks of `anyone`.
        let mut claim = || {
            let claim = policy.claim(&mut rng, &pool, &mut coverage);
            claim.replace("everyone", "anyone")
        };
        let asserted: Vec<String> = (0..CLAIMS)
            .map(|_| format!("assert {}\n", claim()))
            .collect();
        let asserted = asserted.concat();
        let proved: Vec<String> = (0..CLAIMS)
            .map(|_| format!("assert {}\n", claim()))
            .collect();
        let (text, settings) = (policy.text(), policy.settings());
        let ran = catch_unwind(AssertUnwindSafe(|| {
            whole(&text, &settings, &asserted, &proved)
        }));
        ran.unwrap_or_else(|panic| {
            let said = panic.downcast_ref::<String>().cloned();
            Err(format!("panic: {}", said.unwrap_or_default()))
        })
        .map_err(|why| {
            let proved = proved.concat();
            format!("AMBIT_SEED={seed}, project {n}: {why}\n{settings}\n{text}\n{asserted}{proved}")
        })
    };
    let next = std::sync::atomic::AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let results: Vec<Result<Seen, String>> = std::thread::scope(|scope| {
        let work = || {
            let mut done = Vec::new();
            loop {
                let n = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                if n >= count {
                    return done;
                }
                done.push(one(n));
            }
        };
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        running
            .into_iter()
            .flat_map(|t| t.join().unwrap())
            .collect()
    });
    let mut sum = Seen::default();
    let mut faults: Vec<&String> = Vec::new();
    for result in &results {
        match result {
            Err(fault) => faults.push(fault),
            Ok(seen) => {
                sum.problems += seen.problems;
                sum.held += seen.held;
                sum.failed += seen.failed;
                sum.limits += seen.limits;
                sum.artifacts += seen.artifacts;
                sum.refused += seen.refused;
            }
        }
    }
    println!("whole projects: {count}, {} faults; {sum:?}", faults.len());
    crate::budget::summary(
        "whole-projects",
        "evaluator",
        &crate::budget::Outcome {
            cases: count as u64,
            differences: faults.len() as u64,
            refused: sum.refused as u64,
            seed,
            seconds: started.elapsed().as_secs_f64(),
        },
    );
    assert!(
        faults.is_empty(),
        "{} faults, the first:\n{}",
        faults.len(),
        faults[0]
    );
    assert!(
        sum.held > count / 2 && sum.failed > count / 2 && sum.artifacts >= count,
        "{sum:?}"
    );
}
