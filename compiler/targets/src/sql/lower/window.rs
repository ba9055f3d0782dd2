//! Windows: whole periods around today, as their first and last day.

use ambit_core::{Operand, Unit, Value, Window, WindowKind};
use jiff::civil::{Date, Weekday};

use super::path::Joins;
use super::term::{Open, Side, Term};
use super::{Lowering, RowRef};
use crate::sql::dialect::Move;
use crate::sql::domain::Domain;
use crate::sql::tree::Expr;
use crate::target::Refusal;

/// A thousand years: so far an end may lie from today and still be a day that columns hold.
const NEAR: i64 = 1000 * 12;

impl Lowering<'_> {
    pub(super) fn in_window(
        &mut self,
        operand: &Operand,
        window: Window,
        row: &RowRef,
        want: bool,
    ) -> Result<Expr, Refusal> {
        let mut joins = Joins::default();
        let side = self.side(operand, row, &mut joins, Some(Domain::Date))?;
        let holds = match self.today()? {
            Side::Known(_, Value::Date(today)) => {
                let week_start = self.request.program.settings.week_start;
                self.known_window(side, bounds(today, window, week_start), want)
            }
            Side::Term(today) => self.moving_window(side, &today, window, want)?,
            _ => Expr::Bool(false),
        };
        Ok(joins.around(holds))
    }

    fn known_window(&self, side: Side, (first, last): (Date, Date), want: bool) -> Expr {
        let term = match side {
            Side::Known(_, Value::Date(day)) => {
                return Expr::Bool((first <= day && day <= last) == want);
            }
            Side::Day(instant) => return self.day_within(&instant, first, last, want),
            Side::Term(term) => term,
            Side::Unknown | Side::Known(..) => return Expr::Bool(false),
        };
        // What columns can hold lies within the engine's calendar.
        let (start, end) = self.engine.calendar;
        let (first, last) = (first.max(start), last.min(end));
        if first > last {
            return if want {
                Expr::Bool(false)
            } else {
                term.present()
            };
        }
        let ends = [first, last].map(|day| self.literal(term.domain, &Value::Date(day)));
        let [Ok(Some(first)), Ok(Some(last))] = ends else {
            return Expr::Bool(false);
        };
        between(&term, first, last, true, want)
    }

    fn moving_window(
        &mut self,
        side: Side,
        today: &Term,
        window: Window,
        want: bool,
    ) -> Result<Expr, Refusal> {
        let Some(term) = self.term(side)?.filter(|t| t.domain == Domain::Date) else {
            return Ok(Expr::Bool(false));
        };
        let start = Move::Start(window.unit, self.request.program.settings.week_start);
        let count = i64::from(window.count);
        let day = today.form.key.clone();
        let end = |n: i64, last: bool| self.end(&day, start, window.unit, n, last);
        let (first, last) = match window.kind {
            WindowKind::Last => (end(-count, false)?, end(0, true)?),
            WindowKind::LastToToday => (end(-count, false)?, day.clone()),
            WindowKind::Next => (end(1, false)?, end(count + 1, true)?),
            WindowKind::NextFromToday => (day.clone(), end(count + 1, true)?),
            WindowKind::This => (end(0, false)?, end(1, true)?),
        };
        let near = months(window.unit, count) < NEAR;
        let inside = between(&term, first, last, near, want);
        Ok(Expr::all(
            today.formed(Open::Both).into_iter().chain([inside]),
        ))
    }

    /// The first day of the period some periods on; or the day before it.
    fn end(
        &self,
        day: &Expr,
        start: Move,
        unit: Unit,
        count: i64,
        last: bool,
    ) -> Result<Expr, Refusal> {
        let mut moves = vec![start, Move::Periods(unit, count)];
        if last {
            moves.push(Move::DayBefore);
        }
        let engine = self.engine;
        let moved = (engine.moved)(day.clone(), &moves);
        let (back, on) = engine.reach;
        let far = months(unit, count);
        if -back <= far && far <= on {
            return Ok(moved);
        }
        let (first, last) = engine.calendar;
        let edge = if count < 0 { first } else { last };
        let edge = self.literal(Domain::Date, &Value::Date(edge))?;
        Ok((engine.beyond)(moved, edge.unwrap_or(Expr::Null)))
    }
}

/// That a day is (or is not) from one to another. `inside`: both ends are days that columns hold.
fn between(term: &Term, first: Expr, last: Expr, inside: bool, want: bool) -> Expr {
    let open = if want && inside {
        Open::None
    } else {
        Open::Both
    };
    let key = Box::new(term.form.key.clone());
    let test = if want {
        Expr::Between(key, first.into(), last.into())
    } else {
        Expr::NotBetween(key, first.into(), last.into())
    };
    Expr::all(term.formed(open).into_iter().chain([test]))
}

/// About how many months some periods are; never too few.
fn months(unit: Unit, count: i64) -> i64 {
    match unit {
        Unit::Day => count / 28 + count.signum(),
        Unit::Week => count / 4 + count.signum(),
        Unit::Month => count,
        Unit::Quarter => count.saturating_mul(3),
        Unit::Year => count.saturating_mul(12),
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
