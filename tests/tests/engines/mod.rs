//! Engines outside Rust that some tests need, and what happens where one is missing (contract.md, "TESTS").
//!
//! `need!("postgres")` gives the engine, or ends the test: with one SKIPPED line and a line in the summary, or, where
//! `AMBIT_REQUIRE` names the engine or says `all`, with a failure.

/// The engine of that name, or the end of the test: `"postgres"` and `"postgres-minimum"` give a [`postgres::Server`], `"sqlite-minimum"`
/// the machine's own [`sqlite::System`], `"python"` the interpreter, `"node"` a [`node::Node`], `"browser"` a [`browser::Browser`], `"editors"` the [`editors::Editors`]. What is there but does not work fails the test.
macro_rules! need {
    ("postgres") => {
        need!(@ "postgres", $crate::engines::postgres::server())
    };
    ("postgres-minimum") => {
        need!(@ "postgres-minimum", $crate::engines::postgres::minimum())
    };
    ("postgres-newest") => {
        need!(@ "postgres-newest", $crate::engines::postgres::newest())
    };
    ("sqlite-minimum") => {
        need!(@ "sqlite-minimum", $crate::engines::sqlite::system())
    };
    ("python") => {
        need!(@ "python", $crate::engines::python::interpreter())
    };
    ("node") => {
        need!(@ "node", $crate::engines::node::node())
    };
    ("browser") => {
        need!(@ "browser", $crate::engines::browser::browser())
    };
    ("editors") => {
        need!(@ "editors", $crate::engines::editors::editors())
    };
    (@ $name:literal, $found:expr) => {
        match $found {
            Ok(engine) => engine,
            Err(reason) => return $crate::engines::skip($name, module_path!(), &reason),
        }
    };
}

pub mod browser;
pub mod editors;
pub mod node;
pub mod postgres;
pub mod python;
pub mod sqlite;

use std::collections::BTreeSet;
use std::sync::Mutex;

/// Says that a suite was skipped for want of an engine.
///
/// # Panics
/// Where `AMBIT_REQUIRE` asks for the engine.
pub fn skip(name: &str, suite: &str, reason: &str) {
    static SAID: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let required = std::env::var("AMBIT_REQUIRE").unwrap_or_default();
    assert!(
        !is_required(&required, name),
        "AMBIT_REQUIRE asks for {name}: {reason}; run .ci/install {name}"
    );
    if SAID.lock().unwrap().insert(name.to_owned()) {
        crate::budget::say(&format!("SKIPPED {name}: run .ci/install {name}"));
    }
    crate::budget::skipped(suite, name, reason);
}

/// Does the text of `AMBIT_REQUIRE` ask for this engine?
fn is_required(required: &str, name: &str) -> bool {
    required
        .split(',')
        .map(str::trim)
        .any(|word| word == "all" || word == name)
}

#[test]
fn require_names_engines_or_all() {
    assert!(is_required("all", "postgres"));
    assert!(is_required("node, postgres", "postgres"));
    assert!(!is_required("", "postgres"));
    assert!(!is_required("postgresql,node", "postgres"));
}

/// What `.ci/install` fetched stands here.
pub fn cache() -> std::path::PathBuf {
    let variable = |name: &str| {
        std::env::var_os(name)
            .filter(|v| !v.is_empty())
            .map(std::path::PathBuf::from)
    };
    variable("AMBIT_CI_CACHE").unwrap_or_else(|| {
        variable("XDG_CACHE_HOME")
            .or_else(|| variable("HOME").map(|h| h.join(".cache")))
            .unwrap_or_else(std::env::temp_dir)
            .join("ambit-ci")
    })
}
