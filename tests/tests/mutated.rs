//! A corrupted artifact is noticed: each small change to the text of a predicate makes a difference in rows that the
//! comparison sees, or an error of the engine. Fixed policies, and rows made so that every piece of them matters.

// Texts for people, put together piece by piece; small numbers as values; tables of cases as matches.
#![allow(
    clippy::format_push_string,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::collapsible_match,
    clippy::match_same_arms,
    clippy::type_complexity
)]

use std::collections::BTreeMap;

use ambit_core::{TableId, Value};
use ambit_targets::sql::Dialect;
use ambit_targets::{Context, find};
use ambit_tests::random::{TableRows, UserSpec};
use jiff::civil::date;
use serde_json::Value as Json;
use smol_str::SmolStr;

use crate::conformance::case::{Case, Ready};
use crate::conformance::store::{Engine, Question, Setup, Store};
use crate::conformance::tokens::{Kind, Token, tokens};
use crate::conformance::{postgres, sqlite};

/// One construct a role, each with a piece that a corruption takes away.
const POLICY: &str = r#"
source main : sqlite
enum E { "red", "blue" }
table t in main as "the ""t"" table" {
    key id : int
    a as "a ""b""" : string?
    n : int?
    e : E?
    d : date?
    l : int? -> u.id
}
table u in main { key id : int  k : string?  m : int? }
attribute who : string
attribute many : set of string
role equal { grant read on t where a = "it's" }
role differs { grant read on t where a != "it's" }
role escaped { grant read on t where a = "a\\'b" }
role below { grant read on t where n < 2 }
role at_most { grant read on t where n <= 2 }
role within { grant read on t where n between 1 and 3 }
role both { grant read on t where a = "x" and n > 1 }
role either { grant read on t where a = "x" or n > 1 }
role mixed { grant read on t where a = "x" and (n > 1 or n is null) }
role listed { grant read on t where a in ["x", "it's"] }
role unlisted { grant read on t where a not in ["x", "it's"] }
role numbers { grant read on t where n in [1, 3] }
role empty { grant read on t where a is null }
role there { grant read on t where a is not null }
role colour { grant read on t where e = "red" }
role no_colour { grant read on t where not e = "red" }
role begins { grant read on t where a starts with "it'" }
role no_begin { grant read on t where not a starts with "it'" }
role having { grant read on t where a contains "\\" }
role dated { grant read on t where d before 2024-02-01 }
role path { grant read on t where l.k = "x" }
role no_path { grant read on t where not l.k = "x" }
role linked { grant read on t where exists u where (k = "x" and m > 1) }
role unlinked { grant read on t where not exists u where (k = "x" and m > 1) }
role denied { grant read on t  deny read on t where a = "x" }
role narrowed { grant read on t  restrict t to n > 1  restrict t to a != "x" }
role asked { grant read on t where a = user.who }
role asked_many { grant read on t where a in user.many }
role not_asked { grant read on t where not a in user.many }
"#;

