//! Formatting: the grammar's own formatter, whole files and ranges.

use ambit_compiler::{Database, SourceFile};
use ambit_grammar::Span;

/// The replacements that format a file, or the items that a range touches.
pub fn format(db: &Database, file: SourceFile, range: Option<Span>) -> Vec<(Span, String)> {
    let text = file.text(db);
    match range {
        None => ambit_grammar::format(&text).edits,
        Some(range) => ambit_grammar::format_range(&text, range.start, range.end).edits,
    }
}
