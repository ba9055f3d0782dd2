//! What predicates say of rows, against what the language page says.

use std::collections::BTreeSet;
use std::sync::Arc;

use ambit_core::*;
use ambit_targets::Refusal;
use ambit_targets::sql::{
    Layout, Outcome, Predicate, Request, UserContext, access, identifier, parse_scope, qualified,
};

use crate::build::*;

const T: Option<bool> = Some(true);
const F: Option<bool> = Some(false);
const U: Option<bool> = None;

/// One grant on the first table; the outcome for each of its rows.
fn outcomes(
    mut program: Program,
    pred: Pred,
    user: &UserContext,
    rows: &[(TableId, Vec<Row>)],
) -> Vec<Option<bool>> {
    program.rules = vec![rule(Effect::Grant, 0, not(pred.clone()))];
    let negated = read(&program, user, rows, 0);
    program.rules = vec![rule(Effect::Grant, 0, pred)];
    let outcomes = read(&program, user, rows, 0);
    assert_eq!(
        outcomes.iter().map(|o| o.map(|b| !b)).collect::<Vec<_>>(),
        negated,
        "not turns around, unknown stays"
    );
    outcomes
}

/// `read` on the first table by plain SQL, for a user of whom nothing is known.
fn plain(program: &Program, layout: &Layout, outcome: Outcome) -> Result<Predicate, Refusal> {
    let (user, query) = (UserContext::default(), BTreeSet::from([TableId(0)]));
    let request = Request {
        functions: false,
        rules: None,
        ..request(program, layout, &user, &query)
    };
    access(&request, TableId(0), "read", outcome)
}

/// A table with a key and one column, and its values.
fn over(ty: Type, pred: Pred, values: Vec<Value>) -> Vec<Option<bool>> {
    let program = Program {
        tables: vec![table("t", vec![column("id", Type::Int), column("c", ty)])],
        enums: vec![Enum {
            name: "e".into(),
            members: vec!["a".into(), "b".into()],
            origin: Origin::default(),
        }],
        settings: Settings {
            zone: "Europe/Paris".into(),
            ..Settings::default()
        },
        ..Program::default()
    };
    let rows = values
        .into_iter()
        .enumerate()
        .map(|(i, v)| row(vec![int(i as i64), v]))
        .collect();
    outcomes(
        program,
        pred,
        &UserContext::default(),
        &[(TableId(0), rows)],
    )
}

fn c() -> Operand {
    col(0, 1)
}

#[test]
fn texts_are_exact() {
    let values = || {
        ["EU", "eu", "EU ", " EU", "É", "E\u{301}", ""]
            .map(text)
            .into_iter()
            .chain([Value::Null])
            .collect()
    };
    let is = |s: &str| over(Type::String, eq(c(), Operand::Const(text(s))), values());
    assert_eq!(is("EU"), [T, F, F, F, F, F, F, U]);
    assert_eq!(is("É"), [F, F, F, F, T, F, F, U]);
    assert_eq!(is(""), [F, F, F, F, F, F, T, U]);
    let list = Pred::InList(c(), vec![text("EU"), text("it's"), text("eu")].into());
    assert_eq!(over(Type::String, list, values()), [T, T, F, F, F, F, F, U]);
}

#[test]
fn text_tests_over_all_characters() {
    let values = || {
        let texts = ["%_a", "a𝄞b", "𝄞", "\0x", "a\0x", "A", "", "it's \\ \"x\"[*"];
        texts
            .map(text)
            .into_iter()
            .chain([Value::Null])
            .collect::<Vec<_>>()
    };
    let all = |test, s: &str| over(Type::String, Pred::Text(c(), test, s.into()), values());
    assert_eq!(all(TextTest::StartsWith, "a"), [F, T, F, F, T, F, F, F, U]);
    assert_eq!(all(TextTest::StartsWith, "%"), [T, F, F, F, F, F, F, F, U]);
    assert_eq!(
        all(TextTest::StartsWith, "a𝄞b"),
        [F, T, F, F, F, F, F, F, U]
    );
    assert_eq!(
        all(TextTest::StartsWith, "a\0"),
        [F, F, F, F, T, F, F, F, U]
    );
    assert_eq!(all(TextTest::EndsWith, "x"), [F, F, F, T, T, F, F, F, U]);
    assert_eq!(all(TextTest::EndsWith, "𝄞b"), [F, T, F, F, F, F, F, F, U]);
    assert_eq!(all(TextTest::EndsWith, "\0x"), [F, F, F, T, T, F, F, F, U]);
    assert_eq!(all(TextTest::Contains, "𝄞"), [F, T, T, F, F, F, F, F, U]);
    assert_eq!(all(TextTest::Contains, "\0"), [F, F, F, T, T, F, F, F, U]);
    assert_eq!(
        all(TextTest::Contains, "s \\ \"x\"["),
        [F, F, F, F, F, F, F, T, U]
    );
    for test in [TextTest::StartsWith, TextTest::EndsWith, TextTest::Contains] {
        assert_eq!(all(test, ""), [T, T, T, T, T, T, T, T, U]);
    }
}

