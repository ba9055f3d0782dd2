//! Days and instants of every kind that `PostgreSQL` holds and the language does not: for every test they are unknown,
//! whatever the session and whether the table is a view. The ends of the language's calendar are values like others.

use std::collections::BTreeMap;

use ambit_core::Value;
use ambit_targets::sql::Dialect;
use ambit_targets::{Context, find};
use ambit_tests::random::{TableRows, UserSpec};
use jiff::civil::{Date, date};
use serde_json::Value as Json;
use smol_str::SmolStr;

use super::case::{Case, Text};
use super::postgres::Postgres;
use super::store::{Engine as _, Hostile, Question, Setup};
use crate::engines::postgres::Server;

const DAYS: &[&str] = &[
    "infinity",
    "-infinity",
    "0001-12-31 BC",
    "0044-03-15 BC",
    "4713-01-01 BC",
    "10000-01-01",
    "20240-01-15",
    "5874897-12-31",
];

const INSTANTS: &[&str] = &[
    "infinity",
    "-infinity",
    "0001-12-31 23:59:59.999999+00 BC",
    "4713-01-01 00:00:00+00 BC",
    "10000-01-01 00:00:00+00",
    "20240-01-15 12:00:00+00",
    "294276-12-31 23:59:59.999999+00",
];

/// The last role of a table asks whether there is a value: there is, of no kind that the language knows.
const TEXT: &str = "source main : postgres
table t in main { key id : int  d : date?  at : timestamp?  other : date?  moment : timestamp? }
role r1 { grant read on t where d = 2024-01-15 }
role r2 { grant read on t where not d = 2024-01-15 }
role r3 { grant read on t where d before 2024-01-15 }
role r4 { grant read on t where d after 2024-01-15 }
role r5 { grant read on t where d = other }
role r6 { grant read on t where not d = other }
role r7 { grant read on t where d before other }
role r8 { grant read on t where not d before other }
role r9 { grant read on t where d = today }
role r10 { grant read on t where d before today }
role r11 { grant read on t where not d before today }
role r12 { grant read on t where d in last 3 months }
role r13 { grant read on t where not d in last 3 months }
role r14 { grant read on t where not d in next 9000 years }
role r15 { grant read on t where d in last 9000 years to today }
role r16 { grant read on t where at before 2024-01-15T12:00:00Z }
role r17 { grant read on t where not at before 2024-01-15T12:00:00Z }
role r18 { grant read on t where at = moment }
role r19 { grant read on t where not at = moment }
role r20 { grant read on t where at before moment }
role r21 { grant read on t where at = 2024-01-15 }
role r22 { grant read on t where not at = 2024-01-15 }
role r23 { grant read on t where at before 2024-01-15 }
role r24 { grant read on t where at after 2024-01-15 }
role r25 { grant read on t where at = other }
role r26 { grant read on t where not at = other }
role r27 { grant read on t where at before other }
role r28 { grant read on t where at in this month }
role r29 { grant read on t where not at in this month }
role r30 { grant read on t where not at in last 9000 years }
role r31 { grant read on t where d in [2024-01-15, 2024-01-16] }
role r32 { grant read on t where d not in [2024-01-15, 2024-01-16] }
role r33 { grant read on t  deny read on t where d = 2024-01-15 }
role r34 { grant read on t  restrict t to at after 2024-01-15 }
role null1 { grant read on t where d is null }
role null2 { grant read on t where at is not null }
";

