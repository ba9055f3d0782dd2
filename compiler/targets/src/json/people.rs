//! Principals, and who is exclusive.

use ambit_core::{Principal, PrincipalId, PrincipalKind, Program};
use serde_json::{Map, Value as Json, json};

use super::schema::source_name;
use super::value::{outside, texts, value};

/// All principals but the users of tests, by name.
pub(super) fn principals(program: &Program) -> Json {
    let people = program.principals.iter().filter(|p| p.test.is_none());
    let entries: Map<String, Json> = people
        .map(|p| (p.name.to_string(), principal(program, p)))
        .collect();
    Json::Object(entries)
}

fn principal(program: &Program, principal: &Principal) -> Json {
    let bypasses = principal.bypasses.iter();
    let attributes = principal.attributes.iter().filter_map(|(id, written)| {
        let attribute = program.attributes.get(id.index())?;
        Some((attribute.name.to_string(), value(written)))
    });
    let mut record = json!({
        "kind": match principal.kind {
            PrincipalKind::Group => "group",
            PrincipalKind::Role => "role",
            PrincipalKind::User => "user",
        },
        "outside": outside(program, &principal.outside),
        "inherits": names(program, &principal.inherits),
        "closure": names(program, &principal.closure),
        "attributes": attributes.collect::<Map<_, _>>(),
        "logins": logins(program, principal),
        "bypasses": bypasses.map(|s| source_name(program, *s)).collect::<Vec<_>>(),
        "file": principal.origin.file.as_str(),
        "line": principal.origin.line,
    });
    let mut put = |key: &str, json: Json| {
        if let Some(record) = record.as_object_mut() {
            record.insert(key.to_owned(), json);
        }
    };
    if !principal.args.is_empty() {
        put("base", json!(principal.base.as_str()));
        put("args", principal.args.iter().map(value).collect());
    }
    if !principal.docs.is_empty() {
        put("docs", texts(&principal.docs));
    }
    record
}

/// The names under which sources know a user: by source, and `*` for all that have none of their own. Roles and groups
/// have none.
fn logins(program: &Program, principal: &Principal) -> Json {
    let mut logins = Map::new();
    if principal.kind == PrincipalKind::User {
        logins.insert("*".to_owned(), json!(principal.name.as_str()));
        // Of several names the first counts.
        for name in principal.outside.iter().rev() {
            let source = name
                .source
                .map_or("*", |source| source_name(program, source));
            logins.insert(source.to_owned(), json!(name.parts.join(".")));
        }
    }
    Json::Object(logins)
}

/// The sets of principals of which no user has two.
pub(super) fn exclusive(program: &Program) -> Json {
    program
        .exclusive
        .iter()
        .map(|set| names(program, set))
        .collect()
}

/// Names of principals.
pub(super) fn names(program: &Program, ids: &[PrincipalId]) -> Json {
    ids.iter()
        .map(|id| program.principal(*id).name.as_str())
        .collect()
}
