//! What engines can do: one table of data and functions for each. Lowering and printing ask the table and never which
//! engine it is, so that another dialect is another table.

mod postgres;
mod sqlite;

use ambit_core::{TextTest, Unit, Value};
use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::Offset;
use smol_str::SmolStr;

use super::domain::{Domain, Form};
use super::layout::Storage;
use super::request::Dialect;
use super::tree::{Expr, From};
use crate::target::Refusal;

/// What an engine can do, and how it says it.
pub struct Capabilities {
    /// Its name, for people.
    pub name: &'static str,
    /// The oldest version on which predicates hold. Tests run on it, the manifest and the pages name it.
    pub minimum: &'static str,

    // Names.
    /// How many bytes a name may have.
    pub name_bytes: Option<usize>,
    /// How many parts the name of a table may have.
    pub name_parts: usize,
    /// The schema in which a table stands that names none.
    pub schema: &'static str,
    /// What that takes for granted, where the schema is a choice: `{}` is the schema.
    pub schema_assumed: Option<&'static str>,
    /// What is taken for granted of all columns.
    pub columns_assumed: Option<&'static str>,
    /// What a predicate takes for granted that holds names beyond ASCII.
    pub encoding_assumed: Option<&'static str>,
    /// What is taken for granted of another table that is read: `{}` is its name.
    pub whole_assumed: Option<&'static str>,

