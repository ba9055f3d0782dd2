//! Ordinary statements give what the user may see, with the types of the schema.

use ambit_core::*;
use ambit_query::{Answer, Cell, Error, Limits, Store, query};
use ambit_targets::sql::UserContext;

use crate::build::*;

pub fn ask(sql: &str) -> Result<Answer, Error> {
    let program = sales();
    query(
        &mut store(&program),
        &program,
        &dan(&program),
        TODAY,
        sql,
        &Limits::default(),
    )
}

#[test]
fn dan_sees_his_sales() {
    let answer = ask("SELECT product, amount FROM sales ORDER BY id").unwrap();
    assert_eq!(
        answer.table(),
        "product  amount\n───────  ──────\nHD-TV       100\nPlayer      200\n"
    );
    assert_eq!(answer.tables, ["sales"]);
    let total = ask("SELECT sum(amount) AS total, count(*) AS n FROM sales").unwrap();
    assert_eq!(total.rows, [[Cell::Int(300), Cell::Int(2)]]);
}

#[test]
fn contacts_follow_their_sales() {
    let answer = ask("SELECT c.id FROM deal_contacts AS c ORDER BY 1").unwrap();
    assert_eq!(answer.rows, [[Cell::Int(10)], [Cell::Int(40)]]);
    let joined =
        ask("SELECT count(*) FROM sales s JOIN deal_contacts c ON s.contact_id = c.id").unwrap();
    assert_eq!(joined.rows, [[Cell::Int(2)]]);
    assert_eq!(joined.tables, ["deal_contacts", "sales"]);
}

#[test]
fn a_table_without_a_grant_is_empty() {
    assert!(ask("SELECT * FROM secrets").unwrap().rows.is_empty());
}

#[test]
fn rules_know_which_tables_the_statement_names() {
    let mut program = sales();
    program.rules[0].applies = Applies::WhenAll(vec![TableId(0)]);
    let user = dan(&program);
    let count = |sql: &str| {
        query(
            &mut store(&program),
            &program,
            &user,
            TODAY,
            sql,
            &Limits::default(),
        )
        .unwrap()
        .rows
    };
    assert_eq!(count("SELECT count(*) FROM sales"), [[Cell::Int(0)]]);
    assert_eq!(
        count("SELECT count(*) FROM sales WHERE 0 OR EXISTS (SELECT 1 FROM deal_contacts)"),
        [[Cell::Int(2)]]
    );
    // A common table expression is no table of the policy, whatever its name.
    assert_eq!(
        count("WITH deal_contacts AS (SELECT 1) SELECT count(*) FROM sales, deal_contacts"),
        [[Cell::Int(0)]]
    );
    // Naming a table counts even where the engine never looks at it.
    assert_eq!(
        count("SELECT count(*) FROM sales WHERE 1 OR EXISTS (SELECT 1 FROM deal_contacts WHERE 0)"),
        [[Cell::Int(2)]]
    );
}

#[test]
fn values_keep_their_types() {
    let program = Program {
        tables: vec![Table {
            open: true,
            ..table(
                "t",
                vec![
                    column("id", Type::Int),
                    column("b", Type::Bool),
                    column("d", Type::Decimal),
                    column("day", Type::Date),
                    column("at", Type::Timestamp),
                ],
            )
        }],
        ..Program::default()
    };
    let values = vec![
        int(1),
        Value::Bool(true),
        Value::Decimal("12.50".parse().unwrap()),
        Value::Date(TODAY),
        Value::Timestamp("2024-01-15T10:00:00Z".parse().unwrap()),
    ];
    let rows = vec![(TableId(0), vec![row(values)])];
    let mut store = Store::of_rows(&program, &rows).unwrap();
    let user = UserContext::default();
    let mut ask = |sql: &str| query(&mut store, &program, &user, TODAY, sql, &Limits::default());
    let decimal = |s: &str| Cell::Decimal(s.to_owned());
    assert_eq!(
        ask("SELECT x.* FROM (SELECT * FROM t) x").unwrap().rows,
        [[
            Cell::Int(1),
            Cell::Bool(true),
            decimal("12.5"),
            Cell::Date("2024-01-15".into()),
            Cell::Timestamp("2024-01-15T10:00:00Z".into())
        ]]
    );
    let mut store = Store::of_rows(&program, &rows).unwrap();
    let mut ask = |sql: &str| query(&mut store, &program, &user, TODAY, sql, &Limits::default());
    assert_eq!(
        ask("SELECT d > 9, d * 2, 1.0 / 3, 100.0, 'x' || day, NULL FROM t")
            .unwrap()
            .rows,
        [[
            Cell::Int(1),
            decimal("25"),
            decimal("0.3333333333333333"),
            decimal("100"),
            Cell::Text("x2024-01-15".into()),
            Cell::Null
        ]]
    );
}

#[test]
fn the_table_for_people_is_harmless() {
    let answer =
        ask("SELECT 'a' || char(27) || '[31m' || char(10) AS \"x\ty\", NULL AS n").unwrap();
    assert_eq!(
        answer.table(),
        "x\\ty              n\n─────────────  ────\na\\u{1b}[31m\\n  null\n"
    );
}

#[test]
fn a_statement_can_be_asked_twice_of_one_store() {
    let program = sales();
    let mut store = store(&program);
    for _ in 0..2 {
        let answer = query(
            &mut store,
            &program,
            &dan(&program),
            TODAY,
            "SELECT id FROM sales",
            &Limits::default(),
        );
        assert_eq!(answer.unwrap().rows.len(), 2);
    }
}
