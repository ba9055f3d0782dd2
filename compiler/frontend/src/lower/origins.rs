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
    db: &'db dyn Db,
    files: HashMap<SmolStr, (Arc<str>, LineIndex)>,
}

impl<'db> Origins<'db> {
    pub fn new(db: &'db dyn Db, project: Project) -> Self {
        let files = project
            .files(db)
            .iter()
            .map(|f| {
                let text = f.text(db);
                let lines = LineIndex::new(&text);
                (f.path(db), (text, lines))
            })
            .collect();
        Self { db, files }
    }

    /// The origin of a span of an item.
    pub fn of(&self, item: Item<'db>, span: Span) -> Origin {
        let key = item.key(self.db);
        let base = item.start(self.db);
        let (start, end) = (base + span.start, base + span.end);
        let line = |byte: u32| self.line(&key.file, byte);
        Origin {
            file: key.file.clone(),
            start,
            end,
            line: line(start),
            end_line: line(end.saturating_sub(1).max(start)),
        }
    }

    /// The file of an item, and the line on which a span of it starts.
    pub fn of_start(&self, item: Item<'db>, span: Span) -> (SmolStr, u32) {
        let file = &item.key(self.db).file;
        let line = self.line(file, item.start(self.db) + span.start);
        (file.clone(), line)
    }

    fn line(&self, file: &SmolStr, byte: u32) -> u32 {
        self.files
            .get(file)
            .map_or(1, |(text, lines)| lines.position(text, byte).line)
    }
}
