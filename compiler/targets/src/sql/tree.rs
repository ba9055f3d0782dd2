//! The tree of SQL that is printed, and the few rewritings that keep its three-valued meaning.

use smol_str::SmolStr;

/// A SQL expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expr {
    /// `NULL`: unknown, or no value.
    Null,
    /// True or false.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A text.
    Text(String),
    /// A column; always qualified, so that it can neither be captured nor read as a string.
    Column {
        /// The parts of the table's name, or its alias.
        row: Vec<SmolStr>,
        /// The column.
        name: SmolStr,
    },
    /// `NOT`
    Not(Box<Expr>),
    /// `AND` of at least two; printed as a balanced tree.
    And(Vec<Expr>),
    /// `OR` of at least two; printed as a balanced tree.
    Or(Vec<Expr>),
    /// A comparison.
    Compare(Box<Expr>, Op, Box<Expr>),
    /// `BETWEEN`, both ends in it.
    Between(Box<Expr>, Box<Expr>, Box<Expr>),
    /// `IN` a list of at least one.
    In(Box<Expr>, Vec<Expr>),
    /// `IS NULL`
    IsNull(Box<Expr>),
    /// `IS NOT NULL`
    IsNotNull(Box<Expr>),
    /// 1 where it is true, else 0.
    IsTrue(Box<Expr>),
    /// `GLOB` with a fixed pattern (of ours, never of a policy).
    Glob(Box<Expr>, &'static str),
    /// `CASE`
    Case {
        /// `CASE base WHEN …`
        base: Option<Box<Expr>>,
        /// `WHEN … THEN …`
        arms: Vec<(Expr, Expr)>,
        /// `ELSE …`; without it NULL.
        otherwise: Option<Box<Expr>>,
    },
    /// A function.
    Call(&'static str, Vec<Expr>),
    /// `CAST(… AS …)`
    Cast(Box<Expr>, &'static str),
    /// `||` of at least two.
    Concat(Vec<Expr>),
    /// A sum with a constant.
    Plus(Box<Expr>, i64),
    /// `COLLATE BINARY`: exact, whatever the column's collation.
    Exact(Box<Expr>),
    /// `EXISTS (…)`
    Exists(Box<Select>),
    /// A scalar sub-select: NULL where it finds no row.
    Scalar(Box<Select>),
}

/// Comparison operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// `=`
    Eq,
    /// `<>`
    Ne,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
}

/// `SELECT value FROM tables WHERE filter`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Select {
    /// The one result column.
    pub value: Expr,
    /// The tables, joined.
    pub from: Vec<TableRef>,
    /// The condition.
    pub filter: Expr,
}

/// A table in `FROM`, always under an alias of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableRef {
    /// The parts of its name.
    pub parts: Vec<SmolStr>,
    /// Its alias.
    pub alias: SmolStr,
}

impl Expr {
    /// `NOT e`
    #[must_use]
    pub fn negate(self) -> Self {
        match self {
            Self::Bool(b) => Self::Bool(!b),
            Self::Null => Self::Null,
            Self::Not(inner) if inner.is_boolean() => *inner,
            other => Self::Not(Box::new(other)),
        }
    }

    /// Is its outcome certainly one of 1, 0, NULL?
    fn is_boolean(&self) -> bool {
        matches!(
            self,
            Self::Bool(_)
                | Self::Not(_)
                | Self::And(_)
                | Self::Or(_)
                | Self::Compare(..)
                | Self::Between(..)
                | Self::In(..)
                | Self::IsNull(_)
                | Self::IsNotNull(_)
                | Self::IsTrue(_)
                | Self::Exists(_)
        )
    }

    /// `AND` of any number; false wins, true does not count (so in Kleene's logic, with NULL).
    pub fn all(terms: impl IntoIterator<Item = Self>) -> Self {
        let mut kept = Vec::new();
        for term in terms {
            match term {
                Self::Bool(true) => {}
                Self::Bool(false) => return Self::Bool(false),
                Self::And(inner) => kept.extend(inner),
                other => kept.push(other),
            }
        }
        match kept.len() {
            0 => Self::Bool(true),
            1 => kept.swap_remove(0),
            _ => Self::And(kept),
        }
    }

    /// `OR` of any number; true wins, false does not count.
    pub fn any(terms: impl IntoIterator<Item = Self>) -> Self {
        let mut kept = Vec::new();
        for term in terms {
            match term {
                Self::Bool(false) => {}
                Self::Bool(true) => return Self::Bool(true),
                Self::Or(inner) => kept.extend(inner),
                other => kept.push(other),
            }
        }
        match kept.len() {
            0 => Self::Bool(false),
            1 => kept.swap_remove(0),
            _ => Self::Or(kept),
        }
    }

    /// A comparison.
    #[must_use]
    pub fn compare(self, op: Op, right: Self) -> Self {
        Self::Compare(Box::new(self), op, Box::new(right))
    }

    /// `CASE WHEN condition THEN value END`: NULL where the condition does not hold.
    pub fn when(condition: Self, value: Self) -> Self {
        if condition == Self::Bool(true) {
            return value;
        }
        Self::Case {
            base: None,
            arms: vec![(condition, value)],
            otherwise: None,
        }
    }

    /// `(self IS NOT NULL)`
    #[must_use]
    pub fn known(self) -> Self {
        Self::IsNotNull(Box::new(self))
    }

    /// The text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// Matches a fixed pattern.
    #[must_use]
    pub fn glob(&self, pattern: &'static str) -> Self {
        Self::Glob(Box::new(self.clone()), pattern)
    }
}
