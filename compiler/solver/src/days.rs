//! The days that matter: windows are functions of `today`, and of two days on which all their ends lie alike one is
//! enough. Also the day of an instant.
//!
//! The arithmetic is this room's own: the evaluator has another, and tests hold one against the other.

use std::collections::BTreeSet;
use std::sync::Arc;

use ambit_core::{Instant, Unit, Window, WindowKind};
use jiff::Timestamp;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
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
    from_civil(
        i64::from(date.year()),
        i64::from(date.month()),
        i64::from(date.day()),
    )
}

/// Days from civil (H. Hinnant), the era counted from March.
fn from_civil(y: i64, m: i64, d: i64) -> Day {
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
    number(jiff::civil::date(1, 1, 1))
}

pub(crate) fn last_day() -> Day {
    number(Date::MAX)
}

/// First and last day of a window, both in it; ends beyond the calendar are its first or last day.
pub(crate) fn ends(window: Window, today: Day, week_start: Weekday) -> (Day, Day) {
    Calendar::of(today, week_start).ends(window)
}

/// A day in the periods of every unit.
#[derive(Debug, Clone, Copy)]
struct Calendar {
    today: Day,
    /// The month, counted from year 0.
    month: i64,
    week_start: Weekday,
}

impl Calendar {
    fn of(today: Day, week_start: Weekday) -> Self {
        let civil = date(today);
        Self {
            today,
            month: i64::from(civil.year()) * 12 + i64::from(civil.month()) - 1,
            week_start,
        }
    }

    fn ends(self, window: Window) -> (Day, Day) {
        let count = i64::from(window.count);
        let (unit, today) = (window.unit, self.today);
        let here = match unit {
            Unit::Day => today,
            // 1970-01-01 is a Thursday: its week begins three days before where weeks begin on Mondays.
            Unit::Week => (today + week_shift(self.week_start)).div_euclid(7),
            Unit::Month => self.month,
            Unit::Quarter => self.month.div_euclid(3),
            Unit::Year => self.month.div_euclid(12),
        };
        let first = |period: i64| clamp(start(unit, period, self.week_start));
        let last = |period: i64| {
            let after = start(unit, period + 1, self.week_start);
            // Beyond the end of the calendar there is no day to take back.
            if after > last_day() {
                last_day()
            } else {
                clamp(after - 1)
            }
        };
        match window.kind {
            WindowKind::Last => (
                first(here - count),
                clamp(start(unit, here, self.week_start) - 1),
            ),
            WindowKind::LastToToday => (first(here - count), today),
            WindowKind::Next => (first(here + 1), last(here + count)),
            WindowKind::NextFromToday => (today, last(here + count)),
            WindowKind::This => (first(here), last(here)),
        }
    }
}

fn clamp(day: Day) -> Day {
    day.clamp(first_day(), last_day())
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
        from_civil(year, month, 1)
    };
    match unit {
        Unit::Day => period,
        Unit::Week => period.saturating_mul(7) - week_shift(week_start),
        Unit::Month => of_months(period),
        Unit::Quarter => of_months(period.saturating_mul(3)),
        Unit::Year => of_months(period.saturating_mul(12)),
    }
}

/// How the ends of some windows and today lie to one another: the days of each shape, over stretches of the calendar in
/// which every shape occurs.
#[derive(Debug)]
pub(crate) struct Shapes {
    /// The days of each shape, in order.
    days: Vec<Vec<Day>>,
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
    /// Days after whose end clocks do what they usually do not, where that matters; sorted. See [`odd`].
    pub odd: Vec<Day>,
}

impl Need {
    /// Windows of days and weeks lie alike every seven days.
    fn is_weekly(&self) -> bool {
        let weekly = |w: &Window| matches!(w.unit, Unit::Day | Unit::Week);
        self.windows.iter().all(weekly)
    }
}

type Cache = std::sync::Mutex<rustc_hash::FxHashMap<Vec<Window>, Arc<Shapes>>>;

/// Shapes are told apart up to this distance, if that is enough.
const USUAL_CAP: Day = 8;
/// The calendar repeats every 28 years, but for 2100.
const CYCLE: Day = 28 * 1461 / 4;

/// Days enough: for each day there is one among these on which every test of days can come out alike.
pub(crate) fn representatives(need: &Need, cache: &Cache) -> Vec<Day> {
    let (first, last) = (first_today(), last_today());
    if !need.odd.is_empty() {
        return each_once(need, (first..=last).collect());
    }
    let shapes = (!need.is_weekly()).then(|| shapes(need, cache));
    // Where today or an end comes to lie otherwise to a constant, a new piece begins.
    let mut begins: BTreeSet<Day> = [first].into();
    for place in 0..=2 * need.windows.len() {
        for constant in &need.constants {
            for distance in -need.cap..=need.cap + 1 {
                let day = first_with(need, place, constant + distance);
                if day > first && day <= last {
                    begins.insert(day);
                }
            }
        }
    }
    let begins: Vec<Day> = begins.into_iter().collect();
    let mut days: Vec<Day> = Vec::new();
    for (i, begin) in begins.iter().enumerate() {
        let end = begins.get(i + 1).map_or(last, |next| next - 1);
        match &shapes {
            Some(shapes) => piece(need, shapes, *begin, end, &mut days),
            None if need.windows.is_empty() => days.push(*begin),
            None => days.extend(*begin..=end.min(begin + 6)),
        }
    }
    each_once(need, days)
}

