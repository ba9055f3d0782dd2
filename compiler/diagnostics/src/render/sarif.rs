//! SARIF 2.1.0, which code hosts and editors read.

use serde_json::{Map, Value, json as object};

use super::slug;
use crate::registry::{CODES, Code};
use crate::sources::Sources;
use crate::{FileSpan, Level, Resolved};

/// The whole log: one run, with the rules of all codes that occur.
pub fn sarif(problems: &[Resolved], sources: &Sources) -> Value {
    let used: Vec<&Code> = CODES
        .iter()
        .filter(|c| problems.iter().any(|p| p.code == c.code))
        .collect();
    let rules: Vec<Value> = used.iter().map(|c| rule(c)).collect();
    let results: Vec<Value> = problems.iter().map(|p| result(p, &used, sources)).collect();
    object!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "ambit",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": {"PROJECT": {"description": {"text": "the folder that holds ambit.toml"}}},
            "results": results,
        }],
    })
}

fn rule(code: &Code) -> Value {
    let mut rule = Map::new();
    rule.insert("id".into(), code.code.into());
    rule.insert("name".into(), code.slug.into());
    rule.insert("shortDescription".into(), object!({"text": code.title}));
    rule.insert(
        "defaultConfiguration".into(),
        object!({"level": level(code.level)}),
    );
    if let Some(page) = code.page() {
        rule.insert("help".into(), object!({"text": page, "markdown": page}));
    }
    Value::Object(rule)
}

fn result(problem: &Resolved, used: &[&Code], sources: &Sources) -> Value {
    let mut text = problem.message.clone();
    for line in &problem.help {
        text.push_str("\nhelp: ");
        text.push_str(line);
    }
    let mut result = Map::new();
    result.insert("ruleId".into(), problem.code.into());
    if let Some(index) = used.iter().position(|c| c.code == problem.code) {
        result.insert("ruleIndex".into(), index.into());
    }
    result.insert("level".into(), level(problem.level).into());
    result.insert("message".into(), object!({"text": text}));
    result.insert(
        "locations".into(),
        object!([location(&problem.at, sources, Some(&problem.label), None)]),
    );
    if !problem.related.is_empty() {
        let related: Vec<Value> = problem
            .related
            .iter()
            .enumerate()
            .map(|(i, (message, at))| location(at, sources, Some(message), Some(i + 1)))
            .collect();
        result.insert("relatedLocations".into(), related.into());
    }
    if !problem.fixes.is_empty() {
        let fixes: Vec<Value> = problem
            .fixes
            .iter()
            .map(|fix| object!({"description": {"text": fix.title.as_str()}, "artifactChanges": changes(&fix.edits, sources)}))
            .collect();
        result.insert("fixes".into(), fixes.into());
    }
    result.insert("properties".into(), object!({"slug": slug(problem.code)}));
    Value::Object(result)
}

/// The edits of a fix, those of one file together.
fn changes(edits: &[(FileSpan, String)], sources: &Sources) -> Vec<Value> {
    let mut files: Vec<&str> = edits.iter().map(|(at, _)| at.file.as_str()).collect();
    files.sort_unstable();
    files.dedup();
    files
        .into_iter()
        .map(|file| {
            let replacements: Vec<Value> = edits
                .iter()
                .filter(|(at, _)| at.file == file)
                .map(|(at, text)| object!({"deletedRegion": region(at, sources), "insertedContent": {"text": text}}))
                .collect();
            object!({"artifactLocation": artifact(file), "replacements": replacements})
        })
        .collect()
}

fn location(at: &FileSpan, sources: &Sources, message: Option<&str>, id: Option<usize>) -> Value {
    let mut location = Map::new();
    if let Some(id) = id {
        location.insert("id".into(), id.into());
    }
    location.insert(
        "physicalLocation".into(),
        object!({"artifactLocation": artifact(&at.file), "region": region(at, sources)}),
    );
    if let Some(message) = message.filter(|m| !m.is_empty()) {
        location.insert("message".into(), object!({"text": message}));
    }
    Value::Object(location)
}

fn region(at: &FileSpan, sources: &Sources) -> Value {
    let source = sources.get(&at.file);
    let start = source.position(at.start);
    let end = source.position(at.end.max(at.start));
    object!({
        "startLine": start.line, "startColumn": start.col, "endLine": end.line, "endColumn": end.col,
        "byteOffset": start.byte, "byteLength": end.byte - start.byte,
    })
}

fn artifact(file: &str) -> Value {
    object!({"uri": uri(file), "uriBaseId": "PROJECT"})
}

/// A file name as a relative URI.
fn uri(file: &str) -> String {
    let mut out = String::with_capacity(file.len());
    for byte in file.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            const HEX: &[u8; 16] = b"0123456789ABCDEF";
            out.push('%');
            for digit in [byte >> 4, byte & 15] {
                out.push(HEX.get(usize::from(digit)).map_or('0', |d| char::from(*d)));
            }
        }
    }
    out
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Info => "note",
    }
}