/// Cells that hold what the schema does not allow: table, column, dialect, the engine's expression.
const ODD: &[(&str, usize, Dialect, &str)] = &[
    ("t", 1, Dialect::Sqlite, "CAST('x' AS BLOB)"),
    ("t", 1, Dialect::Sqlite, "CAST('it''s' AS BLOB)"),
    ("t", 1, Dialect::Sqlite, "CAST('\\' AS BLOB)"),
    ("t", 1, Dialect::Sqlite, "CAST('q' AS BLOB)"),
    ("t", 1, Dialect::Sqlite, "5"),
    ("t", 1, Dialect::Sqlite, "1.5"),
    // Each twice: beside "x" and beside "y".
    ("t", 2, Dialect::Sqlite, "1.0"),
    ("t", 2, Dialect::Sqlite, "1.0"),
    ("t", 2, Dialect::Sqlite, "2.5"),
    ("t", 2, Dialect::Sqlite, "2.5"),
    ("t", 2, Dialect::Sqlite, "'abc'"),
    ("t", 2, Dialect::Sqlite, "'abc'"),
    ("t", 2, Dialect::Sqlite, "-0.5"),
    ("t", 3, Dialect::Sqlite, "CAST('red' AS BLOB)"),
    ("t", 4, Dialect::Sqlite, "'2024-1-5'"),
    ("t", 4, Dialect::Sqlite, "'2023-02-30'"),
    ("t", 4, Dialect::Sqlite, "'-0044-03-15'"),
    ("t", 4, Dialect::Sqlite, "5"),
    ("t", 4, Dialect::Postgres, "'-infinity'"),
    ("t", 4, Dialect::Postgres, "'0044-03-15 BC'"),
    ("t", 5, Dialect::Sqlite, "7.0"),
    ("t", 5, Dialect::Sqlite, "9.0"),
    ("t", 5, Dialect::Sqlite, "'7'"),
    ("t", 5, Dialect::Sqlite, "'z'"),
    // Beside "x" all but the second.
    ("u", 0, Dialect::Sqlite, "40.0"),
    ("u", 0, Dialect::Sqlite, "41.0"),
    ("u", 1, Dialect::Sqlite, "CAST('x' AS BLOB)"),
    ("u", 1, Dialect::Sqlite, "CAST('q' AS BLOB)"),
    ("u", 1, Dialect::Sqlite, "7"),
    ("u", 2, Dialect::Sqlite, "2.5"),
    ("u", 2, Dialect::Sqlite, "0.5"),
    ("u", 2, Dialect::Sqlite, "'abc'"),
];

