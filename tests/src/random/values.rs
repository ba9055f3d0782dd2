//! Values that break things: texts that look like patterns or like one another, days at the ends of periods, numbers at
//! the ends of their types. A pool holds the few that one policy uses, so that rows, literals and attributes meet.

use std::fmt::Write as _;

use ambit_core::{Decimal, Instant, Value};
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan as _};

use super::schema::Ty;
use crate::rng::Rng;

/// Families of texts that a careless system takes for one another.
const FAMILIES: &[&[&str]] = &[
    &["a%b", "a_b", "axb", "aXb", "a%b ", "%"],
    &["Dan", "dan", "DAN", "Dan ", " Dan", "Dán"],
    &["\u{e9}", "e\u{301}", "E", "e", "\u{c9}", "\u{e9}t\u{e9}"],
    &["", " ", "  ", "\t", "\n", "NULL"],
    &["[a]", "a", "[", "]", "[^a]", "a]"],
    &["it's", "its", "'", "''", "\"", "it''s"],
    &["\\", "\\\\", "a\\b", "\\%", "\\_", "a/b"],
    &[
        "😀",
        "😀😁",
        "😁",
        "\u{1F600}\u{FE0F}",
        "👩\u{200D}💻",
        "👩",
    ],
    &[
        "stra\u{df}e",
        "strasse",
        "STRASSE",
        "Stra\u{df}e",
        "\u{130}",
        "i",
    ],
    &["1", "01", "1.0", "1e0", " 1", "true"],
    &["*", "?", "a*", "a?c", "abc", "-- x"],
    &["\u{3a9}", "\u{2126}", "\u{3c9}", "K", "\u{212a}", "k"],
    // Width, ligatures, the i of Turkish, blanks at the end.
    &["\u{ff21}", "A", "a", "\u{ff41}", "\u{ff07}", "\u{ff21} "],
    &["\u{fb01}", "fi", "FI", "f\u{131}", "\u{133}", "ij"],
    &["I", "\u{131}", "i", "\u{130}", "i\u{307}", "\u{cc}"],
    &["a", "a ", "a  ", "a\u{a0}", "a\t", "a\u{3000}"],
    // What no screen shows, and the ends of Unicode.
    &[
        "\u{1}",
        "\u{7f}",
        "\u{85}",
        "\u{200b}",
        "\u{202e}x",
        "\u{feff}",
    ],
    &[
        "\u{10ffff}",
        "\u{10000}",
        "\u{ffff}",
        "\u{fffd}",
        "\u{e000}",
        "\u{d7ff}",
    ],
    // What SQL and its clients read.
    &["$$", "$1", ":x", "?", "${x}", "%s"],
    &["/*", "*/", "--", ";", "'; DROP TABLE canary; --", "`"],
    &["E'", "\\'", "U&'", "N'x'", "x''", "\\x27"],
];

/// Members of the enum of random schemas: also alike.
pub const MEMBERS: &[&str] = &["red", "Red", "r%d", "blue", "v\u{e9}rt"];

/// What is no member.
pub const OUTSIDERS: &[&str] = &["RED", "red ", "", "vert", "ve\u{301}rt"];

/// Zones of random projects.
pub const ZONES: &[&str] = &[
    "UTC",
    "Europe/Paris",
    "America/Chicago",
    "Pacific/Kiritimati",
    // Days that begin at 01:00, a day that never was, half hours.
    "America/Sao_Paulo",
    "Pacific/Apia",
    "Australia/Lord_Howe",
];

/// Decimals that whoever keeps a fixed number of digits takes for one another: the last differ in their 30th to 41st.
const NEIGHBOURS: &[&[&str]] = &[
    &[
        "79228162514264337593543950335",
        "79228162514264337593543950336",
        "-79228162514264337593543950336",
        "0.0000000000000000000000000001",
        "0.00000000000000000000000000001",
        "0.30000000000000004",
    ],
    &[
        "0.123456789012345678901234567890",
        "0.123456789012345678901234567891",
        "0.1234567890123456789012345678901234567890",
        "0.1234567890123456789012345678901234567891",
        "0.12345678901234567890123456789012345678905",
        "-0.1234567890123456789012345678901234567891",
    ],
    &[
        "123456789012345678901234567890123456789",
        "123456789012345678901234567890123456790",
        "1234567890123456789012345678901234567890",
        "-1234567890123456789012345678901234567890",
        "12345678901234567890.12345678901234567890",
        "12345678901234567890.12345678901234567891",
    ],
];

