//! Finding a project and reading its files.
//!
//! A project is the folder that holds `ambit.toml`, with all `.ambit` files under it (the ending in any case). Left out
//! are, and told of as such: the output folder, hidden files and folders, folders with an `ambit.toml` of their own
//! (nested projects), and what `exclude` in `ambit.toml` names. Symbolic links are followed, each folder and file once;
//! a link to what is left out under its own name has it read under the link's.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ambit_compiler::{Config, Pattern, is_version_control};
use ambit_diagnostics::{FileSpan, Resolved, Said};
use glob::MatchOptions;
use smol_str::{SmolStr, SmolStrBuilder};

use crate::exit::Failure;

/// The file that makes a folder a project.
pub const SETTINGS: &str = "ambit.toml";
/// The ending of source files.
pub const EXTENSION: &str = "ambit";
/// Spans are 32 bits wide, and one past the end must fit.
const LARGEST: u64 = u32::MAX as u64 - 1;

/// A file of a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Relative to the project, with `/`.
    pub name: SmolStr,
    /// Where it is.
    pub path: PathBuf,
    /// The whole text; up to the first bad byte, where a problem says that there is one.
    pub text: Arc<str>,
}

/// A project as it is on disk.
#[derive(Debug, Clone)]
pub struct Project {
    /// The folder that holds `ambit.toml`.
    pub root: PathBuf,
    /// `ambit.toml`.
    pub settings: File,
    /// The `.ambit` files, sorted by name.
    pub files: Vec<File>,
    /// The `.ambit` files below the folder that are not the project's, sorted by name.
    pub left_out: Vec<LeftOut>,
    /// Files that are no text, or too large. With any of these the rest of the program cannot be judged.
    pub problems: Vec<Resolved>,
}

/// An `.ambit` file (or a link that could lead to some) that is not read, and why.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LeftOut {
    /// Relative to the project, with `/`.
    pub path: String,
    /// Why: words that follow "because".
    pub why: String,
}

/// What lies below a folder.
#[derive(Debug, Clone, Default)]
pub struct Listing {
    /// The sources: name relative to the folder and path, sorted by name.
    pub sources: Vec<(SmolStr, PathBuf)>,
    /// What is left out, sorted by path.
    pub left_out: Vec<LeftOut>,
}

/// What the settings say of which files are sources.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rules {
    /// The output folder, relative to the project.
    out: Option<PathBuf>,
    /// What is excluded.
    exclude: Vec<Pattern>,
}

impl Rules {
    /// Those of a project.
    pub fn of(config: &Config) -> Self {
        Self {
            out: Some(config.out.as_deref().unwrap_or("out").into()),
            exclude: config.exclude.clone(),
        }
    }

    /// Why a file or folder of that name (relative to the project, with `/`) is left out, by its name alone.
    pub fn why_not(&self, name: &str) -> Option<String> {
        if self.out.as_deref() == Some(Path::new(name)) {
            return Some("it is in the folder of the artifacts".to_owned());
        }
        let last = name.rsplit('/').next().unwrap_or(name);
        if last.starts_with('.') {
            return Some(format!("`{last}` is hidden"));
        }
        let options = MatchOptions {
            require_literal_separator: true,
            ..MatchOptions::new()
        };
        let pattern = self.exclude.iter().find(|p| p.matches_with(name, options));
        pattern.map(|p| format!("`exclude` names `{}`", p.as_str()))
    }
}

/// Has the file the ending of sources, in any case?
pub fn is_source(path: &Path) -> bool {
    path.extension()
        .is_some_and(|e| e.eq_ignore_ascii_case(EXTENSION))
}

