//! The tree of SQL, without a dialect.
//!
//! A condition here is *positive*: it either holds or it does not, and false and NULL are the same "does not". So
//! nothing negates one; whoever needs the opposite lowers the opposite, or asks [`Expr::IsNotTrue`]. That is what
//! makes the rewritings of [`Expr::all`] and [`Expr::any`] right.

mod rewrite;
mod walk;

use smol_str::SmolStr;

/// A SQL expression.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Expr {
    /// `NULL`
    Null,
    /// A condition that always or never holds.
    Bool(bool),
    /// A boolean value.
    Flag(bool),
    /// An integer.
    Int(i64),
    /// An exact number, as its digits.
    Number(String),
    /// A text.
    Text(String),
    /// A literal of a type: `DATE '2024-01-15'`.
    Typed(&'static str, String),
    /// A column; always qualified, so that it can neither be captured nor read as a string.
    Column {
        /// The parts of the table's name, or its alias.
        row: Vec<SmolStr>,
        /// The column.
        name: SmolStr,
    },
    /// A parameter of the predicate.
    Param {
        /// Its name.
        name: SmolStr,
        /// Its type in SQL, where the engine must be told.
        ty: Option<&'static str>,
    },
    /// `NOT` of what is false, true or, of NULL, NULL: a call or a match, never a condition made of several.
    Not(Box<Expr>),
    /// `AND` of at least two.
    And(Vec<Expr>),
    /// `OR` of at least two.
    Or(Vec<Expr>),
    /// A comparison.
    Compare(Box<Expr>, Op, Box<Expr>),
    /// `BETWEEN`, both ends in it.
    Between(Box<Expr>, Box<Expr>, Box<Expr>),
    /// `NOT BETWEEN`
    NotBetween(Box<Expr>, Box<Expr>, Box<Expr>),
    /// `IN` a list of at least one literal.
    In(Box<Expr>, Vec<Expr>),
    /// `NOT IN` a list of at least one literal.
    NotIn(Box<Expr>, Vec<Expr>),
    /// `IN (SELECT …)`
    InSelect(Box<Expr>, Box<Select>),
    /// `= ANY (array)`
    IsAny(Box<Expr>, Box<Expr>),
    /// `IS NULL`
    IsNull(Box<Expr>),
    /// `IS NOT NULL`
    IsNotNull(Box<Expr>),
    /// Holds exactly where the condition does not.
    IsNotTrue(Box<Expr>),
    /// An operator that only some engines have (`GLOB`, `~`, `AT TIME ZONE`, `%`, `*`, `+`, `-`).
    Infix(Box<Expr>, &'static str, Box<Expr>),
    /// `CASE WHEN … THEN … ELSE … END`; without `ELSE` NULL.
    Case {
        /// `WHEN … THEN …`
        arms: Vec<(Expr, Expr)>,
        /// `ELSE …`
        otherwise: Option<Box<Expr>>,
    },
    /// A function.
    Call(&'static str, Vec<Expr>),
    /// A cast to a type.
    Cast(Box<Expr>, &'static str),
    /// `+x`: a column's value without the column's affinity, which would turn texts into numbers or numbers into texts
    /// before they are compared.
    Untyped(Box<Expr>),
    /// `COLLATE`
    Collate(Box<Expr>, &'static str),
    /// `||` of at least two.
    Concat(Vec<Expr>),
    /// `(SELECT …)`: the value of the one row.
    Scalar(Box<Select>),
    /// `EXISTS (…)`
    Exists(Box<Select>),
    /// `NOT EXISTS (…)`
    NotExists(Box<Select>),
}

/// Comparison operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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

impl Op {
    /// The operator that holds of two values exactly where this one does not.
    #[must_use]
    pub fn negated(self) -> Self {
        match self {
            Self::Eq => Self::Ne,
            Self::Ne => Self::Eq,
            Self::Lt => Self::Ge,
            Self::Le => Self::Gt,
            Self::Gt => Self::Le,
            Self::Ge => Self::Lt,
        }
    }

    /// The operator with its sides changed.
    #[must_use]
    pub fn mirrored(self) -> Self {
        match self {
            Self::Lt => Self::Gt,
            Self::Le => Self::Ge,
            Self::Gt => Self::Lt,
            Self::Ge => Self::Le,
            same => same,
        }
    }
}

/// `SELECT value FROM tables WHERE filter`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Select {
    /// The one result column.
    pub value: Expr,
    /// The tables, joined.
    pub from: Vec<From>,
    /// The condition.
    pub filter: Expr,
}

/// What stands in `FROM`, always under an alias of its own.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum From {
    /// A table.
    Table {
        /// The parts of its name, with its schema.
        parts: Vec<SmolStr>,
        /// Its alias.
        alias: SmolStr,
    },
    /// A function that gives rows (`json_each`, `unnest`).
    Function {
        /// Its name.
        name: &'static str,
        /// Its arguments.
        args: Vec<Expr>,
        /// Its alias.
        alias: SmolStr,
        /// Names of its columns, where it does not name them itself.
        columns: &'static [&'static str],
    },
    /// A sub-select with named columns.
    Select {
        /// What it gives.
        values: Vec<(Expr, &'static str)>,
        /// What it reads.
        from: Vec<From>,
        /// The condition.
        filter: Expr,
        /// Its alias.
        alias: SmolStr,
    },
}

impl Select {
    /// `SELECT 1 FROM … WHERE …`, to ask whether there is a row.
    #[allow(clippy::unnecessary_box_returns)] // expressions hold it so
    pub fn rows(from: Vec<From>, filter: Expr) -> Box<Self> {
        Box::new(Self {
            value: Expr::Int(1),
            from,
            filter,
        })
    }
}

impl Expr {
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
            arms: vec![(condition, value)],
            otherwise: None,
        }
    }

    /// `(self IS NOT NULL)`
    #[must_use]
    pub fn known(self) -> Self {
        Self::IsNotNull(Box::new(self))
    }

    /// Holds exactly where the condition does not.
    pub fn is_not_true(condition: Self) -> Self {
        match condition {
            Self::Bool(b) => Self::Bool(!b),
            Self::Exists(select) => Self::NotExists(select),
            Self::NotExists(select) => Self::Exists(select),
            other => Self::IsNotTrue(Box::new(other)),
        }
    }

    /// The text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// An operator that only some engines have.
    #[must_use]
    pub fn infix(self, operator: &'static str, right: Self) -> Self {
        Self::Infix(Box::new(self), operator, Box::new(right))
    }

    /// A cast.
    #[must_use]
    pub fn cast(self, ty: &'static str) -> Self {
        Self::Cast(Box::new(self), ty)
    }

    /// Without the affinity of its column.
    #[must_use]
    pub fn untyped(self) -> Self {
        match self {
            column @ Self::Column { .. } => Self::Untyped(Box::new(column)),
            other => other,
        }
    }

    /// Under a collation.
    #[must_use]
    pub fn collate(self, collation: &'static str) -> Self {
        Self::Collate(Box::new(self), collation)
    }

    /// Is it a literal?
    pub fn is_literal(&self) -> bool {
        matches!(
            self,
            Self::Flag(_) | Self::Int(_) | Self::Number(_) | Self::Text(_) | Self::Typed(..)
        )
    }

    /// How deep the printed expression nests, as engines count it (sub-selects included).
    pub fn height(&self) -> usize {
        let two = |a: &Self, b: &Self| a.height().max(b.height());
        1 + match self {
            Self::Null
            | Self::Bool(_)
            | Self::Flag(_)
            | Self::Int(_)
            | Self::Number(_)
            | Self::Text(_)
            | Self::Typed(..)
            | Self::Column { .. }
            | Self::Param { .. } => 0,
            Self::Not(e)
            | Self::IsNull(e)
            | Self::IsNotNull(e)
            | Self::IsNotTrue(e)
            | Self::Cast(e, _)
            | Self::Untyped(e)
            | Self::Collate(e, _) => e.height(),
            Self::And(list) | Self::Or(list) => tallest(list) + chain(list.len()),
            Self::Concat(list) => tallest(list) + list.len(),
            Self::Call(_, list) => tallest(list),
            Self::Compare(a, _, b) | Self::Infix(a, _, b) | Self::IsAny(a, b) => two(a, b),
            Self::Between(e, l, h) | Self::NotBetween(e, l, h) => two(e, l).max(h.height()),
            Self::In(e, list) | Self::NotIn(e, list) => e.height().max(tallest(list)),
            Self::Case { arms, otherwise } => {
                let arms = arms.iter().map(|(w, t)| two(w, t)).max();
                let last = otherwise.as_ref().map_or(0, |e| e.height());
                arms.unwrap_or(0).max(last)
            }
            Self::InSelect(e, select) => e.height().max(select.height()),
            Self::Scalar(select) | Self::Exists(select) | Self::NotExists(select) => {
                select.height()
            }
        }
    }

    /// How many alternatives stand in it that the engine must plan one by one.
    pub fn alternatives(&self) -> usize {
        let sum = |list: &[Self]| list.iter().map(Self::alternatives).sum::<usize>();
        match self {
            Self::Or(list) => list.len() + sum(list),
            Self::And(list) | Self::Concat(list) | Self::Call(_, list) => sum(list),
            Self::Not(e) | Self::IsNotTrue(e) => e.alternatives(),
            Self::Exists(select) | Self::NotExists(select) => select.filter.alternatives(),
            Self::Case { arms, otherwise } => {
                let arms = arms
                    .iter()
                    .map(|(w, t)| w.alternatives() + t.alternatives());
                arms.sum::<usize>() + otherwise.as_ref().map_or(0, |e| e.alternatives())
            }
            _ => 0,
        }
    }
}

impl Select {
    fn height(&self) -> usize {
        self.value.height().max(self.filter.height())
    }
}

/// Chains of so many terms are printed flat; longer ones as a balanced tree.
pub(super) const FLAT: usize = 8;

/// What a chain of so many terms adds to the height.
fn chain(terms: usize) -> usize {
    if terms <= FLAT {
        terms
    } else {
        FLAT + usize::BITS.saturating_sub(terms.leading_zeros()) as usize
    }
}

fn tallest(list: &[Expr]) -> usize {
    list.iter().map(Expr::height).max().unwrap_or(0)
}
