//! A database of the real `PostgreSQL` server; each case in a transaction that is rolled back.

use std::collections::HashMap;
use std::error::Error;

use ambit_core::{TableId, Type, Value};
use ambit_targets::sql::{Layout, Storage};
// The buffer of the protocol, by the one name under which the client's crate gives it out.
use postgres::types::private::BytesMut;
use postgres::types::{Format, IsNull, ToSql, to_sql_checked};
use postgres::{Client, SimpleQueryMessage};

use super::store::{
    Cell, Engine, Question, Setup, Store, cell, is_text, place, plain, quoted, stored,
};
use crate::engines::postgres::Server;

/// A database of its own on the server.
pub struct Postgres {
    client: Client,
    /// The collation that takes no notice of case and accents.
    careless: bool,
}

/// Functions that a predicate may call, under the same names where a careless one would find them.
const EVIL: &str = "CREATE SCHEMA evil;
    CREATE FUNCTION evil.starts_with(text, text) RETURNS bool LANGUAGE sql AS 'SELECT true';
    CREATE FUNCTION evil.strpos(text, text) RETURNS int LANGUAGE sql AS 'SELECT 1';
    CREATE FUNCTION evil.length(text) RETURNS int LANGUAGE sql AS 'SELECT 1';
    CREATE FUNCTION evil.char_length(text) RETURNS int LANGUAGE sql AS 'SELECT 1';
    CREATE FUNCTION evil.right(text, int) RETURNS text LANGUAGE sql AS 'SELECT $1';
    CREATE FUNCTION evil.left(text, int) RETURNS text LANGUAGE sql AS 'SELECT $1';
    CREATE FUNCTION evil.date_trunc(text, timestamp) RETURNS timestamp LANGUAGE sql AS 'SELECT $2';
    CREATE FUNCTION evil.statement_timestamp() RETURNS timestamptz LANGUAGE sql AS 'SELECT to_timestamp(0)';
    CREATE FUNCTION evil.timezone(text, timestamptz) RETURNS timestamp LANGUAGE sql AS 'SELECT timestamp ''epoch''';";

impl Postgres {
    /// A new database of that name.
    pub fn new(server: &Server, name: &str) -> Self {
        let mut client = server.database(name);
        client.batch_execute(EVIL).unwrap();
        client
            .batch_execute("CREATE TABLE canary (song text); INSERT INTO canary VALUES ('tweet')")
            .unwrap();
        // Only where the server was built with ICU.
        let careless = client
            .batch_execute(
                "CREATE COLLATION careless (provider = icu, locale = 'und-u-ks-level1', deterministic = false)",
            )
            .is_ok();
        Self { client, careless }
    }
}

struct Database<'a> {
    client: &'a mut Client,
    layout: Layout,
    /// By table: the position of each row, by its place.
    places: Vec<HashMap<String, usize>>,
    prefix: String,
}

impl Drop for Database<'_> {
    fn drop(&mut self) {
        let _ = self.client.batch_execute("ROLLBACK");
    }
}

