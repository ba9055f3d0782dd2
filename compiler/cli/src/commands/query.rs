//! `ambit query --as P (--db FILE | --data DIR) SQL`: a real query by a real user.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use ambit_core::{AttributeId, PrincipalId, PrincipalKind, Program, TableId};
use ambit_query::data::Cells;
use ambit_query::{Answer, Cell, DataError, Error, Limits, Store};
use ambit_targets::sql::{Login, UserContext};
use serde_json::{Value as Json, json};

use super::inputs;
use crate::args::Global;
use crate::deadline::Watchdog;
use crate::exit::{Exit, Failure};
use crate::output::{Outcome, Printer};
use crate::workspace::Workspace;

/// Arguments of `query`.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("where").required(true).args(["db", "data"]))]
pub struct Query {
    /// The user (by name or login), a bare group or role, `everyone`, or any other login, who asks
    #[arg(long = "as", value_name = "P")]
    who: String,
    /// A group or role that the user has besides
    #[arg(long = "role", value_name = "R")]
    roles: Vec<String>,
    /// An attribute that the identity provider supplies
    #[arg(long = "attr", value_name = "NAME=VALUE")]
    attributes: Vec<String>,
    /// A SQLite database; it is only read
    #[arg(long, value_name = "FILE")]
    db: Option<PathBuf>,
    /// A folder with a CSV file for each table: `<table>.csv`
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// End the query after so many seconds, whatever it does
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    seconds: u64,
    /// The statement: one SELECT over the tables of the policy
    #[arg(value_name = "SQL")]
    sql: String,
}

/// Asks.
pub fn run(args: &Query, global: &Global) -> Result<Outcome, Failure> {
    let workspace = Workspace::open(global)?;
    let program = inputs::program(&workspace)?;
    let user = user(args, &program).map_err(Failure::usage)?;
    let today = inputs::today(global, &program.settings);
    let limits = Limits {
        seconds: args.seconds,
        ..Limits::default()
    };
    let mut loaded: Option<Vec<TableId>> = None;
    let mut remarks = Vec::new();
    let watchdog;
    let mut store = match (&args.db, &args.data) {
        (Some(file), _) => {
            watchdog = watch(limits.seconds, global);
            match Store::open(&program, file) {
                Ok(store) => store,
                Err(error) => return Ok(failed(&error)),
            }
        }
        (None, Some(folder)) => {
            // Whoever asks may not be allowed to read the rows, so no message shows what stands in them.
            let read = inputs::read_folder(&program, folder, Cells::Hidden)?;
            remarks.extend(read.remarks.iter().map(ToString::to_string));
            let tables = read.tables;
            watchdog = watch(limits.seconds, global);
            loaded = Some(tables.iter().map(|(table, _)| *table).collect());
            match Store::of_rows(&program, &tables) {
                Ok(store) => store,
                Err(error) => return Ok(failed(&error)),
            }
        }
        (None, None) => {
            return Err(Failure::usage(
                "say where the data is: `--db FILE` or `--data DIR`",
            ));
        }
    };
    let answer = ambit_query::query(&mut store, &program, &user, today, &args.sql, &limits);
    drop(watchdog);
    match answer {
        Ok(answer) => {
            let mut notes = remarks;
            notes.extend(
                loaded
                    .map(|loaded| missing(&program, &answer, &loaded))
                    .unwrap_or_default(),
            );
            Ok(Outcome {
                notes,
                ..Outcome::new(answer.table(), result(&answer))
            })
        }
        Err(error) => Ok(failed(&error)),
    }
}

