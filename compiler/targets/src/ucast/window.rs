//! The ends of a window of whole periods, once the day is frozen.

use ambit_core::{Unit, Window, WindowKind};
use jiff::civil::{Date, Weekday};
use jiff::{Span, ToSpan as _};

/// The first and the last day; beyond the calendar its own first or last.
pub(super) fn ends(window: Window, today: Date, week_start: Weekday) -> (Date, Date) {
    let (unit, count) = (window.unit, i64::from(window.count));
    let start = period(today, unit, week_start);
    let begin = |periods: i64| moved(start, unit, periods).unwrap_or(edge(periods));
    // The day before the next period begins; where that lies beyond the calendar, the calendar's last day.
    let end = |periods: i64| match moved(start, unit, periods + 1) {
        Some(next) => next.yesterday().unwrap_or(Date::MIN),
        None => edge(periods + 1),
    };
    match window.kind {
        WindowKind::Last => (begin(-count), end(-1)),
        WindowKind::LastToToday => (begin(-count), today),
        WindowKind::Next => (begin(1), end(count)),
        WindowKind::NextFromToday => (today, end(count)),
        WindowKind::This => (start, end(0)),
    }
}

fn edge(direction: i64) -> Date {
    if direction < 0 { Date::MIN } else { Date::MAX }
}

/// The first day of the period in which a day lies.
fn period(day: Date, unit: Unit, week_start: Weekday) -> Date {
    let month = |number: i8| Date::new(day.year(), number, 1).unwrap_or(day);
    match unit {
        Unit::Day => day,
        Unit::Week => {
            let back = i64::from(day.weekday().since(week_start));
            day.checked_sub(back.days()).unwrap_or(Date::MIN)
        }
        Unit::Month => month(day.month()),
        Unit::Quarter => month((day.month() - 1) / 3 * 3 + 1),
        Unit::Year => month(1),
    }
}

fn moved(day: Date, unit: Unit, count: i64) -> Option<Date> {
    let span = match unit {
        Unit::Day => Span::new().try_days(count),
        Unit::Week => Span::new().try_weeks(count),
        Unit::Month => Span::new().try_months(count),
        Unit::Quarter => Span::new().try_months(count.checked_mul(3)?),
        Unit::Year => Span::new().try_years(count),
    };
    day.checked_add(span.ok()?).ok()
}