/// Where rows stand and what is bound: a corruption must be seen in one of these at least.
struct World {
    /// How `SQLite` declares the columns: nothing keeps a value from a column there.
    ty: &'static str,
    /// What the user is known to be.
    attributes: Vec<(&'static str, Value)>,
    /// What is bound in its stead, where that is no value of the attribute's type.
    bound: Vec<(&'static str, Value)>,
    /// The roles that it is for; none: all.
    roles: &'static [&'static str],
}

fn worlds(dialect: Dialect) -> Vec<World> {
    let set = |list: &[&str]| Value::set(list.iter().map(|t| Value::text(t)).collect());
    let usual = || vec![("who", Value::text("it's")), ("many", set(&["x", "it's"]))];
    let asking: &[&str] = &["asked", "asked_many", "not_asked"];
    let world = |ty, attributes, bound, roles| World {
        ty,
        attributes,
        bound,
        roles,
    };
    let mut list = vec![
        world("", usual(), Vec::new(), &[]),
        world("", Vec::new(), Vec::new(), asking),
        world("", vec![("many", set(&[]))], Vec::new(), asking),
    ];
    if dialect == Dialect::Sqlite {
        let fives = vec![("who", Value::text("5")), ("many", set(&["x", "5"]))];
        list.push(world(
            "INTEGER",
            fives,
            Vec::new(),
            &["asked", "asked_many"],
        ));
        let json = Value::text("[5,\"x\"]");
        for ty in ["", "TEXT"] {
            let five = vec![("who", Value::Int(5))];
            list.push(world(ty, Vec::new(), five, &["asked"]));
        }
        let bad = || vec![("many", json.clone())];
        let known = vec![("many", set(&["x"]))];
        list.push(world("TEXT", known, bad(), &["asked_many"]));
        list.push(world("", Vec::new(), bad(), &["not_asked"]));
    }
    list
}

/// Every combination of what the policy tells apart.
fn rows() -> Vec<TableRows> {
    let text = |t: &str| Value::text(t);
    let texts = [
        Value::Null,
        text(""),
        text("x"),
        text("X"),
        text("it's"),
        text("it's more"),
        text("it''s"),
        text("a\\'b"),
        text("a'b"),
        text("a\\\\'b"),
        text("y"),
        text("q"),
        text("\\"),
        text("it"),
    ];
    let numbers: Vec<Value> = (0..6).map(Value::Int).chain([Value::Null]).collect();
    let members = [Value::Null, text("red"), text("blue"), text("RED")];
    let days = [
        Value::Null,
        Value::Date(date(1, 1, 1)),
        Value::Date(date(2024, 1, 31)),
        Value::Date(date(2024, 2, 1)),
        Value::Date(date(2024, 2, 2)),
    ];
    let mut rows = Vec::new();
    let mut id = 0;
    // Two columns at a time: no condition here speaks of three.
    let mut add = |a: &Value, n: &Value, e: &Value, d: &Value, l: Value| {
        id += 1;
        let row = [
            Value::Int(id),
            a.clone(),
            n.clone(),
            e.clone(),
            d.clone(),
            l,
        ];
        rows.push(row.to_vec());
    };
    for a in &texts {
        for n in &numbers {
            add(a, n, &members[1], &days[2], Value::Int(6));
        }
    }
    for e in &members {
        for d in &days {
            add(&texts[2], &numbers[2], e, d, Value::Int(6));
        }
    }
    for l in [Value::Null].into_iter().chain((0..20).map(Value::Int)) {
        add(&texts[2], &numbers[2], &members[1], &days[2], l);
    }
    // Of these the engine holds something else in one column: see `odd`.
    for (n, _) in ODD.iter().filter(|o| o.0 == "t").enumerate() {
        add(
            &texts[if n % 2 == 0 { 2 } else { 10 }],
            &numbers[2],
            &members[1],
            &days[2],
            Value::Int(6),
        );
    }
    let mut related = Vec::new();
    for k in [Value::Null, text("x"), text("y"), text("xx")] {
        for m in [Value::Null, Value::Int(1), Value::Int(2), Value::Int(3)] {
            related.push(vec![Value::Int(related.len() as i64 + 1), k.clone(), m]);
        }
    }
    for (n, _) in ODD.iter().filter(|o| o.0 == "u").enumerate() {
        // Each linked from one odd row alone.
        let k = text(if n == 1 { "y" } else { "x" });
        related.push(vec![Value::Int(40 + n as i64), k, Value::Int(2)]);
    }
    // What stands in an odd cell is no value for any test.
    for (table, list) in [("t", &mut rows), ("u", &mut related)] {
        let odd: Vec<_> = ODD.iter().filter(|o| o.0 == table).collect();
        let start = list.len() - odd.len();
        for (row, (_, column, _, _)) in list[start..].iter_mut().zip(&odd) {
            row[*column] = Value::Null;
        }
    }
    for n in 0..ODD.iter().filter(|o| o.0 == "u").count() {
        let mut row = rows[0].clone();
        row[0] = Value::Int(900 + n as i64);
        row[5] = Value::Int(40 + n as i64);
        rows.insert(0, row);
    }
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

/// A corrupted text, and what was done to it.
struct Mutant {
    kind: &'static str,
    at: usize,
    sql: String,
}

/// All corruptions of a text, one at a time.
fn mutants(dialect: Dialect, sql: &str) -> Vec<Mutant> {
    let list = tokens(dialect, sql).unwrap();
    let mut all = Vec::new();
    let mut add = |kind, at, changed: Vec<Token>| {
        all.push(Mutant {
            kind,
            at,
            sql: joined(&changed),
        });
    };
    let with = |at: usize, kind: Kind, text: String| {
        let mut changed = list.clone();
        changed[at] = Token { kind, text };
        changed
    };
    let without = |from: usize, to: usize| {
        let mut changed = list.clone();
        changed.drain(from..to);
        changed
    };
    for (at, token) in list.iter().enumerate() {
        let text = token.text.as_str();
        match token.kind {
            Kind::Symbol => {
                let flipped = match text {
                    "=" => "<>",
                    "<>" => "=",
                    "<" => ">=",
                    "<=" => ">",
                    ">" => "<=",
                    ">=" => "<",
                    _ => continue,
                };
                add(
                    "flip a comparison",
                    at,
                    with(at, Kind::Symbol, flipped.to_owned()),
                );
                let moved = match text {
                    "<" => "<=",
                    "<=" => "<",
                    ">" => ">=",
                    ">=" => ">",
                    _ => continue,
                };
                add("move a bound", at, with(at, Kind::Symbol, moved.to_owned()));
            }
            Kind::Word if text == "AND" || text == "OR" => {
                if is_of_between(&list, at) {
                    continue;
                }
                let other = if text == "AND" { "OR" } else { "AND" };
                add(
                    "swap AND and OR",
                    at,
                    with(at, Kind::Word, other.to_owned()),
                );
                let (from, to) = (left_end(&list, at), right_end(&list, at));
                let what = |part: &[Token]| match (
                    text,
                    joined(part).trim_end_matches(')').ends_with("IS NOT NULL"),
                ) {
                    ("AND", true) => "drop a null guard",
                    ("AND", false) => "drop a conjunct",
                    _ => "drop a disjunct",
                };
                if !is_said_outside(&list, at + 1, to) {
                    add(what(&list[at + 1..to]), at, without(at, to));
                }
                if !is_said_outside(&list, from, at) {
                    add(what(&list[from..at]), at, without(from, at + 1));
                }
            }
            Kind::Word if text == "NOT" => add("drop NOT", at, without(at, at + 1)),
            Kind::Word
                if text == "ARRAY"
                    || text == "IN" && list.get(at + 2).is_some_and(|t| t.text != "SELECT") =>
            {
                let element = match list[at + 2].kind {
                    Kind::Number => Token {
                        kind: Kind::Number,
                        text: "5".to_owned(),
                    },
                    _ => Token {
                        kind: Kind::Text,
                        text: "'y'".to_owned(),
                    },
                };
                let mut changed = list.clone();
                let comma = Token {
                    kind: Kind::Symbol,
                    text: ",".to_owned(),
                };
                changed.splice(at + 2..at + 2, [element, comma]);
                add("widen a list", at, changed);
            }
            // The one column of an `EXISTS` is never read: no corruption of it means anything.
            Kind::Number if at > 0 && list[at - 1].text == "SELECT" => {}
            Kind::Number => {
                let number: i64 = text.parse().unwrap();
                add(
                    "change a literal",
                    at,
                    with(at, Kind::Number, (number + 1).to_string()),
                );
            }
            Kind::Text => {
                let mut longer = text.to_owned();
                longer.insert(longer.len() - 1, 'q');
                add("change a literal", at, with(at, Kind::Text, longer));
                let start = text.find('\'').unwrap() + 1;
                let inner = &text[start..text.len() - 1];
                for escape in ["''", "\\\\", "\\'"] {
                    if let Some(place) = inner.find(escape) {
                        let mut shorter = text.to_owned();
                        shorter.remove(start + place);
                        add("drop an escape", at, with(at, Kind::Text, shorter));
                    }
                }
            }
            Kind::Name => {
                if let Some(place) = text[1..text.len() - 1].find("\"\"") {
                    let mut shorter = text.to_owned();
                    shorter.remove(1 + place);
                    add("drop an escape", at, with(at, Kind::Name, shorter));
                }
            }
            _ => {}
        }
    }
    all
}

fn joined(list: &[Token]) -> String {
    let mut text = String::new();
    for (i, token) in list.iter().enumerate() {
        let tight = |t: &str| ["(", ".", "::", "["].contains(&t);
        let call = |t: &str| [".", ")", ",", "::", "]", "["].contains(&t);
        let before = i.checked_sub(1).map_or("(", |p| list[p].text.as_str());
        if !(tight(before) || call(&token.text)) {
            text.push(' ');
        }
        text.push_str(&token.text);
    }
    text
}

/// Do the same words stand among the outermost conjuncts too? Then what is inside is only asked where they hold.
fn is_said_outside(list: &[Token], from: usize, to: usize) -> bool {
    let (mut depth, mut start) = (0, 1);
    for (at, token) in list.iter().enumerate() {
        let ends = match token.text.as_str() {
            "(" => {
                depth += 1;
                false
            }
            ")" => {
                depth -= 1;
                depth == 0 && at + 1 == list.len()
            }
            "OR" if depth == 1 => return false,
            "AND" => depth == 1,
            _ => false,
        };
        if depth == 0 && at + 1 < list.len() {
            return false;
        }
        if ends {
            if list[start..at] == list[from..to] && !(start <= from && to <= at) {
                return true;
            }
            start = at + 1;
        }
    }
    false
}

/// Does this `AND` stand between the ends of a `BETWEEN`?
fn is_of_between(list: &[Token], at: usize) -> bool {
    let mut depth = 0;
    for token in list[..at].iter().rev() {
        match token.text.as_str() {
            ")" => depth += 1,
            "(" if depth == 0 => return false,
            "(" => depth -= 1,
            "BETWEEN" if depth == 0 => return true,
            "AND" | "OR" if depth == 0 => return false,
            _ => {}
        }
    }
    false
}

fn left_end(list: &[Token], at: usize) -> usize {
    let mut depth = 0;
    for (i, token) in list[..at].iter().enumerate().rev() {
        match token.text.as_str() {
            ")" => depth += 1,
            "(" if depth == 0 => return i + 1,
            "(" => depth -= 1,
            "AND" | "OR" | "WHERE" | "WHEN" | "THEN" | "ON" if depth == 0 => return i + 1,
            _ => {}
        }
    }
    0
}

fn right_end(list: &[Token], at: usize) -> usize {
    let mut depth = 0;
    for (i, token) in list.iter().enumerate().skip(at + 1) {
        match token.text.as_str() {
            "(" => depth += 1,
            ")" if depth == 0 => return i,
            ")" => depth -= 1,
            "AND" | "OR" | "THEN" | "ELSE" | "END" if depth == 0 => return i,
            _ => {}
        }
    }
    list.len()
}

/// By kind: caught by rows, caught by an error, not caught.
type Caught = BTreeMap<&'static str, [u64; 3]>;

/// The outcome of a text in a world: are the rows those that the evaluator names?
struct Trial<'a> {
    store: &'a mut dyn Store,
    table: TableId,
    right: Vec<bool>,
    params: Vec<(SmolStr, Value)>,
}

impl Trial<'_> {
    fn differs(&mut self, sql: &str) -> Result<bool, String> {
        let question = Question {
            sql: sql.to_owned(),
            params: self.params.clone(),
        };
        Ok(self.store.ask(self.table, &[question])?[0] != self.right)
    }
}

