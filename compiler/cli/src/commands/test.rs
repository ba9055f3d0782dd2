//! `ambit test`: runs the `test` blocks of a project.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

use ambit_core::print::print_holder;
use ambit_core::{Origin, Program, RuleId, TestId};
use ambit_eval::{TestRun, run_test};
use jiff::civil::Date;
use serde_json::{Value as Json, json};
use smol_str::SmolStr;

use super::check::counted;
use super::{fmt, inputs, junit, suggest};
use crate::args::{Format, Global};
use crate::exit::{Exit, Failure};
use crate::output::{Outcome, Printer};
use crate::watch::watch;
use crate::workspace::Workspace;

/// Arguments of `test`.
#[derive(Debug, clap::Args)]
#[allow(clippy::struct_excessive_bools)] // each is a switch of its own
pub struct Test {
    /// Only the tests whose name holds this text
    filter: Option<String>,
    /// List the rules that no test decides by
    #[arg(long)]
    coverage: bool,
    /// Write the keys that are seen into the lists of failing `sees` and `can` steps
    #[arg(long)]
    update: bool,
    /// Print a test to begin with for each rule that no test decides by
    #[arg(long)]
    suggest: bool,
    /// Run again whenever a file changes
    #[arg(long, conflicts_with = "update")]
    watch: bool,
}

/// A test that ran.
pub struct Ran<'p> {
    /// The test.
    pub test: &'p ambit_core::Test,
    /// What came of it.
    pub run: TestRun,
}

/// Runs the tests.
pub fn run(args: &Test, global: &Global, printer: &mut Printer) -> Result<Outcome, Failure> {
    if args.watch {
        return watch("test", global, printer, |workspace| {
            tested(args, global, workspace)
        });
    }
    let workspace = Workspace::open(global)?;
    if args.update {
        let notes = update(args, global, &workspace)?;
        let mut outcome = tested(args, global, &Workspace::open(global)?)?;
        outcome.notes.splice(0..0, notes);
        return Ok(outcome);
    }
    tested(args, global, &workspace)
}

fn tested(args: &Test, global: &Global, workspace: &Workspace) -> Result<Outcome, Failure> {
    let program = inputs::program(workspace)?;
    let today = inputs::today(global, &program.settings);
    let ran = run_all(args, &program, today)?;
    let failed = ran
        .iter()
        .filter(|ran| !ran.run.failures.is_empty())
        .count();
    let coverage = coverage(&program, &ran, &workspace.sources());
    let mut outcome = Outcome {
        exit: (failed > 0).then_some(Exit::Input),
        result: result(&ran, &coverage),
        answer: answer(args, &ran, &coverage),
        ..Outcome::default()
    };
    if program.tests.is_empty() {
        outcome
            .notes
            .push("note: the project has no `test`".to_owned());
    }
    match global.format {
        Format::Junit => outcome.document = Some(junit::document(&ran)),
        Format::Github => outcome.document = Some(github(&ran)),
        Format::Human if args.suggest => {
            outcome.notes.push(std::mem::take(&mut outcome.answer));
            outcome.answer = suggestions(&program, &coverage, today);
        }
        Format::Human | Format::Json | Format::Sarif => {}
    }
    if args.suggest
        && let Json::Object(result) = &mut outcome.result
    {
        result.insert(
            "suggestion".to_owned(),
            json!(suggestions(&program, &coverage, today)),
        );
    }
    Ok(outcome)
}

fn run_all<'p>(args: &Test, program: &'p Program, today: Date) -> Result<Vec<Ran<'p>>, Failure> {
    let wanted = |test: &ambit_core::Test| {
        let filter = args.filter.as_ref();
        filter.is_none_or(|text| test.name.contains(text))
    };
    let ran = run_those(program, today, wanted);
    match &args.filter {
        Some(text) if ran.is_empty() => {
            Err(Failure::usage(format!("no test has `{text}` in its name")))
        }
        _ => Ok(ran),
    }
}

/// Runs the tests that are wanted, in the order of files and places.
pub fn run_those(
    program: &Program,
    today: Date,
    mut wanted: impl FnMut(&ambit_core::Test) -> bool,
) -> Vec<Ran<'_>> {
    let tests = program.tests.iter().enumerate();
    tests
        .filter(|(_, test)| wanted(test))
        .map(|(position, test)| Ran {
            test,
            run: run_test(program, TestId(position as u32), today),
        })
        .collect()
}

/// A written rule: rules of role instances, and of several resources, share one.
pub struct Covered {
    /// The rules of Core that it became.
    pub rules: Vec<RuleId>,
    /// To whom it belongs, and as it is written.
    pub text: String,
    /// Where it is written.
    pub origin: Origin,
    /// A test decided by it.
    pub hit: bool,
}

