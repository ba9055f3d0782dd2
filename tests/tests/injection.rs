//! Hostile names and literals in every slot of a policy: on both engines, inline and bound, each is inert, and the rows
//! are those of the evaluator; or it is refused because the engine cannot carry it.

// Texts for people, put together piece by piece; small numbers as values; tables of cases as matches.
#![allow(
    clippy::format_push_string,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::collapsible_match,
    clippy::match_same_arms,
    clippy::type_complexity
)]

use std::collections::BTreeSet;

use ambit_core::Value;
use ambit_targets::sql::Dialect;
use ambit_tests::random::values::quote;
use ambit_tests::random::{TableRows, UserSpec};

use crate::conformance::case::Case;
use crate::conformance::store::{Engine, Hostile};
use crate::conformance::tally::Tally;
use crate::conformance::{artifact, postgres, sqlite};

/// What people, and those who mean harm, put into names and texts.
const CORPUS: &[&str] = &[
    "it's",
    "'",
    "''",
    "'''",
    "\"",
    "\"\"",
    "a\"b",
    "\\",
    "\\\\",
    "\\'",
    "\\'' OR 1=1 --",
    "' OR '1'='1",
    "x'; DROP TABLE canary; --",
    "x\"; DROP TABLE canary; --",
    "x\\'; DROP TABLE canary; --",
    "x'); DELETE FROM canary; --",
    "$$",
    "$$; DROP TABLE canary; $$",
    "$x$",
    "E'",
    "E'\\x27'",
    "U&'\\0027'",
    "\u{ff07}",
    "\u{2019}",
    "\u{ff02}",
    "\u{2bc}",
    "a\nb",
    "a\r\n-- b",
    "a\\\nb",
    "--",
    "-- x",
    "/*",
    "*/",
    "*/ OR 1=1 /*",
    "${x}",
    "${jndi:x}",
    "]",
    "[a]]",
    "`",
    "`; DROP TABLE canary; `",
    "\u{202e}txet\u{202c}",
    "\u{200f}a",
    "%",
    "%s",
    "%1$s",
    "_",
    ":x",
    ":user_login",
    "::text",
    "$1",
    "?",
    "?1",
    "@a",
    "#",
    "{0}",
    ";",
    "a b",
    " a ",
    "",
    " ",
    "\t",
    "\u{1}",
    "\u{1b}[31m",
    "\u{7f}",
    "\u{85}",
    "\u{a0}",
    "\u{feff}",
    "\u{fffd}",
    "\u{10ffff}",
    "\u{1F600}",
    "e\u{301}",
    "NULL",
    "null",
    "true",
    "select",
    "rowid",
    "ctid",
    "main",
    "pg_catalog",
    "x'41'",
    "0",
    "1e0",
    "a.b",
    "a,b",
    "a)",
    "(a",
    "a\u{0}b",
    "\u{0}",
    "'\u{0}; DROP TABLE canary; --",
    "a name of sixty-three bytes, which is as many as PostgreSQL has",
    "a name of sixty-four bytes, which is one more than PostgreSQL ha",
    "a name of a hundred and more bytes, of which PostgreSQL would keep sixty-three without a word: \u{e9}\u{e9}\u{e9}\u{e9}",
];

/// Where a hostile text stands: in one place, or in several that do not meet.
const SLOTS: &[(&str, &[&str])] = &[
    ("values", &["literal", "login", "value", "parameter"]),
    ("labels", &["role", "documentation", "source", "file"]),
    ("table", &["table"]),
    ("schema", &["schema"]),
    ("column", &["column"]),
    ("link", &["link"]),
    ("related table", &["related table"]),
    ("related column", &["related column"]),
    ("enum member", &["enum member"]),
    ("level", &["level"]),
    ("scope member", &["scope member"]),
];

