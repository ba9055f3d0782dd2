//! Every snippet of docs/build.md is run: make, a Cargo build script, the steps of a workflow, and hooks before a commit.

use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::engines;
use crate::support::command::{ambit, is_there, plant, tree};
use crate::support::markdown::{Block, sections};
use crate::support::read;

/// The blocks below a heading.
fn blocks(heading: &str) -> Vec<Block> {
    let page = read("docs/build.md");
    let found = sections(&page)
        .into_iter()
        .find(|s| s.path.last().is_some_and(|h| h == heading));
    found
        .unwrap_or_else(|| panic!("no heading `{heading}`"))
        .blocks
}

const SCHEMA: &str =
    "source warehouse : sqlite\ntable sales in warehouse { key id : int  country : string }\n";
const POLICY: &str = "role analyst { grant read on sales where country = \"FRANCE\" }\n\
    test \"it holds\" {\n    given sales { id, country  1, \"FRANCE\"  2, \"ITALY\" }\n    analyst sees sales [1]\n}\n";
/// `SQLite` cannot say it: how the decimal is stored is not said.
const REFUSED: &str = "table costs in warehouse { key id : int  amount : decimal }\n\
    role auditor { grant read on costs where amount < 1.5 }\n";

/// A project with its policy in a folder.
fn project() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    plant(
        dir.path(),
        [
            ("ambit.toml", &b"[project]\nname = \"steps\"\n"[..]),
            ("schema.ambit", SCHEMA.as_bytes()),
            ("policy/who.ambit", POLICY.as_bytes()),
        ],
    );
    dir
}

/// The PATH with `ambit` on it.
fn path() -> OsString {
    let own = ambit().parent().unwrap().to_path_buf();
    let rest = std::env::var_os("PATH").unwrap_or_default();
    std::env::join_paths(std::iter::once(own).chain(std::env::split_paths(&rest))).unwrap()
}

fn run(folder: &Path, program: &str, args: &[&str]) -> Output {
    let mut command = Command::new(program);
    command.args(args).current_dir(folder).env("PATH", path());
    // Git and make take these from whoever runs the tests.
    for variable in [
        "MAKEFLAGS",
        "MAKELEVEL",
        "MFLAGS",
        "GIT_DIR",
        "GIT_INDEX_FILE",
        "GIT_WORK_TREE",
        "CARGO_TARGET_DIR",
    ] {
        command.env_remove(variable);
    }
    command
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1");
    command.output().unwrap()
}

