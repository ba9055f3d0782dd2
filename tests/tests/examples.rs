//! The examples: each checks clean, its tests pass, and its data shows each principal what `expected/` says.

use std::collections::BTreeSet;
use std::sync::Arc;

use ambit_cli::commands::{inputs, json};
use ambit_compiler::program;
use ambit_core::{ObjectId, Program, TestId};
use ambit_eval::{Act, Data, Judge, User, run_test};
use ambit_query::{Cell, Limits, Store};
use ambit_targets::sql::UserContext;
use jiff::civil::Date;
use serde_json::{Value as Json, json};

use crate::docs;
use crate::support::project::Checked;
use crate::support::{files, read, root};

const EXAMPLES: &[&str] = &["sales", "markets", "limits", "stores", "dashboards"];

/// The day where an expectation names none.
const TODAY: Date = jiff::civil::date(2024, 1, 15);

fn load(example: &str) -> Arc<Program> {
    let folder = format!("examples/{example}");
    let checked = Checked::new(
        &files(&folder, ".ambit"),
        Some(&read(&format!("{folder}/ambit.toml"))),
    );
    assert!(
        checked.report.problems.is_empty(),
        "{folder}:\n{}",
        checked.rendered()
    );
    program(&checked.db, checked.project).unwrap_or_else(|| panic!("{folder} has no program"))
}

fn rows(program: &Program, example: &str) -> Vec<(ambit_core::TableId, Vec<ambit_core::Row>)> {
    inputs::load_folder(program, &root().join("examples").join(example).join("data")).unwrap()
}

fn day(json: &Json) -> Date {
    json.get("at")
        .map_or(TODAY, |at| at.as_str().unwrap().parse().unwrap())
}

#[test]
fn every_example_checks_clean_and_passes_its_tests() {
    for example in EXAMPLES {
        let program = load(example);
        assert!(program.tests.len() > 2, "{example} has tests");
        for (position, test) in program.tests.iter().enumerate() {
            let run = run_test(&program, TestId(position as u32), TODAY);
            assert!(
                run.failures.is_empty(),
                "{example}: test {:?}: {:#?}",
                test.name,
                run.failures
            );
        }
    }
}

/// What `check` finds in an example is committed with it, and every claim holds.
#[test]
fn check_finds_in_every_example_just_what_is_expected() {
    for example in EXAMPLES {
        let folder = format!("examples/{example}");
        let settings = read(&format!("{folder}/ambit.toml"));
        assert!(!settings.contains("[lints]"), "{example} hides nothing");
        let checked = Checked::new(&files(&folder, ".ambit"), Some(&settings)).with_meaning(true);
        let found: Vec<Json> = checked
            .report
            .problems
            .iter()
            .map(|p| {
                json!({
                    "code": p.code,
                    "file": p.at.file.as_str(),
                    "line": checked.line(&p.at.file, p.at.start),
                    "message": p.message,
                    "witness": p.witness.is_some(),
                })
            })
            .collect();
        let expected = read(&format!("{folder}/expected/findings.json"));
        let expected: Json = serde_json::from_str(&expected).unwrap();
        assert_eq!(
            Json::Array(found.clone()),
            expected,
            "{example}: found\n{}",
            serde_json::to_string_pretty(&found).unwrap()
        );
        assert!(!found.iter().any(|p| p["code"] == "E0413"), "{example}");
    }
}

/// A rule that no test decides by could as well be wrong.
#[test]
fn the_tests_of_an_example_reach_every_rule() {
    for example in EXAMPLES {
        let program = load(example);
        let reached: BTreeSet<_> = (0..program.tests.len())
            .flat_map(|test| run_test(&program, TestId(test as u32), TODAY).decisive)
            .map(|rule| program.rules[rule.index()].origin.clone())
            .collect();
        let missed: Vec<_> = program
            .rules
            .iter()
            .map(|r| &r.origin)
            .filter(|o| !reached.contains(o))
            .collect();
        assert!(missed.is_empty(), "{example}: {missed:#?}");
    }
}

#[test]
fn every_table_of_an_example_has_its_data() {
    for example in EXAMPLES {
        let program = load(example);
        let loaded = rows(&program, example);
        assert_eq!(
            loaded.len(),
            program.tables.len(),
            "{example}: a file for each table"
        );
        assert!(loaded.iter().all(|(_, rows)| !rows.is_empty()), "{example}");
    }
}

#[test]
fn the_data_shows_each_principal_what_is_expected() {
    for example in EXAMPLES {
        let program = load(example);
        let data = inputs::data(&program, rows(&program, example)).unwrap();
        let expected: Json =
            serde_json::from_str(&read(&format!("examples/{example}/expected/see.json"))).unwrap();
        let today = day(&expected);
        for (who, tables) in expected["see"].as_object().unwrap() {
            for (table, keys) in tables.as_object().unwrap() {
                assert_eq!(
                    &seen(&program, &data, who, table, today),
                    keys,
                    "{example}: what {who} sees of {table}"
                );
            }
        }
        for (who, objects) in expected
            .get("can")
            .and_then(Json::as_object)
            .into_iter()
            .flatten()
        {
            for (object, actions) in objects.as_object().unwrap() {
                assert_eq!(
                    &can(&program, &data, who, object, today),
                    actions,
                    "{example}: {who} on {object}"
                );
            }
        }
    }
}

