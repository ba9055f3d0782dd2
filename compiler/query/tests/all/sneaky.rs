//! Statements that try to see more, to write, or to learn from errors.

use ambit_query::{Answer, Cell, Error, Limits, Store, query};

use crate::build::*;
use crate::statements::ask;

/// What only hidden rows hold, and what nobody may read.
const HIDDEN: &[&str] = &[
    "Matthew",
    "Amber",
    "Media",
    "AC",
    "hush",
    "Contact 2",
    "Contact 3",
    "Contact 5",
    "CREATE",
    "ambit_",
];

/// An answer holds nothing hidden; a refusal does not either.
fn harmless(sql: &str) -> Result<Vec<Vec<Cell>>, String> {
    let outcome = ask(sql);
    // Whatever a statement does, it must do the same where the hidden rows were never there.
    assert_eq!(outcome, without_hidden_rows(sql), "{sql}");
    match outcome {
        Ok(answer) => {
            let text = format!("{:?}", answer.rows);
            for hidden in HIDDEN {
                assert!(!text.contains(hidden), "{sql}\nshows {text}");
            }
            for amount in [300_i64, 700, 600] {
                // 300 is also the sum of what Dan may see.
                let sum = amount == 300 && sql.contains("sum(");
                assert!(
                    sum || !answer
                        .rows
                        .iter()
                        .flatten()
                        .any(|c| *c == Cell::Int(amount)),
                    "{sql}\nshows {text}"
                );
            }
            Ok(answer.rows)
        }
        Err(error) => {
            let text = error.to_string();
            for hidden in HIDDEN.iter().filter(|h| !sql.contains(**h)) {
                assert!(!text.contains(hidden), "{sql}\nsays {text}");
            }
            Err(text)
        }
    }
}

fn without_hidden_rows(sql: &str) -> Result<Answer, Error> {
    let program = sales();
    let mut rows = sales_rows();
    rows[0].1.retain(|r| r[0] == int(10) || r[0] == int(40));
    rows[1].1.retain(|r| r[1] == text("Dan"));
    rows[2].1.clear();
    let mut store = Store::of_rows(&program, &rows).unwrap();
    query(
        &mut store,
        &program,
        &dan(&program),
        TODAY,
        sql,
        &Limits::default(),
    )
}

/// They run, and show what Dan may see.
#[test]
fn reading_in_every_way_shows_visible_rows_alone() {
    for sql in [
        "SELECT * FROM sales",
        "SELECT * FROM \"sales\" UNION ALL SELECT * FROM [sales]",
        "SELECT id FROM sales UNION SELECT id FROM main.sales",
        "WITH sales AS (SELECT * FROM sales) SELECT * FROM sales WHERE 0",
        "WITH s AS (SELECT * FROM sales) SELECT * FROM s",
        "WITH s AS MATERIALIZED (SELECT * FROM sales), t AS NOT MATERIALIZED (SELECT * FROM s) SELECT * FROM t, s",
        "SELECT (SELECT group_concat(salesperson) FROM sales), (SELECT max(product) FROM sales)",
        "SELECT id FROM sales WHERE id IN (SELECT id FROM sales UNION SELECT contact_id / 10 FROM sales)",
        "SELECT id FROM sales ORDER BY (SELECT count(*) FROM sales s WHERE s.amount < sales.amount)",
        "SELECT salesperson, sum(amount) FROM sales GROUP BY 1 HAVING count(*) > (SELECT count(*) FROM secrets)",
        "SELECT * FROM sales LIMIT (SELECT count(*) FROM sales) OFFSET 0",
        "SELECT s.* FROM deal_contacts c LEFT JOIN sales s ON s.contact_id = c.id",
        "SELECT s.* FROM deal_contacts c FULL JOIN sales s ON 1",
        "SELECT * FROM sales NATURAL JOIN deal_contacts",
        "SELECT a.* FROM sales a, sales b, sales c",
        "SELECT * FROM (SELECT * FROM (SELECT * FROM (VALUES (1)), sales))",
        "SELECT row_number() OVER (ORDER BY id), lag(product) OVER (), first_value(amount) OVER (ORDER BY amount DESC) FROM sales",
        "SELECT typeof(id), quote(product), hex(salesperson) FROM sales",
        "SELECT json_group_array(json_object('p', product, 'a', amount)) FROM sales",
        "SELECT j.value FROM sales, json_each(json_array(product, amount)) AS j",
        "SELECT CASE WHEN EXISTS (SELECT 1 FROM sales WHERE salesperson <> 'Dan') THEN 'leak' ELSE 'none' END",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50) SELECT i, product FROM n LEFT JOIN sales ON id = i WHERE product IS NOT NULL",
        "WITH RECURSIVE up(id, n) AS (SELECT id, 0 FROM sales UNION SELECT sales.id, n + 1 FROM sales, up WHERE n < 3) SELECT DISTINCT id FROM up",
        "SELECT * FROM sales /* ; DROP TABLE sales */ -- ; SELECT * FROM secrets",
        "SELECT * FROM secrets",
        "SELECT * FROM sales INDEXED BY nothing_here WHERE 1",
        "SELECT * FROM sales WHERE salesperson = 'Dan' OR 1 = 1 OR 'x' LIKE '%'",
        "SELECT max(amount) FROM sales WHERE salesperson NOT IN (SELECT words FROM secrets)",
        "SELECT total(amount) FROM sales EXCEPT SELECT NULL",
    ] {
        let _ = harmless(sql);
    }
    assert_eq!(
        harmless("SELECT max(id), min(id), count(*) FROM sales").unwrap(),
        [[Cell::Int(4), Cell::Int(1), Cell::Int(2)]]
    );
    assert_eq!(
        harmless("SELECT CASE WHEN EXISTS (SELECT 1 FROM sales WHERE salesperson <> 'Dan') THEN 'leak' ELSE 'none' END")
            .unwrap(),
        [[Cell::Text("none".into())]]
    );
}

