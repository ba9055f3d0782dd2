//! Finding a project and reading its files.
//!
//! A project is the folder that holds `ambit.toml`, with all `.ambit` files under it. Left out are: the output folder,
//! hidden files and folders, `target`, `node_modules`, and folders with an `ambit.toml` of their own (nested projects).
//! Symbolic links are followed, each folder and file once.

use std::collections::BTreeSet;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ambit_compiler::Config;
use ambit_diagnostics::{FileSpan, Resolved, Said};
use smol_str::{SmolStr, SmolStrBuilder};

use crate::exit::Failure;

/// The file that makes a folder a project.
pub const SETTINGS: &str = "ambit.toml";
/// The ending of source files.
pub const EXTENSION: &str = "ambit";
/// Folders that never hold sources of the project.
const SKIPPED: &[&str] = &["target", "node_modules"];
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
    /// Files that are no text, or too large. With any of these the rest of the program cannot be judged.
    pub problems: Vec<Resolved>,
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
    let out = Config::read(&settings.text).out;
    let out = root.join(out.as_deref().unwrap_or("out"));
    let mut files = Vec::new();
    for (name, path) in sources(&root, Some(&out))? {
        files.push(read(name, path, &mut problems)?);
    }
    Ok(Project {
        root,
        settings,
        files,
        problems,
    })
}

/// Reads one file. One that is no text, or too large, becomes a problem; one that cannot be read is a failure.
pub fn read(name: SmolStr, path: PathBuf, problems: &mut Vec<Resolved>) -> Result<File, Failure> {
    let meta = fs::metadata(&path).map_err(|e| Failure::file("read", &path, &e))?;
    if !meta.is_file() {
        return Err(Failure::outside(format!(
            "cannot read `{}`: it is not a regular file",
            path.display()
        )));
    }
    let mut bytes = Vec::new();
    if meta.len() <= LARGEST {
        let file = fs::File::open(&path).map_err(|e| Failure::file("read", &path, &e))?;
        // The file may grow while it is read.
        file.take(LARGEST + 1)
            .read_to_end(&mut bytes)
            .map_err(|e| Failure::file("read", &path, &e))?;
    }
    if meta.len() > LARGEST || bytes.len() as u64 > LARGEST {
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

/// The source files under a folder: name relative to it and path, sorted by name.
pub fn sources(root: &Path, out: Option<&Path>) -> Result<Vec<(SmolStr, PathBuf)>, Failure> {
    let real = |path: &Path| fs::canonicalize(path).map_err(|e| Failure::file("read", path, &e));
    let home = real(root)?;
    let mut seen = BTreeSet::from([home.clone()]);
    // Folders to read, each with whether it is reached by a link from outside the project.
    let mut folders = vec![(root.to_path_buf(), false)];
    let mut found = Vec::new();
    while let Some((folder, foreign)) = folders.pop() {
        let entries = fs::read_dir(&folder).map_err(|e| Failure::file("read", &folder, &e))?;
        let mut entries: Vec<_> = entries
            .map(|e| e.and_then(|e| e.file_type().map(|t| (e.path(), t))))
            .collect::<Result<_, _>>()
            .map_err(|e| Failure::file("read", &folder, &e))?;
        entries.sort_by(|a, b| a.0.cmp(&b.0));
        for (path, kind) in entries {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let is_source = path.extension().is_some_and(|e| e == EXTENSION);
            if name.starts_with('.') || (!is_source && kind.is_file()) {
                continue;
            }
            let is_folder = if kind.is_symlink() {
                // A link to nothing matters only where it takes the place of a source.
                let Ok(target) = fs::canonicalize(&path) else {
                    if is_source {
                        return Err(Failure::outside(format!(
                            "cannot read `{}`: the link leads nowhere",
                            path.display()
                        )));
                    }
                    continue;
                };
                // What lies in the project is found under its own name; a parent of the project is a loop.
                if target.starts_with(&home) || home.starts_with(&target) {
                    continue;
                }
                target.is_dir()
            } else {
                kind.is_dir()
            };
            let foreign = foreign || kind.is_symlink();
            if is_folder {
                let skipped = SKIPPED.contains(&&*name)
                    || out == Some(&path)
                    || path.join(SETTINGS).is_file();
                if !skipped && seen.insert(real(&path)?) {
                    folders.push((path, foreign));
                }
            } else if is_source && (!foreign || seen.insert(real(&path)?)) {
                found.push((relative(root, &path)?, path));
            }
        }
    }
    found.sort();
    Ok(found)
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
