//! What the server answers besides the protocol (docs/editor/protocol.md), a file each: from a state of the project and an
//! argument to an answer, all of it without the protocol's types.
//!
//! Answers are JSON as the command line gives it, with places that an editor can go to. How such a place is written is
//! the caller's affair ([`Ask::locate`]).

mod act_as;
mod args;
mod artifacts;
mod built;
mod given;
mod matrix_row;
mod people;
mod principals;
mod reason;
mod resources;
mod run_test;
mod sample;
mod show_sql;
mod tests;
mod who_sees;
mod why;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use ambit_compiler::{Database, Project, check};
use ambit_core::{Origin, Program};
use ambit_diagnostics::{Level, LineIndex};
use ambit_grammar::Span;
use salsa::Database as _;
use serde_json::Value as Json;
use smol_str::SmolStr;

pub use act_as::act_as;
pub use args::Args;
pub use run_test::summary;

use super::Place;

/// A question that makes no sense, in a person's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused(pub String);

impl From<String> for Refused {
    fn from(message: String) -> Self {
        Self(message)
    }
}

impl From<ambit_cli::exit::Failure> for Refused {
    fn from(failure: ambit_cli::exit::Failure) -> Self {
        match failure.problems.first() {
            Some(first) => Self(format!("{}: {}", failure.message, first.message)),
            None => Self(failure.message),
        }
    }
}

/// What a command answers.
pub type Answer = Result<Json, Refused>;

/// A command.
pub type Command = fn(&Ask<'_>, Args<'_>) -> Answer;

/// The commands by name. `ambit.actAs` is not among them: it changes the session.
pub const COMMANDS: &[(&str, Command)] = &[
    ("ambit.artifacts", artifacts::artifacts),
    ("ambit.matrixRow", matrix_row::matrix_row),
    ("ambit.principals", principals::principals),
    ("ambit.resources", resources::resources),
    (RUN_TEST, run_test::run_test),
    ("ambit.sample", sample::sample),
    ("ambit.showSql", show_sql::show_sql),
    ("ambit.tests", tests::tests),
    ("ambit.whoSees", who_sees::who_sees),
    ("ambit.why", why::why),
];

/// The command that says for whom hover, hints and lenses speak.
pub const ACT_AS: &str = "ambit.actAs";

/// The command that runs tests.
pub const RUN_TEST: &str = "ambit.runTest";

/// A state of a project that is asked.
pub struct Ask<'a> {
    /// The database.
    pub db: &'a Database,
    /// The project.
    pub project: Project,
    /// Its folder; none of a file outside any project.
    pub root: Option<&'a Path>,
    /// An object with `uri` and `range` for a place in a file, by the file's name.
    pub locate: &'a dyn Fn(&str, Span) -> Option<Json>,
}

impl Ask<'_> {
    /// The program.
    ///
    /// # Errors
    /// With the first error of the project, if it has any.
    pub fn program(&self) -> Result<Arc<Program>, Refused> {
        if let Some(program) = ambit_compiler::program(self.db, self.project) {
            return Ok(program);
        }
        let problems = check(self.db, self.project).problems;
        let first = problems.iter().find(|p| p.level == Level::Error);
        let Some(first) = first else {
            return Err(Refused("the project has errors".to_owned()));
        };
        let file = super::file_named(self.db, self.project, &first.at.file);
        let line = file.map_or(1, |file| {
            let text = file.text(self.db);
            LineIndex::new(&text).position(&text, first.at.start).line
        });
        Err(Refused(format!(
            "the project has errors, the first at {}:{line}: {}",
            first.at.file, first.message
        )))
    }

    /// The texts of the files by name.
    fn texts(&self) -> BTreeMap<SmolStr, Arc<str>> {
        let files = self.project.files(self.db).iter();
        files.map(|f| (f.path(self.db), f.text(self.db))).collect()
    }

    /// Ends here if an edit or the client has called the question off.
    fn breathe(&self) {
        self.db.unwind_if_revision_cancelled();
    }

    /// `answer` with `uri` and `range` of a place; both null where there is none.
    fn placed(&self, mut answer: Json, place: Option<Place>) -> Json {
        let at = place.and_then(|p| (self.locate)(&p.file.path(self.db), p.span));
        put(&mut answer, at.as_ref());
        answer
    }

    /// The same for what stands in a program.
    fn at_origin(&self, mut answer: Json, origin: &Origin) -> Json {
        let span = Span::new(origin.start, origin.end);
        put(&mut answer, (self.locate)(&origin.file, span).as_ref());
        answer
    }
}

fn put(answer: &mut Json, at: Option<&Json>) {
    let Json::Object(members) = answer else {
        return;
    };
    for key in ["uri", "range"] {
        let value = at.and_then(|at| at.get(key)).cloned();
        members.insert(key.to_owned(), value.unwrap_or(Json::Null));
    }
}
