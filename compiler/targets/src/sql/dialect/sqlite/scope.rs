//! Scopes stored as text, array or JSON, taken apart by `SQLite`'s own JSON functions: what `scope::parse_scope` reads,
//! they read, and nothing else.
//!
//! A text becomes the JSON array of its parts (`["Book=Book 1","ID=1"]`), a part's members another one. The engine's
//! texts end at a NUL where JSON is decoded, so U+0000 and U+0001 are written as U+0001 and a digit before; names of a
//! policy are written likewise ([`name`]).

use smol_str::SmolStr;

use super::super::{Fresh, Pairs, call};
use super::is_class;
use crate::sql::layout::Storage;
use crate::sql::tree::{Expr, From, Op, Select};

/// Space and tab: the blanks that do not count around symbols.
const BLANKS: &str = " \t";

/// Where a scope can be read.
pub(super) fn readable(storage: Storage, raw: &Expr, fresh: Fresh<'_>) -> Expr {
    let class = is_class(raw, "text");
    let none = |from: Vec<From>, bad: Expr| Expr::NotExists(Select::rows(from, bad));
    match storage {
        Storage::ScopeText => {
            let (from, bad) = bad_part(parts_of_text(raw), None, fresh);
            let empty = trimmed(raw.clone()).compare(Op::Eq, Expr::text(""));
            Expr::all([class, Expr::any([empty, none(from, bad)])])
        }
        Storage::ScopeArray => {
            let (part, element) = each(document(raw, "array", "[]"), fresh);
            let no_text = element("type").compare(Op::Ne, Expr::text("text"));
            let strange = none(
                vec![part],
                Expr::any([no_text, lone_surrogate(element("value"))]),
            );
            let (from, bad) = bad_part(document(raw, "array", "[]"), Some("text"), fresh);
            Expr::all([class, is_kind(raw, "array"), strange, none(from, bad)])
        }
        _ => {
            let (member, element) = each(document(raw, "object", "{}"), fresh);
            let (other, twin) = each(document(raw, "object", "{}"), fresh);
            // Which of two equal keys counts, readers of JSON do not agree on.
            let twice = Expr::all([
                twin("key").compare(Op::Eq, element("key")),
                twin("id").compare(Op::Ne, element("id")),
            ]);
            let kinds = vec![Expr::text("text"), Expr::text("array")];
            let strange = Expr::any([
                Expr::without(element("type"), kinds),
                lone_surrogate(element("key")),
                Expr::Exists(Select::rows(vec![other], twice)),
            ]);
            let (from, key, member_of) = members_of_object(raw, fresh);
            let bad = Expr::any([
                member_of("type").compare(Op::Ne, Expr::text("text")),
                bad_name(key),
                bad_name(member_of("value")),
                lone_surrogate(member_of("value")),
            ]);
            Expr::all([
                class,
                is_kind(raw, "object"),
                none(vec![member], strange),
                none(from, bad),
            ])
        }
    }
}

/// The pairs of a scope that can be read.
pub(super) fn pairs(storage: Storage, raw: &Expr, fresh: Fresh<'_>) -> Pairs {
    let part = match storage {
        Storage::ScopeText => cut(parts_of_text(raw), None, fresh),
        Storage::ScopeArray => cut(document(raw, "array", "[]"), Some("text"), fresh),
        _ => {
            let (from, key, member) = members_of_object(raw, fresh);
            return Pairs {
                from,
                filter: Expr::Bool(true),
                level: trimmed(key),
                member: trimmed(member("value")),
            };
        }
    };
    let (members, member) = each(split(listed(part.members), "+"), fresh);
    Pairs {
        // The one part of an empty scope has no symbol.
        filter: part.symbol.compare(Op::Gt, Expr::Int(0)),
        level: trimmed(part.level),
        member: trimmed(member("value")),
        from: vec![part.from, members],
    }
}

/// A level or member of a policy, as it compares with those that are read.
pub(super) fn name(text: &str) -> Expr {
    Expr::Text(text.replace('\u{1}', "\u{1}1").replace('\0', "\u{1}0"))
}

/// A part, cut at its symbol.
struct Part {
    from: From,
    /// The position of its `=`; 0 without one.
    symbol: Expr,
    /// What stands before, without the `&` of `&=`.
    level: Expr,
    /// What stands behind, without blanks around it.
    behind: Expr,
    /// The same without brackets.
    members: Expr,
}

/// The parts of a JSON array of parts.
fn cut(parts: Expr, kind: Option<&str>, fresh: Fresh<'_>) -> Part {
    let (from, element) = each(parts, fresh);
    let value = || element("value");
    let at = || call("instr", vec![value(), Expr::text("=")]);
    let before = call(
        "substr",
        vec![value(), Expr::Int(1), at().infix("-", Expr::Int(1))],
    );
    let behind = call("substr", vec![value(), at().infix("+", Expr::Int(1))]);
    let halves = fresh();
    let half = |name: &str| column(&halves, name);
    let halves_from = From::Select {
        values: vec![
            (at(), "symbol"),
            (before, "before"),
            (trimmed(behind), "behind"),
        ],
        from: vec![from],
        filter: kind.map_or(Expr::Bool(true), |kind| {
            element("type").compare(Op::Eq, Expr::text(kind))
        }),
        alias: halves.clone(),
    };
    let shortened = |name: &str, from: i64, less: i64| {
        let length = call("length", vec![half(name)]).infix("-", Expr::Int(less));
        call("substr", vec![half(name), Expr::Int(from), length])
    };
    let level = either(
        glob(half("before"), "*&"),
        shortened("before", 1, 1),
        half("before"),
    );
    let members = either(
        glob(half("behind"), "[[]*]"),
        shortened("behind", 2, 2),
        half("behind"),
    );
    let alias = fresh();
    let of = |name: &str| column(&alias, name);
    Part {
        symbol: of("symbol"),
        level: of("level"),
        behind: of("behind"),
        members: of("members"),
        from: From::Select {
            values: vec![
                (half("symbol"), "symbol"),
                (level, "level"),
                (half("behind"), "behind"),
                (members, "members"),
            ],
            from: vec![halves_from],
            filter: Expr::Bool(true),
            alias: alias.clone(),
        },
    }
}

