//! `SQLite`: types are of values, not of columns, so what stands in a cell is checked where it is read.

mod arrange;
mod decimal;
mod moment;
mod scope;

use std::fmt::Write as _;

use ambit_core::{TextTest, Value};
use jiff::civil::{Date, DateTime, Time, date};
use jiff::tz::Offset;
use smol_str::SmolStr;

use super::{Capabilities, Local, Unreadable, call};
use crate::sql::domain::{Domain, Form};
use crate::sql::layout::Storage;
use crate::sql::tree::{Expr, From, Op};
use crate::target::Refusal;

pub(super) const SQLITE: Capabilities = Capabilities {
    name: "SQLite",
    minimum: "3.40",
    name_bytes: None,
    name_parts: 2,
    schema: "main",
    schema_assumed: None,
    columns_assumed: None,
    encoding_assumed: None,
    whole_assumed: None,
    text,
    flags: ["0", "1"],
    is_flag: None,
    // The words `TRUE` and `FALSE` could be columns of the table.
    constants: ["(1 = 0)", "(1 = 1)"],
    // Its digits alone are beyond the largest.
    least_int: "(-9223372036854775807 - 1)",
    operator: ["", ""],
    in_list: [" IN (", ")"],
    not_in_list: [" NOT IN (", ")"],
    in_select: [" IN (", ")"],
    between: true,
    long_list: None,
    // `TRUE` could be a column.
    not_true: " IS NOT 1",
    cast: ["CAST(", " AS ", ")"],
    bare: true,
    parameter: |name, _, out| {
        let _ = write!(out, ":{name}");
    },
    // The engine refuses a thousand; what stands around the predicate needs a little too.
    height: 900,
    // The parser has a hundred until 3.46. The rest is for a view, a common table expression or a sub-select around it.
    stack: Some(80),
    alternatives: usize::MAX,
    joins: 60,
    calendar: (date(1, 1, 1), date(9999, 12, 31)),
    column,
    parameter_type: |_, _| None,
    attribute: |domain, raw| {
        let storage = if domain == Domain::Decimal {
            Storage::DecimalText
        } else {
            Storage::Plain
        };
        column(domain, storage, raw.clone()).unwrap_or_else(|_| Form::plain(raw))
    },
    literal,
    instant,
    exact: |domain| matches!(domain, Domain::Text | Domain::Date),
    equality_proves,
    assumes: |_| None,
    text_test,
    text_assumes: "the database is encoded in UTF-8",
    elements,
    any_of_array: false,
    arrange: arrange::arranged,
    day: |form, zone| {
        let utc = zone.offset == Some(Offset::UTC);
        Ok(utc.then(|| Local {
            day: call(
                "substr",
                vec![form.key.clone(), Expr::Int(1), Expr::Int(10)],
            ),
            formed: Vec::new(),
        }))
    },
    today: None,
    moved: moment::moved,
    reach: (1900 * 12, 7700 * 12),
    // Out of its calendar the engine gives NULL.
    beyond: |day, edge| call("coalesce", vec![day, edge]),
    scope_formed: |_, raw| Some(is_class(raw, "text")),
    scope_readable: scope::readable,
    scope_pairs: scope::pairs,
    scope_name: |text| Ok(scope::name(text)),
    scope_assumes: |_| None,
};

/// SQL text ends at a NUL, so a literal that holds one is written by its bytes.
fn text(text: &str, out: &mut String) {
    if text.contains('\0') {
        out.push_str("CAST(x'");
        for byte in text.bytes() {
            let _ = write!(out, "{byte:02x}");
        }
        out.push_str("' AS TEXT)");
    } else {
        let _ = write!(out, "'{}'", text.replace('\'', "''"));
    }
}

/// `typeof(e) = class`
fn is_class(e: &Expr, class: &str) -> Expr {
    call("typeof", vec![e.clone()]).compare(Op::Eq, Expr::text(class))
}

fn column(domain: Domain, storage: Storage, raw: Expr) -> Result<Form, Unreadable> {
    // The affinity of a column is what its table claims, and a view claims that of one of its parts for all.
    let value = raw.clone().untyped();
    let exact = value.clone().collate("BINARY");
    let mut low = None;
    let (key, formed) = match (domain, storage) {
        (Domain::Bool, _) => (
            value.clone(),
            vec![
                is_class(&raw, "integer"),
                Expr::In(value.into(), vec![Expr::Flag(false), Expr::Flag(true)]),
            ],
        ),
        (Domain::Int, _) => (value, vec![is_class(&raw, "integer")]),
        (Domain::Text, _) => (exact, vec![is_class(&raw, "text")]),
        // No number and no blob is the text of a day. Texts without an affinity are the same only byte for byte.
        (Domain::Date, _) => {
            // Years before our era have a sign, and stand before the first day of the calendar.
            let day = moment::normal("date", vec![raw.clone()]);
            low = first_year().map(|day| Expr::text(day.to_string()));
            (exact.clone(), vec![exact.compare(Op::Eq, day)])
        }
        (Domain::Timestamp, _) => {
            let first = first_year().map(|day| day.to_datetime(Time::midnight()));
            low = first.and_then(moment::key_of).map(Expr::Text);
            (moment::key(&raw), moment::formed(&raw))
        }
        (Domain::Decimal, Storage::DecimalScaled(places)) => (
            decimal::key_of_scaled(&raw, places),
            vec![is_class(&raw, "integer")],
        ),
        (Domain::Decimal, Storage::DecimalText) => {
            (decimal::key_of_text(&raw), decimal::formed(&raw))
        }
        (Domain::Decimal, _) => {
            return Err(Unreadable {
                reason: "SQLite keeps decimals inexactly unless they are text or scaled integers",
                help: "write `stored as text` or `stored as scaled(n)` at the column",
            });
        }
    };
    Ok(Form {
        raw,
        key,
        formed,
        low,
        high: None,
    })
}

