//! Edits, ranges, and what is left alone.

use super::support::checked;
use ambit_grammar::{SkipReason, Span, format, format_range};

const TWO: &str = "// a\nrole   a\n\n\n// b\nrole   b // end\nrole   c\n";

#[test]
fn edits_replace_little() {
    assert_eq!(
        format(TWO).edits,
        [
            (Span::new(10, 12), String::new()),
            (Span::new(15, 16), String::new()),
            (Span::new(26, 28), String::new()),
            (Span::new(42, 44), String::new()),
        ]
    );
    assert_eq!(format("role a\n").edits, []);
}

#[test]
fn a_range_takes_the_items_it_touches_with_what_stands_above() {
    let at = |needle: &str| TWO.find(needle).unwrap() as u32;
    let lines = |start, end| format_range(TWO, start, end).text;
    let cursor = lines(at("role   b") + 2, at("role   b") + 2);
    assert_eq!(cursor, "// a\nrole   a\n\n// b\nrole b // end\nrole   c\n");
    assert_eq!(lines(at("// b"), at("// b") + 1), cursor);
    assert_eq!(
        lines(0, 0),
        "// a\nrole a\n\n\n// b\nrole   b // end\nrole   c\n"
    );
    assert_eq!(lines(0, at("role   c") + 1), format(TWO).text);
    assert_eq!(lines(TWO.len() as u32, u32::MAX), TWO);
    // A range that ends before it starts is a cursor.
    assert_eq!(lines(at("role   b") + 2, 0), cursor);
}

#[test]
fn broken_items_stay_byte_for_byte() {
    let broken = "role  b {\n  grant   read on\n\t// thought \n }";
    let text = format!("role  a\n{broken}\nrole   c\n");
    let formatted = checked(&text);
    assert_eq!(formatted.text, format!("role a\n{broken}\nrole c\n"));
    let start = text.find("role  b").unwrap() as u32;
    assert_eq!(
        formatted.skipped,
        [(
            Span::new(start, start + broken.len() as u32),
            SkipReason::SyntaxError
        )]
    );
}

/// Somebody writes a body whose end is not there yet: the comments in it do not move to the margin.
#[test]
fn comments_below_an_open_body_stay() {
    let text = "role b {\n   grant read on   // end  \n   // and then\n\n// of c\nrole  c\n";
    let expected = "role b {\n   grant read on   // end  \n   // and then\n\n// of c\nrole c\n";
    assert_eq!(checked(text).text, expected);
}

#[test]
fn items_on_one_line_part() {
    assert_eq!(
        checked("role a {} role b {}").text,
        "role a {}\nrole b {}\n"
    );
}

#[test]
fn comments_of_neighbouring_lines_stand_in_one_column() {
    let text = "role a // x\nrole long // y\n\nrole b // z\nrole c\nrole d // v\nrole e { // w\n  grant read on t // u\n}\n";
    let expected = "role a    // x\nrole long // y\n\nrole b // z\nrole c\nrole d   // v\nrole e { // w\n    grant read on t // u\n}\n";
    assert_eq!(checked(text).text, expected);
}

/// Above text that cannot be read, lines decide where an item ends: it is left alone, and only it.
#[test]
fn what_would_read_differently_is_left_alone() {
    let text = "role   a\nrole   \nrole \n\n//\n) and\n";
    let formatted = checked(text);
    assert_eq!(formatted.text, "role a\nrole   \nrole\n\n//\n) and\n");
    let reasons: Vec<_> = formatted.skipped.iter().map(|s| s.1).collect();
    assert_eq!(
        reasons,
        [SkipReason::WouldChangeMeaning, SkipReason::SyntaxError]
    );
}