/// The folder of the project: `directory` if given (it must hold `ambit.toml`), else the nearest parent that does.
pub fn find_root(directory: Option<&Path>) -> Result<PathBuf, Failure> {
    if let Some(directory) = directory {
        if directory.join(SETTINGS).is_file() {
            return Ok(directory.to_path_buf());
        }
        let what = if directory.is_dir() {
            "holds no"
        } else {
            "is no folder that holds an"
        };
        return Err(
            Failure::outside(format!("`{}` {what} `{SETTINGS}`", directory.display())).help(
                format!(
                    "`ambit init {}` begins a project there",
                    directory.display()
                ),
            ),
        );
    }
    let here = std::env::current_dir().map_err(|e| Failure::file("find", Path::new("."), &e))?;
    let found = here
        .ancestors()
        .find(|folder| folder.join(SETTINGS).is_file());
    found.map(Path::to_path_buf).ok_or_else(|| {
        Failure::outside(format!("no `{SETTINGS}` here or in any parent folder"))
            .help("go to a project, name one with `-C DIR`, or begin one with `ambit init DIR`")
    })
}

/// Reads a project.
pub fn load(root: PathBuf) -> Result<Project, Failure> {
    let mut problems = Vec::new();
    let settings = read(SETTINGS.into(), root.join(SETTINGS), &mut problems)?;
    let rules = Rules::of(&Config::read(&settings.text));
    let Listing { sources, left_out } = sources(&root, &rules)?;
    let mut files = Vec::new();
    for (name, path) in sources {
        files.push(read(name, path, &mut problems)?);
    }
    Ok(Project {
        root,
        settings,
        files,
        left_out,
        problems,
    })
}

/// Reads one file. One that is no text, or too large, becomes a problem; one that cannot be read is a failure.
pub fn read(name: SmolStr, path: PathBuf, problems: &mut Vec<Resolved>) -> Result<File, Failure> {
    let fail = |e: &std::io::Error| Failure::file("read", &path, e);
    let file = ambit_query::files::open(&path).map_err(|e| fail(&e))?;
    let mut bytes = Vec::new();
    let mut large = file.metadata().map_err(|e| fail(&e))?.len() > LARGEST;
    if !large {
        // The file may grow while it is read.
        std::io::Read::read_to_end(&mut std::io::Read::take(file, LARGEST + 1), &mut bytes)
            .map_err(|e| fail(&e))?;
        large = bytes.len() as u64 > LARGEST;
    }
    if large {
        problems.push(problem(
            "E0191",
            &name,
            0,
            format!("`{name}` is larger than 4 GB"),
            "too large to read",
            "split it into several files",
        ));
        return Ok(File {
            name,
            path,
            text: Arc::from(""),
        });
    }
    let text = text(&name, bytes, problems);
    Ok(File { name, path, text })
}

/// The text of these bytes; up to the first bad one, if there is one, with a problem that names it.
pub fn text(name: &SmolStr, bytes: Vec<u8>, problems: &mut Vec<Resolved>) -> Arc<str> {
    let bad = match std::str::from_utf8(&bytes) {
        Ok(text) => text.bytes().position(|b| b == 0),
        Err(error) => Some(error.valid_up_to()),
    };
    let Some(bad) = bad else {
        return String::from_utf8(bytes).map_or_else(|_| Arc::from(""), Arc::from);
    };
    let byte = bytes.get(bad).copied().unwrap_or(0);
    let first = (bytes.first().copied(), bytes.get(1).copied());
    let wide = matches!(first, (Some(0xFF), Some(0xFE)) | (Some(0xFE), Some(0xFF)))
        || (byte == 0 && bad <= 1);
    let (message, help) = if wide {
        (
            format!("`{name}` is not UTF-8 text: it looks like UTF-16"),
            "save it as UTF-8",
        )
    } else if byte == 0 {
        (
            format!("`{name}` is not text: byte {bad} is zero"),
            "a source file is UTF-8 text; move other files away or rename them",
        )
    } else {
        (
            format!("`{name}` is not UTF-8 text: byte {bad} is 0x{byte:02X}"),
            "save it as UTF-8; a file in another encoding can be converted with `iconv`",
        )
    };
    problems.push(problem(
        "E0190",
        name,
        bad as u32,
        message,
        "the first byte that cannot be read",
        help,
    ));
    let valid = bytes
        .get(..bad)
        .and_then(|b| std::str::from_utf8(b).ok())
        .unwrap_or_default();
    Arc::from(valid)
}

