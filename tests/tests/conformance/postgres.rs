//! A database of the real `PostgreSQL` server; each case in a transaction that is rolled back.

use std::collections::BTreeSet;
use std::error::Error;
use std::sync::PoisonError;

use ambit_core::{TableId, Type, Value};
use ambit_targets::sql::{Layout, Storage};
use ambit_tests::rng::Rng;
// The buffer of the protocol, by the one name under which the client's crate gives it out.
use postgres::types::private::BytesMut;
use postgres::types::{Format, IsNull, ToSql, to_sql_checked};
use postgres::{Client, SimpleQueryMessage};

use super::shadows::{self, Kind, Name};
use super::store::{
    Cell, Engine, Question, Setup, Store, cell, is_text, place, plain, quoted, stored,
};
use crate::engines::postgres::Server;

/// A database of its own on the server, with stand-ins for all that predicates name (`shadows.sql`).
pub struct Postgres {
    client: Client,
    /// The collation that takes no notice of case and accents.
    careless: bool,
    /// What has a stand-in.
    pub shadowed: BTreeSet<Name>,
    /// What predicates have named.
    met: BTreeSet<Name>,
}

impl Postgres {
    /// A new database of that name.
    pub fn new(server: &Server, name: &str) -> Self {
        let mut client = server.shadowed(name);
        // Only where the server was built with ICU.
        let careless = client
            .batch_execute(
                "CREATE COLLATION careless (provider = icu, locale = 'und-u-ks-level1', deterministic = false)",
            )
            .is_ok();
        let shadowed = shadows::shadowed(&mut client);
        client
            .batch_execute(
                "CREATE TABLE canary (song text); INSERT INTO canary VALUES ('tweet');
                 CREATE SCHEMA base;
                 CREATE TEMP TABLE pg_class (zero int); CREATE TEMP TABLE pg_type (zero int);
                 CREATE TEMP TABLE pg_timezone_names (zero int)",
            )
            .unwrap();
        // Temporary types come before all others, in every session that makes them: only now, as our own texts name
        // types too.
        for ty in shadowed.iter().filter(|(kind, _)| *kind == Kind::Type) {
            let ty = quoted(&ty.1);
            client
                .batch_execute(&format!(
                    "CREATE DOMAIN pg_temp.{ty} AS pg_catalog.{ty} CHECK (FALSE)"
                ))
                .unwrap();
        }
        Self {
            client,
            careless,
            shadowed,
            met: BTreeSet::new(),
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let met = shadows::MET.lock();
        met.unwrap_or_else(PoisonError::into_inner)
            .append(&mut self.met);
    }
}

/// The column by which the rows of a table are told apart.
const PLACE: &str = "\"its place among the rows\"";

struct Database<'a> {
    postgres: &'a mut Postgres,
    layout: Layout,
    /// By table: how many rows it has.
    sizes: Vec<usize>,
    prefix: String,
    /// Is the session hostile?
    hostile: bool,
}

impl Drop for Database<'_> {
    fn drop(&mut self) {
        let _ = self.postgres.client.batch_execute("ROLLBACK");
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
            postgres: self,
            layout: setup.layout.clone(),
            sizes: vec![0; setup.program.tables.len()],
            prefix: String::new(),
            hostile: setup.hostile.session.is_some(),
        };
        database.run("BEGIN")?;
        let mut names = Vec::new();
        for (n, loaded) in setup.tables.iter().enumerate() {
            let (table, declared) = (
                setup.layout.table(loaded.table).unwrap(),
                setup.program.table(loaded.table),
            );
            let stored = stored(setup.layout, loaded.table);
            let mut columns = String::new();
            for (c, i) in stored.iter().enumerate() {
                let (ty, column) = (&declared.columns[*i].ty, &table.columns[*i]);
                let cells = loaded.raw.iter().map(|row| &row[*i]);
                let name = format!("base.type_{n}_{c}");
                let (form, make) = match n + c {
                    k if setup.hostile.views => other_form(k, &name, ty, column.storage, cells),
                    _ => None,
                }
                .unwrap_or_else(|| (form(ty, column.storage).to_owned(), String::new()));
                database.run(&make)?;
                let collation = if is_text(ty) && !make.contains("ENUM") {
                    collation
                } else {
                    ""
                };
                columns.push_str(&format!("{} {form}{collation}, ", quoted(&column.name)));
            }
            let (schema, name) = place(setup.layout, loaded.table, "public");
            if schema != "public" {
                database.run(&format!("CREATE SCHEMA {schema}"))?;
            }
            // The name may be a table's or a view's; temporary and evil tables have it, too.
            let base = if setup.hostile.views {
                format!("base.t{n}")
            } else {
                format!("{schema}.{name}")
            };
            database.run(&format!(
                "CREATE TABLE {base} ({columns}{PLACE} pg_catalog.int8)"
            ))?;
            if setup.hostile.views {
                database.run(&format!(
                    "CREATE VIEW {schema}.{name} AS SELECT * FROM {base}"
                ))?;
            }
            database.run(&format!("CREATE TABLE evil.{name} (zero pg_catalog.int4)"))?;
            if setup.hostile.names {
                database.run(&format!("CREATE TEMP TABLE {name} (zero pg_catalog.int4)"))?;
            }
            let marks: Vec<String> = (1..=stored.len() + 1).map(|n| format!("${n}")).collect();
            let insert = database
                .postgres
                .client
                .prepare(&format!("INSERT INTO {base} VALUES ({})", marks.join(", ")))
                .map_err(said)?;
            for (row, (raw, read)) in loaded.raw.iter().zip(&loaded.rows).enumerate() {
                let mut cells: Vec<Text> = stored
                    .iter()
                    .map(|i| text(cell(&raw[*i], &read[*i], table.columns[*i].storage)))
                    .collect();
                cells.push(Text(Some(row.to_string())));
                let cells: Vec<&(dyn ToSql + Sync)> = cells.iter().map(|c| c as _).collect();
                database
                    .postgres
                    .client
                    .execute(&insert, &cells)
                    .map_err(said)?;
            }
            database.sizes[loaded.table.index()] = loaded.raw.len();
            names.push((schema, name, base));
        }
        if setup.hostile.names {
            let list: Vec<String> = names
                .iter()
                .map(|(_, n, _)| format!("{n} AS (SELECT 0 AS zero)"))
                .collect();
            database.prefix = format!("WITH {} ", list.join(", "));
        }
        if let Some(seed) = setup.hostile.session {
            database.enter(&mut Rng::new(seed), setup.hostile.names, &names)?;
        }
        database.run("SAVEPOINT loaded")?;
        Ok(Box::new(database))
    }
}

