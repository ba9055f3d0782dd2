//! What somebody may do in the end: for each table and object the condition that all rules together make, as small as it is
//! proved to be, and the same in SQL.
//!
//! Such answers take a solver, so a large project has none in a hover: there the views ask for one table at a time.

// The macros of salsa make items of their own, without docs.
#![allow(missing_docs)]

use std::fmt::Write as _;
use std::sync::Arc;

use ambit_analysis::Access;
use ambit_cli::build::settings;
use ambit_cli::commands::access::Cells;
use ambit_compiler::{Database, Db, Project, program};
use ambit_core::{Holder, PrincipalId, Program, Resource, TableId};
use ambit_targets::sql::{Sql, dialect_named, entry, homes};
use ambit_targets::target::Context;
use smol_str::SmolStr;

use super::markdown;

/// The largest project (in bytes of its texts) of which a hover or a hint asks the solver.
pub const MAX_BYTES: usize = 48 << 10;

/// So many tables and objects are looked at.
const MAX_RESOURCES: usize = 12;

/// What somebody may do with a table or an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The table or object.
    pub resource: SmolStr,
    /// The action.
    pub action: SmolStr,
    /// How much of it.
    pub access: Access,
    /// Where; as the language writes it.
    pub predicate: String,
}

/// What somebody may do in the end.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Effective {
    /// The principal, as programs name it: with a role's arguments.
    pub name: SmolStr,
    /// What it may, tables first.
    pub lines: Vec<Line>,
    /// Further tables and objects that some rule of theirs speaks of.
    pub more: usize,
}

/// Is the project small enough to be asked on every move?
pub fn small(db: &dyn Db, project: Project) -> bool {
    let files = project.files(db).iter();
    files.map(|f| f.text(db).len()).sum::<usize>() <= MAX_BYTES
}

/// Somebody, by the name of the declaration.
#[salsa::interned(debug)]
pub struct Somebody<'db> {
    /// The name.
    pub name: SmolStr,
}

/// What somebody may do; of a role with parameters for its first instance. Nothing while the project has errors.
#[salsa::tracked(returns(clone))]
pub fn effective<'db>(
    db: &'db dyn Db,
    project: Project,
    somebody: Somebody<'db>,
) -> Option<Arc<Effective>> {
    let program = program(db, project)?;
    let who = find(&program, somebody.name(db))?;
    let all = touched(&program, who);
    let cells = Cells::new(&program);
    let mut lines = Vec::new();
    for resource in all.iter().take(MAX_RESOURCES) {
        let actions = program.actions_of(*resource);
        for action in &actions {
            db.unwind_if_revision_cancelled();
            // What is beyond the solver is told by the check.
            let Ok(cell) = cells.cell(Some(who), *resource, action, None) else {
                continue;
            };
            if cell.access != Access::None || action == "read" {
                lines.push(Line {
                    resource: program.resource_name(*resource).clone(),
                    action: action.clone(),
                    access: cell.access,
                    predicate: cell.predicate,
                });
            }
        }
    }
    Some(Arc::new(Effective {
        name: program.principal(who).name.clone(),
        lines,
        more: all.len().saturating_sub(MAX_RESOURCES),
    }))
}

/// A principal of the program, by its name or that of its role.
fn find(program: &Program, name: &str) -> Option<PrincipalId> {
    let own = |p: &ambit_core::Principal| p.test.is_none() && p.base == name;
    let found = program.principals.iter().position(own)?;
    Some(PrincipalId(found as u32))
}

/// The tables and objects that rules of a bare principal speak of, and open tables.
fn touched(program: &Program, who: PrincipalId) -> Vec<Resource> {
    let closure = &program.principal(who).closure;
    let mut all: Vec<Resource> = program
        .rules
        .iter()
        .filter(|rule| match &rule.holder {
            Holder::Principal(p) => closure.contains(p),
            Holder::Everyone => true,
            Holder::EveryoneExcept(list) => !list.iter().any(|p| closure.contains(p)),
        })
        .map(|rule| rule.resource)
        .collect();
    let open = program.tables.iter().enumerate().filter(|(_, t)| t.open);
    all.extend(open.map(|(n, _)| Resource::Table(TableId(n as u32))));
    all.sort_unstable();
    all.dedup();
    all
}

/// The program as a build writes it.
#[salsa::tracked(returns(clone))]
fn written(db: &dyn Db, project: Project) -> Option<Arc<Program>> {
    let program = program(db, project)?;
    Some(Arc::new(ambit_analysis::smallest(&program)))
}

/// It as Markdown; nothing of a large project, or of one with errors.
pub fn told(db: &Database, project: Project, name: &str, with_sql: bool) -> Option<String> {
    if !small(db, project) {
        return None;
    }
    let found = effective(db, project, Somebody::new(db, SmolStr::new(name)))?;
    let mut text = format!(
        "\n\nIn the end, with {} alone:",
        markdown::inline(&found.name)
    );
    if found.lines.is_empty() {
        text.push_str(" nothing.");
        return Some(text);
    }
    let mut rules = String::new();
    for line in &found.lines {
        let (action, resource) = (&line.action, &line.resource);
        let said = match line.access {
            Access::All => format!("grant {action} on {resource}\n"),
            Access::Some => format!("grant {action} on {resource} where {}\n", line.predicate),
            Access::None => format!("// {action} on {resource}: nothing\n"),
        };
        rules.push_str(&said);
    }
    if found.more > 0 {
        let _ = writeln!(rules, "// and {} more", found.more);
    }
    let rules = markdown::block("ambit", rules.trim_end());
    let _ = write!(text, "\n\n{rules}");
    let some = |line: &&Line| line.access == Access::Some && line.action == "read";
    for line in found.lines.iter().filter(some).filter(|_| with_sql) {
        if let Some((word, sql)) = sql(db, project, name, &line.resource) {
            let sql = markdown::block("sql", &format!("-- {}, {word}\n{sql}", line.resource));
            let _ = write!(text, "\n\n{sql}");
        }
    }
    Some(text)
}

/// The condition under which somebody reads rows of a table, in the SQL of the table's source: the dialect and the text.
pub fn sql(
    db: &Database,
    project: Project,
    name: &str,
    table: &str,
) -> Option<(&'static str, String)> {
    let program = written(db, project)?;
    let (who, table) = (find(&program, name)?, program.find_table(table)?);
    let source = program.source_of(table, None);
    let kind = source.and_then(|s| program.sources.get(s.index()))?;
    // What another engine speaks is shown as SQLite has it.
    let word = if kind.kind == "postgres" {
        "postgres"
    } else {
        "sqlite"
    };
    let config = project.config(db);
    let context = Context {
        program: &program,
        per_user: config.per_user,
        options: settings::options(&config, &Sql),
        frozen: None,
    };
    let dialect = dialect_named(word)?;
    // Where the table stands first, as everywhere in the editor.
    let all = homes(&program, table, dialect);
    let home = all.iter().find(|s| **s == source).or(all.first())?;
    let said = entry(&context, dialect, Some(who), (table, *home), "read")?;
    Some((word, said.get("inline")?.as_str()?.to_owned()))
}
