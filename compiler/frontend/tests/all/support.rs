//! Loading small projects, and printing their problems.

use std::fmt::Write;
use std::sync::Arc;

use ambit_compiler::{Config, Database, Project, check};
use ambit_diagnostics::LineIndex;

/// A project of these files (path and text) and this `ambit.toml`.
pub fn load(files: &[(&str, &str)], toml: &str) -> (Database, Project) {
    let mut db = Database::default();
    let files = files
        .iter()
        .map(|(path, text)| ((*path).into(), Arc::from(*text)))
        .collect();
    let project = db.project(files, Config::read(toml));
    (db, project)
}

/// The program in Core, printed.
pub fn core(db: &Database, project: Project) -> String {
    ambit_core::dump::dump(&ambit_compiler::program(db, project).expect("no errors"))
}

/// Every problem, a line each: file, line, column, code, message; then label, related places and help.
pub fn problems(db: &Database, project: Project) -> String {
    let mut out = String::new();
    for p in check(db, project).problems {
        let text = project
            .files(db)
            .iter()
            .find(|f| f.path(db) == p.at.file)
            .map(|f| f.text(db))
            .unwrap_or_default();
        let at = LineIndex::new(&text).position(&text, p.at.start);
        let shown = text
            .get(p.at.start as usize..p.at.end as usize)
            .unwrap_or("")
            .replace('\n', "⏎");
        writeln!(
            out,
            "{}:{}:{} {} {}",
            p.at.file, at.line, at.col, p.code, p.message
        )
        .unwrap();
        writeln!(out, "  at `{shown}`: {}", p.label).unwrap();
        for (message, place) in &p.related {
            writeln!(out, "  {}: {message}", place.file).unwrap();
        }
        for help in &p.help {
            writeln!(out, "  help: {help}").unwrap();
        }
        for note in &p.notes {
            writeln!(out, "  note: {note}").unwrap();
        }
        for fix in &p.fixes {
            writeln!(out, "  fix: {}", fix.title).unwrap();
        }
    }
    out
}
