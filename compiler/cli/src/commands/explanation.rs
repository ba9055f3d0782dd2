//! What is told of a decision: for `why`, and for whoever asks without a command line.

use ambit_analysis::shown;
use ambit_core::print::print_pred;
use ambit_core::{Program, Resource, Row, SourceId, TableId};
use ambit_eval::{Act, Data, Explanation, Judge, RowRef, User};
use serde_json::{Value as Json, json};

use super::{inputs, json as shapes};
use crate::exit::Failure;

/// Who asks, in the source in which the resource is judged. A name that is not declared is a login, which has just these
/// roles.
pub fn user(
    program: &Program,
    who: &str,
    roles: &[&str],
    source: Option<SourceId>,
) -> Result<User, Failure> {
    if roles.is_empty()
        && who != inputs::EVERYONE
        && program.user_of_login(who, source).is_none()
        && let Err(message) = inputs::principal(program, who)
    {
        return Err(Failure::usage(message)
            .help("a user who is not declared has the groups that the identity provider gives: name them with `--role`"));
    }
    inputs::user(program, Some(who), roles.iter().copied(), source).map_err(Failure::usage)
}

/// The condition under which the user may do it, as small as it is proved to be.
pub fn predicate(judge: &Judge<'_>, resource: Resource, action: &str) -> String {
    let (table, pred) = match resource {
        Resource::Table(table) => (Some(table), judge.predicate(table, action)),
        Resource::Object(object) => (None, judge.object_predicate(object, action)),
    };
    let pred = shown(judge.program, table, &pred);
    print_pred(judge.program, table, &pred)
}

/// R of a decision.
pub fn result(judge: &Judge<'_>, explanation: &Explanation, predicate: &str) -> Json {
    json!({
        "decision": shapes::decision(explanation),
        "rules": shapes::rules(judge.program, explanation),
        "tree": shapes::tree(&judge.tree(explanation)),
        "predicate": predicate,
    })
}

/// A row of which not everything is said: where the data have one of its key, that gives the rest.
pub fn complete(program: &Program, table: TableId, data: &Data, row: Row, said: &[bool]) -> Row {
    let keys = &program.table(table).keys;
    let same_key = |other: &RowRef<'_>| {
        !keys.is_empty()
            && keys.iter().all(|k| {
                let value = RowRef::new(&row).get(*k);
                !value.is_null() && other.get(*k) == value
            })
    };
    let Some(known) = data.rows(table).find(same_key) else {
        return row;
    };
    row.iter()
        .zip(known.values)
        .zip(said)
        .map(|((new, old), said)| if *said { new } else { old }.clone())
        .collect()
}

/// An action on one row.
pub fn act<'a>(action: &str, row: RowRef<'a>) -> Act<'a> {
    match action {
        "insert" => Act::Insert(row),
        // Of an update only the row that stays as it is can be named here; `eval` takes both.
        "update" => Act::Update { old: row, new: row },
        "delete" => Act::Delete(row),
        _ => Act::Read(row),
    }
}
