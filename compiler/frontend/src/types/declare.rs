//! Checks of the items that declare what exists: sources, enums, tables, hierarchies, kinds, objects, attributes.

use std::collections::HashMap;

use ambit_core::{SOURCE_KINDS, Value};
use ambit_grammar::ast::{self, StoredForm};
use smol_str::SmolStr;

use super::decl::{resolve_type, table_decl, table_named};
use super::literal::value_of;
use super::ty::{BUILTIN_TYPES, Ty};
use crate::items::Item;
use crate::names::{Cx, Sort};

/// Where a type stands decides which types it may be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum TypeOf {
    Column,
    Attribute,
    Param,
}

/// Checks a type as written and gives it.
pub(crate) fn check_type(cx: &mut Cx<'_>, ty: &ast::Type, of: TypeOf) -> Ty {
    match ty {
        ast::Type::Error(_) => Ty::Unknown,
        ast::Type::Named(name) => check_named(cx, name),
        ast::Type::SetOf(name, span) => {
            let element = check_named(cx, name);
            if of != TypeOf::Attribute {
                let problem = cx
                    .problem("E0208", *span, "only attributes can be sets")
                    .label("a set here")
                    .help("link a table of its own to this one, and test it with `exists`");
                cx.report(problem);
                return Ty::Unknown;
            }
            if element == Ty::Unknown {
                Ty::Unknown
            } else {
                Ty::Set(Box::new(element))
            }
        }
        ast::Type::Scope(levels, span) => {
            cx.doubles("level", levels.iter().map(|l| (l.text.as_str(), l.span)));
            if of != TypeOf::Column {
                let problem = cx
                    .problem("E0208", *span, "only columns can be scopes")
                    .label("a scope here")
                    .help("use `string` or `set of string`");
                cx.report(problem);
                return Ty::Unknown;
            }
            resolve_type(cx.db, ty)
        }
    }
}

fn check_named(cx: &mut Cx<'_>, name: &ast::Name) -> Ty {
    if let Some(ty) = Ty::builtin(&name.text) {
        return ty;
    }
    if cx
        .names
        .all(&name.text)
        .iter()
        .any(|(s, _)| *s == Sort::Enum)
    {
        return Ty::Enum(name.text.clone());
    }
    let enums = cx.names.names_of(&[Sort::Enum]);
    let known: Vec<&str> = BUILTIN_TYPES
        .iter()
        .copied()
        .chain(enums.iter().copied())
        .collect();
    let alias = match name.text.to_ascii_lowercase().as_str() {
        "text" | "varchar" | "str" | "char" | "uuid" => Some("string"),
        "integer" | "bigint" | "int64" | "smallint" | "long" => Some("int"),
        "float" | "double" | "numeric" | "number" | "real" | "money" => Some("decimal"),
        "boolean" => Some("bool"),
        "datetime" | "timestamptz" => Some("timestamp"),
        _ => None,
    };
    let problem = if let Some(alias) = alias {
        cx.problem(
            "E0208",
            name.span,
            format!("there is no type `{}`", name.text),
        )
        .label("not a type")
        .help(format!("write `{alias}`"))
        .fix(format!("write `{alias}`"), false, cx.at(name.span), alias)
    } else {
        cx.unknown_member(
            "E0208",
            name.span,
            format!("there is no type `{}`", name.text),
            &name.text,
            known.into_iter(),
        )
    };
    cx.report(problem);
    Ty::Unknown
}

/// Checks outside names: their sources exist; `{param}` in them is a parameter.
pub(crate) fn check_outside(
    cx: &mut Cx<'_>,
    outside: &[ast::Outside],
    params: Option<&[(SmolStr, Ty)]>,
) {
    let mut seen: HashMap<Option<SmolStr>, ambit_grammar::Span> = HashMap::new();
    for out in outside {
        if let Some(source) = &out.source {
            cx.find(source, &[Sort::Source]);
        }
        let key = out.source.as_ref().map(|s| s.text.clone());
        if let Some(first) = seen.get(&key) {
            let where_ = key.map_or("every source".to_owned(), |s| format!("`{s}`"));
            let problem = cx
                .problem(
                    "E0313",
                    out.span,
                    format!("two outside names are given for {where_}"),
                )
                .label("a second name")
                .related("the first name", cx.at(*first))
                .help("say which source uses which name: `as \"a\", \"b\" in source`");
            cx.report(problem);
        } else {
            seen.insert(key, out.span);
        }
        for part in &out.parts {
            if part.text.is_empty() {
                let problem = cx
                    .problem("E0213", part.span, "an outside name cannot be empty")
                    .label("empty")
                    .help("write the name that the other system uses, or leave `as` out");
                cx.report(problem);
            }
            if let Some(params) = params {
                check_template(cx, part, params);
            }
        }
    }
}

