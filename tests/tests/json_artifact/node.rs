//! The real interpreters of UCAST: `@ucast/js` over rows as objects, `@ucast/sql` over `SQLite`.

use std::io::Write as _;
use std::process::{Command, Stdio};

use ambit_core::{Program, TableId, Type, Value};
use ambit_eval::RowRef;
use rusqlite::types::Value as Cell;
use serde_json::{Map, Value as Json, json};

use super::cases::lines;
use crate::engines::node::{Node, manifest};

/// A condition with the rows it is asked about.
pub struct Question {
    pub table: TableId,
    pub condition: Json,
    /// The rows as `@ucast/js` takes them.
    pub rows: Vec<Json>,
}

/// What the interpreters say: for each row, whether the condition lets it through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub js: Vec<bool>,
    pub sql: Vec<bool>,
    /// What `@ucast/sql` writes for `PostgreSQL`.
    pub postgres: String,
}

/// A row as JavaScript has it. What UCAST cannot test stands as text, and is never asked for. Of every second row the
/// nulls are left out: a missing field must count as null.
pub fn object(program: &Program, table: TableId, (number, row): (usize, RowRef<'_>)) -> Json {
    let columns = program.table(table).columns.iter().zip(row.values);
    let cells: Map<String, Json> = columns
        .filter(|(_, value)| !value.is_null() || number % 2 == 0)
        .map(|(column, value)| (column.name.to_string(), plain(value)))
        .collect();
    Json::Object(cells)
}

fn plain(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(value) => json!(value),
        Value::Int(value) => json!(value),
        Value::Decimal(value) => json!(value.to_string()),
        Value::Text(value) => json!(value.as_str()),
        Value::Date(value) => json!(value.to_string()),
        Value::Timestamp(value) => json!(value.to_string()),
        Value::Set(_) | Value::Scope(_) => json!("?"),
    }
}

/// Asks all questions in one process, and runs the SQL.
pub fn answers(
    node: &Node,
    program_of: impl Fn(usize) -> (usize, TableId),
    worlds: &[&Program],
    questions: &[Question],
) -> Vec<Answer> {
    let text = lines(
        questions
            .iter()
            .map(|q| json!({"condition": q.condition, "rows": q.rows})),
    );
    let mut child = Command::new(&node.program)
        .arg(manifest().join("ucast.cjs"))
        .env("NODE_PATH", &node.modules)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || input.write_all(text.as_bytes()).unwrap());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    assert!(output.status.success(), "node fails");
    let text = String::from_utf8(output.stdout).unwrap();
    let answers: Vec<Json> = text
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    assert_eq!(answers.len(), questions.len());
    let connection = rusqlite::Connection::open_in_memory().unwrap();
    let each = questions.iter().zip(answers).enumerate();
    each.map(|(number, (question, answer))| {
        let (world, table) = program_of(number);
        let sql = &answer["sqlite"];
        Answer {
            js: answer["js"]
                .as_array()
                .unwrap()
                .iter()
                .map(|b| b.as_bool().unwrap())
                .collect(),
            sql: run(&connection, worlds[world], table, question, sql),
            postgres: answer["postgres"]["sql"].as_str().unwrap().to_owned(),
        }
    })
    .collect()
}

/// Which rows a condition of `@ucast/sql` lets through.
fn run(
    connection: &rusqlite::Connection,
    program: &Program,
    table: TableId,
    question: &Question,
    sql: &Json,
) -> Vec<bool> {
    let text = sql["sql"].as_str().unwrap();
    let params: Vec<Cell> = sql["params"].as_array().unwrap().iter().map(cell).collect();
    let columns: Vec<String> = program
        .table(table)
        .columns
        .iter()
        .map(|c| {
            format!(
                "`{}` {}",
                c.name,
                if matches!(c.ty, Type::Int | Type::Bool) {
                    "INTEGER"
                } else {
                    "TEXT"
                }
            )
        })
        .collect();
    connection
        .execute_batch(&format!(
            "DROP TABLE IF EXISTS t; CREATE TABLE t (row_number_of_the_test INTEGER, {})",
            columns.join(", ")
        ))
        .unwrap();
    for (number, row) in question.rows.iter().enumerate() {
        let row = row.as_object().unwrap();
        let names = row
            .keys()
            .fold(String::new(), |all, name| all + ", `" + name + "`");
        let marks = vec!["?"; row.len() + 1].join(", ");
        let values = std::iter::once(Cell::Integer(i64::try_from(number).unwrap()))
            .chain(row.values().map(cell));
        connection
            .prepare_cached(&format!(
                "INSERT INTO t (row_number_of_the_test{names}) VALUES ({marks})"
            ))
            .unwrap()
            .execute(rusqlite::params_from_iter(values))
            .unwrap();
    }
    let mut found = vec![false; question.rows.len()];
    let condition = if text.is_empty() { "1" } else { text };
    let mut statement = connection
        .prepare(&format!(
            "SELECT row_number_of_the_test FROM t WHERE {condition}"
        ))
        .unwrap_or_else(|e| panic!("{e}: {text}"));
    let mut rows = statement.query(rusqlite::params_from_iter(params)).unwrap();
    while let Some(row) = rows.next().unwrap() {
        found[row.get::<_, u32>(0).unwrap() as usize] = true;
    }
    found
}

fn cell(json: &Json) -> Cell {
    match json {
        Json::Null => Cell::Null,
        Json::Bool(value) => Cell::Integer(i64::from(*value)),
        Json::Number(number) => Cell::Integer(number.as_i64().unwrap()),
        Json::String(text) => Cell::Text(text.clone()),
        other => panic!("no cell: {other}"),
    }
}
