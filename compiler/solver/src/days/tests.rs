//! The arithmetic of days against the evaluator's and the calendar's own.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::HashSet;

use ambit_core::{Instant, Unit, Window, WindowKind};
use ambit_eval::{day_of, window_ends};
use jiff::Timestamp;
use jiff::civil::{Date, Weekday, date as civil};
use jiff::tz::TimeZone;

use super::{Cache, Day, Need, date, ends, first_day, last_day, number};
use super::{first_today, instant_of, last_today, odd, representatives, skipped, until};

const KINDS: [WindowKind; 5] = [
    WindowKind::Last,
    WindowKind::LastToToday,
    WindowKind::Next,
    WindowKind::NextFromToday,
    WindowKind::This,
];
const UNITS: [Unit; 5] = [
    Unit::Day,
    Unit::Week,
    Unit::Month,
    Unit::Quarter,
    Unit::Year,
];
const ZONES: [&str; 15] = [
    "UTC",
    // Clocks went back at a minute past midnight; by three hours at two; over the date line.
    "America/St_Johns",
    "Antarctica/Casey",
    "America/Juneau",
    "Asia/Beirut",
    "America/Sao_Paulo",
    "Pacific/Apia",
    "Europe/Paris",
    "America/Havana",
    "Pacific/Kwajalein",
    "Asia/Manila",
    "Africa/Monrovia",
    "Atlantic/Azores",
    "America/Asuncion",
    "Antarctica/Troll",
];

/// A small generator (splitmix64).
struct Rng(u64);

impl Rng {
    fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn between(&mut self, low: i64, high: i64) -> i64 {
        low + (self.draw() % (high - low + 1).unsigned_abs()).cast_signed()
    }

    fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[(self.draw() % list.len() as u64) as usize]
    }
}

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

#[test]
fn days_are_numbers() {
    let epoch = civil(1970, 1, 1);
    for day in (first_day()..=last_day()).step_by(37) {
        let there = date(day);
        assert_eq!(number(there), day);
        let since = epoch.until(there).unwrap().get_days();
        assert_eq!(i64::from(since), day, "{there}");
    }
    assert_eq!(date(first_day() - 1), civil(1, 1, 1));
    assert_eq!(date(last_day() + 1), Date::MAX);
}

#[test]
fn windows_end_where_the_evaluator_says() {
    let mut rng = Rng(1);
    for n in 0..100_000 {
        let count = match n % 10 {
            0 => rng.between(1, 4_000),
            1 => i64::from(u32::MAX),
            _ => rng.between(1, 40),
        };
        let window = Window {
            kind: rng.pick(&KINDS),
            count: u32::try_from(count).unwrap(),
            unit: rng.pick(&UNITS),
        };
        let today = rng.between(first_today(), last_today());
        let week_start = rng.pick(&[Weekday::Monday, Weekday::Sunday, Weekday::Wednesday]);
        let (first, last) = ends(window, today, week_start);
        let expected = window_ends(window, date(today), week_start);
        assert_eq!(
            (date(first), date(last)),
            expected,
            "{window:?} on {}, weeks from {week_start:?}",
            date(today)
        );
    }
}

/// Is the instant one of those whose day is at most a day, by the changes of [`until`]?
fn at_most(changes: &[i128], instant: Instant) -> bool {
    let before = changes
        .iter()
        .filter(|c| **c <= instant.as_nanosecond())
        .count();
    before % 2 == 0
}

#[test]
fn a_day_ends_where_the_zone_says() {
    let mut rng = Rng(2);
    let mut strange = 0;
    for name in ZONES {
        let zone = zone(name);
        let mut days: Vec<Day> = (0..300)
            .map(|_| rng.between(first_today() - 40_000, last_today() + 40_000))
            .collect();
        // Where clocks change, a day may come twice or not at all.
        let from = "1880-01-01T00:00:00Z".parse::<Timestamp>().unwrap();
        for transition in zone.following(from).take(250) {
            let here = number(day_of(Instant::of(transition.timestamp()), &zone));
            days.extend(here - 2..=here + 2);
        }
        days.extend(first_day() - 1..=first_day() + 2);
        days.extend(last_day() - 2..=last_day());
        for day in days {
            let changes = until(day, &zone);
            strange += usize::from(changes.len() > 1);
            let mut instants: Vec<Instant> = (-110..=110)
                .filter_map(|n| Instant::from_second((day + 1) * 86_400 + n * 1_800))
                .collect();
            for change in &changes {
                for n in [-1, 0, 1] {
                    instants.extend(Instant::from_nanosecond(change + n));
                }
            }
            for instant in instants {
                assert_eq!(
                    at_most(&changes, instant),
                    number(day_of(instant, &zone)) <= day,
                    "{instant} and the end of {} in {name}",
                    date(day)
                );
            }
        }
    }
    assert!(strange > 20, "{strange} days come twice");
}

