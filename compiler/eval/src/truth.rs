//! Kleene's three values (language.md, "Unknown never reveals a row").

use std::fmt;
use std::ops::Not;

/// The value of a condition: false < unknown < true.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Truth {
    /// Known not to hold.
    False,
    /// Not known.
    Unknown,
    /// Known to hold.
    True,
}

impl Truth {
    /// `and`: the least of two.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.min(other)
    }

    /// `or`: the greatest of two.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        self.max(other)
    }

    /// The least of some; of none, true.
    pub fn least(values: impl IntoIterator<Item = Self>) -> Self {
        values.into_iter().fold(Self::True, Self::and)
    }

    /// The greatest of some; of none, false.
    pub fn greatest(values: impl IntoIterator<Item = Self>) -> Self {
        values.into_iter().fold(Self::False, Self::or)
    }

    /// Is it true?
    pub fn is_true(self) -> bool {
        self == Self::True
    }

    /// Is it false?
    pub fn is_false(self) -> bool {
        self == Self::False
    }

    /// `true`, `false`, `unknown`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::False => "false",
            Self::Unknown => "unknown",
            Self::True => "true",
        }
    }
}

impl Not for Truth {
    type Output = Self;

    /// `not`: unknown stays unknown.
    fn not(self) -> Self {
        match self {
            Self::False => Self::True,
            Self::Unknown => Self::Unknown,
            Self::True => Self::False,
        }
    }
}

impl From<bool> for Truth {
    fn from(value: bool) -> Self {
        if value { Self::True } else { Self::False }
    }
}

impl fmt::Display for Truth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::Truth::{self, False, True, Unknown};

    #[test]
    fn and_is_the_least_or_the_greatest() {
        let table = [
            (False, False, False, False),
            (False, Unknown, False, Unknown),
            (False, True, False, True),
            (Unknown, False, False, Unknown),
            (Unknown, Unknown, Unknown, Unknown),
            (Unknown, True, Unknown, True),
            (True, False, False, True),
            (True, Unknown, Unknown, True),
            (True, True, True, True),
        ];
        for (a, b, and, or) in table {
            assert_eq!(a.and(b), and, "{a} and {b}");
            assert_eq!(a.or(b), or, "{a} or {b}");
            assert_eq!(!a.and(b), (!a).or(!b), "De Morgan on {a}, {b}");
        }
    }

    #[test]
    fn not_keeps_unknown() {
        assert_eq!([!False, !Unknown, !True], [True, Unknown, False]);
    }

    #[test]
    fn none_at_all() {
        assert_eq!(Truth::least([]), True);
        assert_eq!(Truth::greatest([]), False);
    }
}
