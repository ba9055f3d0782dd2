//! Literals: a literal has the type of what it is compared with, exactly; there is no conversion.

use ambit_core::{Decimal, Instant, Value, read_date};
use ambit_diagnostics::Problem;
use ambit_grammar::ast::{Literal, LiteralKind};
use jiff::civil::Date;
use smol_str::SmolStr;

use super::decl::{enum_decl, find};
use super::ty::Ty;
use crate::names::{Cx, Sort};

/// The value of a literal that must be of type `ty`; reports and gives nothing where it is not.
/// `what` says what it is compared with, e.g. "`amount` is".
pub(crate) fn value_of(cx: &mut Cx<'_>, literal: &Literal, ty: &Ty, what: &str) -> Option<Value> {
    match (ty, &literal.kind) {
        (Ty::Unknown, _) => None,
        (Ty::Bool, LiteralKind::Bool(b)) => Some(Value::Bool(*b)),
        (Ty::Int, LiteralKind::Number(n)) => int(cx, literal, n),
        (Ty::Decimal, LiteralKind::Number(n)) => decimal(cx, literal, n),
        (Ty::String, LiteralKind::String(s)) => Some(Value::Text(s.clone())),
        (Ty::Date, LiteralKind::Date(d)) => date(cx, literal, d).map(Value::Date),
        (Ty::Timestamp, LiteralKind::Timestamp(t)) => {
            timestamp(cx, literal, t).map(Value::Timestamp)
        }
        (Ty::Enum(name), LiteralKind::String(s)) => member(cx, literal, name, s),
        _ => {
            let problem = mismatch(cx, literal, ty, what);
            cx.report(problem);
            None
        }
    }
}

fn mismatch(cx: &Cx<'_>, literal: &Literal, ty: &Ty, what: &str) -> Problem {
    let problem = cx
        .problem(
            "E0301",
            literal.span,
            format!(
                "{what} {ty}, but {} is {}",
                written(literal),
                kind_name(literal)
            ),
        )
        .label(format!("a literal of type {ty} is expected here"));
    match (&literal.kind, ty) {
        (LiteralKind::String(s), Ty::Int | Ty::Decimal) if s.parse::<Decimal>().is_ok() => {
            problem.help("write the number without quotes").fix(
                format!("write `{s}`"),
                true,
                cx.at(literal.span),
                s.as_str(),
            )
        }
        (LiteralKind::String(s), Ty::Date) if read_date(s).is_some() => {
            problem.help("write the date without quotes").fix(
                format!("write `{s}`"),
                true,
                cx.at(literal.span),
                s.as_str(),
            )
        }
        (LiteralKind::String(s), Ty::Timestamp) if Instant::with_offset(s).is_some() => {
            problem.help("write the timestamp without quotes").fix(
                format!("write `{s}`"),
                true,
                cx.at(literal.span),
                s.as_str(),
            )
        }
        (LiteralKind::String(s), Ty::Bool) if s == "true" || s == "false" => {
            problem.help("write it without quotes").fix(
                format!("write `{s}`"),
                true,
                cx.at(literal.span),
                s.as_str(),
            )
        }
        (
            LiteralKind::Number(n) | LiteralKind::Date(n) | LiteralKind::Timestamp(n),
            Ty::String | Ty::Enum(_),
        ) => problem.help("write it in double quotes").fix(
            format!("write `\"{n}\"`"),
            true,
            cx.at(literal.span),
            format!("\"{n}\""),
        ),
        (LiteralKind::Date(d), Ty::Timestamp) => {
            problem.help(format!("write an instant, for example `{d}T00:00:00Z`"))
        }
        (_, Ty::Set(_)) => problem.help("write the set in brackets, for example `[\"a\", \"b\"]`"),
        _ => problem.help(format!("write {}", example(ty))),
    }
}

/// What a literal of a type looks like.
pub(crate) fn example(ty: &Ty) -> &'static str {
    match ty {
        Ty::Bool => "`true` or `false`",
        Ty::Int => "an integer such as `42`",
        Ty::Decimal => "a number such as `12.50`",
        Ty::String | Ty::Enum(_) => "a text in double quotes",
        Ty::Date => "a date such as `2024-01-15`",
        Ty::Timestamp => "an instant such as `2024-01-15T10:00:00Z`",
        Ty::Scope(_) => "a scope test such as `contains any { … }`",
        Ty::Set(_) => "a set such as `[\"a\", \"b\"]`",
        Ty::Unknown => "a value",
    }
}

