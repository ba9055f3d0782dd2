//! Rows in memory, and the outcome of a predicate over each: what tests hold against the reference evaluator.

use std::collections::BTreeSet;

use ambit_core::{Program, Row, ScopeValue, TableId, Type, Value};
use ambit_targets::Refusal;
use ambit_targets::sql::{
    Layout, Outcome, Predicate, Request, access_all, identifier, parse_scope, print_scope,
    qualified,
};
use rusqlite::types::{ToSqlOutput, Value as Sql};
use rusqlite::{Connection, ToSql};
use smol_str::SmolStr;

use crate::error::{Error, words};
use crate::functions;
use crate::harden::harden;

/// All tables of a program in memory, under [`Layout::memory`].
#[derive(Debug)]
pub struct Database {
    pub(crate) connection: Connection,
    pub(crate) layout: Layout,
    ordinal: SmolStr,
}

impl Database {
    /// Loads rows; tables that are not given are empty.
    pub fn load(program: &Program, tables: &[(TableId, Vec<Row>)]) -> Result<Self, Error> {
        let internal = |e: &rusqlite::Error| Error::outside(words(e));
        let connection = Connection::open_in_memory().map_err(|e| internal(&e))?;
        harden(&connection).map_err(|e| internal(&e))?;
        functions::register(&connection).map_err(|e| internal(&e))?;
        let layout = Layout::memory(program, None);
        let database = Self {
            connection,
            ordinal: ordinal(&layout),
            layout,
        };
        database.create(program).map_err(|e| internal(&e))?;
        for (table, rows) in tables {
            database.fill(*table, rows)?;
        }
        Ok(database)
    }

    fn create(&self, program: &Program) -> rusqlite::Result<()> {
        let mut sql = vec!["BEGIN;".to_owned()];
        for (table, layout) in program.tables.iter().zip(&self.layout.tables) {
            let mut columns = vec![format!("{} INTEGER PRIMARY KEY", identifier(&self.ordinal))];
            columns.extend(
                table
                    .columns
                    .iter()
                    .zip(&layout.columns)
                    .map(|(declared, column)| {
                        let ty = if matches!(declared.ty, Type::Bool | Type::Int) {
                            "INTEGER"
                        } else {
                            "TEXT"
                        };
                        format!("{} {ty}", identifier(&column.name))
                    }),
            );
            sql.push(format!(
                "CREATE TABLE {} ({});",
                qualified(&layout.parts),
                columns.join(", ")
            ));
        }
        for (number, (table, column)) in joined(program).into_iter().enumerate() {
            if let (Some(table), Some(column)) =
                (self.layout.table(table), self.layout.column(table, column))
            {
                let index = format!("{}_{number}", self.ordinal);
                sql.push(format!(
                    "CREATE INDEX {} ON {} ({});",
                    identifier(&index),
                    qualified(&table.parts),
                    identifier(&column.name)
                ));
            }
        }
        sql.push("COMMIT;".to_owned());
        self.connection.execute_batch(&sql.concat())
    }

    fn fill(&self, table: TableId, rows: &[Row]) -> Result<(), Error> {
        let Some(layout) = self.layout.table(table) else {
            return Err(Error::outside("a table of another program"));
        };
        let marks = vec!["?"; layout.columns.len() + 1].join(", ");
        let sql = format!("INSERT INTO {} VALUES ({marks})", qualified(&layout.parts));
        let outside = |e: rusqlite::Error| Error::outside(words(&e));
        let transaction = self.connection.unchecked_transaction().map_err(outside)?;
        {
            let mut statement = transaction.prepare(&sql).map_err(outside)?;
            for row in rows {
                let values = row.iter().map(stored).collect::<Result<Vec<_>, _>>()?;
                let all = std::iter::once(Stored(Sql::Null)).chain(values);
                statement
                    .execute(rusqlite::params_from_iter(all))
                    .map_err(outside)?;
            }
        }
        transaction.commit().map_err(outside)
    }

