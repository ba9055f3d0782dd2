//! Problems as diagnostics, and their fixes as actions.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::str::FromStr as _;
use std::sync::Arc;

use ambit_cli::project::SETTINGS;
use ambit_diagnostics::{FileSpan, Resolved};
use ambit_grammar::Span;
use smol_str::SmolStr;
use tower_lsp::ls_types::{CodeAction, CodeActionKind, CodeActionOrCommand, Location, Range, Uri};

use super::mark::Mark;
use super::{Snapshot, range};
use crate::ide::problems::{self, ByFile};
use crate::lines::Lines;

/// What the second stage says of a state, as far as it is known.
fn findings(snapshot: &Snapshot) -> Option<Arc<ByFile>> {
    match &snapshot.findings {
        Some(findings) => Some(Arc::clone(findings)),
        // This client asks once for a state and cannot be told to ask again.
        None if snapshot.shared.pulls && !snapshot.shared.refreshes => Some(Arc::new(ByFile::new(
            problems::second(&snapshot.db, snapshot.project),
        ))),
        None => None,
    }
}

/// All problems of a state, as far as they are known.
pub fn known(snapshot: &Snapshot) -> Vec<Resolved> {
    let mut all = problems::first(&snapshot.db, snapshot.project);
    all.extend(snapshot.unreadable.iter().cloned());
    if let Some(findings) = findings(snapshot) {
        all.extend(findings.all().cloned());
    }
    all
}

/// The problems of one file, as far as they are known.
pub fn known_of(snapshot: &Snapshot, name: &str) -> Vec<Resolved> {
    let program = problems::program(&snapshot.db, snapshot.project);
    let findings = findings(snapshot);
    gathered(snapshot, name, &program, findings.as_deref())
}

/// The problems of one file: of the first stage, those that reading it had, of the second.
pub(super) fn gathered(
    snapshot: &Snapshot,
    name: &str,
    program: &ByFile,
    findings: Option<&ByFile>,
) -> Vec<Resolved> {
    let program = program.of(name).map(|list| list.as_slice());
    let mut all = problems::first_of(&snapshot.db, snapshot.project, name, program);
    let unreadable = snapshot.unreadable.iter();
    all.extend(unreadable.filter(|p| p.at.file == name).cloned());
    let findings = findings.and_then(|findings| findings.of(name));
    all.extend(findings.into_iter().flat_map(|list| list.iter().cloned()));
    all
}

/// The problems of one file, as far as they are known, as the client counts.
pub fn of_path(snapshot: &Snapshot, path: &Path) -> Vec<Mark> {
    let name = match snapshot.file {
        Some(file) => file.path(&snapshot.db),
        None if snapshot.settings.0.as_deref() == Some(path) => SmolStr::new(SETTINGS),
        None => return Vec::new(),
    };
    let mut places = Places::new(snapshot);
    let all = known_of(snapshot, &name).into_iter();
    all.filter_map(|p| places.mark(&p)).collect()
}

/// Problems by file, as the client counts.
pub fn by_file(snapshot: &Snapshot, problems: &[Resolved]) -> BTreeMap<PathBuf, Vec<Mark>> {
    let mut places = Places::new(snapshot);
    let mut files: BTreeMap<PathBuf, Vec<Mark>> = BTreeMap::new();
    for problem in problems {
        if let Some(path) = snapshot.path(&problem.at.file)
            && let Some(mark) = places.mark(problem)
        {
            files.entry(path.clone()).or_default().push(mark);
        }
    }
    files
}

/// The address of a file, and its lines.
type Addressed = (Arc<Uri>, Arc<Lines>);

/// The addresses of files, codes and bytes, each looked up once for many problems.
pub(super) struct Places<'s> {
    snapshot: &'s Snapshot,
    files: BTreeMap<SmolStr, Option<Addressed>>,
    pages: BTreeMap<&'static str, Option<Arc<Uri>>>,
}

impl<'s> Places<'s> {
    pub fn new(snapshot: &'s Snapshot) -> Self {
        Self {
            snapshot,
            files: BTreeMap::new(),
            pages: BTreeMap::new(),
        }
    }

    fn located(&mut self, at: &FileSpan) -> Option<(Arc<Uri>, Range)> {
        let snapshot = self.snapshot;
        let known = self.files.entry(at.file.clone());
        let named = || {
            let (uri, lines) = snapshot.named(&at.file)?;
            Some((Arc::new(uri), lines))
        };
        let (uri, lines) = known.or_insert_with(named).as_ref()?;
        let span = Span::new(at.start, at.end);
        Some((Arc::clone(uri), range(lines, span, snapshot.encoding())))
    }

    /// A problem with its places as the client counts them.
    pub fn mark(&mut self, problem: &Resolved) -> Option<Mark> {
        let (_, range) = self.located(&problem.at)?;
        let related = problem.related.iter();
        let mut related: Vec<(SmolStr, Arc<Uri>, Range)> = related
            .filter_map(|(message, at)| {
                let (uri, range) = self.located(at)?;
                Some((message.clone(), uri, range))
            })
            .collect();
        related.shrink_to_fit();
        let base = self.snapshot.shared.pages.as_deref();
        let known = self.pages.entry(problem.code);
        let page = known.or_insert_with(|| page(base, problem.code).map(Arc::new));
        Some(Mark {
            code: problem.code,
            level: problem.level,
            range,
            said: Arc::clone(&problem.said),
            related,
            page: page.clone().filter(|_| !self.snapshot.shared.undescribed),
        })
    }
}

/// The address of the page of a code: below the base that the client gave, else one of a scheme of our own that a
/// client may answer with the page's text.
pub fn page(base: Option<&str>, code: &str) -> Option<Uri> {
    let address = match base {
        Some(base) => format!("{base}{code}.md"),
        None => format!("ambit:/errors/{code}.md"),
    };
    Uri::from_str(&address).ok()
}

/// The fixes offered for a range.
pub fn actions(snapshot: &Snapshot, range: Range) -> Vec<CodeActionOrCommand> {
    let (name, span) = match snapshot.file {
        Some(file) => (file.path(&snapshot.db), snapshot.span(file, range)),
        None => (SETTINGS.into(), snapshot.settings_span(range)),
    };
    let all = known_of(snapshot, &name);
    let mut places = Places::new(snapshot);
    problems::fixes(&all, &name, span)
        .into_iter()
        .filter_map(|(problem, fix)| {
            let edits = fix.edits.iter();
            let edits: Option<Vec<_>> = edits
                .map(|(at, text): &(FileSpan, String)| {
                    let (uri, range) = places.located(at)?;
                    let uri = Uri::clone(&uri);
                    Some((Location { uri, range }, text.clone()))
                })
                .collect();
            let edits = edits?;
            Some(CodeActionOrCommand::CodeAction(CodeAction {
                title: fix.title.to_string(),
                kind: Some(CodeActionKind::QUICKFIX),
                diagnostics: places.mark(problem).map(|mark| vec![mark.diagnostic()]),
                edit: Some(snapshot.workspace_edit(edits)),
                is_preferred: fix.safe.then_some(true),
                ..CodeAction::default()
            }))
        })
        .collect()
}
