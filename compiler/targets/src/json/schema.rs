//! What exists: sources, enums, tables, hierarchies, kinds, objects, attributes; and what is said of them.

use ambit_core::{Column, ColumnId, Program, Resource, SourceId, Stored, Table, TableId};
use serde_json::{Map, Value as Json, json};
use sha2::{Digest as _, Sha256};
use smol_str::SmolStr;

use super::print::compact;
use super::value::{outside, texts, ty, value};

/// The schema, with the digest of all of it. It holds no comments and no places: what moves or is explained anew stays
/// the same schema.
pub(super) fn schema(program: &Program) -> Json {
    let mut schema = Map::new();
    let mut put = |key: &str, entries: Map<String, Json>| {
        schema.insert(key.to_owned(), Json::Object(entries));
    };
    put(
        "sources",
        each(&program.sources, |s| (&s.name, source(program, s))),
    );
    put(
        "enums",
        each(&program.enums, |e| (&e.name, texts(&e.members))),
    );
    put(
        "tables",
        each(&program.tables, |t| (&t.name, table(program, t))),
    );
    put(
        "hierarchies",
        each(&program.hierarchies, |h| (&h.name, hierarchy(program, h))),
    );
    put(
        "kinds",
        each(&program.kinds, |k| (&k.name, kind(program, k))),
    );
    put(
        "objects",
        each(&program.objects, |o| (&o.name, object(program, o))),
    );
    put(
        "attributes",
        each(&program.attributes, |a| (&a.name, attribute(program, a))),
    );
    let digest = digest(&Json::Object(schema.clone()));
    schema.insert("sha256".to_owned(), json!(digest));
    Json::Object(schema)
}

/// SHA-256 of the canonical text: one line, keys sorted, no blanks, no escapes but those that JSON demands.
fn digest(schema: &Json) -> String {
    Sha256::digest(compact(schema))
        .iter()
        .fold(String::new(), |mut hex, byte| {
            for nibble in [byte >> 4, byte & 15] {
                hex.extend(char::from_digit(u32::from(nibble), 16));
            }
            hex
        })
}

fn each<'p, T>(list: &'p [T], entry: impl Fn(&'p T) -> (&'p SmolStr, Json)) -> Map<String, Json> {
    list.iter()
        .map(|one| {
            let (name, json) = entry(one);
            (name.to_string(), json)
        })
        .collect()
}

/// The doc comments of tables, columns (`table.column`) and objects.
pub(super) fn docs(program: &Program) -> Json {
    let mut docs = Map::new();
    let mut add = |name: String, lines: &[SmolStr]| {
        if !lines.is_empty() {
            docs.insert(name, texts(lines));
        }
    };
    for table in &program.tables {
        add(table.name.to_string(), &table.docs);
        for column in &table.columns {
            add(format!("{}.{}", table.name, column.name), &column.docs);
        }
    }
    for object in &program.objects {
        add(object.name.to_string(), &object.docs);
    }
    Json::Object(docs)
}

fn source(program: &Program, source: &ambit_core::Source) -> Json {
    json!({"kind": source.kind.as_str(), "outside": outside(program, &source.outside)})
}

fn table(program: &Program, table: &Table) -> Json {
    let columns = each(&table.columns, |c| (&c.name, column(program, table, c)));
    let keys = table
        .keys
        .iter()
        .filter_map(|key| table.columns.get(key.index()));
    json!({
        "columns": columns,
        "keys": keys.map(|c| c.name.as_str()).collect::<Vec<_>>(),
        "open": table.open,
        "outside": outside(program, &table.outside),
        "sources": table.sources.iter().map(|s| source_name(program, *s)).collect::<Vec<_>>(),
    })
}

fn column(program: &Program, of: &Table, column: &Column) -> Json {
    let links = column.links.iter().map(|link| {
        json!({
            "table": program.table(link.table).name.as_str(),
            "column": column_name(program, link.table, link.column),
        })
    });
    json!({
        "type": ty(program, &column.ty),
        "nullable": column.nullable,
        "stored": column.stored.as_ref().map(|s| stored(program, of, s)),
        "links": links.collect::<Vec<_>>(),
        "outside": outside(program, &column.outside),
    })
}

fn stored(program: &Program, of: &Table, stored: &Stored) -> Json {
    match stored {
        Stored::Text => json!({"as": "text"}),
        Stored::Array => json!({"as": "array"}),
        Stored::Json => json!({"as": "json"}),
        Stored::Scaled(places) => json!({"as": "scaled", "places": places}),
        Stored::Rows {
            table,
            id,
            level,
            member,
        } => json!({
            "as": "rows",
            // The rows of a scope are those whose `id` is this key of its row.
            "key": of.keys.first().and_then(|k| of.columns.get(k.index())).map(|c| c.name.as_str()),
            "table": program.table(*table).name.as_str(),
            "id": column_name(program, *table, *id),
            "level": column_name(program, *table, *level),
            "member": column_name(program, *table, *member),
        }),
    }
}

fn hierarchy(program: &Program, hierarchy: &ambit_core::Hierarchy) -> Json {
    let levels = hierarchy.levels.iter();
    let members = hierarchy.members.iter();
    json!({
        "table": program.table(hierarchy.table).name.as_str(),
        "levels": levels.map(|c| column_name(program, hierarchy.table, *c)).collect::<Vec<_>>(),
        "members": members.map(|m| m.iter().map(value).collect()).collect::<Vec<Json>>(),
    })
}

fn kind(program: &Program, kind: &ambit_core::Kind) -> Json {
    let implies: Map<String, Json> = kind
        .actions
        .iter()
        .zip(&kind.implies)
        .map(|(action, implied)| {
            let implied = implied.iter().filter_map(|i| kind.actions.get(*i));
            (action.to_string(), implied.map(SmolStr::as_str).collect())
        })
        .collect();
    json!({
        "actions": texts(&kind.actions),
        "implies": implies,
        "outside": outside(program, &kind.outside),
    })
}

fn object(program: &Program, object: &ambit_core::Object) -> Json {
    let kind = program.kinds.get(object.kind.index());
    json!({
        "kind": kind.map_or("", |k| k.name.as_str()),
        "outside": outside(program, &object.outside),
        "source": object.source.map(|s| source_name(program, s)),
        "uses": object.uses.iter().map(|r| resource(program, *r)).collect::<Vec<_>>(),
    })
}

fn attribute(program: &Program, attribute: &ambit_core::Attribute) -> Json {
    json!({"type": ty(program, &attribute.ty), "outside": outside(program, &attribute.outside)})
}

/// `{"table": name}` or `{"object": name}`.
pub(super) fn resource(program: &Program, resource: Resource) -> Json {
    let name = program.resource_name(resource).as_str();
    match resource {
        Resource::Table(_) => json!({"table": name}),
        Resource::Object(_) => json!({"object": name}),
    }
}

pub(super) fn source_name(program: &Program, source: SourceId) -> &str {
    program
        .sources
        .get(source.index())
        .map_or("", |s| s.name.as_str())
}

pub(super) fn column_name(program: &Program, table: TableId, column: ColumnId) -> &str {
    program.column(table, column).name.as_str()
}
