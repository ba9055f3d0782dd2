//! The files: what editors hold open beats what is on disk.
//!
//! Each project has a database of its own. A project is found from a file by its nearest parent folder with an
//! `ambit.toml`, or from a folder that the editor opens, with the projects inside it. A file outside any project is a
//! project of its own, without settings.

mod workspace;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ambit_cli::project::SETTINGS;
pub use ambit_cli::project::is_source;
use ambit_compiler::SourceFile;

pub use workspace::Workspace;

/// A file that an editor holds open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its text there.
    pub text: Arc<str>,
    /// The editor's number for that text.
    pub version: i32,
}

/// The files that editors hold open.
pub type Documents = BTreeMap<PathBuf, Document>;

/// All files that the server knows.
#[derive(Default)]
pub struct Vfs {
    documents: Documents,
    folders: BTreeSet<PathBuf>,
    workspaces: Vec<Workspace>,
    /// The next identity of a workspace.
    next: u64,
}

impl Vfs {
    /// The files that are open.
    pub fn documents(&self) -> &Documents {
        &self.documents
    }

    /// The projects.
    pub fn workspaces(&self) -> &[Workspace] {
        &self.workspaces
    }

    /// The project that a file belongs to, and the file in it (none of `ambit.toml`).
    pub fn find(&self, path: &Path) -> Option<(&Workspace, Option<SourceFile>)> {
        let holds =
            |w: &&Workspace| w.file(path).is_some() || w.settings_path() == Some(path.to_owned());
        let workspace = self.workspaces.iter().find(holds)?;
        Some((workspace, workspace.file(path)))
    }

    /// The project that a path belongs to or is the folder of, the innermost one; without a path the first, files outside
    /// any project last.
    pub fn project(&self, path: Option<&Path>) -> Option<&Workspace> {
        let Some(path) = path else {
            let mut all = self.workspaces.iter();
            let first = all.clone().find(|w| w.root().is_some());
            return first.or_else(|| all.next());
        };
        if let Some((workspace, _)) = self.find(path) {
            return Some(workspace);
        }
        let around = self.workspaces.iter().filter(|w| w.covers(path));
        around.max_by_key(|w| w.root().map_or(0, |r| r.components().count()))
    }

    /// The projects that changed since the last call, in their new state.
    pub fn take_touched(&mut self) -> Vec<u64> {
        let touched = self
            .workspaces
            .iter_mut()
            .filter_map(Workspace::take_touched);
        touched.collect()
    }

    /// The editor opens a file, or says its text anew.
    pub fn set(&mut self, path: &Path, text: &Arc<str>, version: i32) {
        let document = Document {
            text: Arc::clone(text),
            version,
        };
        let was_open = self.documents.insert(path.to_owned(), document).is_some();
        let all = &mut self.workspaces;
        let known = all.iter_mut().position(|w| w.set_text(path, text));
        match known.and_then(|at| all.get_mut(at)) {
            // The settings say in which folder no sources are looked for.
            Some(workspace) if workspace.lists_otherwise() => {
                workspace.refresh(&self.documents);
                self.place_all();
            }
            Some(_) => {}
            None if !was_open && is_settings(path) => self.reload(),
            None => self.admit(path),
        }
    }

    /// The editor closes a file: what is on disk counts again.
    pub fn close(&mut self, path: &Path) {
        self.documents.remove(path);
        self.workspaces.retain(|w| !w.is_alone(path));
        if is_settings(path) {
            // Where it was never saved, or is gone from disk, its project goes with it.
            self.reload();
        }
        for workspace in &mut self.workspaces {
            if workspace.covers(path) {
                workspace.refresh(&self.documents);
            }
        }
        self.place_all();
        self.drop_unused();
    }

    /// Files changed on disk.
    pub fn changed_on_disk(&mut self, paths: &[PathBuf]) {
        if paths.iter().any(|p| is_settings(p)) {
            // A project may have come, gone, or taken files from another.
            self.reload();
            return;
        }
        for workspace in &mut self.workspaces {
            if paths.iter().any(|p| workspace.covers(p)) {
                workspace.refresh(&self.documents);
            }
        }
        self.place_all();
    }

