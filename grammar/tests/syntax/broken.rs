//! Broken texts: the mistakes found, and what is left of the trees.

use std::fmt::Write;

use ambit_grammar::{dump, dump_error, parse_item, split};

/// The broken programs of samples/broken.txt stand between lines that begin with `====`.
#[test]
fn mistakes_and_trees() {
    let mut out = String::new();
    for case in include_str!("../samples/broken.txt").split("====").skip(1) {
        let (title, text) = case.split_once('\n').unwrap();
        let text = text.trim_end();
        let _ = writeln!(out, "==== {}\n{text}\n----", title.trim());
        for raw in split(text) {
            let parsed = parse_item(&raw);
            out.push_str(&dump(&parsed.item));
            for error in &parsed.errors {
                let slice = &raw.text[error.span.range()];
                let _ = writeln!(out, "! `{slice}` {}", dump_error(error));
            }
        }
    }
    insta::assert_snapshot!(out);
}
