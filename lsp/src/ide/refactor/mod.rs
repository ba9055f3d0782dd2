//! Changes that keep the meaning: candidates are made here, a file each; whether one keeps the meaning `proof` decides, for
//! every user, row, query and day. What cannot be proved is not offered.

mod conds;
mod extract;
mod inline;
mod merge;
mod one_of;
mod param;
mod proof;
mod to_for;

use ambit_compiler::{Database, Item, Project, SourceFile, item_syntax};
use ambit_grammar::{RawItem, Span, lex};
use smol_str::SmolStr;
use std::sync::Arc;

use super::{item_at, rule_span, rules_of};

pub use proof::{Edits, MAX_BYTES, Proof, Prover, by_file, edited};

/// A change that may keep the meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// What it does.
    pub title: String,
    /// Its kind in the protocol's words, below `refactor`.
    pub kind: Kind,
    /// The replacements.
    pub edits: Vec<Edit>,
}

/// A replacement of bytes of a file.
pub type Edit = (SourceFile, Span, String);

/// The kinds of refactorings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Something gets a name.
    Extract,
    /// A name goes.
    Inline,
    /// The same in other words.
    Rewrite,
}

impl Kind {
    /// As the protocol calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Extract => "refactor.extract",
            Self::Inline => "refactor.inline",
            Self::Rewrite => "refactor.rewrite",
        }
    }
}

/// What is asked about: a range of a file, and the item around it.
struct Cx<'db> {
    db: &'db Database,
    project: Project,
    file: SourceFile,
    item: Item<'db>,
    raw: Arc<RawItem>,
    /// Relative to the item, without blanks at its ends.
    range: Span,
}

impl<'db> Cx<'db> {
    fn text(&self, span: Span) -> &str {
        self.raw.text.get(span.range()).unwrap_or_default()
    }

    /// The replacement of a part of the item.
    fn edit(&self, span: Span, text: impl Into<String>) -> Edit {
        edit(self.db, self.file, self.item, span, text)
    }

    /// The rule around the range, and its position.
    fn rule(&self) -> Option<(usize, &'db ambit_grammar::ast::Rule)> {
        let rules = rules_of(&item_syntax(self.db, self.item).item.kind);
        let around = |span: Span| span.start <= self.range.start && self.range.end <= span.end;
        let at = rules.iter().position(|r| around(rule_span(r)))?;
        Some((at, rules.get(at)?))
    }
}

fn edit(
    db: &Database,
    file: SourceFile,
    item: Item<'_>,
    span: Span,
    text: impl Into<String>,
) -> Edit {
    (file, span.shift(item.start(db)), text.into())
}

/// What could be done at a range of a file; nothing of it is proved yet.
pub fn candidates(
    db: &Database,
    project: Project,
    file: SourceFile,
    range: Span,
) -> Vec<Candidate> {
    let Some(item) = item_at(db, file, range.start) else {
        return Vec::new();
    };
    let start = item.start(db);
    let Some(end) = range.end.checked_sub(start) else {
        return Vec::new();
    };
    let raw = item.raw(db);
    let mut range = Span::new(range.start - start, end.min(raw.text.len() as u32));
    if let Some(text) = raw.text.get(range.range()) {
        range.end -= (text.len() - text.trim_end().len()) as u32;
        range.start += (text.trim_end().len() - text.trim().len()) as u32;
    }
    let cx = Cx {
        db,
        project,
        file,
        item,
        raw,
        range,
    };
    let mut all = Vec::new();
    for make in [
        extract::candidates,
        inline::candidates,
        to_for::candidates,
        merge::candidates,
        one_of::candidates,
        param::candidates,
    ] {
        make(&cx, &mut all);
    }
    all
}

/// What can be done at a range of a file, proved.
pub fn offered(db: &Database, project: Project, file: SourceFile, range: Span) -> Vec<Candidate> {
    let mut all = candidates(db, project, file, range);
    if all.is_empty() {
        return all;
    }
    let Some(proof) = Proof::new(db, project, MAX_BYTES) else {
        return Vec::new();
    };
    let mut prover = proof.begin();
    all.retain(|c| prover.holds(&by_file(db, &c.edits), &|| false));
    all
}

/// A piece of code on one line, without comments.
pub(super) fn flat(text: &str) -> String {
    let mut out = String::new();
    for token in lex(text) {
        if token.kind.is_trivia() {
            if !out.ends_with(' ') {
                out.push(' ');
            }
        } else {
            out.push_str(
                text.get(token.start as usize..token.end as usize)
                    .unwrap_or_default(),
            );
        }
    }
    out.trim().to_owned()
}

/// A new item as the formatter writes it, without the line end.
fn formatted(item: &str) -> String {
    ambit_grammar::format(item).text.trim_end().to_owned()
}

/// The span of a rule with the blanks before it, so that no empty line stays where it goes.
fn with_blanks(text: &str, span: Span) -> Span {
    let before = text.get(..span.start as usize).unwrap_or_default();
    Span::new(before.trim_end().len() as u32, span.end)
}

/// Names in a fixed order, for comparing lists that mean sets.
fn sorted<'a>(names: impl Iterator<Item = &'a SmolStr>) -> Vec<&'a str> {
    let mut all: Vec<&str> = names.map(SmolStr::as_str).collect();
    all.sort_unstable();
    all
}