/// The files of a project could not be listed, for this reason: without them the program cannot be judged.
pub fn cannot_list(reason: String) -> Resolved {
    let name = SmolStr::new(SETTINGS);
    problem(
        "E0192",
        &name,
        0,
        reason,
        "of this project",
        "make it readable, or move it away",
    )
}

fn problem(
    code: &'static str,
    name: &SmolStr,
    at: u32,
    message: String,
    label: &str,
    help: &str,
) -> Resolved {
    let at = FileSpan {
        file: name.clone(),
        start: at,
        end: at,
    };
    let said = Said {
        message,
        label: label.to_owned(),
        help: vec![help.to_owned()],
        ..Said::default()
    };
    Resolved::at(code, at, said)
}

/// The source files under a folder, and what is left out.
pub fn sources(root: &Path, rules: &Rules) -> Result<Listing, Failure> {
    let home = real(root)?;
    let mut walk = Walk {
        root,
        home: home.clone(),
        rules,
        seen: BTreeSet::from([home]),
        found: BTreeMap::new(),
        links: Vec::new(),
        left_out: Vec::new(),
    };
    walk.folder(root)?;
    // Links within the project come last: by then it is known what is read under its own name.
    let mut at = 0;
    while let Some((path, target)) = walk.links.get(at).cloned() {
        at += 1;
        walk.link(&path, &target)?;
    }
    let mut left_out = walk.left_out;
    // What a link has read is not left out.
    left_out.retain(|file| {
        let real = fs::canonicalize(root.join(&file.path));
        real.map_or(true, |real| !walk.found.contains_key(&real))
    });
    left_out.sort();
    left_out.dedup();
    let mut sources = Vec::new();
    for path in walk.found.into_values() {
        sources.push((relative(root, &path)?, path));
    }
    sources.sort();
    Ok(Listing { sources, left_out })
}

fn real(path: &Path) -> Result<PathBuf, Failure> {
    fs::canonicalize(path).map_err(|e| Failure::file("read", path, &e))
}

/// A walk through a project.
struct Walk<'a> {
    root: &'a Path,
    home: PathBuf,
    rules: &'a Rules,
    /// The folders that were read, by their real paths.
    seen: BTreeSet<PathBuf>,
    /// The sources by their real paths.
    found: BTreeMap<PathBuf, PathBuf>,
    /// Links to what lies in the project, with where they lead.
    links: Vec<(PathBuf, PathBuf)>,
    left_out: Vec<LeftOut>,
}

