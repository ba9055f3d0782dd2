//! `query` on examples/sales as Dan, over CSV files and over a database file: whatever the statement, never a hidden
//! row, never a write, and nothing learned from errors.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ambit_compiler::{Config, Database};
use ambit_core::{Program, Row, TableId, Value};
use ambit_query::data::File;
use ambit_query::{Answer, Cell, Error, Limits, Store};
use ambit_targets::sql::UserContext;

/// Statements that run; they show what Dan may see.
const READING: &[&str] = &[
    "SELECT * FROM sales",
    "SELECT * FROM sales UNION ALL SELECT * FROM \"sales\" UNION SELECT * FROM main.sales",
    "WITH sales AS (SELECT * FROM main.sales) SELECT * FROM sales",
    "WITH deal_contacts AS (SELECT * FROM sales) SELECT * FROM deal_contacts",
    "WITH s AS MATERIALIZED (SELECT * FROM sales), t AS NOT MATERIALIZED (SELECT * FROM s) SELECT * FROM t, s",
    "SELECT (SELECT group_concat(salesperson) FROM sales), (SELECT max(product) FROM sales)",
    "SELECT id FROM sales WHERE EXISTS (SELECT 1 FROM sales x WHERE x.id <> sales.id)",
    "SELECT id FROM sales WHERE id IN (SELECT id FROM sales UNION SELECT id FROM deal_contacts)",
    "SELECT id FROM sales ORDER BY (SELECT count(*) FROM sales s WHERE s.amount < sales.amount)",
    "SELECT salesperson, sum(amount) FROM sales GROUP BY 1 HAVING count(*) > (SELECT count(*) FROM sales WHERE 0)",
    "SELECT * FROM sales LIMIT (SELECT count(*) FROM sales) OFFSET (SELECT count(*) FROM sales WHERE 0)",
    "SELECT s.*, c.* FROM deal_contacts c FULL JOIN sales s ON 1",
    "SELECT * FROM sales NATURAL JOIN deal_contacts",
    "SELECT row_number() OVER (ORDER BY id), lag(product) OVER (), first_value(amount) OVER (ORDER BY amount DESC) FROM sales",
    "SELECT json_group_array(json_object('p', product, 'a', amount)) FROM sales",
    "SELECT j.value FROM sales, json_each(json_array(product, amount)) AS j",
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50) SELECT i, product FROM n LEFT JOIN sales ON id = i",
    "SELECT CASE WHEN EXISTS (SELECT 1 FROM sales WHERE salesperson <> 'Dan') THEN 'leak' END",
    "SELECT * FROM sales WHERE salesperson = 'Dan' OR 1 = 1 -- AND salesperson = 'Dan'",
    "SELECT * FROM sales /* ; DROP TABLE sales */",
    "SELECT count(*), min(id), max(id), total(amount), typeof(id) FROM sales",
    "SELECT count(*) FROM sales WHERE CASE WHEN amount = 700 THEN abs(-9223372036854775808) ELSE 1 END",
    "SELECT count(*) FROM sales WHERE CASE WHEN salesperson = 'Amber' THEN json(salesperson) ELSE 1 END",
    "SELECT sum(CASE WHEN amount > 200 THEN 9223372036854775807 ELSE 0 END) + 1 FROM sales",
    "VALUES ((SELECT max(amount) FROM sales)), ((SELECT min(amount) FROM sales))",
];

