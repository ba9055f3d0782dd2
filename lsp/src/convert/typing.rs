//! What helps while somebody types: linked names, the indentation of a line.

use ambit_compiler::SourceFile;
use tower_lsp::ls_types::{LinkedEditingRanges, Position, TextEdit};

use super::Snapshot;
use crate::ide;

/// The places of a name that change together.
pub fn linked(s: &Snapshot, file: SourceFile, at: Position) -> Option<LinkedEditingRanges> {
    let spans = ide::linked::linked(&s.db, s.project, file, s.offset(file, at))?;
    Some(LinkedEditingRanges {
        ranges: spans.into_iter().map(|span| s.range(file, span)).collect(),
        word_pattern: Some("[A-Za-z_][A-Za-z0-9_]*".to_owned()),
    })
}

/// The replacement that indents the line of a position.
pub fn on_type(s: &Snapshot, file: SourceFile, at: Position, typed: &str) -> Vec<TextEdit> {
    let typed = typed.chars().next();
    let edit = typed.and_then(|c| ide::on_type::on_type(&s.db, file, s.offset(file, at), c));
    edit.into_iter()
        .map(|(span, new_text)| TextEdit {
            range: s.range(file, span),
            new_text,
        })
        .collect()
}