#[test]
fn days_that_no_instant_has() {
    for name in ZONES {
        let zone = zone(name);
        let skipped = skipped(&zone);
        let ends = (first_day()..first_day() + 3).chain(last_day() - 2..=last_day());
        for day in (first_today()..=last_today()).chain(ends) {
            let there = instant_of(day, &zone).is_some();
            assert_eq!(!there, skipped.contains(&day), "{} in {name}", date(day));
            if let Some(instant) = instant_of(day, &zone) {
                assert_eq!(day_of(instant, &zone), date(day));
            }
        }
    }
    assert!(skipped(&zone("Pacific/Apia")).contains(&number(civil(2011, 12, 30))));
    assert!(skipped(&zone("Pacific/Kwajalein")).contains(&number(civil(1993, 8, 21))));
}

#[test]
fn odd_days_are_all_found() {
    for name in ZONES {
        let zone = zone(name);
        let odd = odd(&zone);
        for day in first_today()..=last_today() {
            let ends = until(day, &zone);
            let is_odd = ends.len() != 1 || ends == until(day - 1, &zone);
            assert_eq!(is_odd, odd.contains(&day), "{} in {name}", date(day));
        }
    }
    assert_eq!(odd(&TimeZone::UTC), []);
}

/// How today, the ends of the windows and the constants lie to one another, with the evaluator's windows.
fn position(need: &Need, day: Day) -> Vec<i64> {
    let mut points = vec![day];
    for window in &need.windows {
        let (first, last) = window_ends(*window, date(day), need.week_start);
        points.extend([number(first), number(last)]);
    }
    let moving = points.len();
    points.extend(&need.constants);
    let mut out = Vec::new();
    for (i, a) in points.iter().enumerate().take(moving) {
        for b in &points[i + 1..] {
            out.push((b - a).clamp(-need.cap, need.cap));
        }
        let odd = |d: Day| i64::from(need.odd.contains(&d));
        out.extend([odd(a - 1), odd(*a)]);
    }
    out
}

#[test]
fn every_day_has_its_like_among_the_representatives() {
    let mut rng = Rng(3);
    let cache = Cache::default();
    let twice = odd(&zone("America/St_Johns"));
    assert!(twice.contains(&number(civil(2010, 11, 6))));
    for n in 0..60 {
        let mut windows: Vec<Window> = (0..rng.between(0, 3))
            .map(|_| Window {
                kind: rng.pick(&KINDS),
                count: u32::try_from(match n % 12 {
                    11 => rng.between(1, 2_000),
                    _ => rng.between(1, 6),
                })
                .unwrap(),
                unit: rng.pick(&UNITS),
            })
            .collect();
        windows.sort_by_key(|w| (w.kind as u8, w.unit as u8, w.count));
        windows.dedup();
        let mut constants: Vec<Day> = (0..rng.between(0, 3))
            .map(|_| match rng.between(0, 3) {
                0 => rng.between(first_today() - 500, last_today() + 500),
                1 => number(civil(2100, 2, 28)) + rng.between(-3, 3),
                _ => number(civil(2024, 1, 1)) + rng.between(0, 60),
            })
            .collect();
        constants.sort_unstable();
        constants.dedup();
        let need = Need {
            windows,
            constants,
            cap: rng.between(2, 5),
            week_start: rng.pick(&[Weekday::Monday, Weekday::Sunday]),
            odd: if n % 10 == 9 {
                twice.clone()
            } else {
                Vec::new()
            },
        };
        let found = representatives(&need, &cache);
        assert!(
            found
                .iter()
                .all(|d| (first_today()..=last_today()).contains(d))
        );
        let kinds: HashSet<Vec<i64>> = found.iter().map(|d| position(&need, *d)).collect();
        assert!(
            found.len() <= kinds.len(),
            "{} days for {} kinds",
            found.len(),
            kinds.len()
        );
        let mut days: Vec<Day> = (first_today()..=last_today()).step_by(13).collect();
        days.extend([first_today(), last_today()]);
        for constant in &need.constants {
            days.extend(constant - 40..=constant + 40);
        }
        days.retain(|d| (first_today()..=last_today()).contains(d));
        for day in days {
            assert!(
                kinds.contains(&position(&need, day)),
                "nothing stands for {} in {need:?}",
                date(day)
            );
        }
    }
}
