//! The folder of the artifacts as it is on disk: what lies in it, and whether a build may replace it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use ambit_compiler::Config;
use ambit_diagnostics::{FileSpan, Resolved, Said};

use super::manifest::{MANIFEST, Manifest};
use crate::exit::Failure;
use crate::project::SETTINGS;

/// Where artifacts go unless `[build] out` says otherwise.
pub const DEFAULT: &str = "out";

/// What lies at a path below the folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// A file with these bytes.
    File(Vec<u8>),
    /// A link, a pipe, …: nothing that a build writes.
    Other,
}

/// All files below a folder by their paths with `/`.
pub type Contents = BTreeMap<String, Found>;

/// All files below a folder; none where it does not exist. Empty folders do not count.
pub fn contents(folder: &Path) -> Result<Contents, Failure> {
    let mut found = BTreeMap::new();
    let mut folders = vec![(folder.to_path_buf(), String::new())];
    while let Some((folder, name)) = folders.pop() {
        let entries = match fs::read_dir(&folder) {
            Err(e) if name.is_empty() && e.kind() == std::io::ErrorKind::NotFound => {
                return Ok(found);
            }
            entries => entries.map_err(|e| Failure::file("read", &folder, &e))?,
        };
        for entry in entries {
            let entry = entry.map_err(|e| Failure::file("read", &folder, &e))?;
            let path = entry.path();
            let kind = entry
                .file_type()
                .map_err(|e| Failure::file("read", &path, &e))?;
            let name = format!("{name}{}", entry.file_name().to_string_lossy());
            if kind.is_dir() {
                folders.push((path, name + "/"));
            } else if kind.is_file() {
                let bytes = ambit_query::files::read(&path, LARGEST)
                    .map_err(|e| Failure::file("read", &path, &e))?;
                found.insert(name, Found::File(bytes));
            } else {
                found.insert(name, Found::Other);
            }
        }
    }
    Ok(found)
}

/// An artifact is compared in memory.
const LARGEST: u64 = 4 << 30;

/// The folder of a project's artifacts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Out {
    /// As `ambit.toml` says it.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
}

/// The folder is not one that a build may replace.
#[derive(Debug)]
pub enum Trouble {
    /// It is not ours: what is so, and what to do.
    NotOurs(String, String),
    /// It cannot be read.
    Unreadable(Failure),
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Self::Unreadable(failure)
    }
}

impl Trouble {
    /// As a failure of the command: a problem at the setting that names the folder.
    pub fn failure(self, config: &Config) -> Result<Resolved, Failure> {
        match self {
            Self::Unreadable(failure) => Err(failure),
            Self::NotOurs(message, help) => {
                let at = FileSpan {
                    file: SETTINGS.into(),
                    start: config.out_at.map_or(0, |at| at.start),
                    end: config.out_at.map_or(0, |at| at.end),
                };
                let said = Said {
                    message,
                    label: if config.out_at.is_some() {
                        "this folder".to_owned()
                    } else {
                        "without `[build] out` the folder is `out`".to_owned()
                    },
                    help: vec![help],
                    notes: vec![
                    "a build replaces the folder as a whole: what else lies in it would be lost"
                        .to_owned(),
                ],
                    ..Said::default()
                };
                Ok(Resolved::at("E0511", at, said))
            }
        }
    }
}

impl Out {
    /// The folder that the settings name.
    pub fn of(root: &Path, config: &Config) -> Self {
        let name = config.out.clone().unwrap_or_else(|| DEFAULT.to_owned());
        let path = root.join(&name);
        Self { name, path }
    }

    /// Fails unless every part of the way to the folder, so far as it exists, is a folder and no link: a link could lead
    /// out of the project, or to its sources.
    pub fn stands_inside(&self, root: &Path) -> Result<(), Trouble> {
        let mut path = root.to_path_buf();
        for part in Path::new(&self.name).components() {
            path.push(part);
            let what = match path.symlink_metadata() {
                Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(()),
                Err(e) => return Err(Failure::file("read", &path, &e).into()),
                Ok(meta) if meta.is_symlink() => "is a link",
                Ok(meta) if !meta.is_dir() => "is no folder",
                Ok(_) => continue,
            };
            return Err(Trouble::NotOurs(
                format!(
                    "artifacts cannot go to `{}`: `{}` {what}",
                    self.name,
                    path.display()
                ),
                "name a folder that no build of another program uses, or move what is there away"
                    .to_owned(),
            ));
        }
        Ok(())
    }

    /// All files below the folder; none where it does not exist.
    pub fn files(&self) -> Result<Contents, Failure> {
        contents(&self.path)
    }

    /// Fails where the folder holds what no build wrote.
    pub fn is_ours(&self, files: &BTreeMap<String, Found>) -> Result<(), Trouble> {
        if files.is_empty() {
            return Ok(());
        }
        let help =
            format!("move it away, or name another folder under `[build] out` in `{SETTINGS}`");
        let manifest = match files.get(MANIFEST) {
            Some(Found::File(bytes)) => {
                Manifest::read(bytes).ok_or("its `manifest.json` is not one of a build")
            }
            _ => Err("it holds files and no `manifest.json`"),
        };
        let manifest = manifest.map_err(|why| {
            Trouble::NotOurs(
                format!("no build wrote the folder `{}`: {why}", self.name),
                help,
            )
        })?;
        let others: Vec<&str> = files
            .iter()
            .filter(|(path, what)| {
                let listed = *path == MANIFEST || manifest.entry(path).is_some();
                !listed || **what == Found::Other
            })
            .map(|(path, _)| path.as_str())
            .collect();
        if others.is_empty() {
            return Ok(());
        }
        Err(Trouble::NotOurs(
            format!(
                "no build wrote {} in the folder `{}`",
                shown(&others),
                self.name
            ),
            "move what is yours out of the folder; what nobody needs, delete".to_owned(),
        ))
    }
}

/// The first few of many names.
fn shown(names: &[&str]) -> String {
    const SHOWN: usize = 10;
    let list: Vec<String> = names.iter().take(SHOWN).map(|n| format!("`{n}`")).collect();
    let more = names.len().saturating_sub(SHOWN);
    let more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    list.join(", ") + &more
}
