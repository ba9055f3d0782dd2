//! Days of instants in the project's zone, without asking the engine about zones.
//!
//! Against a day that is known here, "the day of t is at most D" is a set of instants that is known here too: all
//! before the midnight after D. Where the clock is set back over midnight it has a hole, so it is a union.

use jiff::civil::{Date, DateTime, Time, date};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::Lowering;
use super::term::{Open, Term};
use crate::sql::tree::{Expr, Op};

/// A set of instants, in UTC: from (`None`: the beginning) up to, not including (`None`: the end).
type Interval = (Option<DateTime>, Option<DateTime>);

impl Lowering<'_> {
    /// That the day of an instant compares so with a known day.
    pub(super) fn compare_day(&self, instant: &Term, op: Op, day: Date) -> Expr {
        let before = self.before(Some(day));
        let after = complement(&self.before(day.tomorrow().ok()));
        let days = match op {
            Op::Lt => before,
            Op::Ge => complement(&before),
            Op::Gt => after,
            Op::Le => complement(&after),
            Op::Ne => {
                let mut both = before;
                both.extend(after);
                both
            }
            Op::Eq => {
                let mut both = before;
                both.extend(after);
                complement(&both)
            }
        };
        self.during(instant, &days)
    }

    /// That the day of an instant is (or is not) from one known day to another.
    pub(super) fn day_within(&self, instant: &Term, first: Date, last: Date, want: bool) -> Expr {
        let mut outside = self.before(Some(first));
        if first > last {
            outside = vec![(None, None)];
        } else {
            outside.extend(complement(&self.before(last.tomorrow().ok())));
        }
        let days = if want { complement(&outside) } else { outside };
        self.during(instant, &days)
    }

    /// The instants before a day; before none, all. No zone leads out of the calendar, so before its first day is none.
    fn before(&self, day: Option<Date>) -> Vec<Interval> {
        match day {
            None => vec![(None, None)],
            Some(day) if day <= date(1, 1, 1) => Vec::new(),
            Some(day) => instants_before(&self.zone(), day),
        }
    }

    /// That an instant is in one of these intervals.
    fn during(&self, instant: &Term, intervals: &[Interval]) -> Expr {
        let (first, last) = self.engine.calendar;
        let start = first.to_datetime(Time::midnight());
        let end = last.to_datetime(Time::MAX);
        let key = &instant.form.key;
        Expr::any(intervals.iter().map(|(from, to)| {
            // Ends beyond what the engine can hold are none.
            let from = from.filter(|from| *from > start);
            let to = to.filter(|to| *to < end);
            if to.is_some_and(|to| to <= start) || from.is_some_and(|from| from >= end) {
                return Expr::Bool(false);
            }
            let bound = |at: DateTime, op| {
                let literal = (self.engine.instant)(at);
                literal.map_or(Expr::Bool(false), |l| key.clone().compare(op, l))
            };
            let open = match (from, to) {
                (None, None) => return instant.present(),
                (None, Some(_)) => Open::Low,
                (Some(_), None) => Open::High,
                (Some(_), Some(_)) => Open::None,
            };
            let ends = [
                from.map(|from| bound(from, Op::Ge)),
                to.map(|to| bound(to, Op::Lt)),
            ];
            let ends = ends.into_iter().flatten();
            Expr::all(instant.formed(open).into_iter().chain(ends))
        }))
    }
}

/// All other instants. The intervals are in order and apart.
fn complement(intervals: &[Interval]) -> Vec<Interval> {
    let mut out = Vec::new();
    let mut from = None;
    let mut open = true;
    for (start, end) in intervals {
        if start.is_some() && *start != from {
            out.push((from, *start));
        }
        match end {
            Some(end) => from = Some(*end),
            None => open = false,
        }
    }
    if open {
        out.push((from, None));
    }
    out
}