impl Engine for Postgres {
    fn load<'a>(&'a mut self, setup: &Setup<'_>) -> Result<Box<dyn Store + 'a>, String> {
        let collation = if setup.hostile.collation && self.careless {
            " COLLATE public.careless"
        } else {
            ""
        };
        let mut database = Database {
            client: &mut self.client,
            layout: setup.layout.clone(),
            places: vec![HashMap::new(); setup.program.tables.len()],
            prefix: String::new(),
        };
        database.client.batch_execute("BEGIN").map_err(said)?;
        let mut names = Vec::new();
        for loaded in setup.tables {
            let (table, declared) = (
                setup.layout.table(loaded.table).unwrap(),
                setup.program.table(loaded.table),
            );
            let stored = stored(setup.layout, loaded.table);
            let columns: Vec<String> = stored
                .iter()
                .map(|i| {
                    let ty = &declared.columns[*i].ty;
                    let collation = if is_text(ty) { collation } else { "" };
                    let form = form(ty, table.columns[*i].storage);
                    format!("{} {form}{collation}", quoted(&table.columns[*i].name))
                })
                .collect();
            let (schema, name) = place(setup.layout, loaded.table, "public");
            if schema != "public" {
                database
                    .client
                    .batch_execute(&format!("CREATE SCHEMA {schema}"))
                    .map_err(said)?;
            }
            database
                .client
                .batch_execute(&format!(
                    "CREATE TABLE {schema}.{name} ({}); CREATE TABLE evil.{name} (zero int)",
                    columns.join(", ")
                ))
                .map_err(said)?;
            let marks: Vec<String> = (1..=stored.len()).map(|n| format!("${n}")).collect();
            let insert = database
                .client
                .prepare(&format!(
                    "INSERT INTO {schema}.{name} VALUES ({})",
                    marks.join(", ")
                ))
                .map_err(said)?;
            for (raw, read) in loaded.raw.iter().zip(&loaded.rows) {
                let cells: Vec<Text> = stored
                    .iter()
                    .map(|i| text(cell(&raw[*i], &read[*i], table.columns[*i].storage)))
                    .collect();
                let cells: Vec<&(dyn ToSql + Sync)> = cells.iter().map(|c| c as _).collect();
                database.client.execute(&insert, &cells).map_err(said)?;
            }
            let places = database
                .client
                .query(
                    &format!(
                        "SELECT ctid::text FROM {schema}.{name} ORDER BY {schema}.{name}.ctid"
                    ),
                    &[],
                )
                .map_err(said)?;
            database.places[loaded.table.index()] = places
                .iter()
                .enumerate()
                .map(|(i, row)| (row.get(0), i))
                .collect();
            names.push(name);
        }
        if setup.hostile.names {
            let list: Vec<String> = names
                .iter()
                .map(|n| format!("{n} AS (SELECT 0 AS zero)"))
                .collect();
            database.prefix = format!("WITH {} ", list.join(", "));
            database
                .client
                .batch_execute("SET LOCAL search_path = evil, pg_catalog, public")
                .map_err(said)?;
        }
        if setup.hostile.session {
            database
                .client
                .batch_execute(
                    "SET LOCAL TimeZone = 'Asia/Tokyo'; SET LOCAL DateStyle = 'SQL, DMY'; SET LOCAL IntervalStyle = 'iso_8601';
                     SET LOCAL escape_string_warning = off; SET LOCAL standard_conforming_strings = off",
                )
                .map_err(said)?;
        }
        database
            .client
            .batch_execute("SAVEPOINT loaded")
            .map_err(said)?;
        Ok(Box::new(database))
    }
}

impl Store for Database<'_> {
    fn ask(&mut self, table: TableId, questions: &[Question]) -> Result<Vec<Vec<bool>>, String> {
        let answers = self.answers(table, questions);
        if answers.is_err() {
            // An error ends what came after the savepoint, and no more.
            self.client
                .batch_execute("ROLLBACK TO loaded")
                .map_err(said)?;
        }
        answers
    }

    fn set(&mut self, table: TableId, row: usize, column: &str, expression: &str) {
        let (schema, name) = place(&self.layout, table, "public");
        let places = &mut self.places[table.index()];
        let old = places.iter().find(|(_, r)| **r == row).unwrap().0.clone();
        let column = quoted(column);
        let updated = self
            .client
            .query_one(
                &format!("UPDATE {schema}.{name} SET {column} = {expression} WHERE ctid = '{old}' RETURNING ctid::text"),
                &[],
            )
            .unwrap();
        // The row stands elsewhere now.
        places.remove(&old);
        places.insert(updated.get(0), row);
        self.client.batch_execute("SAVEPOINT loaded").unwrap();
    }

    fn retype(&mut self, _: TableId, _: &str) {}

    fn canary_lives(&mut self) -> bool {
        let songs = self
            .client
            .query_one("SELECT string_agg(song, ',') FROM public.canary", &[]);
        songs.is_ok_and(|row| row.get::<_, Option<&str>>(0) == Some("tweet"))
    }
}

