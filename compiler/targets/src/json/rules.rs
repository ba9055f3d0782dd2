//! Rules: a record for each rule of Core, with all its actions.

use ambit_core::{Applies, Axis, Effect, Holder, Program, Resource, Rule, TableId};
use serde_json::{Value as Json, json};

use super::cond::condition;
use super::people::names;
use super::schema::{column_name, resource, source_name};
use super::value::texts;

/// All rules but those of users of tests, in the order of files and places; made one by one, as they are asked for.
pub(super) fn rules(program: &Program) -> impl Iterator<Item = Json> {
    let of_program = |rule: &&Rule| match rule.holder {
        Holder::Principal(id) => program.principal(id).test.is_none(),
        Holder::Everyone | Holder::EveryoneExcept(_) => true,
    };
    program
        .rules
        .iter()
        .filter(of_program)
        .map(|rule| record(program, rule))
}

fn record(program: &Program, rule: &Rule) -> Json {
    let mut record = json!({
        "holder": holder(program, &rule.holder),
        "resource": resource(program, rule.resource),
        "actions": texts(&rule.actions),
        "effect": match rule.effect {
            Effect::Grant => "grant",
            Effect::Deny => "deny",
            Effect::Restrict { .. } => "restrict",
        },
        "condition": condition(program, rule),
        "applies": applies(program, &rule.applies),
        "file": rule.origin.file.as_str(),
        "line": rule.origin.line,
    });
    let mut put = |key: &str, json: Json| {
        if let Some(record) = record.as_object_mut() {
            record.insert(key.to_owned(), json);
        }
    };
    if let Effect::Restrict { by } = rule.effect {
        put(
            "by",
            by.map_or(Json::Null, |axis| self::axis(program, rule.resource, axis)),
        );
    }
    if let Some(source) = rule.everything_in {
        put("everything_in", json!(source_name(program, source)));
    }
    if !rule.docs.is_empty() {
        put("docs", texts(&rule.docs));
    }
    record
}

fn holder(program: &Program, holder: &Holder) -> Json {
    match holder {
        Holder::Principal(id) => json!({"principal": program.principal(*id).name.as_str()}),
        Holder::Everyone => json!({"everyone_except": []}),
        Holder::EveryoneExcept(ids) => json!({"everyone_except": names(program, ids)}),
    }
}

fn axis(program: &Program, resource: Resource, axis: Axis) -> Json {
    match (axis, resource) {
        (Axis::Column(column), Resource::Table(table)) => {
            json!({"column": column_name(program, table, column)})
        }
        (Axis::Hierarchy(id), _) => {
            let hierarchy = program.hierarchies.get(id.index());
            json!({"hierarchy": hierarchy.map_or("", |h| h.name.as_str())})
        }
        // Objects have no columns; the checker lets no such rule through.
        (Axis::Column(_), Resource::Object(_)) => Json::Null,
    }
}

fn applies(program: &Program, applies: &Applies) -> Json {
    let tables = |list: &[TableId]| -> Json {
        list.iter()
            .map(|t| program.table(*t).name.as_str())
            .collect()
    };
    match applies {
        Applies::Always => json!({"when": "always", "of": []}),
        Applies::WhenAll(list) => json!({"when": "all", "of": tables(list)}),
        Applies::WhenAny(list) => json!({"when": "any", "of": tables(list)}),
        Applies::UnlessOnly(list) => json!({"when": "unless_only", "of": tables(list)}),
    }
}