#[test]
fn a_value_outside_its_enum_is_no_value_but_not_null() {
    let values = || vec![text("a"), text("b"), text("x"), text("A"), Value::Null];
    let e = || Type::Enum(EnumId(0));
    assert_eq!(
        over(e(), eq(c(), Operand::Const(text("a"))), values()),
        [T, F, U, U, U]
    );
    assert_eq!(
        over(
            e(),
            Pred::InList(c(), vec![text("a"), text("b")].into()),
            values()
        ),
        [T, T, U, U, U]
    );
    assert_eq!(over(e(), Pred::IsNull(c()), values()), [F, F, F, F, T]);
    assert_eq!(
        over(
            e(),
            Pred::Text(c(), TextTest::StartsWith, "x".into()),
            values()
        ),
        [F, F, U, U, U]
    );
}

#[test]
fn decimals_are_exact() {
    let d = |s: &str| Value::Decimal(s.parse().unwrap());
    let values = || {
        let mut values = [
            "-100.5",
            "-2",
            "-0.01",
            "0",
            "0.10",
            "0.1000000000000000000000000001",
            "9.99",
            "10",
            "100",
        ]
        .map(d)
        .to_vec();
        values.push(d(&"9".repeat(40)));
        values.push(Value::Null);
        values
    };
    let compare = |op, s: &str| {
        over(
            Type::Decimal,
            Pred::Compare(c(), op, Operand::Const(d(s))),
            values(),
        )
    };
    assert_eq!(
        compare(CompareOp::Eq, "0.1"),
        [F, F, F, F, T, F, F, F, F, F, U]
    );
    assert_eq!(
        compare(CompareOp::Lt, "0.1"),
        [T, T, T, T, F, F, F, F, F, F, U]
    );
    assert_eq!(
        compare(CompareOp::Ge, "10"),
        [F, F, F, F, F, F, F, T, T, T, U]
    );
    assert_eq!(
        compare(CompareOp::Le, "-2.00"),
        [T, T, F, F, F, F, F, F, F, F, U]
    );
    assert_eq!(
        compare(CompareOp::Ne, "-0"),
        [T, T, T, F, T, T, T, T, T, T, U]
    );
    let list = Pred::InList(c(), vec![d("100.0"), d("-0.010")].into());
    assert_eq!(
        over(Type::Decimal, list, values()),
        [F, F, T, F, F, F, F, F, T, F, U]
    );
}

#[test]
fn days_of_instants_follow_the_zone() {
    let at = |s: &str| Value::Timestamp(s.parse().unwrap());
    // Paris is an hour ahead of UTC in winter.
    let values = || {
        vec![
            at("2024-01-14T22:59:59.999Z"),
            at("2024-01-14T23:00:00Z"),
            at("2024-01-15T22:59:59Z"),
            at("2024-01-15T23:00:00.5Z"),
            Value::Null,
        ]
    };
    let day = || Operand::Day(Arc::new(c()));
    let compare = |op, right| over(Type::Timestamp, Pred::Compare(day(), op, right), values());
    assert_eq!(compare(CompareOp::Eq, Operand::Today), [F, T, T, F, U]);
    assert_eq!(compare(CompareOp::Lt, Operand::Today), [T, F, F, F, U]);
    assert_eq!(
        compare(CompareOp::Ne, Operand::Const(Value::Date(TODAY))),
        [T, F, F, T, U]
    );
    assert_eq!(compare(CompareOp::Eq, day()), [T, T, T, T, U]);
    let window = |kind, unit| {
        over(
            Type::Timestamp,
            Pred::InWindow(
                day(),
                Window {
                    kind,
                    count: 1,
                    unit,
                },
            ),
            values(),
        )
    };
    assert_eq!(window(WindowKind::This, Unit::Day), [F, T, T, F, U]);
    assert_eq!(window(WindowKind::Last, Unit::Day), [T, F, F, F, U]);
    assert_eq!(window(WindowKind::This, Unit::Year), [T, T, T, T, U]);
    let instants = Pred::Compare(
        c(),
        CompareOp::Lt,
        Operand::Const(at("2024-01-15T23:00:00.50Z")),
    );
    assert_eq!(over(Type::Timestamp, instants, values()), [T, T, T, F, U]);
    let same = eq(c(), Operand::Const(at("2024-01-15T23:00:00.500Z")));
    assert_eq!(over(Type::Timestamp, same, values()), [F, F, F, T, U]);
}

