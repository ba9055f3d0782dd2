//! `--depfile`: what a build reads, in the syntax of make.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::exit::Failure;

/// The rule that says that `target` is made of `inputs`, and an empty rule for each input, so that make goes on when
/// one is deleted. Fails with the name of a file that make cannot carry.
pub fn text(target: &Path, inputs: &[PathBuf]) -> Result<String, Failure> {
    let inputs = inputs
        .iter()
        .map(|p| escaped(p))
        .collect::<Result<Vec<_>, _>>()?;
    // A `%` left of a colon would make a pattern; right of it, it stands for itself.
    let as_target = |name: &str| name.replace('%', "\\%");
    let mut text = format!("{}:", as_target(&escaped(target)?));
    for input in &inputs {
        text.push_str(" \\\n  ");
        text.push_str(input);
    }
    text.push('\n');
    for input in &inputs {
        text.push('\n');
        text.push_str(&as_target(input));
        text.push_str(":\n");
    }
    Ok(text)
}

/// A name as GNU make reads it in rules.
fn escaped(path: &Path) -> Result<String, Failure> {
    let cannot = || {
        Failure::usage(format!(
            "make has no way to write the name `{}` in a rule",
            path.display()
        ))
        .help("rename the file, or build without `--depfile`")
    };
    let name = path.to_str().ok_or_else(cannot)?;
    let mut text = String::with_capacity(name.len());
    for (position, character) in name.char_indices() {
        match character {
            '$' => text.push_str("$$"),
            ' ' | '#' | ':' | '*' | '?' | '[' => {
                text.push('\\');
                text.push(character);
            }
            '~' if position == 0 => text.push_str("./~"),
            '\\' | '=' | ';' | '|' => return Err(cannot()),
            _ if character.is_control() => return Err(cannot()),
            _ => text.push(character),
        }
    }
    Ok(text)
}

/// A path as whoever started the command would write it: `root`, as `-C` says it, else the way up from here.
pub fn seen_from_here(root: &Path, asked: Option<&Path>) -> PathBuf {
    if let Some(asked) = asked {
        let parts = asked
            .components()
            .filter(|c| *c != std::path::Component::CurDir);
        return parts.collect();
    }
    let here = std::env::current_dir().unwrap_or_default();
    match here.strip_prefix(root) {
        Ok(below) => below.components().map(|_| "..").collect(),
        Err(_) => root.to_path_buf(),
    }
}

/// Writes the file whole or not at all.
pub fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let fail = |e: &std::io::Error| Failure::file("write", path, e);
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty());
    let mut builder = tempfile::Builder::new();
    builder.prefix(".ambit-dep");
    // Readable for whom the umask says, like any file that a tool writes.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder
        .tempfile_in(folder.unwrap_or(Path::new(".")))
        .map_err(|e| fail(&e))?;
    file.write_all(text.as_bytes()).map_err(|e| fail(&e))?;
    file.persist(path).map_err(|e| fail(&e.error))?;
    Ok(())
}
