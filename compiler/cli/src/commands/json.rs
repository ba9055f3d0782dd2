//! The JSON shapes of contract.md, both ways: V (values), W (witnesses), T (truth), E (explained conditions), and the
//! rules of a decision.

use std::sync::Arc;

use ambit_core::{
    Effect, Program, Row, RuleId, ScopeEntry, ScopeOp, ScopeValue, TableId, Type, Value, read_date,
};
use ambit_eval::{Explanation, Node, RowRef, check_value, parse_scope};
use serde_json::{Value as Json, json};
use smol_str::SmolStr;

pub use ambit_analysis::show::value;

/// A row as an object of V, in the order of its columns.
pub fn row(program: &Program, table: TableId, row: RowRef<'_>) -> Json {
    ambit_analysis::show::row(program, table, row.values)
}

/// The value that V says, for a column or attribute of a type. Beside V itself, dates, timestamps and decimals may
/// stand as plain strings, a decimal as an integer, a set as a list, and a scope as its text. `place` names the
/// column or attribute in errors.
pub fn read_value(program: &Program, ty: &Type, json: &Json, place: &str) -> Result<Value, String> {
    let value = match (ty, json) {
        (Type::Scope(_), Json::Object(_)) => {
            Value::Scope(Arc::new(read_scope(tagged(json, "scope"), place)?))
        }
        (Type::Scope(_), Json::String(text)) => Value::Scope(Arc::new(parse_scope(text))),
        (Type::Set(of), json) if !json.is_null() => {
            let Some(Json::Array(elements)) = tagged(json, "set").or(Some(json)) else {
                return Err(wrong(program, ty, json, place));
            };
            let elements = elements
                .iter()
                .map(|element| read_value(program, of, element, place))
                .collect::<Result<_, _>>()?;
            Value::set(elements)
        }
        (ty, json) => plain(ty, json).ok_or_else(|| wrong(program, ty, json, place))?,
    };
    check_value(program, ty, value, &|| place.to_owned()).map_err(|error| error.to_string())
}

/// A value that is neither set nor scope; `None` where it is not of the type.
fn plain(ty: &Type, json: &Json) -> Option<Value> {
    let text = |tag: &str| tagged(json, tag).or(Some(json)).and_then(Json::as_str);
    Some(match (ty, json) {
        (_, Json::Null) => Value::Null,
        (Type::Bool, Json::Bool(value)) => Value::Bool(*value),
        (Type::Int, Json::Number(number)) => Value::Int(number.as_i64()?),
        (Type::Int, _) => Value::Int(tagged(json, "int")?.as_str()?.parse().ok()?),
        (Type::Decimal, Json::Number(number)) => Value::Decimal(number.as_i64()?.into()),
        (Type::Decimal, _) => Value::Decimal(text("decimal")?.parse().ok()?),
        (Type::String | Type::Enum(_), Json::String(text)) => Value::text(text),
        (Type::Date, _) => Value::Date(read_date(text("date")?)?),
        (Type::Timestamp, _) => Value::Timestamp(text("timestamp")?.parse().ok()?),
        _ => return None,
    })
}

/// What stands in `{"tag": …}`, an object of this one key.
fn tagged<'j>(json: &'j Json, tag: &str) -> Option<&'j Json> {
    match json {
        Json::Object(map) if map.len() == 1 => map.get(tag),
        _ => None,
    }
}

fn read_scope(json: Option<&Json>, place: &str) -> Result<ScopeValue, String> {
    let bad = || {
        format!(
            "`{place}` takes a scope: {{\"scope\":[[\"Book\",\"=\",[\"Book 1\"]]]}} or its text"
        )
    };
    let entries = json.and_then(Json::as_array).ok_or_else(bad)?;
    let entries = entries
        .iter()
        .map(|entry| {
            let [Json::String(level), Json::String(op), Json::Array(members)] =
                entry.as_array()?.as_slice()
            else {
                return None;
            };
            let op = match op.as_str() {
                "=" => ScopeOp::Equals,
                "&=" => ScopeOp::TotalEquals,
                "<>" => ScopeOp::NotEquals,
                "&<>" => ScopeOp::TotalNotEquals,
                _ => return None,
            };
            let members: Vec<SmolStr> = members
                .iter()
                .map(|m| m.as_str().map(SmolStr::new))
                .collect::<Option<_>>()?;
            (!members.is_empty()).then(|| ScopeEntry {
                level: level.as_str().into(),
                op,
                members,
            })
        })
        .collect::<Option<Vec<_>>>();
    entries.map(ScopeValue::Entries).ok_or_else(bad)
}

