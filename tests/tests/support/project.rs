//! A project in memory.

use std::sync::Arc;

use ambit_compiler::{Config, Database, Project, Report, check};
use ambit_diagnostics::render::{Human, human};
use ambit_diagnostics::{LineIndex, Sources};
use smol_str::SmolStr;

use super::marks::Mark;

/// The text of settings where a project has none of its own.
pub const PLAIN: &str = "[project]\nname = \"test\"\n";

/// A project in memory, checked.
pub struct Checked {
    pub db: Database,
    pub project: Project,
    pub report: Report,
    files: Vec<(String, String)>,
}

impl Checked {
    /// Checks files (name and text) with the text of `ambit.toml`.
    pub fn new(files: &[(String, String)], settings: Option<&str>) -> Self {
        let settings = settings.unwrap_or(PLAIN);
        let mut db = Database::default();
        let texts = files
            .iter()
            .map(|(name, text)| (SmolStr::new(name), Arc::from(text.as_str())))
            .collect();
        let project = db.project(texts, Config::read(settings));
        let report = check(&db, project);
        let mut files = files.to_vec();
        files.push(("ambit.toml".into(), settings.into()));
        Self {
            db,
            project,
            report,
            files,
        }
    }

    /// Adds what the second stage of `check` says: claims that fail, and, if wanted, findings.
    pub fn with_meaning(mut self, findings: bool) -> Self {
        if !self.report.has_errors() {
            let meaning = ambit_analysis::report(&self.db, self.project);
            assert_eq!(meaning.fault, None);
            let wanted = |p: &ambit_diagnostics::Resolved| findings || p.code.starts_with('E');
            self.report
                .problems
                .extend(meaning.problems.into_iter().filter(wanted));
        }
        self
    }

    /// The text of a file.
    pub fn text(&self, file: &str) -> Option<&str> {
        self.files
            .iter()
            .find(|(name, _)| name == file)
            .map(|(_, text)| text.as_str())
    }

    /// The problems as marks: file, line, code.
    pub fn marks(&self) -> Vec<Mark> {
        let mark = |p: &ambit_diagnostics::Resolved| Mark {
            file: p.at.file.to_string(),
            line: self.line(&p.at.file, p.at.start),
            what: p.code.to_owned(),
        };
        let mut marks: Vec<Mark> = self.report.problems.iter().map(mark).collect();
        marks.sort();
        marks
    }

    /// The line of a byte, from 1.
    pub fn line(&self, file: &str, byte: u32) -> u32 {
        self.text(file)
            .map_or(0, |text| LineIndex::new(text).position(text, byte).line)
    }

    /// The problems as people see them.
    pub fn rendered(&self) -> String {
        let fetch = |file: &str| self.text(file).map(Arc::from);
        human(
            &self.report.problems,
            &Sources::new(&fetch),
            Human::default(),
        )
    }
}
