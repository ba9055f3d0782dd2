//! The one place that changes anything: events come in the order of the client's messages, and readers get a state of
//! the moment at which their question came.
//!
//! An edit cancels the readers of its project: their databases unwind, and the client is told that the content was
//! modified. Diagnostics are made anew after every change, the first stage at once (of the edited file before all others)
//! and the second after a pause; a set for a state that is gone is dropped, and one that the client has already is not
//! sent again.

mod guard;
mod published;
mod stale;
mod telling;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use ambit_cli::project::SETTINGS;
use ambit_diagnostics::Resolved;
use tokio::sync::mpsc::UnboundedSender;
use tower_lsp::ls_types::TextDocumentContentChangeEvent;

use self::guard::caught;
use self::published::Published;
use self::telling::Telling;
use crate::convert::told::{self, Cache, Diagnostics};
use crate::convert::{self, Shared, Snapshot};
use crate::ide;
use crate::ide::problems::ByFile;
use crate::pool::Pool;
use crate::vfs::{Vfs, Workspace, is_source};

pub use self::guard::{CancelSlot, guarded};

/// How long nothing must change before the second stage begins.
const PAUSE: Duration = Duration::from_millis(200);

/// What happens.
pub enum Event {
    /// The session begins.
    Begin(Arc<Shared>, Vec<PathBuf>),
    /// A file is opened.
    Open(PathBuf, String, i32),
    /// A file is edited.
    Change(PathBuf, Vec<TextDocumentContentChangeEvent>, i32),
    /// A file is closed.
    Close(PathBuf),
    /// Files changed on disk.
    Disk(Vec<PathBuf>),
    /// Folders come and go.
    Folders(Vec<PathBuf>, Vec<PathBuf>),
    /// A question about a file's project.
    Ask(PathBuf, Question),
    /// A question about all projects.
    AskAll(QuestionForAll),
    /// A question about the project that a path belongs to or is the folder of; without a path about the first.
    AskProject(Option<PathBuf>, Question),
    /// A stage of diagnostics is done.
    Told(Told),
    /// The session ends.
    End,
}

/// A question, asked of a state on another thread; of nothing where the file is not known.
pub type Question = Box<dyn FnOnce(Option<Snapshot>) + Send>;
/// A question about all projects.
pub type QuestionForAll = Box<dyn FnOnce(Vec<Snapshot>) + Send>;

/// What one stage says of a state of a project.
pub struct Told {
    workspace: u64,
    revision: u64,
    said: Said,
}

enum Said {
    /// The diagnostics of the file that was edited.
    Part(PathBuf, Diagnostics),
    /// Those of all files.
    Whole {
        /// The second stage's problems; none of the first.
        findings: Option<Arc<ByFile>>,
        /// What only the program as a whole has wrong.
        program: Arc<ByFile>,
        cache: Arc<Cache>,
        files: BTreeMap<PathBuf, Diagnostics>,
    },
}

/// What was said last of a project; its places move along with edits.
#[derive(Default)]
struct Known {
    /// What only the program as a whole has wrong; none where nobody knows.
    program: Option<Arc<ByFile>>,
    /// What the second stage said, and of which state.
    findings: Option<(u64, Arc<ByFile>)>,
    /// The diagnostics that were made of all that.
    cache: Arc<Cache>,
}

/// What goes to the client.
#[derive(Debug)]
pub enum Out {
    /// Diagnostics of a file, with the number of its text.
    Publish(PathBuf, Diagnostics, Option<i32>),
    /// Diagnostics should be asked for again.
    Refresh,
    /// What views show of a project has changed: its `ambit.toml`, or the file that is alone.
    Changed(PathBuf),
    /// Something that the client sent was wrong.
    Complain(String),
}

/// The session.
pub struct MainLoop {
    vfs: Vfs,
    shared: Arc<Shared>,
    pool: Pool,
    events: Sender<Event>,
    out: UnboundedSender<Out>,
    /// When the second stage of a project is due.
    due: BTreeMap<u64, Instant>,
    /// Of what views are to be told.
    telling: Telling,
    /// What was said of each project.
    known: BTreeMap<u64, Known>,
    /// What the client has.
    published: Published,
}

impl MainLoop {
    /// A session that sends itself what its readers find.
    pub fn new(events: Sender<Event>, out: UnboundedSender<Out>) -> Self {
        Self {
            vfs: Vfs::default(),
            shared: Arc::default(),
            pool: Pool::new(),
            events,
            out,
            due: BTreeMap::new(),
            telling: Telling::default(),
            known: BTreeMap::new(),
            published: Published::default(),
        }
    }