impl Database<'_> {
    fn answers(
        &mut self,
        table: TableId,
        questions: &[Question],
    ) -> Result<Vec<Vec<bool>>, String> {
        let (schema, name) = place(&self.layout, table, "public");
        let size = self.places[table.index()].len();
        let mut found = vec![vec![false; size]; questions.len()];
        let select = |n: usize| {
            let sql = &questions[n].sql;
            format!("SELECT {n}, {schema}.{name}.ctid::text FROM {schema}.{name} WHERE ({sql})")
        };
        let (bound, inline): (Vec<usize>, Vec<usize>) =
            (0..questions.len()).partition(|n| !questions[*n].params.is_empty());
        let places = &self.places[table.index()];
        for batch in inline.chunks(50) {
            let list: Vec<String> = batch.iter().map(|n| select(*n)).collect();
            let sql = format!("{}{}", self.prefix, list.join(" UNION ALL "));
            let answers = self
                .client
                .simple_query(&sql)
                .map_err(|e| format!("{}\n{sql}", said(e)))?;
            for answer in answers {
                if let SimpleQueryMessage::Row(row) = answer {
                    let question: usize = row.get(0).unwrap().parse().unwrap();
                    found[question][places[row.get(1).unwrap()]] = true;
                }
            }
        }
        for n in bound {
            let sql = format!("{}{}", self.prefix, select(n));
            let fail = |e| format!("{}\n{sql}", said(e));
            let statement = self.client.prepare(&sql).map_err(fail)?;
            let params: Vec<Text> = questions[n].params.iter().map(|(_, v)| bind(v)).collect();
            if statement.params().len() != params.len() {
                return Err(format!("{} parameters\n{sql}", statement.params().len()));
            }
            let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(|p| p as _).collect();
            let rows = self.client.query(&statement, &params).map_err(fail)?;
            for row in rows {
                found[n][places[row.get::<_, &str>(1)]] = true;
            }
        }
        Ok(found)
    }
}

/// What the server says.
#[allow(clippy::needless_pass_by_value, reason = "it stands in `map_err`")]
pub fn said(error: postgres::Error) -> String {
    error.as_db_error().map_or_else(
        || error.to_string(),
        |e| format!("{} {}", e.code().code(), e.message()),
    )
}

fn form(ty: &Type, storage: Storage) -> &'static str {
    match (ty, storage) {
        (_, Storage::DecimalScaled(_)) => "bigint",
        (_, Storage::DecimalText) => "text",
        (_, Storage::ScopeArray) => "text[]",
        (_, Storage::ScopeJson) => "jsonb",
        (Type::Bool, _) => "boolean",
        (Type::Int, _) => "bigint",
        (Type::Decimal, _) => "numeric",
        (Type::Date, _) => "date",
        (Type::Timestamp, _) => "timestamptz",
        _ => "text",
    }
}

/// A parameter in its text form: the server reads it as the type that the statement gives it.
#[derive(Debug)]
struct Text(Option<String>);

impl ToSql for Text {
    fn to_sql(
        &self,
        _: &postgres::types::Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match &self.0 {
            Some(text) => {
                out.extend_from_slice(text.as_bytes());
                Ok(IsNull::No)
            }
            None => Ok(IsNull::Yes),
        }
    }

    fn accepts(_: &postgres::types::Type) -> bool {
        true
    }

    fn encode_format(&self, _: &postgres::types::Type) -> Format {
        Format::Text
    }

    to_sql_checked!();
}

fn text(cell: Cell) -> Text {
    Text(match cell {
        Cell::Null => None,
        Cell::Bool(b) => Some(b.to_string()),
        Cell::Int(n) => Some(n.to_string()),
        Cell::Text(t) => Some(t),
        Cell::Parts(list) => Some(array(&list)),
    })
}

fn bind(value: &Value) -> Text {
    Text(match value {
        Value::Null => None,
        Value::Set(values) => Some(array(&values.iter().map(plain).collect::<Vec<_>>())),
        value => Some(plain(value)),
    })
}

fn array(list: &[String]) -> String {
    let parts: Vec<String> = list
        .iter()
        .map(|t| format!("\"{}\"", t.replace('\\', "\\\\").replace('"', "\\\"")))
        .collect();
    format!("{{{}}}", parts.join(","))
}
