//! Exact decimals of any number of digits.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Neg;
use std::str::FromStr;
use std::sync::Arc;

use bigdecimal::num_bigint::Sign;
use bigdecimal::rounding::RoundingMode;
use bigdecimal::{BigDecimal, Zero};

/// An exact decimal. One number is one value, however it is written: `1.0` and `1.00` are equal and hash alike.
///
/// Nothing here multiplies digits beyond those that are written: there are no exponents.
#[derive(Clone)]
pub struct Decimal(
    /// Without zeros at its end, so that equal numbers are equal in every field.
    Arc<BigDecimal>,
);

/// Why a text is no decimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoDecimal {
    /// It is not written like one.
    Malformed,
    /// It is longer than [`Decimal::LONGEST_TEXT`].
    TooLong,
}

impl fmt::Display for NoDecimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "not written like a decimal",
            Self::TooLong => "longer than the text of a decimal may be",
        })
    }
}

impl std::error::Error for NoDecimal {}

impl Decimal {
    /// How many digits a literal of a policy may have.
    pub const LITERAL_DIGITS: usize = 1_000;

    /// How long the text of a decimal may be in data: with its sign, its point and zeros that say nothing. It is the
    /// same for every reader of data and in every artifact; what is longer cannot be read. There is room for whatever
    /// lies between two literals, and `numeric` of `PostgreSQL` holds it.
    pub const LONGEST_TEXT: usize = 10_000;

    /// Nothing.
    pub fn zero() -> Self {
        Self::new(&BigDecimal::zero())
    }

    fn new(value: &BigDecimal) -> Self {
        Self(Arc::new(value.normalized()))
    }

    /// An optional minus, digits, and perhaps a point and digits.
    pub fn parse(text: &str) -> Result<Self, NoDecimal> {
        let body = text.strip_prefix('-').unwrap_or(text);
        let (whole, fraction) = body.split_once('.').unwrap_or((body, "0"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(fraction) {
            return Err(NoDecimal::Malformed);
        }
        if text.len() > Self::LONGEST_TEXT {
            return Err(NoDecimal::TooLong);
        }
        text.parse()
            .map(|value| Self::new(&value))
            .map_err(|_: bigdecimal::ParseBigDecimalError| NoDecimal::Malformed)
    }

    /// So many units of `10^-places`: 1250 of 2 places are 12.50.
    pub fn scaled(units: i64, places: u32) -> Self {
        Self::new(&BigDecimal::new(units.into(), places.into()))
    }

    /// How many units of `10^-places` it is, if it is a whole number of them that 64 bits hold.
    pub fn units(&self, places: u32) -> Option<i64> {
        let (units, scale) = self.0.as_bigint_and_scale();
        let shift = u32::try_from(i64::from(places) - scale).ok()?;
        if units.sign() == Sign::NoSign {
            return Some(0);
        }
        let factor = 10_i128.checked_pow(shift)?;
        let units = i128::from(i64::try_from(&*units).ok()?).checked_mul(factor)?;
        i64::try_from(units).ok()
    }

    /// Is it below zero?
    pub fn is_negative(&self) -> bool {
        self.0.sign() == Sign::Minus
    }

    /// Its digits before and after the point, without sign and without zeros that say nothing: of 0.50 none and `5`.
    pub fn digits(&self) -> (String, String) {
        let text = self.to_string();
        let text = text.trim_start_matches('-');
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        (
            whole.trim_start_matches('0').to_owned(),
            fraction.to_owned(),
        )
    }

    /// How many digits stand after the point.
    pub fn places(&self) -> u32 {
        u32::try_from(self.0.fractional_digit_count()).unwrap_or(0)
    }

    /// The greatest number of so many places that is not greater.
    #[must_use]
    pub fn floor(&self, places: u32) -> Self {
        Self::new(&self.0.with_scale_round(places.into(), RoundingMode::Floor))
    }

    /// The sum.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        Self::new(&(&*self.0 + &*other.0))
    }

    /// The difference.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        Self::new(&(&*self.0 - &*other.0))
    }
}

impl From<i64> for Decimal {
    fn from(number: i64) -> Self {
        Self::scaled(number, 0)
    }
}

impl FromStr for Decimal {
    type Err = NoDecimal;

    fn from_str(text: &str) -> Result<Self, NoDecimal> {
        Self::parse(text)
    }
}

impl Neg for &Decimal {
    type Output = Decimal;

    fn neg(self) -> Decimal {
        Decimal::new(&-&*self.0)
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
            || self.0.as_bigint_and_scale() == other.0.as_bigint_and_scale()
    }
}

impl Eq for Decimal {}

impl Hash for Decimal {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.as_bigint_and_scale().hash(state);
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}

/// The shortest text: no zeros that say nothing, no exponent, no minus before zero.
impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_plain_string())
    }
}

