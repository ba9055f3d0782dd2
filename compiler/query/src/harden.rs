//! What every connection gives up before anything runs on it, and when it must stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rusqlite::Connection;
use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;

use crate::error::Error;
use crate::run::Limits;

/// Closes what nobody needs: what writes, attaches, trusts a schema, or leaves traces on disk.
pub(crate) fn harden(connection: &Connection) -> rusqlite::Result<()> {
    for (option, on) in [
        (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
        (DbConfig::SQLITE_DBCONFIG_DQS_DDL, false),
        (DbConfig::SQLITE_DBCONFIG_DQS_DML, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, false),
        (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_ATTACH_CREATE, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_ATTACH_WRITE, false),
        (DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true),
    ] {
        connection.set_db_config(option, on)?;
    }
    // Nothing of a query is ever written to disk.
    connection.pragma_update(None, "temp_store", "memory")?;
    connection.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0)?;
    connection.set_limit(Limit::SQLITE_LIMIT_WORKER_THREADS, 0)?;
    Ok(())
}

/// Bounds the memory that SQLite takes, in the whole process. The bound can only be lowered.
pub(crate) fn bound_memory(connection: &Connection, limits: &Limits) -> rusqlite::Result<()> {
    connection.pragma_update_and_check(None, "hard_heap_limit", limits.memory, |_| Ok(()))
}

/// The one clock of a query: everything that it makes SQLite do ends with it.
///
/// SQLite looks at it between steps of its machine, and a single function is one step: what it may take is bounded by
/// [`Limits::text`], and who must be sure ends the process (`ambit query` does).
#[derive(Debug, Clone)]
pub(crate) struct Clock {
    deadline: Instant,
    seconds: u64,
    expired: Arc<AtomicBool>,
}

impl Clock {
    pub(crate) fn start(limits: &Limits) -> Self {
        Self {
            deadline: Instant::now() + Duration::from_secs(limits.seconds),
            seconds: limits.seconds,
            expired: Arc::default(),
        }
    }

    /// What runs on the connection from here on stops with the clock.
    pub(crate) fn watch(&self, connection: &mut Connection) -> rusqlite::Result<()> {
        let clock = self.clone();
        connection.progress_handler(1000, Some(move || clock.is_over()))
    }

    fn is_over(&self) -> bool {
        let over = Instant::now() >= self.deadline;
        self.expired.fetch_or(over, Ordering::Relaxed);
        over
    }

    /// Fails where the time was over: whatever SQLite said then has that one cause.
    pub(crate) fn in_time<T>(&self, result: Result<T, Error>) -> Result<T, Error> {
        if self.expired.load(Ordering::Relaxed) {
            return Err(Error::too_slow(self.seconds));
        }
        result
    }
}