/// The keys of the rows that a principal can read, in the order of the data.
fn seen(program: &Program, data: &Data, who: &str, table: &str, today: Date) -> Json {
    let user = User::of(program, inputs::principal(program, who).unwrap());
    let table = inputs::table(program, table).unwrap();
    let query = [table];
    let judge = Judge::new(program, data, &user, &query, today, None);
    let key = program.table(table).keys[0];
    let visible = data
        .rows(table)
        .filter(|row| judge.decide(table, Act::Read(*row)).is_true());
    let mut keys: Vec<Json> = visible.map(|row| json::value(row.get(key))).collect();
    keys.sort_by_key(ToString::to_string);
    Json::Array(keys)
}

/// The actions that a principal has on an object, by name.
fn can(program: &Program, data: &Data, who: &str, object: &str, today: Date) -> Json {
    let user = User::of(program, inputs::principal(program, who).unwrap());
    let id = ObjectId(
        program
            .objects
            .iter()
            .position(|o| o.name == object)
            .unwrap() as u32,
    );
    let judge = Judge::new(program, data, &user, &[], today, None);
    let kind = &program.kinds[program.objects[id.index()].kind.index()];
    let mut actions: Vec<&str> = kind
        .actions
        .iter()
        .filter(|a| judge.decide_object(id, a).is_true())
        .map(smol_str::SmolStr::as_str)
        .collect();
    actions.sort_unstable();
    json!(actions)
}

#[test]
fn queries_give_what_is_expected() {
    let mut asked = 0;
    for example in EXAMPLES {
        let queries = files(&format!("examples/{example}/expected"), ".json");
        for (name, text) in queries
            .iter()
            .filter(|(name, _)| name.starts_with("query-"))
        {
            let case: Json = serde_json::from_str(text).unwrap();
            let program = load(example);
            let mut store = Store::of_rows(&program, &rows(&program, example)).unwrap();
            let user = inputs::principal(&program, case["as"].as_str().unwrap()).unwrap();
            let user = UserContext::of(&program, user);
            let sql = case["sql"].as_str().unwrap();
            let answer = ambit_query::query(
                &mut store,
                &program,
                &user,
                day(&case),
                sql,
                &Limits::default(),
            );
            let answer = answer.unwrap_or_else(|e| panic!("{example}/{name}: {e}"));
            let cells: Vec<Vec<Json>> = answer
                .rows
                .iter()
                .map(|row| row.iter().map(cell).collect())
                .collect();
            let got = json!({"columns": answer.columns, "rows": cells, "tables": answer.tables});
            assert_eq!(got, case["result"], "{example}/{name}");
            asked += 1;
        }
    }
    assert!(asked >= 6, "only {asked} queries");
}

fn cell(cell: &Cell) -> Json {
    match cell {
        Cell::Null => Json::Null,
        Cell::Bool(b) => json!(b),
        Cell::Int(n) => json!(n),
        Cell::Text(text) => json!(text),
        Cell::Decimal(text) => json!({"decimal": text}),
        Cell::Date(text) => json!({"date": text}),
        Cell::Timestamp(text) => json!({"timestamp": text}),
    }
}

/// The limits of the example are the scopes of the truth table, in its order.
#[test]
fn the_truth_table_of_scopes_is_complete() {
    let program = load("limits");
    let limits = inputs::table(&program, "limits").unwrap();
    let data = inputs::data(&program, rows(&program, "limits")).unwrap();
    assert_eq!(data.len(limits), 13);
    let columns = [
        "match_all_books",
        "match_any_books",
        "contains_all_books",
        "contains_any_books",
        "match_all_any_book",
        "match_all_book_and_id",
        "book_match_all_or_id_contains_all",
    ];
    let table = [
        "-Y-YY-Y", "----Y--", "YYYYY--", "---YY--", "YYYYY--", "---Y-YY", "--YY--Y", "---Y---",
        "------Y", "------Y", "YYYYY--", "-------", "-------",
    ];
    let mut got = vec![String::new(); table.len()];
    for who in columns {
        let user = User::of(&program, inputs::principal(&program, who).unwrap());
        let query = [limits];
        let judge = Judge::new(&program, &data, &user, &query, TODAY, None);
        for (row, line) in data.rows(limits).zip(&mut got) {
            line.push(if judge.decide(limits, Act::Read(row)).is_true() {
                'Y'
            } else {
                '-'
            });
        }
    }
    assert_eq!(got, table);
}

/// Runs the README's main command as it stands there.
#[test]
fn the_readme_shows_what_dan_sees() {
    let command = docs::command(&read("README.md"), "main");
    let (words, sql) = command.split_once('"').unwrap();
    let mut words = words.split_whitespace();
    assert_eq!(words.next(), Some("cargo"));
    let output =
        std::process::Command::new(std::env::var("CARGO").unwrap_or_else(|_| "cargo".into()))
            .args(words)
            .arg(sql.trim_end_matches('"'))
            .current_dir(root())
            .output()
            .unwrap();
    let (shown, errors) = (
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    );
    assert!(output.status.success(), "{errors}");
    let lines: Vec<Vec<&str>> = shown
        .lines()
        .map(|l| l.split_whitespace().collect())
        .collect();
    assert!(
        lines.contains(&vec!["HD-TV", "100"]) && lines.contains(&vec!["Player", "200"]),
        "{shown}"
    );
    assert!(
        !["Matthew", "Amber", "300", "600", "700", "AC", "Media"]
            .iter()
            .any(|hidden| shown.contains(hidden)),
        "{shown}"
    );
}