/// They are refused: not for what they would show, but for what they are.
#[test]
fn everything_else_is_refused() {
    for sql in [
        "",
        "-- nothing",
        ";",
        "SELEC 1",
        "INSERT INTO sales VALUES (9, 'Dan', 'x', 1, 10)",
        "INSERT INTO sales SELECT * FROM sales RETURNING *",
        "UPDATE sales SET salesperson = 'Dan' RETURNING *",
        "DELETE FROM sales RETURNING *",
        "REPLACE INTO sales (id) VALUES (1)",
        "WITH x AS (SELECT 1) DELETE FROM sales",
        "CREATE TABLE leak AS SELECT * FROM sales",
        "CREATE TEMP TABLE sales (id)",
        "CREATE TEMP VIEW sales AS SELECT 1",
        "CREATE VIEW v AS SELECT * FROM secrets",
        "CREATE TEMP TRIGGER t INSTEAD OF INSERT ON sales BEGIN SELECT 1; END",
        "CREATE INDEX i ON sales (id)",
        "CREATE VIRTUAL TABLE f USING fts5(x)",
        "CREATE VIRTUAL TABLE temp.d USING dbstat(main)",
        "DROP TABLE sales",
        "DROP VIEW sales",
        "ALTER TABLE sales RENAME TO other",
        "ATTACH DATABASE ':memory:' AS other",
        "ATTACH 'file:/etc/passwd?mode=ro' AS p",
        "DETACH main",
        "PRAGMA table_info(sales)",
        "PRAGMA writable_schema = 1",
        "PRAGMA trusted_schema = ON",
        "SELECT * FROM pragma_table_info('sales')",
        "SELECT * FROM pragma_table_list",
        "SELECT count(*) FROM pragma_database_list()",
        "SELECT * FROM pragma_function_list",
        "SELECT * FROM sqlite_master",
        "SELECT count(*) FROM sqlite_schema",
        "SELECT sql FROM main.sqlite_master",
        "SELECT * FROM temp.sqlite_master",
        "SELECT * FROM sqlite_temp_master",
        "WITH sales AS (SELECT * FROM sqlite_master) SELECT * FROM sales",
        "SELECT * FROM sales, sqlite_master",
        "SELECT (SELECT sql FROM sqlite_master LIMIT 1)",
        "SELECT * FROM dbstat",
        "SELECT * FROM sqlite_dbpage",
        "SELECT * FROM sqlite_stmt",
        "SELECT * FROM sqlite_stat1",
        "SELECT * FROM sqlite_sequence",
        "SELECT * FROM bytecode('SELECT 1')",
        "SELECT * FROM tables_used('SELECT * FROM sales')",
        "SELECT * FROM fts3tokenize",
        "SELECT * FROM generate_series(1, 3)",
        "SELECT * FROM other_table",
        "SELECT * FROM temp.sales",
        "SELECT rowid FROM sales",
        "SELECT oid, _rowid_ FROM sales",
        "SELECT nothing FROM sales",
        "SELECT \"nothing\" FROM sales",
        "SELECT load_extension('x')",
        "SELECT readfile('/etc/passwd')",
        "SELECT writefile('/tmp/x', 'y')",
        "SELECT edit('x')",
        "SELECT fts3_tokenizer('simple')",
        "SELECT fts5(NULL)",
        "SELECT sqlite_compileoption_get(1)",
        "SELECT sqlite_source_id()",
        "SELECT sqlite_log(1, 'x')",
        "SELECT last_insert_rowid(), changes(), total_changes()",
        "SELECT randomblob(1000000000)",
        "SELECT rtreecheck('sales')",
        "SELECT ambit_day('2024-01-15T00:00:00', 'UTC')",
        "EXPLAIN SELECT * FROM sales",
        "EXPLAIN QUERY PLAN SELECT * FROM sales WHERE salesperson = 'Matthew'",
        "SELECT * FROM sales; SELECT * FROM secrets",
        "SELECT 1; DROP TABLE sales",
        "SELECT 1;;SELECT 2",
        "BEGIN",
        "COMMIT",
        "ROLLBACK",
        "SAVEPOINT s",
        "RELEASE s",
        "VACUUM",
        "VACUUM INTO '/tmp/ambit-leak.db'",
        "ANALYZE",
        "REINDEX",
        "SELECT ?1",
        "SELECT * FROM sales WHERE id = :id",
        "SELECT zeroblob(10)",
        "SELECT 1 \0 FROM sales",
    ] {
        let error = ask(sql).expect_err(sql);
        assert!(matches!(error, Error::Refused { .. }), "{sql}: {error}");
        let text = harmless(sql).unwrap_err();
        assert!(!text.contains("ambit_") || sql.contains("ambit_"), "{text}");
    }
    assert!(!std::path::Path::new("/tmp/ambit-leak.db").exists());
}

