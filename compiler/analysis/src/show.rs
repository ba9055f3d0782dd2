//! Witnesses for people and programs: the shapes V and W of contract.md, and lines of text.

use std::fmt::Write as _;

use ambit_core::{Program, Resource, Row, ScopeOp, ScopeValue, SourceId, TableId, Value};
use serde_json::{Map, Value as Json, json};
use smol_str::SmolStr;

use crate::raw::Shown;

/// V of a value.
pub fn value(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(value) => json!(value),
        Value::Int(value) => json!(value),
        Value::Decimal(value) => json!({"decimal": value.to_string()}),
        Value::Text(value) => json!(value.as_str()),
        Value::Date(value) => json!({"date": value.to_string()}),
        Value::Timestamp(value) => json!({"timestamp": value.to_string()}),
        Value::Set(values) => json!({"set": values.iter().map(self::value).collect::<Vec<_>>()}),
        Value::Scope(scope) => match &**scope {
            // What cannot be read has no pairs: it stands as its text.
            ScopeValue::Unreadable(text) => json!(text.as_str()),
            ScopeValue::Entries(entries) => {
                let entries: Vec<Json> = entries
                    .iter()
                    .map(|e| {
                        let members: Vec<&str> = e.members.iter().map(SmolStr::as_str).collect();
                        json!([e.level.as_str(), op_text(e.op), members])
                    })
                    .collect();
                json!({"scope": entries})
            }
        },
    }
}

fn op_text(op: ScopeOp) -> &'static str {
    match op {
        ScopeOp::Equals => "=",
        ScopeOp::TotalEquals => "&=",
        ScopeOp::NotEquals => "<>",
        ScopeOp::TotalNotEquals => "&<>",
    }
}

/// A row as an object of V, in the order of its columns.
pub fn row(program: &Program, table: TableId, values: &[Value]) -> Json {
    let columns = program.table(table).columns.iter();
    let cells: Map<String, Json> = columns
        .zip(values)
        .map(|(column, cell)| (column.name.to_string(), value(cell)))
        .collect();
    Json::Object(cells)
}

/// W of a witness. Of an update it has `new`, too: the row after; of any action but `read`, `action`.
pub fn witness(program: &Program, shown: &Shown) -> Json {
    let attributes: Map<String, Json> = attributes(program, shown)
        .into_iter()
        .map(|(name, v)| (name.to_string(), value(&v)))
        .collect();
    let own_again = shown.row.is_some() && read_again(program, shown.resource);
    let shown_rows = if own_again {
        shown.related.clone()
    } else {
        others(shown)
    };
    let related: Map<String, Json> = shown_rows
        .into_iter()
        .map(|(table, rows)| {
            let rows: Vec<Json> = rows.iter().map(|r| row(program, table, r)).collect();
            (program.table(table).name.to_string(), Json::Array(rows))
        })
        .collect();
    let query: Vec<&str> = shown
        .query
        .iter()
        .map(|t| program.table(*t).name.as_str())
        .collect();
    let cells = |of: &Option<Row>| match (shown.resource, of) {
        (Resource::Table(table), Some(values)) => row(program, table, values),
        _ => json!({}),
    };
    let named = name(program, shown);
    let mut user = json!({
        "name": named.map(SmolStr::as_str),
        "principals": principals(program, shown),
        "attributes": attributes,
    });
    let mut out = json!({
        "query": query,
        "at": shown.today.to_string(),
        "row": cells(&shown.row),
        "related": related,
    });
    if let Json::Object(user) = &mut user
        && !says_all(program, shown, named)
    {
        let logins: Map<String, Json> = shown
            .user
            .logins
            .iter()
            .map(|(source, login)| {
                let source = source.map_or("", |s| &program.sources[s.index()].name);
                (source.to_owned(), json!(login.as_deref()))
            })
            .collect();
        user.insert("logins".to_owned(), Json::Object(logins));
    }
    if let Json::Object(map) = &mut out {
        map.insert("user".to_owned(), user);
        let (key, object) = match shown.resource {
            Resource::Table(_) => ("table", false),
            Resource::Object(_) => ("object", true),
        };
        let resource = program.resource_name(shown.resource).as_str();
        map.insert(key.to_owned(), json!(resource));
        if object || shown.action != "read" {
            map.insert("action".to_owned(), json!(shown.action));
        }
        if shown.new.is_some() {
            map.insert("new".to_owned(), cells(&shown.new));
        }
    }
    out
}

/// The declared user's name, else the login in the source in which it is asked, else one in another; `None`: no login.
fn name<'a>(program: &'a Program, shown: &'a Shown) -> Option<&'a SmolStr> {
    if let Some(declared) = shown.user.declared {
        return Some(&program.principal(declared).name);
    }
    let logins = &shown.user.logins;
    let asked = source(program, shown);
    let here = logins.iter().find(|(of, _)| *of == asked);
    let first = || logins.iter().find_map(|(_, login)| login.as_ref());
    here.map_or_else(first, |(_, login)| login.as_ref().or_else(first))
}

/// The source in which it is asked.
fn source(program: &Program, shown: &Shown) -> Option<SourceId> {
    match shown.resource {
        Resource::Table(table) => program.source_of(table, None),
        Resource::Object(object) => program.objects[object.index()].source,
    }
}

