//! The rows at hand: tables, their indexes for paths and `exists`, and the check of values on their way in.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::{Arc, OnceLock};

use ambit_core::{ColumnId, Program, Row, TableId, Type, Value};
use smol_str::SmolStr;

use crate::scope::parse_scope;

/// A row, and which of its cells a test left out.
#[derive(Debug, Clone, Copy)]
pub struct RowRef<'a> {
    /// A value for each column; missing ones count as null.
    pub values: &'a [Value],
    /// `left_out[i]`: the test says nothing of column `i`. Empty: nothing is left out.
    pub left_out: &'a [bool],
}

impl<'a> RowRef<'a> {
    /// A whole row.
    pub fn new(values: &'a [Value]) -> Self {
        Self {
            values,
            left_out: &[],
        }
    }

    /// The value of a column.
    pub fn get(self, column: ColumnId) -> &'a Value {
        self.values.get(column.index()).unwrap_or(&Value::Null)
    }

    /// Was the column left out?
    pub fn is_left_out(self, column: ColumnId) -> bool {
        self.left_out.get(column.index()).copied().unwrap_or(false)
    }
}

/// The rows of all tables before the action. A table of which nothing is said is empty.
#[derive(Debug, Clone, Default)]
pub struct Data {
    tables: Vec<TableData>,
}

#[derive(Debug, Clone, Default)]
struct TableData {
    rows: Vec<Row>,
    /// As long as `rows`.
    left_out: Vec<Box<[bool]>>,
    /// Columns that some row leaves out.
    ever_left_out: HashSet<ColumnId>,
    keys: HashSet<Vec<Value>>,
    /// For each column, which rows hold a value; built when first asked for.
    indexes: Vec<OnceLock<HashMap<Value, Vec<u32>>>>,
}

/// Data that do not fit the schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DataError {
    /// A value of another type than its column's.
    WrongType {
        /// `table.column`, or `user.attribute`.
        place: String,
        /// The type wanted.
        expected: String,
        /// The value.
        found: String,
    },
    /// More or fewer values than columns.
    WrongWidth {
        /// The table.
        table: SmolStr,
        /// Its number of columns.
        expected: usize,
        /// The number of values.
        found: usize,
    },
    /// Two rows of a table with one key.
    DuplicateKey {
        /// The table.
        table: SmolStr,
        /// The key.
        key: String,
    },
}

impl fmt::Display for DataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WrongType {
                place,
                expected,
                found,
            } => {
                write!(f, "`{place}` takes {expected}, not {found}")
            }
            Self::WrongWidth {
                table,
                expected,
                found,
            } => {
                write!(f, "a row of `{table}` has {expected} values, not {found}")
            }
            Self::DuplicateKey { table, key } => {
                write!(f, "`{table}` has two rows with the key {key}")
            }
        }
    }
}

impl std::error::Error for DataError {}

impl Data {
    /// No rows at all.
    pub fn new(program: &Program) -> Self {
        let tables = program
            .tables
            .iter()
            .map(|table| TableData {
                indexes: vec![OnceLock::new(); table.columns.len()],
                ..TableData::default()
            })
            .collect();
        Self { tables }
    }

    /// Adds a row, after [`check_row`].
    ///
    /// Nulls and values outside their enum are taken as they are (every test of them is unknown); two rows with one
    /// key are refused, since a path leads to *the* row with that key.
    pub fn add(&mut self, program: &Program, table: TableId, row: Row) -> Result<(), DataError> {
        self.add_given(program, table, row, Box::default())
    }

    /// Adds a row of a test, in which some columns are left out.
    pub fn add_given(
        &mut self,
        program: &Program,
        table: TableId,
        row: Row,
        left_out: Box<[bool]>,
    ) -> Result<(), DataError> {
        let row = check_row(program, table, row)?;
        let declared = program.table(table);
        let Some(data) = self.tables.get_mut(table.index()) else {
            return Ok(());
        };
        let key: Vec<Value> = declared
            .keys
            .iter()
            .map(|k| RowRef::new(&row).get(*k).clone())
            .collect();
        if !key.is_empty() && !key.iter().any(Value::is_null) && !data.keys.insert(key.clone()) {
            let key = key
                .iter()
                .map(ambit_core::print::print_value)
                .collect::<Vec<_>>()
                .join(", ");
            return Err(DataError::DuplicateKey {
                table: declared.name.clone(),
                key,
            });
        }
        for (position, _) in left_out.iter().enumerate().filter(|(_, out)| **out) {
            data.ever_left_out.insert(ColumnId(position as u32));
        }
        data.rows.push(row);
        data.left_out.push(left_out);
        for index in &mut data.indexes {
            index.take();
        }
        Ok(())
    }

