//! Checking a project: all its problems, with places in files.

use std::collections::HashMap;
use std::sync::Arc;

use ambit_diagnostics::{ItemKey, Level, Place, Problem, Resolved};

use crate::db::{Database, Db, Project, SourceFile};
use crate::graph::{program_problems, summarise};
use crate::items::{Item, file_items};
use crate::settings::Config;
use crate::types::check_item;

/// The problems of one file's items, with places in files.
#[salsa::tracked(returns(clone))]
pub fn check_file(db: &dyn Db, file: SourceFile) -> Arc<Vec<Resolved>> {
    let mut out: Vec<Resolved> = Vec::new();
    out.extend(file.characters(db).iter().map(|p| resolve(db, p)));
    for item in file_items(db, file) {
        let own = item.key(db);
        for problem in &check_item(db, *item).problems {
            out.push(Resolved::new(problem, level_of(problem), &|key| {
                let item = if key == own {
                    Some(*item)
                } else {
                    find_item(db, key)
                };
                item.map(|i| i.start(db))
            }));
        }
    }
    Arc::new(out)
}

/// The items of a file by their identity. Only problems that point to other items ask for it.
#[salsa::tracked(returns(ref))]
fn items_by_key(db: &dyn Db, file: SourceFile) -> HashMap<String, Item<'_>> {
    file_items(db, file)
        .iter()
        .map(|item| (identity(item.key(db)), *item))
        .collect()
}

/// An identity within a file, as text.
fn identity(key: &ItemKey) -> String {
    format!("{} {} {}", key.keyword, key.nth, key.name)
}

/// The item of that identity.
pub fn find_item<'db>(db: &'db dyn Db, key: &ItemKey) -> Option<Item<'db>> {
    let project = Project::get(db);
    let files = project.files(db);
    let index = files.binary_search_by(|f| f.path(db).cmp(&key.file)).ok()?;
    items_by_key(db, *files.get(index)?)
        .get(&identity(key))
        .copied()
}

fn level_of(problem: &Problem) -> Level {
    ambit_diagnostics::registry::find(problem.code).map_or(Level::Error, |c| c.level)
}

fn resolve(db: &dyn Db, problem: &Problem) -> Resolved {
    Resolved::new(problem, level_of(problem), &|key| {
        find_item(db, key).map(|i| i.start(db))
    })
}

/// What `check --stage types` gives.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// Everything that is wrong, in the order of files and places.
    pub problems: Vec<Resolved>,
    /// How many items the project has.
    pub items: usize,
    /// How many files it has.
    pub files: usize,
}

impl Report {
    /// Is anything at level error?
    pub fn has_errors(&self) -> bool {
        self.problems.iter().any(|p| p.level == Level::Error)
    }
}

/// The problems of the settings and of the program as a whole, with places in files.
#[salsa::tracked(returns(clone))]
pub fn check_program(db: &dyn Db, project: Project) -> Arc<Vec<Resolved>> {
    let config = project.config(db);
    let whole = program_problems(db, project);
    let all = config.problems.iter().chain(&*whole);
    Arc::new(all.map(|p| resolve(db, p)).collect())
}

/// What `[lints]` makes of problems, in the order of places and without doubles.
pub fn settled(config: &Config, mut problems: Vec<Resolved>) -> Vec<Resolved> {
    problems.retain_mut(|problem| {
        let slug = ambit_diagnostics::registry::find(problem.code).map_or("", |c| c.slug);
        match config.lints.get(slug) {
            Some(Some(level)) => {
                problem.level = *level;
                true
            }
            Some(None) => false,
            None => true,
        }
    });
    problems.sort_by(|a, b| (&a.at, a.code, &a.message).cmp(&(&b.at, b.code, &b.message)));
    problems.dedup();
    problems
}

/// Checks a project: settings, then every item, then the program as a whole.
pub fn check(db: &dyn Db, project: Project) -> Report {
    let mut report = Report {
        files: project.files(db).len(),
        ..Report::default()
    };
    let mut problems = Vec::new();
    for file in project.files(db) {
        report.items += file_items(db, *file).len();
        problems.extend(check_file(db, *file).iter().cloned());
    }
    problems.extend(check_program(db, project).iter().cloned());
    report.problems = settled(&project.config(db), problems);
    report
}

/// Runs the queries that [`check`] needs on as many threads as there are cores; the answers stay in the database.
pub fn check_in_parallel(db: &Database, project: Project) -> Report {
    prepare(db, project);
    check(db, project)
}

/// Runs the queries that a check needs, on as many threads as there are cores.
pub fn prepare(db: &Database, project: Project) {
    let files = project.files(db);
    let threads = std::thread::available_parallelism()
        .map_or(1, std::num::NonZero::get)
        .min(files.len().max(1));
    if threads > 1 {
        // Names first: every item needs them, and they need every file split.
        warm(db, files, threads, &|db, file| {
            file_items(db, file);
        });
        warm(db, files, threads, &|db, file| {
            check_file(db, file);
            for item in file_items(db, file) {
                summarise(db, *item);
            }
        });
    }
}

/// Runs `query` for every file, on several threads; each takes the next file until none is left.
fn warm(
    db: &Database,
    files: &[SourceFile],
    threads: usize,
    query: &(dyn Fn(&Database, SourceFile) + Sync),
) {
    let next = std::sync::atomic::AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            let db = db.clone();
            let next = &next;
            let work = move || {
                while let Some(file) =
                    files.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed))
                {
                    query(&db, *file);
                }
            };
            // Where an edit cancels this, the caller's own next query unwinds, with the reason.
            scope.spawn(|| salsa::Cancelled::catch(std::panic::AssertUnwindSafe(work)).ok());
        }
    });
}

/// Where a place stands in its file.
pub fn resolve_place(db: &dyn Db, place: &Place) -> ambit_diagnostics::FileSpan {
    match place {
        Place::File(file, span) => ambit_diagnostics::FileSpan {
            file: file.clone(),
            start: span.start,
            end: span.end,
        },
        Place::Item(key, span) => {
            let start = find_item(db, key).map_or(0, |i| i.start(db));
            ambit_diagnostics::FileSpan {
                file: key.file.clone(),
                start: start + span.start,
                end: start + span.end,
            }
        }
    }
}
