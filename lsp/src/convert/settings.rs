//! `ambit.toml`: what may stand there, what it means, and where its findings are explained.

use tower_lsp::ls_types::{
    CompletionItem, CompletionItemKind, CompletionList, CompletionResponse, CompletionTextEdit,
    DocumentLink, Documentation, Hover, HoverContents, Position, Range, TextEdit,
};

use super::{Snapshot, lists, problems, range};
use crate::ide::settings;

fn offset(s: &Snapshot, at: Position) -> u32 {
    s.settings_span(Range { start: at, end: at }).start
}

/// What could stand at a position.
pub fn completions(s: &Snapshot, at: Position) -> CompletionResponse {
    let (word, entries) = settings::completions(&s.settings.1, offset(s, at));
    let replaced = range(&s.settings_lines(), word, s.encoding());
    let items = entries.into_iter().map(|entry| CompletionItem {
        kind: Some(if entry.key {
            CompletionItemKind::PROPERTY
        } else {
            CompletionItemKind::VALUE
        }),
        documentation: Some(entry.docs)
            .filter(|d| !d.is_empty())
            .map(|d| Documentation::MarkupContent(lists::markdown(d))),
        text_edit: Some(CompletionTextEdit::Edit(TextEdit {
            range: replaced,
            new_text: entry.label.clone(),
        })),
        label: entry.label,
        ..CompletionItem::default()
    });
    CompletionResponse::List(CompletionList {
        is_incomplete: false,
        items: items.collect(),
    })
}

/// The text under the cursor.
pub fn hover(s: &Snapshot, at: Position) -> Option<Hover> {
    let (span, text) = settings::hover(&s.settings.1, offset(s, at))?;
    Some(Hover {
        contents: HoverContents::Markup(lists::markdown(text)),
        range: Some(range(&s.settings_lines(), span, s.encoding())),
    })
}

/// The pages of the findings that are set.
pub fn links(s: &Snapshot) -> Vec<DocumentLink> {
    let lines = s.settings_lines();
    let all = settings::lints(&s.settings.1).into_iter();
    all.filter_map(|(span, code)| {
        let title = ambit_diagnostics::registry::find(code).map(|c| c.title.to_owned());
        Some(DocumentLink {
            range: range(&lines, span, s.encoding()),
            target: Some(problems::page(s.shared.pages.as_deref(), code)?),
            tooltip: title,
            data: None,
        })
    })
    .collect()
}
