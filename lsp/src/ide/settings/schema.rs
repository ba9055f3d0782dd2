//! The JSON Schema of `ambit.toml`, as far as an editor asks it.

use std::sync::LazyLock;

use ambit_diagnostics::registry;
use serde_json::Value;

use super::Entry;

/// The schema that is published beside the documentation.
const TEXT: &str = include_str!("../../../../docs/schemas/ambit-toml.schema.json");

static SCHEMA: LazyLock<Value> = LazyLock::new(|| serde_json::from_str(TEXT).unwrap_or_default());

/// What the schema says of a table or setting.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Node {
    /// Its documentation.
    pub docs: String,
    /// The values that can be listed.
    pub values: Vec<String>,
    /// What counts without it.
    pub default: Option<String>,
    /// It takes a list.
    list: bool,
}

impl Node {
    fn of(schema: &Value) -> Self {
        let text = |key: &str| schema.get(key).and_then(Value::as_str).unwrap_or_default();
        let list = text("type") == "array";
        let of = if list {
            schema.get("items")
        } else {
            Some(schema)
        };
        let listed = of.and_then(|of| of.get("enum")).and_then(Value::as_array);
        let mut values: Vec<String> = listed
            .into_iter()
            .flatten()
            .filter_map(|v| v.as_str().map(str::to_owned))
            .collect();
        if text("type") == "boolean" {
            values = vec!["true".to_owned(), "false".to_owned()];
        }
        Self {
            docs: text("description").to_owned(),
            values,
            default: schema.get("default").map(ToString::to_string),
            list,
        }
    }

    /// What may stand behind the `=`.
    pub fn takes(&self) -> String {
        if self.values.is_empty() {
            return "\"…\"".to_owned();
        }
        let quoted = self.values.iter().map(|v| match v.as_str() {
            "true" | "false" => v.clone(),
            v => format!("\"{v}\""),
        });
        let all = quoted.collect::<Vec<_>>().join(" | ");
        if self.list {
            format!("[{all}, …]")
        } else {
            all
        }
    }
}

/// The part of the schema that speaks of a table.
fn table<'a>(path: &[String]) -> Option<&'a Value> {
    let mut at: &Value = &SCHEMA;
    for name in path {
        at = at.get("properties")?.get(name)?;
    }
    Some(at)
}

/// What is said of a table.
pub fn find_table(path: &[String]) -> Option<Node> {
    table(path).map(Node::of)
}

/// What is said of a setting of a table.
pub fn find(path: &[String], key: &str) -> Option<Node> {
    let table = table(path)?;
    let own = table.get("properties").and_then(|p| p.get(key));
    // Any finding may be named in `[lints]`.
    let own = own.or_else(|| table.get("additionalProperties").filter(|a| a.is_object()));
    own.map(Node::of)
}

/// The tables that there are.
pub fn tables() -> Vec<Entry> {
    let mut all = Vec::new();
    let properties = SCHEMA.get("properties").and_then(Value::as_object);
    for (name, table) in properties.into_iter().flatten() {
        let mut put = |label: String, of: &Value| {
            let docs = Node::of(of).docs;
            all.push(Entry {
                label,
                key: true,
                docs,
            });
        };
        if name != "targets" {
            put(name.clone(), table);
            continue;
        }
        let targets = table.get("properties").and_then(Value::as_object);
        for (target, of) in targets.into_iter().flatten() {
            put(format!("{name}.{target}"), of);
        }
    }
    all
}

/// The settings of a table.
pub fn keys(path: &[String]) -> Vec<Entry> {
    if path == ["lints"] {
        let lints = ambit_compiler::lints().into_iter();
        return lints
            .map(|slug| {
                let code = registry::CODES.iter().find(|c| c.slug == slug);
                Entry {
                    label: slug.to_owned(),
                    key: true,
                    docs: code.map_or_else(String::new, |c| format!("{}: {}", c.code, c.title)),
                }
            })
            .collect();
    }
    let properties = table(path)
        .and_then(|t| t.get("properties"))
        .and_then(Value::as_object);
    let own = properties.into_iter().flatten();
    own.map(|(name, of)| Entry {
        label: name.clone(),
        key: true,
        docs: Node::of(of).docs,
    })
    .collect()
}
