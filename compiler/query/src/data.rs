//! Rows from CSV files (RFC 4180), checked against the schema.
//!
//! A file's header holds the columns' Ambit names, each once and none left out (a scope stored as rows has none: its
//! pairs are the rows of another table); a column that the schema lacks is left aside with a note. A field without
//! quotes that is empty or `\N` is null; an empty one is the empty text where the column holds text and cannot be null.
//! What stands in quotes is text as it is, `""` the empty one.

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

/// What is read of files.
#[derive(Debug, Clone, Default)]
pub struct Loaded {
    /// The rows of each table that has a file.
    pub tables: Vec<(TableId, Vec<Row>)>,
    /// What is left aside or looks wrong, sorted by its place.
    pub remarks: Vec<Remark>,
}

/// Something in a file that is no error.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Remark {
    /// Where, and what.
    pub place: DataError,
    /// It is probably a mistake, and not merely something that is left aside.
    pub warns: bool,
}

impl std::fmt::Display for Remark {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let level = if self.warns { "warning" } else { "note" };
        write!(f, "{level}: {}", self.place)
    }
}

/// Whether messages may show what stands in a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cells {
    /// They may.
    Shown,
    /// They speak of the place alone: who reads them may not be allowed to read the row.
    Hidden,
}

/// Reads files; all their errors at once. Tables without a file are not in the result.
pub fn load(program: &Program, files: &[File<'_>]) -> Result<Vec<(TableId, Vec<Row>)>, Error> {
    read(program, files, Cells::Shown).map(|loaded| loaded.tables)
}

/// Reads files, with remarks about them.
pub fn read(program: &Program, files: &[File<'_>], cells: Cells) -> Result<Loaded, Error> {
    let mut told = Told {
        cells,
        errors: Vec::new(),
        remarks: Vec::new(),
    };
    let mut tables = BTreeMap::new();
    for file in files {
        let rows = rows(program, file, &mut told);
        tables.insert(file.table, rows);
    }
    let Told {
        mut errors,
        mut remarks,
        ..
    } = told;
    if !errors.is_empty() {
        errors.sort();
        return Err(Error::Data(errors));
    }
    gather(program, &mut tables);
    remarks.sort();
    Ok(Loaded {
        tables: tables.into_iter().collect(),
        remarks,
    })
}

/// What is to be told of the files.
struct Told {
    cells: Cells,
    errors: Vec<DataError>,
    remarks: Vec<Remark>,
}

fn rows(program: &Program, file: &File<'_>, told: &mut Told) -> Vec<Row> {
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
            told.errors
                .push(at(line, 1, "the file is not UTF-8".to_owned()));
            return Vec::new();
        }
    };
    let mut records = match records(file.name, text) {
        Ok(records) => records.into_iter(),
        Err(error) => {
            told.errors.push(error);
            return Vec::new();
        }
    };
    let Some(header) = records.next() else {
        told.errors.push(at(
            1,
            1,
            format!(
                "the file is empty: it needs a header row with the columns of `{}`",
                table.name
            ),
        ));
        return Vec::new();
    };
    let Some(order) = columns(program, file, &header, told) else {
        return Vec::new();
    };
    let mut rows = Vec::new();
    let mut keys: BTreeMap<Vec<Value>, usize> = BTreeMap::new();
    let mut strangers = Strangers::default();
    for record in records {
        let line = record.first().map_or(1, |f| f.line);
        if record.len() != header.len() {
            let (have, want) = (record.len(), header.len());
            let s = if have == 1 { "" } else { "s" };
            told.errors.push(at(
                line,
                1,
                format!("{have} field{s} where the header has {want}"),
            ));
            continue;
        }
        let mut row = vec![Value::Null; table.columns.len()];
        let before = told.errors.len();
        for (field, position) in record.iter().zip(&order) {
            let Some(position) = *position else { continue };
            let (Some(column), Some(cell)) = (table.columns.get(position), row.get_mut(position))
            else {
                continue;
            };
            match value(column, field, told.cells) {
                Ok(value) => {
                    strangers.look(program, position, column, &value, field, told.cells);
                    *cell = value;
                }
                Err(message) => told.errors.push(at(field.line, field.column, message)),
            }
        }
        let key: Vec<Value> = table
            .keys
            .iter()
            .filter_map(|k| row.get(k.index()).cloned())
            .collect();
        if told.errors.len() == before && !key.is_empty() && !key.iter().any(Value::is_null) {
            if let Some(first) = keys.get(&key) {
                told.errors.push(at(
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
    told.remarks.extend(strangers.remarks(program, file));
    rows
}

/// Texts in columns of an enum that are none of its members: the first place of each, and how often it stands there.
/// Where cells are not shown, the first of each column.
#[derive(Default)]
struct Strangers(BTreeMap<(usize, Option<String>), (usize, usize, usize)>);

impl Strangers {
    fn look(
        &mut self,
        program: &Program,
        position: usize,
        column: &Column,
        value: &Value,
        field: &Field,
        cells: Cells,
    ) {
        let (Type::Enum(id), Value::Text(text)) = (&column.ty, value) else {
            return;
        };
        let members = program.enums.get(id.index()).map(|e| &e.members);
        if members.is_none_or(|members| members.iter().any(|m| m == text)) {
            return;
        }
        let shown = (cells == Cells::Shown).then(|| field.text.clone());
        let found = self.0.entry((position, shown));
        found.or_insert((field.line, field.column, 0)).2 += 1;
    }

    fn remarks(self, program: &Program, file: &File<'_>) -> Vec<Remark> {
        let table = program.table(file.table);
        let found = self
            .0
            .into_iter()
            .filter_map(|((position, text), (line, place, count))| {
                let column = table.columns.get(position)?;
                let Type::Enum(id) = &column.ty else {
                    return None;
                };
                let name = &program.enums.get(id.index())?.name;
                let what = match text.as_deref() {
                    Some("") => "an empty text".to_owned(),
                    Some(text) => format!("`{}`", shown(text)),
                    None => "what stands here".to_owned(),
                };
                let more = match count {
                    0 | 1 => String::new(),
                    2 => " (and in one more row)".to_owned(),
                    many => format!(" (and in {} more rows)", many - 1),
                };
                let message = format!(
                    "{what} is no member of `{name}`, of which `{}` is{more}",
                    column.name
                );
                Some(Remark {
                    place: DataError {
                        file: file.name.to_owned(),
                        line,
                        column: place,
                        message,
                    },
                    warns: true,
                })
            });
        found.collect()
    }
}

/// For each field of a record, the position of its column; none of one that is left aside.
fn columns(
    program: &Program,
    file: &File<'_>,
    header: &[Field],
    told: &mut Told,
) -> Option<Vec<Option<usize>>> {
    let table = program.table(file.table);
    let Told {
        errors, remarks, ..
    } = told;
    let before = errors.len();
    let place = |field: Option<&Field>, message: String| {
        let (line, column) = field.map_or((1, 1), |f| (f.line, f.column));
        DataError {
            file: file.name.to_owned(),
            line,
            column,
            message,
        }
    };
    let mut error = |field: Option<&Field>, message: String| errors.push(place(field, message));
    let mut order = Vec::new();
    for field in header {
        let position = table
            .columns
            .iter()
            .position(|c| c.name == field.text.as_str());
        match position {
            None => {
                remarks.push(Remark {
                    place: place(
                        Some(field),
                        format!(
                            "`{}` is no column of `{}` and is left aside",
                            shown(&field.text),
                            table.name
                        ),
                    ),
                    warns: false,
                });
                order.push(None);
            }
            Some(p) if order.contains(&Some(p)) => error(
                Some(field),
                format!("the column `{}` stands twice", field.text),
            ),
            Some(p) if table.columns.get(p).is_some_and(in_rows) => {
                error(
                    Some(field),
                    format!("`{}` is stored as rows of another table", field.text),
                );
            }
            Some(p) => order.push(Some(p)),
        }
    }
    for (position, column) in table.columns.iter().enumerate() {
        if !in_rows(column) && !order.contains(&Some(position)) {
            let other = header.iter().find(|f| {
                let name = f.text.trim().to_lowercase();
                name == column.name.to_lowercase()
            });
            let hint = other.map_or_else(String::new, |f| {
                format!("; `{}` is written otherwise", shown(&f.text))
            });
            error(
                other.or(header.first()),
                format!("the column `{}` is missing{hint}", column.name),
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

fn value(column: &Column, field: &Field, cells: Cells) -> Result<Value, String> {
    let text = field.text.as_str();
    let holds_text = matches!(column.ty, Type::String | Type::Enum(_) | Type::Scope(_));
    if !field.quoted && (text == "\\N" || text.is_empty()) {
        if column.nullable {
            return Ok(Value::Null);
        }
        if text.is_empty() && !holds_text {
            return Err(format!(
                "the field is empty, and `{}` cannot be null: write {}, or let the column be null with `?`",
                column.name,
                spoken(&column.ty)
            ));
        }
        if !text.is_empty() {
            return Err(format!(
                "`\\N` is null, and `{}` cannot be null",
                column.name
            ));
        }
    }
    let read = match (&column.ty, text) {
        (Type::Bool, "t" | "1") => Some(Value::Bool(true)),
        (Type::Bool, "f" | "0") => Some(Value::Bool(false)),
        (ty, text) => cell(ty, text),
    };
    read.ok_or_else(|| {
        let what = match cells {
            Cells::Shown => format!("`{}`", shown(text)),
            Cells::Hidden => "what stands here".to_owned(),
        };
        let article = spoken(&column.ty);
        format!("{what} is not {article} for `{}`", column.name)
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
        Type::Bool => "a bool (`true`, `false`, `t`, `f`, `1` or `0`)",
        Type::Int => "an int",
        Type::Decimal => "a decimal",
        Type::String => "a string",
        Type::Date => "a date (as `2024-01-15`)",
        Type::Timestamp => "a timestamp (as `2024-01-15T10:00:00Z`)",
        Type::Enum(_) => "a member",
        Type::Scope(_) => "a scope",
        Type::Set(_) => "a set",
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
