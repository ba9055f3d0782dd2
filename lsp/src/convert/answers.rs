//! The answers to the protocol's questions about one file.

use std::str::FromStr as _;

use ambit_compiler::{Database, Project, SourceFile};
use tower_lsp::jsonrpc::{Error, Result};
use tower_lsp::ls_types::{
    DocumentDiagnosticReport, DocumentDiagnosticReportResult, DocumentHighlight,
    DocumentHighlightKind, DocumentLink, Documentation, FoldingRange, FoldingRangeKind,
    FullDocumentDiagnosticReport, Hover, HoverContents, InlayHint, InlayHintKind, InlayHintLabel,
    InlayHintTooltip, Location, LocationLink, ParameterInformation, ParameterLabel, Position,
    PrepareRenameResponse, Range, RelatedFullDocumentDiagnosticReport,
    RelatedUnchangedDocumentDiagnosticReport, SelectionRange, SignatureHelp, SignatureInformation,
    TextEdit, UnchangedDocumentDiagnosticReport, Uri, WorkspaceEdit,
};

use super::{Snapshot, lists, mark, problems};
use crate::ide::{self, Place};

/// The text under the cursor.
pub fn hover(s: &Snapshot, file: SourceFile, at: Position) -> Option<Hover> {
    let offset = s.offset(file, at);
    let (span, mut text) = ide::hover::hover(&s.db, s.project, file, offset)?;
    if let Some(who) = s.acting() {
        let more = ide::hover::of_somebody(&s.db, s.project, file, offset, &who);
        text.push_str(&more.unwrap_or_default());
    }
    Some(Hover {
        contents: HoverContents::Markup(lists::markdown(text)),
        range: Some(s.range(file, span)),
    })
}

/// A feature that leads from a name to places.
pub type Leads =
    fn(&Database, Project, SourceFile, u32) -> Option<(ambit_grammar::Span, Vec<Place>)>;

/// Where a name leads: to its declaration, its type, or what it becomes.
pub fn leads(
    s: &Snapshot,
    file: SourceFile,
    at: Position,
    leads: Leads,
) -> Option<Vec<LocationLink>> {
    let (span, places) = leads(&s.db, s.project, file, s.offset(file, at))?;
    let origin = s.range(file, span);
    let links = places.into_iter().filter_map(|place| {
        let target = s.location(place)?;
        Some(LocationLink {
            origin_selection_range: Some(origin),
            target_uri: target.uri,
            target_range: target.range,
            target_selection_range: target.range,
        })
    });
    Some(links.collect())
}

/// Everything that speaks of it.
pub fn references(
    s: &Snapshot,
    file: SourceFile,
    at: Position,
    declarations: bool,
) -> Vec<Location> {
    let offset = s.offset(file, at);
    let places = ide::references::references(&s.db, s.project, file, offset, declarations);
    places.into_iter().filter_map(|p| s.location(p)).collect()
}

/// The same thing in this file.
pub fn highlights(s: &Snapshot, file: SourceFile, at: Position) -> Vec<DocumentHighlight> {
    ide::highlight::highlights(&s.db, file, s.offset(file, at))
        .into_iter()
        .map(|(span, declares)| DocumentHighlight {
            range: s.range(file, span),
            kind: Some(if declares {
                DocumentHighlightKind::WRITE
            } else {
                DocumentHighlightKind::READ
            }),
        })
        .collect()
}

/// What a rename would begin with.
pub fn prepare_rename(
    s: &Snapshot,
    file: SourceFile,
    at: Position,
) -> Result<PrepareRenameResponse> {
    let (span, name) =
        ide::rename::prepare(&s.db, s.project, file, s.offset(file, at)).map_err(refused)?;
    Ok(PrepareRenameResponse::RangeWithPlaceholder {
        range: s.range(file, span),
        placeholder: name,
    })
}

/// The replacements of a rename, and what proves that the policy then means the same; no proof where nothing changes.
pub fn rename(
    s: &Snapshot,
    file: SourceFile,
    at: Position,
    new: &str,
) -> Result<(Option<ide::rename::Proof>, WorkspaceEdit)> {
    let offset = s.offset(file, at);
    let found = ide::rename::rename(&s.db, s.project, file, offset, new).map_err(refused)?;
    let Some(renaming) = found else {
        return Ok((None, s.workspace_edit([])));
    };
    let edits = renaming.edits().filter_map(|(file, span, text)| {
        let file = ide::file_named(&s.db, s.project, file)?;
        Some((s.location(Place { file, span })?, text))
    });
    let edit = s.workspace_edit(edits);
    let proof = ide::rename::Proof::new(&s.db, s.project, renaming);
    Ok((Some(proof), edit))
}

/// What was asked cannot be done, and why: shown to the person.
pub fn refused(why: String) -> Error {
    Error {
        code: tower_lsp::jsonrpc::ErrorCode::InvalidParams,
        message: why.into(),
        data: None,
    }
}

