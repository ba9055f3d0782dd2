//! `SQLite`, in memory: the one that is built in, and the machine's own.

use std::collections::BTreeSet;

use ambit_core::{TableId, Type, Value};
use ambit_targets::sql::{Layout, Storage};
use rusqlite::Connection;
use rusqlite::types::Value as Sql;
use serde_json::{Value as Json, json};

use super::store::{
    Cell, Engine, Question, Setup, Shape, Store, cell, is_text, place, plain, quoted, stored,
};
use crate::engines::sqlite::{Process, System};

/// Makes databases in memory.
pub struct Sqlite;

/// Makes databases in memory of the machine's own `SQLite`.
pub struct Oldest(Process);

impl Oldest {
    pub fn new(system: &System) -> Self {
        Self(system.start().unwrap())
    }
}

/// What runs statements.
trait Runner {
    /// Statements without rows.
    fn script(&mut self, sql: &str) -> Result<(), String>;
    /// A statement, once for each row.
    fn insert(&mut self, sql: &str, rows: Vec<Vec<Sql>>) -> Result<(), String>;
    /// A statement that gives rows of two integers. Its parameters are exactly these.
    fn pairs(&mut self, sql: &str, params: &[(String, Sql)]) -> Result<Vec<(i64, i64)>, String>;
    /// A statement that gives one text.
    fn text(&mut self, sql: &str) -> Option<String>;
}

impl Runner for Connection {
    fn script(&mut self, sql: &str) -> Result<(), String> {
        self.execute_batch(sql).map_err(|e| e.to_string())
    }

    fn insert(&mut self, sql: &str, rows: Vec<Vec<Sql>>) -> Result<(), String> {
        let mut insert = self.prepare(sql).map_err(|e| e.to_string())?;
        for row in rows {
            insert
                .execute(rusqlite::params_from_iter(row))
                .map_err(|e| e.to_string())?;
        }
        Ok(())
    }

    fn pairs(&mut self, sql: &str, params: &[(String, Sql)]) -> Result<Vec<(i64, i64)>, String> {
        let fail = |e: rusqlite::Error| e.to_string();
        let mut statement = self.prepare(sql).map_err(fail)?;
        let names: Vec<String> = (1..=statement.parameter_count())
            .map(|i| statement.parameter_name(i).unwrap_or("?").to_owned())
            .collect();
        let there: BTreeSet<&str> = names.iter().map(String::as_str).collect();
        let expected: BTreeSet<&str> = params.iter().map(|(n, _)| n.as_str()).collect();
        if there != expected {
            return Err(format!("parameters {there:?}, not {expected:?}"));
        }
        for (i, name) in names.iter().enumerate() {
            let (_, value) = params.iter().find(|(n, _)| n == name).unwrap();
            statement.raw_bind_parameter(i + 1, value).map_err(fail)?;
        }
        let mut rows = statement.raw_query();
        let mut found = Vec::new();
        while let Some(row) = rows.next().map_err(fail)? {
            found.push((row.get(0).unwrap(), row.get(1).unwrap()));
        }
        Ok(found)
    }

    fn text(&mut self, sql: &str) -> Option<String> {
        self.query_row(sql, [], |row| row.get(0)).ok()
    }
}

impl Runner for &mut Process {
    fn script(&mut self, sql: &str) -> Result<(), String> {
        self.run(&[json!(["script", sql])]).map(drop)
    }

    fn insert(&mut self, sql: &str, rows: Vec<Vec<Sql>>) -> Result<(), String> {
        let rows: Vec<Vec<Json>> = rows
            .iter()
            .map(|row| row.iter().map(json_of).collect())
            .collect();
        self.run(&[json!(["insert", sql, rows])]).map(drop)
    }

    fn pairs(&mut self, sql: &str, params: &[(String, Sql)]) -> Result<Vec<(i64, i64)>, String> {
        let params: serde_json::Map<String, Json> = params
            .iter()
            .map(|(name, value)| (name[1..].to_owned(), json_of(value)))
            .collect();
        let found = self.run(&[json!(["query", sql, params])])?;
        let number = |n: &Json| n.as_i64().unwrap();
        let pair = |row: &Vec<Json>| (number(&row[0]), number(&row[1]));
        Ok(found[0].iter().map(pair).collect())
    }

    fn text(&mut self, sql: &str) -> Option<String> {
        let found = self.run(&[json!(["query", sql, {}])]).ok()?;
        Some(found.first()?.first()?.first()?.as_str()?.to_owned())
    }
}

fn json_of(value: &Sql) -> Json {
    match value {
        Sql::Null => Json::Null,
        Sql::Integer(n) => json!(n),
        Sql::Text(text) => json!(text),
        Sql::Real(_) | Sql::Blob(_) => panic!("{value:?}"),
    }
}