#[test]
fn the_last_days_of_the_calendar_end_like_others() {
    let before_the_last = Pred::Compare(
        Operand::Day(Arc::new(c())),
        CompareOp::Lt,
        Operand::Const(Value::Date(jiff::civil::date(9999, 12, 31))),
    );
    let instants = ["2026-11-23T00:00:00Z", "9999-12-30T22:00:00Z"];
    let instants = instants.map(|t| Value::Timestamp(t.parse().unwrap()));
    assert_eq!(
        over(Type::Timestamp, before_the_last, instants.into()),
        [T, T]
    );
}

#[test]
fn windows_of_dates() {
    let days = [
        "2023-09-30",
        "2023-10-01",
        "2023-12-31",
        "2024-01-15",
        "2024-01-16",
    ];
    let values = || {
        days.map(|d| Value::Date(d.parse().unwrap()))
            .into_iter()
            .chain([Value::Null])
            .collect::<Vec<_>>()
    };
    let window = |kind| {
        over(
            Type::Date,
            Pred::InWindow(
                c(),
                Window {
                    kind,
                    count: 3,
                    unit: Unit::Month,
                },
            ),
            values(),
        )
    };
    assert_eq!(window(WindowKind::Last), [F, T, T, F, F, U]);
    assert_eq!(window(WindowKind::LastToToday), [F, T, T, T, F, U]);
    assert_eq!(window(WindowKind::NextFromToday), [F, F, F, T, T, U]);
}

#[test]
fn scopes_in_four_modes() {
    let scopes = [
        "Book=Book 1",
        "Book=[Book 1 + Book 2]",
        "Book=Book 1|ID=1",
        "ID=1",
        "",
        "Book<>Book 3",
        "Book=*",
        "?",
    ];
    let values = || {
        let scopes = scopes.map(|s| Value::Scope(Arc::new(parse_scope(s))));
        scopes.into_iter().chain([Value::Null]).collect::<Vec<_>>()
    };
    let test = |mode| {
        let levels = vec![ScopeLevel {
            level: "Book".into(),
            members: Some(vec!["Book 1".into(), "Book 2".into()]),
        }];
        let ty = Type::Scope(vec!["Book".into(), "ID".into()]);
        over(ty, Pred::Scope(c(), ScopeTest { mode, levels }), values())
    };
    assert_eq!(test(ScopeMode::MatchAll), [F, T, F, F, F, U, U, U, U]);
    assert_eq!(test(ScopeMode::MatchAny), [T, T, F, F, F, U, U, U, U]);
    assert_eq!(test(ScopeMode::ContainsAll), [F, T, F, F, F, U, U, U, U]);
    assert_eq!(test(ScopeMode::ContainsAny), [T, T, T, F, F, U, U, U, U]);
}

/// Two tables: a child with a link, and a parent with a text.
fn family() -> (Program, Vec<(TableId, Vec<Row>)>) {
    let program = Program {
        tables: vec![
            table(
                "child",
                vec![column("id", Type::Int), linked("parent", Type::Int, 1, 0)],
            ),
            table(
                "parent",
                vec![column("id", Type::Int), column("tier", Type::String)],
            ),
        ],
        ..Program::default()
    };
    let links = [int(1), int(2), int(3), int(9), Value::Null];
    let children = links
        .into_iter()
        .enumerate()
        .map(|(i, l)| row(vec![int(i as i64), l]))
        .collect();
    let parents = vec![
        row(vec![int(1), text("gold")]),
        row(vec![int(2), text("lead")]),
        row(vec![int(3), Value::Null]),
    ];
    (program, vec![(TableId(0), children), (TableId(1), parents)])
}

