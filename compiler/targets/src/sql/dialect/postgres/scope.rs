//! Scopes stored as `text`, `text[]` or `jsonb`: what `scope::parse_scope` reads, these read, and nothing else.
//!
//! One regular expression (without captures, so that it runs in one pass) says whether a scope can be read; in one that
//! can, symbols stand only where they mean something, and simple functions take it apart.

use smol_str::SmolStr;

use super::super::{Fresh, Pairs, call};
use super::catalog;
use crate::sql::layout::Storage;
use crate::sql::tree::{Expr, From, Op, Select};
use crate::target::Refusal;

/// Space and tab: the blanks that do not count around symbols.
const BLANKS: &str = " \t";

/// A character of a name; one that is no blank; one that is no blank and no `&`.
const ANY: &str = "[^][|=<>+*]";
const NO_BLANK: &str = "[^][|=<>+* \t]";
const PLAIN: &str = "[^][|=<>+*& \t]";

/// Where a scope can be read.
pub(super) fn readable(storage: Storage, raw: &Expr, fresh: Fresh<'_>) -> Expr {
    let none = |from: Vec<From>, good: Expr| {
        Expr::NotExists(Select::rows(from, Expr::IsNotTrue(Box::new(good))))
    };
    match storage {
        Storage::ScopeText => {
            let part = part();
            matches(raw.clone(), &format!("[ \t]*|{part}([|]{part})*"))
        }
        Storage::ScopeArray => {
            let (parts, value) = unnest(raw.clone(), fresh);
            let ranks = call("pg_catalog.array_ndims", vec![raw.clone()]);
            Expr::all([
                raw.clone().known(),
                call("COALESCE", vec![ranks, Expr::Int(1)]).compare(Op::Eq, Expr::Int(1)),
                none(vec![parts], matches(value, &part())),
            ])
        }
        _ => {
            let (from, level, member) = members_of_object(raw, fresh);
            let good = Expr::all([
                is_type(member.clone(), "string"),
                matches(text_of(member), &name_pattern()),
                matches(level, &name_pattern()),
            ]);
            Expr::all([is_type(raw.clone(), "object"), none(from, good)])
        }
    }
}

/// The pairs of a scope that can be read.
pub(super) fn pairs(storage: Storage, raw: &Expr, fresh: Fresh<'_>) -> Pairs {
    let parts = match storage {
        Storage::ScopeText => split(exact(raw.clone()), "|"),
        Storage::ScopeArray => raw.clone(),
        _ => {
            let (from, level, member) = members_of_object(raw, fresh);
            return Pairs {
                from,
                filter: Expr::Bool(true),
                level: trimmed(exact(level)),
                member: trimmed(exact(text_of(member))),
            };
        }
    };
    let (from, value) = unnest(parts, fresh);
    let side = |n: i64| {
        let args = vec![exact(value.clone()), Expr::text("="), Expr::Int(n)];
        call("pg_catalog.split_part", args)
    };
    let total =
        call("pg_catalog.right", vec![side(1), Expr::Int(1)]).compare(Op::Eq, Expr::text("&"));
    let level = Expr::Case {
        arms: vec![(total, call("pg_catalog.left", vec![side(1), Expr::Int(-1)]))],
        otherwise: Some(Box::new(side(1))),
    };
    // Brackets stand around a list only, and a name holds none.
    let members = call("pg_catalog.btrim", vec![side(2), Expr::text(" \t[]")]);
    let alias = fresh();
    let part = From::Select {
        values: vec![(trimmed(level), "level"), (members, "members")],
        from: vec![from],
        // The one part of an empty scope has no symbol.
        filter: call(
            "pg_catalog.strpos",
            vec![exact(value.clone()), Expr::text("=")],
        )
        .compare(Op::Gt, Expr::Int(0)),
        alias: alias.clone(),
    };
    let (list, member) = unnest(split(column(&alias, "members"), "+"), fresh);
    Pairs {
        from: vec![part, list],
        filter: Expr::Bool(true),
        level: column(&alias, "level"),
        member: trimmed(member),
    }
}

