//! Decimals at both ends of what can be written, and what `PostgreSQL` holds in place of one: for every test that is
//! unknown.

use std::collections::BTreeMap;

use ambit_core::Value;
use ambit_targets::sql::Dialect;
use ambit_targets::{Context, find};
use ambit_tests::random::{TableRows, UserSpec};
use jiff::civil::date;
use serde_json::Value as Json;

use super::case::{Case, Text};
use super::postgres::Postgres;
use super::store::{Engine as _, Hostile, Question, Setup};
use crate::engines::postgres::Server;

/// What a `numeric` column holds besides numbers.
const NUMBERS: &[&str] = &["NaN", "Infinity", "-Infinity"];

/// What a `text` column holds besides decimals.
const TEXTS: &[&str] = &[
    "", " ", "-", "NaN", "inf", "Infinity", "+1", ".5", "5.", "1e5", "1E-5", "1_000", "1,5", " 1",
    "1 ", "1\n", "--1", "1.2.3", "0x10", "\u{664}", "1.-5",
];

fn policy() -> String {
    let long = "7".repeat(990);
    let mut text = "source main : postgres\ntable t in main { key id : int  d : decimal?  s : decimal? stored as text  \
                    c : decimal? stored as scaled(2)  other : decimal? }\n"
        .to_owned();
    let mut number = 0;
    let mut role = |cond: &str| {
        number += 1;
        text.push_str(&format!(
            "role r{number} {{ grant read on t where {cond} }}\n"
        ));
    };
    let literals = [
        "0".to_owned(),
        "0.10".to_owned(),
        "0.1234567890123456789012345678901234567891".to_owned(),
        "-1234567890123456789012345678901234567890".to_owned(),
        "92233720368547758.08".to_owned(),
        format!("{long}.5"),
        format!("-0.{long}5"),
    ];
    for column in ["d", "s", "c"] {
        for literal in &literals {
            role(&format!("{column} = {literal}"));
            role(&format!("not {column} = {literal}"));
            role(&format!("{column} < {literal}"));
            role(&format!("not {column} < {literal}"));
        }
        role(&format!("{column} in [0, 0.1, {long}.5]"));
        role(&format!("{column} not in [0, 0.1, {long}.5]"));
        role(&format!("{column} = other"));
        role(&format!("not {column} <= other"));
    }
    role("s < d");
    role("not s < d");
    role("c >= s");
    text
}

fn check(server: &Server) {
    let text = policy();
    let long = "7".repeat(990);
    let numbers = [
        "0".to_owned(),
        "0.1".to_owned(),
        "-0.01".to_owned(),
        "0.1234567890123456789012345678901234567890".to_owned(),
        "0.1234567890123456789012345678901234567891".to_owned(),
        "-1234567890123456789012345678901234567890".to_owned(),
        "-1234567890123456789012345678901234567889".to_owned(),
        format!("{long}.5"),
        format!("{long}.50001"),
        format!("-0.{long}5"),
        format!("-0.{long}51"),
        "9".repeat(9_000),
    ];
    let decimal = |text: &str| Value::Decimal(text.parse().unwrap());
    let mut rows = Vec::new();
    let mut odd: Vec<(usize, &str, String)> = Vec::new();
    let scaled = [
        "0",
        "0.1",
        "-0.01",
        "92233720368547758.07",
        "-92233720368547758.08",
    ];
    let row = |n: usize, d: Value, s: Value| {
        let (c, other) = (scaled[n % scaled.len()], &numbers[n * 5 % numbers.len()]);
        vec![Value::Int(n as i64), d, s, decimal(c), decimal(other)]
    };
    for (n, number) in numbers.iter().enumerate() {
        rows.push(row(
            n,
            decimal(number),
            decimal(&numbers[(n + 1) % numbers.len()]),
        ));
    }
    for cell in NUMBERS {
        odd.push((rows.len(), "d", format!("'{cell}'")));
        rows.push(row(rows.len(), Value::Null, decimal("1")));
    }
    let too_long = "1".repeat(10_001);
    for cell in TEXTS.iter().copied().chain([too_long.as_str()]) {
        odd.push((rows.len(), "s", format!("'{cell}'")));
        rows.push(row(rows.len(), decimal("1"), Value::Null));
    }
    let table = TableRows {
        table: "t".to_owned(),
        rows,
    };
    let mut engine = Postgres::new(server, "odd_decimals");
    let settings = "[project]\nname = \"odd\"\n".to_owned();
    let mut case = Case::written(Dialect::Postgres, "odd.ambit", text.clone(), vec![table]);
    case.policy = Text::Written(settings, "odd.ambit".to_owned(), text);
    let ready = case
        .ready()
        .unwrap_or_else(|| panic!("{:?}", case.program().err()));
    let t = ready.tables[0].table;
    let setup = Setup {
        program: &ready.program,
        layout: &ready.layout,
        tables: &ready.tables,
        hostile: Hostile {
            collation: false,
            names: false,
            session: None,
            views: false,
        },
    };
    let mut store = engine.load(&setup).unwrap();
    for (row, column, cell) in &odd {
        store.set(t, *row, column, cell);
    }
    let emitted = find("sql").unwrap().emit(&Context {
        program: &ready.program,
        per_user: false,
        options: BTreeMap::from([("dialects".into(), vec!["postgres".into()])]),
        frozen: None,
    });
    assert!(emitted.refused.is_empty(), "{:?}", emitted.refused);
    let entries: Vec<Json> = serde_json::from_str(&emitted.artifacts[0].content).unwrap();
    let mut checks = 0;
    for entry in &entries {
        let (Some(sql), "read") = (entry["inline"].as_str(), entry["action"].as_str().unwrap())
        else {
            continue;
        };
        let question = Question {
            sql: sql.to_owned(),
            params: Vec::new(),
        };
        let got = store.ask(t, &[question]).unwrap().remove(0);
        let who = entry["principal"].as_str().unwrap();
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
        let truths = ready.judge(&user, &[t], date(2024, 1, 15), t, "read");
        for (row, truth) in truths.iter().enumerate() {
            let cells: Vec<_> = odd.iter().filter(|o| o.0 == row).collect();
            let short: String = sql.chars().take(300).collect();
            assert_eq!(
                got[row],
                truth.is_true(),
                "{who}, row {row}, odd {cells:?}\n{short}"
            );
            checks += 1;
        }
    }
    let outcome = crate::budget::Outcome {
        cases: checks,
        ..Default::default()
    };
    crate::budget::summary("odd-decimals", server.word, &outcome);
    assert!(checks > 3_000, "only {checks} checks");
}

#[test]
fn decimals_at_the_ends_and_none_on_postgres() {
    check(need!("postgres"));
}

#[test]
fn decimals_at_the_ends_and_none_on_the_least_postgres() {
    check(need!("postgres-minimum"));
}