/// An expression over a hidden row must not fail: an error would tell what the row holds.
#[test]
fn errors_tell_nothing_of_hidden_rows() {
    for sql in [
        "SELECT count(*) FROM sales WHERE json_extract(salesperson, '$') IS NULL OR 1",
        "SELECT count(*) FROM sales WHERE CASE WHEN amount = 700 THEN abs(-9223372036854775808) ELSE 1 END",
        "SELECT count(*) FROM sales WHERE CASE WHEN salesperson = 'Amber' THEN json(salesperson) ELSE 1 END",
        "SELECT sum(CASE WHEN amount > 200 THEN 9223372036854775807 ELSE 0 END) + 1 FROM sales",
        "SELECT count(*) FROM sales s WHERE (SELECT CASE WHEN amount = 600 THEN json('{') END FROM sales x WHERE x.id = s.id) IS NULL",
        "SELECT count(*) FROM sales WHERE salesperson = 'Matthew' AND json('{')",
        "SELECT count(*) FROM secrets WHERE json(words)",
    ] {
        // `harmless` compares with a store in which the hidden rows were never there.
        let _ = harmless(sql);
    }
}

#[test]
fn endless_and_huge_statements_end() {
    let program = sales();
    let limits = Limits {
        seconds: 1,
        rows: 1000,
        bytes: 1 << 20,
        ..Limits::default()
    };
    for sql in [
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n ORDER BY i DESC",
        "SELECT hex(zeroblob(1000000000))",
        "SELECT printf('%.*c', 1000000000, 'x')",
        "SELECT replace(printf('%.*c', 100000, 'x'), 'x', printf('%.*c', 100000, 'y'))",
        "WITH RECURSIVE n(i, x) AS (SELECT 1, printf('%.*c', 900000, 'x') UNION ALL SELECT i + 1, x FROM n LIMIT 30) SELECT x FROM n",
    ] {
        let error = query(
            &mut store(&program),
            &program,
            &dan(&program),
            TODAY,
            sql,
            &limits,
        )
        .expect_err(sql);
        assert!(
            matches!(error, Error::TooSlow { .. } | Error::TooLarge { .. }),
            "{sql}: {error}"
        );
    }
    let laughs: Vec<String> = (1..40)
        .map(|i| format!("c{i} AS (SELECT 1 FROM c{0}, c{0})", i - 1))
        .collect();
    let laughs = format!(
        "WITH c0 AS (SELECT 1), {} SELECT count(*) FROM c39",
        laughs.join(", ")
    );
    let error = query(
        &mut store(&program),
        &program,
        &dan(&program),
        TODAY,
        &laughs,
        &limits,
    )
    .unwrap_err();
    assert!(
        matches!(error, Error::TooSlow { .. } | Error::Refused { .. }),
        "{error}"
    );
    let deep = format!("SELECT {}1{}", "(".repeat(100_000), ")".repeat(100_000));
    assert!(
        query(
            &mut store(&program),
            &program,
            &dan(&program),
            TODAY,
            &deep,
            &limits
        )
        .is_err()
    );
}
