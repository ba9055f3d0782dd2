//! Inputs beside their results: `golden/*.txt`. A case is `=== title`, the input, `---`, and the result.
//!
//! `AMBIT_BLESS=1 cargo test -p ambit-grammar golden` writes the results anew: read the difference before you keep it.

use super::support::checked;
use std::fmt::Write as _;

#[test]
fn golden() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/format/golden");
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|f| f.unwrap().path())
        .collect();
    files.sort();
    assert!(files.len() > 5, "the cases are missing");
    let bless = std::env::var_os("AMBIT_BLESS").is_some();
    let mut wrong = String::new();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let mut blessed = String::new();
        for case in text.split("=== ").skip(1) {
            let (title, body) = case.split_once('\n').unwrap();
            let (input, expected) = body.split_once("---\n").unwrap();
            let formatted = checked(input);
            assert!(
                title.contains("(broken)") || formatted.skipped.is_empty(),
                "{title}: {:?}",
                formatted.skipped
            );
            // A further line break parts the cases.
            let result = formatted.text + "\n";
            if result.trim_end() != expected.trim_end() {
                writeln!(wrong, "{}: {title}\n{result}", file.display()).unwrap();
            }
            write!(blessed, "=== {title}\n{input}---\n{result}").unwrap();
        }
        if bless {
            std::fs::write(&file, blessed.trim_end().to_owned() + "\n").unwrap();
        }
    }
    assert!(bless || wrong.is_empty(), "results differ:\n{wrong}");
}

#[test]
fn the_sample_is_in_the_canonical_style() {
    assert_eq!(checked(super::support::SAMPLE).text, super::support::SAMPLE);
    let parsers_sample = checked(include_str!("../samples/policy.ambit"));
    assert!(
        parsers_sample.skipped.is_empty(),
        "{:?}",
        parsers_sample.skipped
    );
}

/// What the documentation shows as the style is in the style.
#[test]
fn the_page_follows_itself() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let page = std::fs::read_to_string(root.join("docs/style.md")).unwrap();
    let blocks: Vec<&str> = page
        .split("```ambit\n")
        .skip(1)
        .map(|b| b.split("```").next().unwrap())
        .collect();
    assert!(!blocks.is_empty());
    for block in blocks {
        let formatted = checked(block);
        assert_eq!(formatted.text, block);
        assert!(formatted.skipped.is_empty(), "{:?}", formatted.skipped);
    }
}

#[test]
fn the_examples_come_out_whole() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
    let mut folders = vec![root];
    let mut count = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "ambit") {
                let formatted = checked(&std::fs::read_to_string(&path).unwrap());
                let broken = path.components().any(|c| c.as_os_str() == "broken");
                assert!(broken || formatted.skipped.is_empty(), "{}", path.display());
                count += 1;
            }
        }
    }
    assert!(count > 5, "only {count} examples");
}