/// Statements that are refused.
const REFUSED: &[&str] = &[
    "INSERT INTO sales VALUES (9, 'Dan', 'x', 1, 1)",
    "INSERT INTO sales SELECT * FROM sales RETURNING *",
    "UPDATE sales SET salesperson = 'Dan' RETURNING *",
    "DELETE FROM sales RETURNING *",
    "WITH x AS (SELECT 1) DELETE FROM sales",
    "CREATE TABLE leak AS SELECT * FROM sales",
    "CREATE TEMP TABLE sales (id)",
    "CREATE TEMP VIEW v AS SELECT * FROM main.sales",
    "CREATE TEMP TRIGGER t INSTEAD OF INSERT ON sales BEGIN SELECT 1; END",
    "CREATE VIRTUAL TABLE f USING fts5(x)",
    "DROP VIEW sales",
    "ALTER TABLE sales RENAME TO other",
    "ATTACH DATABASE ':memory:' AS other",
    "DETACH main",
    "PRAGMA table_info(sales)",
    "PRAGMA writable_schema = 1",
    "SELECT * FROM pragma_table_list",
    "SELECT count(*) FROM pragma_database_list()",
    "SELECT * FROM sqlite_master",
    "SELECT count(*) FROM sqlite_schema",
    "WITH sales AS (SELECT sql FROM sqlite_master) SELECT * FROM sales",
    "WITH sales AS (SELECT * FROM sales) SELECT * FROM sales",
    "SELECT * FROM temp.sqlite_master",
    "SELECT * FROM dbstat",
    "SELECT * FROM sqlite_dbpage",
    "SELECT * FROM bytecode('SELECT * FROM sales')",
    "SELECT * FROM tables_used('SELECT * FROM sales')",
    "SELECT * FROM undeclared",
    "SELECT hidden_note FROM sales",
    "SELECT \"nothing here\" FROM sales",
    "SELECT rowid, oid, _rowid_ FROM sales",
    "SELECT load_extension('x')",
    "SELECT readfile('/etc/passwd')",
    "SELECT total_changes()",
    "EXPLAIN SELECT * FROM sales",
    "EXPLAIN QUERY PLAN SELECT * FROM sales",
    "SELECT * FROM sales; SELECT * FROM deal_contacts",
    "SELECT 1; DROP TABLE sales",
    "BEGIN",
    "SAVEPOINT s",
    "VACUUM INTO 'leak.db'",
    "REINDEX",
    "SELECT * FROM sales WHERE id = ?1",
    "SELECT zeroblob(10)",
    "",
    "SELEC * FROM sales",
];

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/sales")
}

fn program() -> Arc<Program> {
    let read = |name: &str| std::fs::read_to_string(example().join(name)).unwrap();
    let mut files: Vec<_> = std::fs::read_dir(example())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| Path::new(name).extension().is_some_and(|e| e == "ambit"))
        .collect();
    files.sort();
    let mut db = Database::default();
    let files = files
        .iter()
        .map(|name| (name.as_str().into(), Arc::from(read(name))))
        .collect();
    let project = db.project(files, Config::read(&read("ambit.toml")));
    ambit_compiler::program(&db, project).expect("the example is sound")
}

fn rows(program: &Program) -> Vec<(TableId, Vec<Row>)> {
    let read =
        |name: &str| std::fs::read(example().join("data").join(format!("{name}.csv"))).unwrap();
    let files: Vec<(TableId, String, Vec<u8>)> = ["deal_contacts", "sales"]
        .map(|name| {
            (
                program.find_table(name).unwrap(),
                format!("{name}.csv"),
                read(name),
            )
        })
        .into();
    let files: Vec<File<'_>> = files
        .iter()
        .map(|(table, name, bytes)| File {
            table: *table,
            name,
            bytes,
        })
        .collect();
    ambit_query::data::load(program, &files).unwrap()
}

/// The rows that Dan may see, as if there were no others.
fn visible(program: &Program) -> Vec<(TableId, Vec<Row>)> {
    let mut all = rows(program);
    for (_, rows) in &mut all {
        rows.retain(|row| row[0] == Value::Int(1) || row[0] == Value::Int(4));
    }
    all
}

fn ask(program: &Program, store: &mut Store, sql: &str) -> Result<Answer, Error> {
    let dan = UserContext::of(program, program.find_principal("dan").unwrap());
    ambit_query::query(
        store,
        program,
        &dan,
        jiff::civil::date(2024, 1, 15),
        sql,
        &Limits::default(),
    )
}

