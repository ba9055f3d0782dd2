//! A folder with projects, an editor that holds some of its files open, and the steps of somebody who works there.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use ambit_lsp::lines::Encoding;
use ambit_tests::rng::Rng;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::start::Start;
use super::{columns, text};

/// What somebody does: what exactly comes from the seed and from how things stand, so that a sequence is still one when
/// some of its steps are left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    pub seed: u64,
    /// Edits that mostly leave a text sound.
    pub tame: bool,
}

/// What a server is told.
#[derive(Debug, Clone)]
pub enum Act {
    Open(PathBuf, String, i32),
    /// The changes, and the text after them.
    Change(PathBuf, Value, i32, String),
    Close(PathBuf),
    Disk(Vec<PathBuf>),
}

/// A file that is open.
pub struct Open {
    pub text: String,
    pub version: i32,
    undo: Vec<String>,
}

pub struct World {
    _dir: TempDir,
    pub root: PathBuf,
    pub encoding: Encoding,
    pub open: BTreeMap<PathBuf, Open>,
    disk: BTreeMap<PathBuf, String>,
    /// The last version of each file: they grow also when it is opened again.
    versions: BTreeMap<PathBuf, i32>,
    /// Texts to paste from.
    pool: Vec<String>,
    /// Where the last edit was.
    pub last: Option<(PathBuf, usize)>,
}

/// What `ambit.toml` may say.
const SETTINGS: &[&str] = &[
    "",
    "[project]\nname = \"x\"\n",
    "[project]\nname = \"x\"\nusers = \"open\"\n",
    "[lints]\nnarrowing-role = \"deny\"\n",
    "[lints]\nnarrowing-role = \"allow\"\ncovered-grant = \"deny\"\n",
    "[lints]\nno-such = \"deny\"\n",
    "[build]\nout = \"sub\"\n",
    "[project]\ntimezone = \"Asia/Tokyo\"\nweek_start = \"sunday\"\n",
    "[project\nbroken = ",
    "[project]\r\nname = \"𝄞\"\r\nunknown = 1\r\n",
];

impl World {
    pub fn new(start: &Start, encoding: Encoding) -> Self {
        let dir = tempfile::tempdir().unwrap();
        // What a client names is the path itself, without links.
        let root = dir.path().canonicalize().unwrap();
        let mut world = Self {
            _dir: dir,
            root: root.clone(),
            encoding,
            open: BTreeMap::new(),
            disk: BTreeMap::new(),
            versions: BTreeMap::new(),
            pool: Vec::new(),
            last: None,
        };
        for (name, text) in &start.files {
            world.write(&root.join(name), text);
            if !text.is_empty() {
                world.pool.push(text.clone());
            }
        }
        world
    }

