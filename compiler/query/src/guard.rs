//! The authorizer of the sandbox: what a user's statement may do is listed; all else is refused.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use ambit_core::TableId;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};

/// What the authorizer saw while a statement was prepared.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// The tables that it names.
    pub(crate) tables: BTreeSet<TableId>,
    /// Why it was stopped.
    pub(crate) denied: Option<String>,
    /// It selects.
    pub(crate) selects: bool,
}

/// What may be read.
#[derive(Debug, Clone)]
pub(crate) struct Guard {
    /// The views under the tables' own names, in lower case.
    pub(crate) views: BTreeMap<String, TableId>,
    /// The tables below them, under names that nobody can guess.
    pub(crate) bases: BTreeMap<String, TableId>,
    /// What else a name in FROM could mean to the engine: its modules, in lower case.
    modules: BTreeSet<String>,
    seen: Arc<Mutex<Seen>>,
}

impl Guard {
    pub(crate) fn new(
        views: BTreeMap<String, TableId>,
        bases: BTreeMap<String, TableId>,
        modules: BTreeSet<String>,
    ) -> Self {
        Self {
            views,
            bases,
            modules,
            seen: Arc::default(),
        }
    }

    /// Could the engine take this name for something of its own?
    fn is_engines(&self, name: &str) -> bool {
        name.starts_with("sqlite_") || name.starts_with("pragma_") || self.modules.contains(name)
    }

    /// What was seen so far; begins anew.
    pub(crate) fn take(&self) -> Seen {
        std::mem::take(&mut *self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The authorizer's callback.
    pub(crate) fn judge(&self, context: AuthContext<'_>) -> Authorization {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let denied = match context.action {
            AuthAction::Select => {
                seen.selects = true;
                None
            }
            AuthAction::Recursive => None,
            AuthAction::Read {
                table_name,
                column_name,
            } => {
                let name = table_name.to_lowercase();
                if let Some(table) = self.bases.get(&name) {
                    // Every view that the statement names is taken apart down to here, used or not.
                    seen.tables.insert(*table);
                    None
                } else if self.views.contains_key(&name) || TABLE_FUNCTIONS.contains(&name.as_str())
                {
                    None
                } else if column_name.is_empty()
                    && context.database_name.is_none()
                    && !self.is_engines(&name)
                {
                    // A subquery or common table expression of which no column is used: there is no other table.
                    None
                } else {
                    Some(format!("`{table_name}` is not a table of the policy"))
                }
            }
            AuthAction::Function { function_name } => {
                let name = function_name.to_ascii_lowercase();
                let allowed = FUNCTIONS.binary_search(&name.as_str()).is_ok();
                (!allowed).then(|| format!("the function `{function_name}` is not allowed"))
            }
            other => Some(spoken(&other).to_owned()),
        };
        if denied.is_none() {
            return Authorization::Allow;
        }
        if seen.denied.is_none() {
            seen.denied = denied;
        }
        Authorization::Deny
    }
}

fn spoken(action: &AuthAction<'_>) -> &'static str {
    match action {
        AuthAction::Attach { .. } | AuthAction::Detach { .. } => "it reaches for another database",
        AuthAction::Pragma { .. } => "it is or uses a PRAGMA",
        AuthAction::Transaction { .. } | AuthAction::Savepoint { .. } => {
            "it controls a transaction"
        }
        AuthAction::Insert { .. } | AuthAction::Update { .. } | AuthAction::Delete { .. } => {
            "it writes"
        }
        _ => "it does something else than read",
    }
}

/// Table-valued functions over their arguments alone.
const TABLE_FUNCTIONS: [&str; 2] = ["json_each", "json_tree"];

/// Functions that depend on their arguments (or on chance and the clock) alone. Sorted.
const FUNCTIONS: &[&str] = &[
    "->",
    "->>",
    "abs",
    "acos",
    "acosh",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "avg",
    "ceil",
    "ceiling",
    "char",
    "coalesce",
    "concat",
    "concat_ws",
    "cos",
    "cosh",
    "count",
    "cume_dist",
    "current_date",
    "current_time",
    "current_timestamp",
    "date",
    "datetime",
    "degrees",
    "dense_rank",
    "exp",
    "first_value",
    "floor",
    "format",
    "glob",
    "group_concat",
    "hex",
    "if",
    "ifnull",
    "iif",
    "instr",
    "json",
    "json_array",
    "json_array_insert",
    "json_array_length",
    "json_error_position",
    "json_extract",
    "json_group_array",
    "json_group_object",
    "json_insert",
    "json_object",
    "json_patch",
    "json_pretty",
    "json_quote",
    "json_remove",
    "json_replace",
    "json_set",
    "json_type",
    "json_valid",
    "julianday",
    "lag",
    "last_value",
    "lead",
    "length",
    "like",
    "likelihood",
    "likely",
    "ln",
    "log",
    "log10",
    "log2",
    "lower",
    "ltrim",
    "max",
    "median",
    "min",
    "mod",
    "nth_value",
    "ntile",
    "nullif",
    "octet_length",
    "percent_rank",
    "percentile",
    "percentile_cont",
    "percentile_disc",
    "pi",
    "pow",
    "power",
    "printf",
    "quote",
    "radians",
    "random",
    "rank",
    "replace",
    "round",
    "row_number",
    "rtrim",
    "sign",
    "sin",
    "sinh",
    "soundex",
    "sqlite_version",
    "sqrt",
    "strftime",
    "string_agg",
    "substr",
    "substring",
    "subtype",
    "sum",
    "tan",
    "tanh",
    "time",
    "timediff",
    "total",
    "trim",
    "trunc",
    "typeof",
    "unhex",
    "unicode",
    "unistr",
    "unistr_quote",
    "unixepoch",
    "unlikely",
    "upper",
    "zeroblob",
];

#[cfg(test)]
mod tests {
    #[test]
    fn the_list_of_functions_can_be_searched() {
        assert!(super::FUNCTIONS.is_sorted());
    }
}
