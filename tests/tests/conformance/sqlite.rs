//! `SQLite`, in memory.

use ambit_core::{TableId, Type, Value};
use ambit_targets::sql::{Layout, Storage};
use rusqlite::Connection;
use rusqlite::types::Value as Sql;

use super::store::{
    Cell, Engine, Question, Setup, Store, cell, is_text, place, plain, quoted, stored,
};

/// Makes databases in memory.
pub struct Sqlite;

struct Database {
    connection: Connection,
    layout: Layout,
    sizes: Vec<usize>,
    /// What stands before each query.
    prefix: String,
}

impl Engine for Sqlite {
    fn load<'a>(&'a mut self, setup: &Setup<'_>) -> Result<Box<dyn Store + 'a>, String> {
        let connection = Connection::open_in_memory().map_err(|e| e.to_string())?;
        let mut sizes = vec![0; setup.program.tables.len()];
        let mut names = Vec::new();
        connection
            .execute_batch("CREATE TABLE canary (song); INSERT INTO canary VALUES ('tweet'); BEGIN")
            .unwrap();
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
            if schema != "main" {
                // A schema is a database of its own.
                connection
                    .execute_batch(&format!("COMMIT; ATTACH ':memory:' AS {schema}; BEGIN"))
                    .map_err(|e| e.to_string())?;
            }
            connection
                .execute_batch(&format!(
                    "CREATE TABLE {schema}.{name} ({})",
                    columns.join(", ")
                ))
                .map_err(|e| e.to_string())?;
            let marks = vec!["?"; stored.len()].join(", ");
            let mut insert = connection
                .prepare(&format!("INSERT INTO {schema}.{name} VALUES ({marks})"))
                .unwrap();
            for (raw, read) in loaded.raw.iter().zip(&loaded.rows) {
                let cells = stored
                    .iter()
                    .map(|i| value(cell(&raw[*i], &read[*i], table.columns[*i].storage)));
                insert.execute(rusqlite::params_from_iter(cells)).unwrap();
            }
            names.push(name);
        }
        connection.execute_batch("COMMIT").unwrap();
        let mut prefix = String::new();
        if setup.hostile.names {
            for name in &names {
                connection
                    .execute_batch(&format!("CREATE TEMP TABLE {name} (zero)"))
                    .unwrap();
            }
            let list: Vec<String> = names
                .iter()
                .map(|n| format!("{n} AS (SELECT 0 AS zero)"))
                .collect();
            prefix = format!("WITH {} ", list.join(", "));
        }
        Ok(Box::new(Database {
            connection,
            layout: setup.layout.clone(),
            sizes,
            prefix,
        }))
    }
}

impl Store for Database {
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
                        "SELECT {n}, {schema}.{name}._rowid_ FROM {schema}.{name} WHERE ({sql})"
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
            let fail = |e: rusqlite::Error| format!("{e}\n{sql}");
            let mut statement = self.connection.prepare(&sql).map_err(fail)?;
            let params: &[_] = if batch.len() == 1 {
                &questions[batch[0]].params
            } else {
                &[]
            };
            let names: Vec<String> = (1..=statement.parameter_count())
                .map(|i| statement.parameter_name(i).unwrap_or("?").to_owned())
                .collect();
            let mut expected: Vec<String> = params.iter().map(|(n, _)| format!(":{n}")).collect();
            let mut there = names.clone();
            there.sort();
            expected.sort();
            if there != expected {
                return Err(format!("parameters {there:?}, not {expected:?}\n{sql}"));
            }
            for (i, name) in names.iter().enumerate() {
                let (_, value) = params
                    .iter()
                    .find(|(n, _)| *name == format!(":{n}"))
                    .unwrap();
                statement
                    .raw_bind_parameter(i + 1, bind(value))
                    .map_err(fail)?;
            }
            let mut rows = statement.raw_query();
            while let Some(row) = rows.next().map_err(fail)? {
                let (question, rowid): (usize, usize) = (
                    row.get::<_, i64>(0).unwrap() as usize,
                    row.get::<_, i64>(1).unwrap() as usize,
                );
                found[question][rowid - 1] = true;
            }
        }
        Ok(found)
    }

    fn set(&mut self, table: TableId, row: usize, column: &str, expression: &str) {
        let (schema, name) = place(&self.layout, table, "main");
        let (column, rowid) = (quoted(column), row + 1);
        self.connection
            .execute_batch(&format!(
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
        self.connection
            .execute_batch(&format!(
                "ALTER TABLE {schema}.{name} RENAME TO old; CREATE TABLE {schema}.{name} ({});
                 INSERT INTO {schema}.{name} SELECT * FROM {schema}.old ORDER BY _rowid_; DROP TABLE {schema}.old",
                columns.join(", ")
            ))
            .unwrap();
    }

    fn canary_lives(&mut self) -> bool {
        let song = |row: &rusqlite::Row<'_>| row.get::<_, String>(0);
        let songs =
            self.connection
                .query_row("SELECT group_concat(song) FROM main.canary", [], song);
        songs.is_ok_and(|s| s == "tweet")
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
