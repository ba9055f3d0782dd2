//! What columns look like on their way from the store into the sandbox: kinds, affinities, numbers.

use ambit_core::Type;
use ambit_targets::sql::Storage;
use rusqlite::types::{ToSqlOutput, Value as Sql, ValueRef};

use crate::answer::Kind;
use crate::error::Error;

/// How values of a column are to be understood in a result.
pub(crate) fn kind(ty: &Type, storage: Storage) -> Kind {
    match (ty, storage) {
        (Type::Bool, _) => Kind::Bool,
        (Type::Date, _) => Kind::Date,
        (Type::Timestamp, _) => Kind::Timestamp,
        (Type::Decimal, Storage::DecimalText) => Kind::Decimal,
        _ => Kind::Plain,
    }
}

/// The affinity of columns that we made ourselves.
pub(crate) fn own_affinity(ty: &Type) -> &'static str {
    match ty {
        Type::Bool | Type::Int => "INTEGER",
        // Numbers, so that a statement can compare and add them; see `number`.
        Type::Decimal => "BLOB",
        _ => "TEXT",
    }
}

/// SQLite's rules for the affinity of a declared type.
pub(crate) fn affinity(declared: &str) -> &'static str {
    let declared = declared.to_ascii_uppercase();
    let has = |words: &[&str]| words.iter().any(|w| declared.contains(w));
    if has(&["INT"]) {
        "INTEGER"
    } else if has(&["CHAR", "CLOB", "TEXT"]) {
        "TEXT"
    } else if declared.is_empty() || has(&["BLOB"]) {
        "BLOB"
    } else if has(&["REAL", "FLOA", "DOUB"]) {
        "REAL"
    } else {
        "NUMERIC"
    }
}

/// A decimal of ours as a number of SQLite's, if that is the very same number.
pub(crate) fn number<'a>(value: ValueRef<'a>, column: &str) -> Result<ToSqlOutput<'a>, Error> {
    let ValueRef::Text(bytes) = value else {
        return Ok(ToSqlOutput::Borrowed(value));
    };
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    let Ok(exact) = text.parse::<ambit_core::Decimal>() else {
        return Ok(ToSqlOutput::Borrowed(value));
    };
    if let Ok(integer) = exact.to_string().parse::<i64>() {
        return Ok(ToSqlOutput::Owned(Sql::Integer(integer)));
    }
    if let Ok(real) = exact.to_string().parse::<f64>()
        && real.to_string() == exact.to_string()
    {
        return Ok(ToSqlOutput::Owned(Sql::Real(real)));
    }
    Err(Error::refused(format!(
        "`{column}` holds {exact}, which SQLite's numbers cannot hold exactly"
    )))
}