/// The replacements that format.
pub fn format(s: &Snapshot, file: SourceFile, range: Option<Range>) -> Vec<TextEdit> {
    let range = range.map(|r| s.span(file, r));
    ide::format::format(&s.db, file, range)
        .into_iter()
        .map(|(span, new_text)| TextEdit {
            range: s.range(file, span),
            new_text,
        })
        .collect()
}

/// What can be folded.
pub fn folds(s: &Snapshot, file: SourceFile) -> Vec<FoldingRange> {
    ide::folding::folds(&s.db, file)
        .into_iter()
        .map(|fold| {
            let range = s.range(file, fold.span);
            FoldingRange {
                start_line: range.start.line,
                start_character: Some(range.start.character),
                end_line: range.end.line,
                end_character: Some(range.end.character),
                kind: Some(if fold.comment {
                    FoldingRangeKind::Comment
                } else {
                    FoldingRangeKind::Region
                }),
                collapsed_text: None,
            }
        })
        .collect()
}

/// The ranges around a position, each in the next.
pub fn selection(s: &Snapshot, file: SourceFile, at: Position) -> SelectionRange {
    let spans = ide::selection::selections(&s.db, file, s.offset(file, at));
    let mut outer: Option<SelectionRange> = None;
    for span in spans.into_iter().rev() {
        outer = Some(SelectionRange {
            range: s.range(file, span),
            parent: outer.map(Box::new),
        });
    }
    outer.unwrap_or(SelectionRange {
        range: Range { start: at, end: at },
        parent: None,
    })
}

/// Text between the lines.
pub fn hints(s: &Snapshot, file: SourceFile, range: Range) -> Vec<InlayHint> {
    let span = s.span(file, range);
    let acting = s.acting();
    let text = file.text(&s.db);
    // Where a word or a brace comes right behind.
    let touches = |at: u32| {
        let next = text.get(at as usize..).and_then(|rest| rest.chars().next());
        next.is_some_and(|c| !c.is_whitespace())
    };
    ide::hint::hints(&s.db, s.project, file, span, acting.as_deref())
        .into_iter()
        .map(|hint| InlayHint {
            position: s
                .range(file, ambit_grammar::Span::new(hint.at, hint.at))
                .start,
            label: InlayHintLabel::String(hint.text),
            kind: Some(InlayHintKind::TYPE),
            text_edits: None,
            tooltip: Some(InlayHintTooltip::String(hint.tooltip)),
            padding_left: Some(true),
            padding_right: touches(hint.at).then_some(true),
            data: None,
        })
        .collect()
}

/// The parameters of the role whose arguments are being written.
pub fn signature(s: &Snapshot, file: SourceFile, at: Position) -> Option<SignatureHelp> {
    let found = ide::signature::signature(&s.db, s.project, file, s.offset(file, at))?;
    let parameters = found.params.iter().map(|span| ParameterInformation {
        label: ParameterLabel::Simple(found.label.get(span.range()).unwrap_or_default().to_owned()),
        documentation: None,
    });
    let information = SignatureInformation {
        parameters: Some(parameters.collect()),
        documentation: Some(found.docs)
            .filter(|d| !d.is_empty())
            .map(|d| Documentation::MarkupContent(lists::markdown(d))),
        label: found.label,
        active_parameter: Some(found.active),
    };
    Some(SignatureHelp {
        signatures: vec![information],
        active_signature: Some(0),
        active_parameter: Some(found.active),
    })
}

/// Links in comments.
pub fn links(s: &Snapshot, file: SourceFile) -> Vec<DocumentLink> {
    ide::link::links(&s.db, file)
        .into_iter()
        .filter_map(|link| {
            let (target, tooltip) = match link.to {
                ide::link::Target::Address(address) => (Uri::from_str(&address).ok()?, None),
                ide::link::Target::Page(code) => {
                    let title = ambit_diagnostics::registry::find(code).map(|c| c.title.to_owned());
                    (problems::page(s.shared.pages.as_deref(), code)?, title)
                }
            };
            Some(DocumentLink {
                range: s.range(file, link.span),
                target: Some(target),
                tooltip,
                data: None,
            })
        })
        .collect()
}

/// The diagnostics of one file, or that they are still the same.
pub fn diagnostics(
    s: &Snapshot,
    path: &std::path::Path,
    previous: Option<&str>,
) -> DocumentDiagnosticReportResult {
    let marks = problems::of_path(s, path);
    let result_id = mark::number(&marks);
    let report = if previous == Some(&result_id) {
        DocumentDiagnosticReport::Unchanged(RelatedUnchangedDocumentDiagnosticReport {
            related_documents: None,
            unchanged_document_diagnostic_report: UnchangedDocumentDiagnosticReport { result_id },
        })
    } else {
        DocumentDiagnosticReport::Full(RelatedFullDocumentDiagnosticReport {
            related_documents: None,
            full_document_diagnostic_report: FullDocumentDiagnosticReport {
                result_id: Some(result_id),
                items: mark::diagnostics(&marks),
            },
        })
    };
    DocumentDiagnosticReportResult::Report(report)
}
