//! `--watch`: runs a command again whenever the files of its project change.

use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

use notify::event::{CreateKind, ModifyKind, RemoveKind};
use notify::{EventKind, RecursiveMode, Watcher as _};

use crate::args::Global;
use crate::exit::Failure;
use crate::output::{Outcome, Printer};
use crate::project;
use crate::workspace::Workspace;

/// Editors write a file in several steps; changes this close together are one.
const QUIET: Duration = Duration::from_millis(50);

/// Runs `command` once, and again after every change; prints each outcome. Ends only when it cannot watch.
pub fn watch(
    name: &str,
    global: &Global,
    printer: &mut Printer,
    mut command: impl FnMut(&Workspace) -> Result<Outcome, Failure>,
) -> Result<Outcome, Failure> {
    let root = project::find_root(global.directory.as_deref())?;
    let (sender, changes) = mpsc::channel();
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        // An error may mean that changes were lost: look again.
        if event.map_or(true, |e| matters(&e)) {
            let _ = sender.send(());
        }
    })
    .map_err(|e| cannot(&root, &e))?;
    // Before the first reading, so that no change falls between the two.
    watcher
        .watch(&root, RecursiveMode::Recursive)
        .map_err(|e| cannot(&root, &e))?;

    let mut workspace: Option<Workspace> = None;
    let mut last_failure: Option<Failure> = None;
    loop {
        let opened = match &mut workspace {
            Some(workspace) => workspace.refresh(),
            None => Workspace::open_at(root.clone()).map(|read| {
                workspace = Some(read);
                true
            }),
        };
        match opened {
            Ok(is_new) => {
                // After a failure the same files deserve an answer again.
                if let (Some(workspace), true) = (&workspace, is_new || last_failure.is_some()) {
                    let outcome = command(workspace).unwrap_or_else(|f| Outcome::failed(&f));
                    printer.print(name, &outcome);
                }
                last_failure = None;
            }
            Err(failure) => {
                if last_failure.as_ref() != Some(&failure) {
                    printer.print(name, &Outcome::failed(&failure));
                    last_failure = Some(failure);
                }
            }
        }
        if changes.recv().is_err() {
            return Err(Failure::outside(format!(
                "no longer told about changes in `{}`",
                root.display()
            )));
        }
        while changes.recv_timeout(QUIET).is_ok() {}
    }
}

fn cannot(root: &Path, error: &notify::Error) -> Failure {
    Failure::outside(format!("cannot watch `{}`: {error}", root.display()))
        .help("the system may limit how many folders can be watched")
}

/// Whether an event can change the project: a folder, a source or the settings, and more than a reading of it.
fn matters(event: &notify::Event) -> bool {
    let relevant = |path: &Path| match path.extension() {
        Some(ending) => project::is_source(path) || ending == "toml",
        None => true,
    };
    // A folder or link that comes, goes or is called otherwise may take sources with it, whatever its name.
    let may_be_folder = match event.kind {
        EventKind::Create(kind) => kind != CreateKind::File,
        EventKind::Remove(kind) => kind != RemoveKind::File,
        EventKind::Modify(kind) => matches!(kind, ModifyKind::Name(_)),
        _ => false,
    };
    !matches!(event.kind, EventKind::Access(_))
        && (may_be_folder || event.paths.is_empty() || event.paths.iter().any(|p| relevant(p)))
}
