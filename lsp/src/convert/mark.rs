//! What is kept of the diagnostics that a client has.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use ambit_diagnostics::{Level, Said};
use smol_str::SmolStr;
use tower_lsp::ls_types::{
    CodeDescription, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, DiagnosticTag,
    Location, NumberOrString, Range, Uri,
};

use crate::ide::problems;

/// A problem with its places as the client counts them. Its text and all addresses are shared: a large project has tens
/// of thousands of these, and as diagnostics of the protocol they would take ten times the room.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Mark {
    /// The code of the problem.
    pub code: &'static str,
    /// How bad it is.
    pub level: Level,
    /// Where it is.
    pub range: Range,
    /// Its text.
    pub said: Arc<Said>,
    /// Other places.
    pub related: Vec<(SmolStr, Arc<Uri>, Range)>,
    /// The page of its code, where the client takes one.
    pub page: Option<Arc<Uri>>,
}

impl Mark {
    /// As the protocol has it.
    pub fn diagnostic(&self) -> Diagnostic {
        let severity = match self.level {
            Level::Error => DiagnosticSeverity::ERROR,
            Level::Warning => DiagnosticSeverity::WARNING,
            Level::Info => DiagnosticSeverity::INFORMATION,
        };
        let related = self.related.iter();
        let related: Vec<DiagnosticRelatedInformation> = related
            .map(|(message, uri, range)| DiagnosticRelatedInformation {
                location: Location {
                    uri: Uri::clone(uri),
                    range: *range,
                },
                message: message.to_string(),
            })
            .collect();
        let href = self.page.as_deref().cloned();
        Diagnostic {
            range: self.range,
            severity: Some(severity),
            code: Some(NumberOrString::String(self.code.to_owned())),
            code_description: href.map(|href| CodeDescription { href }),
            source: Some("ambit".to_owned()),
            message: message(&self.said),
            related_information: (!related.is_empty()).then_some(related),
            tags: problems::fades(self.code).then(|| vec![DiagnosticTag::UNNECESSARY]),
            data: None,
        }
    }
}

/// As the protocol has them.
pub fn diagnostics(marks: &[Mark]) -> Vec<Diagnostic> {
    marks.iter().map(Mark::diagnostic).collect()
}

/// A number that tells two lists apart.
pub fn number(marks: &[Mark]) -> String {
    let mut hasher = DefaultHasher::new();
    marks.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

/// The message, then what to do and why.
fn message(said: &Said) -> String {
    let mut text = said.message.clone();
    if !said.label.is_empty() {
        text.push('\n');
        text.push_str(&said.label);
    }
    for help in &said.help {
        text.push_str("\nhelp: ");
        text.push_str(help);
    }
    for note in &said.notes {
        text.push_str("\nnote: ");
        text.push_str(note);
    }
    text
}
