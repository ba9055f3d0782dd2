//! The days that matter: windows are functions of `today`, and of two days on which all their ends lie alike one is
//! enough. Also the day of an instant.
//!
//! The arithmetic is this room's own: the evaluator has another, and tests hold one against the other.

use std::collections::BTreeMap;
use std::sync::Arc;

use ambit_core::{Unit, Window, WindowKind};
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use rustc_hash::FxHashSet;

/// A day as a number: 0 is 1970-01-01.
pub(crate) type Day = i64;

/// The days over which `today` runs (language.md, "What the solver decides").
pub(crate) fn first_today() -> Day {
    0
}

pub(crate) fn last_today() -> Day {
    number(jiff::civil::date(2199, 12, 31))
}

/// The number of a day.
pub(crate) fn number(date: Date) -> Day {
    // Days from civil (H. Hinnant), the era counted from March.
    let (y, m, d) = (
        i64::from(date.year()),
        i64::from(date.month()),
        i64::from(date.day()),
    );
    let y = if m <= 2 { y - 1 } else { y };
    let era = y.div_euclid(400);
    let of_era = y.rem_euclid(400);
    let of_year = (153 * ((m + 9) % 12) + 2) / 5 + d - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The day of a number, held within the calendar.
pub(crate) fn date(day: Day) -> Date {
    let day = day.clamp(first_day(), last_day());
    let z = day + 719_468;
    let era = z.div_euclid(146_097);
    let of_era = z.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * of_year + 2) / 153;
    let d = of_year - (153 * month + 2) / 5 + 1;
    let m = if month < 10 { month + 3 } else { month - 9 };
    let y = year_of_era + era * 400 + i64::from(m <= 2);
    Date::new(y as i16, m as i8, d as i8).unwrap_or(Date::MAX)
}

pub(crate) fn first_day() -> Day {
    number(Date::MIN)
}

pub(crate) fn last_day() -> Day {
    number(Date::MAX)
}

/// First and last day of a window, both in it; ends beyond the calendar are its first or last day.
pub(crate) fn ends(window: Window, today: Day, week_start: Weekday) -> (Day, Day) {
    let count = i64::from(window.count);
    let unit = window.unit;
    let here = index(unit, today, week_start);
    let first = |period: i64| clamp(start(unit, period, week_start));
    let last = |period: i64| {
        let after = start(unit, period + 1, week_start);
        // Beyond the end of the calendar there is no day to take back.
        if after > last_day() {
            last_day()
        } else {
            clamp(after - 1)
        }
    };
    match window.kind {
        WindowKind::Last => (first(here - count), clamp(start(unit, here, week_start) - 1)),
        WindowKind::LastToToday => (first(here - count), today),
        WindowKind::Next => (first(here + 1), last(here + count)),
        WindowKind::NextFromToday => (today, last(here + count)),
        WindowKind::This => (first(here), last(here)),
    }
}

fn clamp(day: Day) -> Day {
    day.clamp(first_day(), last_day())
}

/// The number of the period of a day, counted from some period on.
fn index(unit: Unit, day: Day, week_start: Weekday) -> i64 {
    let civil = date(day);
    let months = i64::from(civil.year()) * 12 + i64::from(civil.month()) - 1;
    match unit {
        Unit::Day => day,
        // 1970-01-01 is a Thursday: its week begins three days before where weeks begin on Mondays.
        Unit::Week => (day + week_shift(week_start)).div_euclid(7),
        Unit::Month => months,
        Unit::Quarter => months.div_euclid(3),
        Unit::Year => i64::from(civil.year()),
    }
}

fn week_shift(week_start: Weekday) -> i64 {
    // Days from the last start of a week to Thursday, 1970-01-01.
    i64::from(Weekday::Thursday.since(week_start))
}

