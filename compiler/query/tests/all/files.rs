//! Database files: read as they are, never written.

use std::path::Path;

use ambit_core::*;
use ambit_query::{Answer, Cell, Error, Limits, Store, query};

use crate::build::*;

const SCHEMA: &str = "
    CREATE TABLE \"Deal Contacts\" (id INTEGER PRIMARY KEY, name TEXT);
    CREATE TABLE \"Orders\" (id INTEGER PRIMARY KEY, salesperson TEXT COLLATE NOCASE, product TEXT, amount INTEGER,
      contact_id INTEGER, hidden_note TEXT DEFAULT 'note');
    CREATE TABLE undeclared (x);
    INSERT INTO undeclared VALUES ('beyond');
    INSERT INTO \"Deal Contacts\" VALUES (10, 'Contact 1'), (20, 'Contact 2');
    INSERT INTO \"Orders\" VALUES (1, 'Dan', 'HD-TV', 100, 10, 'n'), (2, 'dan', 'TV', 300, 20, 'n'),
      (3, 'Dan', 'Player', 'many', 20, 'n');
";

fn program() -> Program {
    let mut program = sales();
    program.sources = vec![
        Source {
            name: "a".into(),
            outside: vec![],
            kind: "postgres".into(),
            origin: Origin::default(),
        },
        Source {
            name: "b".into(),
            outside: vec![],
            kind: "sqlite".into(),
            origin: Origin::default(),
        },
    ];
    for (table, name) in [(0, "Deal Contacts"), (1, "Orders")] {
        program.tables[table].sources = vec![SourceId(0), SourceId(1)];
        program.tables[table].outside = vec![OutsideName {
            source: Some(SourceId(1)),
            parts: vec!["main".into(), name.into()],
        }];
    }
    program
}

fn database(path: &Path, extra: &str) {
    let connection = rusqlite::Connection::open(path).unwrap();
    connection.execute_batch(SCHEMA).unwrap();
    connection.execute_batch(extra).unwrap();
}

fn ask(path: &Path, sql: &str) -> Result<Answer, Error> {
    let program = program();
    let mut store = Store::open(&program, path)?;
    query(
        &mut store,
        &program,
        &dan(&program),
        TODAY,
        sql,
        &Limits::default(),
    )
}

fn listing(directory: &Path) -> Vec<(String, Vec<u8>)> {
    let mut all: Vec<_> = std::fs::read_dir(directory)
        .unwrap()
        .map(|e| e.unwrap())
        .map(|e| {
            (
                e.file_name().into_string().unwrap(),
                std::fs::read(e.path()).unwrap(),
            )
        })
        .collect();
    all.sort();
    all
}

#[test]
fn physical_names_and_exact_comparison() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a b%?#.db");
    database(&path, "");
    let before = listing(directory.path());
    // `dan` is not `Dan`, although the column compares without case.
    let answer = ask(&path, "SELECT id, amount FROM Orders ORDER BY id").unwrap();
    assert_eq!(
        answer.rows,
        [
            [Cell::Int(1), Cell::Int(100)],
            [Cell::Int(3), Cell::Text("many".into())]
        ]
    );
    assert_eq!(answer.tables, ["sales"]);
    // The statement itself compares as the table says.
    assert_eq!(
        ask(
            &path,
            "SELECT count(*) FROM orders WHERE salesperson = 'DAN'"
        )
        .unwrap()
        .rows,
        [[Cell::Int(2)]]
    );
    // One store answers more than once.
    let program = program();
    let mut store = Store::open(&program, &path).unwrap();
    for sql in [
        "SELECT * FROM Orders",
        "SELECT * FROM \"Deal Contacts\"",
        "SELECT * FROM Orders",
    ] {
        let answer = query(
            &mut store,
            &program,
            &dan(&program),
            TODAY,
            sql,
            &Limits::default(),
        )
        .unwrap();
        assert_eq!(answer.rows.len(), 2, "{sql}");
    }
    drop(store);
    let contacts = ask(&path, "SELECT * FROM \"Deal Contacts\"").unwrap();
    assert_eq!(contacts.rows.len(), 2);
    for sql in [
        "SELECT * FROM undeclared",
        "SELECT hidden_note FROM Orders",
        "SELECT * FROM sales",
        "SELECT * FROM sqlite_master",
    ] {
        let error = ask(&path, sql).expect_err(sql);
        assert!(matches!(error, Error::Refused { .. }), "{error}");
        assert!(!error.to_string().contains("beyond"));
    }
    assert_eq!(before, listing(directory.path()));
}

