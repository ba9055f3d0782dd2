//! Checks of the items that declare what exists: sources, enums, tables, hierarchies, kinds, objects, attributes.

mod outside;
mod table;

use ambit_core::{SOURCE_KINDS, Value};
use ambit_grammar::ast;
use smol_str::SmolStr;

pub(crate) use self::outside::{Piece, check_outside, template};
pub(crate) use self::table::check_table;
use super::decl::{resolve_type, table_decl};
use super::literal::value_of;
use super::operand::unknown_column;
use super::ty::{BUILTIN_TYPES, Ty};
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
                unknown_column(cx, &table, level);
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
