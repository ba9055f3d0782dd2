//! Instants: all of the years 1 to 9999 in UTC, and the one form in which they are written.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, DateTime, Time, datetime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// An instant of the years 1 to 9999 in UTC, to the nanosecond.
///
/// It is kept as its civil time in UTC: `jiff::Timestamp` ends a day earlier, before the "never" that people write,
/// `9999-12-31T23:59:59Z`.
///
/// It is read (`parse`) and printed in one form, `2024-01-15T10:00:00Z`, with a fraction of one to nine digits where it
/// has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Instant(DateTime);

/// What is no instant in that form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoInstant;

impl fmt::Display for NoInstant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an instant is written like 2024-01-15T10:00:00Z")
    }
}

impl std::error::Error for NoInstant {}

impl Instant {
    /// The first instant.
    pub const MIN: Self = Self(datetime(1, 1, 1, 0, 0, 0, 0));
    /// The last instant.
    pub const MAX: Self = Self(DateTime::MAX);
    /// 1970-01-01T00:00:00Z.
    pub const UNIX_EPOCH: Self = Self(datetime(1970, 1, 1, 0, 0, 0, 0));

    /// The instant of a civil time in UTC; none before the year 1.
    pub fn new(civil: DateTime) -> Option<Self> {
        (civil >= Self::MIN.0).then_some(Self(civil))
    }

    /// That of the clock's type, held within the calendar.
    pub fn of(timestamp: Timestamp) -> Self {
        Self(TimeZone::UTC.to_datetime(timestamp)).max(Self::MIN)
    }

    /// So many seconds after 1970-01-01T00:00:00Z.
    pub fn from_second(seconds: i64) -> Option<Self> {
        let civil = Self::UNIX_EPOCH.0;
        Self::new(civil.checked_add(SignedDuration::from_secs(seconds)).ok()?)
    }

    /// So many nanoseconds after 1970-01-01T00:00:00Z.
    pub fn from_nanosecond(nanoseconds: i128) -> Option<Self> {
        let seconds = i64::try_from(nanoseconds.div_euclid(1_000_000_000)).ok()?;
        let rest = nanoseconds.rem_euclid(1_000_000_000) as i32;
        let civil = Self::from_second(seconds)?.0;
        let time = civil.time().with().subsec_nanosecond(rest).build().ok()?;
        Some(Self(DateTime::from_parts(civil.date(), time)))
    }

    /// Seconds since 1970-01-01T00:00:00Z, rounded down.
    pub fn as_second(self) -> i64 {
        self.as_nanosecond().div_euclid(1_000_000_000) as i64
    }

    /// Nanoseconds since 1970-01-01T00:00:00Z.
    pub fn as_nanosecond(self) -> i128 {
        self.0.duration_since(Self::UNIX_EPOCH.0).as_nanos()
    }

    /// Its civil time in UTC.
    pub fn civil(self) -> DateTime {
        self.0
    }

    /// The nearest that the clock's type can hold: itself, but on the last day of the calendar.
    pub fn timestamp(self) -> Timestamp {
        let zoned = self.0.to_zoned(TimeZone::UTC);
        zoned.map_or(Timestamp::MAX, |z| z.timestamp())
    }

    /// Its civil time in a zone. A zone never leads out of the calendar: what would be of the year 10000 is the last
    /// moment of 9999-12-31, what would be of the year 0 the first of 0001-01-01.
    pub fn local(self, zone: &TimeZone) -> DateTime {
        let offset = zone.to_offset(self.timestamp());
        let shift = SignedDuration::from_secs(i64::from(offset.seconds()));
        self.0.saturating_add(shift).max(Self::MIN.0)
    }

    /// Its day in a zone; see [`Instant::local`].
    pub fn day(self, zone: &TimeZone) -> Date {
        self.local(zone).date()
    }

