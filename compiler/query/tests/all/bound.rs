//! Predicates that are told of the user and the day later: parameters, bound for real.

use std::collections::BTreeSet;

use ambit_core::*;
use ambit_query::oracle::Database;
use ambit_targets::Refusal;
use ambit_targets::sql::{
    Dialect, Facts, Layout, Outcome, Predicate, Query, Request, Today, UserContext, access,
};
use jiff::civil::{Date, Weekday, date};
use rusqlite::types::Value as Sql;

use crate::build::*;

const T: Option<bool> = Some(true);
const F: Option<bool> = Some(false);
const U: Option<bool> = None;

/// `t(id, c)` with one grant, an enum `e` of `a` and `b`, and an attribute `x`.
fn program(ty: Type, attribute: Type, pred: Pred) -> Program {
    Program {
        tables: vec![table("t", vec![column("id", Type::Int), column("c", ty)])],
        enums: vec![Enum {
            name: "e".into(),
            members: vec!["a".into(), "b".into()],
            origin: Origin::default(),
        }],
        attributes: vec![Attribute {
            name: "x".into(),
            outside: vec![],
            ty: attribute,
            origin: Origin::default(),
        }],
        rules: vec![rule(Effect::Grant, 0, pred)],
        ..Program::default()
    }
}

fn c() -> Operand {
    col(0, 1)
}

fn x() -> Operand {
    Operand::Attribute(AttributeId(0))
}

fn lower(
    program: &Program,
    dialect: Dialect,
    today: Today,
    outcome: Outcome,
) -> Result<Predicate, Refusal> {
    lower_for(program, &UserContext::default(), dialect, today, outcome)
}

fn lower_for(
    program: &Program,
    user: &UserContext,
    dialect: Dialect,
    today: Today,
    outcome: Outcome,
) -> Result<Predicate, Refusal> {
    let layout = match dialect {
        Dialect::Sqlite => Layout::memory(program, None),
        Dialect::Postgres => Layout::physical(program, None),
    };
    let request = Request {
        program,
        layout: &layout,
        dialect,
        user,
        facts: Facts::Bound,
        query: Query::Unseen,
        today,
        functions: false,
        rules: None,
    };
    access(&request, TableId(0), "read", outcome)
}

/// The outcome for each value of `c`, with these parameters, for a user of whom nothing is known.
fn outcomes(program: &Program, values: &[&str], params: &[(&str, Sql)]) -> Vec<Option<bool>> {
    outcomes_for(program, &UserContext::default(), values, params)
}

fn outcomes_for(
    program: &Program,
    user: &UserContext,
    values: &[&str],
    params: &[(&str, Sql)],
) -> Vec<Option<bool>> {
    let connection = rusqlite::Connection::open_in_memory().unwrap();
    let rows: Vec<String> = values
        .iter()
        .enumerate()
        .map(|(i, v)| format!("({i}, {v})"))
        .collect();
    connection
        .execute_batch(&format!(
            "CREATE TABLE t (id, c); INSERT INTO t VALUES {}",
            rows.join(", ")
        ))
        .unwrap();
    let held = |outcome| -> BTreeSet<i64> {
        let predicate = lower_for(program, user, Dialect::Sqlite, Today::Bound, outcome).unwrap();
        let sql = format!("SELECT id FROM t WHERE ({})", predicate.sql);
        let mut statement = connection.prepare(&sql).unwrap();
        assert_eq!(statement.parameter_count(), predicate.params.len(), "{sql}");
        for name in &predicate.params {
            let at = statement.parameter_index(&format!(":{name}")).unwrap();
            let (_, value) = params.iter().find(|(n, _)| n == name).unwrap();
            statement.raw_bind_parameter(at.unwrap(), value).unwrap();
        }
        let mut rows = statement.raw_query();
        let mut out = BTreeSet::new();
        while let Some(row) = rows.next().unwrap() {
            out.insert(row.get::<_, i64>(0).unwrap());
        }
        out
    };
    let (yes, no) = (held(Outcome::True), held(Outcome::False));
    assert!(yes.is_disjoint(&no));
    (0..values.len() as i64)
        .map(|i| {
            yes.contains(&i)
                .then_some(true)
                .or(no.contains(&i).then_some(false))
        })
        .collect()
}

fn one(value: Sql) -> Vec<(&'static str, Sql)> {
    vec![("user_x", value)]
}

fn word(text: &str) -> Sql {
    Sql::Text(text.into())
}