fn check_template(cx: &mut Cx<'_>, part: &ast::Part, params: &[(SmolStr, Ty)]) {
    for piece in template(&part.text) {
        let Piece::Param(name) = piece else { continue };
        if !params.iter().any(|(n, _)| n == name) {
            let known: Vec<&str> = params.iter().map(|(n, _)| n.as_str()).collect();
            let near = ambit_diagnostics::nearest(name, known.iter().copied());
            let problem = cx
                .problem(
                    "E0213",
                    part.span,
                    format!("`{{{name}}}` in an outside name is no parameter of this role"),
                )
                .label("names an unknown parameter");
            let problem = match near {
                Some(near) => problem.help(format!("did you mean `{{{near}}}`?")),
                None if known.is_empty() => {
                    problem.help("this role has no parameters: write the name without braces")
                }
                None => problem.help(format!("parameters are {}", known.join(", "))),
            };
            cx.report(problem);
        }
    }
}

/// A piece of an outside name with parameters.
pub(crate) enum Piece<'a> {
    Text(&'a str),
    Param(&'a str),
}

/// The pieces of `ROLE_MARKET_{c}`.
pub(crate) fn template(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        let Some(close) = rest[open..].find('}') else {
            break;
        };
        if open > 0 {
            pieces.push(Piece::Text(&rest[..open]));
        }
        pieces.push(Piece::Param(&rest[open + 1..open + close]));
        rest = &rest[open + close + 1..];
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    pieces
}

pub(crate) fn check_source(cx: &mut Cx<'_>, source: &ast::Source) {
    check_outside(cx, &source.outside, None);
    if let Some(kind) = &source.kind
        && !SOURCE_KINDS.contains(&kind.text.as_str())
    {
        let problem = cx.unknown_member(
            "E0209",
            kind.span,
            format!("`{}` is no kind of source", kind.text),
            &kind.text,
            SOURCE_KINDS.iter().copied(),
        );
        cx.report(problem);
    }
}

pub(crate) fn check_enum(cx: &mut Cx<'_>, e: &ast::Enum) {
    if Ty::builtin(&e.name.text).is_some() {
        let problem = cx
            .problem(
                "E0202",
                e.name.span,
                format!("`{}` is a built-in type", e.name.text),
            )
            .label("taken")
            .help("choose another name");
        cx.report(problem);
    }
    cx.doubles(
        "member",
        e.members.iter().map(|m| (m.value.as_str(), m.span)),
    );
}

pub(crate) fn check_table<'db>(cx: &mut Cx<'db>, table: &ast::Table, item: Item<'db>) {
    if let Some(source) = &table.source {
        cx.find(source, &[Sort::Source]);
    }
    check_outside(cx, &table.outside, None);
    let mut seen: HashMap<&str, ambit_grammar::Span> = HashMap::new();
    for column in &table.columns {
        if let Some(first) = seen.get(column.name.text.as_str()) {
            let problem = cx
                .problem(
                    "E0202",
                    column.name.span,
                    format!(
                        "column `{}` of `{}` is declared twice",
                        column.name.text, table.name.text
                    ),
                )
                .label("a second time")
                .related("the first time", cx.at(*first))
                .help("remove one of the two, or rename it");
            cx.report(problem);
        } else {
            seen.insert(&column.name.text, column.name.span);
        }
        check_column(cx, column, item);
    }
}

fn check_column<'db>(cx: &mut Cx<'db>, column: &ast::Column, item: Item<'db>) {
    check_outside(cx, &column.outside, None);
    let ty = check_type(cx, &column.ty, TypeOf::Column);
    if let (Some(key), Some(nullable)) = (column.key, column.nullable) {
        let problem = cx
            .problem(
                "E0311",
                nullable,
                format!("key column `{}` cannot be null", column.name.text),
            )
            .label("may be null")
            .related("part of the key", cx.at(key))
            .help("remove the `?`, or the `key`");
        cx.report(problem);
    }
    if let Some(stored) = &column.stored {
        check_stored(cx, column, stored, &ty, item);
    }
    for link in &column.links {
        check_link(cx, column, link, &ty);
    }
}

