//! `ambit.principals`: who can be asked about.

use serde_json::{Value as Json, json};

use super::people::{declared_at, people};
use super::{Answer, Args, Ask};

/// Users, groups, roles and `everyone`, users first, each kind by name.
#[allow(clippy::unnecessary_wraps)] // as all commands are
pub fn principals(ask: &Ask<'_>, _: Args<'_>) -> Answer {
    let all = people(ask).into_iter().map(|(kind, name)| {
        let place = declared_at(ask, kind, &name);
        let entry = json!({ "name": name.as_str(), "kind": kind.word() });
        ask.placed(entry, place)
    });
    Ok(Json::Array(all.collect()))
}
