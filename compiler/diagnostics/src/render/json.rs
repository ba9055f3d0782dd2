//! The stable form: the objects `D` of the contract.

use serde_json::{Value, json as object};

use super::{level_word, slug};
use crate::sources::{Position, Sources};
use crate::{FileSpan, Resolved};

/// Every problem as the object `D` of the contract, in the order given.
pub fn json(problems: &[Resolved], sources: &Sources) -> Vec<Value> {
    problems.iter().map(|p| json_one(p, sources)).collect()
}

/// One problem as the object `D` of the contract.
pub fn json_one(problem: &Resolved, sources: &Sources) -> Value {
    let (start, end) = ends(&problem.at, sources);
    let related: Vec<Value> = problem
        .related
        .iter()
        .map(|(message, at)| {
            let (start, end) = ends(at, sources);
            object!({"message": message.as_str(), "file": at.file.as_str(), "start": start, "end": end})
        })
        .collect();
    let fixes: Vec<Value> = problem
        .fixes
        .iter()
        .map(|fix| {
            let edits: Vec<Value> = fix
                .edits
                .iter()
                .map(|(at, text)| {
                    object!({"file": at.file.as_str(), "start_byte": at.start, "end_byte": at.end, "text": text})
                })
                .collect();
            object!({"title": fix.title.as_str(), "safe": fix.safe, "edits": edits})
        })
        .collect();
    // A witness is JSON text that its maker wrote; one that does not parse would be a fault, and is left out.
    let witness = problem
        .witness
        .as_deref()
        .and_then(|w| serde_json::from_str(w).ok())
        .unwrap_or(Value::Null);
    object!({
        "code": problem.code,
        "slug": slug(problem.code),
        "level": level_word(problem.level),
        "message": problem.message,
        "file": problem.at.file.as_str(),
        "start": start,
        "end": end,
        "related": related,
        "help": problem.help,
        "notes": problem.notes,
        "fixes": fixes,
        "witness": witness,
        "page": format!("docs/errors/{}.md", problem.code),
    })
}

fn ends(at: &FileSpan, sources: &Sources) -> (Value, Value) {
    let source = sources.get(&at.file);
    (
        position(source.position(at.start)),
        position(source.position(at.end.max(at.start))),
    )
}

fn position(at: Position) -> Value {
    object!({"byte": at.byte, "line": at.line, "col": at.col})
}
