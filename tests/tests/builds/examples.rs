//! The artifacts of the examples, byte by byte: `examples/<name>/expected/`.

use std::collections::BTreeMap;
use std::path::Path;

use super::{assert_whole, sources};
use crate::support::command::{plant, run, tree};
use crate::support::root;

/// The examples with artifacts, and the exit code of their build: 3 where something is refused.
pub const EXAMPLES: &[(&str, i32)] = &[
    ("sales", 0),
    ("markets", 0),
    ("limits", 0),
    ("stores", 0),
    ("dashboards", 0),
];

/// Set to `write`, the expected artifacts are written instead of compared.
const VARIABLE: &str = "AMBIT_EXPECTED";

/// The other tests' expectations in the same folder.
fn is_other(path: &str) -> bool {
    path == "see.json" || path == "findings.json" || path.starts_with("query-")
}

fn expected(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = tree(folder);
    files.retain(|path, _| !is_other(path));
    files
}

#[test]
fn the_examples_give_what_is_expected() {
    let write = std::env::var(VARIABLE).is_ok_and(|v| v == "write");
    let mut faults = Vec::new();
    for (example, exit) in EXAMPLES {
        let dir = tempfile::tempdir().unwrap();
        let files = sources(example);
        plant(
            dir.path(),
            files.iter().map(|(n, b)| (n.as_str(), b.as_slice())),
        );
        let output = run(dir.path(), &["build"]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let out = dir.path().join("out");
        assert!(out.is_dir(), "{example}: {said}");
        if output.status.code() != Some(*exit) {
            faults.push(format!("{example}: {}, not {exit}:\n{said}", output.status));
        }
        let got = tree(&out);
        assert_whole(&got, &out);
        let folder = root().join("examples").join(example).join("expected");
        let wanted = expected(&folder);
        if write {
            for path in wanted.keys().filter(|p| !got.contains_key(*p)) {
                std::fs::remove_file(folder.join(path)).unwrap();
            }
            plant(&folder, got.iter().map(|(n, b)| (n.as_str(), b.as_slice())));
            continue;
        }
        let paths: std::collections::BTreeSet<&String> = got.keys().chain(wanted.keys()).collect();
        for path in paths {
            if got.get(path) != wanted.get(path) {
                faults.push(format!(
                    "{example}/expected/{path}: {}",
                    first_difference(wanted.get(path), got.get(path))
                ));
            }
        }
    }
    assert!(
        faults.is_empty(),
        "{}\nto write what is built now: {VARIABLE}=write cargo test -p ambit-tests --test all builds::examples",
        faults.join("\n")
    );
}

/// The first line that differs.
fn first_difference(wanted: Option<&Vec<u8>>, got: Option<&Vec<u8>>) -> String {
    let (Some(wanted), Some(got)) = (wanted, got) else {
        return if got.is_some() {
            "is new"
        } else {
            "is no longer made"
        }
        .to_owned();
    };
    let (wanted, got) = (
        String::from_utf8_lossy(wanted),
        String::from_utf8_lossy(got),
    );
    let mut pairs = (1..).zip(wanted.lines().zip(got.lines()));
    match pairs.find(|(_, (a, b))| a != b) {
        Some((line, (a, b))) => {
            let short = |text: &str| text.chars().take(300).collect::<String>();
            format!(
                "line {line}\n  expected {}\n  built    {}",
                short(a),
                short(b)
            )
        }
        None => "another length".to_owned(),
    }
}
