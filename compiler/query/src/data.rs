//! Rows from CSV files, checked against the schema.
//!
//! A file's header holds the columns' Ambit names, each once and none left out (a scope stored as rows has none: its
//! pairs are the rows of another table). `\N` is null, an empty field the empty text.

use std::collections::BTreeMap;
use std::sync::Arc;

use ambit_core::{
    Column, Instant, Program, Row, ScopeEntry, ScopeOp, ScopeValue, Stored, TableId, Type, Value,
    read_date,
};
use ambit_targets::sql::{parse_scope, print_scope};

use crate::csv::{Field, records};
use crate::error::{DataError, Error};

/// A file of rows.
#[derive(Debug, Clone)]
pub struct File<'a> {
    /// The table.
    pub table: TableId,
    /// What to call it in errors.
    pub name: &'a str,
    /// Its bytes.
    pub bytes: &'a [u8],
}

/// Reads files; all their errors at once. Tables without a file are not in the result.
pub fn load(program: &Program, files: &[File<'_>]) -> Result<Vec<(TableId, Vec<Row>)>, Error> {
    let mut errors = Vec::new();
    let mut tables = BTreeMap::new();
    for file in files {
        let rows = read(program, file, &mut errors);
        tables.insert(file.table, rows);
    }
    if !errors.is_empty() {
        errors.sort();
        return Err(Error::Data(errors));
    }
    gather(program, &mut tables);
    Ok(tables.into_iter().collect())
}

fn read(program: &Program, file: &File<'_>, errors: &mut Vec<DataError>) -> Vec<Row> {
    let table = program.table(file.table);
    let at = |line, column, message: String| DataError {
        file: file.name.to_owned(),
        line,
        column,
        message,
    };
    let text = match std::str::from_utf8(file.bytes) {
        Ok(text) => text,
        Err(error) => {
            let before = file.bytes.get(..error.valid_up_to()).unwrap_or_default();
            let line = before.split(|b| *b == b'\n').count();
            errors.push(at(line, 1, "the file is not UTF-8".to_owned()));
            return Vec::new();
        }
    };
    let mut records = match records(file.name, text) {
        Ok(records) => records.into_iter(),
        Err(error) => {
            errors.push(error);
            return Vec::new();
        }
    };
    let Some(header) = records.next() else {
        errors.push(at(
            1,
            1,
            format!(
                "the file is empty: it needs a header row with the columns of `{}`",
                table.name
            ),
        ));
        return Vec::new();
    };
    let Some(order) = columns(program, file, &header, errors) else {
        return Vec::new();
    };
    let mut rows = Vec::new();
    let mut keys: BTreeMap<Vec<Value>, usize> = BTreeMap::new();
    for record in records {
        let line = record.first().map_or(1, |f| f.line);
        if record.len() != header.len() {
            let (have, want) = (record.len(), header.len());
            errors.push(at(
                line,
                1,
                format!("{have} fields where the header has {want}"),
            ));
            continue;
        }
        let mut row = vec![Value::Null; table.columns.len()];
        let before = errors.len();
        for (field, position) in record.iter().zip(&order) {
            let (Some(column), Some(cell)) = (table.columns.get(*position), row.get_mut(*position))
            else {
                continue;
            };
            match value(column, field) {
                Ok(value) => *cell = value,
                Err(message) => errors.push(at(field.line, field.column, message)),
            }
        }
        let key: Vec<Value> = table
            .keys
            .iter()
            .filter_map(|k| row.get(k.index()).cloned())
            .collect();
        if errors.len() == before && !key.is_empty() && !key.iter().any(Value::is_null) {
            if let Some(first) = keys.get(&key) {
                errors.push(at(
                    line,
                    1,
                    format!("a row with this key already stands in line {first}"),
                ));
            } else {
                keys.insert(key, line);
            }
        }
        rows.push(row.into_boxed_slice());
    }
    rows
}

/// For each field of a record, the position of its column.
fn columns(
    program: &Program,
    file: &File<'_>,
    header: &[Field],
    errors: &mut Vec<DataError>,
) -> Option<Vec<usize>> {
    let table = program.table(file.table);
    let before = errors.len();
    let mut error = |field: Option<&Field>, message: String| {
        let (line, column) = field.map_or((1, 1), |f| (f.line, f.column));
        errors.push(DataError {
            file: file.name.to_owned(),
            line,
            column,
            message,
        });
    };
    let mut order = Vec::new();
    for field in header {
        let position = table
            .columns
            .iter()
            .position(|c| c.name == field.text.as_str());
        match position {
            None => error(
                Some(field),
                format!("`{}` is no column of `{}`", field.text, table.name),
            ),
            Some(p) if order.contains(&p) => error(
                Some(field),
                format!("the column `{}` stands twice", field.text),
            ),
            Some(p) if table.columns.get(p).is_some_and(in_rows) => {
                error(
                    Some(field),
                    format!("`{}` is stored as rows of another table", field.text),
                );
            }
            Some(p) => order.push(p),
        }
    }
    for (position, column) in table.columns.iter().enumerate() {
        if !in_rows(column) && !order.contains(&position) {
            error(
                header.first(),
                format!("the column `{}` is missing", column.name),
            );
        }
    }
    (errors.len() == before).then_some(order)
}

fn in_rows(column: &Column) -> bool {
    matches!(
        (&column.ty, &column.stored),
        (Type::Scope(_), Some(Stored::Rows { .. }))
    )
}

fn value(column: &Column, field: &Field) -> Result<Value, String> {
    let text = field.text.as_str();
    if text == "\\N" {
        if field.quoted {
            return Err("`\\N` is null; a text that reads so cannot be written".to_owned());
        }
        if !column.nullable {
            return Err(format!("`{}` cannot be null", column.name));
        }
        return Ok(Value::Null);
    }
    cell(&column.ty, text).ok_or_else(|| {
        format!(
            "`{}` is no {} for `{}`",
            shown(text),
            spoken(&column.ty),
            column.name
        )
    })
}

/// A cell as a value of a type; `None` where it is none. A text is a value of every enum: data may hold what the schema
/// does not know.
pub fn cell(ty: &Type, text: &str) -> Option<Value> {
    Some(match ty {
        Type::Bool => Value::Bool(match text {
            "true" => true,
            "false" => false,
            _ => return None,
        }),
        Type::Int => {
            let digits = text.strip_prefix('-').unwrap_or(text);
            (!digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())).then_some(())?;
            Value::Int(text.parse().ok()?)
        }
        Type::Decimal => Value::Decimal(text.parse().ok()?),
        Type::String | Type::Enum(_) => Value::text(text),
        Type::Date => Value::Date(read_date(text)?),
        Type::Timestamp => Value::Timestamp(text.parse::<Instant>().ok()?),
        Type::Scope(_) => Value::Scope(Arc::new(parse_scope(text))),
        Type::Set(_) => return None,
    })
}

