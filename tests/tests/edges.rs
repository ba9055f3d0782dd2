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
    ("tree-sitter-ambit", &[]),
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
    (
        "ambit-lsp",
        &[
            "ambit-analysis",
            "ambit-cli",
            "ambit-compiler",
            "ambit-core",
            "ambit-diagnostics",
            "ambit-eval",
            "ambit-grammar",
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
    (
        "salsa",
        &["ambit-analysis", "ambit-compiler", "ambit-cli", "ambit-lsp"],
    ),
    ("clap", &["ambit-cli"]),
    ("notify", &["ambit-cli"]),
    ("tempfile", &["ambit-cli", "ambit-tests"]),
    ("tokio", &["ambit-lsp"]),
    ("tower-lsp-server", &["ambit-lsp"]),
];

/// The rooms of the server that know the protocol; its features do not.
const PROTOCOL: &[&str] = &["backend", "convert", "main_loop"];

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

/// The Rust files under a folder.
fn sources(folder: &std::path::Path, out: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
}

#[test]
fn editor_features_know_nothing_of_the_protocol() {
    let root = crate::support::root().join("lsp/src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let mut knowing = BTreeSet::new();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        if text.contains("tower_lsp") || text.contains("ls_types") {
            let inside = file.strip_prefix(&root).unwrap();
            let first = inside.iter().next().unwrap().to_string_lossy();
            knowing.insert(first.trim_end_matches(".rs").to_owned());
        }
    }
    let knowing: Vec<&str> = knowing.iter().map(String::as_str).collect();
    assert_eq!(knowing, PROTOCOL);
}
