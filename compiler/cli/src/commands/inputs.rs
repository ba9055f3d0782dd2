//! What several commands read: the day, the user, values written as text, rows of CSV files.

use std::sync::Arc;

use ambit_core::{
    Instant, PrincipalId, PrincipalKind, Program, Resource, Settings, SourceId, TableId, Type,
    Value,
};
use ambit_eval::User;
use jiff::civil::Date;
use serde_json::Value as Json;

use super::json;

pub use super::rows::{data, load_database, load_folder, read_folder};
use crate::args::{Global, Moment};
use crate::exit::{Exit, Failure};
use crate::workspace::Workspace;

/// The program of a sound project.
pub fn program(workspace: &Workspace) -> Result<Arc<Program>, Failure> {
    workspace.checked()?;
    ambit_compiler::program(&workspace.db, workspace.input).ok_or_else(|| {
        Failure::new(Exit::Input, "the project has errors").help("`ambit check` shows them")
    })
}

/// `today`: of `--at`, else of the clock, in the project's zone.
pub fn today(global: &Global, settings: &Settings) -> Date {
    match global.at {
        Some(Moment::Date(date)) => date,
        Some(Moment::Instant(instant)) => ambit_eval::day_of(instant, &settings.time_zone()),
        None => clock_day(settings),
    }
}

/// The day of the clock in the project's zone.
pub fn clock_day(settings: &Settings) -> Date {
    ambit_eval::day_of(Instant::of(jiff::Timestamp::now()), &settings.time_zone())
}

/// Now: the moment of `--at` (of a date its first instant in the project's zone), else of the clock.
pub fn now(global: &Global, settings: &Settings) -> Instant {
    match global.at {
        Some(Moment::Date(date)) => Instant::start_of(date, &settings.time_zone()),
        Some(Moment::Instant(instant)) => instant,
        None => Instant::of(jiff::Timestamp::now()),
    }
}

/// The day that a text says: a date, or the day of an instant in the project's zone.
pub fn read_day(text: &str, settings: &Settings) -> Result<Date, String> {
    match Moment::read(text) {
        Some(Moment::Date(date)) => Ok(date),
        Some(Moment::Instant(instant)) => Ok(ambit_eval::day_of(instant, &settings.time_zone())),
        None => Err(format!(
            "`{text}` is neither a date like 2024-01-15 nor an instant like 2024-01-15T10:00:00Z"
        )),
    }
}

/// The principal of that name; blanks within `market( "FRANCE" )` do not count.
pub fn principal(program: &Program, name: &str) -> Result<PrincipalId, String> {
    if let Some(id) = program.find_principal(name) {
        return Ok(id);
    }
    let tight = without_blanks(name);
    let found = program
        .principals
        .iter()
        .position(|p| p.test.is_none() && without_blanks(&p.name) == tight);
    found
        .map(|position| PrincipalId(position as u32))
        .ok_or_else(|| {
            let known = program
                .principals
                .iter()
                .filter(|p| p.test.is_none())
                .map(|p| p.name.as_str());
            json::unknown("user, group or role", name, known)
        })
}

/// A text without the blanks outside its strings.
fn without_blanks(text: &str) -> String {
    let mut in_string = false;
    let mut escaped = false;
    text.chars()
        .filter(|c| {
            let keep = in_string || !c.is_whitespace();
            if *c == '"' && !escaped {
                in_string = !in_string;
            }
            escaped = *c == '\\' && !escaped;
            keep
        })
        .collect()
}

/// The table of that name.
pub fn table(program: &Program, name: &str) -> Result<TableId, String> {
    program.find_table(name).ok_or_else(|| {
        json::unknown(
            "table",
            name,
            program.tables.iter().map(|t| t.name.as_str()),
        )
    })
}

/// The table or object of that name.
pub fn resource(program: &Program, name: &str) -> Result<Resource, String> {
    if let Some(table) = program.find_table(name) {
        return Ok(Resource::Table(table));
    }
    let object = program.find_object(name).map(Resource::Object);
    object.ok_or_else(|| {
        let tables = program.tables.iter().map(|t| t.name.as_str());
        let objects = program.objects.iter().map(|o| o.name.as_str());
        json::unknown("table or object", name, tables.chain(objects))
    })
}

