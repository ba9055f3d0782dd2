//! What `SQLite` alone lets into tables: texts that are almost days or instants, values of any class under any declared
//! type, tables that are views; and conditions that nest as deep as the language lets them. On both ends of the versions
//! that are promised.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use ambit_core::{Instant, TableId, Value};
use ambit_targets::sql::{Dialect, Facts, Outcome, Query, Request, Today, access};
use ambit_targets::{Context, find};
use ambit_tests::random::{TableRows, UserSpec};
use ambit_tests::rng::Rng;
use jiff::civil::{Date, DateTime};
use serde_json::Value as Json;

use super::case::{Case, Ready};
use super::store::{Engine, Question, Setup, Shape, Store};
use super::tally::Tally;
use super::{artifact, sqlite};

/// A cell as an expression of the engine, and what the language reads there.
type Cell = (String, Option<Value>);

/// The language's days: `YYYY-MM-DD`, and a day that exists.
fn day(text: &str) -> Option<Value> {
    if !is_shaped(text, "0000-00-00") {
        return None;
    }
    let day = text.parse::<Date>().ok()?;
    (day.year() >= 1).then_some(Value::Date(day))
}

/// The language's instants: `YYYY-MM-DDTHH:MM:SS`, perhaps a point and up to nine digits, `Z`.
fn instant(text: &str) -> Option<Value> {
    let (seconds, rest) = text.split_at_checked(19)?;
    let rest = rest.strip_suffix('Z')?;
    let digits = rest.strip_prefix('.').unwrap_or("0");
    let fraction = rest.is_empty() || rest.starts_with('.');
    let few = (1..=9).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    if !(is_shaped(seconds, "0000-00-00T00:00:00") && fraction && few) || seconds.ends_with(":60") {
        return None;
    }
    let civil = text.strip_suffix('Z')?.parse::<DateTime>().ok()?;
    Instant::new(civil).map(Value::Timestamp)
}

fn is_shaped(text: &str, shape: &str) -> bool {
    text.len() == shape.len()
        && text.bytes().zip(shape.bytes()).all(|(b, s)| match s {
            b'0' => b.is_ascii_digit(),
            s => b == s,
        })
}

/// Texts near to what is right, each changed by a character or two.
fn near(rng: &mut Rng, right: &[&str], count: usize) -> Vec<String> {
    let alphabet: Vec<char> = "0123456789-:.TZtz +e\0é/".chars().collect();
    let mut list: Vec<String> = right.iter().map(|t| (*t).to_owned()).collect();
    while list.len() < count {
        let mut chars: Vec<char> = rng.pick::<&str>(right).chars().collect();
        for _ in 0..=rng.below(2) {
            let at = rng.below(chars.len().max(1));
            match rng.below(4) {
                0 if !chars.is_empty() => drop(chars.remove(at)),
                1 => chars.insert(at, *rng.pick(&alphabet)),
                _ if !chars.is_empty() => chars[at] = *rng.pick(&alphabet),
                _ => {}
            }
        }
        list.push(chars.into_iter().collect());
    }
    list
}

/// A text as an expression of the engine, whatever stands in it.
fn written(text: &str) -> String {
    let bytes = text.bytes().fold(String::new(), |mut hex, b| {
        let _ = write!(hex, "{b:02x}");
        hex
    });
    format!("CAST(x'{bytes}' AS TEXT)")
}

const DAYS: &[&str] = &[
    "2024-02-29",
    "2024-02-30",
    "2024-02-31",
    "2023-02-28",
    "2023-02-29",
    "1900-02-28",
    "1900-02-29",
    "2000-02-29",
    "2023-04-30",
    "2023-04-31",
    "2023-06-31",
    "2023-09-31",
    "2023-11-31",
    "2023-12-31",
    "2023-12-32",
    "2024-01-01",
    "2024-01-00",
    "2024-00-01",
    "2024-13-01",
    "9999-12-31",
    "0001-01-01",
    "-0044-03-15",
    "10000-01-01",
    "+2024-01-01",
    "2024-1-1",
    " 2024-01-01",
    "2024-01-01 ",
    "2024-01-01T",
    "2024-01-01T00:00:00",
    "2024-01-01 00:00",
    "20240101",
    "2024-001",
    "2024-W01-1",
    "2460000",
    "2460000.5",
    "now",
    "NOW",
    "12:00",
    "",
    "0",
    "2024-02-10T24:00",
];

