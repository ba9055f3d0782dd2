//! How much random tests do, and what they leave behind (`AMBIT_CASES`, `AMBIT_SEED`, `AMBIT_SUMMARY`).

use std::io::Write as _;

/// By how much `AMBIT_CASES` multiplies the budgets.
pub fn times() -> usize {
    number("AMBIT_CASES").unwrap_or(1).max(1) as usize
}

/// Where chance begins: `AMBIT_SEED`, else always the same.
pub fn seed() -> u64 {
    number("AMBIT_SEED").unwrap_or(1)
}

fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{name} must be a number, not `{text}`")),
    )
}

/// What a suite did.
#[derive(Debug, Default)]
pub struct Outcome {
    pub cases: u64,
    pub differences: u64,
    pub refused: u64,
    pub seed: u64,
    pub seconds: f64,
}

/// Appends the line of a suite to the file of `AMBIT_SUMMARY`, where one is wanted.
pub fn summary(suite: &str, engine: &str, outcome: &Outcome) {
    append(&serde_json::json!({
        "suite": suite,
        "engine": engine,
        "cases": outcome.cases,
        "differences": outcome.differences,
        "refused": outcome.refused,
        "skipped": false,
        "reason": null,
        "seed": outcome.seed,
        "seconds": (outcome.seconds * 1000.0).round() / 1000.0,
    }));
}

/// Appends the line of a suite that did nothing, and why.
pub fn skipped(suite: &str, engine: &str, reason: &str) {
    append(&serde_json::json!({
        "suite": suite,
        "engine": engine,
        "cases": 0,
        "differences": 0,
        "refused": 0,
        "skipped": true,
        "reason": reason,
        "seed": seed(),
        "seconds": 0.0,
    }));
}

fn append(line: &serde_json::Value) {
    let Some(path) = std::env::var_os("AMBIT_SUMMARY") else {
        return;
    };
    let mut file = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .unwrap();
    // One write, so that suites on other threads do not come between.
    file.write_all(format!("{line}\n").as_bytes()).unwrap();
}

/// Prints past the capture of the test harness.
pub fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{text}");
}