    /// The first instant of a day in a zone, held within the calendar.
    pub fn start_of(day: Date, zone: &TimeZone) -> Self {
        match day.to_zoned(zone.clone()) {
            Ok(start) => Self::of(start.timestamp()),
            Err(_) => Self::new(day.to_datetime(Time::midnight())).unwrap_or(Self::MIN),
        }
    }

    /// Reads the form of `parse`, or the same with an offset (`+01:00`) in place of `Z`.
    pub fn with_offset(text: &str) -> Option<Self> {
        if let Ok(instant) = text.parse() {
            return Some(instant);
        }
        let (civil, offset) = text.split_at_checked(text.len().checked_sub(6)?)?;
        let [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] = offset.as_bytes() else {
            return None;
        };
        let two = |a: &u8, b: &u8, most: i64| {
            let value = i64::from(digit(*a)?) * 10 + i64::from(digit(*b)?);
            (value <= most).then_some(value)
        };
        let minutes = two(h1, h2, 23)? * 60 + two(m1, m2, 59)?;
        let minutes = if *sign == b'-' { -minutes } else { minutes };
        let civil = read(civil)?;
        Self::new(civil.checked_sub(SignedDuration::from_mins(minutes)).ok()?)
    }
}

impl FromStr for Instant {
    type Err = NoInstant;

    fn from_str(text: &str) -> Result<Self, NoInstant> {
        let civil = text.strip_suffix('Z').and_then(read);
        civil.and_then(Self::new).ok_or(NoInstant)
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}Z", self.0)
    }
}

/// The day that a text says in the one form of days, `2024-01-15`, of the years 1 to 9999.
pub fn read_date(text: &str) -> Option<Date> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text.as_bytes() else {
        return None;
    };
    let year = number(&[*y1, *y2, *y3, *y4])?;
    let (month, day) = (number(&[*m1, *m2])?, number(&[*d1, *d2])?);
    let date = Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?);
    date.ok().filter(|date| date.year() >= 1)
}

/// `2024-01-15T10:00:00`, perhaps with a fraction of one to nine digits.
fn read(text: &str) -> Option<DateTime> {
    let (date, rest) = text.split_at_checked(10)?;
    let [b'T', h1, h2, b':', m1, m2, b':', s1, s2, fraction @ ..] = rest.as_bytes() else {
        return None;
    };
    let part = |a: &u8, b: &u8| i8::try_from(number(&[*a, *b])?).ok();
    let nanoseconds = match fraction {
        [] => 0,
        [b'.', digits @ ..] if (1..=9).contains(&digits.len()) => {
            let mut value = 0_i32;
            for position in 0..9 {
                let digit = digits.get(position).map_or(Some(0), |d| digit(*d))?;
                value = value * 10 + i32::from(digit);
            }
            value
        }
        _ => return None,
    };
    let time = Time::new(part(h1, h2)?, part(m1, m2)?, part(s1, s2)?, nanoseconds);
    Some(read_date(date)?.to_datetime(time.ok()?))
}

fn number(digits: &[u8]) -> Option<i16> {
    digits.iter().try_fold(0_i16, |value, byte| {
        Some(value * 10 + i16::from(digit(*byte)?))
    })
}