/// The rules of the project (not those of the tests' own users), and whether a test decided by them.
pub fn coverage(
    program: &Program,
    ran: &[Ran<'_>],
    texts: &BTreeMap<SmolStr, Arc<str>>,
) -> Vec<Covered> {
    let decisive: BTreeSet<RuleId> = ran
        .iter()
        .flat_map(|ran| ran.run.decisive.iter().copied())
        .collect();
    let mut written: BTreeMap<&Origin, Covered> = BTreeMap::new();
    for (position, rule) in program.rules.iter().enumerate() {
        if let ambit_core::Holder::Principal(id) = rule.holder
            && program.principal(id).test.is_some()
        {
            continue;
        }
        let id = RuleId(position as u32);
        let covered = written.entry(&rule.origin).or_insert_with(|| {
            let range = rule.origin.start as usize..rule.origin.end as usize;
            let text = texts
                .get(&rule.origin.file)
                .and_then(|text| text.get(range))
                .unwrap_or_default();
            let holder = match &rule.holder {
                ambit_core::Holder::Principal(id) => program.principal(*id).base.to_string(),
                holder => print_holder(program, holder),
            };
            Covered {
                rules: Vec::new(),
                text: format!("{holder}: {}", ambit_grammar::one_line(text)),
                origin: rule.origin.clone(),
                hit: false,
            }
        });
        covered.rules.push(id);
        covered.hit |= decisive.contains(&id);
    }
    written.into_values().collect()
}

/// R of tests that ran.
pub fn result(ran: &[Ran<'_>], coverage: &[Covered]) -> Json {
    let failed = ran
        .iter()
        .filter(|ran| !ran.run.failures.is_empty())
        .count();
    let tests: Vec<Json> = ran
        .iter()
        .map(|ran| {
            let failures: Vec<Json> = ran
                .run
                .failures
                .iter()
                .map(|failure| {
                    json!({
                        "expect": failure.expect,
                        "got": failure.got,
                        "why": failure.why.join("\n"),
                        "line": failure.origin.line,
                    })
                })
                .collect();
            json!({
                "name": ran.test.name.as_str(),
                "file": ran.test.origin.file.as_str(),
                "line": ran.test.origin.line,
                "ok": failures.is_empty(),
                "failures": failures,
            })
        })
        .collect();
    let coverage: Vec<Json> = coverage
        .iter()
        .map(|c| {
            json!({"rule": c.text, "file": c.origin.file.as_str(), "line": c.origin.line, "hit": c.hit})
        })
        .collect();
    json!({"passed": ran.len() - failed, "failed": failed, "tests": tests, "coverage": coverage})
}

fn answer(args: &Test, ran: &[Ran<'_>], coverage: &[Covered]) -> String {
    let mut out = String::new();
    let mut failed = 0;
    for ran in ran {
        if ran.run.failures.is_empty() {
            let _ = writeln!(out, "ok    {}", ran.test.name);
            continue;
        }
        failed += 1;
        let _ = writeln!(
            out,
            "FAIL  {} ({}:{})",
            ran.test.name, ran.test.origin.file, ran.test.origin.line
        );
        for failure in &ran.run.failures {
            let _ = writeln!(out, "  {}:{}", failure.origin.file, failure.origin.line);
            let _ = writeln!(out, "    expected: {}", failure.expect);
            let _ = writeln!(out, "    got:      {}", failure.got);
            for line in &failure.why {
                let _ = writeln!(out, "      {line}");
            }
        }
    }
    if args.coverage {
        let missed: Vec<&Covered> = coverage.iter().filter(|c| !c.hit).collect();
        let _ = writeln!(
            out,
            "\n{} of {} decide in a test",
            coverage.len() - missed.len(),
            counted(coverage.len(), "rule")
        );
        for rule in missed {
            let _ = writeln!(
                out,
                "  {}:{} {}",
                rule.origin.file, rule.origin.line, rule.text
            );
        }
    }
    let _ = writeln!(out, "{} passed, {failed} failed", ran.len() - failed);
    out
}

/// Workflow commands, one for each failure.
fn github(ran: &[Ran<'_>]) -> String {
    let escape = |text: &str| {
        text.replace('%', "%25")
            .replace('\r', "%0D")
            .replace('\n', "%0A")
    };
    let mut out = String::new();
    for (ran, failure) in ran
        .iter()
        .flat_map(|ran| ran.run.failures.iter().map(move |failure| (ran, failure)))
    {
        let message = format!(
            "{}: expected {}, got {}",
            ran.test.name, failure.expect, failure.got
        );
        let file = escape(&failure.origin.file)
            .replace(':', "%3A")
            .replace(',', "%2C");
        let _ = writeln!(
            out,
            "::error file={file},line={},title=test::{}",
            failure.origin.line,
            escape(&message)
        );
    }
    out
}

fn suggestions(program: &Program, coverage: &[Covered], today: Date) -> String {
    let mut out = String::new();
    for covered in coverage.iter().filter(|covered| !covered.hit) {
        out.push_str(&suggest::skeleton(program, covered, today));
    }
    out
}

/// Writes what is seen into the lists of failing steps; says what it did, one line a file.
fn update(args: &Test, global: &Global, workspace: &Workspace) -> Result<Vec<String>, Failure> {
    let program = inputs::program(workspace)?;
    let ran = run_all(args, &program, inputs::today(global, &program.settings))?;
    let mut edits: BTreeMap<SmolStr, BTreeMap<(u32, u32), String>> = BTreeMap::new();
    for failure in ran.iter().flat_map(|ran| &ran.run.failures) {
        if let Some((list, text)) = &failure.mend {
            edits
                .entry(list.file.clone())
                .or_default()
                .insert((list.start, list.end), text.clone());
        }
    }
    let mut notes = Vec::new();
    for (name, edits) in edits {
        let Some(file) = workspace.disk.files.iter().find(|file| file.name == name) else {
            continue;
        };
        let mut text = file.text.to_string();
        for ((start, end), list) in edits.iter().rev() {
            let range = *start as usize..*end as usize;
            if text
                .get(range.clone())
                .is_some_and(|old| old.starts_with('[') && old.ends_with(']'))
            {
                text.replace_range(range, list);
            }
        }
        if *text != *file.text {
            fmt::replace(&file.path, &text)?;
            notes.push(format!("updated {name}: {}", counted(edits.len(), "list")));
        }
    }
    Ok(notes)
}