/// The values that one policy works with.
#[derive(Debug, Clone)]
pub struct Pool {
    /// Texts.
    pub texts: Vec<String>,
    /// Integers.
    pub ints: Vec<i64>,
    /// Decimals.
    pub decimals: Vec<Decimal>,
    /// Days.
    pub days: Vec<Date>,
    /// Instants.
    pub instants: Vec<Instant>,
    /// The day of the queries.
    pub today: Date,
}

impl Pool {
    /// A pool around a day.
    pub fn new(rng: &mut Rng, zone: &str) -> Self {
        let today = a_day(rng);
        Self::on(rng, zone, today)
    }

    /// A pool around this day.
    pub fn on(rng: &mut Rng, zone: &str, today: Date) -> Self {
        let mut texts: Vec<String> = Vec::new();
        for _ in 0..2 {
            texts.extend(rng.pick(FAMILIES).iter().map(|t| (*t).to_owned()));
        }
        if rng.chance(5) {
            texts.push("a\u{0}b".to_owned());
            texts.push("a".to_owned());
        }
        texts.sort();
        texts.dedup();
        let mut ints = vec![0, 1, 2, 3, -1];
        if rng.chance(25) {
            ints.extend([i64::MIN, i64::MAX, i64::MAX - 1, i64::MIN + 1]);
            // Where doubles and 32 bits end.
            ints.extend([(1 << 53) + 1, 1 << 53, -(1 << 31) - 1, 1 << 31]);
        }
        let mut decimals: Vec<Decimal> = ["0", "0.1", "0.10", "1", "1.5", "-1.5", "2.25", "-0.01"]
            .iter()
            .filter_map(|t| t.parse().ok())
            .collect();
        if rng.chance(25) {
            decimals.extend(rng.pick(NEIGHBOURS).iter().filter_map(|t| t.parse().ok()));
        }
        let days = days_around(rng, today);
        let tz = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
        let instants = days
            .iter()
            .filter_map(|d| instant_near(rng, *d, &tz))
            .collect();
        Self {
            texts,
            ints,
            decimals,
            days,
            instants,
            today,
        }
    }

    /// A text from the pool.
    pub fn text(&self, rng: &mut Rng) -> String {
        rng.pick(&self.texts).clone()
    }

    /// A piece of a text from the pool: what `contains` and its kin look for.
    pub fn piece(&self, rng: &mut Rng) -> String {
        let text: Vec<char> = self.text(rng).chars().collect();
        let (from, to) = (rng.below(text.len() + 1), rng.below(text.len() + 1));
        match rng.below(4) {
            0 => text.iter().collect(),
            1 => text.iter().take(to).collect(),
            2 => text.iter().skip(from).collect(),
            _ => text
                .iter()
                .skip(from.min(to))
                .take(from.max(to) - from.min(to))
                .collect(),
        }
    }
}

/// The ends of periods, leap days, and any day.
fn a_day(rng: &mut Rng) -> Date {
    let ends = [
        date(2024, 1, 15),
        date(2024, 2, 29),
        date(2023, 2, 28),
        date(2024, 12, 31),
        date(2025, 1, 1),
        date(2024, 3, 31),
        date(2024, 9, 30),
        date(2024, 10, 27),
        date(2000, 2, 29),
        date(1970, 1, 1),
        date(2199, 12, 31),
        date(2018, 11, 4),
        date(2011, 12, 30),
        date(2023, 1, 1),
        date(2024, 4, 1),
        date(2022, 7, 1),
    ];
    if rng.chance(60) {
        return *rng.pick(&ends);
    }
    date(1970, 1, 1)
        .checked_add(rng.between(0, 84_000).days())
        .unwrap_or(ends[0])
}