fn check(server: &Server) {
    let mut engine = Postgres::new(server, "odd");
    let today = date(2024, 1, 15);
    let days = [
        "0001-01-01",
        "2023-12-31",
        "2024-01-14",
        "2024-01-15",
        "2024-01-16",
        "9999-12-31",
    ];
    let instants = [
        "0001-01-02T00:00:00Z",
        "2024-01-14T23:59:59.999999Z",
        "2024-01-15T00:00:00Z",
        "2024-01-15T12:00:00Z",
        "9999-12-29T00:00:00Z",
    ];
    let mut checks = 0;
    for (n, zone) in ["UTC", "Europe/Paris", "Pacific/Apia", "Asia/Kolkata"]
        .iter()
        .enumerate()
    {
        let mut rows = Vec::new();
        let mut odd = Vec::new();
        let mut add = |d: Option<&str>, at: Option<&str>, cells: &[(&'static str, String)]| {
            let day = |d: &str| Value::Date(d.parse::<Date>().unwrap());
            let instant = |t: &str| Value::Timestamp(t.parse().unwrap());
            let id = rows.len();
            odd.extend(
                cells
                    .iter()
                    .map(|(column, cell)| (id, *column, cell.clone())),
            );
            let other = days[id % days.len()];
            let moment = instants[id % instants.len()];
            rows.push(vec![
                Value::Int(id as i64),
                d.map_or(Value::Null, day),
                at.map_or(Value::Null, instant),
                day(other),
                instant(moment),
            ]);
        };
        for d in days {
            for at in instants {
                add(Some(d), Some(at), &[]);
            }
        }
        for d in DAYS {
            add(None, Some(instants[2]), &[("d", format!("'{d}'"))]);
        }
        for at in INSTANTS {
            add(Some(days[3]), None, &[("at", format!("'{at}'"))]);
            let same = format!("'{at}'");
            add(None, None, &[("at", same.clone()), ("moment", same)]);
        }
        let table = TableRows {
            table: "t".to_owned(),
            rows: rows.clone(),
        };
        let settings = format!("[project]\nname = \"odd\"\ntimezone = \"{zone}\"\n");
        let mut case = Case::written(Dialect::Postgres, "odd.ambit", TEXT.to_owned(), vec![table]);
        case.policy = Text::Written(settings, "odd.ambit".to_owned(), TEXT.to_owned());
        let ready = case
            .ready()
            .unwrap_or_else(|| panic!("{:?}", case.program().err()));
        let t = ready.tables[0].table;
        for session in 0..6 {
            let setup = Setup {
                program: &ready.program,
                layout: &ready.layout,
                tables: &ready.tables,
                hostile: Hostile {
                    collation: false,
                    names: session % 2 == 1,
                    session: Some(session + 10 * n as u64),
                    views: session % 3 == 1,
                },
            };
            let mut store = engine.load(&setup).unwrap();
            for (row, column, cell) in &odd {
                store.set(t, *row, column, cell);
            }
            for frozen in [Some(today), None] {
                let emitted = find("sql").unwrap().emit(&Context {
                    program: &ready.program,
                    per_user: false,
                    options: BTreeMap::from([("dialects".into(), vec!["postgres".into()])]),
                    frozen,
                });
                assert!(emitted.refused.is_empty(), "{:?}", emitted.refused);
                let entries: Vec<Json> =
                    serde_json::from_str(&emitted.artifacts[0].content).unwrap();
                for entry in &entries {
                    let who = entry["principal"].as_str().unwrap();
                    let of = ["inline", "bound"][usize::from(frozen.is_none())];
                    let (Some(sql), "read") =
                        (entry[of].as_str(), entry["action"].as_str().unwrap())
                    else {
                        continue;
                    };
                    let params = entry["params"].as_array().unwrap().iter();
                    let params =
                        params.map(|p| (SmolStr::new(p.as_str().unwrap()), Value::Date(today)));
                    let question = Question {
                        sql: sql.to_owned(),
                        params: if of == "bound" {
                            params.collect()
                        } else {
                            Vec::new()
                        },
                    };
                    let got = store.ask(t, &[question]).unwrap().remove(0);
                    let spec = UserSpec {
                        declared: None,
                        principals: if who == "everyone" {
                            Vec::new()
                        } else {
                            vec![who.to_owned()]
                        },
                        attributes: Vec::new(),
                        login: None,
                    };
                    let user = spec.user(&ready.program);
                    let truths = ready.judge(&user, &[t], today, t, "read");
                    for (row, truth) in truths.iter().enumerate() {
                        // The evaluator was given no value, where the engine has one that is none of the language's.
                        let cell = |c| odd.iter().any(|(r, column, _)| *r == row && *column == c);
                        let expected = match who {
                            "null1" => truth.is_true() && !cell("d"),
                            _ => truth.is_true(),
                        };
                        assert_eq!(
                            got[row],
                            expected,
                            "{who}, row {:?}, odd {:?}, zone {zone}\n{sql}",
                            rows[row],
                            odd.iter().filter(|o| o.0 == row).collect::<Vec<_>>()
                        );
                        checks += 1;
                    }
                }
            }
        }
    }
    let outcome = crate::budget::Outcome {
        cases: checks,
        ..Default::default()
    };
    crate::budget::summary("odd-days-and-instants", server.word, &outcome);
    assert!(checks > 10_000, "only {checks} checks");
}

#[test]
fn odd_days_and_instants_are_unknown_on_postgres() {
    check(need!("postgres"));
}

#[test]
fn odd_days_and_instants_are_unknown_on_the_least_postgres() {
    check(need!("postgres-minimum"));
}
