//! A project in its database: read from disk, with the texts of the editor in the place of those on disk.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ambit_cli::project::{self, Rules, SETTINGS};
use ambit_compiler::{Config, Database, Project, SourceFile};
use ambit_diagnostics::Resolved;
use smol_str::SmolStr;

use super::{Documents, is_source};

/// A project, or a file outside any.
pub struct Workspace {
    /// Its identity, which outlives its contents.
    pub id: u64,
    /// The database.
    pub db: Database,
    /// The project in it.
    pub project: Project,
    /// Counts the changes.
    pub revision: u64,
    /// The files by their names in the project.
    pub paths: Arc<BTreeMap<SmolStr, PathBuf>>,
    /// What could not be read from disk.
    pub unreadable: Arc<Vec<Resolved>>,
    /// The text of `ambit.toml`.
    pub settings: Arc<str>,
    /// The folder; none of a file outside any project.
    root: Option<PathBuf>,
    alone: Option<PathBuf>,
    files: BTreeMap<PathBuf, SourceFile>,
    /// What the settings said of which files are sources when they were listed.
    listed_by: Option<Rules>,
    touched: bool,
}

/// A file as it is to be.
type Wanted = (SmolStr, PathBuf, Arc<str>);

impl Workspace {
    /// Reads a project, or takes a file that is open.
    pub fn new(
        id: u64,
        root: Option<PathBuf>,
        alone: Option<PathBuf>,
        documents: &Documents,
    ) -> Self {
        let mut db = Database::default();
        let project = db.project(Vec::new(), Config::default());
        let mut workspace = Self {
            id,
            db,
            project,
            revision: 0,
            paths: Arc::default(),
            unreadable: Arc::default(),
            settings: Arc::from(""),
            root,
            alone,
            files: BTreeMap::new(),
            listed_by: None,
            touched: true,
        };
        workspace.refresh(documents);
        workspace
    }

    /// The folder of the project.
    pub fn root(&self) -> Option<&PathBuf> {
        self.root.as_ref()
    }

    /// Is it that file, outside any project?
    pub fn is_alone(&self, path: &Path) -> bool {
        self.alone.as_deref() == Some(path)
    }

    /// Where its `ambit.toml` is.
    pub fn settings_path(&self) -> Option<PathBuf> {
        self.root.as_ref().map(|r| r.join(SETTINGS))
    }

    /// By what it is known outside: its `ambit.toml`, or the file outside any project.
    pub fn address(&self) -> Option<PathBuf> {
        self.settings_path().or_else(|| self.alone.clone())
    }

    /// A file of it.
    pub fn file(&self, path: &Path) -> Option<SourceFile> {
        self.files.get(path).copied()
    }

    /// Could the file belong to it?
    pub fn covers(&self, path: &Path) -> bool {
        self.is_alone(path) || self.root.as_ref().is_some_and(|r| path.starts_with(r))
    }

    /// Its identity, where it changed since the last call.
    pub fn take_touched(&mut self) -> Option<u64> {
        std::mem::take(&mut self.touched).then(|| {
            self.revision += 1;
            self.id
        })
    }

    /// The new text of a file of this project; says whether it is one.
    pub fn set_text(&mut self, path: &Path, text: &Arc<str>) -> bool {
        if self.settings_path().as_deref() == Some(path) {
            self.set_settings(text);
            return true;
        }
        let Some(file) = self.files.get(path).copied() else {
            return false;
        };
        if file.text(&self.db) != *text {
            self.db.set_text(file, Arc::clone(text));
            self.touched = true;
        }
        true
    }

    fn set_settings(&mut self, text: &Arc<str>) {
        if self.settings != *text {
            self.settings = Arc::clone(text);
            self.db.set_config(self.project, Config::read(text));
            self.touched = true;
        }
    }

    /// What the settings say of which files are sources.
    fn rules(&self) -> Rules {
        Rules::of(&self.project.config(&self.db))
    }

    /// Would its files be others if they were listed now, by what the settings say?
    pub fn lists_otherwise(&self) -> bool {
        self.root.as_ref().map(|_| self.rules()) != self.listed_by
    }

