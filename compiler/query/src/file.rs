//! Opening a database file without ever touching it.

use std::fmt::Write as _;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use rusqlite::limits::Limit;
use rusqlite::{Connection, OpenFlags};

use crate::error::{Error, words};
use crate::files;
use crate::harden::harden;

/// Opens a file for reading alone.
///
/// A file in write-ahead mode would make SQLite create files beside it, so it is opened as one that nobody changes;
/// that would hide what still stands in its log, so with a log it is refused.
pub(crate) fn open(path: &Path) -> Result<(Connection, Option<Log>), Error> {
    let shown = path.display().to_string();
    // The log of a file stands beside the file itself, not beside a link to it.
    let resolved = path
        .canonicalize()
        .map_err(|e| Error::outside(format!("cannot open `{shown}`: {}", reason(&e))))?;
    let path = resolved.as_path();
    let mut header = Vec::new();
    let mut file = files::open(path)
        .map_err(|e| Error::outside(format!("cannot open `{shown}`: {}", reason(&e))))?;
    let read = (&mut file).take(100).read_to_end(&mut header);
    read.map_err(|e| Error::outside(format!("cannot read `{shown}`: {}", reason(&e))))?;
    if !header.is_empty() && !header.starts_with(b"SQLite format 3\0") {
        return Err(Error::outside(format!(
            "`{shown}` is not a SQLite database"
        )));
    }
    let write_ahead = header
        .get(18..20)
        .is_some_and(|versions| versions.contains(&2));
    let log = write_ahead.then(|| Log(beside(path, "-wal")));
    if let Some(log) = &log {
        log.check()?;
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let opened = if write_ahead {
        let uri = format!("file:{}?immutable=1", encoded(path)?);
        Connection::open_with_flags(uri, flags | OpenFlags::SQLITE_OPEN_URI)
    } else {
        Connection::open_with_flags(path, flags)
    };
    let outside =
        |e: rusqlite::Error| Error::outside(format!("cannot open `{shown}`: {}", words(&e)));
    let connection = opened.map_err(outside)?;
    configure(&connection).map_err(outside)?;
    // One transaction: all tables are read as they are at one moment.
    connection
        .execute_batch("BEGIN; SELECT count(*) FROM sqlite_schema;")
        .map_err(outside)?;
    let encoding: String = connection
        .query_row("PRAGMA encoding", [], |row| row.get(0))
        .map_err(outside)?;
    if encoding != "UTF-8" {
        return Err(Error::refused(format!(
            "`{shown}` stores text as {encoding}; only UTF-8 is compared exactly"
        )));
    }
    if let Some(log) = &log {
        log.check()?;
    }
    Ok((connection, log))
}

/// The write-ahead log of a file that was opened as one that nobody changes.
#[derive(Debug)]
pub(crate) struct Log(PathBuf);

impl Log {
    /// Refuses where something stands in it.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if std::fs::metadata(&self.0).is_ok_and(|m| m.len() > 0) {
            return Err(Error::refused(format!(
                "the database is in write-ahead mode and changes stand in its log `{}`: reading them would write; \
                 checkpoint it first",
                self.0.display()
            )));
        }
        Ok(())
    }
}

fn configure(connection: &Connection) -> rusqlite::Result<()> {
    harden(connection)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    // Predicates are ours, and may list many values.
    connection.set_limit(Limit::SQLITE_LIMIT_SQL_LENGTH, 1_000_000_000)?;
    Ok(())
}

/// The system's reason without its number.
fn reason(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error")
        .next()
        .unwrap_or_default()
        .to_lowercase()
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// A path as it stands in a URI.
fn encoded(path: &Path) -> Result<String, Error> {
    let absolute = std::path::absolute(path).map_err(|e| Error::outside(e.to_string()))?;
    let Some(text) = absolute.to_str() else {
        return Err(Error::outside(format!(
            "`{}` has a name that is not UTF-8",
            path.display()
        )));
    };
    let mut out = String::new();
    for byte in text.replace('\\', "/").bytes() {
        if byte.is_ascii_alphanumeric() || b"/._-~:".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    Ok(if out.starts_with('/') {
        out
    } else {
        format!("/{out}")
    })
}
