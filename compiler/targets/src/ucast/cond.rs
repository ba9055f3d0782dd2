//! Conditions of UCAST: fields against constants, joined by `and` and `or`. Nothing is negated, so that what is neither
//! true nor false in one interpreter and false in the other is let through by neither.

use serde_json::{Value as Json, json};
use smol_str::SmolStr;

use crate::target::Refusal;

/// How many values a condition may bind (what `SQLite` takes).
const MOST_VALUES: usize = 32_000;

/// How deep a condition may stand once written as SQL, where each further part of an `and` or `or` is a level.
const MOST_LEVELS: usize = 900;

/// A condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cond {
    /// Every row, or none.
    Const(bool),
    /// All of at least two.
    And(Vec<Cond>),
    /// One of at least two.
    Or(Vec<Cond>),
    /// A test of a field.
    Field(&'static str, SmolStr, Json),
}

/// A condition, or why it cannot be said.
pub(super) type Said = Result<Cond, Refusal>;

/// All of these. Where one is never true, it does not matter that another cannot be said.
pub(super) fn all(parts: impl IntoIterator<Item = Said>) -> Said {
    join(parts, false)
}

/// One of these. Where one is always true, it does not matter that another cannot be said.
pub(super) fn any(parts: impl IntoIterator<Item = Said>) -> Said {
    join(parts, true)
}

fn join(parts: impl IntoIterator<Item = Said>, or: bool) -> Said {
    let mut list: Vec<Cond> = Vec::new();
    let mut refused = None;
    for part in parts {
        match part {
            Ok(Cond::Const(value)) if value == or => return Ok(Cond::Const(or)),
            Ok(Cond::Const(_)) => {}
            Ok(Cond::Or(inner)) if or => inner.into_iter().for_each(|c| add(&mut list, c, or)),
            Ok(Cond::And(inner)) if !or => inner.into_iter().for_each(|c| add(&mut list, c, or)),
            Ok(cond) => add(&mut list, cond, or),
            Err(refusal) => {
                refused.get_or_insert(refusal);
            }
        }
    }
    if let Some(refusal) = refused {
        return Err(refusal);
    }
    Ok(match list.len() {
        0 => Cond::Const(!or),
        1 => list.swap_remove(0),
        _ if or => Cond::Or(list),
        _ => Cond::And(list),
    })
}

/// Adds a part that is not there yet; among alternatives, equalities of one field become one list.
fn add(list: &mut Vec<Cond>, cond: Cond, or: bool) {
    if list.contains(&cond) {
        return;
    }
    let Cond::Field(op @ ("eq" | "in"), field, value) = &cond else {
        list.push(cond);
        return;
    };
    if !or || value.is_null() {
        list.push(cond);
        return;
    }
    let alike = |known: &Cond| matches!(known, Cond::Field("eq" | "in", same, old) if same == field && !old.is_null());
    match list.iter_mut().find(|known| alike(known)) {
        Some(Cond::Field(known, _, old)) => {
            let mut values = values(known, old);
            let new = self::values(op, value);
            values.extend(new.into_iter().filter(|v| !list_has(old, known, v)));
            *old = Json::Array(values);
            *known = "in";
        }
        _ => list.push(cond),
    }
}

fn values(op: &str, value: &Json) -> Vec<Json> {
    match value {
        Json::Array(list) if op == "in" => list.clone(),
        one => vec![one.clone()],
    }
}

fn list_has(old: &Json, op: &str, value: &Json) -> bool {
    match old {
        Json::Array(list) if op == "in" => list.contains(value),
        one => one == value,
    }
}

impl Cond {
    /// A test of a field.
    pub fn field(op: &'static str, field: &SmolStr, value: impl Into<Json>) -> Self {
        Self::Field(op, field.clone(), value.into())
    }

    /// As `@ucast/core` has it: `{operator, value}`, with `field` where one is tested. `true` where it is constant:
    /// UCAST has no form for that.
    pub fn json(&self) -> Json {
        let list = |parts: &[Cond]| parts.iter().map(Cond::json).collect::<Vec<_>>();
        match self {
            Self::Const(value) => json!(value),
            Self::And(parts) => json!({"operator": "and", "value": list(parts)}),
            Self::Or(parts) => json!({"operator": "or", "value": list(parts)}),
            Self::Field(op, field, value) => {
                json!({"operator": op, "field": field.as_str(), "value": value})
            }
        }
    }

    /// Refuses what an engine would.
    pub fn bounded(self) -> Said {
        if self.bound() > MOST_VALUES {
            let reason = format!("it compares with more than {MOST_VALUES} values");
            return Err(Refusal::new("E0508", "the condition", reason));
        }
        if self.levels() > MOST_LEVELS {
            let reason = format!("as SQL it stands more than {MOST_LEVELS} levels deep");
            return Err(Refusal::new("E0508", "the condition", reason));
        }
        Ok(self)
    }

    fn bound(&self) -> usize {
        match self {
            Self::Const(_) => 0,
            Self::And(parts) | Self::Or(parts) => parts.iter().map(Cond::bound).sum(),
            Self::Field(_, _, Json::Array(values)) => values.len(),
            Self::Field(..) => 1,
        }
    }

    fn levels(&self) -> usize {
        match self {
            Self::Const(_) | Self::Field(..) => 1,
            Self::And(parts) | Self::Or(parts) => {
                parts.len() + parts.iter().map(Cond::levels).max().unwrap_or(0)
            }
        }
    }
}