struct Database<R> {
    runner: R,
    layout: Layout,
    sizes: Vec<usize>,
    /// What stands before each query.
    prefix: String,
    /// The column that tells rows apart.
    place: &'static str,
}

impl Engine for Sqlite {
    fn load<'a>(&'a mut self, setup: &Setup<'_>) -> Result<Box<dyn Store + 'a>, String> {
        let connection = Connection::open_in_memory().map_err(|e| e.to_string())?;
        Ok(Box::new(load(connection, setup)?))
    }
}

impl Engine for Oldest {
    fn load<'a>(&'a mut self, setup: &Setup<'_>) -> Result<Box<dyn Store + 'a>, String> {
        self.0.run(&[json!(["open"])])?;
        Ok(Box::new(load(&mut self.0, setup)?))
    }
}

fn load<R: Runner>(mut runner: R, setup: &Setup<'_>) -> Result<Database<R>, String> {
    let mut sizes = vec![0; setup.program.tables.len()];
    let mut names = Vec::new();
    runner
        .script("CREATE TABLE canary (song); INSERT INTO canary VALUES ('tweet')")
        .unwrap();
    let mut attached = BTreeSet::new();
    for loaded in setup.tables {
        sizes[loaded.table.index()] = loaded.rows.len();
        let (table, declared) = (
            setup.layout.table(loaded.table).unwrap(),
            setup.program.table(loaded.table),
        );
        let stored = stored(setup.layout, loaded.table);
        let columns: Vec<String> = stored
            .iter()
            .map(|i| {
                let (ty, column) = (&declared.columns[*i].ty, &table.columns[*i]);
                let number = matches!(ty, Type::Bool | Type::Int)
                    || matches!(column.storage, Storage::DecimalScaled(_));
                let collation = if setup.hostile.collation && is_text(ty) {
                    [" COLLATE NOCASE", " COLLATE RTRIM"][i % 2]
                } else {
                    ""
                };
                let form = if number { "INTEGER" } else { "TEXT" };
                format!("{} {form}{collation}", quoted(&column.name))
            })
            .collect();
        let (schema, name) = place(setup.layout, loaded.table, "main");
        if schema != "main" && attached.insert(schema.clone()) {
            // A schema is a database of its own.
            runner.script(&format!("ATTACH ':memory:' AS {schema}"))?;
        }
        runner.script(&format!(
            "CREATE TABLE {schema}.{name} ({})",
            columns.join(", ")
        ))?;
        let marks = vec!["?"; stored.len()].join(", ");
        let rows = loaded.raw.iter().zip(&loaded.rows).map(|(raw, read)| {
            let cells = stored
                .iter()
                .map(|i| value(cell(&raw[*i], &read[*i], table.columns[*i].storage)));
            cells.collect()
        });
        runner
            .insert(
                &format!("INSERT INTO {schema}.{name} VALUES ({marks})"),
                rows.collect(),
            )
            .unwrap();
        names.push(name);
    }
    let mut prefix = String::new();
    if setup.hostile.names {
        for name in &names {
            runner
                .script(&format!("CREATE TEMP TABLE {name} (zero)"))
                .unwrap();
        }
        let list: Vec<String> = names
            .iter()
            .map(|n| format!("{n} AS (SELECT 0 AS zero)"))
            .collect();
        prefix = format!("WITH {} ", list.join(", "));
    }
    Ok(Database {
        runner,
        layout: setup.layout.clone(),
        sizes,
        prefix,
        place: "_rowid_",
    })
}

impl<R: Runner> Store for Database<R> {
    fn ask(&mut self, table: TableId, questions: &[Question]) -> Result<Vec<Vec<bool>>, String> {
        let size = self.sizes[table.index()];
        let (schema, name) = place(&self.layout, table, "main");
        let mut found = vec![vec![false; size]; questions.len()];
        let terms = |asked: &[usize]| -> String {
            let list: Vec<String> = asked
                .iter()
                .map(|n| {
                    let sql = &questions[*n].sql;
                    format!(
                        "SELECT {n}, {schema}.{name}.{} FROM {schema}.{name} WHERE ({sql})",
                        self.place
                    )
                })
                .collect();
            format!("{}{}", self.prefix, list.join(" UNION ALL "))
        };
        let (bound, inline): (Vec<usize>, Vec<usize>) =
            (0..questions.len()).partition(|n| !questions[*n].params.is_empty());
        let mut batches: Vec<Vec<usize>> = inline.chunks(100).map(<[usize]>::to_vec).collect();
        batches.extend(bound.into_iter().map(|n| vec![n]));
        for batch in batches {
            let sql = terms(&batch);
            let params: &[_] = if batch.len() == 1 {
                &questions[batch[0]].params
            } else {
                &[]
            };
            let params: Vec<(String, Sql)> = params
                .iter()
                .map(|(name, value)| (format!(":{name}"), bind(value)))
                .collect();
            let rows = self
                .runner
                .pairs(&sql, &params)
                .map_err(|e| format!("{e}\n{sql}"))?;
            for (question, rowid) in rows {
                found[question as usize][rowid as usize - 1] = true;
            }
        }
        Ok(found)
    }