fn check_stored<'db>(
    cx: &mut Cx<'db>,
    column: &ast::Column,
    stored: &ast::Stored,
    ty: &Ty,
    item: Item<'db>,
) {
    let ok = match (&stored.form, ty) {
        (StoredForm::Error, _)
        | (_, Ty::Unknown)
        | (StoredForm::Text, Ty::Scope(_) | Ty::Decimal)
        | (StoredForm::Array | StoredForm::Json | StoredForm::Rows { .. }, Ty::Scope(_)) => true,
        (StoredForm::Scaled(places), Ty::Decimal) => {
            let valid = matches!(&places.kind, ast::LiteralKind::Number(n) if n.parse::<u32>().is_ok_and(|n| n <= 18));
            if !valid {
                let problem = cx
                    .problem(
                        "E0412",
                        places.span,
                        "a decimal can be scaled by 0 to 18 places",
                    )
                    .label("not a number of places")
                    .help("write for example `stored as scaled(2)` for cents");
                cx.report(problem);
            }
            true
        }
        _ => false,
    };
    if !ok {
        let problem = cx
            .problem("E0412", stored.span, format!("a {ty} cannot be stored in this form"))
            .label(format!("`{}` is {ty}", column.name.text))
            .help(match ty {
                Ty::Decimal => "a decimal is stored `as text` or `as scaled(places)`",
                Ty::Scope(_) => "a scope is stored `as text`, `as array`, `as json` or `as rows in t(id, level, member)`",
                _ => "leave `stored as` out: only scopes and decimals have several forms",
            });
        cx.report(problem);
    }
    if let StoredForm::Rows { table, columns } = &stored.form {
        check_rows_form(cx, stored, table, columns, item);
    }
}

fn check_rows_form<'db>(
    cx: &mut Cx<'db>,
    stored: &ast::Stored,
    table: &ast::Name,
    columns: &[ast::Name],
    item: Item<'db>,
) {
    if let Some(own) = table_decl(cx.db, item)
        && own.columns.iter().filter(|c| c.key).count() != 1
        && !own.damaged
    {
        let problem = cx
            .problem(
                "E0412",
                stored.span,
                format!(
                    "`{}` needs one key column for a scope stored as rows",
                    own.name
                ),
            )
            .label("the rows are found by the key")
            .help("declare one column as `key`");
        cx.report(problem);
    }
    if columns.len() != 3 {
        let problem = cx
            .problem("E0412", stored.span, "a scope stored as rows names three columns")
            .label(format!("{} here", columns.len()))
            .help("write `stored as rows in t(id, level, member)`: this row's key, the level, the member");
        cx.report(problem);
        return;
    }
    let Some((_, other)) = cx.find(table, &[Sort::Table]) else {
        return;
    };
    let Some(other) = table_decl(cx.db, other) else {
        return;
    };
    for (i, name) in columns.iter().enumerate() {
        match other.column(&name.text) {
            None if !other.damaged => {
                let problem = cx.unknown_member(
                    "E0203",
                    name.span,
                    format!("table `{}` has no column `{}`", other.name, name.text),
                    &name.text,
                    other.columns.iter().map(|c| c.name.as_str()),
                );
                cx.report(problem);
            }
            Some((_, decl)) if i > 0 && !matches!(decl.ty, Ty::String | Ty::Unknown) => {
                let problem = cx
                    .problem(
                        "E0301",
                        name.span,
                        format!(
                            "`{}` holds texts of a scope, but it is {}",
                            name.text, decl.ty
                        ),
                    )
                    .label("a column of type string is expected here")
                    .help("name the columns in the order id, level, member");
                cx.report(problem);
            }
            _ => {}
        }
    }
}

fn check_link(cx: &mut Cx<'_>, column: &ast::Column, link: &ast::Path, ty: &Ty) {
    let [table, target] = link.names.as_slice() else {
        let problem = cx
            .problem(
                "E0307",
                link.span,
                "a link names a table and one of its columns",
            )
            .label("not `table.column`")
            .help("write for example `-> contacts.id`");
        cx.report(problem);
        return;
    };
    if cx.find(table, &[Sort::Table]).is_none() {
        return;
    }
    let Some(decl) = table_named(cx.db, &table.text) else {
        return;
    };
    let Some((_, other)) = decl.column(&target.text) else {
        if !decl.damaged {
            let problem = cx.unknown_member(
                "E0203",
                target.span,
                format!("table `{}` has no column `{}`", decl.name, target.text),
                &target.text,
                decl.columns.iter().map(|c| c.name.as_str()),
            );
            cx.report(problem);
        }
        return;
    };
    if matches!(ty, Ty::Scope(_)) || matches!(other.ty, Ty::Scope(_)) {
        let problem = cx
            .problem("E0309", link.span, "a scope cannot be a link")
            .label("links compare plain values")
            .help("link columns of type int, string or another plain type");
        cx.report(problem);
    } else if *ty != other.ty && *ty != Ty::Unknown && other.ty != Ty::Unknown {
        let problem = cx
            .problem(
                "E0301",
                link.span,
                format!(
                    "`{}` is {ty}, but `{}.{}` is {}",
                    column.name.text, decl.name, other.name, other.ty
                ),
            )
            .label("a link joins columns of one type")
            .help(format!(
                "declare `{}` as `{}`, or link to a column of type {ty}",
                column.name.text, other.ty
            ));
        cx.report(problem);
    }
}

