//! All rows of a store, as values: to be judged by somebody else.

use std::collections::BTreeMap;

use ambit_core::{Column, Decimal, Program, Row, TableId, Type, Value};
use ambit_targets::sql::{Storage, identifier};
use rusqlite::types::ValueRef;

use crate::data::{cell, gather};
use crate::error::{Error, words};
use crate::harden::Clock;
use crate::run::Limits;
use crate::store::Store;

impl Store {
    /// The rows of every table that the database has. What no value of a column's type can be is an error: who judges
    /// must see what is there.
    ///
    /// # Errors
    /// Where a table lacks a column, or a cell holds what its type cannot.
    pub fn rows(&mut self, program: &Program) -> Result<Vec<(TableId, Vec<Row>)>, Error> {
        let limits = Limits::default();
        let clock = Clock::start(&limits);
        self.watch(&clock, &limits)?;
        let tables = self.all_rows(program);
        clock.in_time(tables)
    }

    fn all_rows(&self, program: &Program) -> Result<Vec<(TableId, Vec<Row>)>, Error> {
        let mut tables = BTreeMap::new();
        for position in 0..program.tables.len() {
            let table = TableId(position as u32);
            if let Some(rows) = self.rows_of(program, table)? {
                tables.insert(table, rows);
            }
        }
        gather(program, &mut tables);
        Ok(tables.into_iter().collect())
    }

    /// The rows of a table; none where the database has no such table.
    fn rows_of(&self, program: &Program, table: TableId) -> Result<Option<Vec<Row>>, Error> {
        let outside = |e: rusqlite::Error| Error::outside(words(&e));
        let Some(layout) = self.layout.table(table) else {
            return Ok(None);
        };
        let Some(name) = layout.parts.last() else {
            return Ok(None);
        };
        let known = "SELECT 1 FROM main.sqlite_schema WHERE type IN ('table', 'view') AND name = ?1 COLLATE NOCASE";
        let mut known = self.connection.prepare(known).map_err(outside)?;
        if !known.exists([name.as_str()]).map_err(outside)? {
            return Ok(None);
        }
        let declared = &program.table(table).columns;
        let columns = declared.iter().zip(&layout.columns).map(|(_, column)| {
            if matches!(column.storage, Storage::ScopeRows { .. }) {
                return "NULL".to_owned();
            }
            // Qualified, so that a name which is no column is an error and not a text.
            format!("{}.{}", identifier(name), identifier(&column.name))
        });
        let columns: Vec<String> = columns.collect();
        let sql = format!(
            "SELECT {} FROM main.{}",
            columns.join(", "),
            identifier(name)
        );
        let mut statement = self.connection.prepare(&sql).map_err(|error| {
            Error::outside(format!("cannot read the table `{name}`: {}", words(&error)))
        })?;
        let mut found = statement.query([]).map_err(outside)?;
        let mut rows = Vec::new();
        while let Some(row) = found.next().map_err(outside)? {
            let mut values = Vec::with_capacity(declared.len());
            for (position, (column, stored)) in declared.iter().zip(&layout.columns).enumerate() {
                let held = row.get_ref(position).map_err(outside)?;
                let value = value(column, stored.storage, held).ok_or_else(|| {
                    Error::outside(format!(
                        "row {} of `{name}` holds in `{}` what is no value of its type",
                        rows.len() + 1,
                        stored.name
                    ))
                })?;
                values.push(value);
            }
            rows.push(values.into());
        }
        Ok(Some(rows))
    }
}

/// A stored value as one of the column's type.
fn value(column: &Column, storage: Storage, held: ValueRef<'_>) -> Option<Value> {
    Some(match (held, &column.ty, storage) {
        (ValueRef::Null, ..) => Value::Null,
        (ValueRef::Integer(n), Type::Bool, _) if n == 0 || n == 1 => Value::Bool(n == 1),
        (ValueRef::Integer(n), Type::Int, _) => Value::Int(n),
        (ValueRef::Integer(n), Type::Decimal, Storage::DecimalScaled(places)) => {
            Value::Decimal(Decimal::scaled(n, places))
        }
        (ValueRef::Integer(n), Type::Decimal, _) => Value::Decimal(n.into()),
        (ValueRef::Real(real), Type::Decimal, Storage::Plain | Storage::Unsaid) => {
            Value::Decimal(real.to_string().parse().ok()?)
        }
        // A scope in an array or in JSON is no such text.
        (ValueRef::Text(bytes), ty, storage)
            if !matches!(ty, Type::Bool | Type::Int | Type::Set(_))
                && (storage == Storage::ScopeText || !matches!(ty, Type::Scope(_))) =>
        {
            cell(&column.ty, std::str::from_utf8(bytes).ok()?)?
        }
        _ => return None,
    })
}