/// The first day of a period; days beyond the calendar are numbers all the same.
fn start(unit: Unit, period: i64, week_start: Weekday) -> Day {
    let of_months = |months: i64| {
        let (year, month) = (months.div_euclid(12), months.rem_euclid(12) + 1);
        if year > 9_999 {
            return last_day() + 1;
        }
        if year < -9_999 {
            return first_day() - 1;
        }
        Date::new(year as i16, month as i8, 1).map_or(last_day() + 1, number)
    };
    match unit {
        Unit::Day => period,
        Unit::Week => period.saturating_mul(7) - week_shift(week_start),
        Unit::Month => of_months(period),
        Unit::Quarter => of_months(period.saturating_mul(3)),
        Unit::Year => of_months(period.saturating_mul(12)),
    }
}

/// How the ends of some windows and today lie to one another, for the days of one stretch of the calendar.
#[derive(Debug)]
pub(crate) struct Shapes {
    /// A day for each shape, in order.
    pub days: Vec<Day>,
    /// No end lies further from today than this.
    pub span: Day,
}

/// Everything on which the days that matter depend.
#[derive(Debug, Clone)]
pub(crate) struct Need {
    /// The windows, sorted, each once.
    pub windows: Vec<Window>,
    /// Constants that days are compared with, sorted.
    pub constants: Vec<Day>,
    /// Distances beyond this are all alike: the number of days that vary, and two.
    pub cap: Day,
    pub week_start: Weekday,
}

type Cache = std::sync::Mutex<rustc_hash::FxHashMap<Vec<Window>, Arc<Shapes>>>;

/// Days enough: for each day there is one among these on which every test of days can come out alike.
pub(crate) fn representatives(need: &Need, cache: &Cache) -> Vec<Day> {
    let (first, last) = (first_today(), last_today());
    let shapes = shapes(need, cache);
    let margin = shapes.span + need.cap + 1;
    let mut days: Vec<Day> = Vec::new();
    let near = 2 * margin * need.constants.len() as Day;
    if near >= last - first || shapes.span > 1_400 {
        days.extend(first..=last);
    } else {
        // Near a constant every day counts; between two of them only the shape does.
        let mut from = first;
        for constant in &need.constants {
            let (low, high) = (constant - margin, constant + margin);
            far(need, &shapes, from, low - 1, &mut days);
            days.extend(low.max(from).max(first)..=high.min(last));
            from = from.max(high + 1);
        }
        far(need, &shapes, from, last, &mut days);
    }
    let mut seen: FxHashSet<Vec<i64>> = FxHashSet::default();
    days.retain(|day| seen.insert(signature(need, *day)));
    days
}

/// The days of a stretch that is far from every constant: one for each shape that occurs there.
fn far(need: &Need, shapes: &Shapes, from: Day, to: Day, days: &mut Vec<Day>) {
    const CYCLE: Day = 28 * 1461 / 4;
    if from > to {
        return;
    }
    if to - from < 2 * CYCLE {
        days.extend(from..=to);
        return;
    }
    for day in &shapes.days {
        let wanted = signature_of_shape(need, *day);
        // The calendar repeats every 28 years, but for 2100.
        let shift = (from - day + CYCLE - 1).div_euclid(CYCLE);
        let found = (0..8)
            .map(|n| day + (shift + n) * CYCLE)
            .chain(std::iter::once(*day))
            .find(|d| (from..=to).contains(d) && signature_of_shape(need, *d) == wanted);
        days.extend(found);
    }
}

fn shapes(need: &Need, cache: &Cache) -> Arc<Shapes> {
    let key = need.windows.clone();
    let cap = need.cap;
    // A cache for distances up to eight serves nearly all; beyond, it is made anew.
    if cap <= 8
        && let Ok(cache) = cache.lock()
        && let Some(known) = cache.get(&key)
    {
        return known.clone();
    }
    let wide = Need {
        cap: cap.max(8),
        constants: Vec::new(),
        ..need.clone()
    };
    let years = [(1996, 2024), (2096, 2105)];
    let mut seen: FxHashSet<Vec<i64>> = FxHashSet::default();
    let mut days = Vec::new();
    let mut span = 0;
    for (from, to) in years {
        let day_of = |year| number(jiff::civil::date(year, 1, 1));
        for day in day_of(from)..day_of(to) {
            for point in points(&wide, day) {
                span = span.max((point - day).abs());
            }
            if seen.insert(signature_of_shape(&wide, day)) {
                days.push(day);
            }
        }
    }
    let made = Arc::new(Shapes { days, span });
    if cap <= 8
        && let Ok(mut cache) = cache.lock()
    {
        cache.insert(key, made.clone());
    }
    made
}

