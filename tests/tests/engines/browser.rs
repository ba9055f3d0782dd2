//! A real VS Code: code-server with Debian's Chromium, as `.ci/install browser` provides them.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::node::short_hash;

/// VS Code and what its tests are made with.
#[derive(Debug, Clone)]
pub struct Browser {
    /// The program `node`, of a version that code-server takes.
    pub node: PathBuf,
    /// `node_modules` of `tests/editors/package.json`.
    pub modules: PathBuf,
    /// `node_modules` of the extension.
    pub extension: PathBuf,
}

/// All of it, or what is missing.
pub fn browser() -> Result<Browser, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let version = Command::new("node")
        .args(["-p", "parseInt(process.versions.node)"])
        .output()
        .map_err(|e| format!("node does not start: {e}"))?;
    let text = String::from_utf8_lossy(&version.stdout).trim().to_owned();
    if !text.parse().is_ok_and(|n: u32| (20..=22).contains(&n)) {
        return Err(format!("node is `{text}`, code-server takes 20 to 22"));
    }
    let chromium = Path::new("/usr/bin/chromium");
    if !chromium.exists() {
        return Err(format!("there is no {}", chromium.display()));
    }
    let modules = |name: &str, lock: PathBuf| {
        let bytes = std::fs::read(&lock).map_err(|e| format!("{}: {e}", lock.display()))?;
        let folder = super::cache()
            .join(format!("{name}-{}", short_hash(&bytes)))
            .join("node_modules");
        if folder.is_dir() {
            Ok(folder)
        } else {
            Err(format!("there is no {}", folder.display()))
        }
    };
    Ok(Browser {
        node: "node".into(),
        modules: modules("code-server", root.join("editors/package-lock.json"))?,
        extension: modules(
            "vscode",
            root.join("../lsp/editors/vscode/package-lock.json"),
        )?,
    })
}
