//! Places in files, with lines.

use std::collections::HashMap;
use std::sync::Arc;

use ambit_core::Origin;
use ambit_diagnostics::LineIndex;
use ambit_grammar::Span;
use smol_str::SmolStr;

use crate::db::{Db, Project};
use crate::items::Item;

/// Makes origins out of spans.
pub(crate) struct Origins<'db> {
    /// Nothing where origins are to be empty.
    db: Option<&'db dyn Db>,
    files: HashMap<SmolStr, (Arc<str>, LineIndex)>,
}

impl<'db> Origins<'db> {
    pub fn new(db: &'db dyn Db, project: Project) -> Self {
        let files = project.files(db).iter();
        Self {
            db: Some(db),
            files: files
                .map(|f| {
                    let text = f.text(db);
                    // A query of its own would cost more than it saves.
                    let lines = LineIndex::new(&text);
                    (f.path(db), (text, lines))
                })
                .collect(),
        }
    }

    /// Every origin is empty, and no query is asked for a place.
    pub fn none() -> Self {
        Self {
            db: None,
            files: HashMap::new(),
        }
    }

    /// The origins in an item.
    pub fn within(&self, item: Item<'db>) -> Within<'_> {
        let Some(db) = self.db else {
            return Within::default();
        };
        let key = item.key(db);
        Within {
            file: key.file.clone(),
            base: item.start(db),
            lines: self.files.get(&key.file).map(|(text, l)| (&**text, l)),
        }
    }

    /// The origin of a span of an item.
    pub fn of(&self, item: Item<'db>, span: Span) -> Origin {
        self.within(item).of(span)
    }
}

/// Makes origins out of the spans of an item.
#[derive(Default)]
pub(crate) struct Within<'o> {
    pub file: SmolStr,
    base: u32,
    lines: Option<(&'o str, &'o LineIndex)>,
}

impl Within<'_> {
    /// The origin of a span.
    pub fn of(&self, span: Span) -> Origin {
        if self.lines.is_none() {
            return Origin::default();
        }
        let (start, end) = (self.base + span.start, self.base + span.end);
        Origin {
            file: self.file.clone(),
            start,
            end,
            line: self.line(start),
            end_line: self.line(end.saturating_sub(1).max(start)),
        }
    }

    /// The line of a byte of the item.
    pub fn line_of(&self, byte: u32) -> u32 {
        self.line(self.base + byte)
    }

    fn line(&self, byte: u32) -> u32 {
        self.lines
            .map_or(1, |(text, lines)| lines.position(text, byte).line)
    }
}