#[test]
fn paths_are_null_where_they_lead_nowhere() {
    let (program, rows) = family();
    let tier = || via((0, 1), (1, 0), 1);
    let run = |pred| outcomes(program.clone(), pred, &UserContext::default(), &rows);
    assert_eq!(
        run(eq(tier(), Operand::Const(text("gold")))),
        [T, F, U, U, U]
    );
    assert_eq!(run(Pred::IsNull(tier())), [F, F, T, T, T]);
}

#[test]
fn exists_knows_unknown() {
    let (program, rows) = family();
    let run = |pred| outcomes(program.clone(), pred, &UserContext::default(), &rows);
    let gold = || eq(col(1, 1), Operand::Const(text("gold")));
    assert_eq!(
        run(exists(1, (1, 0), false, Pred::Const(true))),
        [T, T, T, F, U]
    );
    assert_eq!(run(exists(1, (1, 0), false, gold())), [T, F, U, F, U]);
    assert_eq!(run(exists(1, (1, 0), false, not(gold()))), [F, T, U, F, U]);
    assert_eq!(
        run(exists(1, (1, 0), false, Pred::Const(false))),
        [F, F, F, F, U]
    );
}

#[test]
fn visible_is_a_decision() {
    let (mut program, rows) = family();
    let gold = eq(col(1, 1), Operand::Const(text("gold")));
    program.rules = vec![
        rule(Effect::Grant, 1, gold),
        rule(
            Effect::Grant,
            0,
            Pred::LinkVisible(vec![step((0, 1), (1, 0))].into()),
        ),
    ];
    let run = |program: &Program| read(program, &UserContext::default(), &rows, 0);
    assert_eq!(run(&program), [T, F, F, U, U]);
    program.rules[1].pred = exists(1, (1, 0), true, Pred::Const(true));
    assert_eq!(run(&program), [T, F, F, F, U]);
}

#[test]
fn attributes_and_sets() {
    let program = Program {
        tables: vec![table(
            "t",
            vec![column("id", Type::Int), column("c", Type::Enum(EnumId(0)))],
        )],
        enums: vec![Enum {
            name: "e".into(),
            members: vec!["a".into(), "b".into()],
            origin: Origin::default(),
        }],
        attributes: vec![Attribute {
            name: "set".into(),
            outside: vec![],
            ty: Type::Set(Box::new(Type::Enum(EnumId(0)))),
            origin: Origin::default(),
        }],
        ..Program::default()
    };
    let values = [text("a"), text("b"), text("x"), Value::Null];
    let rows = values
        .into_iter()
        .enumerate()
        .map(|(i, v)| row(vec![int(i as i64), v]))
        .collect::<Vec<_>>();
    let rows = [(TableId(0), rows)];
    let run = |set: Option<Vec<Value>>| {
        let attributes = set
            .map(|s| (AttributeId(0), Value::set(s)))
            .into_iter()
            .collect();
        let user = UserContext {
            attributes,
            ..UserContext::default()
        };
        outcomes(
            program.clone(),
            Pred::InSet(col(0, 1), AttributeId(0)),
            &user,
            &rows,
        )
    };
    assert_eq!(run(Some(vec![text("a")])), [T, F, U, U]);
    assert_eq!(run(Some(vec![text("a"), text("nonsense")])), [T, U, U, U]);
    assert_eq!(run(Some(vec![])), [F, F, U, U]);
    assert_eq!(run(None), [U, U, U, U]);
}

