//! `--check`: whether the folder holds what a build would write now.

use std::collections::{BTreeMap, BTreeSet};

use ambit_core::Instant;

use super::folder::Found;
use super::manifest::{MANIFEST, Manifest, sha256};

/// Why a file is not as it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// Written by a build, of another policy or by another version.
    Stale,
    /// Changed by hand since a build wrote it.
    Altered,
    /// Not there.
    Missing,
    /// There, and no build wrote it.
    Extra,
    /// The day that is frozen in it is over.
    Expired,
}

impl Reason {
    /// As JSON says it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Stale => "stale",
            Self::Altered => "altered",
            Self::Missing => "missing",
            Self::Extra => "extra",
            Self::Expired => "expired",
        }
    }

    /// What it means, after the name of the file.
    pub fn means(self) -> &'static str {
        match self {
            Self::Stale => "is stale: the policy, its settings or Ambit changed since it was built",
            Self::Altered => "was altered since it was built",
            Self::Missing => "is missing",
            Self::Extra => "is extra: no build wrote it",
            Self::Expired => "has expired: the day that is frozen in it is over",
        }
    }

    /// What to do.
    pub fn help(self) -> &'static str {
        match self {
            Self::Stale | Self::Missing | Self::Expired => "run `ambit build`",
            Self::Altered => "change the policy, not the artifact; `ambit build` writes it again",
            Self::Extra => "move it out of the folder",
        }
    }
}

/// Compares what is there (`found`) with what should be (`expected`: path and bytes, the manifest among them), at an
/// instant. In the order of paths.
pub fn compare(
    found: &BTreeMap<String, Found>,
    expected: &BTreeMap<&str, &[u8]>,
    now: Instant,
) -> Vec<(String, Reason)> {
    let old = match found.get(MANIFEST) {
        Some(Found::File(bytes)) => Manifest::read(bytes),
        _ => None,
    };
    let paths: BTreeSet<&str> = found
        .keys()
        .map(String::as_str)
        .chain(expected.keys().copied())
        .collect();
    let mut faults = Vec::new();
    for path in paths {
        let entry = old.as_ref().and_then(|m| m.entry(path));
        let is_over = entry.is_some_and(|e| e.is_over(now));
        let reason = match (found.get(path), expected.get(path)) {
            (Some(Found::File(bytes)), Some(wanted)) if bytes == wanted => {
                is_over.then_some(Reason::Expired)
            }
            (Some(Found::File(bytes)), wanted) => {
                let is_built = if path == MANIFEST {
                    old.as_ref().is_some_and(|m| m.text().as_bytes() == bytes)
                } else {
                    entry.is_some_and(|e| e.sha256 == sha256(bytes))
                };
                Some(match (is_built, wanted) {
                    (true, Some(_)) if is_over => Reason::Expired,
                    (true, _) => Reason::Stale,
                    (false, _) if entry.is_some() || wanted.is_some() => Reason::Altered,
                    (false, _) => Reason::Extra,
                })
            }
            (Some(Found::Other), Some(_)) => Some(Reason::Altered),
            (Some(Found::Other), None) => Some(Reason::Extra),
            (None, Some(_)) => Some(Reason::Missing),
            (None, None) => None,
        };
        faults.extend(reason.map(|r| (path.to_owned(), r)));
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::manifest::Entry;

    /// Compares, with a manifest that says what a build wrote; the expected manifest is the same.
    fn faults(
        built: &[(&str, &str, Option<&str>)],
        there: &[(&str, &str)],
        wanted: &[(&str, &str)],
    ) -> Vec<String> {
        let manifest = Manifest {
            ambit: 1,
            artifacts: built
                .iter()
                .map(|(path, text, until)| Entry {
                    assumes: Vec::new(),
                    engine: None,
                    evidence: "engine".into(),
                    path: (*path).into(),
                    sha256: sha256(text.as_bytes()),
                    target: "t".into(),
                    valid_until: until.map(str::to_owned),
                })
                .collect(),
            policy_sha256: String::new(),
        }
        .text();
        let found = there
            .iter()
            .chain(std::iter::once(&(MANIFEST, manifest.as_str())))
            .map(|(path, text)| ((*path).to_owned(), Found::File(text.as_bytes().to_vec())))
            .collect();
        let expected = wanted
            .iter()
            .chain(std::iter::once(&(MANIFEST, manifest.as_str())))
            .map(|(path, text)| (*path, text.as_bytes()))
            .collect();
        let now = "2024-01-15T12:00:00Z".parse().unwrap_or(Instant::MIN);
        compare(&found, &expected, now)
            .into_iter()
            .map(|(path, reason)| format!("{path} {}", reason.word()))
            .collect()
    }

    #[test]
    fn each_difference_has_its_reason() {
        let none: &[&str] = &[];
        assert_eq!(
            faults(&[("a", "1", None)], &[("a", "1")], &[("a", "1")]),
            none
        );
        assert_eq!(
            faults(&[("a", "1", None)], &[("a", "1")], &[("a", "2")]),
            ["a stale"]
        );
        assert_eq!(
            faults(&[("a", "1", None)], &[("a", "1")], &[]),
            ["a stale"],
            "no longer made"
        );
        assert_eq!(
            faults(&[("a", "1", None)], &[("a", "x")], &[("a", "1")]),
            ["a altered"]
        );
        assert_eq!(
            faults(&[("a", "1", None)], &[("a", "x")], &[("a", "2")]),
            ["a altered"]
        );
        assert_eq!(
            faults(&[], &[("a", "x")], &[("a", "2")]),
            ["a altered"],
            "in the place of one"
        );
        assert_eq!(faults(&[], &[("a", "x")], &[]), ["a extra"]);
        assert_eq!(
            faults(&[("a", "1", None)], &[], &[("a", "1")]),
            ["a missing"]
        );
    }

    #[test]
    fn what_is_over_has_expired() {
        let over = Some("2024-01-15T12:00:00Z");
        let holds = Some("2024-01-15T12:00:01Z");
        assert_eq!(
            faults(&[("a", "1", over)], &[("a", "1")], &[("a", "1")]),
            ["a expired"]
        );
        assert_eq!(
            faults(&[("a", "1", over)], &[("a", "1")], &[("a", "2")]),
            ["a expired"]
        );
        assert_eq!(
            faults(&[("a", "1", over)], &[("a", "x")], &[("a", "2")]),
            ["a altered"]
        );
        assert_eq!(
            faults(&[("a", "1", Some("soon"))], &[("a", "1")], &[("a", "1")]),
            ["a expired"]
        );
        assert!(faults(&[("a", "1", holds)], &[("a", "1")], &[("a", "1")]).is_empty());
    }
}