    /// How many rows a table has.
    pub fn len(&self, table: TableId) -> usize {
        self.tables.get(table.index()).map_or(0, |t| t.rows.len())
    }

    /// Has the table no rows?
    pub fn is_empty(&self, table: TableId) -> bool {
        self.len(table) == 0
    }

    /// A row by its position.
    pub fn row(&self, table: TableId, position: usize) -> Option<RowRef<'_>> {
        let data = self.tables.get(table.index())?;
        let values = data.rows.get(position)?;
        let left_out = data.left_out.get(position).map_or(&[][..], |l| l);
        Some(RowRef { values, left_out })
    }

    /// All rows of a table, in the order given.
    pub fn rows(&self, table: TableId) -> impl Iterator<Item = RowRef<'_>> {
        (0..self.len(table)).filter_map(move |i| self.row(table, i))
    }

    /// The rows whose column holds this value, in the order given. Nulls are equal to nothing.
    pub fn with_value(
        &self,
        table: TableId,
        column: ColumnId,
        value: &Value,
    ) -> impl Iterator<Item = RowRef<'_>> {
        self.positions(table, column, value)
            .iter()
            .filter_map(move |i| self.row(table, *i as usize))
    }

    /// Does some row of the table leave this column out?
    pub(crate) fn leaves_out(&self, table: TableId, column: ColumnId) -> bool {
        self.tables
            .get(table.index())
            .is_some_and(|t| t.ever_left_out.contains(&column))
    }

    fn positions(&self, table: TableId, column: ColumnId, value: &Value) -> &[u32] {
        let Some(data) = self.tables.get(table.index()) else {
            return &[];
        };
        let Some(index) = data.indexes.get(column.index()) else {
            return &[];
        };
        let index = index.get_or_init(|| {
            let mut index: HashMap<Value, Vec<u32>> = HashMap::new();
            for (position, row) in data.rows.iter().enumerate() {
                let value = RowRef::new(row).get(column);
                if !value.is_null() {
                    index
                        .entry(value.clone())
                        .or_default()
                        .push(position as u32);
                }
            }
            index
        });
        index.get(value).map_or(&[], Vec::as_slice)
    }
}

/// Checks a row against the columns of its table: their number and types. See [`check_value`].
pub fn check_row(program: &Program, table: TableId, mut row: Row) -> Result<Row, DataError> {
    let declared = program.table(table);
    if row.len() != declared.columns.len() {
        return Err(DataError::WrongWidth {
            table: declared.name.clone(),
            expected: declared.columns.len(),
            found: row.len(),
        });
    }
    for (value, column) in row.iter_mut().zip(&declared.columns) {
        let taken = std::mem::replace(value, Value::Null);
        *value = check_value(program, &column.ty, taken, &|| {
            format!("{}.{}", declared.name, column.name)
        })?;
    }
    Ok(row)
}

/// Checks a value against a type; `place` names its column or attribute for the error.
///
/// Null fits every type, and any text an enum: what the schema does not expect is for the evaluator to call unknown.
/// An integer stands for a decimal of the same number; the text of a scope is read here.
pub fn check_value(
    program: &Program,
    ty: &Type,
    value: Value,
    place: &dyn Fn() -> String,
) -> Result<Value, DataError> {
    match (ty, value) {
        (_, Value::Null) => Ok(Value::Null),
        (Type::Bool, value @ Value::Bool(_))
        | (Type::Int, value @ Value::Int(_))
        | (Type::Decimal, value @ Value::Decimal(_))
        | (Type::String | Type::Enum(_), value @ Value::Text(_))
        | (Type::Date, value @ Value::Date(_))
        | (Type::Timestamp, value @ Value::Timestamp(_))
        | (Type::Scope(_), value @ Value::Scope(_)) => Ok(value),
        (Type::Decimal, Value::Int(number)) => Ok(Value::Decimal(number.into())),
        (Type::Scope(_), Value::Text(text)) => Ok(Value::Scope(Arc::new(parse_scope(&text)))),
        (Type::Set(of), Value::Set(elements)) => {
            let elements = elements
                .iter()
                .map(|element| match element {
                    Value::Null => Err(wrong_type(program, of, element, place)),
                    element => check_value(program, of, element.clone(), place),
                })
                .collect::<Result<Vec<_>, _>>()?;
            Ok(Value::set(elements))
        }
        (ty, value) => Err(wrong_type(program, ty, &value, place)),
    }
}

fn wrong_type(
    program: &Program,
    ty: &Type,
    value: &Value,
    place: &dyn Fn() -> String,
) -> DataError {
    DataError::WrongType {
        place: place(),
        expected: ambit_core::print::print_type(program, ty),
        found: ambit_core::print::print_value(value),
    }
}
