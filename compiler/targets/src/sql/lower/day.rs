//! Days of instants in the project's zone, without asking the engine about zones.
//!
//! Against a day that is known here, "the day of t is at most D" is a set of instants that is known here too: all
//! before the midnight after D. Where the clock is set back over midnight it has a hole, so it is a union.

use ambit_core::{CompareOp, Operand, Value};
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::column::Domain;
use super::{Lowering, Refusal, RowRef};
use crate::sql::tree::{Expr, Op};

/// A set of instants, in UTC: from (`None`: the beginning) up to, not including (`None`: the end).
type Interval = (Option<DateTime>, Option<DateTime>);

impl Lowering<'_> {
    /// A comparison of the day of an instant with a known day; `None` where it is no such comparison.
    pub(super) fn compare_day(
        &mut self,
        left: &Operand,
        op: CompareOp,
        right: &Operand,
        row: &RowRef,
    ) -> Result<Option<Expr>, Refusal> {
        let (instant, op, day) = match (left, right) {
            (Operand::Day(inner), other) => (inner, op, self.known_day(other)),
            (other, Operand::Day(inner)) => (inner, mirrored(op), self.known_day(other)),
            _ => return Ok(None),
        };
        let Some(day) = day else { return Ok(None) };
        let Some(key) = self.instant_key(instant, row)? else {
            return Ok(None);
        };
        let at_most = |day: Option<Date>| self.at_most(&key, day);
        let before = day.yesterday().ok();
        Ok(Some(match op {
            CompareOp::Le => at_most(Some(day)),
            CompareOp::Gt => at_most(Some(day)).negate(),
            CompareOp::Lt => at_most(before),
            CompareOp::Ge => at_most(before).negate(),
            CompareOp::Eq => Expr::all([at_most(Some(day)), at_most(before).negate()]),
            CompareOp::Ne => Expr::any([at_most(Some(day)).negate(), at_most(before)]),
        }))
    }

    /// A window over the day of an instant; `None` where the operand is none.
    pub(super) fn day_within(
        &mut self,
        operand: &Operand,
        first: Date,
        last: Date,
        row: &RowRef,
    ) -> Result<Option<Expr>, Refusal> {
        let Operand::Day(inner) = operand else {
            return Ok(None);
        };
        let Some(key) = self.instant_key(inner, row)? else {
            return Ok(None);
        };
        let from = self.at_most(&key, first.yesterday().ok()).negate();
        Ok(Some(Expr::all([from, self.at_most(&key, Some(last))])))
    }

    /// The key of an instant that the engine computes, in a zone of which it knows nothing.
    fn instant_key(&mut self, instant: &Operand, row: &RowRef) -> Result<Option<Expr>, Refusal> {
        if self.zone() == TimeZone::UTC || !matches!(instant, Operand::Column(_)) {
            return Ok(None);
        }
        self.value(instant, row, Some(Domain::Timestamp)).map(Some)
    }

    fn known_day(&self, operand: &Operand) -> Option<Date> {
        match operand {
            Operand::Today => Some(self.today),
            Operand::Const(Value::Date(day)) => Some(*day),
            Operand::Attribute(id) => match self.user.attributes.get(id) {
                Some(Value::Date(day)) => Some(*day),
                _ => None,
            },
            _ => None,
        }
    }

    /// "The day of the instant is at most this one"; without a day, the one before all. NULL of NULL.
    fn at_most(&self, key: &Expr, day: Option<Date>) -> Expr {
        let intervals = match day {
            None => Vec::new(),
            Some(day) => match day.tomorrow() {
                Err(_) => vec![(None, None)],
                Ok(next) => instants_before(&self.zone(), next),
            },
        };
        let terms: Vec<Expr> = intervals
            .iter()
            .map(|(from, to)| {
                let from = from.map(|t| key.clone().compare(Op::Ge, Expr::text(t.to_string())));
                let to = to.map(|t| key.clone().compare(Op::Lt, Expr::text(t.to_string())));
                Expr::all(from.into_iter().chain(to))
            })
            .collect();
        match Expr::any(terms) {
            Expr::Bool(b) => Expr::when(key.clone().known(), Expr::Bool(b)),
            other => other,
        }
    }
}

fn mirrored(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Lt => CompareOp::Gt,
        CompareOp::Le => CompareOp::Ge,
        CompareOp::Gt => CompareOp::Lt,
        CompareOp::Ge => CompareOp::Le,
        same => same,
    }
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
    use jiff::civil::date;

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
}