    /// The outcome of some actions together over each row, in the order loaded: both outcomes are asked for, and
    /// where neither holds it is unknown. The request's layout is [`Self::layout`]; its predicates have no parameters.
    pub fn evaluate(
        &self,
        request: &Request<'_>,
        table: TableId,
        actions: &[&str],
    ) -> Result<Vec<Option<bool>>, Evaluation> {
        let [yes, no] = [Outcome::True, Outcome::False]
            .map(|outcome| access_all(request, table, actions, outcome));
        let (yes, no) = (
            yes.map_err(Evaluation::Refused)?,
            no.map_err(Evaluation::Refused)?,
        );
        self.outcomes(table, &yes, &no).map_err(Evaluation::Failed)
    }

    /// The outcome over each row, of the predicates for both outcomes.
    pub fn outcomes(
        &self,
        table: TableId,
        yes: &Predicate,
        no: &Predicate,
    ) -> Result<Vec<Option<bool>>, Error> {
        let Some(layout) = self.layout.table(table) else {
            return Err(Error::outside("a table of another program"));
        };
        let from = qualified(&layout.parts);
        let sql = format!(
            "SELECT ({}), ({}) FROM {from} ORDER BY {from}.{}",
            yes.sql,
            no.sql,
            identifier(&self.ordinal)
        );
        let outside = |e: rusqlite::Error| Error::outside(words(&e));
        let mut statement = self.connection.prepare(&sql).map_err(outside)?;
        let holds = |value: Option<i64>| value.is_some_and(|v| v != 0);
        let outcomes = statement
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
            .map_err(outside)?;
        outcomes
            .map(|outcome| match outcome.map_err(outside)? {
                (yes, no) if holds(yes) && holds(no) => {
                    Err(Error::outside("a predicate holds for both outcomes"))
                }
                (yes, _) if holds(yes) => Ok(Some(true)),
                (_, no) if holds(no) => Ok(Some(false)),
                _ => Ok(None),
            })
            .collect()
    }

    /// Where the tables stand.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }
}

/// Why there are no outcomes.
#[derive(Debug)]
pub enum Evaluation {
    /// SQL cannot say the predicate.
    Refused(Refusal),
    /// The engine failed.
    Failed(Error),
}

/// The columns that links join on.
fn joined(program: &Program) -> BTreeSet<(TableId, ambit_core::ColumnId)> {
    let mut out = BTreeSet::new();
    for (t, table) in program.tables.iter().enumerate() {
        let id = TableId(t as u32);
        out.extend(table.keys.iter().map(|key| (id, *key)));
        for (c, column) in table
            .columns
            .iter()
            .enumerate()
            .filter(|(_, c)| !c.links.is_empty())
        {
            out.insert((id, ambit_core::ColumnId(c as u32)));
            out.extend(column.links.iter().map(|link| (link.table, link.column)));
        }
    }
    out
}

/// A name for the order of rows that no column has.
fn ordinal(layout: &Layout) -> SmolStr {
    let mut name = String::from("ambit_ordinal");
    let taken = |name: &str| {
        let columns = layout
            .tables
            .iter()
            .flat_map(|t| &t.columns)
            .map(|c| &c.name);
        columns
            .chain(layout.tables.iter().flat_map(|t| &t.parts))
            .any(|n| n.to_lowercase().starts_with(name))
    };
    while taken(&name) {
        name.push('_');
    }
    name.into()
}

/// A value as SQLite stores it.
struct Stored(Sql);

impl ToSql for Stored {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed((&self.0).into()))
    }
}

fn stored(value: &Value) -> Result<Stored, Error> {
    Ok(Stored(match value {
        Value::Null => Sql::Null,
        Value::Bool(b) => Sql::Integer(i64::from(*b)),
        Value::Int(i) => Sql::Integer(*i),
        Value::Decimal(d) => Sql::Text(d.to_string()),
        Value::Text(text) => Sql::Text(text.to_string()),
        Value::Date(day) => Sql::Text(day.to_string()),
        Value::Timestamp(instant) => Sql::Text(instant.to_string()),
        Value::Scope(scope) => {
            let text = print_scope(scope);
            if let ScopeValue::Entries(_) = &**scope
                && parse_scope(&text) != **scope
            {
                return Err(Error::outside(format!(
                    "the scope `{text}` cannot be stored as text"
                )));
            }
            Sql::Text(text)
        }
        Value::Set(_) => return Err(Error::outside("a set cannot be stored in a column")),
    }))
}
