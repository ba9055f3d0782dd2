//! Windows of whole days around today (language.md, "Conditions"), and the day of an instant.

use ambit_core::{Instant, Unit, Window, WindowKind};
use jiff::Span;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;

/// The first day of the calendar.
const FIRST: Date = jiff::civil::date(1, 1, 1);

/// The first and the last day of a window, both in it. Ends beyond the calendar are its first or last day.
pub fn window_ends(window: Window, today: Date, week_start: Weekday) -> (Date, Date) {
    let here = period_start(window.unit, today, week_start);
    let count = i64::from(window.count);
    match window.kind {
        // The whole periods before that of today.
        WindowKind::Last => (shift(here, window.unit, -count), shift(here, Unit::Day, -1)),
        WindowKind::LastToToday => (shift(here, window.unit, -count), today),
        // The whole periods after that of today.
        WindowKind::Next => (
            shift(here, window.unit, 1),
            end_of_next(here, window.unit, count),
        ),
        WindowKind::NextFromToday => (today, end_of_next(here, window.unit, count)),
        WindowKind::This => (here, end_of_next(here, window.unit, 0)),
    }
}

/// The day of an instant in a zone; no zone leads out of the calendar.
pub fn day_of(instant: Instant, zone: &TimeZone) -> Date {
    instant.day(zone)
}

/// The first day of the period of `today`.
fn period_start(unit: Unit, today: Date, week_start: Weekday) -> Date {
    match unit {
        Unit::Day => today,
        Unit::Week => shift(
            today,
            Unit::Day,
            -i64::from(today.weekday().since(week_start)),
        ),
        Unit::Month => today.first_of_month(),
        Unit::Quarter => {
            let months = (today.month() - 1) % 3;
            shift(today.first_of_month(), Unit::Month, -i64::from(months))
        }
        Unit::Year => today.first_of_year(),
    }
}

/// The last day of the `count`-th period after the one that starts at `here` (0: of that one itself).
fn end_of_next(here: Date, unit: Unit, count: i64) -> Date {
    let after = shift(here, unit, count + 1);
    // Beyond the end of the calendar there is no day to take back.
    if after == Date::MAX {
        after
    } else {
        shift(after, Unit::Day, -1)
    }
}

