//! Problems as diagnostics, and their fixes as actions.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::str::FromStr as _;

use ambit_diagnostics::{FileSpan, Level, Resolved};
use tower_lsp::ls_types::{
    CodeAction, CodeActionKind, CodeActionOrCommand, CodeDescription, Diagnostic,
    DiagnosticRelatedInformation, DiagnosticSeverity, DiagnosticTag, NumberOrString, Range, Uri,
};

use super::Snapshot;
use crate::ide::problems;
use ambit_cli::project::SETTINGS;

/// All problems of a state, as far as they are known.
pub fn known(snapshot: &Snapshot) -> Vec<Resolved> {
    let mut all = problems::first(&snapshot.db, snapshot.project);
    all.extend(snapshot.unreadable.iter().cloned());
    match &snapshot.findings {
        Some(findings) => all.extend(findings.iter().cloned()),
        // This client asks once for a state and cannot be told to ask again.
        None if snapshot.shared.pulls && !snapshot.shared.refreshes => {
            all.extend(problems::second(&snapshot.db, snapshot.project));
        }
        None => {}
    }
    all
}

/// Diagnostics by file.
pub fn by_file(snapshot: &Snapshot, problems: &[Resolved]) -> BTreeMap<PathBuf, Vec<Diagnostic>> {
    let mut files: BTreeMap<PathBuf, Vec<Diagnostic>> = BTreeMap::new();
    for problem in problems {
        if let Some((path, _)) = snapshot.named(&problem.at.file)
            && let Some(diagnostic) = diagnostic(snapshot, problem)
        {
            files.entry(path).or_default().push(diagnostic);
        }
    }
    files
}

/// A problem as a diagnostic.
pub fn diagnostic(snapshot: &Snapshot, problem: &Resolved) -> Option<Diagnostic> {
    let range = snapshot.located(&problem.at)?.range;
    let severity = match problem.level {
        Level::Error => DiagnosticSeverity::ERROR,
        Level::Warning => DiagnosticSeverity::WARNING,
        Level::Info => DiagnosticSeverity::INFORMATION,
    };
    let related: Vec<DiagnosticRelatedInformation> = problem
        .related
        .iter()
        .filter_map(|(message, at)| {
            Some(DiagnosticRelatedInformation {
                location: snapshot.located(at)?,
                message: message.clone(),
            })
        })
        .collect();
    let code_description = page(snapshot.shared.pages.as_deref(), problem.code)
        .filter(|_| !snapshot.shared.undescribed);
    Some(Diagnostic {
        range,
        severity: Some(severity),
        code: Some(NumberOrString::String(problem.code.to_owned())),
        code_description: code_description.map(|href| CodeDescription { href }),
        source: Some("ambit".to_owned()),
        message: message(problem),
        related_information: (!related.is_empty()).then_some(related),
        tags: problems::fades(problem.code).then(|| vec![DiagnosticTag::UNNECESSARY]),
        data: None,
    })
}

/// The address of the page of a code: below the base that the client gave, else one of a scheme of our own that a
/// client may answer with the page's text.
pub fn page(base: Option<&str>, code: &str) -> Option<Uri> {
    let address = match base {
        Some(base) => format!("{base}{code}.md"),
        None => format!("ambit:/errors/{code}.md"),
    };
    Uri::from_str(&address).ok()
}

/// The message, then what to do and why.
fn message(problem: &Resolved) -> String {
    let mut text = problem.message.clone();
    if !problem.label.is_empty() {
        text.push('\n');
        text.push_str(&problem.label);
    }
    for help in &problem.help {
        text.push_str("\nhelp: ");
        text.push_str(help);
    }
    for note in &problem.notes {
        text.push_str("\nnote: ");
        text.push_str(note);
    }
    text
}

/// The fixes offered for a range.
pub fn actions(snapshot: &Snapshot, range: Range) -> Vec<CodeActionOrCommand> {
    let (name, span) = match snapshot.file {
        Some(file) => (file.path(&snapshot.db), snapshot.span(file, range)),
        None => (SETTINGS.into(), snapshot.settings_span(range)),
    };
    let all = known(snapshot);
    problems::fixes(&all, &name, span)
        .into_iter()
        .filter_map(|(problem, fix)| {
            let edits = fix.edits.iter();
            let edits: Option<Vec<_>> = edits
                .map(|(at, text): &(FileSpan, String)| Some((snapshot.located(at)?, text.clone())))
                .collect();
            Some(CodeActionOrCommand::CodeAction(CodeAction {
                title: fix.title.clone(),
                kind: Some(CodeActionKind::QUICKFIX),
                diagnostics: diagnostic(snapshot, problem).map(|d| vec![d]),
                edit: Some(snapshot.workspace_edit(edits?)),
                is_preferred: fix.safe.then_some(true),
                ..CodeAction::default()
            }))
        })
        .collect()
}