/// The first day of the calendar, where ISO text can say an earlier one.
fn first_year() -> Option<Date> {
    Some(SQLITE.calendar.0).filter(|day| *day > date(0, 1, 1))
}

fn literal(domain: Domain, value: &Value) -> Result<Option<Expr>, Refusal> {
    Ok(Some(match (domain, value) {
        (Domain::Bool, Value::Bool(b)) => Expr::Flag(*b),
        (Domain::Int, Value::Int(i)) => Expr::Int(*i),
        (Domain::Decimal, Value::Decimal(d)) => Expr::Text(decimal::key_of(d)),
        (Domain::Decimal, Value::Int(i)) => Expr::Text(decimal::key_of(&(*i).into())),
        (Domain::Text, Value::Text(text)) => Expr::text(text.as_str()),
        (Domain::Date, Value::Date(day)) if day.year() >= 0 => Expr::text(day.to_string()),
        (Domain::Timestamp, Value::Timestamp(instant)) => self::instant(instant.civil())?,
        (Domain::Date, Value::Date(_)) => return Err(early("a day")),
        _ => return Ok(None),
    }))
}

fn instant(civil: DateTime) -> Result<Expr, Refusal> {
    match moment::key_of(civil) {
        Some(key) => Ok(Expr::Text(key)),
        None => Err(early("an instant")),
    }
}

fn early(what: &str) -> Refusal {
    Refusal::new(
        "E0505",
        format!("{what} before the year 0"),
        "ISO text orders only the years 0 to 9999",
    )
    .help("write a later one")
}

/// A text that cannot be taken for a number equals nothing but that text, whatever the column's affinity; and the
/// text of a day is well formed.
fn equality_proves(domain: Domain, value: &Value) -> bool {
    match (domain, value) {
        (Domain::Text, Value::Text(text)) => text.starts_with(|c: char| c.is_ascii_alphabetic()),
        (Domain::Date, _) => true,
        _ => false,
    }
}

/// Tests of text go over its bytes: a character of UTF-8 never begins within another, and the functions of text stop
/// at a NUL.
fn text_test(test: TextTest, key: Expr, needle: Expr, literal: &str, want: bool) -> Expr {
    // Under a cast neither collation nor affinity counts.
    let mut raw = key;
    while let Expr::Collate(inner, _) | Expr::Untyped(inner) = raw {
        raw = *inner;
    }
    let bytes = |e: Expr| e.cast("BLOB");
    let equal = if want { Op::Eq } else { Op::Ne };
    // Of an empty blob `substr` makes NULL; the text itself stands in for it, and is equal to no blob.
    let slice = |args: Vec<Expr>, raw: Expr| call("coalesce", vec![call("substr", args), raw]);
    let length = i64::try_from(literal.len()).unwrap_or(i64::MAX);
    match test {
        TextTest::StartsWith => slice(
            vec![bytes(raw.clone()), Expr::Int(1), Expr::Int(length)],
            raw,
        )
        .compare(equal, bytes(needle)),
        TextTest::EndsWith => {
            slice(vec![bytes(raw.clone()), Expr::Int(-length)], raw).compare(equal, bytes(needle))
        }
        TextTest::Contains => call("instr", vec![bytes(raw), bytes(needle)])
            .compare(if want { Op::Gt } else { Op::Eq }, Expr::Int(0)),
    }
}

/// A set is a JSON array of texts (also for days, instants and decimals), integers or booleans.
fn elements(domain: Domain, set: Expr, alias: SmolStr) -> (From, Form) {
    let column = |name: &str| Expr::Column {
        row: vec![alias.clone()],
        name: name.into(),
    };
    let value = column("value");
    let storage = if domain == Domain::Decimal {
        Storage::DecimalText
    } else {
        Storage::Plain
    };
    let form = self::column(domain, storage, value.clone()).unwrap_or_else(|_| Form::plain(value));
    (
        From::Function {
            // Qualified, no common table expression of the query can stand in for it.
            name: "main.json_each",
            args: vec![set],
            alias,
            columns: &[],
        },
        form,
    )
}
