//! `ambit prove`: proves claims about a project, for every possible row, user, query and day, or refutes them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use ambit_analysis::{Proof, Trouble, prove_file, show, told};
use ambit_compiler::{Config, Database, check, program};
use ambit_core::Program;
use ambit_diagnostics::{FileSpan, Level, Resolved};
use serde_json::{Value as Json, json};
use smol_str::SmolStr;

use super::fragment;
use crate::args::Global;
use crate::exit::{Exit, Failure};
use crate::output::Outcome;
use crate::workspace::Workspace;

/// Arguments of `prove`.
#[derive(Debug, clap::Args)]
pub struct Prove {
    /// Claims, as after `assert`: `anyone can never delete sales`
    #[arg(required = true, value_name = "ASSERTION")]
    assertions: Vec<String>,
}

/// Proves.
pub fn run(args: &Prove, global: &Global) -> Result<Outcome, Failure> {
    let workspace = Workspace::open(global)?;
    workspace.checked()?;
    let mut files: Vec<(SmolStr, Arc<str>)> = workspace
        .disk
        .files
        .iter()
        .map(|f| (f.name.clone(), Arc::clone(&f.text)))
        .collect();
    let mut sources = workspace.sources();
    let mut claims: Vec<(SmolStr, String)> = Vec::new();
    for (n, written) in (1..).zip(&args.assertions) {
        let (file, text) = fragment::claim(written)?;
        let name = SmolStr::from(format!("assertion {n}"));
        let file: Arc<str> = file.into();
        files.push((name.clone(), Arc::clone(&file)));
        sources.insert(name.clone(), file);
        claims.push((name, text));
    }
    let mut db = Database::default();
    let project = db.project(files, Config::read(&workspace.disk.settings.text));
    let unreadable: Vec<Resolved> = check(&db, project)
        .problems
        .into_iter()
        .filter(|p| claims.iter().any(|(name, _)| p.at.file == *name) && p.level == Level::Error)
        .collect();
    if !unreadable.is_empty() {
        return Err(Failure {
            message: "cannot read the assertion".to_owned(),
            ..Failure::problems(unreadable, sources)
        });
    }
    let program =
        program(&db, project).ok_or_else(|| Failure::new(Exit::Input, "the project has errors"))?;
    let mut told_of = Told {
        program: &program,
        sources: &sources,
        outcome: Outcome::default(),
        results: Vec::new(),
    };
    for (name, text) in &claims {
        let proofs = prove_file(&db, project, name);
        let [(claim, proof)] = proofs.as_slice() else {
            return Err(fragment::not_one(text, "claim", None));
        };
        let position = program.claims.iter().position(|c| c.origin == claim.origin);
        told_of.proof(name, text, position.unwrap_or_default(), proof);
    }
    let Told {
        mut outcome,
        results,
        ..
    } = told_of;
    outcome.result = Json::Array(results);
    outcome.sources = sources;
    Ok(outcome)
}

struct Told<'a> {
    program: &'a Program,
    sources: &'a BTreeMap<SmolStr, Arc<str>>,
    outcome: Outcome,
    results: Vec<Json>,
}

impl Told<'_> {
    fn proof(
        &mut self,
        name: &SmolStr,
        text: &str,
        position: usize,
        proof: &Result<Proof, Trouble>,
    ) {
        match proof {
            Ok(proof) => {
                let word = if proof.holds() { "holds" } else { "fails" };
                let _ = writeln!(self.outcome.answer, "{word}: {text}");
                let texts = |file: &str| self.sources.get(file).cloned();
                self.outcome
                    .problems
                    .extend(told(self.program, position, proof, &texts));
                self.results.push(json!({
                    "assertion": text,
                    "holds": proof.holds(),
                    "witness": proof.witness.as_ref().map(|w| show::witness(self.program, w)),
                }));
            }
            Err(Trouble::Limit(limit)) => {
                self.outcome.exit = self.outcome.exit.max(Some(Exit::Refused));
                let _ = writeln!(self.outcome.answer, "refused: {text}");
                let end = self.sources.get(name).map_or(0, |t| t.trim_end().len()) as u32;
                self.outcome.problems.push(ambit_analysis::beyond(
                    limit,
                    FileSpan {
                        file: name.clone(),
                        start: 0,
                        end,
                    },
                ));
                self.results
                    .push(json!({"assertion": text, "holds": null, "witness": null}));
            }
            // The others are answered all the same.
            Err(Trouble::Unconfirmed(why)) => {
                self.outcome.exit = Some(Exit::Fault);
                let _ = writeln!(self.outcome.answer, "not decided: {text}");
                let at = FileSpan {
                    file: name.clone(),
                    start: 0,
                    end: 0,
                };
                let texts = |file: &str| self.sources.get(file).cloned();
                self.outcome
                    .notes
                    .push(ambit_analysis::fault_at(&texts, why, &at));
                self.results
                    .push(json!({"assertion": text, "holds": null, "witness": null}));
            }
        }
    }
}
