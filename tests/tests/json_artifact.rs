//! The JSON family of artifacts: `policy.json` against its schema and its reader in Python, UCAST against its real
//! interpreters.

mod cases;
mod corrupt;
mod enforcer;
mod node;
mod schema;
mod ucast;

use std::sync::Arc;

use ambit_core::Program;

use crate::support::project::Checked;
use crate::support::{files, read};

/// The projects of `examples/`.
const EXAMPLES: &[&str] = &["sales", "markets", "limits", "stores", "dashboards"];

/// An example's program.
fn example(name: &str) -> Arc<Program> {
    let folder = format!("examples/{name}");
    let checked = Checked::new(
        &files(&folder, ".ambit"),
        Some(&read(&format!("{folder}/ambit.toml"))),
    );
    ambit_compiler::program(&checked.db, checked.project).unwrap()
}