const INSTANTS: &[&str] = &[
    "2024-02-10T23:59:59Z",
    "2024-02-10T24:00:00Z",
    "2024-02-10T24:59:00Z",
    "2023-12-31T24:00:00Z",
    "2024-02-10T23:60:00Z",
    "2024-02-10T23:59:60Z",
    "2023-06-31T00:00:00Z",
    "2024-02-30T00:00:00Z",
    "1900-02-29T00:00:00Z",
    "2000-02-29T00:00:00Z",
    "2024-01-15T12:00:00Z",
    "2024-01-15T12:00:00.0Z",
    "2024-01-15T12:00:00.5Z",
    "2024-01-15T12:00:00.123456789Z",
    "2024-01-15T12:00:00.1234567890Z",
    "2024-01-15T12:00:00.Z",
    "2024-01-15T12:00:00",
    "2024-01-15T12:00Z",
    "2024-01-15T12Z",
    "2024-01-15",
    "2024-01-15t12:00:00Z",
    "2024-01-15T12:00:00z",
    "2024-01-15 12:00:00Z",
    "2024-01-15T12:00:00+00:00",
    "2024-01-15T12:00:00-01:00",
    "2024-01-15T12:00:00 Z",
    " 2024-01-15T12:00:00Z",
    "2024-01-15T12:00:00ZZ",
    "-0044-03-15T12:00:00Z",
    "10000-01-01T00:00:00Z",
    "2024-01-15T12:00:00.5",
    "0001-01-02T00:00:00Z",
    "9999-12-30T00:00:00Z",
    "2460000",
    "now",
    "",
];

/// Cells of no class that a day or an instant has.
const OTHERS: &[&str] = &[
    "NULL",
    "5",
    "2460000",
    "2460000.5",
    "2024",
    "-1",
    "0",
    "1e400",
    "CAST('2024-02-29' AS BLOB)",
    "CAST('2024-01-15T12:00:00Z' AS BLOB)",
    "x''",
    "zeroblob(3)",
];

fn cells(texts: &[String], read: fn(&str) -> Option<Value>) -> Vec<Cell> {
    let texts = texts.iter().map(|text| (written(text), read(text)));
    let others = OTHERS.iter().map(|other| ((*other).to_owned(), None));
    texts.chain(others).collect()
}

/// A table of these columns: all cells of a column one after the other, beside nothing.
fn rows(
    columns: &[(usize, Vec<Cell>)],
    width: usize,
) -> (Vec<Vec<Value>>, Vec<(usize, usize, String)>) {
    let (mut rows, mut odd) = (Vec::new(), Vec::new());
    for (column, cells) in columns {
        for (expression, value) in cells {
            let mut row = vec![Value::Null; width];
            row[0] = Value::Int(rows.len() as i64 + 1);
            if let Some(value) = value {
                row[*column] = value.clone();
            }
            odd.push((rows.len(), *column, expression.clone()));
            rows.push(row);
        }
    }
    (rows, odd)
}

