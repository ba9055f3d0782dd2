//! `ambit build` as a whole: what it makes of the examples, that nothing but the project matters, and that a build that
//! is killed leaves whole artifacts.

mod examples;
mod killed;
mod same;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use sha2::{Digest as _, Sha256};

/// Panics unless the manifest lists exactly the other files with their digests.
fn assert_whole(out: &BTreeMap<String, Vec<u8>>, of: &Path) {
    let manifest: serde_json::Value = serde_json::from_slice(&out["manifest.json"]).unwrap();
    let listed: BTreeMap<String, String> = manifest["artifacts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|a| {
            let text = |key: &str| a[key].as_str().unwrap().to_owned();
            (text("path"), text("sha256"))
        })
        .collect();
    let found: BTreeMap<String, String> = out
        .iter()
        .filter(|(path, _)| *path != "manifest.json")
        .map(|(path, bytes)| {
            let digest = Sha256::digest(bytes);
            let digest = digest.iter().fold(String::new(), |mut text, byte| {
                let _ = write!(text, "{byte:02x}");
                text
            });
            (path.clone(), digest)
        })
        .collect();
    assert_eq!(listed, found, "{}", of.display());
}

/// The files of an example that make its project.
fn sources(example: &str) -> Vec<(String, Vec<u8>)> {
    let folder = crate::support::root().join("examples").join(example);
    let mut files: Vec<(String, Vec<u8>)> =
        crate::support::files(&format!("examples/{example}"), ".ambit")
            .into_iter()
            .map(|(name, text)| (name, text.into_bytes()))
            .collect();
    files.push((
        "ambit.toml".to_owned(),
        std::fs::read(folder.join("ambit.toml")).unwrap(),
    ));
    files
}
