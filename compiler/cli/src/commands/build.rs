//! `ambit build`: writes the artifacts, or says whether they are those that it would write.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use ambit_compiler::Config;
use ambit_core::Program;
use ambit_diagnostics::{Resolved, Sources, render};
use ambit_targets::target::Target;
use jiff::civil::Date;
use serde_json::{Value as Json, json};

use super::check::counted;
use super::inputs;
use crate::args::{Format, Global};
use crate::build::compare::{Reason, compare};
use crate::build::emit::{self, Built};
use crate::build::folder::{Found, Out};
use crate::build::manifest::{MANIFEST, Manifest, policy_digest};
use crate::build::progress::Progress;
use crate::build::refusals::{Refusals, refusals};
use crate::build::swap::{How, Workshop};
use crate::build::{depfile, settings};
use crate::exit::{Exit, Failure};
use crate::output::{Outcome, Printer};
use crate::watch::watch;
use crate::workspace::Workspace;

/// Arguments of `build`.
#[derive(Debug, clap::Args)]
pub struct Build {
    /// What to build (default: json, sql and each target that ambit.toml has a table for)
    #[arg(long = "target", value_name = "TARGET")]
    targets: Vec<String>,
    /// Write nothing; fail if the artifacts are not those that would be written
    #[arg(long, conflicts_with = "depfile")]
    check: bool,
    /// Write there, in the syntax of make, which files the artifacts are made of
    #[arg(long, value_name = "FILE")]
    depfile: Option<PathBuf>,
    /// Build again whenever a file changes
    #[arg(long)]
    watch: bool,
}

/// Builds.
pub fn run(args: &Build, global: &Global, printer: &mut Printer) -> Result<Outcome, Failure> {
    if args.watch {
        return watch("build", global, printer, |workspace| {
            build(args, global, workspace)
        });
    }
    build(args, global, &Workspace::open(global)?)
}

fn build(args: &Build, global: &Global, workspace: &Workspace) -> Result<Outcome, Failure> {
    let config = &*workspace.input.config(&workspace.db);
    let targets = settings::chosen(config, &args.targets)?;
    let progress = Progress::new(global.format == Format::Human);
    progress.stage("checking");
    let mut problems = workspace.checked()?.problems;
    let program = ambit_compiler::program(&workspace.db, workspace.input)
        .ok_or_else(|| Failure::new(Exit::Input, "the project has errors"))?;
    let job = Job {
        args,
        global,
        workspace,
        config,
        program: &program,
        targets: &targets,
        progress: &progress,
    };
    match job.run(&mut problems) {
        Err(Stop::Failure(failure)) => Err(failure),
        // The folder is not ours.
        Err(Stop::Problem(problem)) => {
            problems.push(*problem);
            Err(Failure {
                message: "nothing was built".to_owned(),
                ..Failure::problems(problems, workspace.sources())
            })
        }
        Ok(outcome) => Ok(Outcome {
            problems,
            sources: workspace.sources(),
            ..outcome
        }),
    }
}

/// Why a build ends early.
enum Stop {
    Failure(Failure),
    Problem(Box<Resolved>),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

/// All that a build knows.
struct Job<'a> {
    args: &'a Build,
    global: &'a Global,
    workspace: &'a Workspace,
    config: &'a Config,
    program: &'a Program,
    targets: &'a [&'static dyn Target],
    progress: &'a Progress,
}