/// A literal as written, in backticks.
pub(crate) fn written(literal: &Literal) -> String {
    match &literal.kind {
        LiteralKind::String(s) => format!("`{s:?}`"),
        LiteralKind::Number(n) => format!("`{}`", shortened(n)),
        LiteralKind::Date(n) | LiteralKind::Timestamp(n) => format!("`{n}`"),
        LiteralKind::Bool(b) => format!("`{b}`"),
    }
}

fn kind_name(literal: &Literal) -> &'static str {
    match literal.kind {
        LiteralKind::String(_) => "a text",
        LiteralKind::Number(_) => "a number",
        LiteralKind::Date(_) => "a date",
        LiteralKind::Timestamp(_) => "an instant",
        LiteralKind::Bool(_) => "a truth value",
    }
}

fn bad(cx: &mut Cx<'_>, literal: &Literal, message: String, help: &str) {
    let problem = cx
        .problem("E0303", literal.span, message)
        .label("this literal")
        .help(help);
    cx.report(problem);
}

/// A number as messages show it.
fn shortened(text: &str) -> String {
    const MOST: usize = 60;
    match text.get(..MOST) {
        Some(start) if text.len() > MOST => format!("{start}…"),
        _ => text.to_owned(),
    }
}

fn int(cx: &mut Cx<'_>, literal: &Literal, text: &str) -> Option<Value> {
    match text.parse::<i64>() {
        Ok(n) => Some(Value::Int(n)),
        Err(_) if text.contains('.') => {
            bad(
                cx,
                literal,
                format!("`{}` is no integer", shortened(text)),
                "an int has no decimals: write a whole number",
            );
            None
        }
        Err(_) => {
            bad(
                cx,
                literal,
                format!("`{}` does not fit 64 bits", shortened(text)),
                "ints lie between -9223372036854775808 and 9223372036854775807",
            );
            None
        }
    }
}

fn decimal(cx: &mut Cx<'_>, literal: &Literal, text: &str) -> Option<Value> {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    if digits <= Decimal::LITERAL_DIGITS
        && let Ok(d) = Decimal::parse(text)
    {
        return Some(Value::Decimal(d));
    }
    bad(
        cx,
        literal,
        format!("`{}` has {digits} digits", shortened(text)),
        "a decimal in a policy is written with at most 1000 digits",
    );
    None
}

/// A day of the calendar, else a problem.
pub(crate) fn date(cx: &mut Cx<'_>, literal: &Literal, text: &str) -> Option<Date> {
    let date = read_date(text);
    if date.is_none() {
        bad(
            cx,
            literal,
            format!("`{text}` is no day of the calendar"),
            "write year-month-day, for example `2024-02-29`; the years are 1 to 9999",
        );
    }
    date
}

fn timestamp(cx: &mut Cx<'_>, literal: &Literal, text: &str) -> Option<Instant> {
    let instant = Instant::with_offset(text);
    if instant.is_none() {
        bad(
            cx,
            literal,
            format!("`{text}` is no instant"),
            "write date, `T`, time and `Z` or an offset, for example `2024-01-15T10:00:00Z`; the years are 1 to 9999, and a fraction of a second has up to nine digits",
        );
    }
    instant
}

fn member(cx: &mut Cx<'_>, literal: &Literal, name: &SmolStr, text: &SmolStr) -> Option<Value> {
    let item = find(cx.db, name, Sort::Enum)?;
    let decl = enum_decl(cx.db, item)?;
    if decl.has(text) {
        return Some(Value::Text(text.clone()));
    }
    if !decl.damaged {
        let problem = cx
            .problem(
                "E0302",
                literal.span,
                format!("`{text:?}` is not a member of `{name}`"),
            )
            .label(format!("not in enum `{name}`"))
            .related(
                format!("`{name}` is declared here"),
                crate::names::name_place(cx.db, item),
            );
        let near = ambit_diagnostics::nearest(text, decl.members.iter().map(SmolStr::as_str));
        let problem = match near {
            Some(near) => problem.help(format!("did you mean `{near:?}`?")).fix(
                format!("write `{near:?}`"),
                false,
                cx.at(literal.span),
                format!("{near:?}"),
            ),
            None => {
                let some: Vec<String> = decl
                    .members
                    .iter()
                    .take(8)
                    .map(|m| format!("`{m:?}`"))
                    .collect();
                problem.help(format!("members are {}", some.join(", ")))
            }
        };
        cx.report(problem);
    }
    None
}
