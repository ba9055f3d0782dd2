//! A problem as data: what is wrong, where, why, and what to write instead.
//!
//! Places inside items are relative to the item, so that text above does not change a problem; [`Place`] names the
//! item by its stable identity and is resolved to bytes of a file only at the edge ([`Resolved`]).

use std::ops::Deref;
use std::sync::Arc;

use ambit_grammar::Span;
use smol_str::SmolStr;

/// How bad a problem is. Only errors make a command fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// The input is refused.
    Error,
    /// Probably not what was meant.
    Warning,
    /// Worth knowing.
    Info,
}

/// The stable identity of an item in a project: it does not move when text above it does.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ItemKey {
    /// The file, relative to the project, with `/`.
    pub file: SmolStr,
    /// The item keyword (`role`, `table`, …; empty for text that is no item).
    pub keyword: SmolStr,
    /// The name after the keyword.
    pub name: SmolStr,
    /// Counts items of the same file, keyword and name from 0.
    pub nth: u32,
}

/// A place: a span within an item, or within a file when there is no item.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Place {
    /// Bytes relative to the item's raw text.
    Item(ItemKey, Span),
    /// Bytes of the file itself.
    File(SmolStr, Span),
}

/// A second place that explains the first.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Related {
    /// What is there.
    pub message: String,
    /// Where.
    pub place: Place,
}

/// One replacement of text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Edit {
    /// What is replaced (may be empty: an insertion).
    pub place: Place,
    /// By what.
    pub text: String,
}

/// A change that mends the problem.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Fix {
    /// What it does, as an order: "write `country`".
    pub title: String,
    /// May be applied without looking.
    pub safe: bool,
    /// All of them together.
    pub edits: Vec<Edit>,
}

/// A problem. Made with [`Problem::new`] and the `with` methods; its code must stand in the registry.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Problem {
    /// Its code in the registry, e.g. `E0201`.
    pub code: &'static str,
    /// One line, lower case, no full stop, user text in backticks, understandable alone.
    pub message: String,
    /// Where it is.
    pub place: Place,
    /// What is there, shown at the place itself.
    pub label: String,
    /// Other places that explain it.
    pub related: Vec<Related>,
    /// What to do.
    pub help: Vec<String>,
    /// Why it is so.
    pub notes: Vec<String>,
    /// Changes that mend it.
    pub fixes: Vec<Fix>,
}

impl Problem {
    /// A problem with code, message and place, and nothing else yet.
    pub fn new(code: &'static str, message: impl Into<String>, place: Place) -> Self {
        debug_assert!(
            crate::registry::find(code).is_some(),
            "{code} is not in the registry of codes"
        );
        Self {
            code,
            message: message.into(),
            place,
            label: String::new(),
            related: Vec::new(),
            help: Vec::new(),
            notes: Vec::new(),
            fixes: Vec::new(),
        }
    }

    /// Says what is at the place.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Self {
        self.label = text.into();
        self
    }

    /// Adds a place that explains it.
    #[must_use]
    pub fn related(mut self, message: impl Into<String>, place: Place) -> Self {
        self.related.push(Related {
            message: message.into(),
            place,
        });
        self
    }

    /// Adds what to do.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }

    /// Adds why it is so.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }

    /// Adds a change that mends it by one replacement.
    #[must_use]
    pub fn fix(
        mut self,
        title: impl Into<String>,
        safe: bool,
        place: Place,
        text: impl Into<String>,
    ) -> Self {
        self.fixes.push(Fix {
            title: title.into(),
            safe,
            edits: vec![Edit {
                place,
                text: text.into(),
            }],
        });
        self
    }
}

/// A range of bytes in a file.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileSpan {
    /// The file, relative to the project, with `/`.
    pub file: SmolStr,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// A problem whose places are bytes of files: what renderers take. Its text is shared by all copies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// The problem's code.
    pub code: &'static str,
    /// After the project's `[lints]`.
    pub level: Level,
    /// Where it is.
    pub at: FileSpan,
    /// Its text; read through the problem itself: `problem.message`.
    pub said: Arc<Said>,
    /// Other places.
    pub related: Vec<(SmolStr, FileSpan)>,
    /// Changes that mend it: title, safe, edits.
    pub fixes: Vec<ResolvedFix>,
}

/// The text of a [`Resolved`] problem: whatever does not depend on places.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Said {
    /// The message.
    pub message: String,
    /// What is there.
    pub label: String,
    /// What to do.
    pub help: Vec<String>,
    /// Why it is so.
    pub notes: Vec<String>,
    /// The witness of a failed proof, in the contract's shape (JSON text with sorted keys), where there is one.
    pub witness: Option<Arc<str>>,
}

impl Said {
    /// The same without room for more, to be kept.
    #[must_use]
    pub fn fitted(mut self) -> Self {
        self.message.shrink_to_fit();
        self.label.shrink_to_fit();
        for list in [&mut self.help, &mut self.notes] {
            list.iter_mut().for_each(String::shrink_to_fit);
            list.shrink_to_fit();
        }
        self
    }
}

impl Deref for Resolved {
    type Target = Said;

    fn deref(&self) -> &Said {
        &self.said
    }
}

/// A [`Fix`] whose places are bytes of files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResolvedFix {
    /// What it does.
    pub title: SmolStr,
    /// May be applied without looking.
    pub safe: bool,
    /// Replacements: where, and the new text.
    pub edits: Vec<(FileSpan, String)>,
}

impl Resolved {
    /// A problem at a place, at the registry's level; without other places and changes.
    pub fn at(code: &'static str, at: FileSpan, said: impl Into<Arc<Said>>) -> Self {
        Self {
            code,
            level: crate::registry::find(code).map_or(Level::Error, |c| c.level),
            at,
            said: said.into(),
            related: Vec::new(),
            fixes: Vec::new(),
        }
    }

    /// Resolves a problem's places.
    ///
    /// `start_of` gives the first byte of an item in its file (`None`: the item is gone, which cannot happen for a
    /// problem of the same revision; the place then falls to the file's start). `level` is the level after the
    /// project's settings.
    pub fn new(
        problem: &Problem,
        level: Level,
        start_of: &dyn Fn(&ItemKey) -> Option<u32>,
    ) -> Self {
        let resolve = |place: &Place| match place {
            Place::File(file, span) => FileSpan {
                file: file.clone(),
                start: span.start,
                end: span.end,
            },
            Place::Item(key, span) => {
                let base = start_of(key).unwrap_or(0);
                FileSpan {
                    file: key.file.clone(),
                    start: base + span.start,
                    end: base + span.end,
                }
            }
        };
        Self {
            code: problem.code,
            level,
            at: resolve(&problem.place),
            said: Arc::new(Said {
                message: problem.message.clone(),
                label: problem.label.clone(),
                help: problem.help.clone(),
                notes: problem.notes.clone(),
                witness: None,
            }),
            related: problem
                .related
                .iter()
                .map(|r| (r.message.as_str().into(), resolve(&r.place)))
                .collect(),
            fixes: problem
                .fixes
                .iter()
                .map(|f| ResolvedFix {
                    title: f.title.as_str().into(),
                    safe: f.safe,
                    edits: f
                        .edits
                        .iter()
                        .map(|e| (resolve(&e.place), e.text.clone()))
                        .collect(),
                })
                .collect(),
        }
    }
}