impl Database<'_> {
    fn run(&mut self, sql: &str) -> Result<(), String> {
        let done = self.postgres.client.batch_execute(sql);
        done.map_err(|e| format!("{}\n{sql}", said(e)))
    }

    /// Makes the session a hostile one: its path of names, its settings and its role.
    fn enter(
        &mut self,
        rng: &mut Rng,
        names: bool,
        tables: &[(String, String, String)],
    ) -> Result<(), String> {
        for (schema, name, base) in tables {
            self.run(&format!(
                "GRANT USAGE ON SCHEMA {schema}, base, evil, public TO stranger;
                 GRANT ALL ON {schema}.{name}, {base}, public.canary TO stranger"
            ))?;
        }
        let path = if names {
            rng.pick::<&str>(&[
                "evil, pg_catalog, public",
                "evil, pg_catalog, public",
                "pg_temp, evil, pg_catalog",
                "evil, pg_temp, public, pg_catalog",
            ])
        } else {
            // What is temporary is found all the same.
            rng.pick::<&str>(&["public", "''", "\"$user\", public, evil"])
        };
        self.run(&format!("SET LOCAL search_path = {path}"))?;
        for (name, values) in shadows::SETTINGS {
            if rng.chance(40) {
                let value = rng.pick::<&str>(values);
                self.run(&format!("SET LOCAL {name} = '{value}'"))?;
            }
        }
        if rng.chance(50) {
            self.run("SET LOCAL ROLE stranger")?;
        }
        Ok(())
    }
}