pub(crate) fn check_hierarchy(cx: &mut Cx<'_>, h: &ast::Hierarchy) -> Vec<Vec<Value>> {
    let Some(table) = &h.table else {
        return Vec::new();
    };
    let Some((_, item)) = cx.find(table, &[Sort::Table]) else {
        return Vec::new();
    };
    let Some(table) = table_decl(cx.db, item) else {
        return Vec::new();
    };
    cx.doubles("level", h.levels.iter().map(|l| (l.text.as_str(), l.span)));
    let mut types = Vec::new();
    for level in &h.levels {
        match table.column(&level.text) {
            Some((_, column)) => types.push(column.ty.clone()),
            None => {
                types.push(Ty::Unknown);
                if !table.damaged {
                    let problem = cx.unknown_member(
                        "E0203",
                        level.span,
                        format!("table `{}` has no column `{}`", table.name, level.text),
                        &level.text,
                        table.columns.iter().map(|c| c.name.as_str()),
                    );
                    cx.report(problem);
                }
            }
        }
    }
    let mut members = Vec::new();
    for member in &h.members {
        if member.len() > types.len() {
            if let Some(extra) = member.get(types.len()) {
                let problem = cx
                    .problem(
                        "E0409",
                        extra.span,
                        format!(
                            "hierarchy `{}` has only {} levels",
                            h.name.text,
                            types.len()
                        ),
                    )
                    .label("one value too many")
                    .help("write one value for each level, coarse to fine");
                cx.report(problem);
            }
            continue;
        }
        let values: Vec<Option<Value>> = member
            .iter()
            .zip(&types)
            .zip(&h.levels)
            .map(|((literal, ty), level)| {
                value_of(cx, literal, ty, &format!("level `{}` is", level.text))
            })
            .collect();
        members.extend(values.into_iter().collect::<Option<Vec<_>>>());
    }
    members
}

pub(crate) fn check_kind(cx: &mut Cx<'_>, kind: &ast::Kind, damaged: bool) {
    check_outside(cx, &kind.outside, None);
    cx.doubles(
        "action",
        kind.actions
            .iter()
            .map(|a| (a.name.text.as_str(), a.name.span)),
    );
    for action in &kind.actions {
        let Some(implied) = &action.implies else {
            continue;
        };
        if damaged || kind.actions.iter().any(|a| a.name.text == implied.text) {
            continue;
        }
        let problem = cx.unknown_member(
            "E0205",
            implied.span,
            format!("kind `{}` has no action `{}`", kind.name.text, implied.text),
            &implied.text,
            kind.actions.iter().map(|a| a.name.text.as_str()),
        );
        cx.report(problem);
    }
    if let Some(action) = kind
        .actions
        .iter()
        .find(|a| implies_itself(kind, &a.name.text))
    {
        let problem = cx
            .problem(
                "E0405",
                action.name.span,
                format!("action `{}` implies itself", action.name.text),
            )
            .label("part of a cycle of `implies`")
            .help("two actions that imply each other are one: declare one of them");
        cx.report(problem);
    }
}

fn implies_itself(kind: &ast::Kind, action: &SmolStr) -> bool {
    let mut at = action;
    for _ in 0..=kind.actions.len() {
        let Some(next) = kind
            .actions
            .iter()
            .find(|a| a.name.text == *at)
            .and_then(|a| a.implies.as_ref())
        else {
            return false;
        };
        if next.text == *action {
            return true;
        }
        at = &next.text;
    }
    false
}

pub(crate) fn check_object(cx: &mut Cx<'_>, object: &ast::Object) {
    if let Some(source) = &object.source {
        cx.find(source, &[Sort::Source]);
    }
    check_outside(cx, &object.outside, None);
    if let Some(kind) = &object.kind {
        cx.find(kind, &[Sort::Kind]);
    }
    cx.doubles(
        "`uses`",
        object.uses.iter().map(|u| (u.text.as_str(), u.span)),
    );
    for used in &object.uses {
        cx.find(used, &[Sort::Table, Sort::Object]);
    }
}

pub(crate) fn check_attribute(cx: &mut Cx<'_>, attribute: &ast::Attribute) {
    if attribute.name.text == "login" {
        let problem = cx
            .problem("E0217", attribute.name.span, "`login` is built in")
            .label("taken")
            .help(
                "choose another name: `user.login` is the name under which a source knows the user",
            );
        cx.report(problem);
    }
    check_outside(cx, &attribute.outside, None);
    check_type(cx, &attribute.ty, TypeOf::Attribute);
}