fn run(dialect: Dialect, engine: &mut dyn Engine) {
    let name = match dialect {
        Dialect::Sqlite => "sqlite",
        Dialect::Postgres => "postgres",
    };
    let policy = POLICY.replace("\"\"", "\\\"");
    let case = Case::written(dialect, "mutated.ambit", policy, rows());
    let ready = case
        .ready()
        .unwrap_or_else(|| panic!("{:?}", case.program().err()));
    let context = Context {
        program: &ready.program,
        per_user: false,
        options: BTreeMap::from([("dialects".into(), vec![name.into()])]),
        frozen: None,
    };
    let emitted = find("sql").unwrap().emit(&context);
    assert!(emitted.refused.is_empty(), "{:?}", emitted.refused);
    let entries: Vec<Json> = serde_json::from_str(&emitted.artifacts[0].content).unwrap();
    // Per text: how it was caught, if it was.
    let mut outcomes: BTreeMap<(String, usize, &'static str, String), Option<bool>> =
        BTreeMap::new();
    for world in worlds(dialect) {
        let setup = Setup {
            program: &ready.program,
            layout: &ready.layout,
            tables: &ready.tables,
            hostile: case.hostile,
        };
        let mut store = engine.load(&setup).unwrap();
        let odd = make_odd(&ready, dialect, world.ty, &mut *store);
        let table = ready.program.find_table("t").unwrap();
        for entry in &entries {
            let who = entry["principal"].as_str().unwrap();
            let of_world = world.roles.is_empty() || world.roles.contains(&who);
            if entry["table"] != "t" || entry["action"] != "read" || who == "everyone" || !of_world
            {
                continue;
            }
            let names = entry["params"].as_array().unwrap();
            let form = if names.is_empty() { "inline" } else { "bound" };
            let sql = entry[form].as_str().unwrap();
            let value = |list: &[(&str, Value)], name: &str| {
                let found = list.iter().find(|(n, _)| format!("user_{n}") == name);
                found.map(|(_, v)| v.clone())
            };
            let params = names.iter().map(|name| {
                let name = name.as_str().unwrap();
                let value = value(&world.bound, name).or_else(|| value(&world.attributes, name));
                (SmolStr::new(name), value.unwrap_or(Value::Null))
            });
            let spec = UserSpec {
                declared: None,
                principals: vec![who.to_owned()],
                attributes: world
                    .attributes
                    .iter()
                    .map(|(n, v)| ((*n).to_owned(), v.clone()))
                    .collect(),
                login: None,
            };
            let user = spec.user(&ready.program);
            let truths = ready.judge(&user, &[table], case.today, table, "read");
            let mut right: Vec<bool> = truths.iter().map(|t| t.is_true()).collect();
            // `is null` finds a value in an odd cell, though no other test does.
            for (row, column) in &odd {
                if [("empty", 1), ("mixed", 2)].contains(&(who, *column)) {
                    right[*row] = false;
                }
            }
            let mut trial = Trial {
                store: &mut *store,
                table,
                right,
                params: params.collect(),
            };
            let same = joined(&tokens(dialect, sql).unwrap());
            for sql in [sql, &same] {
                assert_eq!(
                    trial.differs(sql),
                    Ok(false),
                    "{who} in {:?}: {sql}",
                    world.ty
                );
            }
            for mutant in mutants(dialect, sql) {
                let caught = match trial.differs(&mutant.sql) {
                    Ok(true) => Some(true),
                    Err(_) => Some(false),
                    Ok(false) => None,
                };
                let key = (format!("{who}: {sql}"), mutant.at, mutant.kind, mutant.sql);
                let best = outcomes.entry(key).or_default();
                *best = (*best).max(caught);
            }
        }
    }
    report(dialect, &outcomes);
}

/// Puts the odd cells of this dialect in; gives the rows of `t` and the columns that are odd.
fn make_odd(
    ready: &Ready,
    dialect: Dialect,
    ty: &str,
    store: &mut dyn Store,
) -> Vec<(usize, usize)> {
    let mut cells = Vec::new();
    for name in ["t", "u"] {
        let table = ready.program.find_table(name).unwrap();
        if dialect == Dialect::Sqlite {
            store.retype(table, ty);
        }
        let odd: Vec<_> = ODD.iter().filter(|o| o.0 == name).collect();
        let start = ready.data.len(table) - odd.len();
        for (n, (_, column, of, expression)) in odd.iter().enumerate() {
            if *of == dialect {
                let outside = &ready.layout.table(table).unwrap().columns[*column].name;
                store.set(table, start + n, outside, expression);
                if name == "t" {
                    cells.push((start + n, *column));
                }
            }
        }
    }
    cells
}

fn report(
    dialect: Dialect,
    outcomes: &BTreeMap<(String, usize, &'static str, String), Option<bool>>,
) {
    let mut caught = Caught::new();
    let mut survivors = Vec::new();
    for ((sql, at, kind, mutant), outcome) in outcomes {
        let how = match outcome {
            Some(true) => 0,
            Some(false) => 1,
            None => 2,
        };
        caught.entry(kind).or_default()[how] += 1;
        if how == 2 {
            survivors.push(format!("{kind} at {at}\n  {sql}\n  {mutant}"));
        }
    }
    let mut text =
        format!("\ncorrupted predicates on {dialect:?}: caught by rows, by an error, not");
    for (kind, [rows, errors, not]) in &caught {
        text.push_str(&format!("\n  {kind:20} {rows:5} {errors:5} {not:5}"));
    }
    crate::budget::say(&text);
    assert!(
        survivors.is_empty(),
        "{} corruptions go unnoticed:\n{}",
        survivors.len(),
        survivors.join("\n")
    );
    for kind in [
        "flip a comparison",
        "drop a conjunct",
        "drop a null guard",
        "swap AND and OR",
        "change a literal",
        "drop an escape",
        "drop NOT",
        "widen a list",
    ] {
        let n: u64 = caught.get(kind).into_iter().flatten().sum();
        assert!(n >= 2, "`{kind}` was done {n} times");
    }
}

#[test]
fn corrupted_predicates_are_noticed_on_sqlite() {
    run(Dialect::Sqlite, &mut sqlite::Sqlite);
}

#[test]
fn corrupted_predicates_are_noticed_on_postgres() {
    let server = need!("postgres");
    run(
        Dialect::Postgres,
        &mut postgres::Postgres::new(server, "mutated"),
    );
}

#[test]
fn corrupted_predicates_are_noticed_on_the_least_postgres() {
    let server = need!("postgres-minimum");
    run(
        Dialect::Postgres,
        &mut postgres::Postgres::new(server, "mutated"),
    );
}