/// `date` moved by some units, held within the calendar.
fn shift(date: Date, unit: Unit, count: i64) -> Date {
    let span = match unit {
        Unit::Day => Span::new().try_days(count),
        Unit::Week => Span::new().try_weeks(count),
        Unit::Month => Span::new().try_months(count),
        Unit::Quarter => Span::new().try_months(count * 3),
        Unit::Year => Span::new().try_years(count),
    };
    let edge = if count < 0 { FIRST } else { Date::MAX };
    span.and_then(|span| date.checked_add(span))
        .unwrap_or(edge)
        .max(FIRST)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use ambit_core::{Unit, Window, WindowKind};
    use jiff::civil::{Date, Weekday, date};
    use jiff::tz::TimeZone;

    use super::{FIRST, day_of, window_ends};

    fn ends(kind: WindowKind, count: u32, unit: Unit, today: Date) -> (Date, Date) {
        window_ends(Window { kind, count, unit }, today, Weekday::Monday)
    }

    #[test]
    fn the_page_for_2024_01_15() {
        let today = date(2024, 1, 15);
        let cases = [
            (
                WindowKind::Last,
                3,
                Unit::Month,
                date(2023, 10, 1),
                date(2023, 12, 31),
            ),
            (
                WindowKind::LastToToday,
                3,
                Unit::Month,
                date(2023, 10, 1),
                today,
            ),
            (
                WindowKind::Next,
                3,
                Unit::Month,
                date(2024, 2, 1),
                date(2024, 4, 30),
            ),
            (
                WindowKind::NextFromToday,
                3,
                Unit::Month,
                today,
                date(2024, 4, 30),
            ),
            (
                WindowKind::This,
                1,
                Unit::Month,
                date(2024, 1, 1),
                date(2024, 1, 31),
            ),
            (
                WindowKind::Last,
                7,
                Unit::Day,
                date(2024, 1, 8),
                date(2024, 1, 14),
            ),
            // reference: the vendor's own parser for the same day
            (
                WindowKind::Last,
                3,
                Unit::Day,
                date(2024, 1, 12),
                date(2024, 1, 14),
            ),
            (
                WindowKind::Next,
                3,
                Unit::Day,
                date(2024, 1, 16),
                date(2024, 1, 18),
            ),
            (
                WindowKind::Last,
                2,
                Unit::Week,
                date(2024, 1, 1),
                date(2024, 1, 14),
            ),
            (WindowKind::This, 1, Unit::Week, today, date(2024, 1, 21)),
            (
                WindowKind::Last,
                1,
                Unit::Quarter,
                date(2023, 10, 1),
                date(2023, 12, 31),
            ),
            (
                WindowKind::This,
                1,
                Unit::Quarter,
                date(2024, 1, 1),
                date(2024, 3, 31),
            ),
            (
                WindowKind::This,
                1,
                Unit::Year,
                date(2024, 1, 1),
                date(2024, 12, 31),
            ),
            (
                WindowKind::Last,
                1,
                Unit::Year,
                date(2023, 1, 1),
                date(2023, 12, 31),
            ),
            (WindowKind::This, 1, Unit::Day, today, today),
            (
                WindowKind::LastToToday,
                1,
                Unit::Day,
                date(2024, 1, 14),
                today,
            ),
            (
                WindowKind::NextFromToday,
                1,
                Unit::Week,
                today,
                date(2024, 1, 28),
            ),
        ];
        for (kind, count, unit, first, last) in cases {
            assert_eq!(
                ends(kind, count, unit, today),
                (first, last),
                "{kind:?} {count} {unit:?}"
            );
        }
    }

    #[test]
    fn weeks_start_where_the_project_says() {
        let today = date(2024, 1, 15); // a Monday
        let last_week = Window {
            kind: WindowKind::Last,
            count: 1,
            unit: Unit::Week,
        };
        assert_eq!(
            window_ends(last_week, today, Weekday::Monday),
            (date(2024, 1, 8), date(2024, 1, 14))
        );
        assert_eq!(
            window_ends(last_week, today, Weekday::Sunday),
            (date(2024, 1, 7), date(2024, 1, 13))
        );
        let sunday = date(2024, 1, 14);
        let this = Window {
            kind: WindowKind::This,
            count: 1,
            unit: Unit::Week,
        };
        assert_eq!(
            window_ends(this, sunday, Weekday::Monday),
            (date(2024, 1, 8), date(2024, 1, 14))
        );
        assert_eq!(
            window_ends(this, sunday, Weekday::Sunday),
            (date(2024, 1, 14), date(2024, 1, 20))
        );
    }

    #[test]
    fn leap_days_and_ends_of_years() {
        assert_eq!(
            ends(WindowKind::Last, 1, Unit::Month, date(2024, 3, 31)),
            (date(2024, 2, 1), date(2024, 2, 29))
        );
        assert_eq!(
            ends(WindowKind::Last, 1, Unit::Month, date(2023, 3, 31)),
            (date(2023, 2, 1), date(2023, 2, 28))
        );
        assert_eq!(
            ends(WindowKind::Last, 1, Unit::Year, date(2024, 2, 29)),
            (date(2023, 1, 1), date(2023, 12, 31))
        );
        assert_eq!(
            ends(WindowKind::Next, 1, Unit::Month, date(2023, 12, 31)),
            (date(2024, 1, 1), date(2024, 1, 31))
        );
        assert_eq!(
            ends(WindowKind::Next, 1, Unit::Quarter, date(2023, 11, 15)),
            (date(2024, 1, 1), date(2024, 3, 31))
        );
        assert_eq!(
            ends(WindowKind::Last, 5, Unit::Quarter, date(2024, 5, 31)),
            (date(2023, 1, 1), date(2024, 3, 31))
        );
    }

    #[test]
    fn beyond_the_calendar() {
        let all = ends(WindowKind::Last, u32::MAX, Unit::Year, date(2024, 1, 15));
        assert_eq!(all, (FIRST, date(2023, 12, 31)));
        let all = ends(
            WindowKind::NextFromToday,
            u32::MAX,
            Unit::Day,
            date(2024, 1, 15),
        );
        assert_eq!(all, (date(2024, 1, 15), Date::MAX));
    }

    #[test]
    fn the_day_of_an_instant_is_that_of_the_zone() {
        let instant = "2024-01-15T23:30:00Z".parse().unwrap();
        assert_eq!(day_of(instant, &TimeZone::UTC), date(2024, 1, 15));
        let east = TimeZone::get("Pacific/Kiritimati").unwrap();
        assert_eq!(day_of(ambit_core::Instant::MAX, &east), Date::MAX);
        assert_eq!(
            day_of(instant, &TimeZone::get("Europe/Paris").unwrap()),
            date(2024, 1, 16)
        );
        assert_eq!(
            day_of(instant, &TimeZone::get("America/Chicago").unwrap()),
            date(2024, 1, 15)
        );
    }
}
