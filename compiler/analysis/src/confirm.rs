//! The reference evaluator confirms each witness before anybody sees it.

use std::sync::Arc;

use ambit_core::{Program, Resource, Row, RuleId};
use ambit_eval::{Act, Data, Judge, Role, RowRef, User};
use ambit_solver::{Witness, WitnessUser};

use crate::raw::{Example, Shown, Trouble};

/// What a witness is to show.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Showing<'a> {
    /// Of which of the question's users.
    pub user: usize,
    pub resource: Resource,
    pub action: &'a str,
    /// The decision of the program's rules.
    pub allowed: bool,
}

/// Confirms a witness; the row is the first that its question named, the new row of an update the second.
pub(crate) fn confirm(
    program: &Program,
    witness: &Witness,
    showing: Showing<'_>,
) -> Result<Arc<Shown>, Trouble> {
    let user = witness.users.get(showing.user).cloned().unwrap_or_default();
    let row = witness.rows.first().cloned().flatten();
    let new = (showing.action == "update")
        .then(|| {
            witness
                .rows
                .get(1)
                .cloned()
                .flatten()
                .or_else(|| row.clone())
        })
        .flatten();
    let shown = Shown {
        user,
        query: witness.query.clone(),
        today: witness.today,
        resource: showing.resource,
        action: showing.action.to_owned(),
        row,
        new,
        related: witness.related.clone(),
        allowed: showing.allowed,
    };
    let decided = decide(program, &shown).map_err(Trouble::Unconfirmed)?;
    if decided == showing.allowed {
        Ok(shown.into())
    } else {
        Err(Trouble::Unconfirmed(format!(
            "the evaluator does not confirm a witness: {shown:?}"
        )))
    }
}

/// Confirms a witness, and keeps of it what is told.
pub(crate) fn example(
    program: &Program,
    witness: &Witness,
    showing: Showing<'_>,
) -> Result<Arc<Example>, Trouble> {
    confirm(program, witness, showing).map(|shown| Example::of(program, &shown))
}

/// What the evaluator decides.
fn decide(program: &Program, shown: &Shown) -> Result<bool, String> {
    let data = data(program, shown)?;
    let user = user(program, &shown.user);
    let judge = Judge::new(program, &data, &user, &shown.query, shown.today, None);
    let value = match shown.resource {
        Resource::Object(object) => judge.decide_object(object, &shown.action),
        Resource::Table(table) => judge.decide(table, act(shown, &Row::default())),
    };
    Ok(value.is_true())
}

fn data(program: &Program, shown: &Shown) -> Result<Data, String> {
    let mut data = Data::new(program);
    for (table, rows) in &shown.related {
        for row in rows {
            data.add(program, *table, row.clone())
                .map_err(|error| error.to_string())?;
        }
    }
    Ok(data)
}

/// The evaluator's user of a witness.
pub(crate) fn user(program: &Program, witness: &WitnessUser) -> User {
    let mut user = match witness.declared {
        Some(declared) => User::of(program, declared),
        None => User::with_logins(program, &witness.logins),
    };
    for principal in &witness.principals {
        user.add(program, *principal);
    }
    for (attribute, value) in &witness.attributes {
        user.supply(*attribute, value.clone());
    }
    user
}

/// The rules that gave (of what is allowed) or took or failed to give (of what is not), by the evaluator.
pub(crate) fn decisive(program: &Program, shown: &Shown) -> Vec<RuleId> {
    let Ok(data) = data(program, shown) else {
        return Vec::new();
    };
    let user = user(program, &shown.user);
    let judge = Judge::new(program, &data, &user, &shown.query, shown.today, None);
    let none: Row = Box::default();
    let explanation = match shown.resource {
        Resource::Object(object) => judge.explain_object(object, &shown.action),
        Resource::Table(table) => judge.explain(table, act(shown, &none)),
    };
    let wanted = |role: &Role| match role {
        Role::Gives => shown.allowed,
        Role::Takes | Role::Lacks => !shown.allowed,
        Role::Idle => false,
    };
    let mut out: Vec<RuleId> = explanation
        .parts
        .iter()
        .flat_map(|part| &part.rules)
        .filter(|rule| wanted(&rule.role))
        .map(|rule| rule.rule)
        .collect();
    out.sort_unstable();
    out.dedup();
    out
}

/// The action on the rows of a witness.
fn act<'a>(shown: &'a Shown, none: &'a Row) -> Act<'a> {
    let row = RowRef::new(shown.row.as_ref().unwrap_or(none));
    let new = RowRef::new(shown.new.as_ref().or(shown.row.as_ref()).unwrap_or(none));
    match shown.action.as_str() {
        "insert" => Act::Insert(row),
        "update" => Act::Update { old: row, new },
        "delete" => Act::Delete(row),
        _ => Act::Read(row),
    }
}
