//! `ambit.toml` in the editor: what may stand there, and what it means.
//!
//! Tables, settings and their values are those of the file's JSON Schema, which a test compares with what is read; the
//! findings come from the registry and the time zones from the database that reads them. Names of the policy do not stand
//! in `ambit.toml`: so there is nothing to rename there.

mod cursor;
mod schema;

use ambit_diagnostics::registry;
use ambit_grammar::Span;

use cursor::{Cursor, Part};
use schema::Node;

/// Something that may stand at the cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What is written and shown.
    pub label: String,
    /// A setting or table (else a value).
    pub key: bool,
    /// Its documentation.
    pub docs: String,
}

/// What may stand at a byte of the text, and what an entry replaces.
pub fn completions(text: &str, offset: u32) -> (Span, Vec<Entry>) {
    let Some(cursor) = Cursor::at(text, offset) else {
        return (Span::new(offset, offset), Vec::new());
    };
    let entries = match &cursor.part {
        Part::Header => schema::tables(),
        Part::Key => schema::keys(&cursor.table),
        Part::Value { key } => {
            let node = schema::find(&cursor.table, key);
            let values = node.map_or_else(Vec::new, |node| values(&node, key));
            let quote = |(value, docs): (String, String)| Entry {
                label: if cursor.in_string || matches!(value.as_str(), "true" | "false") {
                    value
                } else {
                    format!("\"{value}\"")
                },
                key: false,
                docs,
            };
            values.into_iter().map(quote).collect()
        }
    };
    (cursor.word, entries)
}

/// The values that a setting can have, where they can be listed.
fn values(node: &Node, key: &str) -> Vec<(String, String)> {
    if key == "timezone" {
        let zones = ambit_compiler::zones().into_iter();
        return zones.map(|zone| (zone, String::new())).collect();
    }
    node.values
        .iter()
        .map(|v| (v.clone(), String::new()))
        .collect()
}

/// What a person wants to know of the word at a byte.
pub fn hover(text: &str, offset: u32) -> Option<(Span, String)> {
    let cursor = Cursor::at(text, offset)?;
    if cursor.word.start == cursor.word.end {
        return None;
    }
    let word = text.get(cursor.word.range())?;
    let said = match &cursor.part {
        Part::Header => {
            let node = schema::find_table(&cursor.table)?;
            format!(
                "```toml\n[{}]\n```\n\n{}",
                cursor.table.join("."),
                node.docs
            )
        }
        Part::Key => of_setting(&cursor.table, word)?,
        Part::Value { key } => of_setting(&cursor.table, key)?,
    };
    Some((cursor.word, said))
}

fn of_setting(table: &[String], key: &str) -> Option<String> {
    if table == ["lints"] {
        let code = registry::CODES.iter().find(|c| c.slug == key)?;
        let level = match code.level {
            ambit_diagnostics::Level::Info => "allow unless set: it is only remarked",
            _ => "warns unless set",
        };
        return Some(format!(
            "```toml\n{key} = \"allow\" | \"warn\" | \"deny\"\n```\n\n{}: {} ({level})",
            code.code, code.title
        ));
    }
    let node = schema::find(table, key)?;
    let mut said = format!("```toml\n{key} = {}\n```", node.takes());
    if !node.docs.is_empty() {
        said.push_str("\n\n");
        said.push_str(&node.docs);
    }
    if let Some(default) = &node.default {
        said.push_str("\n\nWithout it: `");
        said.push_str(default);
        said.push_str("`.");
    }
    Some(said)
}

/// The findings that stand in the text, each with its code: links to their pages.
pub fn lints(text: &str) -> Vec<(Span, &'static str)> {
    let mut found = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len() as u32;
        let blanks = (line.len() - line.trim_start().len()) as u32;
        let Some(cursor) = Cursor::at(text, start + blanks) else {
            continue;
        };
        let word = text.get(cursor.word.range()).unwrap_or_default();
        if cursor.part == Part::Key && cursor.table == ["lints"] {
            let code = registry::CODES.iter().find(|c| c.slug == word);
            found.extend(code.map(|c| (cursor.word, c.code)));
        }
    }
    found
}