/// Parts that cannot be read: from where, and the condition.
fn bad_part(parts: Expr, kind: Option<&str>, fresh: Fresh<'_>) -> (Vec<From>, Expr) {
    let part = cut(parts, kind, fresh);
    let (members, member) = each(split(listed(part.members.clone()), "+"), fresh);
    let nameless = trimmed(member("value")).compare(Op::Eq, Expr::text(""));
    let bare = part.behind.compare(Op::Eq, part.members.clone());
    let bad = Expr::any([
        part.symbol.compare(Op::Eq, Expr::Int(0)),
        bad_name(part.level),
        glob(part.members.clone(), "*[][|=<>*]*"),
        Expr::all([bare, glob(part.members, "*+*")]),
        Expr::Exists(Select::rows(vec![members], nameless)),
    ]);
    (vec![part.from], bad)
}

/// A name that is empty or holds a symbol.
fn bad_name(name: Expr) -> Expr {
    Expr::any([
        glob(name.clone(), "*[][|=<>+*]*"),
        trimmed(name).compare(Op::Eq, Expr::text("")),
    ])
}

/// The members of each level of a JSON object: from where, the level, and a column of `json_each`.
fn members_of_object(
    raw: &Expr,
    fresh: Fresh<'_>,
) -> (Vec<From>, Expr, impl Fn(&str) -> Expr + use<>) {
    let (level, element) = each(document(raw, "object", "{}"), fresh);
    let list = either(
        element("type").compare(Op::Eq, Expr::text("array")),
        element("value"),
        call("json_array", vec![element("value")]),
    );
    let (members, member) = each(list, fresh);
    (vec![level, members], element("key"), member)
}

/// A text as the JSON array of its parts.
fn parts_of_text(raw: &Expr) -> Expr {
    // Of a blob JSON functions would raise an error; that it is no text is said elsewhere.
    let text = raw.clone().cast("TEXT");
    split(without_nul(listed(text)), "|")
}

/// The JSON array that holds one text.
fn listed(text: Expr) -> Expr {
    call("json_array", vec![text])
}

/// The JSON array of the pieces between separators, of one that holds one text.
fn split(list: Expr, separator: &str) -> Expr {
    replaced(list, separator, "\",\"")
}

/// JSON with U+0000 and U+0001 written as U+0001 and a digit. First `\\` goes, so that what is left of backslashes
/// begins an escape.
fn without_nul(json: Expr) -> Expr {
    let json = replaced(json, r"\\", r"\u005c");
    replaced(replaced(json, r"\u0001", r"\u00011"), r"\u0000", r"\u00010")
}

/// The value where it is a text: of anything else `SQLite`'s JSON functions might raise an error.
fn text(raw: &Expr) -> Expr {
    Expr::when(is_class(raw, "text"), raw.clone())
}

/// Is it JSON of that kind? To these functions JSON ends at a NUL, but text goes on.
fn is_kind(raw: &Expr, kind: &str) -> Expr {
    let valid = call("json_valid", vec![text(raw)]).compare(Op::Eq, Expr::Int(1));
    let whole = call("instr", vec![text(raw), Expr::text("\0")]).compare(Op::Eq, Expr::Int(0));
    Expr::when(
        Expr::all([valid, whole]),
        call("json_type", vec![raw.clone()]),
    )
    .compare(Op::Eq, Expr::text(kind))
}

/// The JSON where it is of that kind, else an empty one.
fn document(raw: &Expr, kind: &str, empty: &str) -> Expr {
    either(
        is_kind(raw, kind),
        without_nul(raw.clone()),
        Expr::text(empty),
    )
}

/// An escape like `\ud800` alone: no text of Unicode, and no JSON for most readers. The engine decodes it to something
/// that it shows itself as U+FFFD.
fn lone_surrogate(text: Expr) -> Expr {
    glob(replaced(text, "\u{fffd}", ""), "*\u{fffd}*")
}

/// The elements of a JSON array or object.
fn each(json: Expr, fresh: Fresh<'_>) -> (From, impl Fn(&str) -> Expr + use<>) {
    let alias = fresh();
    let from = From::Function {
        // Qualified, no common table expression of the query can stand in for it.
        name: "main.json_each",
        args: vec![json],
        alias: alias.clone(),
        columns: &[],
    };
    (from, move |name: &str| column(&alias, name))
}

fn column(alias: &SmolStr, name: &str) -> Expr {
    Expr::Column {
        row: vec![alias.clone()],
        name: name.into(),
    }
}

fn trimmed(text: Expr) -> Expr {
    call("trim", vec![text, Expr::text(BLANKS)])
}

fn replaced(text: Expr, from: &str, to: &str) -> Expr {
    call("replace", vec![text, Expr::text(from), Expr::text(to)])
}

fn glob(text: Expr, pattern: &str) -> Expr {
    text.infix("GLOB", Expr::text(pattern))
}

fn either(condition: Expr, then: Expr, otherwise: Expr) -> Expr {
    Expr::Case {
        arms: vec![(condition, then)],
        otherwise: Some(Box::new(otherwise)),
    }
}
