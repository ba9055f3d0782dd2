//! `manifest.json`: what a build made, of what, and how far each artifact can be trusted. It is also the mark of a
//! folder that a build wrote.

use std::collections::BTreeMap;

use ambit_core::Instant;
use ambit_targets::target::Artifact;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::project::Project;

/// Its name in the folder of the artifacts.
pub const MANIFEST: &str = "manifest.json";

/// The version of this document.
const VERSION: u32 = 1;

/// The manifest. Fields stand in the order of their names, as they are written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The version of this document.
    pub ambit: u32,
    /// The artifacts in the order of their paths.
    pub artifacts: Vec<Entry>,
    /// The digest of the policy ([`policy_digest`]).
    pub policy_sha256: String,
}

/// An artifact in the manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// What it takes for granted of the system.
    pub assumes: Vec<String>,
    /// The database engine that it is written for, and the oldest version on which it holds.
    #[serde(default)]
    pub engine: Option<Engine>,
    /// How its faithfulness is known: `engine`, `model` or `documented`.
    pub evidence: String,
    /// Below the folder, with `/`.
    pub path: String,
    /// The SHA-256 of its bytes.
    pub sha256: String,
    /// The target that made it.
    pub target: String,
    /// The instant from which it no longer holds (RFC 3339), where a day is frozen in it.
    pub valid_until: Option<String>,
}

/// A database engine, from a version on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Engine {
    /// The oldest version: `3.40`.
    pub minimum: String,
    /// As paths spell it: `sqlite`.
    pub name: String,
}

impl Manifest {
    /// The manifest of a build.
    pub fn new(policy: String, artifacts: &BTreeMap<String, (&'static str, Artifact)>) -> Self {
        let entry = |(path, (target, artifact)): (&String, &(&'static str, Artifact))| Entry {
            assumes: artifact.assumes.clone(),
            engine: artifact.engine.map(|engine| Engine {
                minimum: engine.minimum.to_owned(),
                name: engine.name.to_owned(),
            }),
            evidence: artifact.evidence.word().to_owned(),
            path: path.clone(),
            sha256: sha256(artifact.content.as_bytes()),
            target: (*target).to_owned(),
            valid_until: artifact.valid_until.map(|t| t.to_string()),
        };
        Self {
            ambit: VERSION,
            artifacts: artifacts.iter().map(entry).collect(),
            policy_sha256: policy,
        }
    }

    /// Reads the bytes of a manifest; `None` where no build wrote them.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let read: Self = serde_json::from_slice(bytes).ok()?;
        (read.ambit == VERSION).then_some(read)
    }

    /// Its text: keys sorted, a line end last.
    pub fn text(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }

    /// The entry of a path.
    pub fn entry(&self, path: &str) -> Option<&Entry> {
        self.artifacts.iter().find(|e| e.path == path)
    }
}

impl Entry {
    /// Is it over at that instant? A text that is no instant counts as over.
    pub fn is_over(&self, now: Instant) -> bool {
        let until = self.valid_until.as_deref().map(str::parse::<Instant>);
        until.is_some_and(|t| t.map_or(true, |t| t <= now))
    }
}

/// The SHA-256 of bytes, in lower-case hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// The digest of a project: the SHA-256 of what `sha256sum` prints for `ambit.toml` and the `.ambit` files, in the order
/// of their names by bytes. Names are relative to the project, with `/`.
pub fn policy_digest(project: &Project) -> String {
    let mut files: Vec<_> = project.files.iter().collect();
    files.push(&project.settings);
    files.sort_by(|a, b| a.name.as_bytes().cmp(b.name.as_bytes()));
    let mut lines = String::new();
    for file in files {
        // As sha256sum does: a name that could break the line is escaped, and a backslash begins the line.
        let name = file
            .name
            .replace('\\', "\\\\")
            .replace('\n', "\\n")
            .replace('\r', "\\r");
        if name != *file.name {
            lines.push('\\');
        }
        lines.push_str(&sha256(file.text.as_bytes()));
        lines.push_str("  ");
        lines.push_str(&name);
        lines.push('\n');
    }
    sha256(lines.as_bytes())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn digests() {
        assert_eq!(
            sha256(b"abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn a_manifest_is_read_as_it_was_written_and_its_keys_are_sorted() {
        let manifest = Manifest {
            ambit: VERSION,
            artifacts: vec![Entry {
                assumes: vec!["a".into()],
                engine: Some(Engine {
                    minimum: "1".into(),
                    name: "n".into(),
                }),
                evidence: "engine".into(),
                path: "p".into(),
                sha256: sha256(b""),
                target: "t".into(),
                valid_until: Some("2024-01-16T00:00:00Z".into()),
            }],
            policy_sha256: sha256(b"x"),
        };
        let text = manifest.text();
        assert_eq!(Manifest::read(text.as_bytes()).as_ref(), Some(&manifest));
        let sorted: BTreeMap<String, serde_json::Value> = serde_json::from_str(&text).unwrap();
        assert_eq!(
            serde_json::to_string_pretty(&sorted).unwrap() + "\n",
            text,
            "sorted, with a line end"
        );
        assert_eq!(Manifest::read(b"{}"), None);
        assert_eq!(
            Manifest::read(text.replace("\"ambit\": 1", "\"ambit\": 2").as_bytes()),
            None
        );
        let entry = &manifest.artifacts[0];
        assert!(entry.is_over("2024-01-16T00:00:00Z".parse().unwrap()));
        assert!(!entry.is_over("2024-01-15T23:59:59Z".parse().unwrap()));
    }
}