fn days_around(rng: &mut Rng, today: Date) -> Vec<Date> {
    let mut days = vec![today];
    let mut push = |day: Result<Date, jiff::Error>| days.extend(day.ok());
    for n in [-1, 1, -7, 7] {
        push(today.checked_add(n.days()));
    }
    let (month, next) = (today.first_of_month(), today.last_of_month());
    push(Ok(month));
    push(Ok(next));
    push(month.yesterday());
    push(next.tomorrow());
    push(Ok(today.first_of_year()));
    push(today.first_of_year().yesterday());
    let months = rng.between(-14, 14);
    push(month.checked_add(months.months()));
    push(
        month
            .checked_add(months.months())
            .and_then(jiff::civil::Date::yesterday),
    );
    push(today.checked_add(rng.between(-400, 400).days()));
    if rng.chance(10) {
        push(Ok(date(1, 1, 1)));
        push(Ok(date(9999, 12, 31)));
    }
    days
}

/// An instant at or beside midnight of a zone, or at any time of that day.
fn instant_near(rng: &mut Rng, day: Date, zone: &TimeZone) -> Option<Instant> {
    // The ends of the calendar, where zones lead out of it.
    if rng.chance(3) {
        let end = if rng.chance(70) {
            Instant::MAX
        } else {
            Instant::MIN
        };
        let back = SignedDuration::from_secs(rng.between(0, 30) * 3_600 - 1);
        let near = if end == Instant::MAX {
            end.civil().saturating_sub(back)
        } else {
            end.civil().saturating_add(back)
        };
        return Some(Instant::new(near).unwrap_or(end));
    }
    let midnight = Instant::start_of(day, zone).civil();
    let offset = match rng.below(6) {
        0 => SignedDuration::ZERO,
        1 => SignedDuration::from_millis(-1),
        2 => SignedDuration::from_secs(-1),
        3 => SignedDuration::from_hours(rng.between(-15, 15)),
        4 => SignedDuration::from_nanos(rng.between(1, 999_999_999)),
        _ => SignedDuration::from_secs(rng.between(0, 86_399)),
    };
    Instant::new(midnight.checked_add(offset).ok()?)
}

/// A text as a literal.
pub fn quote(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() || !c.is_ascii() && (c as u32).is_multiple_of(2) => {
                let _ = write!(out, "\\u{{{:x}}}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A value as it is written in a program.
pub fn literal(value: &Value) -> String {
    match value {
        // A scope is no literal.
        Value::Null | Value::Scope(_) => "null".to_owned(),
        Value::Bool(b) => b.to_string(),
        Value::Int(n) => n.to_string(),
        Value::Decimal(d) => d.to_string(),
        Value::Text(t) => quote(t),
        Value::Date(d) => d.to_string(),
        Value::Timestamp(t) => t.to_string(),
        Value::Set(list) => format!(
            "[{}]",
            list.iter().map(literal).collect::<Vec<_>>().join(", ")
        ),
    }
}

/// A value of a type, from the pool or beside it.
pub fn value_of(rng: &mut Rng, pool: &Pool, ty: Ty) -> Value {
    match ty {
        Ty::Bool => Value::Bool(rng.chance(50)),
        Ty::Int => Value::Int(*rng.pick(&pool.ints)),
        Ty::Decimal => Value::Decimal(rng.pick(&pool.decimals).clone()),
        Ty::Text | Ty::Scope => Value::text(&pool.text(rng)),
        Ty::Date => {
            let day = *rng.pick(&pool.days);
            Value::Date(if rng.chance(15) {
                day.checked_add(1.day()).unwrap_or(day)
            } else {
                day
            })
        }
        Ty::Timestamp if pool.instants.is_empty() => Value::Timestamp(Instant::UNIX_EPOCH),
        Ty::Timestamp => Value::Timestamp(*rng.pick(&pool.instants)),
        Ty::Enum => Value::text(rng.pick::<&str>(MEMBERS)),
    }
}
