//! The store: where the data is, and how much of it is found there.

use std::collections::BTreeMap;
use std::path::Path;

use ambit_core::{Program, Row, TableId};
use ambit_targets::sql::{Layout, Predicate, Storage, identifier};
use rusqlite::Connection;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::limits::Limit;
use rusqlite::types::{ToSqlOutput, ValueRef};

use crate::answer::Kind;
use crate::columns::{affinity, kind, number, own_affinity};
use crate::error::{Error, words};
use crate::harden::{Clock, bound_memory};
use crate::oracle::Database;
use crate::run::Limits;
use crate::sandbox::{Sandbox, Shown, ShownColumn};
use crate::{file, functions};

/// Our own predicates are single texts, too, and may be long.
const SHORTEST: i32 = 16_000_000;

/// Data that can be queried: a database file, or rows in memory.
#[derive(Debug)]
pub struct Store {
    pub(crate) connection: Connection,
    pub(crate) layout: Layout,
    /// A database file: what its tables look like is its own affair.
    foreign: bool,
    log: Option<file::Log>,
}

impl Store {
    /// A SQLite database file, opened for reading alone. Tables are found under the names that their first source of
    /// kind `sqlite` (else their first source) gives them.
    pub fn open(program: &Program, path: &Path) -> Result<Self, Error> {
        let (connection, log) = file::open(path)?;
        functions::register(&connection).map_err(|e| Error::outside(words(&e)))?;
        let mut layout = Layout::physical_in(program, |table| {
            let sources = &program.table(table).sources;
            let kind = |s: &&ambit_core::SourceId| {
                program
                    .sources
                    .get(s.index())
                    .is_some_and(|s| s.kind == "sqlite")
            };
            sources
                .iter()
                .find(kind)
                .or_else(|| sources.first())
                .copied()
        });
        layout.together = true;
        // A file holds one schema; what stands before the last part names it from outside.
        for table in &mut layout.tables {
            table.parts = table.parts.last().cloned().into_iter().collect();
        }
        Ok(Self {
            connection,
            layout,
            foreign: true,
            log,
        })
    }

    /// Rows in memory, for instance from [`crate::data::load`]. Tables that are not given are empty.
    pub fn of_rows(program: &Program, tables: &[(TableId, Vec<Row>)]) -> Result<Self, Error> {
        let Database {
            connection, layout, ..
        } = Database::load(program, tables)?;
        Ok(Self {
            connection,
            layout,
            foreign: false,
            log: None,
        })
    }

    /// Under which names the statement may speak of the tables. A name that two tables would share is nobody's.
    pub(crate) fn shown(&self, program: &Program) -> Vec<Shown> {
        let mut names: Vec<(String, TableId)> = Vec::new();
        for (i, (table, layout)) in program.tables.iter().zip(&self.layout.tables).enumerate() {
            let id = TableId(i as u32);
            names.extend(layout.parts.last().map(|name| (name.to_string(), id)));
            if !self.foreign {
                let outside = ambit_core::outside_for(&table.outside, layout.source);
                names.extend(outside.and_then(|n| match n.parts.as_slice() {
                    [one] if *one != table.name => Some((one.to_string(), id)),
                    _ => None,
                }));
            }
        }
        // An Ambit name goes before an outside name; among equals nobody wins.
        let mut count: BTreeMap<String, Vec<TableId>> = BTreeMap::new();
        for (name, id) in &names {
            let owners = count.entry(name.to_lowercase()).or_default();
            if !owners.contains(id) {
                owners.push(*id);
            }
        }
        let owned = |name: &str, id: TableId| {
            let own = !self.foreign && program.table(id).name.as_str().eq_ignore_ascii_case(name);
            let owners = count
                .get(&name.to_lowercase())
                .map_or(&[][..], Vec::as_slice);
            let rivals = owners.iter().filter(|o| **o != id);
            let rival_owns =
                |o: &TableId| program.table(*o).name.as_str().eq_ignore_ascii_case(name);
            let free = if own {
                !rivals.clone().any(rival_owns)
            } else {
                rivals.count() == 0
            };
            free && !name.to_ascii_lowercase().starts_with("sqlite_") && !name.contains('\0')
        };
        program
            .tables
            .iter()
            .enumerate()
            .filter_map(|(i, table)| {
                let id = TableId(i as u32);
                let mut own: Vec<String> = names
                    .iter()
                    .filter(|(n, o)| *o == id && owned(n, id))
                    .map(|(n, _)| n.clone())
                    .collect();
                own.dedup_by(|a, b| a.eq_ignore_ascii_case(b));
                let columns = table.columns.iter().zip(&self.layout.table(id)?.columns);
                let columns = columns
                    .filter(|(_, c)| !matches!(c.storage, Storage::ScopeRows { .. }))
                    .map(|(declared, column)| {
                        let kind = kind(&declared.ty, column.storage);
                        ShownColumn {
                            name: column.name.to_string(),
                            declared: format!(
                                "{}{}",
                                kind.tag(),
                                if self.foreign {
                                    "NUMERIC"
                                } else {
                                    own_affinity(&declared.ty)
                                }
                            ),
                            collation: "BINARY",
                        }
                    })
                    .collect::<Vec<_>>();
                (!own.is_empty() && !columns.is_empty()).then_some(Shown {
                    table: id,
                    names: own,
                    columns,
                })
            })
            .collect()
    }