fn digit(byte: u8) -> Option<u8> {
    byte.is_ascii_digit().then(|| byte - b'0')
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn one_form() {
        for text in [
            "0001-01-01T00:00:00Z",
            "1969-12-31T23:59:59.999999999Z",
            "1970-01-01T00:00:00Z",
            "2024-02-29T10:00:00.5Z",
            "9999-12-31T23:59:59Z",
            "9999-12-31T23:59:59.999999999Z",
        ] {
            let instant: Instant = text.parse().unwrap();
            assert_eq!(instant.to_string(), text);
            assert_eq!(
                Instant::from_nanosecond(instant.as_nanosecond()),
                Some(instant)
            );
        }
        let whole: Instant = "2024-01-15T10:00:00.500Z".parse().unwrap();
        assert_eq!(whole.to_string(), "2024-01-15T10:00:00.5Z");
        for text in [
            "",
            "Z",
            "0000-12-31T23:59:59Z",
            "10000-01-01T00:00:00Z",
            "+2024-01-15T10:00:00Z",
            "2023-02-29T10:00:00Z",
            "2024-01-15",
            "2024-01-15T10Z",
            "2024-01-15T10:00Z",
            "2024-01-15T10:00:00",
            "2024-01-15T10:00:60Z",
            "2024-01-15T24:00:00Z",
            "2024-01-15t10:00:00Z",
            "2024-01-15T10:00:00z",
            "2024-01-15 10:00:00Z",
            "2024-01-15T10:00:00 Z",
            " 2024-01-15T10:00:00Z",
            "2024-01-15T10:00:00Z ",
            "2024-01-15T10:00:00Z\n",
            "2024-01-15T10:00:00.Z",
            "2024-01-15T10:00:00,5Z",
            "2024-01-15T10:00:00.1234567890Z",
            "2024-01-15T10:00:00+00:00",
            "2024-01-15T10:00:00.+5Z",
            "20240115T100000Z",
            "2024-1-15T10:00:00Z",
            "2024-01-15T10:00:00Z[UTC]",
            "２024-01-15T10:00:00Z",
        ] {
            assert!(text.parse::<Instant>().is_err(), "{text}");
        }
    }

    #[test]
    fn one_form_of_days() {
        for text in ["0001-01-01", "2024-02-29", "9999-12-31"] {
            assert_eq!(read_date(text).unwrap().to_string(), text);
        }
        for text in [
            "",
            "0000-12-31",
            "2024-1-5",
            "+2024-01-05",
            "-001-01-01",
            "20240105",
            "2024-01-05 ",
            " 2024-01-5",
            "2023-02-29",
            "2024-01-32",
            "2024-13-01",
            "2024/01/05",
            "2024-01-05T",
        ] {
            assert_eq!(read_date(text), None, "{text}");
        }
    }

    #[test]
    fn offsets() {
        let at = |text: &str| Instant::with_offset(text).map(|i| i.to_string());
        let ten = Some("2024-01-15T10:00:00Z".to_owned());
        assert_eq!(at("2024-01-15T10:00:00Z"), ten);
        assert_eq!(at("2024-01-15T12:00:00+02:00"), ten);
        assert_eq!(at("2024-01-14T22:30:00-11:30"), ten);
        assert_eq!(
            at("9999-12-31T23:59:59+00:00").as_deref(),
            Some("9999-12-31T23:59:59Z")
        );
        for bad in [
            "9999-12-31T23:59:59-00:01",
            "0001-01-01T00:00:00+00:01",
            "2024-01-15T10:00:00",
            "2024-01-15T10:00:00+2:00",
            "2024-01-15T10:00:00+0200",
            "2024-01-15T10:00:00+24:00",
            "2024-01-15T10:00:00Z+00:00",
            "2024-01-15T10:00:00é0:00",
        ] {
            assert_eq!(at(bad), None, "{bad}");
        }
    }

    #[test]
    fn no_zone_leads_out_of_the_calendar() {
        let day = |text: &str, zone: &str| {
            let instant: Instant = text.parse().unwrap();
            instant.day(&TimeZone::get(zone).unwrap())
        };
        let last = date(9999, 12, 31);
        let never = "9999-12-31T23:59:59Z";
        assert_eq!(day(never, "UTC"), last);
        assert_eq!(day(never, "Pacific/Kiritimati"), last);
        assert_eq!(day(never, "Pacific/Pago_Pago"), last);
        assert_eq!(
            day("9999-12-31T10:59:59Z", "Pacific/Pago_Pago"),
            date(9999, 12, 30)
        );
        assert_eq!(day("9999-12-30T10:00:00Z", "Pacific/Kiritimati"), last);
        let first = date(1, 1, 1);
        assert_eq!(day("0001-01-01T00:00:00Z", "Pacific/Pago_Pago"), first);
        assert_eq!(day("0001-01-01T00:00:00Z", "Pacific/Kiritimati"), first);
    }
}