/// Every entry on `t`, against the evaluator; gives the number of checks.
fn check(
    case: &Case,
    ready: &Ready,
    store: &mut dyn Store,
    attributes: &[(&str, Value)],
    odd: &[(usize, usize, String)],
    title: &str,
) -> u64 {
    let table = ready.program.find_table("t").unwrap();
    let mut entries = BTreeMap::new();
    for entry in emitted(ready) {
        if entry["table"] == "t" && entry["action"] == "read" {
            entries.insert(entry["principal"].as_str().unwrap().to_owned(), entry);
        }
    }
    let mut checks = 0;
    // Joined with another, a view of several parts is first written out by old versions, which convert the values of one part
    // to the type of another: what the engine then reads is no longer what stands there.
    let converted = ["View of", "Expressions of"]
        .iter()
        .any(|shape| title.starts_with(&format!("sqlite-minimum, {shape}")));
    let asked = |who: &str| who != "everyone" && !(converted && matches!(who, "v_w" | "v_no_w"));
    for (who, entry) in entries.iter().filter(|(who, _)| asked(who)) {
        let spec = UserSpec {
            declared: None,
            principals: vec![who.clone()],
            attributes: attributes
                .iter()
                .map(|(n, v)| ((*n).to_owned(), v.clone()))
                .collect(),
            login: None,
        };
        let user = spec.user(&ready.program);
        let truths = ready.judge(&user, &[table], case.today, table, "read");
        let mut right: Vec<bool> = truths.iter().map(|t| t.is_true()).collect();
        // `is null` finds a value in an odd cell, though no other test does.
        if who.starts_with("missing") {
            for (row, column, expression) in odd {
                let of_it = *column == if who == "missing_at" { 2 } else { 1 };
                right[*row] &= !of_it || expression == "NULL";
            }
        }
        let params = entry["params"].as_array().unwrap().iter().map(|name| {
            let name = name.as_str().unwrap();
            let value = attributes.iter().find(|(n, _)| format!("user_{n}") == name);
            let value = value.map_or(Value::Null, |(_, v)| v.clone());
            (
                name.into(),
                if name == "today" {
                    Value::Date(case.today)
                } else {
                    value
                },
            )
        });
        let question = Question {
            sql: entry["bound"]
                .as_str()
                .unwrap_or_else(|| panic!("{entry}"))
                .to_owned(),
            params: params.collect(),
        };
        let got = store.ask(table, std::slice::from_ref(&question)).unwrap();
        let wrong: Vec<_> = (0..right.len())
            .filter(|i| right[*i] != got[0][*i])
            .collect();
        let cells: Vec<_> = odd
            .iter()
            .filter(|(row, ..)| wrong.contains(row))
            .take(20)
            .collect();
        assert!(
            wrong.is_empty(),
            "{title}, {who}: rows {wrong:?} {cells:?}, the evaluator says {:?}\n{}",
            wrong.first().map(|i| right[*i]),
            question.sql
        );
        checks += right.len() as u64;
    }
    checks
}

fn emitted(ready: &Ready) -> Vec<Json> {
    let context = Context {
        program: &ready.program,
        per_user: false,
        options: BTreeMap::from([("dialects".into(), vec!["sqlite".into()])]),
        frozen: None,
    };
    let emitted = find("sql").unwrap().emit(&context);
    let closed = emitted.refused.iter().find(|r| r.closed);
    assert!(closed.is_none(), "{closed:?}");
    serde_json::from_str(&emitted.artifacts[0].content).unwrap()
}

fn load<'a>(engine: &'a mut dyn Engine, case: &Case, ready: &Ready) -> Box<dyn Store + 'a> {
    let setup = Setup {
        program: &ready.program,
        layout: &ready.layout,
        tables: &ready.tables,
        hostile: case.hostile,
    };
    engine.load(&setup).unwrap()
}

/// The two ends, by name; the machine's own `SQLite` where it is there.
fn each(run: &mut dyn FnMut(&str, &mut dyn Engine)) {
    run("sqlite", &mut sqlite::Sqlite);
    let system = need!("sqlite-minimum");
    run("sqlite-minimum", &mut sqlite::Oldest::new(system));
}

fn report(suite: &str, engine: &str, cases: u64, started: std::time::Instant) {
    let outcome = crate::budget::Outcome {
        cases,
        seed: crate::budget::seed(),
        seconds: started.elapsed().as_secs_f64(),
        ..Default::default()
    };
    crate::budget::summary(suite, engine, &outcome);
    crate::budget::say(&format!("{suite} on {engine}: {cases} checks"));
}

