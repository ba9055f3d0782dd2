//! Windows: whole periods around today, as their first and last day.

use ambit_core::{Operand, Unit, Window, WindowKind};
use jiff::civil::{Date, Weekday};

use super::operand::day_literal;
use super::{Lowering, Refusal, RowRef};
use crate::sql::tree::Expr;

impl Lowering<'_> {
    pub(super) fn in_window(
        &mut self,
        operand: &Operand,
        window: Window,
        row: &RowRef,
    ) -> Result<Expr, Refusal> {
        let (first, last) = bounds(self.today, window, self.program.settings.week_start);
        if let Some(instants) = self.day_within(operand, first, last, row)? {
            return Ok(instants);
        }
        let value = self.value(operand, row, None)?;
        // No text of a day lies before the year 0.
        let first = if first.year() < 0 {
            Expr::text("0000-01-01")
        } else {
            day_literal(first)?
        };
        let last = if last.year() < 0 {
            Expr::text("")
        } else {
            day_literal(last)?
        };
        Ok(Expr::Between(
            Box::new(value),
            Box::new(first),
            Box::new(last),
        ))
    }
}

/// The first and the last day; an end beyond the calendar is its end.
pub(super) fn bounds(today: Date, window: Window, week_start: Weekday) -> (Date, Date) {
    let start = start_of(today, window.unit, week_start);
    let count = i64::from(window.count);
    let begin =
        |n: i64| moved(start, window.unit, n).unwrap_or(if n < 0 { Date::MIN } else { Date::MAX });
    let end = |n: i64| {
        moved(start, window.unit, n + 1).map_or(if n < 0 { Date::MIN } else { Date::MAX }, |next| {
            next.yesterday().unwrap_or(Date::MIN)
        })
    };
    match window.kind {
        WindowKind::Last => (begin(-count), end(-1)),
        WindowKind::LastToToday => (begin(-count), today),
        WindowKind::Next => (begin(1), end(count)),
        WindowKind::NextFromToday => (today, end(count)),
        WindowKind::This => (begin(0), end(0)),
    }
}

/// The first day of the period of a day.
fn start_of(day: Date, unit: Unit, week_start: Weekday) -> Date {
    let first_of = |month: i8| Date::new(day.year(), month, 1).unwrap_or(day);
    match unit {
        Unit::Day => day,
        Unit::Week => {
            let back = (day.weekday().to_monday_zero_offset() - week_start.to_monday_zero_offset())
                .rem_euclid(7);
            moved(day, Unit::Day, -i64::from(back)).unwrap_or(Date::MIN)
        }
        Unit::Month => first_of(day.month()),
        Unit::Quarter => first_of((day.month() - 1) / 3 * 3 + 1),
        Unit::Year => first_of(1),
    }
}

/// The start of a period, some periods on; `None` beyond the calendar.
fn moved(start: Date, unit: Unit, count: i64) -> Option<Date> {
    let months = match unit {
        Unit::Day | Unit::Week => {
            let days = count.checked_mul(if unit == Unit::Week { 7 } else { 1 })?;
            let span = jiff::Span::new().try_days(days).ok()?;
            return start.checked_add(span).ok();
        }
        Unit::Month => count,
        Unit::Quarter => count.checked_mul(3)?,
        Unit::Year => count.checked_mul(12)?,
    };
    let total =
        (i64::from(start.year()) * 12 + i64::from(start.month()) - 1).checked_add(months)?;
    let year = i16::try_from(total.div_euclid(12)).ok()?;
    let month = i8::try_from(total.rem_euclid(12) + 1).ok()?;
    Date::new(year, month, 1).ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn windows_of_the_language_page() {
        let today = date(2024, 1, 15);
        let at = |kind, count, unit| bounds(today, Window { kind, count, unit }, Weekday::Monday);
        assert_eq!(
            at(WindowKind::Last, 3, Unit::Month),
            (date(2023, 10, 1), date(2023, 12, 31))
        );
        assert_eq!(
            at(WindowKind::LastToToday, 3, Unit::Month),
            (date(2023, 10, 1), today)
        );
        assert_eq!(
            at(WindowKind::Next, 3, Unit::Month),
            (date(2024, 2, 1), date(2024, 4, 30))
        );
        assert_eq!(
            at(WindowKind::NextFromToday, 3, Unit::Month),
            (today, date(2024, 4, 30))
        );
        assert_eq!(
            at(WindowKind::This, 1, Unit::Month),
            (date(2024, 1, 1), date(2024, 1, 31))
        );
        assert_eq!(
            at(WindowKind::Last, 7, Unit::Day),
            (date(2024, 1, 8), date(2024, 1, 14))
        );
        assert_eq!(
            at(WindowKind::This, 1, Unit::Week),
            (date(2024, 1, 15), date(2024, 1, 21))
        );
        assert_eq!(
            at(WindowKind::Last, 1, Unit::Quarter),
            (date(2023, 10, 1), date(2023, 12, 31))
        );
        assert_eq!(
            at(WindowKind::Next, u32::MAX, Unit::Year),
            (date(2025, 1, 1), Date::MAX)
        );
        assert_eq!(
            at(WindowKind::Last, u32::MAX, Unit::Day),
            (Date::MIN, date(2024, 1, 14))
        );
    }

    #[test]
    fn weeks_start_where_the_project_says() {
        let window = Window {
            kind: WindowKind::This,
            count: 1,
            unit: Unit::Week,
        };
        assert_eq!(
            bounds(date(2024, 1, 15), window, Weekday::Sunday),
            (date(2024, 1, 14), date(2024, 1, 20))
        );
        assert_eq!(
            bounds(date(2024, 1, 14), window, Weekday::Monday),
            (date(2024, 1, 8), date(2024, 1, 14))
        );
    }
}