    /// Takes events until the session ends.
    pub fn run(mut self, inbox: &Receiver<Event>) {
        loop {
            let next = self.due.values().min().copied();
            let next = next.into_iter().chain(self.telling.next()).min();
            let wait = next.map(|at| at.saturating_duration_since(Instant::now()));
            let event = match wait {
                Some(wait) => inbox.recv_timeout(wait),
                None => inbox.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match event {
                Ok(Event::End) | Err(RecvTimeoutError::Disconnected) => return,
                Ok(event) => self.take(event),
                Err(RecvTimeoutError::Timeout) => {}
            }
            self.second_stages();
            self.tell_views();
        }
    }

    fn take(&mut self, event: Event) {
        let edited = match &event {
            Event::Change(path, ..) => Some(path.clone()),
            _ => None,
        };
        match event {
            Event::Begin(shared, folders) => {
                self.shared = shared;
                self.vfs.set_folders(folders, &[]);
            }
            Event::Open(path, text, version) => self.vfs.set(&path, &text.into(), version),
            Event::Change(path, changes, version) => {
                if let Some(document) = self.vfs.documents().get(&path) {
                    let old = Arc::clone(&document.text);
                    let text = convert::changed(&old, changes, self.shared.encoding);
                    self.move_known(&path, &old, &text);
                    self.vfs.set(&path, &text, version);
                }
            }
            Event::Close(path) => self.vfs.close(&path),
            Event::Disk(paths) => {
                self.rows_on_disk(&paths);
                self.vfs.changed_on_disk(&paths);
            }
            Event::Folders(added, removed) => self.vfs.set_folders(added, &removed),
            Event::Ask(path, question) => {
                let found = self.vfs.find(&path);
                let snapshot = found.map(|(workspace, file)| Snapshot {
                    file,
                    ..self.snapshot(workspace)
                });
                self.pool.run(Box::new(move || question(snapshot)));
            }
            Event::AskAll(question) => {
                let all = self.vfs.workspaces().iter();
                let all: Vec<Snapshot> = all.map(|w| self.snapshot(w)).collect();
                self.pool.run(Box::new(move || question(all)));
            }
            Event::AskProject(path, question) => {
                let found = self.vfs.project(path.as_deref());
                let snapshot = found.map(|workspace| self.snapshot(workspace));
                self.pool.run(Box::new(move || question(snapshot)));
            }
            Event::Told(told) => self.told(told),
            Event::End => {}
        }
        self.first_stages(edited.as_deref());
    }

    /// Moves what was said along with an edit.
    fn move_known(&mut self, path: &Path, old: &str, new: &str) {
        let Some((workspace, Some(file))) = self.vfs.find(path) else {
            return;
        };
        let name = file.path(&workspace.db);
        if let Some(known) = self.known.get_mut(&workspace.id)
            && old != new
        {
            let findings = known.findings.as_mut().map(|(_, findings)| findings);
            for list in findings.into_iter().chain(&mut known.program) {
                let moved = |problems: &[Resolved]| stale::moved(problems, &name, old, new);
                Arc::make_mut(list).change(&name, moved);
            }
        }
    }

    fn snapshot(&self, workspace: &Workspace) -> Snapshot {
        let known = self.known.get(&workspace.id);
        let findings = known.and_then(|known| known.findings.as_ref());
        Snapshot {
            id: workspace.id,
            db: workspace.db.clone(),
            project: workspace.project,
            file: None,
            paths: Arc::clone(&workspace.paths),
            settings: (workspace.settings_path(), Arc::clone(&workspace.settings)),
            unreadable: Arc::clone(&workspace.unreadable),
            findings: findings
                .filter(|(revision, _)| *revision == workspace.revision)
                .map(|(_, findings)| Arc::clone(findings)),
            shared: Arc::clone(&self.shared),
        }
    }

    /// Begins the first stage of every project that changed.
    fn first_stages(&mut self, edited: Option<&Path>) {
        for id in self.vfs.take_touched() {
            let known = self.known.entry(id).or_default();
            if edited.is_none() {
                // Nobody knows where its places have gone.
                (known.program, known.findings) = (None, None);
            }
            if self.shared.views {
                self.telling.touch(id, Instant::now());
            }
            self.stage(id, Stage::First(edited));
            self.due.insert(id, Instant::now() + PAUSE);
        }
        let gone: Vec<u64> = {
            let known: BTreeSet<u64> = self.vfs.workspaces().iter().map(|w| w.id).collect();
            let mut ours = self.published.projects();
            ours.extend(self.known.keys());
            ours.difference(&known).copied().collect()
        };
        for id in gone {
            // Nobody speaks of these files any more.
            self.publish(id, BTreeMap::new());
            self.known.remove(&id);
            self.due.remove(&id);
            self.telling.forget(id);
        }
    }

    /// Rows that views may show changed on disk, and no text with them.
    fn rows_on_disk(&mut self, paths: &[PathBuf]) {
        let rows = |p: &&PathBuf| p.file_name().is_some_and(|n| n != SETTINGS) && !is_source(p);
        for path in paths.iter().filter(rows) {
            if let Some(workspace) = self.vfs.project(Some(path))
                && self.shared.views
            {
                self.telling.touch(workspace.id, Instant::now());
            }
        }
    }

    /// Tells of projects that changed.
    fn tell_views(&mut self) {
        for id in self.telling.take(Instant::now()) {
            let workspace = self.vfs.workspaces().iter().find(|w| w.id == id);
            if let Some(path) = workspace.and_then(Workspace::address) {
                let _ = self.out.send(Out::Changed(path));
            }
        }
    }

    /// Begins the second stage of every project that has been quiet for long enough.
    fn second_stages(&mut self) {
        let now = Instant::now();
        let due: Vec<u64> = self
            .due
            .iter()
            .filter(|(_, at)| **at <= now)
            .map(|(id, _)| *id)
            .collect();
        for id in due {
            self.due.remove(&id);
            self.stage(id, Stage::Second);
        }
    }

    fn stage(&self, id: u64, stage: Stage<'_>) {
        let Some(workspace) = self.vfs.workspaces().iter().find(|w| w.id == id) else {
            return;
        };
        if self.shared.pulls && matches!(stage, Stage::First(_)) {
            // The client asks for it.
            return;
        }
        let mut snapshot = self.snapshot(workspace);
        let known = self.known.get(&id);
        // Until the second stage speaks of this state, what it said of the one before stays.
        let findings = known.and_then(|known| known.findings.as_ref());
        snapshot.findings = findings.map(|(_, findings)| Arc::clone(findings));
        let program = known.and_then(|known| known.program.clone());
        let cache = known.map(|known| Arc::clone(&known.cache));
        let part = match stage {
            Stage::First(Some(path)) => workspace
                .file(path)
                .map(|file| (path.to_owned(), file.path(&workspace.db))),
            _ => None,
        };
        let tell = {
            let (events, workspace, revision) = (self.events.clone(), id, workspace.revision);
            move |said| {
                let told = Told {
                    workspace,
                    revision,
                    said,
                };
                // At the end of a session nobody listens any more.
                let _ = events.send(Event::Told(told));
            }
        };
        let second = matches!(stage, Stage::Second);
        self.pool.run(Box::new(move || {
            if let (Some((path, name)), Some(program)) = (part, program) {
                // Whoever types looks at this file: it does not wait for the rest of the project.
                match caught(&snapshot, || told::part(&snapshot, &name, &program)) {
                    Ok(diagnostics) => tell(Said::Part(path, diagnostics)),
                    Err(_) => return,
                }
            }
            let said = caught(&snapshot, || {
                let (db, project) = (&snapshot.db, snapshot.project);
                ambit_compiler::prepare(db, project);
                let findings =
                    second.then(|| Arc::new(ByFile::new(ide::problems::second(db, project))));
                (Arc::new(ide::problems::program(db, project)), findings)
            });
            let said = said.and_then(|(program, findings)| {
                if findings.is_some() {
                    snapshot.findings.clone_from(&findings);
                }
                let before = cache.unwrap_or_default();
                caught(&snapshot, || {
                    let cache = told::whole(&snapshot, &program, &before);
                    Said::Whole {
                        findings,
                        program,
                        files: cache.files(&snapshot),
                        cache: Arc::new(cache),
                    }
                })
            });
            // The database must be free before the main loop hears of it, or an edit would wait for nothing.
            drop(snapshot);
            // What was called off is asked again by the edit that did so.
            if let Ok(said) = said {
                tell(said);
            }
        }));
    }

    fn told(&mut self, told: Told) {
        let id = told.workspace;
        let workspace = self.vfs.workspaces().iter().find(|w| w.id == id);
        if workspace.is_none_or(|w| w.revision != told.revision) {
            return;
        }
        match told.said {
            Said::Part(path, diagnostics) => self.publish_one(id, path, diagnostics),
            Said::Whole {
                findings,
                program,
                cache,
                files,
            } => {
                let known = self.known.entry(id).or_default();
                (known.program, known.cache) = (Some(program), cache);
                if let Some(findings) = findings {
                    known.findings = Some((told.revision, findings));
                    if self.shared.pulls && self.shared.refreshes {
                        let _ = self.out.send(Out::Refresh);
                    }
                }
                if !self.shared.pulls {
                    self.publish(id, files);
                }
            }
        }
    }

    /// Sends the diagnostics of one file, where the client does not have them yet.
    fn publish_one(&mut self, id: u64, path: PathBuf, diagnostics: Diagnostics) {
        if self.published.one(id, &path, &diagnostics) {
            self.send(path, diagnostics);
        }
    }

    /// Sends what the client does not have yet.
    fn publish(&mut self, id: u64, files: BTreeMap<PathBuf, Diagnostics>) {
        let workspace = self.vfs.workspaces().iter().find(|w| w.id == id);
        let open = self.vfs.documents().keys();
        let open = open.filter(|p| workspace.is_some_and(|w| w.file(p).is_some()));
        let open: Vec<PathBuf> = open.cloned().collect();
        for (path, diagnostics) in self.published.whole(id, files, &open) {
            self.send(path, diagnostics);
        }
    }

    fn send(&self, path: PathBuf, diagnostics: Diagnostics) {
        let version = self.vfs.documents().get(&path).map(|d| d.version);
        let _ = self.out.send(Out::Publish(path, diagnostics, version));
    }
}

/// A stage of diagnostics.
#[derive(Clone, Copy)]
enum Stage<'a> {
    /// Settings, syntax, names, types; after an edit of that file.
    First(Option<&'a Path>),
    /// Claims and findings.
    Second,
}