/// Fails unless the resource has the action.
pub fn check_action(program: &Program, resource: Resource, action: &str) -> Result<(), String> {
    let actions = program.actions_of(resource);
    if actions.iter().any(|known| known == action) {
        return Ok(());
    }
    let what = format!("action of `{}`", program.resource_name(resource));
    let known = actions.iter().map(smol_str::SmolStr::as_str);
    Err(json::unknown(&what, action, known))
}

/// The source of that name, in which the table must live.
pub fn source(program: &Program, name: &str, of: Option<TableId>) -> Result<SourceId, String> {
    let source = program.find_source(name).ok_or_else(|| {
        json::unknown(
            "source",
            name,
            program.sources.iter().map(|s| s.name.as_str()),
        )
    })?;
    match of {
        Some(table) if !program.table(table).sources.contains(&source) => Err(format!(
            "`{}` does not live in `{name}`",
            program.table(table).name
        )),
        _ => Ok(source),
    }
}

/// What a user is called who has no principal and no login: nobody can be declared so, for it is a word of the language.
pub const EVERYONE: &str = "everyone";

/// The source in which a question is judged: `wanted`, else the first of the table, or the object's.
pub fn judged_in(
    program: &Program,
    resource: Resource,
    wanted: Option<SourceId>,
) -> Option<SourceId> {
    match resource {
        Resource::Table(table) => program.source_of(table, wanted),
        Resource::Object(object) => program.objects.get(object.index())?.source,
    }
}

/// Fails where the user has two principals that exclude one another: nobody is such a user.
pub fn check_exclusive(program: &Program, held: &[PrincipalId]) -> Result<(), String> {
    match program.excluded(held) {
        None => Ok(()),
        Some((a, b, origin)) => Err(format!(
            "no user has both `{}` and `{}`: they exclude one another (`exclusive`, {}:{})",
            program.principal(a).name,
            program.principal(b).name,
            origin.file,
            origin.line
        )),
    }
}

/// A user: declared (by his Ambit name, or by the login that `source` knows him by) or not, with more principals, and
/// attributes that the identity provider supplies. `everyone` is someone without any principal: what everyone has.
pub fn user<'a>(
    program: &Program,
    name: Option<&str>,
    principals: impl Iterator<Item = &'a str>,
    source: Option<SourceId>,
) -> Result<User, String> {
    let name = name.filter(|name| *name != EVERYONE);
    let others = principals
        .filter(|name| *name != EVERYONE)
        .map(|name| principal(program, name))
        .collect::<Result<Vec<_>, _>>()?;
    let is_user = |id: &PrincipalId| program.principal(*id).kind == PrincipalKind::User;
    let mut users: Vec<PrincipalId> = others.iter().copied().filter(is_user).collect();
    let mut user = match name {
        // A login that belongs to a declared user is he. Whoever is not declared is a login without principals.
        Some(name) => {
            let by_login = || program.user_of_login(name, source);
            match principal(program, name).ok().or_else(by_login) {
                Some(id) => {
                    users.push(id);
                    User::of(program, id)
                }
                None => User::named(program, name),
            }
        }
        None => users
            .first()
            .map_or_else(|| User::nobody(program), |id| User::of(program, *id)),
    };
    users.retain(is_user);
    users.sort_unstable();
    users.dedup();
    if users.len() > 1 {
        let names: Vec<&str> = users
            .iter()
            .map(|id| program.principal(*id).name.as_str())
            .collect();
        return Err(format!(
            "nobody is two users at once: `{}`",
            names.join("`, `")
        ));
    }
    for other in others {
        user.add(program, other);
    }
    check_exclusive(program, &user.principals)?;
    Ok(user)
}

/// The principal of that name; none for `everyone`, who has none.
pub fn bare(program: &Program, name: &str) -> Result<Option<PrincipalId>, String> {
    if name == EVERYONE {
        return Ok(None);
    }
    principal(program, name).map(Some)
}

/// Someone with that principal alone, or with none.
pub fn known_user(program: &Program, name: &str) -> Result<User, String> {
    let who = bare(program, name)?;
    let user = who.map_or_else(|| User::nobody(program), |id| User::of(program, id));
    check_exclusive(program, &user.principals)?;
    Ok(user)
}