impl Job<'_> {
    /// The outcome without the problems of the project; those of the build are added to `problems`.
    fn run(&self, problems: &mut Vec<Resolved>) -> Result<Outcome, Stop> {
        let root = &self.workspace.disk.root;
        let out = Out::of(root, self.config);
        self.ours(out.stands_inside(root))?;
        let dependencies = self.dependencies(&out)?;
        let built = self.emit(&out)?;
        let Refusals {
            problems: refused,
            notes,
        } = refusals(self.program, &built);
        let manifest = Manifest::new(policy_digest(&self.workspace.disk), &built.artifacts);
        let text = manifest.text();
        let mut files: BTreeMap<&str, &[u8]> = built
            .artifacts
            .iter()
            .map(|(path, (_, artifact))| (path.as_str(), artifact.content.as_bytes()))
            .collect();
        files.insert(MANIFEST, text.as_bytes());
        let mut outcome = Outcome {
            exit: (!refused.is_empty()).then_some(Exit::Refused),
            ..Outcome::default()
        };
        let mut faults = Vec::new();
        if self.args.check {
            self.progress.stage("comparing");
            let now = inputs::now(self.global, &self.program.settings);
            faults = compare(&out.files()?, &files, now);
            outcome.answer = verdict(&out, &faults);
            outcome.notes.extend(said(&out, &faults));
            if !faults.is_empty() {
                outcome.exit = outcome.exit.max(Some(Exit::Input));
            }
        } else {
            self.progress.stage("writing");
            self.write(&out, &files)?;
            if let Some((path, text)) = dependencies {
                depfile::write(&path, &text)?;
            }
            outcome.answer = written(&out, &built, &files);
            outcome
                .notes
                .extend(built.notes.iter().map(|n| format!("note: {n}")));
            outcome.notes.extend(frozen_days(&built));
        }
        outcome.notes.extend(notes);
        let left_out = self.workspace.disk.left_out.len();
        if left_out > 0 {
            outcome.notes.push(format!(
                "note: {} left out (`ambit check` says which, and why)",
                counted(left_out, "file")
            ));
        }
        outcome.result = self.result(&out, &manifest, &refused, &faults);
        problems.extend(refused);
        Ok(outcome)
    }

    /// A trouble with the folder as what ends the build.
    fn ours(&self, result: Result<(), crate::build::folder::Trouble>) -> Result<(), Stop> {
        result.map_err(|trouble| match trouble.failure(self.config) {
            Ok(problem) => Stop::Problem(Box::new(problem)),
            Err(failure) => Stop::Failure(failure),
        })
    }

    fn emit(&self, out: &Out) -> Result<Built, Failure> {
        let today = inputs::today(self.global, &self.program.settings);
        // What was frozen when it was built is compared as frozen, whoever asks.
        let old = if self.args.check {
            match out.files()?.remove(MANIFEST) {
                Some(Found::File(bytes)) => Manifest::read(&bytes),
                _ => None,
            }
        } else {
            None
        };
        let was_frozen = |target: &dyn Target| {
            let mut entries = old.iter().flat_map(|m| &m.artifacts);
            entries.any(|e| e.target == target.name() && e.valid_until.is_some())
        };
        let frozen = |target: &dyn Target| -> Option<Date> {
            let asked = self.global.at.is_some() && !self.args.check;
            let freeze = asked || emit::asks_to_freeze(self.config, target) || was_frozen(target);
            freeze.then_some(today)
        };
        // The smallest equal form is what an enforcer reads and a person reviews.
        let smallest = ambit_analysis::smallest(self.program);
        emit::emit(&smallest, self.config, self.targets, &frozen, &|target| {
            self.progress.stage(target);
        })
    }

    /// The depfile, where one is wanted: its path and text. Asked for before anything is written.
    fn dependencies(&self, out: &Out) -> Result<Option<(PathBuf, String)>, Failure> {
        let Some(path) = &self.args.depfile else {
            return Ok(None);
        };
        let disk = &self.workspace.disk;
        let root = depfile::seen_from_here(&disk.root, self.global.directory.as_deref());
        let inputs: Vec<PathBuf> = std::iter::once(&disk.settings)
            .chain(&disk.files)
            .map(|f| root.join(f.name.as_str()))
            .collect();
        let full = |path: &std::path::Path| std::path::absolute(path).unwrap_or_default();
        if full(path).starts_with(full(&out.path)) {
            return Err(Failure::usage(format!(
                "the depfile cannot lie in the folder of the artifacts, `{}`",
                out.name
            ))
            .help("name a file outside of it"));
        }
        let sources = std::iter::once(&disk.settings).chain(&disk.files);
        if sources.into_iter().any(|f| full(&f.path) == full(path)) {
            return Err(Failure::usage(format!(
                "`{}` is a file of the project, not a depfile",
                path.display()
            )));
        }
        let text = depfile::text(&root.join(&out.name).join(MANIFEST), &inputs)?;
        Ok(Some((path.clone(), text)))
    }

    fn write(&self, out: &Out, files: &BTreeMap<&str, &[u8]>) -> Result<(), Stop> {
        // Under the lock, so that nothing changes between the look and the swap.
        let workshop = Workshop::open(&out.path, &mut || {
            eprintln!("note: waiting for another `ambit build` of this project");
        })?;
        self.ours(out.stands_inside(&self.workspace.disk.root))?;
        let seen = out.files()?;
        self.ours(out.is_ours(&seen))?;
        let files: Vec<(&str, &[u8])> = files.iter().map(|(path, bytes)| (*path, *bytes)).collect();
        workshop.replace(&files, &seen, How::Exchange)?;
        Ok(())
    }

    /// R of the contract; with `--check` also what is not as it should be.
    fn result(
        &self,
        out: &Out,
        manifest: &Manifest,
        refused: &[Resolved],
        faults: &[(String, Reason)],
    ) -> Json {
        let texts = self.workspace.sources();
        let fetch = |file: &str| texts.get(file).cloned();
        let artifacts: Vec<Json> = manifest
            .artifacts
            .iter()
            .map(|e| {
                json!({
                    "target": e.target,
                    "path": e.path,
                    "sha256": e.sha256,
                    "evidence": e.evidence,
                    "valid_until": e.valid_until,
                })
            })
            .collect();
        let mut result = json!({
            "out": out.name,
            "artifacts": artifacts,
            "proofs": [],
            "refusals": render::json(refused, &Sources::new(&fetch)),
        });
        if self.args.check {
            let faults: Vec<Json> = faults
                .iter()
                .map(|(path, reason)| json!({"path": path, "reason": reason.word()}))
                .collect();
            result["faults"] = Json::Array(faults);
        }
        result
    }
}

