//! Values (V of contract.md), types and outside names.

use ambit_core::{OutsideName, Program, ScopeOp, ScopeValue, Type, Value};
use serde_json::{Value as Json, json};
use smol_str::SmolStr;

/// The largest integer that every reader of JSON keeps apart from its neighbours: 2^53 - 1.
const SAFE: u64 = (1 << 53) - 1;

/// V of a value; an integer beyond 2^53 - 1 as its digits, which no reader rounds.
pub(super) fn value(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(value) => json!(value),
        Value::Int(value) if value.unsigned_abs() > SAFE => json!({"int": value.to_string()}),
        Value::Int(value) => json!(value),
        Value::Decimal(value) => json!({"decimal": value.to_string()}),
        Value::Text(value) => json!(value.as_str()),
        Value::Date(value) => json!({"date": value.to_string()}),
        Value::Timestamp(value) => json!({"timestamp": value.to_string()}),
        Value::Set(values) => json!({"set": values.iter().map(self::value).collect::<Vec<_>>()}),
        Value::Scope(scope) => match &**scope {
            ScopeValue::Unreadable(text) => json!(text.as_str()),
            ScopeValue::Entries(entries) => {
                let entries: Vec<Json> = entries
                    .iter()
                    .map(|entry| {
                        let op = match entry.op {
                            ScopeOp::Equals => "=",
                            ScopeOp::TotalEquals => "&=",
                            ScopeOp::NotEquals => "<>",
                            ScopeOp::TotalNotEquals => "&<>",
                        };
                        json!([entry.level.as_str(), op, texts(&entry.members)])
                    })
                    .collect();
                json!({"scope": entries})
            }
        },
    }
}

/// A type: a word, or `{"enum": name}`, `{"scope": levels}`, `{"set": type}`.
pub(super) fn ty(program: &Program, of: &Type) -> Json {
    match of {
        Type::Bool => json!("bool"),
        Type::Int => json!("int"),
        Type::Decimal => json!("decimal"),
        Type::String => json!("string"),
        Type::Date => json!("date"),
        Type::Timestamp => json!("timestamp"),
        Type::Enum(id) => json!({"enum": program.enumeration(*id).name.as_str()}),
        Type::Scope(levels) => json!({"scope": texts(levels)}),
        Type::Set(of) => json!({"set": ty(program, of)}),
    }
}

/// Outside names as written: each with the source that calls the thing so, or none for all others.
pub(super) fn outside(program: &Program, names: &[OutsideName]) -> Json {
    let names = names.iter().map(|name| {
        let source = name.source.and_then(|id| program.sources.get(id.index()));
        let source = source.map(|source| source.name.as_str());
        json!({"source": source, "parts": texts(&name.parts)})
    });
    names.collect()
}

/// A list of texts.
pub(super) fn texts(list: &[SmolStr]) -> Json {
    list.iter().map(SmolStr::as_str).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_that_some_readers_round_stand_as_their_digits() {
        for exact in [0, -1, (1 << 53) - 1, 1 - (1 << 53)] {
            assert_eq!(value(&Value::Int(exact)), json!(exact));
        }
        for large in [1 << 53, -(1 << 53), i64::MAX, i64::MIN] {
            assert_eq!(value(&Value::Int(large)), json!({"int": large.to_string()}));
        }
        let set = Value::set(vec![Value::Int(i64::MAX)]);
        assert_eq!(
            value(&set),
            json!({"set": [{"int": "9223372036854775807"}]})
        );
    }
}