const TIMES: &str = r"
source main : sqlite
attribute a_day : date
attribute days : set of date
attribute moment : timestamp
attribute moments : set of timestamp
table t in main { key id : int
    d : date?
    at : timestamp? }
role d_not { grant read on t where d != 2024-01-01 }
role d_is { grant read on t where d = 2024-02-29 }
role d_denied { grant read on t  deny read on t where d = 2024-02-29 }
role d_least { grant read on t where d >= 0001-01-01 }
role d_most { grant read on t where d <= 9999-12-31 }
role d_after { grant read on t where d after 2024-02-01 }
role d_window { grant read on t where d in last 3 months }
role d_no_window { grant read on t where not (d in next 2 years) }
role d_asked { grant read on t where d < user.a_day }
role d_among { grant read on t where d in user.days }
role d_not_among { grant read on t where not (d in user.days) }
role d_listed { grant read on t where d not in [2024-02-29, 2000-02-29] }
role d_there { grant read on t where d is not null }
role missing { grant read on t where d is null }
role at_not { grant read on t where at != 2024-01-15T12:00:00Z }
role at_is { grant read on t where at = 2024-01-15T12:00:00Z }
role at_denied { grant read on t  deny read on t where at < 2024-02-10T23:59:59Z }
role at_since { grant read on t where at >= 2024-01-15T12:00:00Z }
role at_day { grant read on t where at = 2024-02-10 }
role at_no_day { grant read on t where at != 2024-02-10 }
role at_window { grant read on t where at in last 3 months }
role at_asked { grant read on t where at <= user.moment }
role at_among { grant read on t where at in user.moments }
role at_not_among { grant read on t where not (at in user.moments) }
role at_asked_day { grant read on t where at > user.a_day }
role at_there { grant read on t where at is not null }
role missing_at { grant read on t where at is null }
";

#[test]
fn what_is_no_day_or_instant_is_none() {
    let days: Vec<Value> = ["2024-02-29", "2023-12-31"]
        .iter()
        .filter_map(|t| day(t))
        .collect();
    let moments: Vec<Value> = ["2024-01-15T12:00:00.5Z", "2000-02-29T00:00:00Z"]
        .iter()
        .filter_map(|t| instant(t))
        .collect();
    let attributes = [
        ("a_day", days[0].clone()),
        ("moment", moments[0].clone()),
        ("days", Value::set(days)),
        ("moments", Value::set(moments)),
    ];
    each(&mut |name, engine| {
        let started = std::time::Instant::now();
        let mut rng = Rng::new(crate::budget::seed());
        let count = 600 * crate::budget::times();
        let columns = [
            (1, cells(&near(&mut rng, DAYS, count), day)),
            (2, cells(&near(&mut rng, INSTANTS, count), instant)),
        ];
        let (rows, odd) = rows(&columns, 3);
        let case = Case::written(
            Dialect::Sqlite,
            "times.ambit",
            TIMES.to_owned(),
            vec![TableRows {
                table: "t".to_owned(),
                rows,
            }],
        );
        let ready = case
            .ready()
            .unwrap_or_else(|| panic!("{:?}", case.program().err()));
        let mut store = load(engine, &case, &ready);
        let table = ready.program.find_table("t").unwrap();
        store.retype(table, "");
        for (row, column, expression) in &odd {
            store.set(table, *row, ["id", "d", "at"][*column], expression);
        }
        let checks = check(&case, &ready, &mut *store, &attributes, &odd, name);
        report("hostile-times", name, checks, started);
    });
}

const TYPES: &str = r#"
source main : sqlite
enum E { "7", "8", "x" }
attribute who : string
attribute many : set of string
attribute number : int
attribute numbers : set of int
attribute sum : decimal
table t in main { key id : int
    a : string?
    e : E?
    n : int?
    b : bool?
    x : decimal? stored as text
    y : decimal? stored as scaled(2)
    d : date?
    u : int? -> u.id
    v : string? -> v.code
    s : scope { Book } stored as text }
