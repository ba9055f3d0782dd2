//! Days and instants in `SQLite`: ISO text, and arithmetic by `date`.

use ambit_core::Unit;
use jiff::civil::DateTime;

use super::{call, is_class};
use crate::sql::dialect::Move;
use crate::sql::tree::{Expr, Op};

/// Matches a fixed pattern (of ours, never of a policy).
pub(super) fn glob(e: &Expr, pattern: &'static str) -> Expr {
    e.clone().infix("GLOB", Expr::text(pattern))
}

/// `NOT` of a match.
pub(super) fn not(e: Expr) -> Expr {
    Expr::Not(Box::new(e))
}

/// A function of days, of which the result is a day that exists. A modifier is what makes every version compute it;
/// older ones give a text such as `2024-02-30` back as it stands.
pub(super) fn normal(function: &'static str, mut args: Vec<Expr>) -> Expr {
    args.push(Expr::text("+0 days"));
    call(function, args)
}

/// The most digits of a fraction: nanoseconds.
const FRACTION: i64 = 9;

/// `YYYY-MM-DDTHH:MM:SSZ`, perhaps with a fraction, and a day and time that exist.
pub(super) fn formed(raw: &Expr) -> Vec<Expr> {
    let seconds = call("substr", vec![raw.clone(), Expr::Int(1), Expr::Int(19)]);
    let rest = call("substr", vec![raw.clone(), Expr::Int(20)]);
    let digits = call("substr", vec![raw.clone(), Expr::Int(21)]);
    let bytes = call("length", vec![raw.clone().cast("BLOB")]);
    let parsed = normal(
        "strftime",
        vec![Expr::text("%Y-%m-%dT%H:%M:%S"), seconds.clone()],
    );
    vec![
        is_class(raw, "text"),
        // No byte hides behind a NUL, where GLOB and length do not look.
        bytes.compare(Op::Eq, call("length", vec![raw.clone()])),
        parsed.compare(Op::Eq, seconds),
        Expr::any([
            rest.clone().compare(Op::Eq, Expr::text("Z")),
            Expr::all([
                glob(&rest, ".[0-9]*Z"),
                not(glob(&digits, "*[^0-9]*Z")),
                not(glob(&digits, "*Z*Z")),
                // With the point and `Z`.
                call("length", vec![rest.clone()]).compare(Op::Le, Expr::Int(FRACTION + 2)),
            ]),
        ]),
    ]
}

/// The key of an instant: its text without `Z` and without trailing zeros of the fraction.
pub(super) fn key(raw: &Expr) -> Expr {
    let rest = call("substr", vec![raw.clone(), Expr::Int(20)]);
    let fraction = call(
        "rtrim",
        vec![call("rtrim", vec![rest, Expr::text("Z")]), Expr::text("0")],
    );
    Expr::Concat(vec![
        call("substr", vec![raw.clone(), Expr::Int(1), Expr::Int(19)]),
        call("rtrim", vec![fraction, Expr::text(".")]),
    ])
}

/// The key of a known instant, by its civil time in UTC; none before the year 0.
pub(super) fn key_of(civil: DateTime) -> Option<String> {
    (civil.year() >= 0).then(|| civil.to_string())
}

/// `date(day, modifier, …)`
pub(super) fn moved(day: Expr, moves: &[Move]) -> Expr {
    let mut args = vec![day.clone()];
    for step in moves {
        match *step {
            Move::Start(unit, week) => match unit {
                Unit::Day => {}
                Unit::Week => {
                    args.push(Expr::text("-6 days"));
                    let number = week.to_sunday_zero_offset();
                    args.push(Expr::text(format!("weekday {number}")));
                }
                Unit::Month => args.push(Expr::text("start of month")),
                Unit::Quarter => {
                    args.push(Expr::text("start of month"));
                    let month = call("strftime", vec![Expr::text("%m"), day.clone()]);
                    let back = month.infix("-", Expr::Int(1)).infix("%", Expr::Int(3));
                    args.push(Expr::Concat(vec![
                        Expr::text("-"),
                        back,
                        Expr::text(" months"),
                    ]));
                }
                Unit::Year => args.push(Expr::text("start of year")),
            },
            Move::Periods(_, 0) => {}
            Move::Periods(unit, count) => {
                let (count, word) = match unit {
                    Unit::Day => (count, "days"),
                    Unit::Week => (count.saturating_mul(7), "days"),
                    Unit::Month => (count, "months"),
                    Unit::Quarter => (count.saturating_mul(3), "months"),
                    Unit::Year => (count, "years"),
                };
                args.push(Expr::text(format!("{count:+} {word}")));
            }
            Move::DayBefore => args.push(Expr::text("-1 day")),
        }
    }
    if args.len() == 1 {
        return day;
    }
    call("date", args)
}
