//! Runs the specification: every heading of `tests/spec/*.md` is a case (tests/spec/README.md tells how a page is read).

use std::fmt::Write as _;

use ambit_cli::commands::eval_cases::answer;
use ambit_compiler::program;
use ambit_core::{Program, TestId};
use ambit_eval::run_test;
use jiff::civil::Date;

use crate::support;
use crate::support::markdown::{Block, Section, sections};
use crate::support::marks::{Mark, compare, marks};
use crate::support::project::Checked;

/// A file of a case: its name, its block, and the page's line of its first line.
struct File {
    name: String,
    text: String,
    line: u32,
}

/// The page of findings: everywhere else programs are small, and findings about them beside the point.
const FINDINGS: &str = "21-findings.md";

/// What one heading asks.
#[derive(Default)]
struct Case {
    /// Findings count.
    findings: bool,
    files: Vec<File>,
    settings: Option<File>,
    rendering: Option<Block>,
    questions: Vec<Block>,
}

impl Case {
    /// The blocks of a section and of those above it; a file of the same name replaces the outer one.
    fn new(sections: &[Section], at: usize) -> Self {
        let mut chain = vec![at];
        while let Some(parent) = sections[chain[chain.len() - 1]].parent {
            chain.push(parent);
        }
        let mut case = Self::default();
        for &section in chain.iter().rev() {
            let mut unnamed = 0;
            for block in &sections[section].blocks {
                case.add(block, section == at, &mut unnamed);
            }
        }
        case
    }

    fn add(&mut self, block: &Block, own: bool, unnamed: &mut u32) {
        match block.info.as_str() {
            "ambit" => {
                let name = block.file.clone().unwrap_or_else(|| {
                    *unnamed += 1;
                    if *unnamed == 1 {
                        "main.ambit".into()
                    } else {
                        format!("main{unnamed}.ambit")
                    }
                });
                self.files.retain(|f| f.name != name);
                self.files.push(File {
                    name,
                    text: block.text.clone(),
                    line: block.line,
                });
            }
            "toml" => {
                self.settings = Some(File {
                    name: "ambit.toml".into(),
                    text: block.text.clone(),
                    line: block.line,
                });
            }
            "text diagnostics" if own => self.rendering = Some(block.clone()),
            "cases" if own => self.questions.push(block.clone()),
            _ => {}
        }
    }

    fn expected(&self) -> Vec<Mark> {
        let sources = self
            .files
            .iter()
            .flat_map(|f| marks(&f.name, &f.text, "//~"));
        let settings = self
            .settings
            .iter()
            .flat_map(|f| marks(&f.name, &f.text, "#~"));
        sources.chain(settings).collect()
    }

    /// A place in the page, from a place in a file of the case.
    fn place(&self, file: &str, line: u32) -> String {
        let start = self
            .files
            .iter()
            .chain(&self.settings)
            .find(|f| f.name == file)
            .map_or(0, |f| f.line);
        if start == 0 {
            file.to_owned()
        } else {
            (start + line - 1).to_string()
        }
    }
}

#[test]
fn the_specification_holds() {
    let mut failures = String::new();
    let mut cases = 0;
    for (page, text) in support::files("tests/spec", ".md") {
        if page == "README.md" {
            continue;
        }
        let sections = sections(&text);
        for (at, section) in sections.iter().enumerate() {
            if section.blocks.is_empty() {
                continue;
            }
            cases += 1;
            report(
                &mut failures,
                &format!("tests/spec/{page}"),
                &section.path,
                &Case {
                    findings: page == FINDINGS,
                    ..Case::new(&sections, at)
                },
            );
        }
    }
    assert!(cases > 100, "only {cases} cases were found");
    assert!(failures.is_empty(), "\n{failures}");
}

/// Every `ambit` block of the reference and of the README is a program of its own: it checks clean and its tests pass.
#[test]
fn programs_in_the_documents_hold() {
    let mut failures = String::new();
    for page in ["README.md", "docs/language.md"] {
        let sections = sections(&support::read(page));
        let blocks = sections.iter().flat_map(|s| {
            s.blocks
                .iter()
                .filter(|b| b.info == "ambit")
                .map(|b| (&s.path, b))
        });
        let mut programs = 0;
        for (path, block) in blocks {
            let mut case = Case::default();
            case.add(block, true, &mut 0);
            report(&mut failures, page, path, &case);
            programs += 1;
        }
        assert!(programs > 1, "{page} has programs");
    }
    assert!(failures.is_empty(), "\n{failures}");
}

