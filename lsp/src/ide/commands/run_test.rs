//! `ambit.runTest`: runs tests on the texts of the editor.

use std::fmt::Write as _;

use ambit_cli::commands::{inputs, test};
use ambit_core::Origin;
use serde_json::Value as Json;

use super::{Answer, Args, Ask, Refused};

/// R of `test` with places: of one test, or of all.
pub fn run_test(ask: &Ask<'_>, args: Args<'_>) -> Answer {
    let name = args.text("name")?;
    let program = ask.program()?;
    let today = inputs::clock_day(&program.settings);
    let ran = test::run_those(&program, today, |test| {
        ask.breathe();
        name.is_none_or(|name| test.name == name)
    });
    if let (Some(name), true) = (name, ran.is_empty()) {
        let known = program.tests.iter().map(|t| t.name.as_str());
        return Err(Refused(ambit_cli::commands::json::unknown(
            "test", name, known,
        )));
    }
    let coverage = test::coverage(&program, &ran, &ask.texts());
    let mut result = test::result(&ran, &coverage);
    let covered = coverage.iter().map(|c| &c.origin);
    place_all(ask, result.get_mut("coverage"), covered);
    let tests = result.get_mut("tests").and_then(Json::as_array_mut);
    for (entry, ran) in tests.into_iter().flatten().zip(&ran) {
        let failures = ran.run.failures.iter().map(|f| &f.origin);
        place_all(ask, entry.get_mut("failures"), failures);
        *entry = ask.at_origin(entry.take(), &ran.test.origin);
    }
    Ok(result)
}

/// The answer of tests in a few lines for people, and whether all passed.
pub fn summary(result: &Json) -> (String, bool) {
    let count = |name: &str| result.get(name).and_then(Json::as_u64).unwrap_or(0);
    let (passed, failed) = (count("passed"), count("failed"));
    let mut text = format!("{passed} passed, {failed} failed");
    let tests = result.get("tests").and_then(Json::as_array);
    for test in tests.into_iter().flatten() {
        let of = |entry: &Json, name: &str| match entry.get(name) {
            Some(Json::String(text)) => text.clone(),
            _ => String::new(),
        };
        let failures = test.get("failures").and_then(Json::as_array);
        for failure in failures.into_iter().flatten() {
            let (name, expect, got) = (of(test, "name"), of(failure, "expect"), of(failure, "got"));
            let _ = write!(text, "\n{name}: expected {expect}, got {got}");
        }
    }
    (text, failed == 0)
}

/// Gives each entry of a list its place.
fn place_all<'o>(
    ask: &Ask<'_>,
    list: Option<&mut Json>,
    origins: impl Iterator<Item = &'o Origin>,
) {
    let list = list.and_then(Json::as_array_mut);
    for (entry, origin) in list.into_iter().flatten().zip(origins) {
        *entry = ask.at_origin(entry.take(), origin);
    }
}