/// `3 artifacts in out (json 1, sql 2)`
fn written(out: &Out, built: &Built, files: &BTreeMap<&str, &[u8]>) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (target, _) in built.artifacts.values() {
        *counts.entry(target).or_default() += 1;
    }
    let counts: Vec<String> = counts.iter().map(|(t, n)| format!("{t} {n}")).collect();
    let mut text = format!(
        "{} in {}",
        counted(files.len().saturating_sub(1), "artifact"),
        out.name
    );
    if !counts.is_empty() {
        let _ = write!(text, " ({})", counts.join(", "));
    }
    text.push('\n');
    text
}

/// The answer of `--check`.
fn verdict(out: &Out, faults: &[(String, Reason)]) -> String {
    if faults.is_empty() {
        format!("{} is up to date\n", out.name)
    } else {
        format!(
            "{} is not up to date: {}\n",
            out.name,
            counted(faults.len(), "file")
        )
    }
}

/// What is not as it should be, a line each, and what to do.
fn said(out: &Out, faults: &[(String, Reason)]) -> Vec<String> {
    const SHOWN: usize = 20;
    let mut lines: Vec<String> = faults
        .iter()
        .take(SHOWN)
        .map(|(path, reason)| format!("error: `{}/{path}` {}", out.name, reason.means()))
        .collect();
    let more = faults.len().saturating_sub(SHOWN);
    if more > 0 {
        lines.push(format!("error: and {}", counted(more, "more file")));
    }
    let mut help: Vec<&str> = faults.iter().map(|(_, reason)| reason.help()).collect();
    help.sort_unstable();
    help.dedup();
    lines.extend(help.into_iter().map(|h| format!("help: {h}")));
    lines
}

/// Which artifacts hold only for a while.
fn frozen_days(built: &Built) -> Vec<String> {
    built
        .artifacts
        .iter()
        .filter_map(|(path, (_, artifact))| {
            let until = artifact.valid_until?;
            Some(format!(
                "note: a day is frozen in `{path}`: it holds until {until}"
            ))
        })
        .collect()
}
