//! Node with the packages of `tests/node/`, as `.ci/install node` puts them into the cache.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use sha2::{Digest as _, Sha256};

/// Node and its packages.
#[derive(Debug, Clone)]
pub struct Node {
    /// The program.
    pub program: PathBuf,
    /// The folder `node_modules`: `NODE_PATH` for `CommonJS`, or to be linked beside a script.
    pub modules: PathBuf,
}

/// The folder of `package.json` and its lock.
pub fn manifest() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("node")
}

/// Node from 18 on and the packages of the lock, or what is missing.
pub fn node() -> Result<Node, String> {
    let version = Command::new("node")
        .arg("--version")
        .output()
        .map_err(|e| format!("node does not start: {e}"))?;
    let text = String::from_utf8_lossy(&version.stdout).trim().to_owned();
    let major: Option<u32> = text
        .trim_start_matches('v')
        .split('.')
        .next()
        .and_then(|n| n.parse().ok());
    if major.is_none_or(|n| n < 18) {
        return Err(format!("node is `{text}`, not 18 or newer"));
    }
    let lock = manifest().join("package-lock.json");
    let bytes = std::fs::read(&lock).map_err(|e| format!("{}: {e}", lock.display()))?;
    let modules = super::cache()
        .join(format!("node-ucast-{}", short_hash(&bytes)))
        .join("node_modules");
    if !modules.is_dir() {
        return Err(format!("there is no {}", modules.display()));
    }
    Ok(Node {
        program: "node".into(),
        modules,
    })
}

/// The first 16 digits of the SHA-256: what `.ci/install` names the folder by.
pub fn short_hash(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().take(8).fold(String::new(), |mut text, b| {
        let _ = write!(text, "{b:02x}");
        text
    })
}

#[test]
fn the_hash_is_that_of_sha256sum() {
    assert_eq!(short_hash(b"abc"), "ba7816bf8f01cfea");
}