fn wrong(program: &Program, ty: &Type, json: &Json, place: &str) -> String {
    let wanted = match ty {
        Type::Int => "int (64 bits)".to_owned(),
        Type::Decimal => "decimal, written {\"decimal\":\"12.50\"}".to_owned(),
        Type::Date => "date, written {\"date\":\"2024-01-15\"}".to_owned(),
        Type::Timestamp => "timestamp, written {\"timestamp\":\"2024-01-15T10:00:00Z\"}".to_owned(),
        ty => ambit_core::print::print_type(program, ty),
    };
    let found: String = json.to_string().chars().take(60).collect();
    format!("`{place}` takes {wanted}, not {found}")
}

/// The row that an object of V says. Columns that it does not name are null; a name that is no column is an error.
pub fn read_row(program: &Program, table: TableId, json: &Json) -> Result<Row, String> {
    let declared = program.table(table);
    let Json::Object(cells) = json else {
        return Err(format!(
            "a row of `{}` is an object of columns and values",
            declared.name
        ));
    };
    let mut row = vec![Value::Null; declared.columns.len()];
    for (name, cell) in cells {
        let position = declared
            .columns
            .iter()
            .position(|column| column.name == name.as_str());
        let found = position.and_then(|p| declared.columns.get(p).zip(row.get_mut(p)));
        let Some((column, slot)) = found else {
            return Err(unknown(
                &format!("column of `{}`", declared.name),
                name,
                declared.columns.iter().map(|c| c.name.as_str()),
            ));
        };
        *slot = read_value(
            program,
            &column.ty,
            cell,
            &format!("{}.{name}", declared.name),
        )?;
    }
    Ok(row.into())
}

/// `no column of `sales` is called `amuont`: did you mean `amount`?`
pub fn unknown<'a>(what: &str, name: &str, known: impl Iterator<Item = &'a str>) -> String {
    match ambit_diagnostics::nearest(name, known) {
        Some(near) => format!("no {what} is called `{name}`: did you mean `{near}`?"),
        None => format!("no {what} is called `{name}`"),
    }
}

/// E of an explained condition.
pub fn tree(node: &Node) -> Json {
    json!({
        "text": node.text,
        "value": node.value.as_str(),
        "children": node.children.iter().map(tree).collect::<Vec<_>>(),
    })
}

/// `rules` of a decision: every rule of the user's principals on the resource and action, each once a part.
pub fn rules(program: &Program, explanation: &Explanation) -> Json {
    let mut rules: Vec<Json> = Vec::new();
    for reason in explanation.parts.iter().flat_map(|part| &part.rules) {
        if let Some(rule) = rule(program, reason.rule, reason.applies, reason.value.as_str())
            && !rules.contains(&rule)
        {
            rules.push(rule);
        }
    }
    Json::Array(rules)
}

fn rule(program: &Program, id: RuleId, applies: bool, value: &str) -> Option<Json> {
    let rule = program.rules.get(id.index())?;
    let effect = match rule.effect {
        Effect::Grant => "grant",
        Effect::Deny => "deny",
        Effect::Restrict { .. } => "restrict",
    };
    Some(json!({
        "effect": effect,
        "file": rule.origin.file.as_str(),
        "line": rule.origin.line,
        "applies": applies,
        "value": value,
    }))
}

/// `allow` or `deny`.
pub fn decision(explanation: &Explanation) -> &'static str {
    if explanation.value.is_true() {
        "allow"
    } else {
        "deny"
    }
}
