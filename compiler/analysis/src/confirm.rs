//! The reference evaluator confirms each witness before anybody sees it.

use std::sync::Arc;

use ambit_core::{Effect, Pred, Program, Resource, Row, Rule, RuleId, TableId};
use ambit_eval::{Act, Data, Judge, Role, RowRef, Truth, User};
use ambit_solver::{Who, Witness, WitnessUser};

use crate::lawful;
use crate::raw::{Example, Shown, Trouble};

/// What a witness is to show.
#[derive(Clone, Copy)]
pub(crate) struct Showing<'a> {
    /// Of which of the question's users.
    pub user: usize,
    /// Who that is.
    pub who: Who,
    pub resource: Resource,
    pub action: &'a str,
    /// The decision of the program's rules.
    pub allowed: bool,
    /// What else is said of the case.
    pub said: &'a dyn Fn(&Case<'_>) -> bool,
}

/// A case as the evaluator sees it.
pub(crate) struct Case<'a> {
    judge: &'a Judge<'a>,
    shown: &'a Shown,
}

impl Case<'_> {
    /// The value of a condition at the row, and at the row after an update.
    pub fn condition(&self, pred: &Pred) -> [Truth; 2] {
        let resource = self.shown.resource;
        let at = |row: Option<&Row>| {
            let row = row.map(|row| RowRef::new(row));
            self.judge.condition(resource, row, pred)
        };
        let row = self.shown.row.as_ref();
        [at(row), at(self.shown.new.as_ref().or(row))]
    }

    /// The value of a rule's condition at the row, if the rule counts for user and query.
    pub fn rule(&self, id: RuleId) -> Option<Truth> {
        let rule = self.judge.program.rules.get(id.index())?;
        let counts = self.judge.counts(id) && rule.resource == self.shown.resource;
        counts.then(|| self.condition(&rule.pred)[0])
    }

    /// Is the action given, be it open or by one of these rules?
    pub fn given<'r>(
        &self,
        open: bool,
        rules: impl IntoIterator<Item = &'r (RuleId, &'r Rule)>,
    ) -> bool {
        let gives = |(id, rule): &(RuleId, &Rule)| {
            rule.effect == Effect::Grant
                && rule.actions.iter().any(|a| *a == self.shown.action)
                && self.rule(*id) == Some(Truth::True)
        };
        open || rules.into_iter().any(gives)
    }

    /// The table is one of the query's.
    pub fn asks_for(&self, table: TableId) -> bool {
        self.shown.query.contains(&table)
    }
}

/// Confirms a witness: that it is a case of which the question speaks, that the decision is so, and what else is said of
/// it. The row is the first that its question named, the new row of an update the second.
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
    match doubt(program, &shown, showing) {
        None => Ok(shown.into()),
        Some(why) => Err(Trouble::Unconfirmed(format!(
            "the evaluator does not confirm a witness ({why}): {shown:?}"
        ))),
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

/// Why the case does not show what it is to show.
fn doubt(program: &Program, shown: &Shown, showing: Showing<'_>) -> Option<String> {
    let user = user(program, &shown.user);
    let lawful = lawful::user(program, showing.who, &shown.user, &user)
        .and_then(|()| lawful::not_bypassed(program, shown.resource, &user))
        .and_then(|()| lawful::day(shown.today))
        .and_then(|()| lawful::rows(program, shown));
    let data = match lawful.and_then(|()| data(program, shown)) {
        Ok(data) => data,
        Err(why) => return Some(why),
    };
    let judge = Judge::new(program, &data, &user, &shown.query, shown.today, None);
    let value = match shown.resource {
        Resource::Object(object) => judge.decide_object(object, &shown.action),
        Resource::Table(table) => judge.decide(table, act(shown, &Row::default())),
    };
    if value.is_true() != shown.allowed {
        return Some(format!("the decision is {}", value.as_str()));
    }
    let case = Case {
        judge: &judge,
        shown,
    };
    (!(showing.said)(&case)).then(|| "what is said of it is not so".to_owned())
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

#[cfg(test)]
mod tests;
