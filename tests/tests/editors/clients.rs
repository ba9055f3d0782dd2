//! Neovim, Emacs (eglot and lsp-mode) and recorded clients against the built server, on a copy of `examples/sales`
//! (`tests/editors/`).

use std::process::Command;
use std::time::Duration;

use ambit_grammar::{Category, TokenKind};

use super::process::{project, run};
use crate::engines::editors::Editors;
use crate::support::command::server;
use crate::{budget, support};

/// Far more than any of them takes.
const PATIENCE: Duration = Duration::from_mins(3);

/// Runs an editor in the copy of a project; `wanted` is the last thing that it says it did.
fn works(suite: &str, mut command: Command, wanted: &str) {
    let folder = tempfile::tempdir().unwrap();
    let project = project("sales", folder.path());
    let home = folder.path().join("home");
    std::fs::create_dir(&home).unwrap();
    command
        .current_dir(&project)
        // Nothing of the person's own.
        .env("HOME", &home)
        .env_remove("XDG_CONFIG_HOME")
        .env_remove("XDG_DATA_HOME")
        .env_remove("XDG_STATE_HOME")
        .env("AMBIT_ROOT", support::root())
        .env("AMBIT_SERVER", server());
    let ended = run(&mut command, PATIENCE);
    assert!(
        ended.success && ended.said.contains(wanted),
        "{suite}: {}",
        ended.said
    );
    let outcome = budget::Outcome {
        cases: 1,
        seed: budget::seed(),
        seconds: ended.seconds,
        ..budget::Outcome::default()
    };
    budget::summary("editors", suite, &outcome);
}

#[test]
fn a_person_works_in_neovim() {
    let editors = need!("editors");
    let root = support::root();
    let mut command = Command::new(&editors.neovim);
    command
        .args(["--headless", "-u", "NONE", "-i", "NONE", "-n", "--cmd"])
        .arg(format!(
            "set runtimepath^={}",
            root.join("lsp/editors/neovim").display()
        ))
        .args(["-c", "filetype plugin on", "-c", "syntax on", "-c"])
        .arg(format!(
            "luafile {}",
            root.join("tests/editors/neovim.lua").display()
        ));
    works("neovim", command, "neovim: formatted");
}

fn emacs(editors: &Editors, script: &str) -> Command {
    let root = support::root();
    let mut command = Command::new(&editors.emacs);
    command
        .args(["--batch", "-Q", "-L"])
        .arg(root.join("lsp/editors/emacs"))
        .arg("-l")
        .arg(root.join("tests/editors").join(script));
    command
}

#[test]
fn a_person_works_in_emacs_with_eglot() {
    let editors = need!("editors");
    let wanted = "eglot: the definition is in another file";
    works("eglot", emacs(&editors, "eglot.el"), wanted);
}

#[test]
fn a_person_works_in_emacs_with_lsp_mode() {
    let editors = need!("editors");
    let wanted = "lsp-mode: the server ended when it was asked to";
    works("lsp-mode", emacs(&editors, "lsp-mode.el"), wanted);
}

#[test]
fn emacs_compiles_the_mode_without_a_warning() {
    let editors = need!("editors");
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("ambit-mode.el");
    std::fs::copy(
        support::root().join("lsp/editors/emacs/ambit-mode.el"),
        &copy,
    )
    .unwrap();
    let mut command = Command::new(&editors.emacs);
    command
        .args([
            "--batch",
            "-Q",
            "--eval",
            "(setq byte-compile-error-on-warn t)",
        ])
        .args(["-f", "batch-byte-compile"])
        .arg(&copy);
    let ended = run(&mut command, PATIENCE);
    assert!(ended.success, "{}", ended.said);
}

/// What each recorded client said it can take, it gets, and nothing else.
#[test]
fn recorded_clients_get_what_they_can_take() {
    let editors = need!("editors");
    let tests = support::root().join("tests/editors");
    let mut command = Command::new(&editors.python);
    command
        .args([
            "-B",
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "-c",
            "/dev/null",
            "--rootdir",
        ])
        .arg(&tests)
        .arg(tests.join("test_clients.py"));
    works("pytest-lsp", command, " passed");
}

/// The words in a text, cut at everything that no word holds.
fn words(text: &str) -> Vec<&str> {
    let mut words: Vec<&str> = text
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .filter(|word| !word.is_empty())
        .collect();
    words.sort_unstable();
    words
}

fn of(category: Category) -> Vec<&'static str> {
    let kinds = TokenKind::KEYWORDS.iter().copied();
    let mut words: Vec<_> = kinds
        .filter(|k| k.category() == Some(category))
        .map(TokenKind::text)
        .collect();
    words.sort_unstable();
    words
}

const CATEGORIES: &[(&str, Category)] = &[
    ("Item", Category::Item),
    ("Clause", Category::Clause),
    ("Rule", Category::Rule),
    ("Operator", Category::Operator),
    ("Constant", Category::Constant),
    ("Test", Category::Test),
    ("Unit", Category::Unit),
];

#[test]
fn emacs_colours_the_words_of_the_table() {
    let text = support::read("lsp/editors/emacs/ambit-mode.el");
    for (name, category) in CATEGORIES {
        let head = format!("(defconst ambit-{}-words", name.to_lowercase());
        let (_, rest) = text.split_once(&head).unwrap_or_else(|| panic!("{head}"));
        let (list, _) = rest.split_once("))").unwrap();
        assert_eq!(words(list), of(*category), "{head}");
    }
}

#[test]
fn neovim_colours_the_words_of_the_table() {
    let text = support::read("lsp/editors/neovim/syntax/ambit.vim");
    for (name, category) in CATEGORIES {
        let keyword = format!("syntax keyword ambit{name} ");
        // One word is an option of `syntax keyword`.
        let matched = format!("syntax match ambit{name} /\\<");
        let mut listed: Vec<&str> = text
            .lines()
            .flat_map(|line| {
                let keywords = line.strip_prefix(&keyword).map(words);
                let word = line
                    .strip_prefix(&matched)
                    .and_then(|w| w.split_once("\\>"));
                keywords.unwrap_or_else(|| word.map(|(w, _)| w).into_iter().collect())
            })
            .collect();
        listed.sort_unstable();
        assert_eq!(listed, of(*category), "{name}");
    }
}
