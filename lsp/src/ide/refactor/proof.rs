//! Does the project mean the same after an edit? The edited texts are checked in a database of their own, and the solver
//! compares the two programs.

use std::collections::BTreeMap;
use std::sync::Arc;

use ambit_compiler::{Config, Database, Project, SourceFile, program};
use ambit_core::Program;
use ambit_grammar::Span;
use smol_str::SmolStr;

use super::Edit;
use crate::ide::file_named;

/// A larger project is not checked a second time while somebody waits.
pub const MAX_BYTES: usize = 512 << 10;

/// Replacements by file and place.
pub type Edits = BTreeMap<SmolStr, Vec<(Span, String)>>;

/// Replacements by the names of their files.
pub fn by_file(db: &Database, edits: &[Edit]) -> Edits {
    let mut all = Edits::new();
    for (file, span, text) in edits {
        let of = all.entry(file.path(db)).or_default();
        of.push((*span, text.clone()));
    }
    for of in all.values_mut() {
        of.sort_by_key(|(span, _)| *span);
    }
    all
}

/// What a proof starts from. It holds no database, so that nobody who edits has to wait for it.
pub struct Proof {
    texts: Vec<(SmolStr, Arc<str>)>,
    config: Config,
    before: Arc<Program>,
}

impl Proof {
    /// The project as it is; nothing where it has errors, or is larger than `max_bytes`.
    pub fn new(db: &Database, project: Project, max_bytes: usize) -> Option<Self> {
        let files = project.files(db).iter();
        let texts: Vec<_> = files.map(|f| (f.path(db), f.text(db))).collect();
        if texts.iter().map(|(_, text)| text.len()).sum::<usize>() > max_bytes {
            return None;
        }
        Some(Self {
            texts,
            config: Config::clone(&project.config(db)),
            before: program(db, project)?,
        })
    }

    /// A database of its own for the edited texts.
    pub fn begin(self) -> Prover {
        let mut db = Database::default();
        let project = db.project(self.texts, self.config);
        Prover {
            db,
            project,
            before: self.before,
        }
    }
}

/// Tries edits, one after the other.
pub struct Prover {
    db: Database,
    project: Project,
    before: Arc<Program>,
}

impl Prover {
    /// Is it proved that the project means the same after these replacements? Afterwards they are undone.
    pub fn holds(&mut self, edits: &Edits, stop: &dyn Fn() -> bool) -> bool {
        let mut old: Vec<(SourceFile, Arc<str>)> = Vec::new();
        for (name, edits) in edits {
            let Some(file) = file_named(&self.db, self.project, name) else {
                continue;
            };
            let text = file.text(&self.db);
            let Some(new) = edited(&text, edits) else {
                continue;
            };
            old.push((file, text));
            self.db.set_text(file, new.into());
        }
        let after = program(&self.db, self.project);
        // An edit that changes no text is none.
        let complete = old.len() == edits.len() && !old.is_empty();
        let same = complete
            && after.is_some_and(|after| {
                // What is beyond the solver is not proved.
                ambit_analysis::same_meaning(&self.before, &after, stop).unwrap_or(false)
            });
        for (file, text) in old {
            self.db.set_text(file, text);
        }
        same
    }
}

/// A text after replacements that stand in order; nothing where two of them meet.
pub fn edited(text: &str, edits: &[(Span, String)]) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for (span, new) in edits {
        out.push_str(text.get(at..span.start as usize)?);
        out.push_str(new);
        at = span.end as usize;
    }
    out.push_str(text.get(at..)?);
    (out != text).then_some(out)
}
