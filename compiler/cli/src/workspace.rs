//! A project in the compiler's database: read once, refreshed from disk where a command watches.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use ambit_compiler::{Config, Database, Project as Input, Report, SourceFile, check_in_parallel};
use smol_str::SmolStr;

use crate::args::Global;
use crate::exit::Failure;
use crate::project::{self, Project};

/// A project that commands can ask.
pub struct Workspace {
    /// The database.
    pub db: Database,
    /// The project in it.
    pub input: Input,
    /// What was read from disk.
    pub disk: Project,
}

impl Workspace {
    /// Finds and reads the project that the options name. Files that are no text end the command with their problems.
    pub fn open(global: &Global) -> Result<Self, Failure> {
        Self::open_at(project::find_root(global.directory.as_deref())?)
    }

    /// Reads the project in a folder.
    pub fn open_at(root: PathBuf) -> Result<Self, Failure> {
        let disk = read(root)?;
        let mut db = Database::default();
        let files = disk
            .files
            .iter()
            .map(|f| (f.name.clone(), Arc::clone(&f.text)))
            .collect();
        let input = db.project(files, Config::read(&disk.settings.text));
        Ok(Self { db, input, disk })
    }

    /// Reads the files again; what did not change keeps its results. Says whether anything did.
    pub fn refresh(&mut self) -> Result<bool, Failure> {
        let disk = read(self.disk.root.clone())?;
        if disk.settings.text == self.disk.settings.text
            && disk.files == self.disk.files
            && disk.left_out == self.disk.left_out
        {
            return Ok(false);
        }
        if disk.settings.text != self.disk.settings.text {
            self.db
                .set_config(self.input, Config::read(&disk.settings.text));
        }
        let known: BTreeMap<SmolStr, SourceFile> = self
            .input
            .files(&self.db)
            .iter()
            .map(|f| (f.path(&self.db), *f))
            .collect();
        let mut files = Vec::with_capacity(disk.files.len());
        for file in &disk.files {
            let text = Arc::clone(&file.text);
            files.push(if let Some(source) = known.get(&file.name) {
                self.db.set_text(*source, text);
                *source
            } else {
                self.db.file(file.name.clone(), text)
            });
        }
        if self.input.files(&self.db) != files {
            self.db.set_files(self.input, files);
        }
        self.disk = disk;
        Ok(true)
    }

    /// Checks names and types of the whole project, and the settings of its targets.
    pub fn check(&self) -> Report {
        let mut report = check_in_parallel(&self.db, self.input);
        let settings = crate::build::settings::problems(&self.input.config(&self.db));
        report.problems.extend(settings);
        report
            .problems
            .sort_by(|a, b| (&a.at, a.code, &a.message).cmp(&(&b.at, b.code, &b.message)));
        report
    }

    /// Checks, and ends the command with the problems where one is an error: what comes after needs a sound program.
    pub fn checked(&self) -> Result<Report, Failure> {
        let report = self.check();
        if report.has_errors() {
            return Err(Failure::problems(report.problems, self.sources()));
        }
        Ok(report)
    }

    /// The texts that problems may speak of.
    pub fn sources(&self) -> BTreeMap<SmolStr, Arc<str>> {
        texts(&self.disk)
    }
}

fn read(root: PathBuf) -> Result<Project, Failure> {
    let disk = project::load(root)?;
    if disk.problems.is_empty() {
        return Ok(disk);
    }
    let sources = texts(&disk);
    Err(Failure::problems(disk.problems, sources))
}

fn texts(disk: &Project) -> BTreeMap<SmolStr, Arc<str>> {
    let all = disk.files.iter().chain(std::iter::once(&disk.settings));
    all.map(|f| (f.name.clone(), Arc::clone(&f.text))).collect()
}
