//! `ucast/<principal>.json` through the real interpreters, against the evaluator.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use ambit_core::{PrincipalId, Program, TableId};
use ambit_eval::{Act, Judge, User};
use ambit_tests::random::Coverage;
use ambit_tests::rng::Rng;
use serde_json::Value as Json;

use super::cases::{Values, World, emit};
use super::node::{Answer, Question, answers, object};
use crate::budget::{self, Outcome};

/// Random policies in the ordinary run; `AMBIT_CASES` multiplies.
const POLICIES: u64 = 260;

/// Rows × conditions that each interpreter must decide in the ordinary run.
const CASES: u64 = 5_000;

/// A condition of a file, and what the evaluator says of the rows it is asked about.
struct Asked {
    world: usize,
    question: Question,
    expected: Vec<bool>,
    what: String,
}

/// What UCAST refuses of what the generator writes, beginnings of code and construct: the whole list.
const PINNED: &[&str] = &[
    "E0501 a rule with `applies`",
    "E0504 `exists`",
    "E0504 `is visible`",
    "E0504 a comparison of timestamps",
    "E0504 a comparison of two columns",
    "E0504 a path to another table",
    "E0504 a test of a decimal",
    "E0504 a test of a scope",
    "E0504 a test of a text's beginning, end or middle",
    "E0504 the day of a timestamp",
    "E0505 the integer ",
];

/// Every condition of every file of a program, with all rows of its table.
fn ask(number: usize, world: &World, asked: &mut Vec<Asked>, refused: &mut BTreeMap<String, u64>) {
    let program = &world.program;
    let emitted = emit(program, "ucast", Some(world.today));
    for refusal in &emitted.refused {
        let what = format!("{} {}", refusal.refusal.code, refusal.refusal.construct);
        *refused.entry(what).or_default() += 1;
    }
    let everyone = std::iter::once(None);
    let declared = program
        .principals
        .iter()
        .enumerate()
        .filter(|(_, p)| p.test.is_none());
    let people = everyone.chain(declared.map(|(n, _)| Some(PrincipalId(n as u32))));
    let files: BTreeMap<Option<String>, Json> = emitted
        .artifacts
        .iter()
        .map(|artifact| {
            let file: Json = serde_json::from_str(&artifact.content).unwrap();
            (file["principal"].as_str().map(str::to_owned), file)
        })
        .collect();
    for who in people {
        let name = who.map(|id| program.principal(id).name.to_string());
        let user = who.map_or_else(|| User::nobody(program), |id| User::of(program, id));
        let file = &files[&name];
        for table in (0..program.tables.len()).map(|n| TableId(n as u32)) {
            let judge = Judge::new(
                program,
                &world.data,
                &user,
                std::slice::from_ref(&table),
                world.today,
                None,
            );
            let rows: Vec<_> = world.data.rows(table).collect();
            for action in ["read", "insert", "update", "delete"] {
                let entry = &file["tables"][program.table(table).name.as_str()][action];
                let sees = |decide: &dyn Fn(usize) -> bool| {
                    (0..rows.len()).map(decide).collect::<Vec<bool>>()
                };
                let mut ask = |condition: &Json, expected: Vec<bool>, part: &str| {
                    let objects = rows
                        .iter()
                        .copied()
                        .enumerate()
                        .map(|row| object(program, table, row))
                        .collect();
                    asked.push(Asked {
                        world: number,
                        question: Question {
                            table,
                            condition: condition.clone(),
                            rows: objects,
                        },
                        expected,
                        what: format!("{name:?} {action} {} {part}", program.table(table).name),
                    });
                };
                if rows.is_empty() || !entry["refused"].is_null() {
                    continue;
                }
                let of = |i: usize| rows[i];
                let old = sees(&|i| {
                    let act = match action {
                        "read" => Act::Read(of(i)),
                        "insert" => Act::Insert(of(i)),
                        "delete" => Act::Delete(of(i)),
                        // The row stays as it is: both conditions speak of it.
                        _ => Act::Update {
                            old: of(i),
                            new: of(i),
                        },
                    };
                    judge.decide(table, act).is_true()
                });
                if entry.is_null() {
                    assert!(
                        old.iter().all(|b| !b),
                        "{name:?} may {action} and has no condition"
                    );
                } else if action == "update" {
                    // An insert is judged by the same line, by its own name; so the new row's part is held against
                    // what is left of an update without read of the old row.
                    let both: Json = serde_json::json!({"operator": "and", "value": [entry["condition"], entry["new"]]});
                    match (entry["condition"] == true, entry["new"] == true) {
                        (true, _) => ask(&entry["new"], old, "old and new"),
                        (_, true) => ask(&entry["condition"], old, "old and new"),
                        _ => ask(&both, old, "old and new"),
                    }
                } else {
                    ask(&entry["condition"], old, "");
                }
            }
        }
    }
}

