//! `ambit init DIR`: begins a project; all of it or nothing.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::exit::Failure;
use crate::output::Outcome;

/// Arguments of `init`.
#[derive(Debug, clap::Args)]
pub struct Init {
    /// What to begin with
    #[arg(long, value_name = "NAME", default_value = "minimal", value_parser = names())]
    template: String,
    /// The folder of the new project
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

/// A project to begin with: its name and its files.
struct Template {
    name: &'static str,
    files: &'static [(&'static str, &'static str)],
}

macro_rules! template {
    ($name:literal, $folder:literal, [$($file:literal),+ $(,)?]) => {
        Template { name: $name, files: &[$(($file, include_str!(concat!("../../", $folder, "/", $file)))),+] }
    };
}

/// The minimal project, and the examples.
const TEMPLATES: &[Template] = &[
    template!(
        "minimal",
        "templates/minimal",
        [
            "ambit.toml",
            "schema.ambit",
            "policy.ambit",
            "policy_test.ambit"
        ]
    ),
    template!(
        "sales",
        "../../examples/sales",
        [
            "ambit.toml",
            "schema.ambit",
            "policy.ambit",
            "policy_test.ambit",
            "data/deal_contacts.csv",
            "data/sales.csv",
        ]
    ),
    template!(
        "markets",
        "../../examples/markets",
        [
            "ambit.toml",
            "schema.ambit",
            "policy.ambit",
            "policy_test.ambit",
            "vectors.ambit",
            "data/cells.csv",
            "data/places.csv",
            "data/sales.csv",
        ]
    ),
    template!(
        "limits",
        "../../examples/limits",
        [
            "ambit.toml",
            "schema.ambit",
            "policy.ambit",
            "policy_test.ambit",
            "scopes.ambit",
            "scopes_test.ambit",
            "data/incidents.csv",
            "data/limits.csv",
        ]
    ),
    template!(
        "stores",
        "../../examples/stores",
        [
            "ambit.toml",
            "schema.ambit",
            "policy.ambit",
            "policy_test.ambit",
            "data/orders.csv",
            "data/stores.csv"
        ]
    ),
    template!(
        "dashboards",
        "../../examples/dashboards",
        [
            "ambit.toml",
            "schema.ambit",
            "policy.ambit",
            "policy_test.ambit",
            "data/visits.csv"
        ]
    ),
];

fn names() -> clap::builder::PossibleValuesParser {
    TEMPLATES.iter().map(|t| t.name).collect::<Vec<_>>().into()
}

/// Writes the template.
pub fn run(args: &Init) -> Result<Outcome, Failure> {
    let template = TEMPLATES.iter().find(|t| t.name == args.template);
    let template =
        template.ok_or_else(|| Failure::usage(format!("unknown template `{}`", args.template)))?;
    write(&args.folder, template)?;
    let files: Vec<&str> = template.files.iter().map(|(name, _)| *name).collect();
    let folder = args.folder.display().to_string();
    let answer = format!(
        "began a project in {folder}: {}\ntry: ambit -C {folder} test\n",
        files.join(", ")
    );
    Ok(Outcome::new(
        answer,
        json!({"folder": folder, "template": template.name, "files": files}),
    ))
}

/// Writes all files beside their places first, then moves each into its place without replacing anything. Whatever
/// goes wrong, what was made is taken away again.
fn write(folder: &Path, template: &Template) -> Result<(), Failure> {
    for (name, _) in template.files {
        let path = folder.join(name);
        // Also a link that leads nowhere counts as there.
        if path.symlink_metadata().is_ok() {
            return Err(Failure::outside(format!(
                "`{}` is there already; nothing was written",
                path.display()
            ))
            .help("choose a new folder, or move the file away"));
        }
    }
    // Folders that will be made, so that they can be taken away again: inner ones first.
    let mut made: Vec<PathBuf> = folders(folder, template)
        .iter()
        .flat_map(|f| missing_parents(f))
        .collect();
    made.sort_by_key(|f| std::cmp::Reverse(f.components().count()));
    made.dedup();
    let result = fill(folder, template);
    if result.is_err() {
        for folder in made {
            // A folder that something else has come into stays.
            let _ = fs::remove_dir(folder);
        }
    }
    result
}

/// The folders of a template's files.
fn folders(folder: &Path, template: &Template) -> Vec<PathBuf> {
    let inner = template
        .files
        .iter()
        .filter_map(|(name, _)| folder.join(name).parent().map(Path::to_path_buf));
    let mut all: Vec<PathBuf> = std::iter::once(folder.to_path_buf()).chain(inner).collect();
    all.sort();
    all.dedup();
    all
}

/// The folders that `create_dir_all` will make, innermost first.
fn missing_parents(folder: &Path) -> Vec<PathBuf> {
    let all = folder.ancestors().filter(|f| !f.as_os_str().is_empty());
    all.take_while(|f| f.symlink_metadata().is_err())
        .map(Path::to_path_buf)
        .collect()
}

fn fill(folder: &Path, template: &Template) -> Result<(), Failure> {
    for folder in folders(folder, template) {
        fs::create_dir_all(&folder).map_err(|e| Failure::file("create", &folder, &e))?;
    }
    // Dropped on every way out, with what is left in it.
    let stage = tempfile::Builder::new()
        .prefix(".ambit-init")
        .tempdir_in(folder)
        .map_err(|e| Failure::file("write into", folder, &e))?;
    // Numbered, so that the stage needs no folders of its own.
    for (number, (_, text)) in template.files.iter().enumerate() {
        let path = stage.path().join(number.to_string());
        fs::write(&path, text).map_err(|e| Failure::file("write", &path, &e))?;
    }
    let mut placed: Vec<PathBuf> = Vec::new();
    for (number, (name, _)) in template.files.iter().enumerate() {
        let target = folder.join(name);
        // A hard link fails where something stands already; a rename would replace it.
        let from = stage.path().join(number.to_string());
        let moved = fs::hard_link(&from, &target).or_else(|error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => Err(error),
            _ => fs::OpenOptions::new()
                .write(true)
                .create_new(true)
                .open(&target)
                .and_then(|mut to| std::io::copy(&mut fs::File::open(&from)?, &mut to).map(|_| ())),
        });
        if let Err(error) = moved {
            for path in placed {
                let _ = fs::remove_file(path);
            }
            return Err(Failure::file("write", &target, &error));
        }
        placed.push(target);
    }
    Ok(())
}
