//! Where the user's statement runs: a database in memory that holds the user's visible rows and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use ambit_core::TableId;
use ambit_targets::sql::identifier;
use rusqlite::fallible_iterator::FallibleIterator as _;
use rusqlite::limits::Limit;
use rusqlite::types::ValueRef;
use rusqlite::{Batch, Connection, Statement};

use crate::answer::{Answer, Cell, Kind};
use crate::error::{Error, words};
use crate::guard::Guard;
use crate::harden::{Clock, bound_memory, harden};
use crate::run::Limits;

/// A table as the sandbox shows it.
#[derive(Debug, Clone)]
pub(crate) struct Shown {
    /// Which.
    pub(crate) table: TableId,
    /// Its names; often one.
    pub(crate) names: Vec<String>,
    /// Its columns: name, declared type, collation.
    pub(crate) columns: Vec<ShownColumn>,
}

/// A column as the sandbox shows it.
#[derive(Debug, Clone)]
pub(crate) struct ShownColumn {
    /// Its name.
    pub(crate) name: String,
    /// Its declared type: a tag and an affinity.
    pub(crate) declared: String,
    /// Its collation, one of SQLite's own.
    pub(crate) collation: &'static str,
}

#[derive(Debug)]
pub(crate) struct Sandbox {
    connection: Connection,
    guard: Guard,
    /// The start of the names of the tables below the views.
    secret: String,
}

fn internal(error: &rusqlite::Error) -> Error {
    Error::outside(format!("SQLite: {}", words(error)))
}

impl Sandbox {
    /// The tables, still empty and open.
    pub(crate) fn new(tables: &[Shown], limits: &Limits) -> Result<Self, Error> {
        let connection = Connection::open_in_memory().map_err(|e| internal(&e))?;
        let secret = setup(&connection, tables, limits).map_err(|e| internal(&e))?;
        let mut views = BTreeMap::new();
        let mut bases = BTreeMap::new();
        for shown in tables {
            views.extend(
                shown
                    .names
                    .iter()
                    .map(|name| (name.to_lowercase(), shown.table)),
            );
            bases.insert(base(&secret, shown.table), shown.table);
        }
        let modules = modules(&connection).map_err(|e| internal(&e))?;
        Ok(Self {
            connection,
            guard: Guard::new(views, bases, modules),
            secret,
        })
    }

    /// Puts a visible row into a table.
    pub(crate) fn inserter(&self, shown: &Shown) -> Result<Statement<'_>, Error> {
        let marks = vec!["?"; shown.columns.len()].join(", ");
        let sql = format!(
            "INSERT INTO {} VALUES ({marks})",
            identifier(&base(&self.secret, shown.table))
        );
        self.connection.prepare(&sql).map_err(|e| internal(&e))
    }

    /// Opens a transaction around what is put in.
    pub(crate) fn begin(&self) -> Result<(), Error> {
        self.connection
            .execute_batch("BEGIN")
            .map_err(|e| internal(&e))
    }

    /// Closes it.
    pub(crate) fn commit(&self) -> Result<(), Error> {
        self.connection
            .execute_batch("COMMIT")
            .map_err(|e| internal(&e))
    }

    /// The tables that a statement names; refuses what is no single reading statement.
    pub(crate) fn examine(&mut self, sql: &str, clock: &Clock) -> Result<BTreeSet<TableId>, Error> {
        self.close(clock)?;
        let prepared = self.prepare(sql).map(|(_, tables)| tables);
        clock.in_time(prepared)
    }

    /// Runs the statement.
    pub(crate) fn run(
        &mut self,
        sql: &str,
        limits: &Limits,
        clock: &Clock,
        names: &[String],
    ) -> Result<Answer, Error> {
        self.close(clock)?;
        let answer = self
            .prepare(sql)
            .and_then(|(mut statement, _)| collect(&mut statement, limits, names));
        let answer = clock.in_time(answer);
        if let Err(Error::TooSlow { .. }) = answer {
            return answer;
        }
        if let Some(denied) = self.guard.take().denied {
            // Some virtual tables prepare statements of their own while they run.
            return Err(self.clean(Error::refused(denied)));
        }
        answer.map_err(|error| self.clean(error))
    }

    /// From here on only what the guard lets through, and only for so long. Preparing counts, too: names can stand for
    /// one another until a short statement is an endless one.
    fn close(&mut self, clock: &Clock) -> Result<(), Error> {
        let internal = |e: rusqlite::Error| internal(&e);
        self.connection
            .pragma_update(None, "query_only", true)
            .map_err(internal)?;
        let guard = self.guard.clone();
        let judge = move |context: rusqlite::hooks::AuthContext<'_>| guard.judge(context);
        self.connection.authorizer(Some(judge)).map_err(internal)?;
        clock.watch(&mut self.connection).map_err(internal)
    }

    fn prepare(&self, sql: &str) -> Result<(Statement<'_>, BTreeSet<TableId>), Error> {
        if sql.contains('\0') {
            return Err(Error::refused(
                "the statement holds a NUL, where SQLite would stop to read",
            ));
        }
        self.guard.take();
        let mut batch = Batch::new(&self.connection, sql);
        let first = batch.next();
        let seen = self.guard.take();
        let statement = match first {
            Err(error) => {
                let reason = seen.denied.unwrap_or_else(|| unprepared(&error));
                return Err(self.clean(Error::refused(reason)));
            }
            Ok(None) => return Err(Error::refused("there is no statement")),
            Ok(Some(statement)) => statement,
        };
        if !matches!(batch.next(), Ok(None)) {
            return Err(Error::refused("there is more than one statement"));
        }
        if statement.is_explain() != 0 {
            return Err(Error::refused(
                "EXPLAIN shows how the engine works, not rows",
            ));
        }
        if !statement.readonly() || !seen.selects || statement.column_count() == 0 {
            return Err(Error::refused("it does something else than read"));
        }
        if statement.parameter_count() > 0 {
            return Err(Error::refused("it has parameters, and nothing fills them"));
        }
        Ok((statement, seen.tables))
    }

    /// A message never shows the names below the views.
    fn clean(&self, error: Error) -> Error {
        let clean = |text: String| text.replace(&self.secret, "…");
        match error {
            Error::Refused { reason } => Error::Refused {
                reason: clean(reason),
            },
            Error::Failed { message } => Error::Failed {
                message: clean(message),
            },
            other => other,
        }
    }
}