fn said(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

#[track_caller]
fn succeeds(output: &Output) -> String {
    assert!(output.status.success(), "{}", said(output));
    said(output)
}

#[track_caller]
fn fails(output: &Output) -> String {
    assert!(!output.status.success(), "{}", said(output));
    said(output)
}

/// When the artifacts were built.
fn built(folder: &Path) -> std::time::SystemTime {
    std::fs::metadata(folder.join("out/manifest.json"))
        .unwrap()
        .modified()
        .unwrap()
}

#[test]
fn make_builds_what_changed_and_nothing_else() {
    if !is_there("make") {
        return engines::skip("make", module_path!(), "there is no `make`");
    }
    let dir = project();
    let folder = dir.path();
    // A file that only the depfile names: its own folder, and a blank in the name.
    plant(folder, [("deep/er/$x #y.ambit", &b"// nothing\n"[..])]);
    plant(folder, [("Makefile", blocks("Make")[0].text.as_bytes())]);
    let make = || run(folder, "make", &[]);
    let is_done = || run(folder, "make", &["-q"]).status.success();
    assert!(succeeds(&make()).contains("ambit build"));
    assert!(is_done());
    let first = built(folder);
    assert!(succeeds(&make()).contains("up to date"));
    assert_eq!(built(folder), first, "the second make does nothing");

    for (name, text) in [
        ("policy/who.ambit", POLICY.as_bytes()),
        ("deep/er/$x #y.ambit", b"// something\n"),
        ("ambit.toml", b"[project]\nname = \"other\"\n"),
        ("new.ambit", b"// a new file\n"),
    ] {
        plant(folder, [(name, text)]);
        assert!(!is_done(), "{name}");
        succeeds(&make());
        assert!(is_done(), "{name}");
    }
    std::fs::remove_file(folder.join("new.ambit")).unwrap();
    succeeds(&make());

    // What is refused stays refused until it is mended.
    plant(folder, [("policy/costs.ambit", REFUSED.as_bytes())]);
    for _ in 0..2 {
        assert!(fails(&make()).contains("E0502"));
    }
    std::fs::remove_file(folder.join("policy/costs.ambit")).unwrap();
    succeeds(&make());
    assert!(is_done());
}

/// Names that make takes apart or expands, and some that it cannot carry.
const NAMES: &[&str] = &[
    "a b.ambit",
    "a#b.ambit",
    "a$b.ambit",
    "$(x).ambit",
    "a:b.ambit",
    "a%b.ambit",
    "%.ambit",
    "*.ambit",
    "a?.ambit",
    "[a].ambit",
    "a]b.ambit",
    "~.ambit",
    "a~b.ambit",
    "é.ambit",
    "-a.ambit",
    "a,b.ambit",
    "a@b.ambit",
    "a+b.ambit",
    "a!b.ambit",
    "a^b{c}.ambit",
    "a<b>.ambit",
    "a`b.ambit",
    " a.ambit",
    "a  b.ambit",
    "${x}.ambit",
    "a;b.ambit",
    "a|b.ambit",
    "a&b.ambit",
    "(a).ambit",
    "a'b.ambit",
    "a\"b.ambit",
    "a=b.ambit",
    "a\\b.ambit",
    "a\\ b.ambit",
    "a\nb.ambit",
    "a\tb.ambit",
];

/// In the depfile make reads each as one file.
#[test]
fn make_reads_the_names_of_a_depfile_as_they_are() {
    if !is_there("make") {
        return engines::skip("make", module_path!(), "there is no `make`");
    }
    let (mut carried, mut refused, mut misread) = (0, Vec::new(), Vec::new());
    for name in NAMES {
        let dir = project();
        let folder = dir.path();
        plant(folder, [(*name, &b"// nothing\n"[..])]);
        let output = run(folder, "ambit", &["build", "--depfile", ".ambit.d"]);
        if output.status.code() == Some(2) {
            refused.push(*name);
            continue;
        }
        succeeds(&output);
        let makefile = "out/manifest.json: ambit.toml\n\tambit build --depfile .ambit.d\n\n-include .ambit.d\n";
        plant(folder, [("Makefile", makefile.as_bytes())]);
        let before = run(folder, "make", &["-q"]);
        plant(folder, [(*name, &b"// something\n"[..])]);
        let changed = run(folder, "make", &["-q"]);
        std::fs::remove_file(folder.join(name)).unwrap();
        let deleted = run(folder, "make", &["-n"]);
        let codes = [&before, &changed, &deleted].map(|o| o.status.code().unwrap());
        if codes == [0, 1, 0] {
            carried += 1;
        } else {
            misread.push(format!(
                "{name:?}: {codes:?} {}{}",
                said(&before),
                said(&changed)
            ));
        }
    }
    assert!(misread.is_empty(), "{}", misread.join("\n"));
    assert!(carried >= 20, "only {carried}; refused: {refused:?}");
    crate::budget::say(&format!(
        "depfile: make reads {carried} odd names; refused are {refused:?}"
    ));
}

#[test]
fn a_cargo_build_script_builds_when_the_policy_changes() {
    let dir = project();
    let folder = dir.path();
    let manifest =
        "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n";
    let program = "fn main() { print!(\"{}\", include_str!(\"../out/manifest.json\")); }\n";
    plant(
        folder,
        [
            ("Cargo.toml", manifest.as_bytes()),
            (
                "build.rs",
                blocks("A Cargo build script")[0].text.as_bytes(),
            ),
            ("src/main.rs", program.as_bytes()),
        ],
    );
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let start = || run(folder, &cargo, &["run", "--offline", "-q"]);
    let shown = succeeds(&start());
    assert_eq!(
        shown.as_bytes(),
        tree(folder)["out/manifest.json"],
        "the program holds the artifact"
    );
    let first = built(folder);
    succeeds(&start());
    assert_eq!(built(folder), first, "nothing changed");
    plant(
        folder,
        [(
            "policy/more.ambit",
            &b"role other { grant read on sales }\n"[..],
        )],
    );
    let again = succeeds(&start());
    assert!(again != shown && built(folder) > first);
    plant(folder, [("policy/more.ambit", REFUSED.as_bytes())]);
    assert!(fails(&start()).contains("the policy cannot be built"));
}

#[test]
fn the_steps_of_the_workflow_find_stale_artifacts() {
    let workflow = &blocks("GitHub Actions")[0];
    assert_eq!(workflow.info, "yaml");
    let steps: Vec<&str> = workflow
        .text
        .lines()
        .filter_map(|l| l.trim_start().strip_prefix("run: "))
        .collect();
    assert_eq!(steps.len(), 3);
    let dir = project();
    let folder = dir.path();
    // As GitHub runs them; which step fails.
    let failing = || {
        steps.iter().position(|step| {
            !run(
                folder,
                "bash",
                &["--noprofile", "--norc", "-eo", "pipefail", "-c", step],
            )
            .status
            .success()
        })
    };
    assert_eq!(failing(), Some(2), "nothing is built yet");
    succeeds(&run(folder, "ambit", &["build"]));
    assert_eq!(failing(), None);
    plant(folder, [("out/sql/sqlite/predicates.json", &b"[]\n"[..])]);
    assert_eq!(failing(), Some(2));
    let wrong = POLICY.replace("sees sales [1]", "sees sales [2]");
    plant(folder, [("policy/who.ambit", wrong.as_bytes())]);
    assert_eq!(failing(), Some(1));
    plant(
        folder,
        [(
            "policy/who.ambit",
            &b"role r { grant read on nothing_here }\n"[..],
        )],
    );
    assert_eq!(failing(), Some(0));
}

#[test]
fn a_commit_with_stale_artifacts_is_blocked() {
    if !is_there("git") {
        return engines::skip("git", module_path!(), "there is no `git`");
    }
    let blocks = blocks("Before a commit");
    assert_eq!(
        (blocks[0].info.as_str(), blocks[1].info.as_str()),
        ("sh", "yaml")
    );
    let entry = blocks[1]
        .text
        .lines()
        .find_map(|l| l.trim_start().strip_prefix("entry: "))
        .unwrap();
    for hook in [blocks[0].text.clone(), format!("#!/bin/sh\n{entry}\n")] {
        let dir = project();
        let folder = dir.path();
        let git = |args: &[&str]| {
            let person = [
                "-c",
                "user.name=A",
                "-c",
                "user.email=a@example.org",
                "-c",
                "commit.gpgsign=false",
            ];
            run(folder, "git", &[&person, args].concat())
        };
        succeeds(&git(&["init", "-q"]));
        plant(folder, [(".git/hooks/pre-commit", hook.as_bytes())]);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let path = folder.join(".git/hooks/pre-commit");
            std::fs::set_permissions(path, PermissionsExt::from_mode(0o755)).unwrap();
        }
        let commit = || {
            succeeds(&git(&["add", "--all"]));
            git(&["commit", "-q", "-m", "x"])
        };
        fails(&commit());
        succeeds(&run(folder, "ambit", &["build"]));
        succeeds(&commit());
        let policy = POLICY.replace("country = \"FRANCE\"", "id = 1");
        plant(folder, [("policy/who.ambit", policy.as_bytes())]);
        assert!(fails(&commit()).contains("is stale"));
        succeeds(&run(folder, "ambit", &["build"]));
        succeeds(&commit());
    }
    // The hook looks at what is committed: artifacts that are built and not added do not count.
    let dir = project();
    let folder = dir.path();
    let git = |args: &[&str]| succeeds(&run(folder, "git", args));
    git(&["init", "-q"]);
    git(&["add", "--all"]);
    succeeds(&run(folder, "ambit", &["build"]));
    fails(&run(folder, "sh", &["-c", &blocks[0].text]));
    git(&["add", "--all"]);
    succeeds(&run(folder, "sh", &["-c", &blocks[0].text]));
}
