//! A condition that stands in no file: read as the language reads a claim about rows of a table.

use std::collections::BTreeMap;
use std::sync::Arc;

use ambit_compiler::{Config, Database, SETTINGS_FILE, check, file_items};
use ambit_core::{ClaimKind, Pred, Program};
use smol_str::SmolStr;

use crate::exit::Failure;

/// The name of the file in which it stands.
const WHERE: &str = "--where";

/// The program of these files, and a condition on rows of one of its tables.
pub fn read(
    mut sources: BTreeMap<SmolStr, Arc<str>>,
    config: Config,
    table: &str,
    condition: &str,
) -> Result<(Arc<Program>, Pred), Failure> {
    // On one line, so that it stays within its item.
    let condition = condition.replace(['\n', '\r'], " ");
    let text = format!("assert anyone can never read {table} where {condition}\n");
    sources.insert(WHERE.into(), text.into());
    let files = sources.iter().filter(|(name, _)| *name != SETTINGS_FILE);
    let files = files.map(|(name, text)| (name.clone(), Arc::clone(text)));
    let mut db = Database::default();
    let project = db.project(files.collect(), config);
    let mut problems = check(&db, project).problems;
    problems.retain(|p| p.at.file == WHERE);
    if !problems.is_empty() {
        return Err(Failure {
            message: format!("cannot read the condition `{condition}`"),
            ..Failure::problems(problems, sources)
        });
    }
    let mut files = project.files(&db).iter();
    let own = files.find(|file| file.path(&db) == WHERE);
    let items = own.map_or(0, |file| file_items(&db, *file).len());
    let program = ambit_compiler::program(&db, project).filter(|_| items == 1);
    let found = program.and_then(|program| {
        let mut claims = program.claims.iter();
        let claim = claims.find(|claim| claim.origin.file == WHERE)?;
        let ClaimKind::Can { pred, .. } = &claim.kind else {
            return None;
        };
        let pred = pred.clone();
        Some((program, pred))
    });
    found.ok_or_else(|| Failure::usage(format!("`{condition}` is not one condition")))
}
