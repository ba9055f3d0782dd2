//! The server's state below the protocol: what is warm must equal what a cold start says of the same texts.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use ambit_diagnostics::Resolved;
use ambit_lsp::convert::{self, Shared, Snapshot, mark, problems};
use ambit_lsp::ide;
use ambit_lsp::lines::{Encoding, lines};
use ambit_lsp::vfs::{Vfs, Workspace};
use serde_json::Value;

use super::columns;
use super::world::{Act, World};

/// The files of the server under test.
pub struct State {
    vfs: Vfs,
    encoding: Encoding,
}

/// How much a comparison said.
#[derive(Debug, Default, Clone, Copy)]
pub struct Said {
    /// States that were compared.
    pub states: u64,
    /// Those of projects without errors, of which the second stage speaks.
    pub sound: u64,
    /// Problems of the first stage, and of the second.
    pub first: u64,
    pub second: u64,
}

impl Said {
    pub fn add(&mut self, other: Self) {
        self.states += other.states;
        self.sound += other.sound;
        self.first += other.first;
        self.second += other.second;
    }
}

/// What is known of a project: its files, and what is wrong.
#[derive(Debug, PartialEq)]
struct Told {
    files: BTreeMap<String, (PathBuf, String)>,
    settings: String,
    first: Vec<Resolved>,
    second: Vec<Resolved>,
    unreadable: Vec<Resolved>,
}

impl State {
    pub fn new(world: &World) -> Self {
        let mut vfs = Vfs::default();
        vfs.set_folders(vec![world.root.clone()], &[]);
        Self {
            vfs,
            encoding: world.encoding,
        }
    }

    /// A server that starts now and is told of the files that are open.
    pub fn cold(world: &World) -> Self {
        let mut state = Self::new(world);
        for (path, open) in &world.open {
            let text = open.text.as_str().into();
            state.vfs.set(path, &text, open.version);
        }
        state
    }

    pub fn take(&mut self, act: Act) -> Result<(), String> {
        match act {
            Act::Open(path, text, version) => self.vfs.set(&path, &text.into(), version),
            Act::Change(path, changes, version, after) => {
                let old = Arc::clone(&self.vfs.documents()[&path].text);
                let changes = serde_json::from_value(changes).unwrap();
                let text = convert::changed(&old, changes, self.encoding);
                if *text != *after {
                    return Err(format!("the editor has {after:?}, the server {text:?}"));
                }
                self.vfs.set(&path, &text, version);
            }
            Act::Close(path) => self.vfs.close(&path),
            Act::Disk(paths) => self.vfs.changed_on_disk(&paths),
        }
        Ok(())
    }

    /// Asks the features that people use while they type.
    pub fn ask(&self, world: &World) -> Vec<String> {
        let Some((path, at)) = &world.last else {
            return Vec::new();
        };
        let Some((workspace, Some(file))) = self.vfs.find(path) else {
            return Vec::new();
        };
        let (db, project, at) = (&workspace.db, workspace.project, *at as u32);
        let whole = ambit_grammar::Span::new(0, file.text(db).len() as u32);
        let plain = ide::lens::For {
            acting: None,
            views: false,
        };
        let lenses = ide::lens::lenses(db, project, file, &plain).into_iter();
        let lenses: Vec<_> = lenses.map(|lens| (lens.span, lens.title)).collect();
        let mut said = vec![
            format!("{:?}", ide::hover::hover(db, project, file, at)),
            format!("{:?}", ide::completion::completions(db, project, file, at)),
            format!("{:?}", ide::tokens::tokens(db, project, file, whole)),
            format!("{:?}", ide::symbols::document(db, file)),
            // Where they lead stands in numbers of the database.
            format!("{lenses:?}"),
        ];
        // What is left of a grant is asked of the solver: now and then.
        if at.is_multiple_of(16) {
            let hints = ide::hint::hints(db, project, file, whole, None);
            said.push(format!("{hints:?}"));
        }
        said
    }

    fn told(&self) -> BTreeMap<PathBuf, Told> {
        let all = self.vfs.workspaces().iter();
        all.map(|workspace| {
            let db = &workspace.db;
            let files = workspace.paths.iter().map(|(name, path)| {
                let file = workspace.file(path).unwrap();
                (name.to_string(), (path.clone(), file.text(db).to_string()))
            });
            let files: BTreeMap<_, _> = files.collect();
            // A file outside any project is known by its path.
            let alone = || files.values().next().unwrap().0.clone();
            let root = workspace.root().cloned().unwrap_or_else(alone);
            let told = Told {
                settings: workspace.settings.to_string(),
                first: ide::problems::first(db, workspace.project),
                second: ide::problems::second(db, workspace.project),
                unreadable: workspace.unreadable.to_vec(),
                files,
            };
            (root, told)
        })
        .collect()
    }

    /// Compares with a cold start.
    pub fn compare(&self, world: &World) -> Result<Said, String> {
        let cold = Self::cold(world);
        let (now, then) = (self.told(), cold.told());
        if now != then {
            return Err(difference(&now, &then));
        }
        let (now, then) = (self.ask(world), cold.ask(world));
        if let Some((a, b)) = now.iter().zip(&then).find(|(a, b)| a != b) {
            return Err(format!("a feature says warm {a}\ncold {b}"));
        }
        for (path, open) in &world.open {
            if let Some((workspace, Some(file))) = self.vfs.find(path)
                && *file.text(&workspace.db) != *open.text
            {
                return Err(format!("{} has another text", path.display()));
            }
        }
        let mut said = Said::default();
        for workspace in self.vfs.workspaces() {
            said.add(placed(workspace)?);
        }
        Ok(said)
    }
}