/// One day for each kind.
fn each_once(need: &Need, mut days: Vec<Day>) -> Vec<Day> {
    let mut seen: FxHashSet<Box<[i64]>> = FxHashSet::default();
    let mut buffer = Vec::new();
    days.retain(|day| {
        signature(need, *day, &mut buffer);
        !seen.contains(buffer.as_slice()) && seen.insert(buffer.as_slice().into())
    });
    days
}

/// The first day on which today (place 0) or an end of a window lies at `wanted` or later; ends only move forward.
fn first_with(need: &Need, place: usize, wanted: Day) -> Day {
    let (mut low, mut high) = (first_today(), last_today() + 1);
    if place == 0 {
        return wanted.clamp(low, high);
    }
    let window = need.windows[(place - 1) / 2];
    while low < high {
        let middle = low + (high - low) / 2;
        let (first, last) = ends(window, middle, need.week_start);
        let at = if place % 2 == 1 { first } else { last };
        if at >= wanted {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

/// The days of a stretch in which nothing changes towards the constants: one for each shape that occurs there.
fn piece(need: &Need, shapes: &Shapes, from: Day, to: Day, days: &mut Vec<Day>) {
    if to - from < 45 {
        days.extend(from..=to);
        return;
    }
    let mut wanted = Vec::new();
    let mut got = Vec::new();
    for list in &shapes.days {
        let Some(any) = list.first() else { continue };
        shape(need, *any, &mut wanted);
        // The same day of the year in the same kind of year; what is found is looked at again, for 2100.
        let cycles = (from - any).div_euclid(CYCLE);
        // After 2100 it repeats likewise, from another day on: there the later days of the list serve.
        let found = (cycles - 1..=cycles + 1).chain(-5..=8).find_map(|n| {
            let at = list.partition_point(|d| d + n * CYCLE < from);
            list[at..]
                .iter()
                .map(|d| d + n * CYCLE)
                .take_while(|d| *d <= to)
                .take(8)
                .find(|d| {
                    shape(need, *d, &mut got);
                    got == wanted
                })
        });
        days.extend(found);
    }
}

fn shapes(need: &Need, cache: &Cache) -> Arc<Shapes> {
    let key = need.windows.clone();
    // A cache for usual distances serves nearly all; beyond, it is made anew.
    let usual = need.cap <= USUAL_CAP;
    if usual
        && let Ok(cache) = cache.lock()
        && let Some(known) = cache.get(&key)
    {
        return known.clone();
    }
    let wide = Need {
        cap: need.cap.max(USUAL_CAP),
        constants: Vec::new(),
        ..need.clone()
    };
    let day_of = |year| number(jiff::civil::date(year, 1, 1));
    let long = need.windows.iter().any(|w| match w.unit {
        Unit::Day => w.count > 1_400,
        Unit::Week => w.count > 200,
        Unit::Month => w.count > 48,
        Unit::Quarter => w.count > 16,
        Unit::Year => w.count > 4,
    });
    // 28 years before 2100, what lies around it, and 28 years after; ends far away may lie beyond it.
    let stretches = if long {
        vec![(first_today(), last_today() + 1)]
    } else {
        vec![
            (day_of(1996), day_of(2024)),
            (day_of(2095), day_of(2106)),
            (day_of(2106), day_of(2134)),
        ]
    };
    let mut numbers: rustc_hash::FxHashMap<Box<[i64]>, usize> = rustc_hash::FxHashMap::default();
    let mut days: Vec<Vec<Day>> = Vec::new();
    let mut buffer = Vec::new();
    for (from, to) in stretches {
        for day in from..to {
            shape(&wide, day, &mut buffer);
            let number = match numbers.get(buffer.as_slice()) {
                Some(number) => *number,
                None => {
                    numbers.insert(buffer.as_slice().into(), days.len());
                    days.push(Vec::new());
                    days.len() - 1
                }
            };
            days[number].push(day);
        }
    }
    let made = Arc::new(Shapes { days });
    if usual && let Ok(mut cache) = cache.lock() {
        cache.insert(key, made.clone());
    }
    made
}

/// Today and the ends of the windows.
fn points(need: &Need, day: Day) -> impl Iterator<Item = Day> {
    let calendar = Calendar::of(day, need.week_start);
    std::iter::once(day).chain(need.windows.iter().flat_map(move |window| {
        let (first, last) = calendar.ends(*window);
        [first, last]
    }))
}

/// How today and the ends lie to one another.
fn shape(need: &Need, day: Day, out: &mut Vec<i64>) {
    out.clear();
    let points: Vec<Day> = points(need, day).collect();
    for (i, a) in points.iter().enumerate() {
        for b in &points[i + 1..] {
            out.push((b - a).clamp(-need.cap, need.cap));
        }
    }
}

/// How they lie to one another and to the constants.
fn signature(need: &Need, day: Day, out: &mut Vec<i64>) {
    shape(need, day, out);
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
        if !need.odd.is_empty() {
            let is_odd = |day: Day| i64::from(need.odd.binary_search(&day).is_ok());
            out.push(2 * is_odd(point - 1) + is_odd(point));
        }
    }
}

/// The instants whose day is at most `day`: those before the first, from the second to the third, and so on; all, if there
/// is none. In most zones there is just one; where clocks go back over midnight a day comes twice. No zone leads out of
/// the calendar.
pub(crate) fn until(day: Day, zone: &TimeZone) -> Vec<i128> {
    if day >= last_day() {
        return Vec::new();
    }
    if day < first_day() {
        return vec![Instant::MIN.as_nanosecond()];
    }
    // All in seconds: no offset reaches forty hours.
    let middle = (day + 1) * 86_400;
    let (from, to) = (middle - 40 * 3_600, middle + 40 * 3_600);
    let clock = |second: i64| Timestamp::from_second(second).unwrap_or(Timestamp::MAX);
    let offset = |second: i64| i64::from(zone.to_offset(clock(second)).seconds());
    // Pieces of one offset each.
    let mut starts = vec![from];
    for transition in zone.following(clock(from)) {
        let at = transition.timestamp().as_second();
        if at >= to {
            break;
        }
        starts.push(at);
    }
    let mut changes: Vec<i64> = Vec::new();
    let mut now = true;
    for (i, begin) in starts.iter().enumerate() {
        let end = starts.get(i + 1).copied().unwrap_or(to);
        let offset = offset(*begin);
        let holds = (begin + offset).div_euclid(86_400) <= day;
        if holds != now {
            changes.push(*begin);
            now = holds;
        }
        // Within a piece the local clock runs evenly: it crosses midnight once at most.
        let crossing = middle - offset;
        if now && crossing > *begin && crossing < end {
            changes.push(crossing);
            now = false;
        }
    }
    let nanoseconds = |second: &i64| i128::from(*second) * 1_000_000_000;
    changes.iter().map(nanoseconds).collect()
}

/// The days of which no instant is one: those that a zone skips altogether.
pub(crate) fn skipped(zone: &TimeZone) -> Vec<Day> {
    let mut out: BTreeSet<Day> = BTreeSet::new();
    let mut before = zone.to_offset(Timestamp::MIN).seconds();
    for (n, transition) in zone.following(Timestamp::MIN).enumerate() {
        let at = transition.timestamp();
        if n > 2_000 || at.as_second() > 8_000_000_000 {
            break;
        }
        let after = transition.offset().seconds();
        let day =
            |offset: i32, back: i64| (at.as_second() + i64::from(offset) - back).div_euclid(86_400);
        for skipped in day(before, 1) + 1..day(after, 0) {
            out.insert(skipped);
        }
        before = after;
    }
    out.into_iter().collect()
}

/// The days that do not end just once: clocks go back over midnight, or the next day is left out. Which instants are
/// of such a day, and how they lie to others, is like no other day.
pub(crate) fn odd(zone: &TimeZone) -> Vec<Day> {
    let from = Timestamp::from_second((first_today() - 2) * 86_400).unwrap_or(Timestamp::MIN);
    let mut out = BTreeSet::new();
    for transition in zone.following(from) {
        let at = transition.timestamp();
        if at.as_second() > (last_today() + 2) * 86_400 {
            break;
        }
        let here = number(zone.to_datetime(at).date());
        for day in here - 2..=here + 2 {
            let ends = until(day, zone);
            if ends.len() != 1 || ends == until(day - 1, zone) {
                out.insert(day);
            }
        }
    }
    out.into_iter().collect()
}

/// An instant of that day.
pub(crate) fn instant_of(day: Day, zone: &TimeZone) -> Option<Instant> {
    let noon = date(day).at(12, 0, 0, 0);
    let usual = zone.to_ambiguous_timestamp(noon).compatible();
    let found = match usual {
        Ok(instant) => Instant::of(instant),
        // At the end of the calendar, where UTC is perhaps beyond it.
        Err(_) => {
            let offset = i64::from(zone.to_offset(Timestamp::MAX).seconds());
            let shift = jiff::SignedDuration::from_secs(offset);
            let civil = noon.checked_sub(shift).ok();
            civil.and_then(Instant::new).unwrap_or(Instant::MAX)
        }
    };
    Some(found).filter(|found| number(found.day(zone)) == day)
}

#[cfg(test)]
mod tests;
