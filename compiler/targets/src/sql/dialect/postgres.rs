//! `PostgreSQL`: columns are typed by the server, so that little needs checking.
//!
//! What a name means depends on the session: types are looked up among its temporary ones first, all else along its
//! `search_path`. So types, functions, collations and operators are named with their schema. Some words of SQL look an
//! operator up by its bare name (`IN`, `BETWEEN`): they are written out. Others (`AT TIME ZONE`, `INTERVAL`,
//! `COALESCE`, `ARRAY`, `CASE`, `IS …`) mean the same in every session, and so do the words `TRUE` and `FALSE`.

mod catalog;
mod scope;
mod zone;

use std::fmt::Write as _;

use ambit_core::{Decimal, TextTest, Unit, Value};
use jiff::civil::{DateTime, date};
use jiff::tz::Offset;
use smol_str::SmolStr;

use super::{Capabilities, Move, Unreadable, call};
use crate::sql::domain::{Domain, Form};
use crate::sql::layout::Storage;
use crate::sql::tree::{Expr, From, Op};
use crate::target::Refusal;

pub(super) const POSTGRES: Capabilities = Capabilities {
    name: "PostgreSQL",
    minimum: "15",
    name_bytes: Some(63),
    name_parts: 3,
    schema: "public",
    schema_assumed: Some("tables that are named without a schema stand in `{}`"),
    // Of one that is missing, the server would look for a function of its name.
    columns_assumed: Some("tables have all columns that the schema names"),
    encoding_assumed: Some(
        "the text of a predicate reaches the server in the session's `client_encoding`",
    ),
    whole_assumed: Some("no row-level security hides rows of `{}` from who runs the query"),
    text,
    flags: ["FALSE", "TRUE"],
    is_flag: Some([" IS FALSE", " IS TRUE"]),
    constants: ["FALSE", "TRUE"],
    least_int: "(-9223372036854775808)",
    operator: ["OPERATOR(pg_catalog.", ")"],
    in_list: [" OPERATOR(pg_catalog.=) ANY (ARRAY[", "])"],
    not_in_list: [" OPERATOR(pg_catalog.<>) ALL (ARRAY[", "])"],
    in_select: [" OPERATOR(pg_catalog.=) ANY (", ")"],
    between: false,
    // Of two types it would compare with each element in turn.
    long_list: Some(catalog::INT),
    not_true: " IS NOT TRUE",
    cast: ["", "::", ""],
    bare: false,
    parameter: |_, position, out| {
        let _ = write!(out, "${position}");
    },
    height: 900,
    // Its planner looks at each alternative again and again.
    stack: None,
    alternatives: 2000,
    joins: 60,
    calendar: (date(1, 1, 1), date(9999, 12, 31)),
    column,
    parameter_type,
    attribute: |domain, raw| {
        column(domain, Storage::Plain, raw.clone()).unwrap_or_else(|_| Form::plain(raw))
    },
    literal,
    instant,
    exact: |_| false,
    equality_proves: |_, _| true,
    assumes,
    text_test,
    text_assumes: "the database is encoded in UTF8",
    elements,
    any_of_array: true,
    arrange: |expr| expr,
    day: |form, zone| {
        let mut local = zone::day(form.key.clone(), zone)?;
        // Near the ends of its calendar the engine would raise an error.
        // No zone leads out of the calendar. (Both are syntax, like `COALESCE`: no session gives them another meaning.)
        if zone.offset != Some(Offset::UTC) {
            let edge = |text: &str| Expr::Typed(catalog::DATE, text.into());
            let early = call("LEAST", vec![local.day, edge("9999-12-31")]);
            local.day = call("GREATEST", vec![early, edge("0001-01-01")]);
        }
        if let (Some(low), Some(high)) = (&form.low, &form.high) {
            let within = Expr::Between(
                form.key.clone().into(),
                low.clone().into(),
                high.clone().into(),
            );
            local.day = Expr::when(within, local.day);
        }
        Ok(Some(local))
    },
    today: Some(|zone| {
        let now = call("pg_catalog.statement_timestamp", vec![]);
        zone::day(now, zone)
    }),
    moved,
    reach: (6000 * 12, 100_000 * 12),
    // So far away lies no day of the language's.
    beyond: |_, edge| edge,
    scope_formed: |_, _| None,
    scope_readable: scope::readable,
    scope_pairs: scope::pairs,
    scope_name: scope::name,
    scope_assumes: scope::assumes,
};

