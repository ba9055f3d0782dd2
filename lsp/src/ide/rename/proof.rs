//! Does a project mean the same under another name?
//!
//! Names bind by where they stand: a column hides a filter, a hierarchy and a column of one table are both axes, a user of a
//! test hides one of the policy. So a new name can be free where it is declared and still take over, or lose, a use elsewhere.
//! What a name is called means nothing; which declaration each use is bound to does. Two comparisons of the program in Core
//! tell:
//!
//! - with a name that stands nowhere, close to the *old* one: were all places found?
//! - with a name that stands nowhere, close to the *new* one: does the new name bind as a fresh one does?
//!
//! Core numbers things in the order of their names, and close names stand in the same order, so the two programs must be equal
//! to the letter.

use std::collections::BTreeMap;
use std::sync::Arc;

use ambit_compiler::{Config, Database, Project, check, program};
use ambit_core::Program;
use ambit_diagnostics::Level;
use smol_str::{SmolStr, format_smolstr};

use super::super::refactor::edited;
use super::Renaming;
use crate::ide::file_named;

/// What a proof starts from. It holds no database, so that nobody who edits has to wait for it.
pub struct Proof {
    texts: Vec<(SmolStr, Arc<str>)>,
    config: Config,
    renaming: Renaming,
}

impl Proof {
    /// About a project as it is.
    pub fn new(db: &Database, project: Project, renaming: Renaming) -> Self {
        let files = project.files(db).iter();
        Self {
            texts: files.map(|f| (f.path(db), f.text(db))).collect(),
            config: Config::clone(&project.config(db)),
            renaming,
        }
    }

    /// Whether the project means the same under the new name.
    ///
    /// # Errors
    /// Why not: to be shown to whoever asked.
    pub fn holds(self) -> Result<(), String> {
        let mut db = Database::default();
        let project = db.project(self.texts.clone(), self.config.clone());
        let (old, new) = (&self.renaming.old, &self.renaming.new);
        let before = State::of(&db, project);
        self.rename(&mut db, project, new);
        let after = State::of(&db, project);
        if let Some(error) = after.worse_than(&before, old, new) {
            return Err(format!(
                "with the name `{new}` the program would be wrong: {error}"
            ));
        }
        // Of a program with errors nothing more can be said.
        let (Some(before), Some(after)) = (before.program, after.program) else {
            return Ok(());
        };
        for (name, meant) in [(old, &before), (new, &after)] {
            let fresh = self.fresh(name);
            self.rename(&mut db, project, &fresh);
            let same = program(&db, project)
                .is_some_and(|found| renamed(text(&found), &fresh, name) == text(meant));
            if !same {
                return Err(format!(
                    "with the name `{new}` the policy would mean something else: a use of `{old}` or of `{new}` would stand for \
                     another thing"
                ));
            }
        }
        Ok(())
    }

    /// A name that stands nowhere, right behind another in the order of names.
    fn fresh(&self, name: &str) -> SmolStr {
        let mut fresh = format_smolstr!("{name}0");
        while self
            .texts
            .iter()
            .any(|(_, text)| text.contains(fresh.as_str()))
        {
            fresh = format_smolstr!("{fresh}0");
        }
        fresh
    }

    /// Sets the texts with that name in all places.
    fn rename(&self, db: &mut Database, project: Project, name: &str) {
        for (path, text) in &self.texts {
            let Some(spans) = self.renaming.places.get(path) else {
                continue;
            };
            let written = self.renaming.written(name);
            let edits: Vec<_> = spans.iter().map(|span| (*span, written.clone())).collect();
            let new = edited(text, &edits);
            if let Some(file) = file_named(db, project, path) {
                db.set_text(file, new.map_or_else(|| Arc::clone(text), Arc::from));
            }
        }
    }
}

/// What is known of a project's texts.
struct State {
    program: Option<Arc<Program>>,
    /// The messages of errors, with how often each stands.
    errors: BTreeMap<String, usize>,
}

impl State {
    fn of(db: &Database, project: Project) -> Self {
        let mut errors = BTreeMap::new();
        for problem in check(db, project).problems {
            if problem.level == Level::Error {
                *errors.entry(problem.message.clone()).or_default() += 1;
            }
        }
        Self {
            program: program(db, project),
            errors,
        }
    }

    /// An error that was not there before, under the old name.
    fn worse_than(&self, before: &Self, old: &str, new: &str) -> Option<&str> {
        let (all, were): (usize, usize) =
            (self.errors.values().sum(), before.errors.values().sum());
        let quoted = |name: &str| format!("`{name}`");
        let fresh = |(message, count): &(&String, &usize)| {
            let under_old = message.replace(&quoted(new), &quoted(old));
            let had = before
                .errors
                .get(*message)
                .or_else(|| before.errors.get(&under_old));
            had.is_none_or(|had| had < count)
        };
        let found = self
            .errors
            .iter()
            .find(fresh)
            .map(|(message, _)| message.as_str());
        found.filter(|_| all > were || self.program.is_none() && before.program.is_some())
    }
}

/// A printed program with another name. Names in strings are escaped as they are printed, those within printed conditions
/// and arguments twice.
fn renamed(mut printed: String, from: &str, to: &str) -> String {
    let once = |name: &str| name.escape_debug().to_string();
    let mut written = vec![(from.to_owned(), to.to_owned())];
    for _ in 0..2 {
        written.extend(written.last().map(|(a, b)| (once(a), once(b))));
    }
    // The longest first: a shorter one may stand in it.
    for (from, to) in written.iter().rev() {
        printed = printed.replace(from, to);
    }
    printed
}

/// A program as text, without where its parts are written.
fn text(program: &Program) -> String {
    let mut program = program.clone();
    for rule in &mut program.rules {
        // Only for messages.
        rule.places = ambit_core::Places::default();
    }
    without_origins(&format!("{program:?}"))
}

/// Takes each `Origin { … }` out of the text of a debug print.
fn without_origins(printed: &str) -> String {
    const BEGIN: &str = "Origin { file: ";
    const LAST: &str = "end_line: ";
    let mut out = String::with_capacity(printed.len() / 2);
    let mut rest = printed;
    while let Some(at) = rest.find(BEGIN) {
        out.push_str(rest.get(..at).unwrap_or_default());
        rest = rest.get(at..).unwrap_or_default();
        let end = rest
            .find(LAST)
            .and_then(|last| rest.get(last..)?.find('}').map(|brace| last + brace + 1));
        rest = rest.get(end.unwrap_or(rest.len())..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}
