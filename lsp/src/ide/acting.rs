//! For whom hover, hints and lenses speak: what somebody may reach, in a few words.

use std::sync::Arc;

use ambit_analysis::Access;
use ambit_cli::commands::access::{Cell, Cells};
use ambit_cli::commands::inputs;
use ambit_compiler::{Database, Db, Project};
use smol_str::SmolStr;

use super::roles;

/// Somebody and something.
#[salsa::interned]
struct Asked<'db> {
    who: SmolStr,
    resource: SmolStr,
}

/// The cell of reading; none while the project has errors, and where there is nobody or nothing of that name.
#[salsa::tracked(returns(clone))]
fn cell<'db>(db: &'db dyn Db, project: Project, asked: Asked<'db>) -> Option<Arc<Cell>> {
    let program = ambit_compiler::program(db, project)?;
    let who = inputs::bare(&program, asked.who(db)).ok()?;
    let resource = inputs::resource(&program, asked.resource(db)).ok()?;
    let actions = program.actions_of(resource);
    let action = actions.iter().find(|a| *a == "read").or(actions.first())?;
    let cell = Cells::new(&program).cell(who, resource, action, None);
    cell.ok().map(Arc::new)
}

/// What somebody may reach of a table or object: `everything`, `nothing`, or the condition.
pub fn reach(db: &Database, project: Project, who: &str, resource: &str) -> Option<Arc<Cell>> {
    let asked = Asked::new(db, SmolStr::new(who), SmolStr::new(resource));
    cell(db, project, asked)
}

/// The same in one line: ``dan reads where country = "FRANCE"``.
pub fn line(db: &Database, project: Project, who: &str, resource: &str) -> Option<String> {
    let cell = reach(db, project, who, resource)?;
    Some(match cell.access {
        Access::None => format!("{who} reads nothing"),
        Access::All => format!("{who} reads everything"),
        Access::Some => format!("{who} reads where {}", cell.predicate),
    })
}

/// Has somebody this role or group, or is it?
pub fn has(db: &Database, project: Project, who: &str, name: &str) -> bool {
    let own = who.split('(').next().unwrap_or(who).trim();
    own == name || roles::ancestors(db, project, own).iter().any(|a| a == name)
}

/// A text that is not longer than an editor's line has room for.
pub fn short(text: &str) -> String {
    const MOST: usize = 80;
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    let cut: String = text.chars().take(MOST - 1).collect();
    format!("{cut}…")
}
