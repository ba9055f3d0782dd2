//! Colours in the protocol's numbers, and what changed since the last time.

use ambit_compiler::SourceFile;
use ambit_grammar::Span;
use tower_lsp::ls_types::{
    SemanticToken, SemanticTokens, SemanticTokensDelta, SemanticTokensEdit,
    SemanticTokensFullDeltaResult,
};

use super::Snapshot;
use crate::ide::tokens;
use crate::lines::lines;

/// The colours of a file as a client has them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sent {
    id: u64,
    data: Vec<SemanticToken>,
}

/// The colours of a file, or of a part of it.
pub fn data(snapshot: &Snapshot, file: SourceFile, range: Option<Span>) -> Vec<SemanticToken> {
    let lines = lines(&snapshot.db, file);
    let text = file.text(&snapshot.db);
    let whole = Span::new(0, text.len() as u32);
    let all = tokens::tokens(&snapshot.db, snapshot.project, file, range.unwrap_or(whole));
    let encoding = snapshot.encoding();
    let mut last = (0, 0);
    let mut data = Vec::new();
    for token in all {
        let (mut line, mut column) = lines.position(token.span.start, encoding);
        let written = text.get(token.span.range()).unwrap_or_default();
        let marks = u32::from(token.declares)
            | u32::from(token.documents) << 1
            | u32::from(token.builtin) << 2;
        // A token never goes on over a line end.
        for part in written.split('\n') {
            let length = encoding.width(part.trim_end_matches('\r'));
            if length > 0 {
                let delta_line = line - last.0;
                let delta_start = if delta_line == 0 {
                    column - last.1
                } else {
                    column
                };
                data.push(SemanticToken {
                    delta_line,
                    delta_start,
                    length,
                    token_type: token.colour as u32,
                    token_modifiers_bitset: marks,
                });
                last = (line, column);
            }
            (line, column) = (line + 1, 0);
        }
    }
    data
}

/// All colours of a file; the client is then known to have them.
pub fn full(snapshot: &Snapshot, file: SourceFile) -> SemanticTokens {
    let data = data(snapshot, file, None);
    let id = remember(snapshot, file, &data).1;
    SemanticTokens {
        result_id: Some(id.to_string()),
        data,
    }
}

/// What changed since the client had the colours of that number; all of them where that is not known any more.
pub fn delta(snapshot: &Snapshot, file: SourceFile, since: &str) -> SemanticTokensFullDeltaResult {
    let data = data(snapshot, file, None);
    let (old, id) = remember(snapshot, file, &data);
    let result_id = Some(id.to_string());
    let Some(old) = old.filter(|old| old.id.to_string() == since) else {
        return SemanticTokensFullDeltaResult::Tokens(SemanticTokens { result_id, data });
    };
    let head = old
        .data
        .iter()
        .zip(&data)
        .take_while(|(a, b)| a == b)
        .count();
    let rest = old.data.len().min(data.len()) - head;
    let backwards = old.data.iter().rev().zip(data.iter().rev());
    let tail = backwards.take(rest).take_while(|(a, b)| a == b).count();
    let replaced = old.data.len() - head - tail;
    let new = data.get(head..data.len() - tail).unwrap_or_default();
    let edits = if replaced == 0 && new.is_empty() {
        Vec::new()
    } else {
        vec![SemanticTokensEdit {
            // The protocol counts numbers, five to a token.
            start: head as u32 * 5,
            delete_count: replaced as u32 * 5,
            data: Some(new.to_vec()),
        }]
    };
    SemanticTokensFullDeltaResult::TokensDelta(SemanticTokensDelta { result_id, edits })
}

/// Remembers what the client has; gives what it had and the new number.
fn remember(snapshot: &Snapshot, file: SourceFile, data: &[SemanticToken]) -> (Option<Sent>, u64) {
    let Some(path) = snapshot.paths.get(&file.path(&snapshot.db)) else {
        return (None, 0);
    };
    let mut sent = snapshot
        .shared
        .tokens
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    let old = sent.get(path).cloned();
    let id = old.as_ref().map_or(1, |o| o.id + 1);
    let new = Sent {
        id,
        data: data.to_vec(),
    };
    sent.insert(path.clone(), new);
    (old, id)
}
