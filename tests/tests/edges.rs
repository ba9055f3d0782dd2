//! The crates depend on one another in one direction, and what only one of them may use stays there.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// The crates of the workspace and, of each, the crates it is built on (not what only its tests use).
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args([
            "metadata",
            "--offline",
            "--locked",
            "--no-deps",
            "--format-version",
            "1",
        ])
        .current_dir(crate::support::root())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut all = BTreeMap::new();
    for package in metadata["packages"].as_array().unwrap() {
        let built_on = package["dependencies"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|d| d["kind"] != "dev");
        let names = built_on
            .map(|d| d["name"].as_str().unwrap().to_owned())
            .collect();
        all.insert(package["name"].as_str().unwrap().to_owned(), names);
    }
    all
}

/// For each crate all of ours that it may be built on.
const ALLOWED: &[(&str, &[&str])] = &[
    ("ambit-grammar", &[]),
    ("ambit-core", &[]),
    ("ambit-diagnostics", &["ambit-grammar"]),
    ("ambit-eval", &["ambit-core"]),
    ("ambit-solver", &["ambit-core"]),
    ("ambit-targets", &["ambit-core"]),
    (
        "ambit-compiler",
        &["ambit-core", "ambit-diagnostics", "ambit-grammar"],
    ),
    ("ambit-query", &["ambit-core", "ambit-targets"]),
    (
        "ambit-analysis",
        &[
            "ambit-compiler",
            "ambit-core",
            "ambit-diagnostics",
            "ambit-eval",
            "ambit-grammar",
            "ambit-solver",
        ],
    ),
    (
        "ambit-cli",
        &[
            "ambit-analysis",
            "ambit-compiler",
            "ambit-core",
            "ambit-diagnostics",
            "ambit-eval",
            "ambit-grammar",
            "ambit-query",
            "ambit-targets",
        ],
    ),
];

/// Who may use what comes from outside and matters: everyone else does without.
const ONLY_IN: &[(&str, &[&str])] = &[
    ("logos", &["ambit-grammar"]),
    ("lalrpop", &["ambit-grammar"]),
    ("lalrpop-util", &["ambit-grammar"]),
    ("ariadne", &["ambit-diagnostics"]),
    ("batsat", &["ambit-solver"]),
    ("rusqlite", &["ambit-query", "ambit-tests"]),
    ("salsa", &["ambit-analysis", "ambit-compiler", "ambit-cli"]),
    ("clap", &["ambit-cli"]),
    ("notify", &["ambit-cli"]),
    ("tempfile", &["ambit-cli", "ambit-tests"]),
];

#[test]
fn crates_depend_one_way() {
    let all = dependencies();
    for (name, built_on) in &all {
        if name == "ambit-tests" {
            continue;
        }
        let allowed = ALLOWED.iter().find(|(n, _)| n == name);
        let (_, allowed) =
            allowed.unwrap_or_else(|| panic!("{name} is new: say here what it may be built on"));
        for other in built_on.iter().filter(|d| all.contains_key(*d)) {
            assert!(
                allowed.contains(&other.as_str()),
                "{name} must not be built on {other}"
            );
        }
    }
    // What checks shares no code with what it checks.
    assert!(
        ["ambit-eval", "ambit-targets", "ambit-solver"]
            .iter()
            .all(|name| !all[*name].iter().any(|other| {
                ["ambit-eval", "ambit-targets", "ambit-solver"].contains(&other.as_str())
            }))
    );
}

#[test]
fn what_belongs_to_one_crate_stays_there() {
    let all = dependencies();
    for (what, owners) in ONLY_IN {
        let users: Vec<&str> = all
            .iter()
            .filter(|(_, d)| d.contains(*what))
            .map(|(n, _)| n.as_str())
            .collect();
        assert!(!users.is_empty(), "nothing uses {what}: strike it off");
        for user in users {
            assert!(owners.contains(&user), "{user} must do without {what}");
        }
    }
}