fn spoken(ty: &Type) -> &'static str {
    match ty {
        Type::Bool => "bool (`true` or `false`)",
        Type::Int => "int",
        Type::Decimal => "decimal",
        Type::String => "string",
        Type::Date => "date",
        Type::Timestamp => "timestamp",
        Type::Enum(_) => "member",
        Type::Scope(_) => "scope",
        Type::Set(_) => "set",
    }
}

fn shown(text: &str) -> String {
    let mut out: String = text.chars().take(60).collect();
    if out.len() < text.len() {
        out.push('…');
    }
    out.escape_debug().to_string()
}

/// Scopes stored as rows: their pairs are gathered from the table of pairs.
pub(crate) fn gather(program: &Program, tables: &mut BTreeMap<TableId, Vec<Row>>) {
    for (t, table) in program.tables.iter().enumerate() {
        let id = TableId(t as u32);
        for (position, column) in table.columns.iter().enumerate() {
            let Some(Stored::Rows {
                table: pairs,
                id: of,
                level,
                member,
            }) = &column.stored
            else {
                continue;
            };
            let (Type::Scope(_), &[key]) = (&column.ty, table.keys.as_slice()) else {
                continue;
            };
            let mut scopes: BTreeMap<Value, Option<Vec<ScopeEntry>>> = BTreeMap::new();
            for row in tables.get(pairs).into_iter().flatten() {
                let entry = match (row.get(level.index()), row.get(member.index())) {
                    (Some(Value::Text(level)), Some(Value::Text(member))) => Some(ScopeEntry {
                        level: level.clone(),
                        op: ScopeOp::Equals,
                        members: vec![member.clone()],
                    }),
                    _ => None,
                };
                let Some(of) = row.get(of.index()) else {
                    continue;
                };
                let scope = scopes.entry(of.clone()).or_insert_with(|| Some(Vec::new()));
                match (entry, scope.as_mut()) {
                    (Some(entry), Some(entries)) => entries.push(entry),
                    _ => *scope = None,
                }
            }
            for row in tables.get_mut(&id).into_iter().flatten() {
                let scope = row.get(key.index()).and_then(|k| scopes.get(k));
                let value = match scope {
                    None => ScopeValue::Entries(Vec::new()),
                    Some(Some(entries)) => ScopeValue::Entries(entries.clone()),
                    Some(None) => ScopeValue::Unreadable("?".into()),
                };
                // A name that holds a symbol of scopes cannot be read as one.
                let text = print_scope(&value);
                let value = if parse_scope(&text) == value {
                    value
                } else {
                    ScopeValue::Unreadable("?".into())
                };
                if let Some(cell) = row.get_mut(position) {
                    *cell = Value::Scope(Arc::new(value));
                }
            }
        }
    }
}
