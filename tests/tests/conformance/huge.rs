//! Sets and lists of ten thousand elements: as literals, written at a user, and bound.

use std::fmt::Write as _;

use ambit_core::Value;
use ambit_targets::sql::Dialect;
use ambit_tests::random::{TableRows, UserSpec};

use super::case::Case;
use super::store::Engine;
use super::tally::Tally;
use super::{artifact, postgres, sqlite};

const ELEMENTS: i64 = 10_000;

fn compare(dialect: Dialect, engine: &mut dyn Engine) {
    let (mut numbers, mut texts) = (String::new(), String::new());
    for n in 0..ELEMENTS {
        let comma = if n == 0 { "" } else { ", " };
        let _ = write!(numbers, "{comma}{}", n * 2);
        let _ = write!(texts, "{comma}\"it's {n}\"");
    }
    let text = format!(
        "source main : sqlite
table t in main {{ key id : int  s : string? }}
attribute ints : set of int
attribute strings : set of string
role listed {{ grant read on t where id in [{numbers}] }}
role unlisted {{ grant read on t where not s in [{texts}] }}
role asked {{ grant read on t where id in user.ints or s in user.strings }}
role not_asked {{ grant read on t where not id in user.ints and not s in user.strings }}
user dan : asked {{ ints = [{numbers}] }}
"
    );
    let rows = [-1, 0, 1, 2, 9_999, 19_998, 19_999, 20_000];
    let rows = rows
        .into_iter()
        .map(|n| {
            let text = if n % 3 == 0 {
                Value::Null
            } else {
                Value::text(&format!("it's {n}"))
            };
            vec![Value::Int(n), text]
        })
        .collect();
    let table = TableRows {
        table: "t".to_owned(),
        rows,
    };
    let mut case = Case::written(dialect, "huge.ambit", text, vec![table]);
    let ints = (0..ELEMENTS).map(|n| Value::Int(n * 2)).collect();
    let strings = (0..ELEMENTS)
        .map(|n| Value::text(&format!("it's {n}")))
        .collect();
    case.users = vec![UserSpec {
        declared: None,
        principals: Vec::new(),
        attributes: vec![
            ("ints".to_owned(), Value::set(ints)),
            ("strings".to_owned(), Value::set(strings)),
        ],
        login: None,
    }];
    let mut tally = Tally::default();
    if let Some(difference) = artifact::compare(&case, engine, &mut tally) {
        panic!("{}: {}", difference.who.len(), difference.engine);
    }
    assert!(tally.refused.is_empty(), "{:?}", tally.refused);
    assert!(tally.of("inline") >= 80 && tally.of("bound") >= 80);
}

#[test]
fn ten_thousand_elements_on_sqlite() {
    compare(Dialect::Sqlite, &mut sqlite::Sqlite);
}

#[test]
fn ten_thousand_elements_on_postgres() {
    let server = need!("postgres");
    let mut engine = postgres::Postgres::new(server, "huge");
    compare(Dialect::Postgres, &mut engine);
}

#[test]
fn ten_thousand_elements_on_the_least_postgres() {
    let server = need!("postgres-minimum");
    let mut engine = postgres::Postgres::new(server, "huge");
    compare(Dialect::Postgres, &mut engine);
}