    // Words.
    /// A text literal.
    pub text: fn(&str, &mut String),
    /// The values false and true.
    pub flags: [&'static str; 2],
    /// The words after a boolean that ask whether it is false or true, where they are better than a comparison.
    pub is_flag: Option<[&'static str; 2]>,
    /// The conditions that never and that always hold.
    pub constants: [&'static str; 2],
    /// The smallest integer.
    pub least_int: &'static str,
    /// The two pieces around a sign (`=`, `+`) that make it an operator.
    pub operator: [&'static str; 2],
    /// The pieces between an operand and a list that it is in, or is not in, and after the list.
    pub in_list: [&'static str; 2],
    /// Those of a list that it is not in.
    pub not_in_list: [&'static str; 2],
    /// The pieces between an operand and a sub-select that it is in, and after it.
    pub in_select: [&'static str; 2],
    /// Whether `BETWEEN` may be written, or two comparisons must.
    pub between: bool,
    /// The type of integers in long lists, where the engine must be told it to look them up by hash.
    pub long_list: Option<&'static str>,
    /// The words after a condition that ask whether it does not hold.
    pub not_true: &'static str,
    /// The three pieces around the operand and the type of a cast.
    pub cast: [&'static str; 3],
    /// Do conditions stand without parentheses where they need none?
    pub bare: bool,
    /// A placeholder, by name and position (from 1).
    pub parameter: fn(&str, usize, &mut String),

    // Limits.
    /// How deep an expression may nest.
    pub height: usize,
    /// How many entries of the parser's stack an expression may take: what the engine has, less what the statement around
    /// it needs.
    pub stack: Option<usize>,
    /// How many alternatives a condition may have.
    pub alternatives: usize,
    /// How many tables one sub-select may join.
    pub joins: usize,
    /// The first and last day that columns can hold and literals can say.
    pub calendar: (Date, Date),

    // Values.
    /// A stored value of a domain in a storage; or why the storage cannot be read.
    pub column: fn(Domain, Storage, Expr) -> Result<Form, Unreadable>,
    /// The type that a parameter is cast to: alone, and as a set.
    pub parameter_type: fn(Domain, bool) -> Option<&'static str>,
    /// A parameter as a value.
    pub attribute: fn(Domain, Expr) -> Form,
    /// A literal by which keys of the domain are compared; none where the value is not of the domain.
    pub literal: fn(Domain, &Value) -> Result<Option<Expr>, Refusal>,
    /// The literal of an instant, by its civil time in UTC: of more instants than a value can hold.
    pub instant: fn(DateTime) -> Result<Expr, Refusal>,
    /// Whether a raw value whose key equals this literal is well formed by that.
    pub equality_proves: fn(Domain, &Value) -> bool,
    /// Whether keys are equal only of one and the same stored value, so that one is well formed where the other is.
    pub exact: fn(Domain) -> bool,
    /// What the engine takes for granted of columns of a domain.
    pub assumes: fn(Domain) -> Option<&'static str>,

    // Tests.
    /// A test of text by its key: that it holds, or that it does not. The text is not empty.
    pub text_test: fn(TextTest, Expr, Expr, &str, bool) -> Expr,
    /// What tests of text take for granted.
    pub text_assumes: &'static str,
    /// The elements of a set parameter: what to select from, and the element.
    pub elements: fn(Domain, Expr, SmolStr) -> (From, Form),
    /// Whether `= ANY (array)` asks for an element of a set parameter.
    pub any_of_array: bool,

    /// A whole condition, arranged as the engine runs it best.
    pub arrange: fn(Expr) -> Expr,

    // Days.
    /// The day of an instant in a zone; nothing where the engine knows no zones.
    pub day: fn(&Form, &Zone<'_>) -> Result<Option<Local>, Refusal>,
    /// The day on which the statement started in a zone, where the engine can tell.
    pub today: Option<Today>,
    /// A day moved.
    pub moved: fn(Expr, &[Move]) -> Expr,
    /// How many months arithmetic may surely move a day of 1970-2199 within the engine's own calendar: back, on.
    pub reach: (i64, i64),
    /// What stands for a day moved further than that; with the first or last day of [`Self::calendar`].
    pub beyond: fn(Expr, Expr) -> Expr,

    // Scopes.
    /// Whether a scope in this storage is well formed, where that can be told without reading it.
    pub scope_formed: fn(Storage, &Expr) -> Option<Expr>,
    /// Where a scope in this storage (text, array, JSON) can be read.
    pub scope_readable: fn(Storage, &Expr, Fresh<'_>) -> Expr,
    /// The pairs of a scope in this storage that can be read.
    pub scope_pairs: fn(Storage, &Expr, Fresh<'_>) -> Pairs,
    /// A level or member of a policy, as it compares with those of pairs.
    pub scope_name: fn(&str) -> Result<Expr, Refusal>,
    /// What is taken for granted of columns in this storage.
    pub scope_assumes: fn(Storage) -> Option<&'static str>,
}

/// Computes the day in a zone on which the statement started.
pub type Today = fn(&Zone<'_>) -> Result<Local, Refusal>;

/// Gives aliases that stand nowhere else.
pub type Fresh<'a> = &'a mut dyn FnMut() -> SmolStr;

/// The (level, member) pairs of a scope, as rows.
pub struct Pairs {
    /// Where they come from.
    pub from: Vec<From>,
    /// Which of those rows are pairs.
    pub filter: Expr,
    /// The level of a pair.
    pub level: Expr,
    /// Its member.
    pub member: Expr,
}

/// A time zone.
pub struct Zone<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its offset, where it has the same one at all times.
    pub offset: Option<Offset>,
}

/// A day in a zone, as an engine computes it.
pub struct Local {
    /// The day.
    pub day: Expr,
    /// What must hold for it to be the day.
    pub formed: Vec<Expr>,
}

/// Why a storage cannot be read.
pub struct Unreadable {
    /// Why.
    pub reason: &'static str,
    /// What would work.
    pub help: &'static str,
}

/// A step from a day to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// To the first day of its period.
    Start(Unit, Weekday),
    /// Some periods on (or back): from the first day of one to the first day of another.
    Periods(Unit, i64),
    /// The day before.
    DayBefore,
}

impl Dialect {
    /// Its table.
    pub(crate) fn capabilities(self) -> &'static Capabilities {
        match self {
            Self::Sqlite => &sqlite::SQLITE,
            Self::Postgres => &postgres::POSTGRES,
        }
    }

    /// Its name, for people: `SQLite`.
    pub fn name(self) -> &'static str {
        self.capabilities().name
    }

    /// The oldest version of it on which predicates hold: `3.40`.
    pub fn minimum(self) -> &'static str {
        self.capabilities().minimum
    }
}

/// `name(args)`
fn call(name: &'static str, args: Vec<Expr>) -> Expr {
    Expr::Call(name, args)
}
