//! Scopes stored as text, arrays and JSON, in plain SQL on the real engines: hostile values against the plain reading.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use ambit_compiler::program;
use ambit_core::{Effect, Pred, Program, ScopeEntry, ScopeOp, ScopeTest, ScopeValue};
use ambit_eval::{Truth, parse_scope, test_scope};
use ambit_targets::sql::{
    Dialect, Facts, Layout, Outcome, Query, Request, Today, UserContext, access,
};
use ambit_tests::rng::Rng;
use serde_json::{Value as Json, json};
use smol_str::SmolStr;

use crate::engines::postgres::Server;
use crate::support::project::Checked;

/// Values of each form.
const VALUES: usize = 700;

const FORMS: [&str; 3] = ["text", "array", "json"];

const TESTS: [&str; 8] = [
    r#"match all { Book: ["Book 1", "Book 2"] }"#,
    r#"match any { Book: ["Book 1", "Book 2"], Desk: any }"#,
    r#"contains all { Book: ["Book 1"], ID: ["1"] }"#,
    r#"contains any { Book: ["Book 1"], Desk: any }"#,
    "match all { Book: any }",
    r#"match any { "R&D": ["&", "a&"], Book: ["Bo\\ok", "'", "\""] }"#,
    r#"contains any { "&": any, "R&D": any }"#,
    "match any { Book: any, Desk: any, ID: any }",
];

fn policy() -> String {
    let mut text = "source w : postgres\n".to_owned();
    for form in FORMS {
        let _ = writeln!(
            text,
            "table t_{form} in w as t_{form} open {{ key id : int  x : scope {{ Book, Desk, ID, \"R&D\", \"&\" }} stored as {form} }}"
        );
        for (n, test) in TESTS.iter().enumerate() {
            let _ = writeln!(
                text,
                "role r_{form}_{n} {{ restrict t_{form} to x {test} }}"
            );
        }
    }
    text
}

struct Hostile(Rng);