impl Store for Database<'_> {
    fn ask(&mut self, table: TableId, questions: &[Question]) -> Result<Vec<Vec<bool>>, String> {
        for question in questions {
            let names = shadows::names(&question.sql)
                .map_err(|why| format!("{why} depends on the session\n{}", question.sql))?;
            if let Some(name) = names.difference(&self.postgres.shadowed).next() {
                return Err(format!("{name:?} has no stand-in\n{}", question.sql));
            }
            self.postgres.met.extend(names);
        }
        let answers = self.answers(table, questions);
        if answers.is_err() {
            // An error ends what came after the savepoint, and no more.
            self.run("ROLLBACK TO loaded")?;
        }
        answers
    }

    fn set(&mut self, table: TableId, row: usize, column: &str, expression: &str) {
        let (schema, name) = place(&self.layout, table, "public");
        let column = quoted(column);
        self.run(&format!(
            "UPDATE {schema}.{name} SET {column} = {expression} WHERE {PLACE} OPERATOR(pg_catalog.=) {row}; SAVEPOINT loaded"
        ))
        .unwrap();
    }

    fn command(&mut self, sql: &str) {
        self.run(sql).unwrap();
    }

    fn retype(&mut self, _: TableId, _: &str) {}

    fn canary_lives(&mut self) -> bool {
        let songs = self.postgres.client.query_one(
            "SELECT pg_catalog.string_agg(song, ',') FROM public.canary",
            &[],
        );
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
        let size = self.sizes[table.index()];
        let mut found = vec![vec![false; size]; questions.len()];
        let select = |n: usize| {
            let sql = &questions[n].sql;
            format!("SELECT {n}, {schema}.{name}.{PLACE} FROM {schema}.{name} WHERE ({sql})")
        };
        let (bound, inline): (Vec<usize>, Vec<usize>) =
            (0..questions.len()).partition(|n| !questions[*n].params.is_empty());
        for batch in inline.chunks(50) {
            let list: Vec<String> = batch.iter().map(|n| select(*n)).collect();
            let sql = format!("{}{}", self.prefix, list.join(" UNION ALL "));
            // What is ASCII means the same in any encoding.
            let foreign = self.hostile && sql.is_ascii();
            if foreign {
                self.run("SET LOCAL client_encoding = 'LATIN1'")?;
            }
            let answers = self
                .postgres
                .client
                .simple_query(&sql)
                .map_err(|e| format!("{}\n{sql}", said(e)))?;
            if foreign {
                self.run("SET LOCAL client_encoding = 'UTF8'")?;
            }
            for answer in answers {
                if let SimpleQueryMessage::Row(row) = answer {
                    let number = |i| row.get(i).unwrap().parse::<usize>().unwrap();
                    found[number(0)][number(1)] = true;
                }
            }
        }
        for n in bound {
            let sql = format!("{}{}", self.prefix, select(n));
            let fail = |e| format!("{}\n{sql}", said(e));
            let statement = self.postgres.client.prepare(&sql).map_err(fail)?;
            let params: Vec<Text> = questions[n].params.iter().map(|(_, v)| bind(v)).collect();
            if statement.params().len() != params.len() {
                return Err(format!("{} parameters\n{sql}", statement.params().len()));
            }
            let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(|p| p as _).collect();
            let rows = self
                .postgres
                .client
                .query(&statement, &params)
                .map_err(fail)?;
            for row in rows {
                found[n][row.get::<_, i64>(1) as usize] = true;
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
        (_, Storage::DecimalScaled(_)) | (Type::Int, _) => "pg_catalog.int8",
        (_, Storage::DecimalText) => "pg_catalog.text",
        (_, Storage::ScopeArray) => "pg_catalog.text[]",
        (_, Storage::ScopeJson) => "pg_catalog.jsonb",
        (Type::Bool, _) => "pg_catalog.bool",
        (Type::Decimal, _) => "pg_catalog.numeric",
        (Type::Date, _) => "pg_catalog.date",
        (Type::Timestamp, _) => "pg_catalog.timestamptz",
        _ => "pg_catalog.text",
    }
}

/// Another type in which the predicates may find a column, and what makes it: narrower ones, domains, an enum.
fn other_form<'a>(
    which: usize,
    name: &str,
    ty: &Type,
    storage: Storage,
    cells: impl Iterator<Item = &'a Value>,
) -> Option<(String, String)> {
    let usual = form(ty, storage);
    let cells: Vec<&Value> = cells.filter(|v| !v.is_null()).collect();
    let least = cells.iter().map(|v| match v {
        Value::Int(n) => *n,
        _ => 0,
    });
    let fits = |low: i64, high: i64| least.clone().all(|n| low <= n && n <= high);
    let domain = || {
        let make = format!("CREATE DOMAIN {name} AS {usual}");
        Some((name.to_owned(), make))
    };
    let narrow = |ty: &str| Some((format!("pg_catalog.{ty}"), String::new()));
    let which = which % 3;
    match ty {
        Type::Int if which == 0 && fits(-32_768, 32_767) => narrow("int2"),
        Type::Int if which < 2 && fits(-2_147_483_648, 2_147_483_647) => narrow("int4"),
        Type::String if which == 0 => narrow("varchar"),
        Type::String | Type::Enum(_) if which == 1 => {
            let mut labels: Vec<String> = cells.iter().map(|v| plain(v)).collect();
            labels.sort_unstable();
            labels.dedup();
            let fit = labels.iter().all(|l| l.len() <= 63) && !labels.is_empty();
            let list: Vec<String> = labels
                .iter()
                .map(|l| format!("'{}'", l.replace('\'', "''")))
                .collect();
            let make = format!("CREATE TYPE {name} AS ENUM ({})", list.join(", "));
            fit.then(|| (name.to_owned(), make))
        }
        Type::Bool | Type::Date | Type::Timestamp | Type::String if which == 2 => domain(),
        _ => None,
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
        Value::Set(values) => Some(array(&values.iter().map(said_to).collect::<Vec<_>>())),
        value => Some(said_to(value)),
    })
}

/// A value in a session in which `Z` may be any zone.
fn said_to(value: &Value) -> String {
    match value {
        Value::Timestamp(_) => plain(value).replace('Z', "+00"),
        value => plain(value),
    }
}

fn array(list: &[String]) -> String {
    let parts: Vec<String> = list
        .iter()
        .map(|t| format!("\"{}\"", t.replace('\\', "\\\\").replace('"', "\\\"")))
        .collect();
    format!("{{{}}}", parts.join(","))
}