/// A level or member of a policy, as it compares with those that are read.
pub(super) fn name(text: &str) -> Result<Expr, Refusal> {
    if text.contains('\0') {
        return Err(Refusal::new(
            "E0505",
            "a member of a scope with a NUL character",
            "PostgreSQL keeps none",
        )
        .help("leave the character out: no row of PostgreSQL holds it"));
    }
    Ok(Expr::text(text))
}

/// What is taken for granted of columns in this storage.
pub(super) fn assumes(storage: Storage) -> Option<&'static str> {
    match storage {
        Storage::ScopeText => {
            Some("scope columns that are `stored as text` are `text` or `varchar`")
        }
        Storage::ScopeArray => Some("scope columns that are `stored as array` are `text[]`"),
        Storage::ScopeJson => Some(
            "scope columns that are `stored as json` are `jsonb`, which keeps the last of several equal levels",
        ),
        _ => None,
    }
}

/// A name with blanks around it.
fn name_pattern() -> String {
    format!("{ANY}*{NO_BLANK}{ANY}*")
}

/// A level, `=` or `&=`, and a member or a list of them. An `&` right before `=` belongs to the symbol, any other to
/// the level.
fn part() -> String {
    let name = name_pattern();
    format!("({ANY}*{PLAIN}{ANY}*|{ANY}*&{ANY}+)&?=([ \t]*[[]{name}([+]{name})*[]][ \t]*|{name})")
}

/// The whole text is as the pattern says.
fn matches(text: Expr, pattern: &str) -> Expr {
    exact(text).infix("~", Expr::Text(format!("^({pattern})$")))
}

/// A text compared character by character.
fn exact(text: Expr) -> Expr {
    text.cast(catalog::TEXT).collate(catalog::C)
}

/// The members of each level of a JSON object: from where, the level, and the member as `jsonb`.
fn members_of_object(raw: &Expr, fresh: Fresh<'_>) -> (Vec<From>, Expr, Expr) {
    // Of anything else `jsonb_each` raises an error.
    let object = Expr::Case {
        arms: vec![(is_type(raw.clone(), "object"), raw.clone())],
        otherwise: Some(Box::new(Expr::text("{}").cast(catalog::JSONB))),
    };
    let (levels, members) = (fresh(), fresh());
    let value = column(&levels, "value");
    let list = Expr::Case {
        arms: vec![(is_type(value.clone(), "array"), value.clone())],
        otherwise: Some(Box::new(call("pg_catalog.jsonb_build_array", vec![value]))),
    };
    let from = vec![
        From::Function {
            name: "pg_catalog.jsonb_each",
            args: vec![object],
            alias: levels.clone(),
            columns: &["level", "value"],
        },
        From::Function {
            name: "pg_catalog.jsonb_array_elements",
            args: vec![list],
            alias: members.clone(),
            columns: &["member"],
        },
    ];
    (from, column(&levels, "level"), column(&members, "member"))
}

fn is_type(json: Expr, kind: &str) -> Expr {
    call("pg_catalog.jsonb_typeof", vec![json]).compare(Op::Eq, Expr::text(kind))
}

/// The text of a JSON string.
fn text_of(json: Expr) -> Expr {
    json.infix("#>>", Expr::text("{}").cast(catalog::TEXTS))
}

fn unnest(array: Expr, fresh: Fresh<'_>) -> (From, Expr) {
    let alias = fresh();
    let value = column(&alias, "value");
    let from = From::Function {
        name: "pg_catalog.unnest",
        args: vec![array],
        alias,
        columns: &["value"],
    };
    (from, value)
}

fn split(text: Expr, separator: &str) -> Expr {
    call(
        "pg_catalog.string_to_array",
        vec![text, Expr::text(separator)],
    )
}

fn trimmed(text: Expr) -> Expr {
    call("pg_catalog.btrim", vec![text, Expr::text(BLANKS)])
}

fn column(alias: &SmolStr, name: &str) -> Expr {
    Expr::Column {
        row: vec![alias.clone()],
        name: name.into(),
    }
}