    /// Bounds what the store may take: a table of a file can be a view, and a view can be anything.
    pub(crate) fn watch(&mut self, clock: &Clock, limits: &Limits) -> Result<(), Error> {
        let outside = |e: rusqlite::Error| Error::outside(words(&e));
        self.unlock()?;
        clock.watch(&mut self.connection).map_err(outside)?;
        if self.foreign {
            self.connection
                .set_limit(Limit::SQLITE_LIMIT_LENGTH, limits.text.max(SHORTEST))
                .map_err(outside)?;
        }
        bound_memory(&self.connection, limits).map_err(outside)
    }

    /// Opens the store again to what prepares a query, after an earlier one closed it.
    pub(crate) fn unlock(&mut self) -> Result<(), Error> {
        let nobody = None::<fn(AuthContext<'_>) -> Authorization>;
        self.connection
            .authorizer(nobody)
            .map_err(|e| Error::outside(words(&e)))
    }

    /// What the file itself says of a table's columns: their affinities and collations.
    pub(crate) fn refine(&self, shown: &mut Shown) -> Result<(), Error> {
        if !self.foreign {
            return Ok(());
        }
        let Some(name) = self.layout.table(shown.table).and_then(|t| t.parts.last()) else {
            return Ok(());
        };
        let outside = |e: rusqlite::Error| Error::outside(words(&e));
        let mut statement = self
            .connection
            .prepare("SELECT name, type FROM pragma_table_xinfo(?1, 'main') WHERE hidden <> 1")
            .map_err(outside)?;
        let found = statement
            .query_map([name.as_str()], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, Option<String>>(1)?))
            })
            .map_err(outside)?
            .collect::<Result<Vec<_>, _>>()
            .map_err(outside)?;
        if found.is_empty() {
            return Err(Error::outside(format!(
                "the database has no table `{name}`"
            )));
        }
        for column in &mut shown.columns {
            let Some((own, declared)) = found
                .iter()
                .find(|(n, _)| n.eq_ignore_ascii_case(&column.name))
            else {
                return Err(Error::outside(format!(
                    "the table `{name}` of the database has no column `{}`",
                    column.name
                )));
            };
            let tag = Kind::of_declared(Some(&column.declared)).tag();
            column.declared = format!("{tag}{}", affinity(declared.as_deref().unwrap_or_default()));
            let metadata =
                self.connection
                    .column_metadata(Some("main"), name.as_str(), own.as_str());
            let collation = metadata
                .ok()
                .and_then(|(_, c, ..)| c.and_then(|c| c.to_str().ok()).map(str::to_uppercase));
            column.collation = match collation.as_deref() {
                Some("NOCASE") => "NOCASE",
                Some("RTRIM") => "RTRIM",
                _ => "BINARY",
            };
        }
        Ok(())
    }

    /// Lays the user's views over the tables, closes the store to everything else, and moves what the views let through
    /// into the sandbox.
    pub(crate) fn fill(
        &mut self,
        program: &Program,
        tables: &[(Shown, Predicate)],
        sandbox: &Sandbox,
        limits: &Limits,
    ) -> Result<(), Error> {
        let outside = |e: rusqlite::Error| Error::outside(words(&e));
        // A view's name must not be one that a table of the file has: ours are in `temp`, which goes first.
        for (i, (shown, predicate)) in tables.iter().enumerate() {
            let Some(name) = self.layout.table(shown.table).and_then(|t| t.parts.last()) else {
                continue;
            };
            let columns: Vec<String> = shown
                .columns
                .iter()
                .map(|c| format!("{}.{}", identifier(name), identifier(&c.name)))
                .collect();
            let sql = format!(
                "DROP VIEW IF EXISTS temp.{0}; CREATE TEMP VIEW {0} AS SELECT {1} FROM main.{2} WHERE {3};",
                identifier(&view(i)),
                columns.join(", "),
                identifier(name),
                predicate.sql
            );
            self.connection.execute_batch(&sql).map_err(outside)?;
        }
        for (table, key) in tables.iter().flat_map(|(_, p)| &p.unique) {
            self.check_unique(program, *table, *key)?;
        }
        self.connection
            .authorizer(Some(only_reads))
            .map_err(outside)?;
        for (i, (shown, _)) in tables.iter().enumerate() {
            let mut rows = self
                .connection
                .prepare(&format!("SELECT * FROM temp.{}", identifier(&view(i))))
                .map_err(outside)?;
            let mut insert = sandbox.inserter(shown)?;
            let mut rows = rows.query([]).map_err(outside)?;
            while let Some(row) = rows.next().map_err(outside)? {
                for (position, column) in shown.columns.iter().enumerate() {
                    let value =
                        self.moved(row.get_ref(position).map_err(outside)?, column, limits)?;
                    insert
                        .raw_bind_parameter(position + 1, value)
                        .map_err(outside)?;
                }
                insert.raw_execute().map_err(|e| match e {
                    rusqlite::Error::SqliteFailure(code, _)
                        if matches!(
                            code.code,
                            rusqlite::ErrorCode::OutOfMemory | rusqlite::ErrorCode::TooBig
                        ) =>
                    {
                        Error::too_large("the rows that the user may see do not fit into memory")
                    }
                    other => Error::outside(words(&other)),
                })?;
            }
        }
        // Whoever began to write meanwhile may have torn what was read.
        self.log.as_ref().map_or(Ok(()), file::Log::check)
    }

    /// A value on its way into the sandbox.
    fn moved<'a>(
        &self,
        value: ValueRef<'a>,
        column: &ShownColumn,
        limits: &Limits,
    ) -> Result<ToSqlOutput<'a>, Error> {
        let size = value
            .as_bytes_or_null()
            .ok()
            .flatten()
            .map_or(0, <[u8]>::len);
        if size > usize::try_from(limits.text).unwrap_or(0) / 2 {
            return Err(Error::too_large(format!(
                "a cell of `{}` is larger than a query may handle",
                column.name
            )));
        }
        if !self.foreign && Kind::of_declared(Some(&column.declared)) == Kind::Decimal {
            return number(value, &column.name);
        }
        Ok(ToSqlOutput::Borrowed(value))
    }

    /// A path counts on its key being one: with two rows for a value the outcome would be a matter of chance.
    fn check_unique(
        &self,
        program: &Program,
        table: TableId,
        key: ambit_core::ColumnId,
    ) -> Result<(), Error> {
        let (Some(layout), Some(column)) =
            (self.layout.table(table), self.layout.column(table, key))
        else {
            return Ok(());
        };
        let Some(name) = layout.parts.last() else {
            return Ok(());
        };
        let column = identifier(&column.name);
        let sql = format!(
            "SELECT 1 FROM main.{0} AS t WHERE t.{column} IS NOT NULL GROUP BY t.{column} COLLATE BINARY \
             HAVING count(*) > 1 LIMIT 1",
            identifier(name)
        );
        let mut statement = self
            .connection
            .prepare(&sql)
            .map_err(|e| Error::outside(words(&e)))?;
        if statement
            .exists([])
            .map_err(|e| Error::outside(words(&e)))?
        {
            let spoken = &program.column(table, key).name;
            return Err(Error::refused(format!(
                "the key `{spoken}` of `{name}` does not tell its rows apart"
            )));
        }
        Ok(())
    }
}

fn view(number: usize) -> String {
    format!("ambit view {number}")
}

/// The store reads tables of the file and computes; it never writes, attaches or loads.
#[allow(clippy::needless_pass_by_value)] // the authorizer hands it over by value
fn only_reads(context: AuthContext<'_>) -> Authorization {
    match context.action {
        AuthAction::Select | AuthAction::Recursive => Authorization::Allow,
        AuthAction::Read { table_name, .. }
            if !table_name.to_ascii_lowercase().starts_with("sqlite_") =>
        {
            Authorization::Allow
        }
        AuthAction::Function { function_name }
            if !function_name.eq_ignore_ascii_case("load_extension") =>
        {
            Authorization::Allow
        }
        _ => Authorization::Deny,
    }
}