#[test]
fn a_missing_attribute_is_unknown() {
    let e = || Type::Enum(EnumId(0));
    let program = program(e(), e(), eq(c(), x()));
    let values = ["'a'", "'b'", "'x'", "NULL"];
    let with = |value| outcomes(&program, &values, &one(value));
    assert_eq!(with(word("a")), [T, F, U, U]);
    assert_eq!(with(Sql::Null), [U, U, U, U]);
    // Outside its enum, or of another type, it is no value that tests may see.
    assert_eq!(with(word("x")), [U, U, U, U]);
    assert_eq!(with(Sql::Integer(1)), [U, U, U, U]);
    assert_eq!(with(Sql::Blob(b"a".to_vec())), [U, U, U, U]);
}

#[test]
fn whether_an_attribute_is_null() {
    let program = program(Type::Int, Type::Enum(EnumId(0)), Pred::IsNull(x()));
    let with = |value| outcomes(&program, &["1"], &one(value));
    assert_eq!(with(Sql::Null), [T]);
    assert_eq!(with(word("a")), [F]);
    assert_eq!(with(word("outside")), [F]);
    assert_eq!(with(Sql::Integer(1)), [U]);
}

#[test]
fn sets_are_arrays() {
    let e = || Type::Enum(EnumId(0));
    let set = |of| Type::Set(Box::new(of));
    let member = || Pred::InSet(c(), AttributeId(0));
    let enums = program(e(), set(e()), member());
    let values = ["'a'", "'b'", "'x'", "NULL"];
    let with = |json: &str| outcomes(&enums, &values, &one(word(json)));
    assert_eq!(with(r#"["a"]"#), [T, F, U, U]);
    assert_eq!(with(r#"["a", "nonsense"]"#), [T, U, U, U]);
    assert_eq!(with(r#"["b", null, 7]"#), [U, T, U, U]);
    assert_eq!(with("[]"), [F, F, U, U]);
    assert_eq!(outcomes(&enums, &values, &one(Sql::Null)), [U, U, U, U]);

    let ints = program(Type::Int, set(Type::Int), member());
    let numbers = outcomes(&ints, &["1", "2", "'1'"], &one(word("[1, 3]")));
    assert_eq!(numbers, [T, F, U]);
    let decimals = program(Type::Decimal, set(Type::Decimal), member());
    let numbers = outcomes(
        &decimals,
        &["'1.50'", "'-0'", "'2'", "'?'"],
        &one(word(r#"["1.5", "0.00"]"#)),
    );
    assert_eq!(numbers, [T, T, F, U]);
    let literal = program(
        Type::Int,
        set(Type::String),
        Pred::InSet(Operand::Const(text("it's")), AttributeId(0)),
    );
    assert_eq!(outcomes(&literal, &["1"], &one(word(r#"["it's"]"#))), [T]);
    assert_eq!(outcomes(&literal, &["1"], &one(word("[]"))), [F]);
}

/// Whatever stands before it: of the empty set `in` is false only where there is a value.
#[test]
fn nothing_is_in_the_empty_set() {
    let day = Operand::Day(std::sync::Arc::new(c()));
    for (ty, element, operand, value) in [
        (Type::Timestamp, Type::Date, day, "'2024-01-15T00:00:00Z'"),
        (Type::Date, Type::Date, c(), "'2024-01-15'"),
        (Type::Bool, Type::Bool, c(), "1"),
        (Type::Decimal, Type::Decimal, c(), "'1.5'"),
        (Type::Enum(EnumId(0)), Type::Enum(EnumId(0)), c(), "'a'"),
    ] {
        let program = program(
            ty.clone(),
            Type::Set(Box::new(element)),
            Pred::InSet(operand, AttributeId(0)),
        );
        assert_eq!(
            outcomes(&program, &[value, "NULL"], &one(word("[]"))),
            [F, U],
            "{ty:?}"
        );
        // The same, known while lowering.
        let user = UserContext {
            attributes: [(AttributeId(0), Value::set(vec![]))].into(),
            ..UserContext::default()
        };
        let found = outcomes_for(&program, &user, &[value, "NULL"], &[]);
        assert_eq!(found, [F, U], "{ty:?}");
    }
}

#[test]
fn decimals_and_instants_in_any_form() {
    let less = |ty: Type| {
        let pred = Pred::Compare(c(), CompareOp::Lt, x());
        program(ty.clone(), ty, pred)
    };
    let with = |value: &str| {
        let values = ["'-2'", "'1.49'", "'1.5'", "'x'"];
        outcomes(&less(Type::Decimal), &values, &one(word(value)))
    };
    assert_eq!(with("1.50"), [T, T, F, U]);
    assert_eq!(with("001.500"), [T, T, F, U]);
    assert_eq!(with("1,5"), [U, U, U, U]);
    let values = [
        "'2024-01-15T09:59:59.9Z'",
        "'2024-01-15T10:00:00.000Z'",
        "'2024-01-15'",
    ];
    let at = |value: &str| outcomes(&less(Type::Timestamp), &values, &one(word(value)));
    assert_eq!(at("2024-01-15T10:00:00Z"), [T, F, U]);
    assert_eq!(at("2024-01-15T10:00:00+00:00"), [U, U, U]);
}

#[test]
fn the_login_is_a_parameter() {
    let program = program(Type::String, Type::Int, eq(c(), Operand::Login));
    let with = |value| {
        outcomes(
            &program,
            &["'Dan'", "'dan'", "NULL"],
            &[("user_login", value)],
        )
    };
    assert_eq!(with(word("Dan")), [T, F, U]);
    assert_eq!(with(Sql::Null), [U, U, U]);
}

/// The window computed by the engine from `:today`, against the one computed here.
#[test]
fn windows_move_with_today() {
    let kinds = [
        WindowKind::Last,
        WindowKind::LastToToday,
        WindowKind::Next,
        WindowKind::NextFromToday,
        WindowKind::This,
    ];
    let units = [
        Unit::Day,
        Unit::Week,
        Unit::Month,
        Unit::Quarter,
        Unit::Year,
    ];
    let days = [
        date(1970, 1, 1),
        date(2023, 12, 31),
        date(2024, 2, 29),
        date(2024, 7, 1),
        date(2199, 12, 31),
    ];
    let rows: Vec<Date> = days
        .iter()
        .flat_map(|d| {
            [
                -800, -366, -93, -32, -8, -7, -1, 0, 1, 6, 7, 31, 92, 365, 800,
            ]
            .map(|n| d.checked_add(jiff::Span::new().days(n)).unwrap())
        })
        .chain([date(0, 1, 1), date(9999, 12, 31), date(9800, 6, 1)])
        .collect();
    let values: Vec<String> = rows.iter().map(|d| format!("'{d}'")).collect();
    let values: Vec<&str> = values.iter().map(String::as_str).collect();
    for (week_start, kind, unit) in [Weekday::Monday, Weekday::Sunday]
        .into_iter()
        .flat_map(|w| kinds.map(|k| (w, k)))
        .flat_map(|(w, k)| units.map(|u| (w, k, u)))
    {
        for count in [1, 3, 7_750, 30_000, u32::MAX] {
            let window = Window { kind, count, unit };
            let mut program = program(Type::Date, Type::Int, Pred::InWindow(c(), window));
            program.settings.week_start = week_start;
            for today in days {
                let found = outcomes(&program, &values, &[("today", word(&today.to_string()))]);
                let layout = Layout::memory(&program, None);
                let (user, query) = (UserContext::default(), BTreeSet::from([TableId(0)]));
                let fixed = Request {
                    today: Today::Fixed(today),
                    ..request(&program, &layout, &user, &query)
                };
                let table = rows
                    .iter()
                    .map(|d| row(vec![int(0), Value::Date(*d)]))
                    .collect();
                let database = Database::load(&program, &[(TableId(0), table)]).unwrap();
                let expected = database.evaluate(&fixed, TableId(0), &["read"]).unwrap();
                assert_eq!(found, expected, "{window:?} {week_start:?} {today}");
            }
        }
    }
}

#[test]
fn a_day_that_is_none_is_unknown() {
    let program = program(
        Type::Date,
        Type::Int,
        Pred::Compare(c(), CompareOp::Lt, Operand::Today),
    );
    let with = |value| outcomes(&program, &["'2024-01-14'", "'9'"], &[("today", value)]);
    assert_eq!(with(word("2024-01-15")), [T, U]);
    for bad in ["now", "2024-1-15", "15.01.2024", ""] {
        assert_eq!(with(word(bad)), [U, U], "{bad}");
    }
    assert_eq!(with(Sql::Null), [U, U]);
}

#[test]
fn what_depends_on_the_day_says_so() {
    let window = Window {
        kind: WindowKind::This,
        count: 1,
        unit: Unit::Day,
    };
    let dated = program(Type::Date, Type::Int, Pred::InWindow(c(), window));
    let plain = program(Type::Date, Type::Int, Pred::IsNull(c()));
    for today in [Today::Fixed(TODAY), Today::Bound] {
        let of = |program| lower(program, Dialect::Sqlite, today, Outcome::True).unwrap();
        assert!(of(&dated).dated && !of(&plain).dated);
    }
    let refusal = lower(&dated, Dialect::Sqlite, Today::Engine, Outcome::True).unwrap_err();
    assert_eq!((refusal.code, refusal.rule), ("E0506", Some(0)));
    let clock = lower(&dated, Dialect::Postgres, Today::Engine, Outcome::True).unwrap();
    assert!(
        clock.dated
            && clock
                .sql
                .contains("pg_catalog.statement_timestamp() AT TIME ZONE ")
    );
}

/// Rules with `applies`, where only one table of the query is known.
#[test]
fn rules_on_unseen_tables_are_refused() {
    let asked = |applies: Applies, pred: Pred, effect: Effect| {
        let mut program = program(Type::Int, Type::Int, Pred::Const(true));
        program
            .tables
            .push(table("u", vec![column("id", Type::Int)]));
        let mut rule = rule(effect, 0, pred);
        rule.applies = applies;
        program.rules.push(rule);
        lower(&program, Dialect::Sqlite, Today::Bound, Outcome::True)
    };
    let (t, u) = (TableId(0), TableId(1));
    let deny = |applies| asked(applies, eq(c(), Operand::Const(int(1))), Effect::Deny);
    for undecided in [
        Applies::WhenAll(vec![t, u]),
        Applies::WhenAny(vec![u]),
        Applies::UnlessOnly(vec![t]),
    ] {
        let refusal = deny(undecided).unwrap_err();
        assert_eq!((refusal.code, refusal.rule), ("E0501", Some(1)));
    }
    for decided in [
        Applies::WhenAll(vec![t]),
        Applies::WhenAny(vec![u, t]),
        Applies::UnlessOnly(vec![u]),
    ] {
        assert!(deny(decided).unwrap().sql.contains("<>"));
    }
    // What changes nothing needs no query.
    let idle = asked(Applies::WhenAny(vec![u]), Pred::Const(false), Effect::Deny);
    assert_eq!(idle.unwrap().sql, "(1 = 1)");
}

/// What people read, and what an index can serve.
#[test]
fn plain_conditions_are_plain_sql() {
    let e = program(
        Type::Enum(EnumId(0)),
        Type::Int,
        Pred::Or(
            vec![
                eq(c(), Operand::Const(text("a"))),
                eq(c(), Operand::Const(text("b"))),
            ]
            .into(),
        ),
    );
    let say = |dialect, outcome| lower(&e, dialect, Today::Bound, outcome).unwrap().sql;
    assert_eq!(
        say(Dialect::Sqlite, Outcome::True),
        r#"("t"."c" COLLATE BINARY IN ('a', 'b'))"#
    );
    assert_eq!(
        say(Dialect::Postgres, Outcome::True),
        r#"("t"."c"::pg_catalog.text COLLATE pg_catalog."C" OPERATOR(pg_catalog.=) ANY (ARRAY['a', 'b']))"#
    );
    assert_eq!(say(Dialect::Postgres, Outcome::False), "FALSE");
    let pair = program(
        Type::String,
        Type::Set(Box::new(Type::String)),
        Pred::And(vec![eq(c(), Operand::Login), Pred::InSet(c(), AttributeId(0))].into()),
    );
    let bound = lower(&pair, Dialect::Postgres, Today::Bound, Outcome::True).unwrap();
    assert_eq!(bound.params, ["user_login", "user_x"]);
    assert_eq!(
        bound.sql,
        r#"(("t"."c"::pg_catalog.text COLLATE pg_catalog."C" OPERATOR(pg_catalog.=) $1::pg_catalog.text COLLATE pg_catalog."C") AND ("t"."c"::pg_catalog.text COLLATE pg_catalog."C" OPERATOR(pg_catalog.=) ANY ($2::pg_catalog.text[])))"#
    );
}

#[test]
fn names_and_literals_an_engine_cannot_carry() {
    let of = |pred: Pred, name: &str| {
        let mut program = program(Type::String, Type::Int, pred);
        program.tables[0].columns[1].outside = outside(name);
        lower(&program, Dialect::Postgres, Today::Bound, Outcome::True)
    };
    let is = |s: &str| eq(c(), Operand::Const(text(s)));
    assert!(
        of(is("it's \\ E"), "c\"; --")
            .unwrap()
            .sql
            .contains(r#""c""; --""#)
    );
    assert!(
        of(is("it's \\ E"), "c")
            .unwrap()
            .sql
            .contains(r"E'it''s \\ E'")
    );
    assert_eq!(of(is("a\0"), "c").unwrap_err().code, "E0505");
    assert_eq!(of(is("a"), &"ü".repeat(32)).unwrap_err().code, "E0507");
    let ways = (0..5000).map(|i| Pred::Text(c(), TextTest::Contains, format!("{i}").into()));
    let many = of(Pred::Or(ways.collect()), "c").unwrap_err();
    assert_eq!(many.code, "E0508");
    assert!(many.help.is_some());
}
