//! `ambit fmt`: brings files into the one canonical layout.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ambit_diagnostics::{LineIndex, Resolved};
use ambit_grammar::{Formatted, SkipReason};
use serde_json::json;
use smol_str::SmolStr;

use crate::args::Global;
use crate::exit::{Exit, Failure};
use crate::output::Outcome;
use crate::project;

/// Arguments of `fmt`.
#[derive(Debug, clap::Args)]
pub struct Fmt {
    /// Change nothing; fail if a file would change
    #[arg(long)]
    check: bool,
    /// Read a text from stdin and print it formatted
    #[arg(long, conflicts_with = "files")]
    stdin: bool,
    /// Files, or folders with all `.ambit` files under them (default: those of the project)
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// Formats.
pub fn run(args: &Fmt, global: &Global) -> Result<Outcome, Failure> {
    let mut problems = Vec::new();
    if args.stdin {
        return stdin(args.check, problems);
    }
    let files = files(args, global, &mut problems)?;
    let mut outcome = Outcome::default();
    let mut changed = Vec::new();
    for file in &files {
        // A file that is no text has its problem, and stays.
        if problems.iter().any(|p| p.at.file == file.name) {
            outcome
                .sources
                .insert(file.name.clone(), Arc::clone(&file.text));
            continue;
        }
        let formatted = ambit_grammar::format(&file.text);
        outcome
            .notes
            .extend(skipped(&file.name, &file.text, &formatted));
        if formatted.text != *file.text {
            if !args.check {
                replace(&file.path, &formatted.text)?;
            }
            changed.push(file.name.as_str());
        }
    }
    for name in &changed {
        let _ = writeln!(
            outcome.answer,
            "{}{name}",
            if args.check {
                "would change "
            } else {
                "formatted "
            }
        );
    }
    if args.check && !changed.is_empty() {
        outcome.exit = Some(Exit::Input);
        outcome
            .notes
            .push("help: `ambit fmt` brings them into the canonical layout".to_owned());
    }
    outcome.result = json!({"changed": changed});
    outcome.problems = problems;
    Ok(outcome)
}

fn files(
    args: &Fmt,
    global: &Global,
    problems: &mut Vec<Resolved>,
) -> Result<Vec<project::File>, Failure> {
    if args.files.is_empty() {
        let root = project::find_root(global.directory.as_deref())?;
        let project = project::load(root)?;
        problems.extend(
            project
                .problems
                .into_iter()
                .filter(|p| p.at.file != project.settings.name),
        );
        return Ok(project.files);
    }
    let mut named: Vec<(SmolStr, PathBuf)> = Vec::new();
    for path in &args.files {
        if path.is_dir() {
            for (_, path) in project::sources(path, &project::Rules::default())?.sources {
                named.push((path.display().to_string().into(), path));
            }
        } else {
            named.push((path.display().to_string().into(), path.clone()));
        }
    }
    named.sort();
    named.dedup();
    named
        .into_iter()
        .map(|(name, path)| project::read(name, path, problems))
        .collect()
}

fn stdin(check: bool, mut problems: Vec<Resolved>) -> Result<Outcome, Failure> {
    let name = SmolStr::new("<stdin>");
    let mut bytes = Vec::new();
    let read = std::io::stdin().lock().read_to_end(&mut bytes);
    read.map_err(|e| Failure::file("read", Path::new("<stdin>"), &e))?;
    let text = project::text(&name, bytes, &mut problems);
    if !problems.is_empty() {
        let sources = std::iter::once((name, text)).collect();
        return Ok(Outcome {
            problems,
            sources,
            result: json!({"changed": []}),
            ..Outcome::default()
        });
    }
    let formatted = ambit_grammar::format(&text);
    let differs = formatted.text != *text;
    let changed: &[&str] = if differs { &["<stdin>"] } else { &[] };
    let notes = skipped(&name, &text, &formatted);
    Ok(Outcome {
        exit: (check && differs).then_some(Exit::Input),
        notes,
        result: json!({"changed": changed, "text": formatted.text}),
        answer: if check { String::new() } else { formatted.text },
        ..Outcome::default()
    })
}

/// What stayed as it was, and why, one line each.
fn skipped(name: &str, text: &str, formatted: &Formatted) -> Vec<String> {
    let lines = LineIndex::new(text);
    let place = |byte: u32| format!("{name}:{}", lines.position(text, byte).line);
    let mut notes: Vec<String> = formatted
        .skipped
        .iter()
        .map(|(span, reason)| {
            let why = match reason {
                SkipReason::SyntaxError => "left as it is: it cannot be read; `ambit check` says why",
                SkipReason::WouldChangeMeaning => {
                    "left as it is: formatted, it would mean something else; this is an error in Ambit, please report it"
                }
                SkipReason::TooLarge => "left as it is: too large",
                _ => "left as it is",
            };
            format!("note: {}: {why}", place(span.start))
        })
        .collect();
    // Many broken items tell no more than a few.
    let more = notes.len().saturating_sub(20);
    notes.truncate(20);
    if more > 0 {
        notes.push(format!("note: {name}: and {more} more"));
    }
    notes
}

/// Replaces a file whole or not at all. A link stays a link; permissions stay.
pub(super) fn replace(path: &Path, text: &str) -> Result<(), Failure> {
    let fail = |e: &std::io::Error| Failure::file("write", path, e);
    let path = std::fs::canonicalize(path).map_err(|e| fail(&e))?;
    let permissions = std::fs::metadata(&path)
        .map_err(|e| fail(&e))?
        .permissions();
    if permissions.readonly() {
        return Err(Failure::outside(format!(
            "cannot write `{}`: it is read-only",
            path.display()
        )));
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new()
        .prefix(".ambit-fmt")
        .tempfile_in(folder)
        .map_err(|e| fail(&e))?;
    file.write_all(text.as_bytes()).map_err(|e| fail(&e))?;
    file.as_file()
        .set_permissions(permissions)
        .map_err(|e| fail(&e))?;
    file.as_file().sync_data().map_err(|e| fail(&e))?;
    file.persist(&path).map_err(|e| fail(&e.error))?;
    Ok(())
}