table u in main { key id : int  m : int? }
table v in main { key code : string  m : string? }
table w in main { key id : int  of : string -> v.code  m : int? }
role a_is { grant read on t where a = "7" }
role a_not { grant read on t where a != "7" }
role a_word { grant read on t where a = "x" }
role a_no_word { grant read on t where a not in ["x", "y"] }
role a_listed { grant read on t where a in ["7", "8"] }
role a_mixed { grant read on t where a in ["7", "x"] }
role a_unlisted { grant read on t where a not in ["7", "8"] }
role a_asked { grant read on t where a = user.who }
role a_not_asked { grant read on t where a != user.who }
role a_among { grant read on t where a in user.many }
role a_not_among { grant read on t where not (a in user.many) }
role a_begins { grant read on t where a starts with "7" }
role a_begins_not { grant read on t where not (a starts with "7") }
role a_ends { grant read on t where a ends with "7" }
role a_has { grant read on t where a contains "7" }
role e_is { grant read on t where e = "7" }
role e_not { grant read on t where e != "7" }
role n_is { grant read on t where n = 7 }
role n_not { grant read on t where n != 7 }
role n_below { grant read on t where n < 10 }
role n_within { grant read on t where n between 7 and 100 }
role n_listed { grant read on t where n in [7, 10] }
role n_unlisted { grant read on t where n not in [7, 10] }
role n_asked { grant read on t where n <= user.number }
role n_among { grant read on t where n in user.numbers }
role b_is { grant read on t where b }
role b_not { grant read on t where not b }
role x_is { grant read on t where x = 7 }
role x_above { grant read on t where x > -10 }
role x_asked { grant read on t where x != user.sum }
role y_is { grant read on t where y = 7 }
role y_below { grant read on t where y < 10 }
role xy { grant read on t where x = y }
role d_is { grant read on t where d = 2024-01-15 }
role d_below { grant read on t where d < 2024-01-15 }
role u_m { grant read on t where u.m = 7 }
role u_no_m { grant read on t where not (u.m = 7) }
role u_exists { grant read on t where exists u where (m > 6) }
role u_none { grant read on t where not exists u where (m > 6) }
role v_m { grant read on t where v.m = "7" }
role v_none { grant read on t where not exists v where (m = "7") }
role v_w { grant read on t where exists v.w where (m = 7) }
role v_no_w { grant read on t where not exists v.w where (m = 7) }
role s_has { grant read on t where s contains any { Book: any } }
"#;