impl fmt::Debug for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::collections::hash_map::DefaultHasher;

    use super::*;

    fn d(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    /// Numbers around one another, down to the thousandth digit.
    fn texts() -> Vec<String> {
        let mut out: Vec<String> = [
            "0", "00.0", "1", "1.0", "01.00", "10", "0.1", "0.10", "9.99", "1.5",
        ]
        .map(str::to_owned)
        .to_vec();
        for n in [1, 2, 17, 18, 19, 20, 28, 29, 37, 38, 39, 40, 200, 500, 999] {
            out.push("9".repeat(n));
            out.push(format!("1{}", "0".repeat(n)));
            out.push(format!("1{}1", "0".repeat(n - 1)));
            out.push(format!("0.{}1", "0".repeat(n)));
            out.push(format!("0.{}11", "0".repeat(n - 1)));
            out.push(format!("0.{}", "9".repeat(n)));
            out.push(format!("1.{}", "9".repeat(n)));
            out.push(format!("2.{}", "0".repeat(n)));
            out.push(format!("{}.5", "9".repeat(n)));
        }
        let negative: Vec<String> = out.iter().map(|t| format!("-{t}")).collect();
        out.extend(negative);
        out
    }

    /// The order of the texts, digit by digit.
    fn plain(a: &str, b: &str) -> Ordering {
        let parts = |text: &str| {
            let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
            let whole = whole.trim_start_matches('0').to_owned();
            (
                whole.len(),
                whole,
                fraction.trim_end_matches('0').to_owned(),
            )
        };
        let zero = |text: &str| !text.bytes().any(|b| (b'1'..=b'9').contains(&b));
        let sign = |text: &str| match text.strip_prefix('-') {
            _ if zero(text) => 0,
            Some(_) => -1,
            None => 1,
        };
        let by_sign = sign(a).cmp(&sign(b));
        if by_sign != Ordering::Equal || sign(a) == 0 {
            return by_sign;
        }
        let body = |text: &str| parts(text.trim_start_matches('-'));
        let order = body(a).cmp(&body(b));
        if sign(a) < 0 { order.reverse() } else { order }
    }

    fn hash(value: &Decimal) -> u64 {
        let mut hasher = DefaultHasher::new();
        value.hash(&mut hasher);
        hasher.finish()
    }

    #[test]
    fn the_order_is_that_of_the_digits() {
        let all: Vec<(String, Decimal)> = texts().into_iter().map(|t| (t.clone(), d(&t))).collect();
        for (a, x) in &all {
            for (b, y) in &all {
                let order = plain(a, b);
                assert_eq!(x.cmp(y), order, "{a} {b}");
                assert_eq!(x == y, order == Ordering::Equal, "{a} {b}");
                if x == y {
                    assert_eq!(hash(x), hash(y), "{a} {b}");
                    assert_eq!(x.to_string(), y.to_string());
                }
            }
        }
    }

    #[test]
    fn a_text_comes_back() {
        for text in texts() {
            let value = d(&text);
            assert_eq!(d(&value.to_string()), value);
            assert_eq!(plain(&value.to_string(), &text), Ordering::Equal);
            assert_eq!(value.is_negative(), value < Decimal::zero());
        }
        assert_eq!(d("-0.00").to_string(), "0");
        assert_eq!(d("0012.500").to_string(), "12.5");
        assert_eq!(d("1000").to_string(), "1000");
        assert_eq!(d("0.50").digits(), (String::new(), "5".to_owned()));
        assert_eq!(d("-1200").digits(), ("1200".to_owned(), String::new()));
    }

    #[test]
    fn only_digits_are_read() {
        for text in [
            "",
            "-",
            "+1",
            ".5",
            "5.",
            "1e5",
            "1E1000000000",
            "1_000",
            " 1",
            "1 ",
            "--1",
            "1.2.3",
            "NaN",
            "inf",
            "Infinity",
            "٣",
            "1.-5",
            "0x1",
        ] {
            assert_eq!(text.parse::<Decimal>(), Err(NoDecimal::Malformed), "{text}");
        }
        let longest = "1".repeat(Decimal::LONGEST_TEXT);
        assert_eq!(d(&longest).to_string(), longest);
        assert_eq!(
            format!("{longest}1").parse::<Decimal>(),
            Err(NoDecimal::TooLong)
        );
    }

    #[test]
    fn units_are_whole() {
        assert_eq!(Decimal::scaled(1250, 2), d("12.5"));
        assert_eq!(d("12.5").units(2), Some(1250));
        assert_eq!(d("12.345").units(2), None);
        assert_eq!(d("0").units(18), Some(0));
        assert_eq!(d("1000").units(0), Some(1000));
        assert_eq!(d("9223372036854775807").units(0), Some(i64::MAX));
        assert_eq!(d("-92233720368547758.08").units(2), Some(i64::MIN));
        assert_eq!(d("92233720368547758.08").units(2), None);
        assert_eq!(d(&format!("1{}", "0".repeat(900))).units(18), None);
    }

    #[test]
    fn floors_lie_below() {
        for text in texts() {
            let value = d(&text);
            for places in [0, 1, 2, 19, 40, 1000] {
                let floor = value.floor(places);
                assert!(floor <= value, "{text} {places}");
                assert!(
                    floor.plus(&Decimal::scaled(1, places)) > value,
                    "{text} {places}"
                );
                assert!(floor.places() <= places);
            }
        }
        assert_eq!(d("-1.5").floor(0), d("-2"));
        assert_eq!(d("1.5").minus(&d("2.25")), d("-0.75"));
        assert_eq!(-&d("1.5"), d("-1.5"));
    }
}
