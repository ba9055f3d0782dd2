//! Rows in `SQLite` as their sources store them: outside names, scaled decimals, scopes as arrays, JSON and rows.

use ambit_core::{Program, Row, ScopeOp, ScopeValue, TableId, Type, Value};
use ambit_targets::sql::{
    Function, Layout, Predicate, Storage, day_of, identifier, print_scope, qualified, scope_value,
};
use rusqlite::Connection;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::Value as Sql;

use super::case::Engine;

/// A database as a source would hold it.
pub struct Physical {
    connection: Connection,
    layout: Layout,
}

impl Physical {
    pub fn load(program: &Program, tables: &[(TableId, Vec<Row>)]) -> Self {
        let connection = Connection::open_in_memory().unwrap();
        register(&connection);
        let mut layout = Layout::physical(program, None);
        // All tables stand in one database here, whatever their sources.
        layout.together = true;
        connection.execute_batch("BEGIN").unwrap();
        for (id, rows) in tables {
            let (table, declared) = (layout.table(*id).unwrap(), program.table(*id));
            // A scope stored as rows has no column of its own.
            let stored: Vec<usize> = (0..table.columns.len())
                .filter(|i| !matches!(table.columns[*i].storage, Storage::ScopeRows { .. }))
                .collect();
            let columns: Vec<String> = stored
                .iter()
                .map(|i| {
                    let number = matches!(declared.columns[*i].ty, Type::Bool | Type::Int)
                        || matches!(table.columns[*i].storage, Storage::DecimalScaled(_));
                    format!(
                        "{} {}",
                        identifier(&table.columns[*i].name),
                        if number { "INTEGER" } else { "TEXT" }
                    )
                })
                .collect();
            let name = qualified(&table.parts);
            connection
                .execute_batch(&format!("CREATE TABLE {name} ({})", columns.join(", ")))
                .unwrap();
            let marks = vec!["?"; stored.len()].join(", ");
            let mut insert = connection
                .prepare(&format!("INSERT INTO {name} VALUES ({marks})"))
                .unwrap();
            for row in rows {
                let cells = stored
                    .iter()
                    .map(|i| cell(&row[*i], table.columns[*i].storage));
                insert.execute(rusqlite::params_from_iter(cells)).unwrap();
            }
        }
        connection.execute_batch("COMMIT").unwrap();
        Self { connection, layout }
    }
}

impl Engine for Physical {
    fn layout(&self, _: &Program) -> Layout {
        self.layout.clone()
    }

    fn run(&self, table: TableId, yes: &Predicate, no: &Predicate) -> Vec<Option<bool>> {
        let name = qualified(&self.layout.table(table).unwrap().parts);
        let sql = format!(
            "SELECT ({}), ({}) FROM {name} ORDER BY {name}.rowid",
            yes.sql, no.sql
        );
        let mut statement = self
            .connection
            .prepare(&sql)
            .unwrap_or_else(|e| panic!("{e}\n{sql}"));
        let outcomes = statement
            .query_map([], |row| {
                Ok((
                    row.get::<_, Option<bool>>(0)?,
                    row.get::<_, Option<bool>>(1)?,
                ))
            })
            .unwrap();
        outcomes
            .map(|o| match o.unwrap_or_else(|e| panic!("{e}\n{sql}")) {
                (Some(true), Some(true)) => panic!("both outcomes hold\n{sql}"),
                (Some(true), _) => Some(true),
                (_, Some(true)) => Some(false),
                _ => None,
            })
            .collect()
    }
}

fn cell(value: &Value, storage: Storage) -> Sql {
    match (value, storage) {
        (Value::Null, _) => Sql::Null,
        (Value::Bool(b), _) => Sql::Integer(i64::from(*b)),
        (Value::Int(n), _) => Sql::Integer(*n),
        (Value::Decimal(d), Storage::DecimalScaled(places)) => {
            let units = d.units(places);
            Sql::Integer(units.expect("the generator keeps to the places"))
        }
        (Value::Decimal(d), _) => Sql::Text(d.to_string()),
        (Value::Text(t), _) => Sql::Text(t.to_string()),
        (Value::Date(d), _) => Sql::Text(d.to_string()),
        (Value::Timestamp(t), _) => Sql::Text(t.to_string()),
        (Value::Scope(scope), Storage::ScopeArray) => {
            let text = print_scope(scope);
            let parts: Vec<&str> = if text.trim().is_empty() {
                Vec::new()
            } else {
                text.split('|').collect()
            };
            Sql::Text(serde_json::to_string(&parts).unwrap())
        }
        (Value::Scope(scope), Storage::ScopeJson) => Sql::Text(object(scope)),
        (Value::Scope(scope), _) => Sql::Text(print_scope(scope)),
        (Value::Set(_), _) => panic!("columns hold no sets"),
    }
}

/// A scope as an object: a member, or a list of members, for each level.
fn object(scope: &ScopeValue) -> String {
    let ScopeValue::Entries(entries) = scope else {
        return "{\"Book\": 1}".to_owned();
    };
    let mut levels = serde_json::Map::new();
    for entry in entries {
        assert_eq!(
            entry.op,
            ScopeOp::Equals,
            "the generator writes no other operator here"
        );
        let members: Vec<String> = entry.members.iter().map(ToString::to_string).collect();
        let value = if let [one] = members.as_slice() {
            serde_json::json!(one)
        } else {
            serde_json::json!(members)
        };
        levels.insert(entry.level.to_string(), value);
    }
    serde_json::Value::Object(levels).to_string()
}

fn register(connection: &Connection) {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    let text = |c: &Context<'_>, i: usize| c.get_raw(i).as_str().ok().map(str::to_owned);
    for function in Function::ALL {
        let arity = i32::try_from(function.arity()).unwrap();
        connection
            .create_scalar_function(function.name(), arity, flags, move |c| {
                let texts: Option<Vec<String>> = (0..c.len()).map(|i| text(c, i)).collect();
                let Some(texts) = texts else {
                    return Ok(Sql::Null);
                };
                Ok(match function {
                    Function::Day => day_of(&texts[0], &texts[1]).map_or(Sql::Null, Sql::Text),
                    Function::Scope => scope_value(&texts[0], &texts[1], &texts[2])
                        .map_or(Sql::Null, |b| Sql::Integer(i64::from(b))),
                })
            })
            .unwrap();
    }
}
