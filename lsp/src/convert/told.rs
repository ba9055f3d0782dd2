//! Diagnostics of a whole project, made anew only for the files of which something else is to be said.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use ambit_cli::project::SETTINGS;
use ambit_compiler::{Config, check_file};
use ambit_diagnostics::Resolved;
use smol_str::SmolStr;

use super::Snapshot;
use super::mark::Mark;
use super::problems::{Places, gathered};
use crate::ide::file_named;
use crate::ide::problems::ByFile;

/// The diagnostics of a file; those that did not change are the ones that were there before.
pub type Diagnostics = Arc<Vec<Mark>>;

/// Problems of one kind, as they came.
type List = Option<Arc<Vec<Resolved>>>;

/// What the diagnostics of a file were made of.
#[derive(Debug, Clone)]
struct Made {
    config: Arc<Config>,
    typed: List,
    program: List,
    findings: List,
    unreadable: Arc<Vec<Resolved>>,
    /// The texts in which places were counted: its own, and those that its problems point to.
    texts: Vec<(SmolStr, Option<Arc<str>>)>,
    diagnostics: Diagnostics,
}

/// The diagnostics of a project by the names of its files, with what they were made of.
#[derive(Debug, Clone, Default)]
pub struct Cache(BTreeMap<SmolStr, Made>);

impl Cache {
    /// The diagnostics by path; files of which there is nothing to say are left out.
    pub fn files(&self, snapshot: &Snapshot) -> BTreeMap<PathBuf, Diagnostics> {
        let all = self.0.iter();
        all.filter(|(_, made)| !made.diagnostics.is_empty())
            .filter_map(|(name, made)| {
                Some((snapshot.path(name)?.clone(), Arc::clone(&made.diagnostics)))
            })
            .collect()
    }
}

/// The diagnostics of a state, from those of a state before.
pub fn whole(snapshot: &Snapshot, program: &ByFile, before: &Cache) -> Cache {
    let findings = snapshot.findings.as_deref();
    let names = snapshot.paths.keys().cloned();
    let unreadable = snapshot.unreadable.iter().map(|p| p.at.file.clone());
    let names: BTreeSet<SmolStr> = names
        .chain([SmolStr::new(SETTINGS)])
        .chain(unreadable)
        .collect();
    let config = snapshot.project.config(&snapshot.db);
    let mut places = Places::new(snapshot);
    let mut cache = BTreeMap::new();
    for name in names {
        let file = file_named(&snapshot.db, snapshot.project, &name);
        let list = |by: &ByFile| by.of(&name).cloned();
        let made = Made {
            config: Arc::clone(&config),
            typed: file.map(|file| check_file(&snapshot.db, file)),
            program: list(program),
            findings: findings.and_then(list),
            unreadable: Arc::clone(&snapshot.unreadable),
            texts: Vec::new(),
            diagnostics: Diagnostics::default(),
        };
        let made = match before.0.get(&name) {
            Some(old) if old.is_still(&made, snapshot) => old.clone(),
            _ => made.fill(snapshot, &name, &mut places),
        };
        cache.insert(name, made);
    }
    Cache(cache)
}

/// The diagnostics of one file of a state, with what was known of the program as a whole before.
pub fn part(snapshot: &Snapshot, name: &str, program: &ByFile) -> Diagnostics {
    let mut places = Places::new(snapshot);
    let problems = gathered(snapshot, name, program, snapshot.findings.as_deref());
    let all = problems.iter();
    Arc::new(all.filter_map(|p| places.mark(p)).collect())
}

impl Made {
    /// Would the same come out, with what has come now?
    fn is_still(&self, now: &Self, snapshot: &Snapshot) -> bool {
        let same = |a: &List, b: &List| match (a, b) {
            (Some(a), Some(b)) => Arc::ptr_eq(a, b) || a == b,
            // A list without problems says as much as none.
            (Some(one), None) | (None, Some(one)) => one.is_empty(),
            (None, None) => true,
        };
        let unmoved = |(name, old): &(SmolStr, Option<Arc<str>>)| match (old, snapshot.text(name)) {
            (Some(old), Some(new)) => Arc::ptr_eq(old, &new) || *old == new,
            (old, new) => *old == new,
        };
        Arc::ptr_eq(&self.config, &now.config)
            && same(&self.typed, &now.typed)
            && same(&self.program, &now.program)
            && same(&self.findings, &now.findings)
            && (Arc::ptr_eq(&self.unreadable, &now.unreadable) || self.unreadable == now.unreadable)
            && self.texts.iter().all(unmoved)
    }

    fn fill(mut self, snapshot: &Snapshot, name: &str, places: &mut Places<'_>) -> Self {
        let program = self.program.as_deref().cloned().unwrap_or_default();
        let program = ByFile::new(program);
        let problems = gathered(snapshot, name, &program, snapshot.findings.as_deref());
        let named = problems
            .iter()
            .flat_map(|p| p.related.iter().map(|(_, at)| at).chain([&p.at]));
        let named: BTreeSet<SmolStr> = named.map(|at| at.file.clone()).collect();
        let texts = named.into_iter().map(|name| {
            let text = snapshot.text(&name);
            (name, text)
        });
        self.texts = texts.collect();
        let all = problems.iter();
        self.diagnostics = Arc::new(all.filter_map(|p| places.mark(p)).collect());
        self
    }
}
