//! The extension in a real VS Code (`tests/editors/vscode/`): its own tests, its tests in the extension host, and a
//! person's session in a browser, with screenshots in `target/shots`.

use std::path::PathBuf;
use std::process::Command;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use super::process::{Ended, run};
use crate::engines::browser::Browser;
use crate::support::command::server;
use crate::{budget, support};

/// One VS Code at a time: each takes both processors and a gigabyte.
static TURN: Mutex<()> = Mutex::new(());

/// Where this build puts what it makes.
fn target() -> PathBuf {
    // `target/debug/ambit-lsp`
    server().parent().unwrap().parent().unwrap().to_owned()
}

fn command(browser: &Browser) -> Command {
    let mut command = Command::new(&browser.node);
    let target = target();
    let work = target.join("vscode");
    std::fs::create_dir_all(&work).unwrap();
    command
        .current_dir(&work)
        .env("AMBIT_ROOT", support::root())
        .env("AMBIT_WORK", &work)
        .env("AMBIT_SHOTS", target.join("shots"))
        .env("AMBIT_SERVER", server())
        .env("AMBIT_EDITORS_MODULES", &browser.modules)
        .env("AMBIT_EXTENSION_MODULES", &browser.extension);
    command
}

fn script(browser: &Browser, name: &str, patience: Duration) -> Ended {
    let path = support::root().join("tests/editors/vscode").join(name);
    run(command(browser).arg(path), patience)
}

/// The extension, built and packed once.
fn prepare(browser: &Browser) -> Result<(), String> {
    static DONE: OnceLock<Result<(), String>> = OnceLock::new();
    DONE.get_or_init(|| {
        let ended = script(browser, "prepare.mjs", Duration::from_mins(3));
        if ended.success {
            Ok(())
        } else {
            Err(ended.said)
        }
    })
    .clone()
}

/// Says what was done, past the capture of the harness, and keeps it for the summary.
fn done(suite: &str, ended: &Ended) {
    budget::say(&format!("{suite}\n{}", ended.said.trim_end()));
    let outcome = budget::Outcome {
        cases: 1,
        seed: budget::seed(),
        seconds: ended.seconds,
        ..budget::Outcome::default()
    };
    budget::summary(suite, "vscode", &outcome);
}

#[test]
fn the_extension_has_sound_types_and_its_unit_tests_pass() {
    let browser = need!("browser");
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    prepare(&browser).unwrap_or_else(|e| panic!("the extension cannot be built: {e}"));
    let extension = target().join("vscode/source/lsp/editors/vscode");
    let node = |args: &[&str]| {
        let ended = run(
            command(&browser).args(args).current_dir(&extension),
            Duration::from_mins(3),
        );
        assert!(ended.success, "{args:?}: {}", ended.said);
        ended
    };
    node(&["node_modules/typescript/bin/tsc", "--noEmit"]);
    let units: Vec<String> = std::fs::read_dir(extension.join("dist/unit"))
        .unwrap()
        .map(|entry| entry.unwrap().path().to_string_lossy().into_owned())
        .filter(|path| path.ends_with(".test.js"))
        .collect();
    assert!(!units.is_empty());
    let mut args = vec!["--test"];
    args.extend(units.iter().map(String::as_str));
    node(&args);
}

/// The views without VS Code: keys, focus, markup, and axe-core in four themes.
#[test]
fn the_pages_of_the_views_work_in_a_browser() {
    let browser = need!("browser");
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    prepare(&browser).unwrap_or_else(|e| panic!("the extension cannot be built: {e}"));
    let extension = target().join("vscode/source/lsp/editors/vscode");
    let ended = run(
        command(&browser)
            .args(["--test", "--test-reporter=spec", "test/pages.mjs"])
            .current_dir(&extension),
        Duration::from_mins(5),
    );
    assert!(ended.success, "{}", ended.said);
    done("vscode-pages", &ended);
}

#[test]
fn the_tests_in_the_extension_host_pass() {
    let browser = need!("browser");
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    prepare(&browser).unwrap_or_else(|e| panic!("the extension cannot be built: {e}"));
    let ended = script(&browser, "api.mjs", Duration::from_mins(6));
    assert!(ended.success, "{}", ended.said);
    done("vscode-api", &ended);
}

#[test]
fn a_person_works_in_vs_code() {
    let browser = need!("browser");
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    prepare(&browser).unwrap_or_else(|e| panic!("the extension cannot be built: {e}"));
    let ended = script(&browser, "session.mjs", Duration::from_mins(6));
    assert!(ended.success, "{}", ended.said);
    // From the packed extension to the first mark; two minutes are promised (docs/editor/vscode.md).
    let line = ended.said.lines().find(|l| l.contains("first squiggle"));
    let milliseconds: u64 = line
        .and_then(|l| l.split_whitespace().next())
        .and_then(|n| n.parse().ok())
        .unwrap_or_else(|| panic!("no time of the first squiggle: {}", ended.said));
    assert!(
        milliseconds < 120_000,
        "{milliseconds} ms to the first squiggle"
    );
    done("vscode-session", &ended);
}