/// Does the name alone say by which login each source knows the user? Not where logins differ, and not where the name is
/// somebody else's, too.
fn says_all(program: &Program, shown: &Shown, name: Option<&SmolStr>) -> bool {
    let Some(name) = name.filter(|_| shown.user.declared.is_none()) else {
        return true;
    };
    let mut logins = shown.user.logins.iter();
    logins.all(|(_, login)| login.as_ref() == Some(name))
        && name != "everyone"
        && program.find_principal(name).is_none()
        && program
            .user_of_login(name, source(program, shown))
            .is_none()
}

/// What the user has: of a declared one what is written, too.
fn principals<'a>(program: &'a Program, shown: &Shown) -> Vec<&'a str> {
    let mut ids = shown.user.principals.clone();
    if let Some(declared) = shown.user.declared {
        ids.extend(&program.principal(declared).inherits);
    }
    ids.sort_unstable();
    ids.dedup();
    ids.iter()
        .map(|p| program.principal(*p).name.as_str())
        .collect()
}

fn attributes<'a>(program: &'a Program, shown: &'a Shown) -> Vec<(&'a SmolStr, Value)> {
    let written = shown
        .user
        .declared
        .into_iter()
        .flat_map(|d| &program.principal(d).attributes);
    let mut all: Vec<_> = written.chain(&shown.user.attributes).cloned().collect();
    all.sort_by_key(|(a, _)| *a);
    all.into_iter()
        .map(|(a, v)| (&program.attributes[a.index()].name, v))
        .collect()
}

/// May a condition that is read at a row lead back to the row's own table? Only over links.
fn read_again(program: &Program, resource: Resource) -> bool {
    let Resource::Table(table) = resource else {
        return false;
    };
    let mut columns = program.tables.iter().flat_map(|t| &t.columns);
    let own = &program.table(table).columns;
    own.iter().any(|c| !c.links.is_empty())
        || columns.any(|c| c.links.iter().any(|l| l.table == table))
}

/// The rows of the data, without the one shown; of its own table all, where there are more.
fn others(shown: &Shown) -> Vec<(TableId, Vec<Row>)> {
    shown
        .related
        .iter()
        .filter(|(table, rows)| {
            shown.resource != Resource::Table(*table)
                || rows.len() > 1
                || rows.first() != shown.row.as_ref()
        })
        .cloned()
        .collect()
}

/// A witness in words, one line each.
pub fn lines(program: &Program, shown: &Shown) -> Vec<String> {
    let mut out = Vec::new();
    let name = name(program, shown);
    let mut user = match (shown.user.declared, name) {
        (Some(_), Some(name)) => format!("user `{name}`"),
        (None, Some(login)) if same_everywhere(shown) => {
            format!("someone with the login {}", quoted(login))
        }
        (None, Some(_)) => {
            let each: Vec<String> = shown
                .user
                .logins
                .iter()
                .map(|(source, login)| {
                    let login = login.as_ref().map_or("none".to_owned(), quoted);
                    match source {
                        Some(s) => format!("{login} in `{}`", program.sources[s.index()].name),
                        None => login,
                    }
                })
                .collect();
            format!("someone with the login {}", each.join(", "))
        }
        (_, None) => "someone".to_owned(),
    };
    let principals = principals(program, shown);
    if !principals.is_empty() {
        let _ = write!(user, ", with `{}`", principals.join("`, `"));
    }
    let attributes: Vec<String> = attributes(program, shown)
        .iter()
        .map(|(name, v)| format!("{name} = {}", ambit_core::print::print_value(v)))
        .collect();
    if !attributes.is_empty() {
        let _ = write!(user, " and {}", attributes.join(", "));
    }
    let verb = if shown.allowed { "can" } else { "cannot" };
    let what = program.resource_name(shown.resource);
    match (shown.resource, &shown.row) {
        (Resource::Table(table), Some(values)) => {
            let mut line = format!(
                "{user} {verb} {} the row of `{what}` with {}",
                shown.action,
                cells(program, table, values)
            );
            if let Some(new) = shown.new.as_ref().filter(|n| **n != *values) {
                let _ = write!(line, ", making it {}", cells(program, table, new));
            }
            out.push(line);
        }
        _ => out.push(format!("{user} {verb} {} `{what}`", shown.action)),
    }
    for (table, rows) in others(shown) {
        let name = &program.table(table).name;
        for values in &rows {
            out.push(format!(
                "where `{name}` has {}",
                cells(program, table, values)
            ));
        }
    }
    let more: Vec<&str> = shown
        .query
        .iter()
        .filter(|t| shown.resource != Resource::Table(**t))
        .map(|t| program.table(*t).name.as_str())
        .collect();
    if !more.is_empty() {
        out.push(format!("in a query of `{}` also", more.join("`, `")));
    }
    out
}

fn same_everywhere(shown: &Shown) -> bool {
    let mut logins = shown.user.logins.iter();
    let first = logins.next();
    logins.all(|(_, login)| first.is_some_and(|(_, one)| one == login))
}

fn quoted(login: &SmolStr) -> String {
    ambit_core::print::print_value(&Value::Text(login.clone()))
}

/// `id = 1, country = "FRANCE"`; nulls stand last, together.
fn cells(program: &Program, table: TableId, values: &[Value]) -> String {
    let columns = &program.table(table).columns;
    let mut said: Vec<String> = Vec::new();
    let mut nulls: Vec<&str> = Vec::new();
    for (column, v) in columns.iter().zip(values) {
        if v.is_null() {
            nulls.push(&column.name);
        } else {
            said.push(format!(
                "{} = {}",
                column.name,
                ambit_core::print::print_value(v)
            ));
        }
    }
    if !nulls.is_empty() {
        said.push(format!("no {}", nulls.join(", no ")));
    }
    said.join(", ")
}
