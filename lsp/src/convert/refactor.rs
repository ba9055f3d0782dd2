//! Refactorings on their way: candidates are read off a state of the project, and proved when nobody holds it any more.

use std::sync::atomic::{AtomicBool, Ordering};

use ambit_compiler::SourceFile;
use tower_lsp::ls_types::{CodeAction, CodeActionKind, CodeActionOrCommand, Range};

use super::Snapshot;
use crate::ide::Place;
use crate::ide::refactor::{self, Proof};

/// The largest project that is checked a second time whenever a cursor moves; who asks for actions waits for more.
const MAX_BYTES_UNASKED: usize = 96 << 10;

/// Actions that are not proved yet.
pub struct Pending {
    candidates: Vec<(refactor::Edits, CodeAction)>,
    proof: Proof,
}

/// The candidates at a range; nothing where there are none, or where a proof would take too long.
pub fn pending(
    s: &Snapshot,
    file: SourceFile,
    range: Range,
    asked: bool,
    wanted: &dyn Fn(&str) -> bool,
) -> Option<Pending> {
    let mut found = refactor::candidates(&s.db, s.project, file, s.span(file, range));
    found.retain(|candidate| wanted(candidate.kind.name()));
    if found.is_empty() {
        return None;
    }
    let max = if asked {
        refactor::MAX_BYTES
    } else {
        MAX_BYTES_UNASKED
    };
    let proof = Proof::new(&s.db, s.project, max)?;
    let candidates = found.into_iter().map(|candidate| {
        let edits = candidate.edits.iter().filter_map(|(file, span, text)| {
            let place = Place {
                file: *file,
                span: *span,
            };
            Some((s.location(place)?, text.clone()))
        });
        let action = CodeAction {
            title: candidate.title,
            kind: Some(CodeActionKind::new(candidate.kind.name())),
            edit: Some(s.workspace_edit(edits)),
            ..CodeAction::default()
        };
        (refactor::by_file(&s.db, &candidate.edits), action)
    });
    Some(Pending {
        candidates: candidates.collect(),
        proof,
    })
}

impl Pending {
    /// Those that are proved to keep the meaning.
    pub fn proved(self, stop: &AtomicBool) -> Vec<CodeActionOrCommand> {
        let stop = || stop.load(Ordering::Relaxed);
        let mut prover = self.proof.begin();
        let candidates = self.candidates.into_iter();
        candidates
            .filter(|(edits, _)| !stop() && prover.holds(edits, &stop))
            .map(|(_, action)| CodeActionOrCommand::CodeAction(action))
            .collect()
    }
}