    /// Reads the files again; what did not change keeps its results.
    pub fn refresh(&mut self, documents: &Documents) {
        let mut problems = Vec::new();
        let wanted = match (&self.root, &self.alone) {
            (Some(root), _) => {
                let root = root.clone();
                let settings = self.settings_text(&root, documents, &mut problems);
                self.set_settings(&settings);
                self.listed_by = Some(self.rules());
                self.wanted(&root, documents, &mut problems)
            }
            (None, Some(path)) => documents
                .get(path)
                .map(|d| (file_name(path), path.clone(), Arc::clone(&d.text)))
                .into_iter()
                .collect(),
            (None, None) => Vec::new(),
        };
        if *self.unreadable != problems {
            self.unreadable = Arc::new(problems);
            self.touched = true;
        }
        self.take(wanted);
    }

    /// Makes the project hold these files.
    fn take(&mut self, wanted: Vec<Wanted>) {
        let mut files = BTreeMap::new();
        let mut paths = BTreeMap::new();
        for (name, path, text) in wanted {
            let file = match self.files.get(&path).copied() {
                Some(file) => {
                    if file.text(&self.db) != text {
                        self.db.set_text(file, text);
                        self.touched = true;
                    }
                    file
                }
                None => self.db.file(name.clone(), text),
            };
            files.insert(path.clone(), file);
            paths.insert(name, path);
        }
        if files != self.files {
            self.db
                .set_files(self.project, files.values().copied().collect());
            self.files = files;
            self.paths = Arc::new(paths);
            self.touched = true;
        }
    }

    fn settings_text(
        &self,
        root: &Path,
        documents: &Documents,
        problems: &mut Vec<Resolved>,
    ) -> Arc<str> {
        let path = root.join(SETTINGS);
        if let Some(document) = documents.get(&path) {
            return Arc::clone(&document.text);
        }
        match project::read(SETTINGS.into(), path, problems) {
            Ok(file) => file.text,
            // Between being found and being read it may go; the old text is better than none.
            Err(_) => Arc::clone(&self.settings),
        }
    }

    /// The files of the project: those on disk, and those that so far only the editor has.
    fn wanted(
        &self,
        root: &Path,
        documents: &Documents,
        problems: &mut Vec<Resolved>,
    ) -> Vec<Wanted> {
        let rules = self.rules();
        let on_disk = project::sources(root, &rules).unwrap_or_else(|failure| {
            problems.push(project::cannot_list(failure.message));
            project::Listing::default()
        });
        let mut files: BTreeMap<PathBuf, (SmolStr, Arc<str>)> = BTreeMap::new();
        for (name, path) in on_disk.sources {
            if in_unsaved_project(root, documents, &path) {
                continue;
            }
            let text = match documents.get(&path) {
                Some(document) => Ok(Arc::clone(&document.text)),
                None => project::read(name.clone(), path.clone(), problems).map(|f| f.text),
            };
            // A file that cannot be read just now is as good as gone.
            if let Ok(text) = text {
                files.insert(path, (name, text));
            }
        }
        for (path, document) in documents {
            if !files.contains_key(path)
                && is_source(path)
                && !in_unsaved_project(root, documents, path)
                && let Some(name) = unsaved(root, &rules, path)
            {
                files.insert(path.clone(), (name, Arc::clone(&document.text)));
            }
        }
        let files = files.into_iter();
        files
            .map(|(path, (name, text))| (name, path, text))
            .collect()
    }
}

/// Does the file belong to a project inside this one whose `ambit.toml` only the editor has?
fn in_unsaved_project(root: &Path, documents: &Documents, path: &Path) -> bool {
    let folders = path.ancestors().skip(1).take_while(|f| *f != root);
    folders
        .map(|folder| folder.join(SETTINGS))
        .any(|settings| documents.contains_key(&settings))
}

/// The name in the project of a file that is only in the editor; none where it would not belong to the project.
fn unsaved(root: &Path, rules: &Rules, path: &Path) -> Option<SmolStr> {
    if path.exists() {
        // What is on disk and was not found there does not belong.
        return None;
    }
    let relative = path.strip_prefix(root).ok()?;
    let parts: Option<Vec<&str>> = relative
        .components()
        .map(|c| c.as_os_str().to_str())
        .collect();
    let parts = parts?;
    let mut folder = root.to_owned();
    let mut name = String::new();
    for (position, part) in parts.iter().enumerate() {
        if position > 0 {
            name.push('/');
        }
        name.push_str(part);
        if rules.why_not(&name).is_some() {
            return None;
        }
        folder.push(part);
        if folder.join(SETTINGS).is_file() {
            return None;
        }
    }
    Some(parts.join("/").into())
}

fn file_name(path: &Path) -> SmolStr {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    SmolStr::new(name)
}