    /// The editor opens folders and leaves others.
    pub fn set_folders(&mut self, added: Vec<PathBuf>, removed: &[PathBuf]) {
        self.folders.retain(|f| !removed.contains(f));
        self.folders.extend(added);
        self.reload();
    }

    /// Finds all projects again; those that are still there keep what they know.
    fn reload(&mut self) {
        let mut roots = BTreeSet::new();
        for folder in &self.folders {
            roots.extend(
                folder
                    .ancestors()
                    .find(|f| self.is_root(f))
                    .map(Path::to_path_buf),
            );
            projects_in(folder, 0, &mut roots);
        }
        for path in self.documents.keys() {
            roots.extend(self.root_of(path));
        }
        self.workspaces
            .retain(|w| w.root().is_none_or(|r| roots.contains(r)));
        for workspace in &mut self.workspaces {
            workspace.refresh(&self.documents);
        }
        for root in roots {
            if !self.workspaces.iter().any(|w| w.root() == Some(&root)) {
                self.add(Some(root), None);
            }
        }
        self.place_all();
    }

    /// Gives every open file its place: in a project, or outside any.
    fn place_all(&mut self) {
        let paths: Vec<PathBuf> = self.documents.keys().cloned().collect();
        for path in paths {
            let in_project = self
                .workspaces
                .iter()
                .any(|w| w.root().is_some() && w.file(&path).is_some());
            if in_project {
                self.workspaces.retain(|w| !w.is_alone(&path));
            } else {
                self.admit(&path);
            }
        }
    }

    /// Gives an open file its place in a project.
    fn admit(&mut self, path: &Path) {
        if self.find(path).is_some() {
            return;
        }
        let root = self.root_of(path);
        if let Some(root) = &root {
            let known = self.workspaces.iter_mut().find(|w| w.root() == Some(root));
            match known {
                Some(workspace) => workspace.refresh(&self.documents),
                None => self.add(Some(root.clone()), None),
            }
            if self.find(path).is_some() {
                return;
            }
        }
        if !is_settings(path) {
            self.add(None, Some(path.to_owned()));
        }
    }

    fn add(&mut self, root: Option<PathBuf>, alone: Option<PathBuf>) {
        let id = self.next;
        self.next += 1;
        let workspace = Workspace::new(id, root, alone, &self.documents);
        self.workspaces.push(workspace);
    }

    /// Projects in which no file is open and which no opened folder holds are let go.
    fn drop_unused(&mut self) {
        let wanted = |w: &Workspace| {
            let Some(root) = w.root() else { return true };
            let folder = |f: &PathBuf| f.starts_with(root) || root.starts_with(f);
            self.folders.iter().any(folder) || self.documents.keys().any(|d| w.covers(d))
        };
        let keep: Vec<bool> = self.workspaces.iter().map(wanted).collect();
        let mut keep = keep.into_iter();
        self.workspaces.retain(|_| keep.next().unwrap_or(true));
    }

    /// The folder of the project of a file.
    fn root_of(&self, path: &Path) -> Option<PathBuf> {
        let folder = path.parent().filter(|_| path.is_absolute())?;
        folder
            .ancestors()
            .find(|f| self.is_root(f))
            .map(Path::to_path_buf)
    }

    fn is_root(&self, folder: &Path) -> bool {
        let settings = folder.join(SETTINGS);
        self.documents.contains_key(&settings) || settings.is_file()
    }
}

/// So deep is looked for projects below a folder that the editor opens.
const DEEPEST: usize = 8;

/// The folders below `folder` that hold an `ambit.toml`.
fn projects_in(folder: &Path, depth: usize, out: &mut BTreeSet<PathBuf>) {
    if folder.join(SETTINGS).is_file() {
        out.insert(folder.to_owned());
    }
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let skipped = name.starts_with('.') || ["target", "node_modules"].contains(&&*name);
        let is_folder = entry.file_type().is_ok_and(|t| t.is_dir());
        if is_folder && !skipped && depth < DEEPEST {
            projects_in(&entry.path(), depth + 1, out);
        }
    }
}

/// Is it an `ambit.toml`?
fn is_settings(path: &Path) -> bool {
    path.file_name().is_some_and(|n| n == SETTINGS)
}