fn base(secret: &str, table: TableId) -> String {
    format!("{secret}_{}", table.0)
}

/// The virtual tables that the engine brings along.
fn modules(connection: &Connection) -> rusqlite::Result<BTreeSet<String>> {
    let mut statement = connection.prepare("PRAGMA module_list")?;
    let names = statement.query_map([], |row| row.get::<_, String>(0))?;
    names.map(|name| name.map(|n| n.to_lowercase())).collect()
}

fn setup(connection: &Connection, tables: &[Shown], limits: &Limits) -> rusqlite::Result<String> {
    harden(connection)?;
    bound_memory(connection, limits)?;
    let secret: String =
        connection.query_row("SELECT lower(hex(randomblob(16)))", [], |row| row.get(0))?;
    let secret = format!("ambit_{secret}");
    let mut sql = vec!["BEGIN;".to_owned()];
    for shown in tables {
        let columns: Vec<String> = shown
            .columns
            .iter()
            .map(|c| {
                format!(
                    "{} {} COLLATE {}",
                    identifier(&c.name),
                    c.declared,
                    c.collation
                )
            })
            .collect();
        let names: Vec<String> = shown.columns.iter().map(|c| identifier(&c.name)).collect();
        let base = identifier(&base(&secret, shown.table));
        sql.push(format!("CREATE TABLE {base} ({});", columns.join(", ")));
        for name in &shown.names {
            sql.push(format!(
                "CREATE VIEW {} AS SELECT {} FROM {base};",
                identifier(name),
                names.join(", ")
            ));
        }
    }
    sql.push("COMMIT;".to_owned());
    connection.execute_batch(&sql.concat())?;
    connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, limits.text)?;
    connection.set_limit(Limit::SQLITE_LIMIT_SQL_LENGTH, limits.text)?;
    connection.set_limit(Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1000)?;
    Ok(secret)
}

/// Why a statement could not be prepared.
fn unprepared(error: &rusqlite::Error) -> String {
    let words = words(error);
    match words.strip_prefix("no such table: ") {
        Some(name) => format!("`{name}` is not a table of the policy"),
        None => words,
    }
}

fn collect(
    statement: &mut Statement<'_>,
    limits: &Limits,
    tables: &[String],
) -> Result<Answer, Error> {
    let (columns, kinds): (Vec<String>, Vec<Kind>) = statement
        .columns()
        .map(|c| (c.name().to_owned(), Kind::of_declared(c.decl_type())))
        .unzip();
    let failed = |error: rusqlite::Error| match &error {
        rusqlite::Error::SqliteFailure(code, _)
            if matches!(
                code.code,
                rusqlite::ErrorCode::OutOfMemory | rusqlite::ErrorCode::TooBig
            ) =>
        {
            Error::too_large("it needs more memory than a query may take")
        }
        _ => Error::Failed {
            message: words(&error),
        },
    };
    let mut found = Vec::new();
    let mut size = 0_usize;
    let mut rows = statement.query([]).map_err(failed)?;
    while let Some(row) = rows.next().map_err(failed)? {
        let mut cells = Vec::with_capacity(columns.len());
        for (i, (column, kind)) in columns.iter().zip(&kinds).enumerate() {
            let value: ValueRef<'_> = row.get_ref(i).map_err(failed)?;
            let cell = Cell::of(value, *kind, column)?;
            size = size.saturating_add(cell.size());
            cells.push(cell);
        }
        found.push(cells);
        if found.len() > limits.rows || size > limits.bytes {
            return Err(Error::too_large(format!(
                "the answer is larger than a query may give ({} rows, {} MB)",
                limits.rows,
                limits.bytes >> 20
            )));
        }
    }
    Ok(Answer {
        columns,
        rows: found,
        tables: tables.to_vec(),
    })
}