/// A policy with every slot; the hostile text stands in one of them.
fn policy(slot: &[&str], hostile: &str) -> (String, String) {
    let at = |name: &str, usual: &str| quote(if slot.contains(&name) { hostile } else { usual });
    let schema = if slot.contains(&"schema") {
        format!("{}.", quote(hostile))
    } else {
        String::new()
    };
    let text =
        |name: &str, usual: &str| (if slot.contains(&name) { hostile } else { usual }).to_owned();
    let documentation = text("documentation", "plain").replace(['\n', '\r'], " ");
    let literal = at("literal", "x");
    let member = at("enum member", "m");
    let level = at("level", "Book");
    let program = format!(
        "source main as {source} : sqlite
enum E {{ \"ok\", {member} }}
/// {documentation}
table t in main as {schema}{table} {{
    key id : int
    c as {column} : string?
    e : E?
    sc : scope {{ {level}, Desk }}? stored as text
    l as {link} : int? -> u.id
}}
table u in main as {related} {{ key id : int  k as {related_column} : string? }}
attribute a : string
attribute many : set of string
/// {documentation}
role named as {role} {{
    grant read, update on t where c = {literal} or c starts with {literal} or c ends with {literal} or c contains {literal}
}}
role listed {{ grant read on t where c in [{literal}, \"zz\"] or c != {literal} }}
role negated {{ grant read on t  deny read on t where c = {literal}  restrict t to not c contains {literal} }}
role par(p: string) {{ grant read on t where c = p }}
role inst inherits par({parameter})
role scopes {{ grant read on t where sc contains any {{ {level}: [{scope_member}] }} or sc match all {{ {level}: any }} }}
role links {{ grant read on t where l.k = {literal} or exists u where (k = {literal} or k contains {literal}) }}
role members {{ grant read on t where e = {member} or e in [{member}] }}
role about {{ grant read on t where c = user.a or c = user.login or c in user.many }}
user dan as {login} : about {{ a = {value}  many = [{value}, \"y\"] }}
",
        source = at("source", "S"),
        table = at("table", "the table"),
        column = at("column", "the column"),
        link = at("link", "the link"),
        related = at("related table", "the other"),
        related_column = at("related column", "its column"),
        role = at("role", "ROLE"),
        parameter = at("parameter", "p"),
        scope_member = at("scope member", "b1"),
        login = at("login", "dan@x"),
        value = at("value", "v"),
    );
    let file = if slot.contains(&"file") {
        format!("{}.ambit", hostile.replace(['/', '\0'], "_"))
    } else {
        "written.ambit".to_owned()
    };
    (file, program)
}

/// Rows that hold the hostile text, and what careless quoting would make of it.
fn rows(slot: &str, hostile: &str) -> Vec<TableRows> {
    let near: BTreeSet<String> = [
        hostile.to_owned(),
        hostile.replace('\'', "''"),
        hostile.replace("''", "'"),
        hostile.replace('\\', "\\\\"),
        hostile.replace("\\\\", "\\"),
        hostile.replace('\\', ""),
        hostile.replace('\'', ""),
        hostile.replace('%', "x").replace('_', "y"),
        hostile.replace('\0', ""),
        hostile.split('\0').next().unwrap_or_default().to_owned(),
        format!("{hostile} "),
        format!("{hostile}x"),
        format!("x{hostile}"),
        hostile.to_uppercase(),
        "x".to_owned(),
        "zz".to_owned(),
        String::new(),
    ]
    .into();
    let of_values = ["values", "enum member", "scope member"];
    let near: Vec<String> = if of_values.contains(&slot) {
        near.into_iter().collect()
    } else {
        // A name bears on no value: what the literals ask for is enough.
        vec![
            hostile.to_owned(),
            "x".to_owned(),
            "zz".to_owned(),
            "yx".to_owned(),
        ]
    };
    let level = if slot == "level" { hostile } else { "Book" };
    let mut rows = Vec::new();
    for (i, text) in near.iter().enumerate() {
        let i = i as i64;
        let scope = if slot == "scope member" {
            text.as_str()
        } else {
            "b1"
        };
        rows.push(vec![
            Value::Int(i),
            Value::text(text),
            Value::text(text),
            Value::text(&format!("{level}={scope}")),
            if i % 4 == 3 {
                Value::Null
            } else {
                Value::Int(i)
            },
        ]);
    }
    rows.push(vec![
        Value::Int(-1),
        Value::Null,
        Value::text("ok"),
        Value::Null,
        Value::Int(-5),
    ]);
    let related = near
        .iter()
        .enumerate()
        .map(|(i, text)| vec![Value::Int(i as i64), Value::text(text)])
        .collect();
    vec![
        TableRows {
            table: "t".to_owned(),
            rows,
        },
        TableRows {
            table: "u".to_owned(),
            rows: related,
        },
    ]
}

/// What the identity provider says: nothing but hostile texts.
fn user(hostile: &str) -> UserSpec {
    UserSpec {
        declared: None,
        principals: Vec::new(),
        attributes: vec![
            ("a".to_owned(), Value::text(hostile)),
            (
                "many".to_owned(),
                Value::set(vec![Value::text(hostile), Value::text("zz")]),
            ),
        ],
        login: Some(hostile.to_owned()),
    }
}

/// Every text in every slot.
fn run(dialect: Dialect, engine: &mut dyn Engine) {
    let mut tally = Tally::default();
    let (mut ran, mut no_program) = (0, 0);
    for (n, hostile) in CORPUS.iter().enumerate() {
        for (slot, places) in SLOTS {
            let (file, text) = policy(places, hostile);
            let mut case = Case::written(dialect, &file, text, rows(slot, hostile));
            case.users = vec![user(hostile)];
            case.hostile = Hostile {
                session: (n % 2 == 1).then_some(n as u64),
                views: n % 3 == 1,
                ..Hostile::default()
            };
            if dialect == Dialect::Postgres {
                case.as_postgres_holds_it(&mut tally.coverage);
            }
            if let Err(problems) = case.program() {
                // Empty names, a member twice, symbols of scopes: said with a code, at the place.
                assert!(problems.lines().all(|l| l.starts_with("E0")), "{problems}");
                no_program += 1;
                continue;
            }
            let before = tally.coverage.of("not stored");
            if let Some(difference) = artifact::compare(&case, engine, &mut tally) {
                panic!("{hostile:?} as {slot}:\n{}", case.describe(&difference));
            }
            let unnameable = hostile.contains('\0') || hostile.is_empty() || hostile.len() > 63;
            assert!(
                tally.coverage.of("not stored") == before || unnameable || is_taken(slot, hostile),
                "{hostile:?} as {slot} cannot be stored"
            );
            ran += 1;
        }
    }
    for (_, code, construct) in tally.refused.keys() {
        assert!(
            ["E0505", "E0507"].contains(code),
            "{construct} was refused with {code}"
        );
    }
    let title = format!(
        "injection on {dialect:?}: {} texts in {} slots, {ran} policies ({no_program} are none, {} with names that no table has)",
        CORPUS.len(),
        SLOTS.len(),
        tally.coverage.of("not stored")
    );
    tally.print(&title, ran, 0, 0.0);
    assert!(
        ran > CORPUS.len() * SLOTS.len() * 9 / 10,
        "only {ran} policies"
    );
    let (inline, bound) = (tally.of("inline"), tally.of("bound"));
    assert!(
        inline > 100_000 && bound > 100_000,
        "{inline} inline, {bound} bound"
    );
    crate::budget::summary(
        "injection",
        match dialect {
            Dialect::Sqlite => "sqlite",
            Dialect::Postgres => "postgres",
        },
        &crate::budget::Outcome {
            cases: inline + bound,
            refused: tally.refusals(),
            ..Default::default()
        },
    );
}

/// Names that every database has already.
fn is_taken(slot: &str, hostile: &str) -> bool {
    match slot {
        "schema" => ["main", "pg_catalog"].contains(&hostile),
        "column" | "link" | "related column" => hostile == "ctid",
        _ => false,
    }
}

#[test]
fn hostile_texts_are_inert_on_sqlite() {
    run(Dialect::Sqlite, &mut sqlite::Sqlite);
}

#[test]
fn hostile_texts_are_inert_on_postgres() {
    let server = need!("postgres");
    let mut engine = postgres::Postgres::new(server, "injection");
    run(Dialect::Postgres, &mut engine);
}