/// The value that a text says, for a column or attribute of a type: `\N` (and for what is no text also `null`) is
/// null; a set is a JSON list or its elements with commas.
pub fn read_text(program: &Program, ty: &Type, text: &str, place: &str) -> Result<Value, String> {
    if text == "\\N" || (text == "null" && !matches!(ty, Type::String | Type::Enum(_))) {
        return Ok(Value::Null);
    }
    if let Type::Set(of) = ty {
        if let Ok(list @ Json::Array(_)) = serde_json::from_str::<Json>(text) {
            return json::read_value(program, ty, &list, place);
        }
        let elements = text
            .split(',')
            .map(str::trim)
            .filter(|element| !element.is_empty());
        let elements = elements
            .map(|element| read_text(program, of, element, place))
            .collect::<Result<_, _>>()?;
        return Ok(Value::set(elements));
    }
    ambit_query::data::cell(ty, text).ok_or_else(|| {
        let ty = ambit_core::print::print_type(program, ty);
        let shown: String = text.chars().take(60).collect();
        format!("`{place}` takes {ty}, not `{shown}`")
    })
}

/// `a=1,b="x, y"`: names and values, split at the commas outside quotes. A value in quotes is a JSON string.
pub fn pairs(text: &str) -> Result<Vec<(String, String)>, String> {
    let mut pairs = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (name, after) = rest
            .split_once('=')
            .ok_or_else(|| format!("`{rest}` is not `name=value`"))?;
        let value;
        if after.starts_with('"') {
            let mut stream = serde_json::Deserializer::from_str(after).into_iter::<String>();
            value = match stream.next() {
                Some(Ok(value)) => value,
                _ => {
                    return Err(format!(
                        "the quoted value of `{}` is not closed",
                        name.trim()
                    ));
                }
            };
            let after = after
                .get(stream.byte_offset()..)
                .unwrap_or_default()
                .trim_start();
            rest = match after.strip_prefix(',') {
                Some(after) => after,
                None if after.is_empty() => "",
                None => {
                    return Err(format!(
                        "after the value of `{}` comes a comma",
                        name.trim()
                    ));
                }
            };
        } else {
            let (cell, after) = after.split_once(',').unwrap_or((after, ""));
            value = cell.to_owned();
            rest = after;
        }
        pairs.push((name.trim().to_owned(), value));
    }
    Ok(pairs)
}

/// Supplies attributes written `name=value`.
pub fn supply(program: &Program, user: &mut User, attributes: &[String]) -> Result<(), String> {
    for written in attributes {
        let (name, text) = written
            .split_once('=')
            .ok_or_else(|| format!("`{written}` is not `name=value`"))?;
        let (id, ty) = attribute(program, name.trim())?;
        user.supply(
            id,
            read_text(program, ty, text, &format!("user.{}", name.trim()))?,
        );
    }
    Ok(())
}

/// The attribute of that name, with its type.
pub fn attribute<'p>(
    program: &'p Program,
    name: &str,
) -> Result<(ambit_core::AttributeId, &'p Type), String> {
    let found = program
        .find_attribute(name)
        .and_then(|id| program.attributes.get(id.index()).map(|a| (id, &a.ty)));
    found.ok_or_else(|| {
        json::unknown(
            "attribute",
            name,
            program.attributes.iter().map(|a| a.name.as_str()),
        )
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{pairs, without_blanks};

    #[test]
    fn names_and_values() {
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(
            pairs("id=3,name=Amber").unwrap(),
            [pair("id", "3"), pair("name", "Amber")]
        );
        assert_eq!(
            pairs("a=\"x, \\\"y\\\"\", b=").unwrap(),
            [pair("a", "x, \"y\""), pair("b", "")]
        );
        assert_eq!(
            pairs("scope=Book=A|ID=1").unwrap(),
            [pair("scope", "Book=A|ID=1")]
        );
        assert_eq!(pairs("").unwrap(), []);
        for bad in ["a", "a=\"x", "a=\"x\"y"] {
            assert!(pairs(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn blanks_in_strings_count() {
        assert_eq!(without_blanks("pair( \"a b\" , 2)"), "pair(\"a b\",2)");
        assert_eq!(without_blanks("p(\"a\\\" b\")"), "p(\"a\\\" b\")");
    }
}