impl Walk<'_> {
    fn folder(&mut self, folder: &Path) -> Result<(), Failure> {
        let mut folders = vec![folder.to_path_buf()];
        while let Some(folder) = folders.pop() {
            for (path, kind) in entries(&folder)? {
                if !kind.is_dir() && !kind.is_symlink() && !is_named_as_source(&path) {
                    continue;
                }
                if let Some(why) = self.rules.why_not(&self.name(&path)) {
                    self.leave_out(&path, kind, &why);
                } else if kind.is_symlink() {
                    self.meet_link(path, &mut folders)?;
                } else if kind.is_dir() {
                    self.enter(path, &mut folders)?;
                } else {
                    self.found.insert(real(&path)?, path);
                }
            }
        }
        Ok(())
    }

    /// A folder below the project's.
    fn enter(&mut self, path: PathBuf, folders: &mut Vec<PathBuf>) -> Result<(), Failure> {
        let Ok(kind) = fs::symlink_metadata(&path).map(|m| m.file_type()) else {
            return Ok(());
        };
        if path.join(SETTINGS).is_file() {
            let why = format!("`{}` is a project of its own", self.name(&path));
            self.leave_out(&path, kind, &why);
        } else if self.seen.insert(real(&path)?) {
            folders.push(path);
        }
        Ok(())
    }

    fn meet_link(&mut self, path: PathBuf, folders: &mut Vec<PathBuf>) -> Result<(), Failure> {
        let Ok(target) = fs::canonicalize(&path) else {
            // A link to nothing matters where it takes the place of a source.
            if is_source(&path) {
                return Err(Failure::outside(format!(
                    "cannot read `{}`: the link leads nowhere",
                    path.display()
                )));
            }
            self.note(&path, "the link leads nowhere");
            return Ok(());
        };
        if self.home.starts_with(&target) {
            if self.home != target {
                self.note(&path, "the link leads to a folder around the project");
            }
        } else if target.starts_with(&self.home) {
            if target.is_dir() || is_source(&path) {
                self.links.push((path, target));
            }
        } else if target.is_dir() {
            self.enter(path, folders)?;
        } else if is_source(&path) {
            self.found.entry(target).or_insert(path);
        }
        Ok(())
    }

    /// A link to what lies in the project: read here, unless it is read under its own name.
    fn link(&mut self, path: &Path, target: &Path) -> Result<(), Failure> {
        if !target.is_dir() {
            self.found
                .entry(target.to_path_buf())
                .or_insert_with(|| path.to_path_buf());
            return Ok(());
        }
        let mut folders = Vec::new();
        self.enter(path.to_path_buf(), &mut folders)?;
        for folder in folders {
            self.folder(&folder)?;
        }
        Ok(())
    }

    /// Notes what is left out at that path: the file, or all sources below the folder.
    fn leave_out(&mut self, path: &Path, kind: fs::FileType, why: &str) {
        if !kind.is_dir() {
            // A link to a folder in the project takes nothing away: that is read, or left out, under its own name.
            let leads_out = || {
                let target = fs::canonicalize(path).ok();
                target.is_some_and(|t| t.is_dir() && !t.starts_with(&self.home))
            };
            if is_named_as_source(path) || (kind.is_symlink() && leads_out()) {
                self.note(path, why);
            }
            return;
        }
        let mut folders = vec![path.to_path_buf()];
        while let Some(folder) = folders.pop() {
            let is_engine_room = folder
                .file_name()
                .and_then(|n| n.to_str())
                .is_some_and(is_version_control);
            if is_engine_room {
                continue;
            }
            let Ok(entries) = entries(&folder) else {
                self.note(&folder, &format!("{why}, and it cannot be read"));
                continue;
            };
            for (path, kind) in entries {
                if kind.is_dir() {
                    folders.push(path);
                } else if is_named_as_source(&path) {
                    self.note(&path, why);
                }
            }
        }
    }

    fn note(&mut self, path: &Path, why: &str) {
        self.left_out.push(LeftOut {
            path: self.name(path),
            why: why.to_owned(),
        });
    }

    /// The name in the project, so far as it can be said.
    fn name(&self, path: &Path) -> String {
        let parts = path.strip_prefix(self.root).unwrap_or(path).iter();
        let parts: Vec<_> = parts.map(|part| part.to_string_lossy()).collect();
        parts.join("/")
    }
}

/// Is it called as a source, a hidden one too?
fn is_named_as_source(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    is_source(path) || name.eq_ignore_ascii_case(".ambit")
}

/// What lies in a folder, sorted.
fn entries(folder: &Path) -> Result<Vec<(PathBuf, fs::FileType)>, Failure> {
    let fail = |e: &std::io::Error| Failure::file("read", folder, e);
    let entries = fs::read_dir(folder).map_err(|e| fail(&e))?;
    let mut entries: Vec<_> = entries
        .map(|e| e.and_then(|e| e.file_type().map(|t| (e.path(), t))))
        .collect::<Result<_, _>>()
        .map_err(|e| fail(&e))?;
    entries.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(entries)
}

/// The name of a file in its project.
fn relative(root: &Path, path: &Path) -> Result<SmolStr, Failure> {
    let mut name = SmolStrBuilder::new();
    for (i, part) in path
        .strip_prefix(root)
        .unwrap_or(path)
        .components()
        .enumerate()
    {
        if i > 0 {
            name.push('/');
        }
        let part = part.as_os_str().to_str().ok_or_else(|| {
            Failure::outside(format!("the name of `{}` is not UTF-8", path.display()))
                .help("rename the file")
        })?;
        name.push_str(part);
    }
    Ok(name.finish())
}
