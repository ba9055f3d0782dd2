//! Text between the lines: how many roles come with those that are written.

use ambit_compiler::{Database, Project, SourceFile, file_items, item_syntax};
use ambit_grammar::Span;

use super::{declared, item_span, roles};

/// Text that is shown, and not part of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// The byte before which it stands.
    pub at: u32,
    /// The text.
    pub text: String,
    /// What it means.
    pub tooltip: String,
}

/// The hints of a part of a file.
pub fn hints(db: &Database, project: Project, file: SourceFile, range: Span) -> Vec<Hint> {
    let mut hints = Vec::new();
    for item in file_items(db, file) {
        let span = item_span(db, *item);
        if span.end < range.start || range.end < span.start {
            continue;
        }
        let kind = &item_syntax(db, *item).item.kind;
        let whos = roles::whos(kind);
        let (Some(name), Some(last)) = (declared(kind), whos.last()) else {
            continue;
        };
        let all = roles::ancestors(db, project, &name.text);
        let more: Vec<&str> = all
            .iter()
            .filter(|a| !whos.iter().any(|w| w.name.text == **a))
            .map(smol_str::SmolStr::as_str)
            .collect();
        if !more.is_empty() {
            hints.push(Hint {
                at: last.span.end + item.start(db),
                text: format!("+ {} inherited", more.len()),
                tooltip: format!("with them: {}", more.join(", ")),
            });
        }
    }
    hints.retain(|h| range.start <= h.at && h.at <= range.end);
    hints
}