/// Right whatever `standard_conforming_strings` and `client_encoding` say: a backslash is written as `quote_literal`
/// writes it, and what is not ASCII by its number. Texts with a NUL are refused before.
fn text(text: &str, out: &mut String) {
    if text.contains(|c: char| c == '\\' || !c.is_ascii()) {
        out.push('E');
    }
    out.push('\'');
    for c in text.chars() {
        let _ = match (c, u32::from(c)) {
            ('\'', _) => write!(out, "''"),
            ('\\', _) => write!(out, "\\\\"),
            (c, ..=0x7f) => write!(out, "{c}"),
            (_, number @ ..=0xffff) => write!(out, "\\u{number:04x}"),
            (_, number) => write!(out, "\\U{number:08x}"),
        };
    }
    out.push('\'');
}

/// An optional minus, digits, and perhaps a point and digits.
const DIGITS: &str = "^-?[0-9]+(\\.[0-9]+)?$";

fn column(domain: Domain, storage: Storage, raw: Expr) -> Result<Form, Unreadable> {
    let text = || raw.clone().cast(catalog::TEXT).collate(catalog::C);
    let mut form = Form::plain(raw.clone());
    match (domain, storage) {
        (Domain::Bool | Domain::Int, _) => {}
        (Domain::Text, _) => {
            form.key = match &raw {
                Expr::Param { .. } => raw.clone().collate(catalog::C),
                _ => text(),
            };
        }
        // Infinite days and those before the common era are none of the language's.
        (Domain::Date, _) => {
            form.low = Some(Expr::Typed(catalog::DATE, "0001-01-01".into()));
            form.high = Some(Expr::Typed(catalog::DATE, "9999-12-31".into()));
        }
        (Domain::Timestamp, _) => {
            let at = |text: &str| Some(Expr::Typed(catalog::TIMESTAMPTZ, text.into()));
            form.low = at("0001-01-01 00:00:00+00");
            form.high = at("9999-12-31 23:59:59.999999+00");
        }
        (Domain::Decimal, Storage::DecimalText) => {
            let longest = i64::try_from(Decimal::LONGEST_TEXT).unwrap_or(i64::MAX);
            let length = call("pg_catalog.length", vec![raw.clone().cast(catalog::TEXT)]);
            let formed = vec![
                length.compare(Op::Le, Expr::Int(longest)),
                text().infix("~", Expr::text(DIGITS)),
            ];
            let number = raw.clone().cast(catalog::TEXT).cast(catalog::NUMERIC);
            form.key = Expr::when(Expr::all(formed.clone()), number);
            form.formed = formed;
        }
        (Domain::Decimal, Storage::DecimalScaled(places)) if places <= 1000 => {
            let unit = if places == 0 {
                "1".to_owned()
            } else {
                format!("0.{}1", "0".repeat(places as usize - 1))
            };
            form.key = raw.infix("*", Expr::Number(unit));
        }
        (Domain::Decimal, Storage::DecimalScaled(_)) => {
            return Err(Unreadable {
                reason: "it has too many decimal places",
                help: "write `stored as scaled(n)` with fewer places, or leave it out for a `numeric` column",
            });
        }
        // NaN and the infinities have no number of places.
        (Domain::Decimal, _) => form.formed = vec![call("pg_catalog.scale", vec![raw]).known()],
    }
    Ok(form)
}

#[allow(clippy::unnecessary_wraps)] // as the table has it
fn parameter_type(domain: Domain, set: bool) -> Option<&'static str> {
    Some(match (domain, set) {
        (Domain::Bool, false) => "pg_catalog.bool",
        (Domain::Bool, true) => "pg_catalog.bool[]",
        (Domain::Int, false) => catalog::INT,
        (Domain::Int, true) => "pg_catalog.int8[]",
        (Domain::Decimal, false) => catalog::NUMERIC,
        (Domain::Decimal, true) => "pg_catalog.numeric[]",
        (Domain::Text, false) => catalog::TEXT,
        (Domain::Text, true) => catalog::TEXTS,
        (Domain::Date, false) => catalog::DATE,
        (Domain::Date, true) => "pg_catalog.date[]",
        (Domain::Timestamp, false) => catalog::TIMESTAMPTZ,
        (Domain::Timestamp, true) => "pg_catalog.timestamptz[]",
    })
}

fn literal(domain: Domain, value: &Value) -> Result<Option<Expr>, Refusal> {
    Ok(Some(match (domain, value) {
        (Domain::Bool, Value::Bool(b)) => Expr::Flag(*b),
        (Domain::Int, Value::Int(i)) => Expr::Int(*i),
        (Domain::Decimal, Value::Decimal(d)) => Expr::Number(d.to_string()),
        (Domain::Decimal, Value::Int(i)) => Expr::Number(i.to_string()),
        (Domain::Text, Value::Text(text)) if text.contains('\0') => {
            return Err(Refusal::new(
                "E0505",
                "a text with a NUL character",
                "PostgreSQL keeps none",
            )
            .help("leave the character out: no row of PostgreSQL holds it"));
        }
        (Domain::Text, Value::Text(text)) => Expr::text(text.as_str()),
        (Domain::Date, Value::Date(day)) if day.year() >= 1 => {
            Expr::Typed(catalog::DATE, day.to_string())
        }
        (Domain::Timestamp, Value::Timestamp(instant)) => self::instant(instant.civil())?,
        (Domain::Date, Value::Date(_)) => return Err(early("a day")),
        _ => return Ok(None),
    }))
}

