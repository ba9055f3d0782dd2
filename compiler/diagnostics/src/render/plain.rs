//! The form for people where a drawing cannot be: on very long lines, and far down in very long files.

use std::fmt::Write as _;

use super::human::helps;
use crate::clean::{clean, clean_lines};
use crate::sources::Sources;
use crate::{FileSpan, Level, Resolved};

/// Characters shown on each side of the place.
const AROUND: usize = 60;

/// Draws a problem with the part of the line that matters.
pub(super) fn draw(problem: &Resolved, sources: &Sources, color: bool) -> String {
    let (kind, paint) = match problem.level {
        Level::Error => ("error", "\u{1b}[31m"),
        Level::Warning => ("warning", "\u{1b}[33m"),
        Level::Info => ("info", "\u{1b}[34m"),
    };
    let (on, off) = if color {
        (paint, "\u{1b}[0m")
    } else {
        ("", "")
    };
    let mut out = format!(
        "{on}[{}] {kind}:{off} {}\n",
        problem.code,
        clean(&problem.message)
    );
    let source = sources.get(&problem.at.file);
    let start = source.position(problem.at.start);
    let end = source.position(problem.at.end.max(problem.at.start));
    let _ = writeln!(
        out,
        "   --> {}:{}:{}",
        clean(&problem.at.file),
        start.line,
        start.col
    );
    let range = source.lines.line_range(&source.text, start.line);
    let from = (start.byte as usize).clamp(range.start, range.end);
    let to = (end.byte as usize).clamp(from, range.end);
    let text = |a: usize, b: usize| source.text.get(a..b).unwrap_or_default();
    let before = last_characters(text(range.start, from), AROUND);
    let marked = first_characters(text(from, to), AROUND);
    let after = first_characters(text(from + marked.len(), range.end), AROUND);
    let cut = |b: bool| if b { "…" } else { "" };
    let left = cut(before.len() < from - range.start);
    let right = cut(from + marked.len() + after.len() < range.end);
    let shown = format!("{left}{}", clean(before));
    let _ = writeln!(out, "    | {shown}{}{}{right}", clean(marked), clean(after));
    let carets = "^".repeat(marked.chars().count().max(1));
    let blank: String = shown
        .chars()
        .map(|c| if c == '\t' { '\t' } else { ' ' })
        .collect();
    let _ = writeln!(
        out,
        "    | {blank}{on}{carets}{off} {}",
        clean(&problem.label)
    );
    for (message, at) in &problem.related {
        let _ = writeln!(out, "    = {}", clean_lines(&mention(message, at, sources)));
    }
    for help in helps(problem) {
        let _ = writeln!(out, "    = help: {}", clean_lines(&help));
    }
    for note in &problem.notes {
        let _ = writeln!(out, "    = note: {}", clean_lines(note));
    }
    out
}

/// A related place in words.
pub(super) fn mention(message: &str, at: &FileSpan, sources: &Sources) -> String {
    let start = sources.get(&at.file).position(at.start);
    format!("{message} ({}:{}:{})", at.file, start.line, start.col)
}

fn first_characters(text: &str, count: usize) -> &str {
    text.char_indices()
        .nth(count)
        .map_or(text, |(i, _)| text.get(..i).unwrap_or(text))
}

fn last_characters(text: &str, count: usize) -> &str {
    let skip = count
        .checked_sub(1)
        .and_then(|n| text.char_indices().rev().nth(n));
    skip.map_or(text, |(i, _)| text.get(i..).unwrap_or(text))
}