impl Hostile {
    fn name(&mut self, common: &[&'static str]) -> String {
        const STRANGE: &[&str] = &[
            "R&D", "&", "a&", "&b", "Bo\\ok", "'", "\"", "x\ny", "é", "e\u{301}", "😀", "book",
            "{", "\u{a0}", "\u{1}", "\u{1}0", "\u{fffd}", "%", "_", "",
        ];
        let name = if self.0.chance(75) {
            self.0.pick(common)
        } else {
            self.0.pick(STRANGE)
        };
        let blank = |rng: &mut Rng| {
            if rng.chance(15) {
                *rng.pick(&[" ", "\t", " \t"])
            } else {
                ""
            }
        };
        format!("{}{name}{}", blank(&mut self.0), blank(&mut self.0))
    }

    fn level(&mut self) -> String {
        self.name(&["Book", "Desk", "ID"])
    }

    fn member(&mut self) -> String {
        self.name(&["Book 1", "Book 2", "1"])
    }

    fn part(&mut self) -> String {
        let symbol = if self.0.chance(85) {
            *self.0.pick(&["=", "&=", "=", " &=", "& ="])
        } else {
            *self.0.pick(&["<>", "&<>", "<", ">", "==", "", "*="])
        };
        let members: Vec<String> = (0..self.0.below(3)).map(|_| self.member()).collect();
        let behind = match self.0.below(8) {
            0 | 1 => format!("[{}]", members.join("+")),
            2 => format!(" [ {} ] ", members.join(" + ")),
            3 if self.0.chance(30) => format!("[{}", members.join("+")),
            _ => self.member(),
        };
        format!("{}{symbol}{behind}", self.level())
    }

    fn text(&mut self) -> String {
        let mut text = if self.0.chance(4) {
            (*self.0.pick(&["", " ", "\t ", "|", "=", "*"])).to_owned()
        } else {
            let parts: Vec<String> = (0..=self.0.below(3)).map(|_| self.part()).collect();
            parts.join("|")
        };
        if self.0.chance(8) {
            let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
            let at = if places.is_empty() {
                0
            } else {
                *self.0.pick(&places)
            };
            text.insert_str(
                at,
                self.0
                    .pick::<&str>(&["|", "*", "=", "&", "[", "]", "+", " ", "<"]),
            );
        }
        text
    }

    fn array(&mut self) -> Json {
        let odd = [json!(1), json!(null), json!(["Book=1"]), json!({})];
        let parts = (0..self.0.below(4)).map(|_| match self.0.below(24) {
            0 => self.0.pick(&odd).clone(),
            1 => json!(self.text()),
            _ => json!(self.part()),
        });
        Json::Array(parts.collect())
    }

    fn object(&mut self) -> Json {
        let odd = [
            json!(1),
            json!(null),
            json!({"a": "b"}),
            json!([1]),
            json!([["a"]]),
            json!(true),
            json!([null]),
        ];
        let mut object = serde_json::Map::new();
        for _ in 0..self.0.below(4) {
            let value = match self.0.below(16) {
                0 => self.0.pick(&odd).clone(),
                1 => json!([]),
                2 => json!(self.part()),
                3..=8 => json!(
                    (0..=self.0.below(3))
                        .map(|_| self.member())
                        .collect::<Vec<_>>()
                ),
                _ => json!(self.member()),
            };
            let level = if self.0.chance(4) {
                "Book*".to_owned()
            } else {
                self.level()
            };
            object.insert(level, value);
        }
        Json::Object(object)
    }
}

/// A value, as it is stored, and what it says. Arrays and objects are read here on their own.
fn value(form: &str, hostile: &mut Hostile) -> (String, ScopeValue) {
    let unreadable = || ScopeValue::Unreadable("?".into());
    match form {
        "text" => {
            let text = hostile.text();
            let read = parse_scope(&text);
            (text, read)
        }
        "array" => {
            let array = hostile.array();
            let mut all = Vec::new();
            for part in array.as_array().unwrap() {
                match part
                    .as_str()
                    .filter(|p| !p.contains('|') && !blank(p))
                    .map(parse_scope)
                {
                    Some(ScopeValue::Entries(entries)) => all.extend(entries),
                    _ => return (array.to_string(), unreadable()),
                }
            }
            (array.to_string(), ScopeValue::Entries(all))
        }
        _ => {
            let object = hostile.object();
            let read = entries(&object).map_or_else(unreadable, ScopeValue::Entries);
            (object.to_string(), read)
        }
    }
}

fn blank(text: &str) -> bool {
    text.chars().all(|c| matches!(c, ' ' | '\t'))
}

fn entries(object: &Json) -> Option<Vec<ScopeEntry>> {
    let name = |text: &str| {
        let good = !blank(text) && !text.contains(|c| "|=<>[]+*".contains(c));
        good.then(|| SmolStr::new(text.trim_matches([' ', '\t'])))
    };
    let mut all = Vec::new();
    for (level, members) in object.as_object()? {
        let one = [members.clone()];
        let members = members.as_array().map_or(one.as_slice(), Vec::as_slice);
        if !members.is_empty() {
            all.push(ScopeEntry {
                level: name(level)?,
                op: ScopeOp::Equals,
                members: members
                    .iter()
                    .map(|m| name(m.as_str()?))
                    .collect::<Option<_>>()?,
            });
        }
    }
    Some(all)
}

/// The test that a role's one restriction makes, and its SQL for an outcome.
fn asked(program: &Program, dialect: Dialect, form: &str, n: usize) -> (ScopeTest, [String; 2]) {
    let id = program.find_principal(&format!("r_{form}_{n}")).unwrap();
    let table = program.find_table(&format!("t_{form}")).unwrap();
    let of_role = |r: &&ambit_core::Rule| {
        r.holder == ambit_core::Holder::Principal(id) && matches!(r.effect, Effect::Restrict { .. })
    };
    let Pred::Scope(_, test) = &program.rules.iter().find(of_role).unwrap().pred else {
        panic!("a scope test");
    };
    let (layout, user) = (
        Layout::physical(program, None),
        UserContext::of(program, id),
    );
    let sql = [Outcome::True, Outcome::False].map(|outcome| {
        let request = Request {
            program,
            layout: &layout,
            dialect,
            user: &user,
            facts: Facts::Known,
            query: Query::Unseen,
            today: Today::Engine,
            functions: false,
            rules: None,
        };
        access(&request, table, "read", outcome).unwrap().sql
    });
    (test.clone(), sql)
}

/// Compares an engine with the plain reading. `load` fills the table of a form and says which values the engine can
/// hold; `ask` gives the ids of the rows for which a condition holds.
fn compare(
    dialect: Dialect,
    mut load: impl FnMut(&str, &[String]) -> Vec<usize>,
    mut ask: impl FnMut(&str, &str) -> BTreeSet<usize>,
) {
    let checked = Checked::new(&[("policy.ambit".to_owned(), policy())], None);
    assert!(checked.report.problems.is_empty(), "{}", checked.rendered());
    let program = program(&checked.db, checked.project).unwrap();
    for form in FORMS {
        let mut hostile = Hostile(Rng::new(7));
        let values: Vec<(String, ScopeValue)> =
            (0..VALUES).map(|_| value(form, &mut hostile)).collect();
        let texts: Vec<String> = values.iter().map(|(text, _)| text.clone()).collect();
        let held = load(form, &texts);
        let mut seen = [0usize; 3];
        for (n, spelled) in TESTS.iter().enumerate() {
            let (test, [yes, no]) = asked(&program, dialect, form, n);
            let (yes, no) = (ask(form, &yes), ask(form, &no));
            for id in &held {
                let (text, read) = &values[*id];
                let expected = test_scope(read, &test);
                let got = match (yes.contains(id), no.contains(id)) {
                    (true, false) => Truth::True,
                    (false, true) => Truth::False,
                    (false, false) => Truth::Unknown,
                    (true, true) => panic!("{text:?} both fits and does not: {spelled}"),
                };
                assert_eq!(got, expected, "{dialect:?} {form} {text:?} {spelled}");
                seen[expected as usize] += 1;
            }
        }
        assert!(
            seen.iter().all(|n| *n > 100),
            "{form}: a test that cannot fail: {seen:?}"
        );
    }
}

#[test]
fn sqlite_reads_scopes_as_the_evaluator_does() {
    let connection = rusqlite::Connection::open_in_memory().unwrap();
    compare(
        Dialect::Sqlite,
        |form, values| {
            // Whatever the column compares by.
            connection
                .execute_batch(&format!(
                    "CREATE TABLE t_{form} (id INTEGER, x TEXT COLLATE NOCASE)"
                ))
                .unwrap();
            for (id, value) in values.iter().enumerate() {
                connection
                    .execute(
                        &format!("INSERT INTO t_{form} VALUES (?, ?)"),
                        (i64::try_from(id).unwrap(), value),
                    )
                    .unwrap();
            }
            (0..values.len()).collect()
        },
        |form, sql| {
            let mut statement = connection
                .prepare(&format!("SELECT id FROM t_{form} WHERE ({sql})"))
                .unwrap();
            let ids = statement.query_map([], |row| row.get::<_, i64>(0)).unwrap();
            ids.map(|id| usize::try_from(id.unwrap()).unwrap())
                .collect()
        },
    );
}

#[test]
fn postgres_reads_scopes_as_the_evaluator_does() {
    compare_on(need!("postgres"));
}

#[test]
fn the_least_postgres_reads_scopes_as_the_evaluator_does() {
    compare_on(need!("postgres-minimum"));
}

fn compare_on(server: &Server) {
    let client = std::cell::RefCell::new(server.shadowed("scopes"));
    compare(
        Dialect::Postgres,
        |form, values| {
            let kind = match form {
                "text" => "text",
                "array" => "text[]",
                _ => "jsonb",
            };
            let mut client = client.borrow_mut();
            client
                .batch_execute(&format!(
                    "SET search_path = public; CREATE TABLE t_{form} (id bigint, x {kind})"
                ))
                .unwrap();
            let mut held = Vec::new();
            for (id, value) in values.iter().enumerate() {
                let number = i64::try_from(id).unwrap();
                if form == "array" {
                    // An array of texts holds texts and nulls.
                    let parts: Vec<Json> = serde_json::from_str(value).unwrap();
                    if parts.iter().any(|p| !p.is_string() && !p.is_null()) {
                        continue;
                    }
                    let parts: Vec<Option<&str>> = parts.iter().map(Json::as_str).collect();
                    client
                        .execute("INSERT INTO t_array VALUES ($1, $2)", &[&number, &parts])
                        .unwrap();
                } else {
                    let insert = format!("INSERT INTO t_{form} VALUES ($1, $2::text::{kind})");
                    client.execute(insert.as_str(), &[&number, value]).unwrap();
                }
                held.push(id);
            }
            held
        },
        |form, sql| {
            let mut client = client.borrow_mut();
            client
                .batch_execute("SET search_path = evil, pg_catalog")
                .unwrap();
            let rows = client.query(
                &format!("SELECT id FROM public.t_{form} WHERE ({sql})"),
                &[],
            );
            let ids = rows.unwrap_or_else(|e| panic!("{e}\n{sql}"));
            ids.iter()
                .map(|row| usize::try_from(row.get::<_, i64>(0)).unwrap())
                .collect()
        },
    );
}