fn types_case() -> (Case, Vec<(usize, usize, String)>) {
    let number = |n: i64| Some(Value::Int(n));
    let texts = [
        "7", "007", "7.0", " 7", "7 ", "+7", "7e0", "0x7", "8", "x", "X", "", "10", "-7", "70",
    ];
    let plain: Vec<Cell> = [
        "7",
        "7.0",
        "8",
        "10",
        "NULL",
        "x'37'",
        "-7",
        "9223372036854775807",
        "1e300",
    ]
    .iter()
    .map(|e| ((*e).to_owned(), None))
    .collect();
    // What a class may hold: any cell of another class is no value.
    let of =
        |read: &dyn Fn(&str) -> Option<Value>, whole: &dyn Fn(i64) -> Option<Value>| -> Vec<Cell> {
            let texts = texts.iter().map(|t| (written(t), read(t)));
            let others = plain
                .iter()
                .map(|(e, _)| (e.clone(), e.parse().ok().and_then(whole)));
            texts.chain(others).collect()
        };
    let none = |_: &str| None;
    let no_int = |_: i64| None;
    let text = |t: &str| Some(Value::text(t));
    let decimal = |t: &str| {
        let digits = t.strip_prefix('-').unwrap_or(t);
        let plain = digits.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        (plain && !digits.is_empty())
            .then(|| t.parse().ok().map(Value::Decimal))
            .flatten()
    };
    let scaled = |n: i64| {
        let text = format!(
            "{}{}.{:02}",
            if n < 0 { "-" } else { "" },
            n.unsigned_abs() / 100,
            n.unsigned_abs() % 100
        );
        text.parse().ok().map(Value::Decimal)
    };
    let mut days = of(&none, &no_int);
    for t in ["2024-01-15", "2024-01-14", "2024-1-15"] {
        days.push((written(t), day(t)));
    }
    let bool = |n: i64| (n == 0 || n == 1).then_some(Value::Bool(n == 1));
    let mut bools = of(&none, &bool);
    for e in ["0", "1", "1.0"] {
        bools.push((e.to_owned(), e.parse().ok().and_then(bool)));
    }
    let columns = [
        (1, of(&text, &no_int)),
        (2, of(&text, &no_int)),
        (3, of(&none, &number)),
        (4, bools),
        (5, of(&decimal, &no_int)),
        (6, of(&none, &scaled)),
        (7, days),
        (8, of(&none, &number)),
        (9, of(&text, &no_int)),
    ];
    let (list, odd) = rows(&columns, 11);
    let linked = |table: &str, rows: Vec<Vec<Value>>| TableRows {
        table: table.to_owned(),
        rows,
    };
    let (seven, int) = (|| Value::text("7"), Value::Int);
    let tables = vec![
        linked("t", list),
        linked(
            "u",
            vec![
                vec![int(7), int(7)],
                vec![int(8), int(6)],
                vec![int(10), int(100)],
            ],
        ),
        linked(
            "v",
            vec![
                vec![Value::text("7"), seven()],
                vec![Value::text("007"), Value::text("07")],
                vec![Value::text("7.0"), seven()],
                vec![Value::text("x"), seven()],
            ],
        ),
        linked(
            "w",
            vec![
                vec![int(1), Value::text("7"), int(7)],
                vec![int(2), Value::text("7.0"), int(8)],
            ],
        ),
    ];
    (
        Case::written(Dialect::Sqlite, "types.ambit", TYPES.to_owned(), tables),
        odd,
    )
}

#[test]
fn no_affinity_changes_what_is_compared() {
    let text = Value::text;
    let attributes = [
        ("who", text("7")),
        ("many", Value::set(vec![text("7"), text("x")])),
        ("number", Value::Int(10)),
        ("numbers", Value::set(vec![Value::Int(7), Value::Int(70)])),
        ("sum", Value::Decimal("7".parse().unwrap())),
    ];
    each(&mut |name, engine| {
        let started = std::time::Instant::now();
        let (case, odd) = types_case();
        let ready = case
            .ready()
            .unwrap_or_else(|| panic!("{:?}", case.program().err()));
        let mut checks = 0;
        for ty in ["", "TEXT", "INTEGER", "NUMERIC", "REAL", "BLOB"] {
            for shape in [Shape::View, Shape::Expressions, Shape::Forced] {
                // The engine itself reads integers of such a table as reals; old versions those of such a view, too.
                if ty == "REAL" && (shape == Shape::Forced || name == "sqlite-minimum") {
                    continue;
                }
                let mut store = load(engine, &case, &ready);
                let t = ready.program.find_table("t").unwrap();
                for position in 0..ready.program.tables.len() {
                    store.retype(TableId(position as u32), "");
                }
                for (row, column, expression) in &odd {
                    let column = &ready.layout.table(t).unwrap().columns[*column].name;
                    store.set(t, *row, column, expression);
                }
                for position in 0..ready.program.tables.len() {
                    store.disguise(TableId(position as u32), ty, shape);
                }
                let title = format!("{name}, {shape:?} of `{ty}`");
                checks += check(&case, &ready, &mut *store, &attributes, &odd, &title);
            }
        }
        report("hostile-types", name, checks, started);
    });
}