fn difference(now: &BTreeMap<PathBuf, Told>, then: &BTreeMap<PathBuf, Told>) -> String {
    for (root, warm) in now {
        let Some(cold) = then.get(root) else {
            return format!("only warm there is the project {}", root.display());
        };
        for (what, warm, cold) in [
            ("first stage", &warm.first, &cold.first),
            ("second stage", &warm.second, &cold.second),
            ("unreadable", &warm.unreadable, &cold.unreadable),
        ] {
            let odd = |a: &[Resolved], b: &[Resolved]| -> Vec<String> {
                let odd = a.iter().filter(|p| !b.contains(p));
                odd.map(|p| format!("{p:?}")).collect()
            };
            if warm != cold {
                return format!(
                    "{what}\nonly warm: {:#?}\nonly cold: {:#?}\n(in another order where nothing is named)",
                    odd(warm, cold),
                    odd(cold, warm)
                );
            }
        }
        if (&warm.files, &warm.settings) != (&cold.files, &cold.settings) {
            return format!(
                "files: warm {:#?} {:?}\ncold {:#?} {:?}",
                warm.files, warm.settings, cold.files, cold.settings
            );
        }
    }
    let missing = then.keys().find(|root| !now.contains_key(*root));
    format!("only cold there is the project {missing:?}")
}

/// Every place of a problem, counted both ways and back again; the protocol's diagnostics come out for all.
fn placed(workspace: &Workspace) -> Result<Said, String> {
    let db = &workspace.db;
    let first = ide::problems::first(db, workspace.project);
    let second = ide::problems::second(db, workspace.project);
    let mut said = Said {
        states: 1,
        sound: u64::from(
            !first
                .iter()
                .any(|p| p.level == ambit_diagnostics::Level::Error),
        ),
        first: first.len() as u64,
        second: second.len() as u64,
    };
    if workspace.root().is_none() {
        // One file outside any project counts as a project only where it is asked about.
        said.states = 0;
        said.sound = 0;
    }
    for problem in first.iter().chain(&second) {
        let fixes = problem.fixes.iter().flat_map(|f| &f.edits);
        let related = problem.related.iter().map(|(_, at)| at);
        let places = related.chain(fixes.map(|(at, _)| at));
        for at in places.chain([&problem.at]) {
            let Some(file) = ide::file_named(db, workspace.project, &at.file) else {
                continue;
            };
            let text = file.text(db);
            for byte in [at.start, at.end] {
                if !text.is_char_boundary(byte as usize) {
                    return Err(format!("a place within a character: {problem:?}"));
                }
                for encoding in [Encoding::Utf8, Encoding::Utf16] {
                    let (line, column) = lines(db, file).position(byte, encoding);
                    let plain = columns::position(&text, byte as usize, encoding);
                    if (line, column) != plain {
                        return Err(format!(
                            "byte {byte} of {}: {:?}, plainly {plain:?}",
                            at.file,
                            (line, column)
                        ));
                    }
                    let back = lines(db, file).offset(line, column, encoding);
                    // Behind `\r` of `\r\n` there is no column: it counts as the end of the line.
                    let end = text[..byte as usize].ends_with('\r');
                    if back != byte && !end {
                        return Err(format!("byte {byte} of {} comes back as {back}", at.file));
                    }
                }
            }
        }
    }
    for encoding in [Encoding::Utf8, Encoding::Utf16] {
        let all = diagnostics(workspace, encoding, true);
        let count: usize = all.values().map(|d| d.as_array().unwrap().len()).sum();
        if count < first.len() + second.len() {
            return Err("a problem has no place in the protocol".to_owned());
        }
    }
    Ok(said)
}

/// The protocol's diagnostics of a project, by file.
fn diagnostics(workspace: &Workspace, encoding: Encoding, pulls: bool) -> BTreeMap<PathBuf, Value> {
    let shared = Shared {
        encoding,
        pulls,
        ..Shared::default()
    };
    let snapshot = Snapshot {
        id: workspace.id,
        db: workspace.db.clone(),
        project: workspace.project,
        file: None,
        paths: Arc::clone(&workspace.paths),
        settings: (workspace.settings_path(), Arc::clone(&workspace.settings)),
        unreadable: Arc::clone(&workspace.unreadable),
        findings: None,
        shared: Arc::new(shared),
    };
    let all = problems::by_file(&snapshot, &problems::known(&snapshot));
    let all = all.into_iter();
    all.map(|(path, list)| {
        (
            path,
            serde_json::to_value(mark::diagnostics(&list)).unwrap(),
        )
    })
    .collect()
}

/// What a client must end up with: the diagnostics of both stages of a cold start, of the files that have any.
pub fn expected(world: &World) -> BTreeMap<PathBuf, Value> {
    let cold = State::cold(world);
    let all = cold.vfs.workspaces().iter();
    all.flat_map(|w| diagnostics(w, world.encoding, true))
        .collect()
}
