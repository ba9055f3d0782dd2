//! The stages that speak of a whole project.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use ambit_compiler::{Config, Database, check, check_item, file_items};
use ambit_core::print::print_rule;
use ambit_core::{Holder, ObjectId, PrincipalId, Program, Resource, TableId};

use super::tree;
use crate::args::Global;
use crate::commands::inputs;
use crate::exit::Failure;
use crate::workspace::Workspace;

/// Each item with what it means; all files where none is named.
pub(super) fn typed(global: &Global, file: &str) -> Result<String, Failure> {
    let workspace = Workspace::open(global)?;
    let db = &workspace.db;
    let mut out = String::new();
    for source in wanted(&workspace, file)? {
        for item in file_items(db, source) {
            let key = item.key(db);
            let checked = check_item(db, *item);
            let _ = writeln!(
                out,
                "// {} {} {}\n{}",
                key.file,
                key.keyword,
                key.name,
                tree(&checked.typed)
            );
        }
    }
    Ok(out)
}

/// The files of that name, or all.
fn wanted(workspace: &Workspace, file: &str) -> Result<Vec<ambit_compiler::SourceFile>, Failure> {
    let db = &workspace.db;
    let all = workspace.input.files(db);
    let found: Vec<_> = all
        .iter()
        .copied()
        .filter(|f| file.is_empty() || f.path(db) == file)
        .collect();
    if found.is_empty() && !file.is_empty() {
        return Err(Failure::usage(format!("the project has no file `{file}`"))
            .help("name it as `ambit check` does: from the folder that holds ambit.toml"));
    }
    Ok(found)
}

/// The project in Core.
pub(super) fn core(global: &Global) -> Result<String, Failure> {
    let workspace = Workspace::open(global)?;
    Ok(ambit_core::dump::dump(
        inputs::program(&workspace)?.as_ref(),
    ))
}

/// For each principal and resource the rules that meet there when a user has that principal alone.
pub(super) fn predicates(global: &Global) -> Result<String, Failure> {
    let workspace = Workspace::open(global)?;
    let program = inputs::program(&workspace)?;
    let tables = (0..program.tables.len()).map(|i| Resource::Table(TableId(i as u32)));
    let objects = (0..program.objects.len()).map(|i| Resource::Object(ObjectId(i as u32)));
    let resources: Vec<Resource> = tables.chain(objects).collect();
    let mut out = String::new();
    for (index, principal) in program.principals.iter().enumerate() {
        if principal.test.is_some() {
            continue;
        }
        for resource in &resources {
            let rules: Vec<_> = program
                .rules
                .iter()
                .filter(|r| {
                    r.resource == *resource && holds(&program, &r.holder, PrincipalId(index as u32))
                })
                .collect();
            if rules.is_empty() {
                continue;
            }
            let _ = writeln!(
                out,
                "{} on {}",
                principal.name,
                program.resource_name(*resource)
            );
            for rule in rules {
                let _ = writeln!(
                    out,
                    "    {}:{} {}",
                    rule.origin.file,
                    rule.origin.line,
                    print_rule(&program, rule)
                );
            }
        }
    }
    Ok(out)
}

/// Does a rule of this holder bind a user who has this principal alone?
fn holds(program: &Program, holder: &Holder, principal: PrincipalId) -> bool {
    let closure = &program.principal(principal).closure;
    match holder {
        Holder::Principal(id) => closure.contains(id),
        Holder::Everyone => true,
        Holder::EveryoneExcept(ids) => ids.iter().all(|id| !closure.contains(id)),
    }
}

/// How often each query runs at first, and again after a blank line on top of a file.
pub(super) fn events(global: &Global, file: &str) -> Result<String, Failure> {
    let workspace = Workspace::open(global)?;
    let mut db = Database::with_log();
    let files = workspace
        .disk
        .files
        .iter()
        .map(|f| (f.name.clone(), Arc::clone(&f.text)))
        .collect();
    let project = db.project(files, Config::read(&workspace.disk.settings.text));
    check(&db, project);
    let mut out = String::from("at first\n");
    counts(&db.take_log(), &mut out);
    let first = project
        .files(&db)
        .iter()
        .copied()
        .find(|f| file.is_empty() || f.path(&db) == file);
    if let Some(first) = first {
        let text: Arc<str> = format!("\n{}", first.text(&db)).into();
        let name = first.path(&db);
        db.set_text(first, text);
        check(&db, project);
        let _ = writeln!(out, "after a blank line on top of {name}");
        counts(&db.take_log(), &mut out);
    }
    Ok(out)
}

fn counts(log: &[String], out: &mut String) {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for event in log {
        *counts
            .entry(event.split('(').next().unwrap_or(event))
            .or_default() += 1;
    }
    for (query, count) in counts {
        let _ = writeln!(out, "    {count:6} {query}");
    }
}