#[test]
fn write_ahead_files_are_never_touched() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("w a%l.db");
    database(&path, "PRAGMA journal_mode = WAL; CREATE TABLE more (x);");
    let before = listing(directory.path());
    assert_eq!(before.len(), 1, "the log went with the last connection");
    assert_eq!(
        ask(&path, "SELECT count(*) FROM Orders").unwrap().rows,
        [[Cell::Int(2)]]
    );
    assert_eq!(before, listing(directory.path()));
    let writer = rusqlite::Connection::open(&path).unwrap();
    writer
        .execute_batch("INSERT INTO Orders VALUES (9, 'Dan', 'x', 1, 10, 'n')")
        .unwrap();
    let before = listing(directory.path());
    assert!(matches!(ask(&path, "SELECT 1"), Err(Error::Refused { .. })));
    assert_eq!(before, listing(directory.path()));
}

#[test]
fn files_that_do_not_fit() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    std::fs::write(at("text"), "hello, this is no database").unwrap();
    std::fs::write(at("empty"), "").unwrap();
    database(
        &at("lacking"),
        "DROP TABLE \"Deal Contacts\"; ALTER TABLE Orders RENAME COLUMN amount TO quantity",
    );
    database(&at("utf16"), "");
    let utf16 = rusqlite::Connection::open(at("wide")).unwrap();
    utf16
        .execute_batch("PRAGMA encoding = 'UTF-16le'; CREATE TABLE Orders (id)")
        .unwrap();
    for (name, sql, expected) in [
        ("missing", "SELECT 1", "cannot open"),
        ("text", "SELECT 1", "not a SQLite database"),
        ("empty", "SELECT * FROM Orders", "no table `Orders`"),
        (
            "lacking",
            "SELECT * FROM \"Deal Contacts\"",
            "no table `Deal Contacts`",
        ),
        ("lacking", "SELECT * FROM Orders", "no column `amount`"),
        ("wide", "SELECT 1", "UTF-16le"),
    ] {
        let error = ask(&at(name), sql).expect_err(name);
        assert!(error.to_string().contains(expected), "{error}");
    }
    assert!(ask(directory.path(), "SELECT 1").is_err());
}

/// The schema of a file is data too: its views and triggers run nothing that writes or reaches out.
#[test]
fn a_hostile_schema_is_harmless() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("hostile.db");
    database(
        &path,
        "ALTER TABLE Orders RENAME TO o;
         CREATE VIEW Orders AS SELECT id, salesperson, product, amount, contact_id FROM o;
         CREATE TABLE \"ambit view 0\" (id, salesperson, product, amount, contact_id);
         INSERT INTO \"ambit view 0\" VALUES (7, 'Eve', 'x', 1, 1);",
    );
    assert_eq!(
        ask(&path, "SELECT id FROM Orders ORDER BY 1").unwrap().rows,
        [[Cell::Int(1)], [Cell::Int(3)]]
    );
    let path = directory.path().join("extension.db");
    database(
        &path,
        "ALTER TABLE Orders RENAME TO o;
         CREATE VIEW Orders AS SELECT id, salesperson, load_extension('x') AS product, amount, contact_id FROM o;",
    );
    assert!(ask(&path, "SELECT id FROM Orders").is_err());
}

#[test]
fn a_path_over_a_key_that_stands_twice_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("twice.db");
    database(
        &path,
        "DROP TABLE \"Deal Contacts\"; CREATE TABLE \"Deal Contacts\" (id INTEGER, name TEXT);
         INSERT INTO \"Deal Contacts\" VALUES (10, 'a'), (10, 'b');",
    );
    let mut program = program();
    program.rules[0].pred = eq(via((1, 4), (0, 0), 1), Operand::Const(text("a")));
    let mut store = Store::open(&program, &path).unwrap();
    let answer = query(
        &mut store,
        &program,
        &dan(&program),
        TODAY,
        "SELECT * FROM Orders",
        &Limits::default(),
    );
    assert!(
        answer
            .unwrap_err()
            .to_string()
            .contains("does not tell its rows apart")
    );
}