/// Today and the ends of the windows.
fn points(need: &Need, day: Day) -> Vec<Day> {
    let mut points = vec![day];
    for window in &need.windows {
        let (first, last) = ends(*window, day, need.week_start);
        points.push(first);
        points.push(last);
    }
    points
}

fn signature_of_shape(need: &Need, day: Day) -> Vec<i64> {
    let points = points(need, day);
    let mut out = Vec::with_capacity(points.len() * points.len() / 2);
    for (i, a) in points.iter().enumerate() {
        for b in &points[i + 1..] {
            out.push((b - a).clamp(-need.cap, need.cap));
        }
    }
    out
}

fn signature(need: &Need, day: Day) -> Vec<i64> {
    let mut out = signature_of_shape(need, day);
    for point in points(need, day) {
        let at = need.constants.partition_point(|c| *c <= point);
        out.push(at as i64);
        let before = at.checked_sub(1).and_then(|i| need.constants.get(i));
        out.push(before.map_or(need.cap, |c| (point - c).min(need.cap)));
        out.push(
            need.constants
                .get(at)
                .map_or(need.cap, |c| (c - point).min(need.cap)),
        );
    }
    out
}

/// The instants whose day is at most `day`: those before the first, from the second to the third, and so on. In most
/// zones there is just one; where clocks go back over midnight a day comes twice.
pub(crate) fn until(day: Day, zone: &TimeZone) -> Vec<i128> {
    let middle = Timestamp::from_second((day + 1).saturating_mul(86_400)).unwrap_or(
        if day > 0 {
            Timestamp::MAX
        } else {
            Timestamp::MIN
        },
    );
    let from = middle.checked_sub(40.hours()).unwrap_or(Timestamp::MIN);
    let to = middle.checked_add(40.hours()).unwrap_or(Timestamp::MAX);
    // Pieces of one offset each.
    let mut starts = vec![from];
    for transition in zone.following(from) {
        if transition.timestamp() >= to {
            break;
        }
        starts.push(transition.timestamp());
    }
    let holds = |instant: Timestamp| number(zone.to_datetime(instant).date()) <= day;
    let mut changes: Vec<Timestamp> = Vec::new();
    let mut now = true;
    for (i, begin) in starts.iter().enumerate() {
        let end = starts.get(i + 1).copied().unwrap_or(to);
        if holds(*begin) != now {
            changes.push(*begin);
            now = !now;
        }
        // Within a piece the local clock runs evenly: it crosses midnight once at most.
        let offset = i64::from(zone.to_offset(*begin).seconds());
        let crossing = Timestamp::from_second((day + 1).saturating_mul(86_400) - offset);
        if let Ok(crossing) = crossing
            && now
            && crossing > *begin
            && crossing < end
        {
            changes.push(crossing);
            now = false;
        }
    }
    changes.iter().map(|t| t.as_nanosecond()).collect()
}

/// The days that a zone skips altogether.
pub(crate) fn skipped(zone: &TimeZone) -> Vec<Day> {
    let mut out = BTreeMap::new();
    let mut before = zone.to_offset(Timestamp::MIN).seconds();
    for (n, transition) in zone.following(Timestamp::MIN).enumerate() {
        let at = transition.timestamp();
        if n > 2_000 || at.as_second() > 8_000_000_000 {
            break;
        }
        let after = transition.offset().seconds();
        let day = |offset: i32, back: i64| {
            (at.as_second() + i64::from(offset) - back).div_euclid(86_400)
        };
        for skipped in day(before, 1) + 1..day(after, 0) {
            out.insert(skipped, ());
        }
        before = after;
    }
    out.into_keys().collect()
}

/// An instant of that day.
pub(crate) fn instant_of(day: Day, zone: &TimeZone) -> Option<Timestamp> {
    let noon = date(day).at(12, 0, 0, 0);
    zone.to_ambiguous_timestamp(noon)
        .compatible()
        .ok()
        .filter(|t| number(zone.to_datetime(*t).date()) == day)
}
