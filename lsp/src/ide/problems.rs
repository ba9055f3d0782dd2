//! What is wrong with a project, in two stages, and the changes that mend it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ambit_cli::project::SETTINGS;
use ambit_compiler::{Database, Project, check_file, check_in_parallel, check_program, settled};
use ambit_diagnostics::{Resolved, ResolvedFix};
use ambit_grammar::Span;
use smol_str::SmolStr;

use super::file_named;

/// Problems by the name of the file they stand in; a list that did not change is the one that was there before.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ByFile(BTreeMap<SmolStr, Listed>);

/// The problems of a file, and the other files that they point to.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Listed {
    problems: Arc<Vec<Resolved>>,
    others: Arc<BTreeSet<SmolStr>>,
}

impl Listed {
    fn new(file: &str, problems: Vec<Resolved>) -> Self {
        let others = problems.iter().flat_map(|p| &p.related);
        let others = others.map(|(_, at)| at.file.clone());
        Self {
            others: Arc::new(others.filter(|other| other != file).collect()),
            problems: Arc::new(problems),
        }
    }
}

impl ByFile {
    /// Sorts problems into files; within one they keep their order.
    pub fn new(problems: impl IntoIterator<Item = Resolved>) -> Self {
        let mut lists: BTreeMap<SmolStr, Vec<Resolved>> = BTreeMap::new();
        for problem in problems {
            let file = problem.at.file.clone();
            lists.entry(file).or_default().push(problem);
        }
        let lists = lists.into_iter();
        Self(
            lists
                .map(|(file, list)| (file.clone(), Listed::new(&file, list)))
                .collect(),
        )
    }

    /// The problems of a file.
    pub fn of(&self, file: &str) -> Option<&Arc<Vec<Resolved>>> {
        self.0.get(file).map(|listed| &listed.problems)
    }

    /// The files that have problems.
    pub fn files(&self) -> impl Iterator<Item = &SmolStr> {
        self.0.keys()
    }

    /// All problems.
    pub fn all(&self) -> impl Iterator<Item = &Resolved> {
        self.0.values().flat_map(|listed| listed.problems.iter())
    }

    /// Changes the lists that speak of a file.
    pub fn change(&mut self, file: &str, change: impl Fn(&[Resolved]) -> Vec<Resolved>) {
        for (name, listed) in &mut self.0 {
            if name == file || listed.others.contains(file) {
                *listed = Listed::new(name, change(&listed.problems));
            }
        }
    }
}

/// The first stage: settings, syntax, names, types, the program as a whole.
pub fn first(db: &Database, project: Project) -> Vec<Resolved> {
    let mut problems = check_in_parallel(db, project).problems;
    problems.extend(ambit_cli::build::settings::problems(&project.config(db)));
    problems
}

/// What only the program as a whole has wrong, and the settings.
pub fn program(db: &Database, project: Project) -> ByFile {
    ByFile::new(check_program(db, project).iter().cloned())
}

/// The first stage of one file (or of `ambit.toml`), with what the program as a whole has wrong.
pub fn first_of(
    db: &Database,
    project: Project,
    name: &str,
    program: Option<&[Resolved]>,
) -> Vec<Resolved> {
    let config = project.config(db);
    let mut problems: Vec<Resolved> = match file_named(db, project, name) {
        Some(file) => check_file(db, file).to_vec(),
        None => Vec::new(),
    };
    problems.extend(program.into_iter().flatten().cloned());
    let mut problems = settled(&config, problems);
    if name == SETTINGS {
        problems.extend(ambit_cli::build::settings::problems(&config));
    }
    problems
}

/// The second stage: claims and findings; nothing while the first has errors.
pub fn second(db: &Database, project: Project) -> Vec<Resolved> {
    ambit_analysis::report(db, project).problems
}

/// What such a problem is about can go: editors fade it.
pub fn fades(code: &str) -> bool {
    matches!(code, "W0601" | "W0602" | "W0603")
}

/// The changes offered for problems of a file that a range touches, each with its problem.
pub fn fixes<'p>(
    problems: &'p [Resolved],
    file: &str,
    range: Span,
) -> Vec<(&'p Resolved, &'p ResolvedFix)> {
    problems
        .iter()
        .filter(|p| p.at.file == file && p.at.start <= range.end && range.start <= p.at.end)
        .flat_map(|p| p.fixes.iter().map(move |fix| (p, fix)))
        .collect()
}