#[test]
fn the_three_lines() {
    let mut program = Program {
        tables: vec![table(
            "t",
            vec![column("id", Type::Int), column("c", Type::Int)],
        )],
        ..Program::default()
    };
    let values = [int(1), int(2), int(3), Value::Null];
    let rows = values
        .into_iter()
        .enumerate()
        .map(|(i, v)| row(vec![int(i as i64), v]))
        .collect::<Vec<_>>();
    let rows = [(TableId(0), rows)];
    let is = |i| eq(col(0, 1), Operand::Const(int(i)));
    let by = Effect::Restrict {
        by: Some(Axis::Column(ColumnId(1))),
    };
    let mut run = |rules: Vec<Rule>, open: bool| {
        program.rules = rules;
        program.tables[0].open = open;
        read(&program, &UserContext::default(), &rows, 0)
    };
    assert_eq!(run(vec![], false), [F, F, F, F]);
    assert_eq!(run(vec![], true), [T, T, T, T]);
    assert_eq!(run(vec![rule(Effect::Deny, 0, is(1))], true), [F, T, T, U]);
    assert_eq!(
        run(
            vec![rule(Effect::Grant, 0, is(1)), rule(Effect::Grant, 0, is(2))],
            false
        ),
        [T, T, F, U]
    );
    let all = || rule(Effect::Grant, 0, Pred::Const(true));
    assert_eq!(
        run(vec![all(), rule(by, 0, is(1)), rule(by, 0, is(3))], false),
        [T, F, T, U]
    );
    let both = vec![
        all(),
        rule(Effect::Restrict { by: None }, 0, is(1)),
        rule(by, 0, is(3)),
    ];
    assert_eq!(run(both, false), [F, F, F, U]);
    let mut other = all();
    other.applies = Applies::UnlessOnly(vec![TableId(0)]);
    assert_eq!(run(vec![other], false), [F, F, F, F]);
    let mut except = all();
    except.actions = vec!["update".into()];
    assert_eq!(run(vec![except], false), [F, F, F, F]);
}

/// SQLite types values, not columns: what stands in a cell may be anything.
#[test]
fn a_cell_of_another_type_never_counts() {
    let types = [
        (Type::Int, Value::Int(7)),
        (Type::Bool, Value::Bool(true)),
        (Type::String, text("7")),
        (Type::Decimal, Value::Decimal(7.into())),
        (Type::Date, Value::Date(TODAY)),
        (
            Type::Timestamp,
            Value::Timestamp("2024-01-15T00:00:00Z".parse().unwrap()),
        ),
    ];
    for (ty, value) in types {
        let mut declared = column("c", ty.clone());
        declared.stored = (ty == Type::Decimal).then_some(Stored::Text);
        let program = Program {
            tables: vec![table("t", vec![column("id", Type::Int), declared])],
            rules: vec![],
            ..Program::default()
        };
        let layout = Layout::physical(&program, None);
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        let cells = "1.5, 'x', x'37', x'', '2024-02-30', '2024-1-5', '2024-01-15T24:00:00Z', '2024-01-15T10:00:00', \
                     '2024-01-15T10:00:00.Z', '2024-01-15T10:00:00.5ZZ', '2024-01-15T10:00:00.1x3Z', '7.', '.7', '+7', \
                     '1e3', '--7', '-', '', ' 7', '7 ', 7e300, 'now', '0x7', '7' || char(0) || '1', \
                     '2024-01-15' || char(0), '2024-01-15T00:00:00Z' || char(0) || 'Z', 99999999999999999999";
        connection
            .execute_batch(&format!(
                "CREATE TABLE t (id, c); INSERT INTO t VALUES {}",
                cells
                    .split(", ")
                    .map(|c| format!("(1, {c})"))
                    .collect::<Vec<_>>()
                    .join(", ")
            ))
            .unwrap();
        let literal = Operand::Const(value);
        let mut preds = vec![
            eq(c(), literal.clone()),
            Pred::Compare(c(), CompareOp::Ne, literal.clone()),
            Pred::IsNull(c()),
            Pred::InList(
                c(),
                vec![if let Operand::Const(v) = literal {
                    v
                } else {
                    Value::Null
                }]
                .into(),
            ),
        ];
        preds.extend(preds.clone().into_iter().map(not));
        if ty == Type::String {
            continue;
        }
        for pred in preds {
            let mut program = program.clone();
            program.rules = vec![rule(Effect::Grant, 0, pred.clone())];
            let sql = plain(&program, &layout, Outcome::True).unwrap();
            let sql = format!("SELECT quote(c) FROM t WHERE ({})", sql.sql);
            let mut statement = connection.prepare(&sql).unwrap();
            let shown: Vec<String> = statement
                .query_map([], |r| r.get(0))
                .unwrap()
                .map(Result::unwrap)
                .collect();
            assert!(shown.is_empty(), "{ty:?} {pred:?} shows {shown:?}");
        }
    }
}

