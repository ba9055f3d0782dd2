//! The database: inputs, and the one implementation of the salsa traits.
//!
//! Inputs are set from outside (command line, server); no query reads the disk. Whoever sets them owns the database;
//! readers on other threads work on clones.

// The macros of salsa make items of their own, without docs.
#![allow(missing_docs)]

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use ambit_diagnostics::Problem;
use salsa::Setter;
use smol_str::SmolStr;

use crate::characters::characters;
use crate::settings::Config;

/// What every query takes.
#[salsa::db]
pub trait Db: salsa::Database {
    /// What stages keep beside the queries.
    fn memory(&self) -> &Memory;
}

/// What a stage keeps from one revision to the next, to answer sooner: by type, one of each, shared by all clones of a
/// database.
///
/// Queries do not know of it, so no answer may depend on it: only what is a function of its arguments can be kept, with
/// all of them.
#[derive(Clone, Default)]
pub struct Memory(Arc<Mutex<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>>);

impl Memory {
    /// That of a type; made where there is none.
    pub fn of<T: Default + Send + Sync + 'static>(&self) -> Arc<T> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = all
            .entry(TypeId::of::<T>())
            .or_insert_with(|| Arc::new(T::default()));
        Arc::clone(kept).downcast::<T>().unwrap_or_default()
    }
}

/// A source file of the project.
#[salsa::input(debug)]
pub struct SourceFile {
    /// Relative to the project, with `/`.
    #[returns(clone)]
    pub path: SmolStr,
    /// The whole text.
    #[returns(clone)]
    pub text: Arc<str>,
    /// What is wrong with its characters, wherever they stand (see [`characters`]). Made when the text is set and not by
    /// a query: a comment between two items belongs to no item, and an edit of such a text should re-run nothing more.
    #[returns(clone)]
    pub characters: Arc<Vec<Problem>>,
}

/// The project: its files and settings. A database holds one, so that queries take an item alone.
#[salsa::input(singleton, debug)]
pub struct Project {
    /// All files, sorted by path.
    #[returns(deref)]
    pub files: Vec<SourceFile>,
    /// What `ambit.toml` says.
    #[returns(clone)]
    pub config: Arc<Config>,
}

/// The names of the queries that ran, in order (see [`Database::with_log`]).
type EventLog = Arc<Mutex<Vec<String>>>;

/// The database.
#[salsa::db]
#[derive(Clone)]
pub struct Database {
    storage: salsa::Storage<Self>,
    memory: Memory,
    log: Option<EventLog>,
}

#[salsa::db]
impl salsa::Database for Database {}
#[salsa::db]
impl Db for Database {
    fn memory(&self) -> &Memory {
        &self.memory
    }
}

impl Default for Database {
    fn default() -> Self {
        Self {
            storage: salsa::Storage::new(None),
            memory: Memory::default(),
            log: None,
        }
    }
}

impl Database {
    /// A database that records which queries run: for tests and `ambit debug events`.
    pub fn with_log() -> Self {
        let log: EventLog = EventLog::default();
        let sink = log.clone();
        let callback = move |event: salsa::Event| {
            if let salsa::EventKind::WillExecute { database_key } = event.kind
                && let Ok(mut log) = sink.lock()
            {
                log.push(format!("{database_key:?}"));
            }
        };
        Self {
            storage: salsa::Storage::new(Some(Box::new(callback))),
            memory: Memory::default(),
            log: Some(log),
        }
    }

    /// The queries that ran since the last call; empty without [`Database::with_log`].
    pub fn take_log(&self) -> Vec<String> {
        self.log
            .as_ref()
            .and_then(|l| l.lock().ok().map(|mut l| std::mem::take(&mut *l)))
            .unwrap_or_default()
    }

    /// A project of these files (path and text) and settings. Files are sorted by path, so their order does not matter.
    pub fn project(&mut self, mut files: Vec<(SmolStr, Arc<str>)>, config: Config) -> Project {
        files.sort_by(|a, b| a.0.cmp(&b.0));
        let files = files
            .into_iter()
            .map(|(path, text)| self.file(path, text))
            .collect();
        Project::new(self, files, Arc::new(config))
    }

    /// A file with this path and text, for a project of this database.
    pub fn file(&self, path: SmolStr, text: Arc<str>) -> SourceFile {
        let characters = Arc::new(characters(&path, &text));
        SourceFile::new(self, path, text, characters)
    }

    /// Replaces the text of a file; does nothing where it is the same.
    pub fn set_text(&mut self, file: SourceFile, text: Arc<str>) {
        if file.text(self) == text {
            return;
        }
        let found = characters(&file.path(self), &text);
        if *file.characters(self) != found {
            file.set_characters(self).to(Arc::new(found));
        }
        file.set_text(self).to(text);
    }

    /// Replaces the list of files of a project.
    pub fn set_files(&mut self, project: Project, mut files: Vec<SourceFile>) {
        files.sort_by_key(|f| f.path(self));
        project.set_files(self).to(files);
    }

    /// Replaces the settings of a project.
    pub fn set_config(&mut self, project: Project, config: Config) {
        project.set_config(self).to(Arc::new(config));
    }
}