/// The instants of which the day in the zone is before `day`, in order, apart from one another.
fn instants_before(zone: &TimeZone, day: Date) -> Vec<Interval> {
    let midnight = day.to_datetime(Time::midnight());
    // No offset reaches three days, so further away the answer is plain.
    let far = SignedDuration::from_hours(72);
    let around = midnight
        .to_zoned(TimeZone::UTC)
        .map_or(Timestamp::MAX, |z| z.timestamp());
    let start = around.checked_sub(far).unwrap_or(Timestamp::MIN);
    let end = around.checked_add(far).unwrap_or(Timestamp::MAX);
    let mut pieces = vec![(start, zone.to_offset(start))];
    pieces.extend(
        zone.following(start)
            .take_while(|t| t.timestamp() < end)
            .map(|t| (t.timestamp(), t.offset())),
    );
    let civil = |t: Timestamp| TimeZone::UTC.to_datetime(t);
    let mut out: Vec<Interval> = Vec::new();
    for (i, (from, offset)) in pieces.iter().enumerate() {
        let from = (i > 0).then(|| civil(*from));
        let until = pieces.get(i + 1).map(|(next, _)| civil(*next));
        let shift = SignedDuration::from_secs(i64::from(offset.seconds()));
        let threshold = midnight
            .checked_sub(shift)
            .unwrap_or(if shift.is_negative() {
                DateTime::MAX
            } else {
                DateTime::MIN
            });
        let to = until.map_or(threshold, |until| until.min(threshold));
        if from.is_some_and(|from| from >= to) {
            continue;
        }
        match out.last_mut() {
            Some(last) if last.1 == from => last.1 = Some(to),
            _ => out.push((from, Some(to))),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(name: &str) -> TimeZone {
        TimeZone::get(name).unwrap_or(TimeZone::UTC)
    }

    #[test]
    fn a_day_ends_at_its_midnight() {
        let set = instants_before(&zone("Europe/Paris"), date(2024, 1, 16));
        assert_eq!(set, [(None, Some(date(2024, 1, 15).at(23, 0, 0, 0)))]);
    }

    /// Against the zone itself, minute by minute around clocks that are set back over midnight or skip a day.
    #[test]
    fn sets_of_instants_agree_with_the_zone() {
        for (name, day) in [
            ("America/St_Johns", date(2006, 10, 29)),
            ("America/Sao_Paulo", date(2018, 2, 18)),
            ("Pacific/Apia", date(2011, 12, 30)),
            ("Pacific/Apia", date(2011, 12, 31)),
            ("America/Havana", date(2023, 11, 5)),
            ("Asia/Kolkata", date(2024, 5, 1)),
        ] {
            let zone = zone(name);
            let set = instants_before(&zone, day);
            let Ok(middle) = day.at(0, 0, 0, 0).to_zoned(TimeZone::UTC) else {
                continue;
            };
            for minute in -3000..3000 {
                let Ok(t) = middle
                    .timestamp()
                    .checked_add(SignedDuration::from_mins(minute))
                else {
                    continue;
                };
                let civil = TimeZone::UTC.to_datetime(t);
                let within = set.iter().any(|(from, to)| {
                    from.is_none_or(|f| f <= civil) && to.is_none_or(|to| civil < to)
                });
                assert_eq!(within, zone.to_datetime(t).date() < day, "{name} {civil}");
            }
        }
        assert_eq!(
            instants_before(&zone("America/St_Johns"), date(2006, 10, 29)).len(),
            2
        );
    }

    #[test]
    fn the_complement_is_all_else() {
        let [a, b, c] = [1, 2, 3].map(|day| date(2024, 1, day).at(0, 0, 0, 0));
        assert_eq!(complement(&[]), [(None, None)]);
        assert_eq!(complement(&[(None, None)]), []);
        assert_eq!(complement(&[(None, Some(a))]), [(Some(a), None)]);
        let two = [(None, Some(a)), (Some(b), Some(c))];
        assert_eq!(complement(&two), [(Some(a), Some(b)), (Some(c), None)]);
        assert_eq!(complement(&complement(&two)), two);
    }
}