/// A database file with the rows, a column and a table that the policy does not know, and columns that compare without
/// case.
fn database(program: &Program, rows: &[(TableId, Vec<Row>)], path: &Path) {
    let connection = rusqlite::Connection::open(path).unwrap();
    let mut sql =
        String::from("CREATE TABLE undeclared (x); INSERT INTO undeclared VALUES ('beyond');");
    for (id, rows) in rows {
        let table = program.table(*id);
        let columns: Vec<String> = table
            .columns
            .iter()
            .map(|c| format!("\"{}\" COLLATE NOCASE", c.name))
            .collect();
        write!(
            sql,
            "CREATE TABLE {} ({}, hidden_note DEFAULT 'note');",
            table.name,
            columns.join(", ")
        )
        .unwrap();
        for row in rows {
            let cells: Vec<String> = row
                .iter()
                .map(|value| match value {
                    Value::Null => "NULL".to_owned(),
                    Value::Int(i) => i.to_string(),
                    Value::Text(text) => format!("'{}'", text.replace('\'', "''")),
                    other => panic!("{other:?}"),
                })
                .collect();
            write!(
                sql,
                "INSERT INTO {} VALUES ({}, 'hush');",
                table.name,
                cells.join(", ")
            )
            .unwrap();
        }
    }
    connection.execute_batch(&sql).unwrap();
}

#[test]
fn dan_gets_his_two_sales_and_their_contacts() {
    let program = program();
    let mut store = Store::of_rows(&program, &rows(&program)).unwrap();
    let answer = ask(
        &program,
        &mut store,
        "SELECT product, amount FROM sales ORDER BY id",
    )
    .unwrap();
    assert_eq!(
        answer.table(),
        "product  amount\n───────  ──────\nHD-TV       100\nPlayer      200\n"
    );
    let total = ask(&program, &mut store, "SELECT sum(amount) FROM sales").unwrap();
    assert_eq!(total.rows, [[Cell::Int(300)]]);
    let contacts = ask(
        &program,
        &mut store,
        "SELECT id FROM deal_contacts ORDER BY id",
    )
    .unwrap();
    assert_eq!(contacts.rows, [[Cell::Int(1)], [Cell::Int(4)]]);
}

/// Each statement does the same as over a store in which the hidden rows never were: so it tells nothing of them, by
/// its rows or by its errors.
#[test]
fn sneaky_statements_see_what_dan_sees() {
    let program = program();
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    database(&program, &rows(&program), &at("all.db"));
    database(&program, &visible(&program), &at("visible.db"));
    let before = (
        std::fs::read(at("all.db")).unwrap(),
        std::fs::read_dir(directory.path()).unwrap().count(),
    );
    let stores = || {
        [
            (
                Store::of_rows(&program, &rows(&program)),
                Store::of_rows(&program, &visible(&program)),
            ),
            (
                Store::open(&program, &at("all.db")),
                Store::open(&program, &at("visible.db")),
            ),
        ]
    };
    assert!(READING.len() + REFUSED.len() >= 30);
    for (all, visible) in stores() {
        let (mut all, mut visible) = (all.unwrap(), visible.unwrap());
        for sql in READING {
            let answer = ask(&program, &mut all, sql).unwrap_or_else(|e| panic!("{sql}: {e}"));
            assert_eq!(
                Ok(&answer),
                ask(&program, &mut visible, sql).as_ref(),
                "{sql}"
            );
            let text = format!("{:?}", answer.rows);
            for hidden in ["Matthew", "Amber", "Media Center", "Bruno", "leak", "hush"] {
                assert!(!text.contains(hidden), "{sql} shows {text}");
            }
        }
        for sql in REFUSED {
            let error = ask(&program, &mut all, sql).expect_err(sql);
            assert!(matches!(error, Error::Refused { .. }), "{sql}: {error}");
            assert_eq!(
                Err(&error),
                ask(&program, &mut visible, sql).as_ref(),
                "{sql}"
            );
        }
    }
    assert_eq!(
        before,
        (
            std::fs::read(at("all.db")).unwrap(),
            std::fs::read_dir(directory.path()).unwrap().count()
        )
    );
    assert!(!Path::new("leak.db").exists());
}
