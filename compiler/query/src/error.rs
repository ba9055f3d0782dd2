//! What can go wrong, told apart by what a caller does about it.

use std::fmt;

/// A query that gave no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// It cannot be secured, or cannot be read as a statement at all.
    Refused {
        /// Why.
        reason: String,
    },
    /// It takes more time than a query may.
    TooSlow {
        /// The limit, in seconds.
        seconds: u64,
    },
    /// It takes more memory than a query may, or gives a larger answer.
    TooLarge {
        /// What is too large.
        reason: String,
    },
    /// The statement is sound, but failed while it ran.
    Failed {
        /// SQLite's reason. It can speak of visible rows only.
        message: String,
    },
    /// Files of data do not fit the schema.
    Data(Vec<DataError>),
    /// The world outside: a file that is no database, a table or column that it lacks.
    Outside {
        /// What is wrong.
        message: String,
    },
}

/// A place in a file of data that does not fit the schema.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DataError {
    /// The file, as its reader named it.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in that line, in characters, from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for DataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}:{}:{}: {}",
            self.file, self.line, self.column, self.message
        )
    }
}

impl Error {
    pub(crate) fn refused(reason: impl Into<String>) -> Self {
        Self::Refused {
            reason: reason.into(),
        }
    }

    pub(crate) fn too_slow(seconds: u64) -> Self {
        Self::TooSlow { seconds }
    }

    pub(crate) fn too_large(reason: impl Into<String>) -> Self {
        Self::TooLarge {
            reason: reason.into(),
        }
    }

    pub(crate) fn outside(message: impl Into<String>) -> Self {
        Self::Outside {
            message: message.into(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused { reason } => write!(f, "the query is refused: {reason}"),
            Self::TooSlow { seconds } => write!(
                f,
                "the query is ended: it takes more than {seconds} second{}",
                if *seconds == 1 { "" } else { "s" }
            ),
            Self::TooLarge { reason } => write!(f, "the query is ended: {reason}"),
            Self::Failed { message } => write!(f, "the query failed: {message}"),
            Self::Outside { message } => f.write_str(message),
            Self::Data(list) => {
                for (i, error) in list.iter().enumerate() {
                    write!(f, "{}{error}", if i > 0 { "\n" } else { "" })?;
                }
                Ok(())
            }
        }
    }
}

impl std::error::Error for Error {}

/// SQLite's own words, without the numbers around them.
pub(crate) fn words(error: &rusqlite::Error) -> String {
    match error {
        rusqlite::Error::SqliteFailure(_, Some(message)) => message.clone(),
        rusqlite::Error::SqlInputError { msg, .. } => msg.clone(),
        other => other.to_string(),
    }
}
