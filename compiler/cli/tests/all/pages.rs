//! Every page of a code is run: the wrong program raises exactly this code at the marked lines, the mended one is
//! silent, and where every problem offers a safe fix, the fixes together make the wrong program silent. The programs of
//! pages about targets (E05xx) are also built.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ambit_cli::build::{emit, refusals, settings};
use ambit_compiler::{Config, Database, SETTINGS_FILE, check, program};
use ambit_diagnostics::registry::{CODES, Code, Group};
use ambit_diagnostics::{LineIndex, Resolved};

type Files = BTreeMap<String, String>;

/// The programs of a section: `// file: name` and `# file: name` begin files.
fn files(page: &str, section: &str) -> Files {
    let body = page
        .split("\n## ")
        .find(|s| s.starts_with(section))
        .unwrap_or_default();
    let mut files = Files::new();
    let mut inside = false;
    let mut name = "policy.ambit".to_owned();
    for line in body.lines() {
        if line.starts_with("```") {
            inside = !inside && matches!(line, "```ambit" | "```toml");
        } else if inside {
            let new = line
                .strip_prefix("// file: ")
                .or_else(|| line.strip_prefix("# file: "));
            if let Some(new) = new {
                new.clone_into(&mut name);
                files.entry(name.clone()).or_default();
            } else {
                let text = files.entry(name.clone()).or_default();
                text.push_str(line);
                text.push('\n');
            }
        }
    }
    files
}

/// Codes besides the findings that the second stage of `check` raises.
const SOLVED: [&str; 2] = ["E0413", "E0414"];

fn problems(files: &Files, code: &Code) -> Vec<Resolved> {
    let mut db = Database::default();
    let config = Config::read(files.get(SETTINGS_FILE).map_or("", String::as_str));
    let sources = files.iter().filter(|(name, _)| *name != SETTINGS_FILE);
    let sources = sources
        .map(|(name, text)| (name.as_str().into(), Arc::from(text.as_str())))
        .collect();
    let project = db.project(sources, config.clone());
    let mut problems = check(&db, project).problems;
    problems.extend(settings::problems(&config));
    let solved = code.group() == Group::Findings || SOLVED.contains(&code.code);
    if solved && problems.is_empty() {
        let meaning = ambit_analysis::report(&db, project);
        assert_eq!(meaning.fault, None, "{}", code.code);
        problems = meaning.problems;
    }
    if code.group() == Group::Targets && problems.is_empty() {
        let program = program(&db, project).unwrap();
        let targets = settings::chosen(&config, &[]).unwrap();
        let built = emit::emit(&program, &config, &targets, &|_| None, &|_| {}).unwrap();
        problems = refusals::refusals(&program, &built).problems;
    }
    problems
}

/// File, line and code of every problem.
fn found(files: &Files, code: &Code) -> BTreeSet<(String, u32, String)> {
    let place = |p: &Resolved| {
        let text = files.get(p.at.file.as_str()).map_or("", String::as_str);
        (
            p.at.file.to_string(),
            LineIndex::new(text).position(text, p.at.start).line,
            p.code.to_owned(),
        )
    };
    problems(files, code).iter().map(place).collect()
}

fn marked(files: &Files) -> BTreeSet<(String, u32, String)> {
    let mut marks = BTreeSet::new();
    for (name, text) in files {
        for (number, line) in (1..).zip(text.lines()) {
            let codes = line
                .split_once("//~ ")
                .or_else(|| line.split_once("#~ "))
                .map_or("", |(_, codes)| codes);
            marks.extend(
                codes
                    .split_whitespace()
                    .map(|c| (name.clone(), number, c.to_owned())),
            );
        }
    }
    marks
}

/// Applies the first safe fix of every problem; `None` where one has none.
fn mended(files: &Files, code: &Code) -> Option<Files> {
    let mut edits: BTreeSet<(String, u32, u32, String)> = BTreeSet::new();
    for problem in problems(files, code) {
        let fix = problem.fixes.into_iter().find(|f| f.safe)?;
        edits.extend(
            fix.edits
                .into_iter()
                .map(|(at, text)| (at.file.to_string(), at.start, at.end, text)),
        );
    }
    let mut files = files.clone();
    for (file, start, end, text) in edits.into_iter().rev() {
        files
            .get_mut(&file)?
            .replace_range(start as usize..end as usize, &text);
    }
    Some(files)
}

#[test]
fn pages_say_what_happens() {
    let mut faults = Vec::new();
    let mut fixed = 0;
    for code in CODES {
        let page = code.page().unwrap_or_default();
        if page.contains("<!-- not executed: ") {
            continue;
        }
        let wrong = files(page, "Wrong");
        let (found_here, marks) = (found(&wrong, code), marked(&wrong));
        if found_here != marks {
            let messages: Vec<String> = problems(&wrong, code)
                .into_iter()
                .map(|p| p.message.clone())
                .collect();
            faults.push(format!(
                "{}: found {found_here:?}, marked {marks:?}: {messages:?}",
                code.code
            ));
        }
        if marks.iter().any(|(.., c)| c != code.code) || marks.is_empty() {
            faults.push(format!("{}: marks {marks:?}", code.code));
        }
        let right = files(page, "Mended");
        for problem in problems(&right, code) {
            faults.push(format!(
                "{}: mended, but {} {}",
                code.code, problem.code, problem.message
            ));
        }
        if let Some(mended) = mended(&wrong, code) {
            fixed += 1;
            for problem in problems(&mended, code) {
                faults.push(format!(
                    "{}: after its safe fix: {} {}\n{mended:?}",
                    code.code, problem.code, problem.message
                ));
            }
        }
        for problem in problems(&wrong, code) {
            if problem.help.is_empty() && problem.fixes.is_empty() {
                faults.push(format!(
                    "{}: neither help nor fix: {}",
                    code.code, problem.message
                ));
            }
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
    assert!(fixed >= 5, "only {fixed} pages offer a safe fix");
}

#[test]
fn the_check_itself_can_fail() {
    let page =
        "# x\n\n## Wrong\n\n```ambit\nrole r { grant read on t } //~ E0202\n```\n\n## Mended\n";
    let wrong = files(page, "Wrong");
    assert_ne!(found(&wrong, CODES.first().unwrap()), marked(&wrong));
    assert_eq!(marked(&wrong).len(), 1);
}
