//! `examples/enforcer.py`, which reads nothing but `policy.json`, against the evaluator.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use ambit_core::{ObjectId, PrincipalId, TableId};
use ambit_eval::User;
use ambit_tests::random::{Coverage, TableRows};
use ambit_tests::rng::Rng;
use serde_json::{Value as Json, json};

use super::cases::{Case, Values, World, lines, policy};
use crate::budget::{self, Outcome};
use crate::support::{files, read, root};

/// Random policies in the ordinary run; `AMBIT_CASES` multiplies.
const POLICIES: u64 = 110;

/// Questions that the ordinary run must ask.
const CASES: u64 = 5_000;

/// Reads the paths of policies and questions from standard input, a line each, and answers all in one process.
const DRIVER: &str = r#"
import importlib.util, json, sys
spec = importlib.util.spec_from_file_location("enforcer", sys.argv[1])
enforcer = importlib.util.module_from_spec(spec)
spec.loader.exec_module(enforcer)
for line in sys.stdin:
    policy, cases = (open(path, encoding="utf-8") for path in json.loads(line))
    policy = json.load(policy)
    for case in cases:
        print(enforcer.decide(policy, json.loads(case))["value"])
"#;

/// What the enforcer answers to the questions under each policy.
pub fn answers(python: &Path, batches: &[(String, &[Case])]) -> Vec<Vec<String>> {
    let folder = tempfile::tempdir().unwrap();
    let mut list = String::new();
    for (number, (policy, cases)) in batches.iter().enumerate() {
        let path = |what: &str| folder.path().join(format!("{number}.{what}"));
        let text = lines(cases.iter().map(|c| c.question.clone()));
        std::fs::write(path("policy"), policy).unwrap();
        std::fs::write(path("cases"), text).unwrap();
        list += &lines(std::iter::once(json!([path("policy"), path("cases")])));
    }
    let mut child = Command::new(python)
        .args(["-B", "-c", DRIVER])
        .arg(root().join("examples/enforcer.py"))
        .env("PYTHONIOENCODING", "utf-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(list.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "the enforcer fails");
    let text = String::from_utf8(output.stdout).unwrap();
    let mut lines = text.lines().map(str::to_owned);
    let each = batches
        .iter()
        .map(|(_, cases)| lines.by_ref().take(cases.len()).collect());
    each.collect()
}

/// Questions about every table of a random world: some rows, reading and one action more.
fn questions(rng: &mut Rng, coverage: &mut Coverage) -> (String, Vec<Case>, String) {
    let (world, text, users) = World::random(rng, coverage);
    let (program, related) = (world.program.clone(), world.related());
    let mut cases = Vec::new();
    for (user, who) in users.iter().filter_map(|spec| world.user(spec)) {
        for number in 0..program.tables.len() {
            let table = TableId(number as u32);
            let rows = world.data.len(table);
            let helper = text
                .tables
                .iter()
                .any(|t| t.helper && t.name == program.table(table).name);
            if rows == 0 || helper {
                continue;
            }
            let all: Vec<TableId> = (0..program.tables.len())
                .map(|n| TableId(n as u32))
                .collect();
            for action in ["read", *rng.pick(&["read", "insert", "update", "delete"])] {
                for _ in 0..3 {
                    let row = (table, rng.below(rows), rng.below(rows));
                    let query = if rng.chance(50) {
                        rng.some(&all, 2)
                    } else {
                        Vec::new()
                    };
                    let sources = &program.table(table).sources;
                    let source =
                        (!sources.is_empty() && rng.chance(50)).then(|| *rng.pick(sources));
                    cases.push(world.about_row(
                        (&user, &who),
                        row,
                        action,
                        &query,
                        source,
                        &related,
                    ));
                }
            }
        }
    }
    let described = format!("{}\n{}", text.settings(), text.text());
    (policy(&program), cases, described)
}

#[test]
fn the_enforcer_agrees_with_the_evaluator() {
    let python = need!("python");
    let (started, seed) = (Instant::now(), budget::seed());
    let mut coverage = Coverage::default();
    let mut values = Values::default();
    let mut differences = 0;
    let mut first = None;
    for round in 0..budget::times() as u64 {
        let worlds: Vec<_> = (0..POLICIES)
            .map(|n| {
                let mut rng = Rng::new(seed).fork(70_000 + round * POLICIES + n);
                questions(&mut rng, &mut coverage)
            })
            .collect();
        let batches: Vec<(String, &[Case])> = worlds
            .iter()
            .map(|(policy, cases, _)| (policy.clone(), cases.as_slice()))
            .collect();
        let found = answers(&python, &batches);
        for ((_, cases, text), answers) in worlds.iter().zip(&found) {
            assert_eq!(cases.len(), answers.len(), "an answer for each question");
            for (case, answer) in cases.iter().zip(answers) {
                values.count(case.value);
                if case.value.as_str() != answer {
                    differences += 1;
                    first.get_or_insert_with(|| {
                        format!(
                            "{} or {answer}?\n{}\n{text}",
                            case.value.as_str(),
                            case.question
                        )
                    });
                }
            }
        }
    }
    budget::summary(
        "enforcer",
        "python",
        &Outcome {
            cases: values.all(),
            differences,
            refused: 0,
            seed,
            seconds: started.elapsed().as_secs_f64(),
        },
    );
    budget::say(&format!(
        "enforcer.py: {values:?}, {differences} differences"
    ));
    assert!(
        first.is_none(),
        "AMBIT_SEED={seed}: {}",
        first.unwrap_or_default()
    );
    assert!(values.all() >= CASES, "{values:?}");
    // Where everyone sees all or nothing, or all is known, nothing is shown.
    let least = [values.yes, values.no, values.unknown].into_iter().min();
    assert!(least > Some(values.all() / 20), "{values:?}");
}

/// Every principal of every example, on its rows and objects; by the command line, as the page shows it.
#[test]
fn the_enforcer_answers_for_the_examples() {
    let python = need!("python");
    for example in super::EXAMPLES {
        let world = example_world(example);
        let related = world.related();
        let mut cases = Vec::new();
        for (number, principal) in world.program.principals.iter().enumerate() {
            if principal.test.is_some() {
                continue;
            }
            let user = User::of(&world.program, PrincipalId(number as u32));
            let who = json!({"principals": [principal.name.as_str()]});
            for table in 0..world.program.tables.len() {
                let table = TableId(table as u32);
                let rows = world.data.len(table);
                for row in 0..rows.min(12) {
                    for action in ["read", "update", "insert"] {
                        let place = (table, row, (row + 1) % rows);
                        cases.push(world.about_row(
                            (&user, &who),
                            place,
                            action,
                            &[],
                            None,
                            &related,
                        ));
                    }
                }
            }
            for object in 0..world.program.objects.len() {
                let object = ObjectId(object as u32);
                for action in world
                    .program
                    .actions_of(ambit_core::Resource::Object(object))
                {
                    cases.push(world.about_object((&user, &who), object, &action));
                }
            }
        }
        assert!(cases.len() > 20, "{example}: {}", cases.len());
        let text = lines(cases.iter().map(|c| c.question.clone()));
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("policy.json");
        std::fs::write(&file, policy(&world.program)).unwrap();
        let mut child = Command::new(&python)
            .arg("-B")
            .arg(root().join("examples/enforcer.py"))
            .arg(&file)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = child.stdin.take().unwrap();
        let writer = std::thread::spawn(move || input.write_all(text.as_bytes()).unwrap());
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap();
        let answers: Vec<Json> = String::from_utf8(output.stdout)
            .unwrap()
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(answers.len(), cases.len(), "{example}");
        for (case, answer) in cases.iter().zip(answers) {
            let decision = if case.value.is_true() {
                "allow"
            } else {
                "deny"
            };
            let expected = json!({"decision": decision, "value": case.value.as_str()});
            assert_eq!(answer, expected, "{example}: {}", case.question);
        }
    }
}

/// An example with its data.
pub fn example_world(example: &str) -> World {
    let program = super::example(example);
    let folder = root().join("examples").join(example).join("data");
    let loaded = ambit_cli::commands::inputs::load_folder(&program, &folder).unwrap();
    let rows: Vec<TableRows> = loaded
        .into_iter()
        .map(|(table, rows)| TableRows {
            table: program.table(table).name.to_string(),
            rows: rows.into_iter().map(|row| row.to_vec()).collect(),
        })
        .collect();
    World::new(program, &rows, jiff::civil::date(2024, 1, 15))
}

/// The example is to be read whole, so it stays short.
#[test]
fn the_enforcer_is_short() {
    let text = read("examples/enforcer.py");
    assert!(
        text.lines().count() <= 135,
        "{} lines",
        text.lines().count()
    );
    let wide = text.lines().find(|line| line.chars().count() > 120);
    assert_eq!(wide, None);
    assert!(files("examples", "enforcer.py").len() == 1);
}