/// Runs a case and writes down what is wrong with it.
fn report(failures: &mut String, page: &str, path: &[String], case: &Case) {
    let mut wrong = Vec::new();
    run(case, &mut wrong);
    for (line, what) in wrong {
        let _ = writeln!(failures, "{page}:{line}: {} — {what}", path.join(" › "));
    }
}

fn run(case: &Case, wrong: &mut Vec<(String, String)>) {
    let files: Vec<_> = case
        .files
        .iter()
        .map(|f| (f.name.clone(), f.text.clone()))
        .collect();
    let checked = Checked::new(&files, case.settings.as_ref().map(|f| f.text.as_str()))
        .with_meaning(case.findings);
    let (fails, expected): (Vec<_>, Vec<_>) =
        case.expected().into_iter().partition(|m| m.what == "fails");
    let (missing, extra) = compare(&expected, &checked.marks());
    for mark in missing {
        wrong.push((
            case.place(&mark.file, mark.line),
            format!("{} is not reported", mark.what),
        ));
    }
    for mark in extra {
        let problems = checked.report.problems.iter();
        let texts: Vec<_> = problems
            .filter(|p| {
                p.code == mark.what
                    && p.at.file == *mark.file
                    && checked.line(&p.at.file, p.at.start) == mark.line
            })
            .map(|p| p.message.as_str())
            .collect();
        wrong.push((
            case.place(&mark.file, mark.line),
            format!("{} is reported: {}", mark.what, texts.join(" / ")),
        ));
    }
    if let Some(block) = &case.rendering {
        let got = checked.rendered();
        if got.trim_end() != block.text.trim_end() {
            wrong.push((block.line.to_string(), format!("the rendering is\n{got}")));
        }
    }
    if !expected.is_empty() {
        return;
    }
    let Some(program) = program(&checked.db, checked.project) else {
        if checked.report.problems.is_empty() {
            wrong.push((
                String::new(),
                "there is no program, and no problem".to_owned(),
            ));
        }
        return;
    };
    wrong.extend(
        test(&program, &fails)
            .into_iter()
            .map(|(file, line, what)| (case.place(&file, line), what)),
    );
    for block in &case.questions {
        ask(&program, block, wrong);
    }
}

/// The day of questions and tests that give none.
const TODAY: Date = jiff::civil::date(2024, 1, 15);

/// Runs the tests of a program; `fails` are the steps that must fail.
fn test(program: &Program, fails: &[Mark]) -> Vec<(String, u32, String)> {
    let mut wrong = Vec::new();
    let mut failed = Vec::new();
    for position in 0..program.tests.len() {
        for failure in run_test(program, TestId(position as u32), TODAY).failures {
            let at = (failure.origin.file.to_string(), failure.origin.line);
            if fails.iter().any(|m| (&m.file, m.line) == (&at.0, at.1)) {
                failed.push(at);
            } else {
                wrong.push((
                    at.0,
                    at.1,
                    format!("`{}` fails, but {}", failure.expect, failure.got),
                ));
            }
        }
    }
    for mark in fails
        .iter()
        .filter(|m| !failed.contains(&(m.file.clone(), m.line)))
    {
        wrong.push((
            mark.file.clone(),
            mark.line,
            "the step must fail, and holds".to_owned(),
        ));
    }
    wrong
}

/// Asks the questions of a block `cases`.
fn ask(program: &Program, block: &Block, wrong: &mut Vec<(String, String)>) {
    for (index, line) in block.text.lines().enumerate() {
        let at = (block.line as usize + index).to_string();
        let Some((question, expected)) = line.split_once(" => ") else {
            wrong.push((at, "no ` => `".to_owned()));
            continue;
        };
        let expected: serde_json::Value = serde_json::from_str(expected).unwrap();
        match answer(program, question, TODAY) {
            Err(error) => wrong.push((at, format!("no answer: {error}"))),
            Ok(got) => {
                let differs = expected
                    .as_object()
                    .unwrap()
                    .iter()
                    .any(|(key, value)| got.get(key) != Some(value));
                if differs {
                    wrong.push((at, format!("the answer is {got}")));
                }
            }
        }
    }
}
