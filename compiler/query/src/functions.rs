//! The functions that predicates call, registered on a connection of the store.

use ambit_targets::sql::{Function, day_of, scope_value};
use rusqlite::Connection;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::{Value as Sql, ValueRef};

/// Registers all of them.
pub(crate) fn register(connection: &Connection) -> rusqlite::Result<()> {
    // Innocuous: views of ours call them although the schema is not trusted.
    let flags = FunctionFlags::SQLITE_UTF8
        | FunctionFlags::SQLITE_DETERMINISTIC
        | FunctionFlags::SQLITE_INNOCUOUS;
    for function in Function::ALL {
        let arity = i32::try_from(function.arity()).unwrap_or(-1);
        connection.create_scalar_function(function.name(), arity, flags, move |context| {
            Ok(match function {
                Function::Day => day(context).map(Sql::Text),
                Function::Scope => scope(context).map(|b| Sql::Integer(i64::from(b))),
            })
        })?;
    }
    Ok(())
}

fn day(context: &Context<'_>) -> Option<String> {
    day_of(text(context, 0)?, text(context, 1)?)
}

fn scope(context: &Context<'_>) -> Option<bool> {
    scope_value(text(context, 0)?, text(context, 1)?, text(context, 2)?)
}

/// An argument, if it is valid text.
fn text<'a>(context: &'a Context<'_>, index: usize) -> Option<&'a str> {
    match context.get_raw(index) {
        ValueRef::Text(bytes) => std::str::from_utf8(bytes).ok(),
        _ => None,
    }
}
