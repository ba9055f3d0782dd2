//! Values, types and names as text.

use std::fmt::Write as _;

use crate::characters::does;
use crate::program::{Program, Type};
use crate::value::{ScopeEntry, ScopeOp, ScopeValue, Value};

/// A value as a literal. A set is a list, a scope the string of its text form.
pub fn print_value(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Decimal(value) => value.to_string(),
        Value::Text(value) => print_string(value),
        Value::Date(value) => value.to_string(),
        Value::Timestamp(value) => value.to_string(),
        Value::Set(values) => format!(
            "[{}]",
            values
                .iter()
                .map(print_value)
                .collect::<Vec<_>>()
                .join(", ")
        ),
        Value::Scope(scope) => print_string(&print_scope(scope)),
    }
}

/// The text form of a scope (`Book=Book 1|ID=[1 + 2]`); one that cannot be read as it stood.
pub fn print_scope(scope: &ScopeValue) -> String {
    match scope {
        ScopeValue::Unreadable(text) => text.to_string(),
        ScopeValue::Entries(entries) => entries
            .iter()
            .map(scope_entry)
            .collect::<Vec<_>>()
            .join("|"),
    }
}

fn scope_entry(entry: &ScopeEntry) -> String {
    let op = match entry.op {
        ScopeOp::Equals => "=",
        ScopeOp::TotalEquals => "&=",
        ScopeOp::NotEquals => "<>",
        ScopeOp::TotalNotEquals => "&<>",
    };
    match entry.members.as_slice() {
        [member] => format!("{}{op}{member}", entry.level),
        members => format!("{}{op}[{}]", entry.level, members.join(" + ")),
    }
}

/// A string with its quotes and escapes. Control characters and what turns text, hides or only looks like a blank are written as `\u{…}`.
pub fn print_string(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() || does(c).is_some() => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A part of an outside name or a level: bare where it is a plain name, else a string.
pub fn print_part(text: &str) -> String {
    let mut chars = text.chars();
    let plain = chars
        .next()
        .is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !RESERVED.contains(&text);
    if plain {
        text.to_owned()
    } else {
        print_string(text)
    }
}

/// The reserved words (language.md, "Grammar").
const RESERVED: &[&str] = &[
    "user",
    "as",
    "in",
    "on",
    "to",
    "from",
    "by",
    "where",
    "and",
    "or",
    "not",
    "is",
    "null",
    "true",
    "false",
    "nothing",
    "everything",
    "today",
    "match",
    "contains",
    "starts",
    "ends",
    "with",
    "between",
    "before",
    "after",
    "all",
    "any",
    "last",
    "next",
    "this",
    "exists",
    "visible",
    "grant",
    "deny",
    "restrict",
    "applies",
    "when",
    "sees",
    "can",
    "cannot",
    "given",
    "except",
    "stored",
    "for",
    "everyone",
    "exclusive",
    "assert",
    "anyone",
];

/// A type.
pub fn print_type(program: &Program, ty: &Type) -> String {
    match ty {
        Type::Bool => "bool".to_owned(),
        Type::Int => "int".to_owned(),
        Type::Decimal => "decimal".to_owned(),
        Type::String => "string".to_owned(),
        Type::Date => "date".to_owned(),
        Type::Timestamp => "timestamp".to_owned(),
        Type::Enum(id) => program.enumeration(*id).name.to_string(),
        Type::Scope(levels) => {
            let levels: Vec<String> = levels.iter().map(|level| print_part(level)).collect();
            format!("scope {{ {} }}", levels.join(", "))
        }
        Type::Set(of) => format!("set of {}", print_type(program, of)),
    }
}
