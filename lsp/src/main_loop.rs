//! The one place that changes anything: events come in the order of the client's messages, and readers get a state of
//! the moment at which their question came.
//!
//! An edit cancels the readers of its project: their databases unwind, and the client is told that the content was
//! modified. Diagnostics are made anew after every change, the first stage at once and the second after a pause; a set
//! for a state that is gone is dropped, and one that the client has already is not sent again.

mod guard;
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
use tower_lsp::ls_types::{Diagnostic, TextDocumentContentChangeEvent};

use self::guard::caught;
use self::telling::Telling;
use crate::convert::{self, Shared, Snapshot, problems};
use crate::ide;
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
    /// The second stage's problems; none of the first.
    findings: Option<Arc<Vec<Resolved>>>,
    /// Diagnostics of all that is known, by file.
    files: BTreeMap<PathBuf, Vec<Diagnostic>>,
}

/// What goes to the client.
#[derive(Debug)]
pub enum Out {
    /// Diagnostics of a file, with the number of its text.
    Publish(PathBuf, Vec<Diagnostic>, Option<i32>),
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
    /// What the second stage said of a state.
    findings: BTreeMap<u64, (u64, Arc<Vec<Resolved>>)>,
    /// What the client has, by project and file.
    published: BTreeMap<u64, BTreeMap<PathBuf, Vec<Diagnostic>>>,
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
            findings: BTreeMap::new(),
            published: BTreeMap::new(),
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
        let edit = matches!(event, Event::Change(..));
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
                    self.move_findings(&path, &old, &text);
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
        self.first_stages(edit);
    }

    /// Moves what the second stage said along with an edit.
    fn move_findings(&mut self, path: &Path, old: &str, new: &str) {
        let Some((workspace, Some(file))) = self.vfs.find(path) else {
            return;
        };
        let name = file.path(&workspace.db);
        if let Some((_, findings)) = self.findings.get_mut(&workspace.id)
            && old != new
        {
            *findings = Arc::new(stale::moved(findings, &name, old, new));
        }
    }

    fn snapshot(&self, workspace: &Workspace) -> Snapshot {
        let findings = self.findings.get(&workspace.id);
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
    fn first_stages(&mut self, edit: bool) {
        for id in self.vfs.take_touched() {
            if !edit {
                // Nobody knows where its places have gone.
                self.findings.remove(&id);
            }
            if self.shared.views {
                self.telling.touch(id, Instant::now());
            }
            self.stage(id, false);
            self.due.insert(id, Instant::now() + PAUSE);
        }
        let gone: Vec<u64> = {
            let known: BTreeSet<u64> = self.vfs.workspaces().iter().map(|w| w.id).collect();
            let published = self.published.keys().copied();
            published.filter(|id| !known.contains(id)).collect()
        };
        for id in gone {
            // Nobody speaks of these files any more.
            self.publish(id, BTreeMap::new());
            self.published.remove(&id);
            self.findings.remove(&id);
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
            self.stage(id, true);
        }
    }

    fn stage(&self, id: u64, second: bool) {
        let Some(workspace) = self.vfs.workspaces().iter().find(|w| w.id == id) else {
            return;
        };
        let revision = workspace.revision;
        let mut snapshot = self.snapshot(workspace);
        // Until the second stage speaks of this state, what it said of the one before stays.
        snapshot.findings = self.findings.get(&id).map(|(_, f)| Arc::clone(f));
        let events = self.events.clone();
        self.pool.run(Box::new(move || {
            let told = caught(&snapshot, || {
                second.then(|| Arc::new(ide::problems::second(&snapshot.db, snapshot.project)))
            });
            let told = told.and_then(|findings| {
                if findings.is_some() {
                    snapshot.findings.clone_from(&findings);
                }
                let files = caught(&snapshot, || {
                    problems::by_file(&snapshot, &problems::known(&snapshot))
                })?;
                Ok((findings, files))
            });
            // The database must be free before the main loop hears of it, or an edit would wait for nothing.
            drop(snapshot);
            // What was called off is asked again by the edit that did so.
            if let Ok((findings, files)) = told {
                let told = Told {
                    workspace: id,
                    revision,
                    findings,
                    files,
                };
                // At the end of a session nobody listens any more.
                let _ = events.send(Event::Told(told));
            }
        }));
    }

    fn told(&mut self, told: Told) {
        let workspace = self
            .vfs
            .workspaces()
            .iter()
            .find(|w| w.id == told.workspace);
        if workspace.is_none_or(|w| w.revision != told.revision) {
            return;
        }
        if let Some(findings) = told.findings {
            let entry = (told.revision, findings);
            self.findings.insert(told.workspace, entry);
            if self.shared.pulls && self.shared.refreshes {
                let _ = self.out.send(Out::Refresh);
            }
        }
        if !self.shared.pulls {
            self.publish(told.workspace, told.files);
        }
    }

    /// Sends what the client does not have yet.
    fn publish(&mut self, id: u64, mut files: BTreeMap<PathBuf, Vec<Diagnostic>>) {
        let workspace = self.vfs.workspaces().iter().find(|w| w.id == id);
        let before = self.published.entry(id).or_default();
        let open = self.vfs.documents();
        let empty = open
            .keys()
            .filter(|p| workspace.is_some_and(|w| w.covers(p)));
        let empty = empty.filter(|p| workspace.is_some_and(|w| w.file(p).is_some()));
        for path in before.keys().chain(empty) {
            files.entry(path.clone()).or_default();
        }
        for (path, diagnostics) in &files {
            if before.get(path) != Some(diagnostics) {
                let version = open.get(path).map(|d| d.version);
                let _ = self
                    .out
                    .send(Out::Publish(path.clone(), diagnostics.clone(), version));
            }
        }
        files.retain(|path, diagnostics| !diagnostics.is_empty() || open.contains_key(path));
        *before = files;
    }
}