/// A condition that nests so deep: to the right, to the left, or in the middle.
fn nested(rng: &mut Rng, depth: usize, shape: usize) -> String {
    let leaf = |rng: &mut Rng| {
        let leaves = [
            "a = \"x\"",
            "n > 1",
            "not (n = 2)",
            "a starts with \"7\"",
            "d in last 3 months",
            "x > 5",
            "u.m = 7",
            "exists u where (m > 6)",
            "not exists u where (m > 6)",
            "a in [\"x\", \"y\", \"z\"]",
            "n is null",
            "e = \"7\"",
            "s contains any { Book: any }",
            "at >= 2024-01-15T12:00:00Z",
        ];
        (*rng.pick::<&str>(&leaves)).to_owned()
    };
    let mut text = leaf(rng);
    for level in 0..depth {
        let word = if level % 2 == 0 { "and" } else { "or" };
        let beside = leaf(rng);
        text = match shape {
            0 => format!("{beside} {word} ({text})"),
            1 => format!("({text}) {word} {beside}"),
            2 => format!("{beside} {word} ({text}) {word} {}", leaf(rng)),
            _ => format!("not ({beside} {word} ({text}))"),
        };
    }
    text
}

const NESTED: &str = r#"
source main : sqlite
enum E { "7", "8", "x" }
table t in main { key id : int
    a : string?
    n : int?
    e : E?
    d : date?
    at : timestamp?
    x : decimal? stored as text
    u : int? -> u.id
    s : scope { Book } stored as text }
table u in main { key id : int  m : int? }
"#;

fn nested_case(condition: &str) -> Case {
    let text = |t: &str| Value::text(t);
    let mut list = Vec::new();
    for (n, a) in ["x", "7", "y"].iter().enumerate() {
        for m in 0..3 {
            list.push(vec![
                Value::Int(list.len() as i64 + 1),
                text(a),
                if m == 0 { Value::Null } else { Value::Int(m) },
                if n == 0 { Value::Null } else { text("7") },
                Value::Date(jiff::civil::date(2023, 12, 1 + m as i8)),
                instant("2024-01-15T12:00:00Z").unwrap(),
                Value::Decimal("5.5".parse().unwrap()),
                Value::Int(m + 1),
                text(if m == 1 { "Book=1" } else { "" }),
            ]);
        }
    }
    let linked = |table: &str, rows| TableRows {
        table: table.to_owned(),
        rows,
    };
    let u = vec![
        vec![Value::Int(1), Value::Int(7)],
        vec![Value::Int(2), Value::Int(6)],
    ];
    let policy = format!("{NESTED}role r {{ grant read on t where {condition} }}\n");
    Case::written(
        Dialect::Sqlite,
        "nested.ambit",
        policy,
        vec![linked("t", list), linked("u", u)],
    )
}

#[test]
fn conditions_at_the_limits_of_nesting() {
    each(&mut |name, engine| {
        let started = std::time::Instant::now();
        let mut rng = Rng::new(crate::budget::seed());
        let mut tally = Tally::default();
        for depth in [1, 2, 3, 5, 8, 13, 20, 31, 32, 33, 50, 80, 100, 120] {
            for shape in 0..4 {
                // `not ( … ( … ) )` takes two of the language's levels.
                let depth = if shape == 3 { depth / 2 } else { depth };
                let condition = nested(&mut rng, depth, shape);
                let case = nested_case(&condition);
                if let Err(problems) = case.program() {
                    // The language has its own limit, and some shapes take two levels a step.
                    assert!(
                        depth >= 40 && problems.contains("E0110"),
                        "{problems}\n{condition}"
                    );
                    continue;
                }
                if let Some(difference) = artifact::compare(&case, engine, &mut tally) {
                    panic!("{name}: {}", case.describe(&difference));
                }
            }
        }
        assert!(
            tally.refused.keys().all(|(_, code, _)| *code == "E0506"),
            "{:?}",
            tally.refused
        );
        report(
            "hostile-nesting",
            name,
            tally.of("inline") + tally.of("bound"),
            started,
        );
    });
}

