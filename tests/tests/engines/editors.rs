//! Neovim, Emacs with its two clients, and pytest-lsp, as `.ci/install editors` provides them.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::node::short_hash;

/// The editors, and who plays others.
#[derive(Debug, Clone)]
pub struct Editors {
    /// The program `nvim`.
    pub neovim: PathBuf,
    /// The program `emacs`.
    pub emacs: PathBuf,
    /// A Python that has pytest-lsp.
    pub python: PathBuf,
}

/// All of them, or what is missing.
pub fn editors() -> Result<Editors, String> {
    for program in ["nvim", "emacs"] {
        Command::new(program)
            .arg("--version")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .map_err(|e| format!("{program} does not start: {e}"))?;
    }
    for client in ["eglot-", "lsp-mode-"] {
        let folder = Path::new("/usr/share/emacs/site-lisp/elpa-src");
        let there = std::fs::read_dir(folder)
            .into_iter()
            .flatten()
            .flatten()
            .any(|entry| entry.file_name().to_string_lossy().starts_with(client));
        if !there {
            return Err(format!("there is no {client}* in {}", folder.display()));
        }
    }
    let list = Path::new(env!("CARGO_MANIFEST_DIR")).join("editors/requirements.txt");
    let bytes = std::fs::read(&list).map_err(|e| format!("{}: {e}", list.display()))?;
    let python = super::cache()
        .join(format!("pytest-lsp-{}", short_hash(&bytes)))
        .join("bin/python");
    if !python.exists() {
        return Err(format!("there is no {}", python.display()));
    }
    Ok(Editors {
        neovim: "nvim".into(),
        emacs: "emacs".into(),
        python,
    })
}