/// A column's own collation, a hostile name, and an outer table named like our aliases change nothing.
#[test]
fn names_and_collations_cannot_interfere() {
    let mut program = Program {
        tables: vec![
            table(
                "a",
                vec![column("id", Type::Int), linked("up", Type::String, 1, 0)],
            ),
            table(
                "b",
                vec![column("id", Type::String), column("tier", Type::String)],
            ),
        ],
        ..Program::default()
    };
    program.tables[0].outside = outside("r1");
    program.tables[1].outside = outside("x\"; DROP TABLE r1; --");
    program.tables[0].columns[1].outside = outside("tier");
    program.tables[1].columns[0].outside = outside("true");
    program.rules = vec![rule(
        Effect::Grant,
        0,
        eq(via((0, 1), (1, 0), 1), Operand::Const(text("Gold"))),
    )];
    let layout = Layout::physical(&program, None);
    let connection = rusqlite::Connection::open_in_memory().unwrap();
    let b = qualified(&layout.tables[1].parts);
    connection
        .execute_batch(&format!(
            "CREATE TABLE r1 (id, tier TEXT COLLATE NOCASE); CREATE TABLE {b} ({} TEXT COLLATE NOCASE, tier TEXT COLLATE RTRIM);
             INSERT INTO r1 VALUES (1, 'K'), (2, 'k'), (3, 'L'), (4, 'M');
             INSERT INTO {b} VALUES ('K', 'Gold'), ('l', 'Gold'), ('M', 'Gold ');",
            identifier("true")
        ))
        .unwrap();
    let sql = plain(&program, &layout, Outcome::True).unwrap();
    let mut statement = connection
        .prepare(&format!("SELECT id FROM r1 WHERE ({})", sql.sql))
        .unwrap();
    let ids: Vec<i64> = statement
        .query_map([], |r| r.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(ids, [1]);
}

#[test]
fn long_lists_and_chains_are_within_the_engines_limits() {
    let long = |n: i64| Pred::InList(c(), (0..n).map(int).collect::<Vec<_>>().into());
    assert_eq!(
        over(
            Type::Int,
            long(50_000),
            vec![int(49_999), int(50_000), Value::Null]
        ),
        [T, F, U]
    );
    let chain: Vec<Pred> = (0..3000).map(|i| eq(c(), Operand::Const(int(i)))).collect();
    assert_eq!(
        over(
            Type::Int,
            Pred::Or(chain.into()),
            vec![int(2999), int(-1), Value::Null]
        ),
        [T, F, U]
    );
    let extremes = vec![int(i64::MIN), int(i64::MAX)];
    assert_eq!(
        over(Type::Int, eq(c(), Operand::Const(int(i64::MIN))), extremes),
        [T, F]
    );
}

#[test]
fn what_sql_cannot_say_is_refused_without_functions() {
    let program = |ty, pred| Program {
        tables: vec![table("t", vec![column("id", Type::Int), column("c", ty)])],
        settings: Settings {
            zone: "Europe/Paris".into(),
            ..Settings::default()
        },
        rules: vec![rule(Effect::Grant, 0, pred)],
        ..Program::default()
    };
    let refused =
        |program: &Program, layout: &Layout| plain(program, layout, Outcome::True).unwrap_err();
    let test = ScopeTest {
        mode: ScopeMode::MatchAll,
        levels: vec![ScopeLevel {
            level: "Book".into(),
            members: None,
        }],
    };
    let scope = program(Type::Scope(vec!["Book".into()]), Pred::Scope(c(), test));
    let unsaid = refused(&scope, &Layout::physical(&scope, None));
    assert_eq!((unsaid.code, unsaid.rule), ("E0502", Some(0)));
    let day = || Operand::Day(Arc::new(c()));
    let days = program(Type::Timestamp, eq(day(), day()));
    assert_eq!(refused(&days, &Layout::physical(&days, None)).code, "E0503");
    let decimal = program(
        Type::Decimal,
        Pred::Compare(c(), CompareOp::Lt, Operand::Const(Value::Decimal(1.into()))),
    );
    assert_eq!(
        refused(&decimal, &Layout::physical(&decimal, None)).code,
        "E0502"
    );
    let mut deep = eq(c(), Operand::Const(int(1)));
    for i in 0..2000 {
        deep = if i % 2 == 0 {
            Pred::And(vec![deep, Pred::IsNull(c())].into())
        } else {
            not(deep)
        };
    }
    let deep = program(Type::Int, deep);
    assert_eq!(refused(&deep, &Layout::physical(&deep, None)).code, "E0508");
}

#[test]
fn decimals_as_scaled_integers() {
    let mut program = Program {
        tables: vec![table(
            "t",
            vec![column("id", Type::Int), column("c", Type::Decimal)],
        )],
        ..Program::default()
    };
    program.tables[0].columns[1].stored = Some(Stored::Scaled(2));
    let layout = Layout::physical(&program, None);
    let connection = rusqlite::Connection::open_in_memory().unwrap();
    connection
        .execute_batch(
            "CREATE TABLE t (id, c); INSERT INTO t VALUES (1, 150), (2, 149), (3, -150), (4, 0), (5, NULL), (6, 1.5), \
             (7, -9223372036854775808), (8, 9223372036854775807)",
        )
        .unwrap();
    let shown = |op, literal: &str| {
        let mut program = program.clone();
        let literal = Operand::Const(Value::Decimal(literal.parse().unwrap()));
        program.rules = vec![rule(Effect::Grant, 0, Pred::Compare(c(), op, literal))];
        let sql = plain(&program, &layout, Outcome::True).unwrap();
        let mut statement = connection
            .prepare(&format!("SELECT id FROM t WHERE ({})", sql.sql))
            .unwrap();
        let ids: Vec<i64> = statement
            .query_map([], |r| r.get(0))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        ids
    };
    assert_eq!(shown(CompareOp::Eq, "1.5"), [1]);
    assert_eq!(shown(CompareOp::Lt, "1.495"), [2, 3, 4, 7]);
    assert_eq!(shown(CompareOp::Le, "-1.5"), [3, 7]);
    assert_eq!(shown(CompareOp::Gt, "92233720368547758.06"), [8]);
    assert_eq!(shown(CompareOp::Ne, "0"), [1, 2, 3, 7, 8]);
    // What no integer of 64 bits is.
    let beyond = "9".repeat(40);
    assert_eq!(shown(CompareOp::Lt, &beyond), [1, 2, 3, 4, 7, 8]);
    assert_eq!(shown(CompareOp::Eq, &beyond), [0_i64; 0]);
    assert_eq!(
        shown(CompareOp::Gt, &format!("-{beyond}")),
        [1, 2, 3, 4, 7, 8]
    );
    assert_eq!(
        shown(CompareOp::Ge, "1.4900000000000000000000000000000000000001"),
        [1, 8]
    );
}

#[test]
fn decimals_of_any_length_as_text() {
    let long = "7".repeat(990);
    let stored = [
        format!("-0.{long}51"),
        format!("-0.{long}50"),
        "-0.01".to_owned(),
        "00.000".to_owned(),
        "0.1234567890123456789012345678901234567890".to_owned(),
        "0.1234567890123456789012345678901234567891".to_owned(),
        format!("{long}.5"),
        format!("{long}.50001"),
        "9".repeat(10_000),
        // No decimals: unknown, whatever is asked.
        "9".repeat(10_001),
        "1e5".to_owned(),
        "+1".to_owned(),
        ".5".to_owned(),
        "5.".to_owned(),
        "NaN".to_owned(),
        String::new(),
    ];
    let mut program = Program {
        tables: vec![table(
            "t",
            vec![column("id", Type::Int), column("c", Type::Decimal)],
        )],
        ..Program::default()
    };
    program.tables[0].columns[1].stored = Some(Stored::Text);
    let layout = Layout::physical(&program, None);
    let connection = rusqlite::Connection::open_in_memory().unwrap();
    connection.execute_batch("CREATE TABLE t (id, c)").unwrap();
    for (id, text) in (1..).zip(&stored) {
        connection
            .execute("INSERT INTO t VALUES (?1, ?2)", rusqlite::params![id, text])
            .unwrap();
    }
    for literal in &stored[..9] {
        let literal: ambit_core::Decimal = literal.parse().unwrap();
        for op in [
            CompareOp::Eq,
            CompareOp::Ne,
            CompareOp::Lt,
            CompareOp::Le,
            CompareOp::Gt,
            CompareOp::Ge,
        ] {
            let mut program = program.clone();
            let constant = Operand::Const(Value::Decimal(literal.clone()));
            program.rules = vec![rule(Effect::Grant, 0, Pred::Compare(c(), op, constant))];
            let sql = plain(&program, &layout, Outcome::True).unwrap();
            let mut statement = connection
                .prepare(&format!("SELECT id FROM t WHERE ({})", sql.sql))
                .unwrap();
            let ids: Vec<i64> = statement
                .query_map([], |r| r.get(0))
                .unwrap()
                .map(Result::unwrap)
                .collect();
            let expected: Vec<i64> = (1..)
                .zip(&stored)
                .filter_map(|(id, text)| Some((id, text.parse::<ambit_core::Decimal>().ok()?)))
                .filter(|(_, value)| match op {
                    CompareOp::Eq => *value == literal,
                    CompareOp::Ne => *value != literal,
                    CompareOp::Lt => *value < literal,
                    CompareOp::Le => *value <= literal,
                    CompareOp::Gt => *value > literal,
                    CompareOp::Ge => *value >= literal,
                })
                .map(|(id, _)| id)
                .collect();
            assert_eq!(ids, expected, "{op:?}");
        }
    }
}

#[test]
fn scopes_as_rows() {
    let mut program = Program {
        tables: vec![
            table(
                "limits",
                vec![
                    column("id", Type::Int),
                    column("scope", Type::Scope(vec!["Book".into()])),
                ],
            ),
            table(
                "pairs",
                vec![
                    column("of", Type::Int),
                    column("level", Type::String),
                    column("member", Type::String),
                ],
            ),
        ],
        ..Program::default()
    };
    program.tables[1].keys = vec![];
    program.tables[0].columns[1].stored = Some(Stored::Rows {
        table: TableId(1),
        id: ColumnId(0),
        level: ColumnId(1),
        member: ColumnId(2),
    });
    let layout = Layout::physical(&program, None);
    let connection = rusqlite::Connection::open_in_memory().unwrap();
    connection
        .execute_batch(
            "CREATE TABLE limits (id); INSERT INTO limits VALUES (1), (2), (3), (4), (5);
             CREATE TABLE pairs (\"of\", level, member);
             INSERT INTO pairs VALUES (1, 'Book', 'Book 1'), (2, 'Book', 'Book 1'), (2, 'Book', 'Book 2'),
               (3, 'Book', 'Book 1'), (3, 'ID', '1'), (5, 'Book', 'Book 1'), (5, 'Book', 'Book 2'), (5, NULL, 'x');",
        )
        .unwrap();
    let mut outcome = |mode| {
        let levels = vec![ScopeLevel {
            level: "Book".into(),
            members: Some(vec!["Book 1".into(), "Book 2".into()]),
        }];
        program.rules = vec![rule(
            Effect::Grant,
            0,
            Pred::Scope(c(), ScopeTest { mode, levels }),
        )];
        let [yes, no] = [Outcome::True, Outcome::False].map(|o| {
            let sql = plain(&program, &layout, o).unwrap().sql;
            let mut statement = connection
                .prepare(&format!("SELECT id FROM limits WHERE ({sql})"))
                .unwrap();
            let ids = statement.query_map([], |r| r.get::<_, i64>(0)).unwrap();
            ids.map(Result::unwrap).collect::<BTreeSet<i64>>()
        });
        assert!(yes.is_disjoint(&no));
        let value = |id| {
            yes.contains(&id)
                .then_some(true)
                .or(no.contains(&id).then_some(false))
        };
        (1..=5).map(value).collect::<Vec<Option<bool>>>()
    };
    assert_eq!(outcome(ScopeMode::MatchAll), [F, T, F, F, U]);
    assert_eq!(outcome(ScopeMode::MatchAny), [T, T, F, F, U]);
    assert_eq!(outcome(ScopeMode::ContainsAll), [F, T, F, F, U]);
    assert_eq!(outcome(ScopeMode::ContainsAny), [T, T, T, F, U]);
}
