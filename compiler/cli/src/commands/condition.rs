//! A condition that stands in no file: read as the language reads a claim about rows of a table.

use std::collections::BTreeMap;
use std::sync::Arc;

use ambit_compiler::{Config, Database, SETTINGS_FILE, check};
use ambit_core::{ClaimKind, Pred, Program};
use ambit_diagnostics::Level;
use smol_str::SmolStr;

use super::fragment;
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
    let text = fragment::condition(table, condition)?;
    sources.insert(WHERE.into(), text.into());
    let files = sources.iter().filter(|(name, _)| *name != SETTINGS_FILE);
    let files = files.map(|(name, text)| (name.clone(), Arc::clone(text)));
    let mut db = Database::default();
    let project = db.project(files.collect(), config);
    let mut problems = check(&db, project).problems;
    problems.retain(|p| p.at.file == WHERE && p.level == Level::Error);
    if !problems.is_empty() {
        return Err(Failure {
            message: format!("cannot read the condition `{condition}`"),
            ..Failure::problems(problems, sources)
        });
    }
    let found = ambit_compiler::program(&db, project).and_then(|program| {
        let mut claims = program.claims.iter();
        let claim = claims.find(|claim| claim.origin.file == WHERE)?;
        let ClaimKind::Can { pred, .. } = &claim.kind else {
            return None;
        };
        let pred = pred.clone();
        Some((program, pred))
    });
    found.ok_or_else(|| fragment::not_one(condition, "condition", None))
}