    fn set(&mut self, table: TableId, row: usize, column: &str, expression: &str) {
        let (schema, name) = place(&self.layout, table, "main");
        let (column, rowid) = (quoted(column), row + 1);
        self.runner
            .script(&format!(
                "UPDATE {schema}.{name} SET {column} = {expression} WHERE _rowid_ = {rowid}"
            ))
            .unwrap();
    }

    fn retype(&mut self, table: TableId, ty: &str) {
        let (schema, name) = place(&self.layout, table, "main");
        let columns: Vec<String> = stored(&self.layout, table)
            .into_iter()
            .map(|i| {
                let column = &self.layout.table(table).unwrap().columns[i];
                format!("{} {ty}", quoted(&column.name))
            })
            .collect();
        self.runner
            .script(&format!(
                "ALTER TABLE {schema}.{name} RENAME TO old; CREATE TABLE {schema}.{name} ({});
                 INSERT INTO {schema}.{name} SELECT * FROM {schema}.old ORDER BY _rowid_; DROP TABLE {schema}.old",
                columns.join(", ")
            ))
            .unwrap();
    }

    fn disguise(&mut self, table: TableId, ty: &str, shape: Shape) {
        let (schema, name) = place(&self.layout, table, "main");
        let columns: Vec<String> = stored(&self.layout, table)
            .into_iter()
            .map(|i| quoted(&self.layout.table(table).unwrap().columns[i].name))
            .collect();
        let each = |before: &str, after: &str| {
            let list: Vec<String> = columns
                .iter()
                .map(|column| format!("{before}{column}{after}"))
                .collect();
            list.join(", ")
        };
        let typed = each("", &format!(" {ty}"));
        let sql = if shape == Shape::Forced {
            format!(
                "PRAGMA writable_schema = ON;
                 UPDATE sqlite_schema SET sql = 'CREATE TABLE {name} ({typed})' WHERE type = 'table' AND name = '{}';
                 PRAGMA writable_schema = RESET",
                name.trim_matches('"')
            )
        } else {
            self.place = "\"its place\"";
            let of_rows = if shape == Shape::Expressions {
                each("+", "")
            } else {
                each("", "")
            };
            let (empty, rows) = (
                quoted(&format!("none of {name}")),
                quoted(&format!("rows of {name}")),
            );
            format!(
                "ALTER TABLE {schema}.{name} RENAME TO {rows}; CREATE TABLE {schema}.{empty} ({typed});
                 CREATE VIEW {schema}.{name} AS SELECT {}, _rowid_ AS \"its place\" FROM {empty}
                 UNION ALL SELECT {of_rows}, _rowid_ FROM {rows}",
                each("", "")
            )
        };
        self.runner.script(&sql).unwrap();
    }

    fn canary_lives(&mut self) -> bool {
        let songs = self
            .runner
            .text("SELECT group_concat(song) FROM main.canary");
        songs.is_some_and(|s| s == "tweet")
    }
}

fn value(cell: Cell) -> Sql {
    match cell {
        Cell::Null => Sql::Null,
        Cell::Bool(b) => Sql::Integer(i64::from(b)),
        Cell::Int(n) => Sql::Integer(n),
        Cell::Text(t) => Sql::Text(t),
        Cell::Parts(list) => Sql::Text(serde_json::to_string(&list).unwrap()),
    }
}

/// What is bound for a value (docs/targets/sql.md).
fn bind(value: &Value) -> Sql {
    match value {
        Value::Null => Sql::Null,
        Value::Bool(b) => Sql::Integer(i64::from(*b)),
        Value::Int(n) => Sql::Integer(*n),
        Value::Set(values) => {
            let list: Vec<serde_json::Value> = values
                .iter()
                .map(|v| match v {
                    Value::Bool(b) => u8::from(*b).into(),
                    Value::Int(n) => (*n).into(),
                    value => plain(value).into(),
                })
                .collect();
            Sql::Text(serde_json::Value::from(list).to_string())
        }
        value => Sql::Text(plain(value)),
    }
}
