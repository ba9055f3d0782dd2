//! Words for what the grammar finds wrong.

mod expected;
mod values;
mod words;

use ambit_grammar::{Edit as TextEdit, Span, SyntaxError};

use crate::{Edit, Fix, ItemKey, Place, Problem};
use expected::example;
use words::Words;

/// A syntax error as a problem of the item that it stands in.
pub fn syntax_problem(error: &SyntaxError, item: &ItemKey) -> Problem {
    let place = Place::Item(item.clone(), error.span);
    let words = Words::of(&error.kind, error.context);
    let mut problem = Problem::new(words.code, words.message, place).label(words.label);
    problem.help.extend(words.help);
    problem.notes.extend(words.note);
    if !error.fix.is_empty() {
        let title = words.fix.unwrap_or_else(|| title_of(&error.fix));
        let edits = error.fix.iter().map(|e| edit(e, item)).collect();
        problem.fixes.push(Fix {
            title,
            safe: words.safe,
            edits,
        });
    }
    if problem.help.is_empty() && problem.fixes.is_empty() {
        problem.help.push(example(error.context).to_owned());
    }
    problem
}

fn edit(edit: &TextEdit, item: &ItemKey) -> Edit {
    Edit {
        place: Place::Item(item.clone(), edit.span),
        text: edit.text.to_string(),
    }
}

/// What a fix does, told from its replacements.
fn title_of(edits: &[TextEdit]) -> String {
    let empty = |span: Span| span.start == span.end;
    match edits {
        [one] if one.text.trim().is_empty() => "remove it".to_owned(),
        [one] if empty(one.span) => format!("add {}", quote(one.text.trim())),
        [one] => format!("write {}", quote(one.text.trim())),
        _ => "rewrite it".to_owned(),
    }
}

/// Text of the user in backticks: on one line and not too long.
pub(crate) fn quote(text: &str) -> String {
    const LONGEST: usize = 60;
    let text = crate::clean(text);
    if text.chars().nth(LONGEST).is_none() {
        return format!("`{text}`");
    }
    let start: String = text.chars().take(LONGEST).collect();
    format!("`{start}…`")
}