fn instant(civil: DateTime) -> Result<Expr, Refusal> {
    if civil.year() < 1 {
        return Err(early("an instant"));
    }
    if civil.subsec_nanosecond() % 1000 != 0 {
        return Err(Refusal::new(
            "E0505",
            "an instant finer than a microsecond",
            format!("PostgreSQL would round `{civil}Z`"),
        )
        .help("write at most six digits of a second's fraction"));
    }
    // A `Z` could be the name that the session's own zone has for itself; a number could not.
    let text = format!("{} {}+00", civil.date(), civil.time());
    Ok(Expr::Typed(catalog::TIMESTAMPTZ, text))
}

fn early(what: &str) -> Refusal {
    Refusal::new(
        "E0505",
        format!("{what} before the year 1"),
        "PostgreSQL counts those years before the common era",
    )
    .help("write a later one")
}

#[allow(clippy::unnecessary_wraps)] // as the table has it
fn assumes(domain: Domain) -> Option<&'static str> {
    Some(match domain {
        Domain::Bool => "bool columns are `boolean`",
        Domain::Int => "int columns are `smallint`, `integer` or `bigint`",
        Domain::Decimal => {
            "decimal columns are `numeric` (`stored as scaled(n)`: `bigint`, `stored as text`: `text`)"
        }
        Domain::Text => {
            "string and enum columns are `text`, `varchar` or an enum type without casts of its own"
        }
        Domain::Date => "date columns are `date`",
        Domain::Timestamp => "timestamp columns are `timestamp with time zone`",
    })
}

fn text_test(test: TextTest, key: Expr, needle: Expr, literal: &str, want: bool) -> Expr {
    let length = i64::try_from(literal.chars().count()).unwrap_or(i64::MAX);
    match test {
        TextTest::StartsWith => {
            let starts = call("pg_catalog.starts_with", vec![key, needle]);
            if want {
                starts
            } else {
                Expr::Not(Box::new(starts))
            }
        }
        TextTest::EndsWith => call("pg_catalog.right", vec![key, Expr::Int(length)])
            .compare(if want { Op::Eq } else { Op::Ne }, needle),
        TextTest::Contains => call("pg_catalog.strpos", vec![key, needle])
            .compare(if want { Op::Gt } else { Op::Eq }, Expr::Int(0)),
    }
}

fn elements(domain: Domain, set: Expr, alias: SmolStr) -> (From, Form) {
    let value = Expr::Column {
        row: vec![alias.clone()],
        name: "value".into(),
    };
    let form = column(domain, Storage::Plain, value.clone()).unwrap_or_else(|_| Form::plain(value));
    (
        From::Function {
            name: "pg_catalog.unnest",
            args: vec![set],
            alias,
            columns: &["value"],
        },
        form,
    )
}

fn moved(day: Expr, moves: &[Move]) -> Expr {
    moves.iter().fold(day, |day, step| match *step {
        Move::Start(Unit::Day, _) | Move::Periods(_, 0) => day,
        Move::Start(Unit::Week, start) => {
            // The engine's weeks start on Monday.
            let offset = i64::from(start.to_monday_zero_offset());
            plus(truncated("week", plus(day, -offset)), offset)
        }
        Move::Start(Unit::Month, _) => truncated("month", day),
        Move::Start(Unit::Quarter, _) => truncated("quarter", day),
        Move::Start(Unit::Year, _) => truncated("year", day),
        Move::Periods(Unit::Day, count) => plus(day, count),
        Move::Periods(Unit::Week, count) => plus(day, count.saturating_mul(7)),
        Move::Periods(unit, count) => {
            let months = match unit {
                Unit::Quarter => count.saturating_mul(3),
                Unit::Year => count.saturating_mul(12),
                _ => count,
            };
            let span = Expr::Typed("INTERVAL", format!("{} months", months.abs()));
            let sign = if months < 0 { "-" } else { "+" };
            day.infix(sign, span).cast(catalog::DATE)
        }
        Move::DayBefore => plus(day, -1),
    })
}

/// Without a time zone: that of the session must not count.
fn truncated(unit: &'static str, day: Expr) -> Expr {
    call(
        "pg_catalog.date_trunc",
        vec![Expr::text(unit), day.cast("pg_catalog.timestamp")],
    )
    .cast(catalog::DATE)
}

fn plus(day: Expr, days: i64) -> Expr {
    match days {
        0 => day,
        1.. => day.infix("+", Expr::Int(days)),
        _ => day.infix("-", Expr::Int(days.saturating_neg())),
    }
}