/// Who asks. A login is looked for in the sources in which tables are judged.
fn user(args: &Query, program: &Program) -> Result<UserContext, String> {
    let tables = (0..program.tables.len() as u32).map(TableId);
    let sources: BTreeSet<_> = tables.map(|t| program.source_of(t, None)).collect();
    let owners: BTreeSet<_> = sources
        .iter()
        .map(|s| (program.user_of_login(&args.who, *s), *s))
        .collect();
    let different: BTreeSet<_> = owners.iter().map(|(owner, _)| *owner).collect();
    let by_name = args.who == inputs::EVERYONE || inputs::principal(program, &args.who).is_ok();
    if different.len() > 1 && !by_name {
        return Err(format!(
            "`{}` is not one user's login in every source: say who asks by name",
            args.who
        ));
    }
    let source = owners.first().and_then(|(_, source)| *source);
    let roles = args.roles.iter().map(String::as_str);
    let mut asks = inputs::user(program, Some(&args.who), roles, source)?;
    inputs::supply(program, &mut asks, &args.attributes)?;
    let declared = |p: &PrincipalId| program.principal(*p).kind == PrincipalKind::User;
    let login = match asks.principals.iter().copied().find(declared) {
        Some(user) => Login::Declared(user),
        None if by_name => Login::None,
        None => Login::Named(args.who.as_str().into()),
    };
    let attributes = (0..program.attributes.len() as u32).map(AttributeId);
    Ok(UserContext {
        principals: asks.principals.iter().copied().collect(),
        attributes: attributes
            .map(|a| (a, asks.attribute(a).clone()))
            .filter(|(_, value)| !value.is_null())
            .collect(),
        login,
    })
}

/// Ends the process where SQLite does not come back in time: it looks at its own clock between two steps only, and one
/// function is one step.
fn watch(seconds: u64, global: &Global) -> Watchdog {
    let global = global.clone();
    Watchdog::start(
        Duration::from_millis(seconds.saturating_mul(1500)),
        move || {
            let outcome = failed(&Error::TooSlow { seconds });
            Printer::new(global.format, false, global.directory.as_deref()).print("query", &outcome)
        },
    )
}

/// The tables that the statement names and of which there is no file.
fn missing(program: &Program, answer: &Answer, loaded: &[TableId]) -> Vec<String> {
    let has_file = |name: &str| {
        program
            .find_table(name)
            .is_some_and(|table| loaded.contains(&table))
    };
    let tables = answer.tables.iter().filter(|name| !has_file(name));
    tables
        .map(|name| format!("note: there is no file `{name}.csv`, so `{name}` is empty"))
        .collect()
}

/// R of an answer.
fn result(answer: &Answer) -> Json {
    let rows: Vec<Vec<Json>> = answer
        .rows
        .iter()
        .map(|row| row.iter().map(value).collect())
        .collect();
    json!({"columns": answer.columns, "rows": rows, "tables": answer.tables})
}

/// V of a cell.
fn value(cell: &Cell) -> Json {
    match cell {
        Cell::Null => Json::Null,
        Cell::Bool(value) => json!(value),
        Cell::Int(value) => json!(value),
        Cell::Decimal(text) => json!({"decimal": text}),
        Cell::Text(text) => json!(text),
        Cell::Date(text) => json!({"date": text}),
        Cell::Timestamp(text) => json!({"timestamp": text}),
    }
}

/// What a query that gives no answer says.
fn failed(error: &Error) -> Outcome {
    let exit = match error {
        Error::Refused { .. } | Error::TooSlow { .. } | Error::TooLarge { .. } => Exit::Refused,
        Error::Failed { .. } | Error::Data(_) => Exit::Input,
        Error::Outside { .. } => Exit::Outside,
    };
    match error {
        Error::Data(list) => Outcome {
            exit: Some(exit),
            result: json!({"error": "the data do not fit the schema", "places": list.iter().map(place).collect::<Vec<_>>()}),
            notes: list.iter().map(|e| format!("error: {e}")).collect(),
            ..Outcome::default()
        },
        _ => Outcome::failed(&Failure::new(exit, error.to_string())),
    }
}

fn place(error: &DataError) -> Json {
    json!({"file": error.file, "line": error.line, "col": error.column, "message": error.message})
}