/// Runs all, and gives the differences of each interpreter.
fn compare(
    node: &crate::engines::node::Node,
    worlds: &[World],
    asked: &[Asked],
) -> ([Vec<String>; 2], Vec<Answer>) {
    let programs: Vec<&Program> = worlds.iter().map(|w| &*w.program).collect();
    let questions: Vec<Question> = asked
        .iter()
        .map(|a| Question {
            table: a.question.table,
            condition: a.question.condition.clone(),
            rows: a.question.rows.clone(),
        })
        .collect();
    let place = |n: usize| (asked[n].world, asked[n].question.table);
    let answers = answers(node, place, &programs, &questions);
    let mut found = [Vec::new(), Vec::new()];
    for (asked, answer) in asked.iter().zip(&answers) {
        for (list, got) in found.iter_mut().zip([&answer.js, &answer.sql]) {
            for (row, expected) in asked.expected.iter().enumerate() {
                if got[row] != *expected {
                    list.push(format!(
                        "{}: {expected} or {}?\n{}\n{}",
                        asked.what, got[row], asked.question.rows[row], asked.question.condition
                    ));
                }
            }
        }
    }
    (found, answers)
}

#[test]
fn both_interpreters_agree_with_the_evaluator() {
    let node = need!("node");
    let (started, seed) = (Instant::now(), budget::seed());
    let (mut coverage, mut refused) = (Coverage::default(), BTreeMap::new());
    let mut worlds = Vec::new();
    let mut asked = Vec::new();
    for n in 0..POLICIES * budget::times() as u64 {
        let mut rng = Rng::new(seed).fork(90_000 + n);
        let (world, _, _) = World::random(&mut rng, &mut coverage);
        ask(worlds.len(), &world, &mut asked, &mut refused);
        worlds.push(world);
    }
    for example in super::EXAMPLES {
        let world = super::enforcer::example_world(example);
        ask(worlds.len(), &world, &mut asked, &mut refused);
        worlds.push(world);
    }
    // Conditions that let every row through test nothing.
    asked.retain(|a| a.question.condition != true);
    let (found, answers) = compare(&node, &worlds, &asked);
    let mut values = Values::default();
    for expected in asked.iter().flat_map(|a| &a.expected) {
        values.count((*expected).into());
    }
    let interpreters = [("ucast-js", "@ucast/js"), ("ucast-sql", "@ucast/sql")];
    for ((suite, name), list) in interpreters.into_iter().zip(&found) {
        budget::summary(
            suite,
            name,
            &Outcome {
                cases: values.all(),
                differences: list.len() as u64,
                refused: refused.values().sum(),
                seed,
                seconds: started.elapsed().as_secs_f64(),
            },
        );
        budget::say(&format!("{name}: {values:?}, {} differences", list.len()));
    }
    budget::say(&format!("ucast refuses: {refused:#?}"));
    assert!(
        found.iter().all(Vec::is_empty),
        "AMBIT_SEED={seed}: {:#?}",
        found.map(|l| l.into_iter().take(3).collect::<Vec<_>>())
    );
    for what in refused.keys() {
        assert!(
            PINNED.iter().any(|pinned| what.starts_with(pinned)),
            "{what}"
        );
    }
    for pinned in PINNED {
        assert!(
            refused.keys().any(|what| what.starts_with(pinned)),
            "{pinned}"
        );
    }
    assert!(values.all() >= CASES, "{values:?}");
    assert!(
        values.yes * 8 > values.all() && values.no * 8 > values.all(),
        "{values:?}"
    );
    // The other dialect is at least written, each value bound.
    let postgres: BTreeSet<bool> = answers.iter().map(|a| a.postgres.contains("$1")).collect();
    assert_eq!(postgres, BTreeSet::from([true]));
}
