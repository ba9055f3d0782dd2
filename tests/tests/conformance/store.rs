//! Where predicates run: tables as a sane schema would declare them, rows as their sources hold them.
//!
//! Nothing here knows our own SQL functions: what an artifact says must stand on the engine alone.

use ambit_core::{Program, Row, ScopeOp, ScopeValue, TableId, Type, Value};
use ambit_targets::sql::{Layout, Storage};
use smol_str::SmolStr;

/// A table to be stored.
pub struct Loaded {
    pub table: TableId,
    /// As the generator wrote them: a scope is still its text.
    pub raw: Vec<Vec<Value>>,
    /// As the evaluator read them.
    pub rows: Vec<Row>,
}

/// What surrounds the predicates, so that what they leave to chance goes wrong.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Hostile {
    /// Text columns compare without case (and accents, where the engine can).
    pub collation: bool,
    /// The query has names of its own for every table, and a hostile session a path of evil ones.
    pub names: bool,
    /// The session's path, settings and role are unusual: which ones, this number says.
    pub session: Option<u64>,
    /// The tables are views.
    pub views: bool,
}

/// What is stored, and how.
pub struct Setup<'a> {
    pub program: &'a Program,
    pub layout: &'a Layout,
    pub tables: &'a [Loaded],
    pub hostile: Hostile,
}

/// A predicate with what its parameters stand for, in order; `None` where it has none.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    pub sql: String,
    pub params: Vec<(SmolStr, Value)>,
}

/// How a table can claim other types than its values have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A view over several tables, of which the first says the types and has no rows.
    View,
    /// The same over expressions.
    Expressions,
    /// A table of which the declaration was overwritten.
    Forced,
}

/// A database with the rows of one case.
pub trait Store {
    /// For each question: the rows, by position, that come through `SELECT … FROM <table> WHERE (sql)`.
    fn ask(&mut self, table: TableId, questions: &[Question]) -> Result<Vec<Vec<bool>>, String>;

    /// Is the table `canary`, of which no policy speaks, as it was?
    fn canary_lives(&mut self) -> bool;

    /// Puts an expression of the engine's own into a cell: what no value of the language stands for.
    fn set(&mut self, table: TableId, row: usize, column: &str, expression: &str);

    /// Runs a command of the engine's own in the session.
    fn command(&mut self, _: &str) {}

    /// Declares all columns of a table with another type, or with none (`SQLite` alone lets any value into any column).
    fn retype(&mut self, table: TableId, ty: &str);

    /// Lets a table that declares no types claim this one for its columns, without a change of its values.
    fn disguise(&mut self, _: TableId, _: &str, _: Shape) {}
}

/// Makes databases.
pub trait Engine {
    fn load<'a>(&'a mut self, setup: &Setup<'_>) -> Result<Box<dyn Store + 'a>, String>;
}

/// A cell before the engine's own form.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    Null,
    Bool(bool),
    Int(i64),
    Text(String),
    Parts(Vec<String>),
}

/// What stands in a column.
pub fn cell(raw: &Value, read: &Value, storage: Storage) -> Cell {
    match (raw, read, storage) {
        (Value::Null, _, _) => Cell::Null,
        (Value::Bool(b), _, _) => Cell::Bool(*b),
        (Value::Int(n), _, _) => Cell::Int(*n),
        (Value::Decimal(d), _, Storage::DecimalScaled(places)) => {
            let units = d.units(places);
            Cell::Int(units.expect("the generator keeps to the places"))
        }
        (Value::Text(t), _, Storage::ScopeArray) => Cell::Parts(if t.trim().is_empty() {
            Vec::new()
        } else {
            t.split('|').map(str::to_owned).collect()
        }),
        (_, Value::Scope(scope), Storage::ScopeJson) => Cell::Text(object(scope)),
        (value, _, _) => Cell::Text(plain(value)),
    }
}

/// A plain value as text, as all engines read it.
pub fn plain(value: &Value) -> String {
    match value {
        Value::Bool(b) => b.to_string(),
        Value::Int(n) => n.to_string(),
        Value::Decimal(d) => d.to_string(),
        Value::Text(t) => t.to_string(),
        Value::Date(d) => d.to_string(),
        Value::Timestamp(t) => t.to_string(),
        Value::Null | Value::Set(_) | Value::Scope(_) => panic!("{value:?} is no plain value"),
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

/// The columns that exist (a scope stored as rows has none), by position.
pub fn stored(layout: &Layout, table: TableId) -> Vec<usize> {
    let columns = &layout.table(table).unwrap().columns;
    (0..columns.len())
        .filter(|i| !matches!(columns[*i].storage, Storage::ScopeRows { .. }))
        .collect()
}

/// The schema and the name of a table, quoted; `default` where its outside name says no schema.
pub fn place(layout: &Layout, table: TableId, default: &str) -> (String, String) {
    let parts = &layout.table(table).unwrap().parts;
    let schema = match parts.as_slice() {
        [schema, _] => quoted(schema),
        _ => default.to_owned(),
    };
    (schema, quoted(parts.last().unwrap()))
}

/// Does a column hold text that is compared?
pub fn is_text(ty: &Type) -> bool {
    matches!(ty, Type::String | Type::Enum(_))
}

/// A name in double quotes. Not the printer of the targets: that one is under test.
pub fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