    fn write(&mut self, path: &Path, text: &str) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self.disk.insert(path.to_owned(), text.to_owned());
    }

    fn remove(&mut self, path: &Path) {
        let _ = fs::remove_file(path);
        self.disk.remove(path);
    }

    /// One step, done on disk and in the editor; gives what the server is told.
    pub fn step(&mut self, step: Step) -> Vec<Act> {
        let mut rng = Rng::new(step.seed);
        let rng = &mut rng;
        if self.open.is_empty() {
            return self.open_some(rng);
        }
        let mut what = rng.below(100);
        if step.tame && (18..27).contains(&what) && rng.chance(80) {
            // What takes a file away mostly leaves a broken project.
            what = 99;
        }
        match what {
            0..6 => self.open_some(rng),
            6..10 => self.close_some(rng),
            10..14 => self.save(rng),
            14..18 => self.changed_outside(rng, step.tame),
            18..20 => self.deleted(rng),
            20..22 => self.renamed(rng),
            22..24 => self.new_file(rng),
            24..26 => self.settings(rng),
            26..27 => self.nested(rng),
            27..37 => self.undo(rng),
            37..42 => self.several(rng, step.tame),
            _ => self.edit(rng, step.tame),
        }
    }

    fn some_open(&self, rng: &mut Rng) -> PathBuf {
        let all: Vec<&PathBuf> = self.open.keys().collect();
        (*rng.pick(&all)).clone()
    }

    fn some_on_disk(&self, rng: &mut Rng) -> Option<PathBuf> {
        let all: Vec<&PathBuf> = self.disk.keys().collect();
        (!all.is_empty()).then(|| (*rng.pick(&all)).clone())
    }

    fn version(&mut self, path: &Path) -> i32 {
        let version = self.versions.entry(path.to_owned()).or_default();
        *version += 1;
        *version
    }

    fn open_as(&mut self, path: &Path, text: String) -> Vec<Act> {
        if self.open.contains_key(path) {
            return Vec::new();
        }
        let version = self.version(path);
        let open = Open {
            text: text.clone(),
            version,
            undo: Vec::new(),
        };
        self.open.insert(path.to_owned(), open);
        vec![Act::Open(path.to_owned(), text, version)]
    }

    fn open_some(&mut self, rng: &mut Rng) -> Vec<Act> {
        match self.some_on_disk(rng) {
            Some(path) => {
                let text = self.disk[&path].clone();
                self.open_as(&path, text)
            }
            None => self.new_file(rng),
        }
    }

    fn close_some(&mut self, rng: &mut Rng) -> Vec<Act> {
        let path = self.some_open(rng);
        self.open.remove(&path);
        vec![Act::Close(path)]
    }

    fn save(&mut self, rng: &mut Rng) -> Vec<Act> {
        let path = self.some_open(rng);
        let text = self.open[&path].text.clone();
        self.write(&path, &text);
        vec![Act::Disk(vec![path])]
    }

    /// Another program writes a file; one that is open shows it only when nothing is unsaved, but some editors never do.
    fn changed_outside(&mut self, rng: &mut Rng, tame: bool) -> Vec<Act> {
        let Some(path) = self.some_on_disk(rng) else {
            return Vec::new();
        };
        let new = self.edited(rng, tame, &self.disk[&path].clone());
        self.write(&path, &new);
        vec![Act::Disk(vec![path])]
    }

    fn deleted(&mut self, rng: &mut Rng) -> Vec<Act> {
        let Some(path) = self.some_on_disk(rng) else {
            return Vec::new();
        };
        self.remove(&path);
        let mut acts = vec![Act::Disk(vec![path.clone()])];
        if rng.chance(50) && self.open.remove(&path).is_some() {
            acts.push(Act::Close(path));
        }
        acts
    }

    fn renamed(&mut self, rng: &mut Rng) -> Vec<Act> {
        let Some(old) = self.some_on_disk(rng) else {
            return Vec::new();
        };
        let new = self.fresh(rng);
        let text = self.disk[&old].clone();
        self.remove(&old);
        self.write(&new, &text);
        let mut acts = Vec::new();
        if let Some(open) = self.open.remove(&old) {
            acts.push(Act::Close(old.clone()));
            acts.extend(self.open_as(&new, open.text));
        }
        acts.push(Act::Disk(vec![old, new]));
        acts
    }

    fn fresh(&self, rng: &mut Rng) -> PathBuf {
        let names = [
            "n1.ambit",
            "n2.ambit",
            "sub/n3.ambit",
            "sub/deep/n4.ambit",
            "a b 𝄞.ambit",
            "out/gone.ambit",
            ".hidden/h.ambit",
            "notes.txt",
        ];
        self.root.join(rng.pick(&names))
    }

    /// A file that so far only the editor has, or one that another program makes.
    fn new_file(&mut self, rng: &mut Rng) -> Vec<Act> {
        let path = self.fresh(rng);
        let text = text::wild(rng, "role fresh\n", &self.pool);
        if rng.chance(50) {
            return self.open_as(&path, text);
        }
        self.write(&path, &text);
        vec![Act::Disk(vec![path])]
    }

    fn settings(&mut self, rng: &mut Rng) -> Vec<Act> {
        let path = self.root.join("ambit.toml");
        let text = (*rng.pick(SETTINGS)).to_owned();
        if self.open.contains_key(&path) {
            return self.change(&path, vec![text], rng);
        }
        if rng.chance(30) {
            return self.open_as(&path, text);
        }
        self.write(&path, &text);
        vec![Act::Disk(vec![path])]
    }

    /// A project inside the project comes, or goes.
    fn nested(&mut self, rng: &mut Rng) -> Vec<Act> {
        let path = self.root.join("sub/ambit.toml");
        if self.open.contains_key(&path) {
            self.open.remove(&path);
            return vec![Act::Close(path)];
        }
        if self.disk.contains_key(&path) {
            self.remove(&path);
        } else if rng.chance(30) {
            return self.open_as(&path, String::new());
        } else {
            self.write(&path, rng.pick::<&str>(SETTINGS));
        }
        vec![Act::Disk(vec![path])]
    }

    fn undo(&mut self, rng: &mut Rng) -> Vec<Act> {
        let path = self.some_open(rng);
        let open = self.open.get_mut(&path).unwrap();
        let steps = 1 + rng.below(3);
        let mut last = None;
        for _ in 0..steps {
            last = open.undo.pop().or(last);
        }
        match last {
            Some(text) => {
                let acts = self.change(&path, vec![text], rng);
                // What is undone is not a step of its own.
                self.open.get_mut(&path).unwrap().undo.pop();
                acts
            }
            None => Vec::new(),
        }
    }

    fn edited(&self, rng: &mut Rng, tame: bool, old: &str) -> String {
        if tame {
            text::tame(rng, old)
        } else {
            text::wild(rng, old, &self.pool)
        }
    }

    fn edit(&mut self, rng: &mut Rng, tame: bool) -> Vec<Act> {
        let path = self.some_open(rng);
        let new = self.edited(rng, tame, &self.open[&path].text);
        self.change(&path, vec![new], rng)
    }

    /// Several changes at once.
    fn several(&mut self, rng: &mut Rng, tame: bool) -> Vec<Act> {
        let path = self.some_open(rng);
        let mut texts = Vec::new();
        let mut now = self.open[&path].text.clone();
        for _ in 0..2 + rng.below(3) {
            now = self.edited(rng, tame, &now);
            texts.push(now.clone());
        }
        self.change(&path, texts, rng)
    }

    /// The file goes through these texts.
    fn change(&mut self, path: &Path, texts: Vec<String>, rng: &mut Rng) -> Vec<Act> {
        let version = self.version(path);
        let open = self.open.get_mut(path).unwrap();
        open.version = version;
        let mut changes = Vec::new();
        for new in texts {
            changes.push(if rng.chance(8) {
                json!({ "text": new })
            } else {
                columns::change(&open.text, &new, self.encoding)
            });
            open.undo.push(std::mem::replace(&mut open.text, new));
        }
        let mut at = rng.below(open.text.len() + 1);
        while !open.text.is_char_boundary(at) {
            at -= 1;
        }
        self.last = Some((path.to_owned(), at));
        let text = open.text.clone();
        vec![Act::Change(path.to_owned(), json!(changes), version, text)]
    }
}