/// What may stand around a predicate that takes all that predicates may take: 80 entries.
fn around_it(system: &crate::engines::sqlite::System) -> [bool; 5] {
    let predicate = format!("{}1{}", "(".repeat(78), ")".repeat(78));
    [
        format!("SELECT a FROM t WHERE ({predicate})"),
        format!("SELECT a FROM (SELECT a FROM t WHERE ({predicate})) WHERE (a = 1)"),
        format!("CREATE VIEW v AS SELECT a FROM t WHERE ({predicate})"),
        format!("WITH w AS (SELECT 1), x AS (SELECT a FROM t WHERE ({predicate})) SELECT a FROM x"),
        format!("WITH w AS (SELECT 1) SELECT 1 UNION ALL SELECT a FROM (SELECT a FROM t WHERE ({predicate}))"),
    ]
    .map(|sql| {
        let mut process = system.start().unwrap();
        let steps = [
            serde_json::json!(["script", "CREATE TABLE t (a)"]),
            serde_json::json!(["script", sql]),
        ];
        process.run(&steps).is_ok()
    })
}

/// The model of the parser's stack says what the parser itself says: as many parentheses more as the model leaves room for
/// pass, and one more does not.
#[test]
fn the_stack_of_the_oldest_parser_is_counted_exactly() {
    const ENTRIES: usize = 100;
    // A state, `SELECT distinct list from WHERE (`: what `ask` puts around a predicate.
    const AROUND: usize = 7;
    let system = need!("sqlite-minimum");
    let mut engine = sqlite::Oldest::new(system);
    // Newer ones have no such limit.
    if !system
        .version
        .starts_with(&format!("{}.", Dialect::Sqlite.minimum()))
    {
        return;
    }
    let started = std::time::Instant::now();
    let mut checks = 0;
    for n in 0..60 {
        let mut rng = Rng::new(crate::budget::seed()).fork(n);
        let mut case = Case::new(Dialect::Sqlite, &mut rng, &mut Tally::default().coverage);
        if n % 3 == 0 {
            let depth = 1 + rng.below(30);
            let shape = rng.below(4);
            case = nested_case(&nested(&mut rng, depth, shape));
            case.users = vec![UserSpec {
                declared: None,
                principals: vec!["r".to_owned()],
                attributes: Vec::new(),
                login: None,
            }];
        }
        case.hostile = super::store::Hostile::default();
        let ready = case.ready().unwrap();
        let mut store = load(&mut engine, &case, &ready);
        for spec in &case.users {
            let user = spec.context(&ready.program, false);
            for loaded in ready.tables.iter().filter(|l| !l.rows.is_empty()) {
                for outcome in [Outcome::True, Outcome::False] {
                    let request = Request {
                        program: &ready.program,
                        layout: &ready.layout,
                        dialect: case.dialect,
                        user: &user,
                        facts: Facts::Known,
                        query: Query::Unseen,
                        today: Today::Fixed(case.today),
                        functions: false,
                        rules: None,
                    };
                    let Ok(predicate) = access(&request, loaded.table, "read", outcome) else {
                        continue;
                    };
                    let room = ENTRIES - AROUND - predicate.stack.unwrap();
                    let mut fits = |more: usize| {
                        let question = Question {
                            sql: format!(
                                "{}{}{}",
                                "(".repeat(more),
                                predicate.sql,
                                ")".repeat(more)
                            ),
                            params: Vec::new(),
                        };
                        store.ask(loaded.table, &[question])
                    };
                    let (last, over) = (fits(room), fits(room + 1));
                    assert!(last.is_ok(), "{room} are too many: {last:?}");
                    assert!(
                        over.as_ref()
                            .is_err_and(|e| e.contains("parser stack overflow")),
                        "{room} are too few: {}",
                        predicate.sql
                    );
                    checks += 1;
                }
            }
        }
    }
    assert_eq!(
        around_it(system),
        [true; 5],
        "statements around a predicate"
    );
    report("hostile-stack", "sqlite-minimum", checks, started);
    assert!(checks > 300, "only {checks}");
}
