//! The same project gives the same bytes, wherever, whenever and by whomever it is built.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use ambit_tests::project::{SETTINGS, Shape, generate};

use super::examples::EXAMPLES;
use super::{assert_whole, sources};
use crate::budget::say;
use crate::support::command::{ambit, is_there, plant, tree};

/// Names and bytes.
type Files = Vec<(String, Vec<u8>)>;

/// A place and a person.
struct Circumstances {
    folder: &'static str,
    variables: &'static [(&'static str, &'static str)],
    /// The files are written in reverse.
    reversed: bool,
    /// On one processor, where the system can be told so: the compiler then uses one thread.
    alone: bool,
}

const HERE: Circumstances = Circumstances {
    folder: "a",
    variables: &[("TZ", "UTC"), ("LC_ALL", "C"), ("HOME", "/nonexistent")],
    reversed: false,
    alone: false,
};
const THERE: Circumstances = Circumstances {
    folder: "another place, é/with a longer name",
    variables: &[
        ("TZ", "Pacific/Kiritimati"),
        ("LC_ALL", "tr_TR.UTF-8"),
        ("LANG", "tr_TR.UTF-8"),
        ("HOME", "/tmp"),
        ("USER", "somebody"),
        ("RAYON_NUM_THREADS", "1"),
        ("SOURCE_DATE_EPOCH", "1"),
        ("NO_COLOR", "1"),
    ],
    reversed: true,
    alone: true,
};

/// Builds twice in a new clone; the files of `out` after each.
fn built(
    at: &Path,
    how: &Circumstances,
    files: &[(String, Vec<u8>)],
) -> [BTreeMap<String, Vec<u8>>; 2] {
    let project = at.join(how.folder).join("project");
    let mut files: Vec<(&str, &[u8])> = files
        .iter()
        .map(|(n, b)| (n.as_str(), b.as_slice()))
        .collect();
    if how.reversed {
        files.reverse();
    }
    plant(&project, files);
    std::array::from_fn(|_| {
        let mut command = if how.alone && is_there("taskset") {
            let mut command = Command::new("taskset");
            command.args(["-c", "0"]).arg(ambit());
            command
        } else {
            Command::new(ambit())
        };
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.envs(how.variables.iter().copied());
        let output = command.arg("build").current_dir(&project).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            matches!(output.status.code(), Some(0 | 3)),
            "{}: {said}",
            project.display()
        );
        let out = project.join("out");
        let found = tree(&out);
        assert_whole(&found, &out);
        found
    })
}

#[test]
fn only_the_project_matters() {
    let mut projects: Vec<(&str, Files)> = EXAMPLES
        .iter()
        .map(|(name, _)| (*name, sources(name)))
        .collect();
    let mut generated: Files = generate(Shape::of_grants(600))
        .into_iter()
        .map(|(name, text)| (name, text.into_bytes()))
        .collect();
    let settings = format!("{SETTINGS}\n[build]\nper_user = true\n[targets.ucast]\n");
    generated.push(("ambit.toml".to_owned(), settings.into_bytes()));
    projects.push(("generated", generated));
    let (mut compared, mut bytes) = (0, 0);
    for (name, files) in &projects {
        let dir = tempfile::tempdir().unwrap();
        let [first, second] = built(dir.path(), &HERE, files);
        let [third, fourth] = built(dir.path(), &THERE, files);
        for other in [&second, &third, &fourth] {
            let differing: Vec<&String> = first
                .keys()
                .chain(other.keys())
                .filter(|path| first.get(*path) != other.get(*path))
                .collect();
            assert!(differing.is_empty(), "{name}: {differing:?}");
        }
        compared += first.len();
        bytes += first.values().map(Vec::len).sum::<usize>();
    }
    say(&format!(
        "builds: {} projects built four times, in two clones: {compared} files, {bytes} bytes, no difference",
        projects.len()
    ));
}
