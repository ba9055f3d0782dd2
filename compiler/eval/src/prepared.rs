//! The fast path: one user, query, table and action; many rows.
//!
//! What does not depend on the row is evaluated once, with the reference evaluator; a test of one column with a
//! constant becomes a [`Cell`]; the rest is left to the reference evaluator as it is. The property test of this
//! crate holds the two against each other.

use ambit_core::{
    CompareOp, Pred, Program, Resource, Row, SourceId, TableId, TextTest, Type, Value,
};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use smol_str::SmolStr;

use crate::data::RowRef;
use crate::decide::{Judge, Place};
use crate::eval::compare;
use crate::ready::Ready;
use crate::truth::Truth;
use crate::window::day_of;

/// Decisions on many rows of one table. Same meaning as [`Judge::decide`], without allocation for a row whose rules
/// test columns of its own.
#[derive(Debug)]
pub struct Prepared<'a> {
    judge: Judge<'a>,
    table: TableId,
    home: Option<SourceId>,
    bypassed: bool,
    on_old: Vec<Lines>,
    on_new: Vec<Lines>,
}

/// The three lines for one action.
#[derive(Debug)]
pub(crate) struct Lines {
    pub open: bool,
    pub grants: Vec<Code>,
    pub denies: Vec<Code>,
    pub restricts: Vec<Code>,
    pub axes: Vec<Vec<Code>>,
}

/// A condition made ready.
#[derive(Debug)]
pub(crate) enum Code {
    /// Does not depend on the row.
    Const(Truth),
    Not(Box<Code>),
    And(Box<[Code]>),
    Or(Box<[Code]>),
    /// A test of a column of the row.
    Cell(Cell),
    /// A column that is null.
    IsNull(usize),
    /// Whatever reads other rows, or more than one column.
    Plain(Pred),
}

#[derive(Debug)]
pub(crate) struct Cell {
    pub column: usize,
    pub kind: Kind,
    /// The instant counts as its day.
    pub as_day: bool,
    pub test: Test,
}

/// What the column may hold: anything else is unknown.
#[derive(Debug)]
pub(crate) enum Kind {
    Bool,
    Int,
    Decimal,
    Text,
    /// One of these texts.
    Member(Box<[SmolStr]>),
    Date,
    Timestamp,
}

#[derive(Debug)]
pub(crate) enum Test {
    IsTrue,
    Compare(CompareOp, Value),
    /// One of these; if none is, `otherwise` (unknown where the set has a bad element).
    Among {
        values: Box<[Value]>,
        otherwise: Truth,
    },
    Text(TextTest, SmolStr),
    Between(Date, Date),
}

impl<'a> Prepared<'a> {
    /// Makes an action (`read`, `insert`, `update`, `delete`) on a table ready. Of an unknown action all is false,
    /// as in the reference.
    pub fn new(judge: Judge<'a>, table: TableId, action: &str) -> Self {
        let home = judge.program.source_of(table, judge.source);
        let bypassed = judge.bypass(Resource::Table(table), home).is_some();
        let (old, new): (&[&str], &[&str]) = match action {
            "insert" => (&[], &["insert"]),
            "update" => (&["update", "read"], &["update"]),
            "delete" => (&["delete", "read"], &[]),
            action => (&[action], &[]),
        };
        let ready = Ready {
            judge: &judge,
            table,
            home,
        };
        let on_old = old.iter().map(|action| ready.lines(action)).collect();
        let on_new = new.iter().map(|action| ready.lines(action)).collect();
        Self {
            judge,
            table,
            home,
            bypassed,
            on_old,
            on_new,
        }
    }

    /// The decision on one row; for an update, of a row that stays as it is.
    pub fn row(&self, row: &[Value]) -> Truth {
        self.change(row, row)
    }

    /// The decision on a row before and after the action; only an update looks at both.
    pub fn change(&self, old: &[Value], new: &[Value]) -> Truth {
        if self.bypassed {
            return Truth::True;
        }
        let mut value = Truth::True;
        for (lines, row) in self
            .on_old
            .iter()
            .map(|l| (l, old))
            .chain(self.on_new.iter().map(|l| (l, new)))
        {
            value = value.and(self.lines(lines, row));
            if value.is_false() {
                break;
            }
        }
        value
    }

    /// The positions of the rows that are allowed.
    pub fn allowed<'b>(
        &'b self,
        rows: impl IntoIterator<Item = &'b Row> + 'b,
    ) -> impl Iterator<Item = usize> + 'b {
        rows.into_iter()
            .enumerate()
            .filter(|(_, row)| self.row(row).is_true())
            .map(|(i, _)| i)
    }

    fn lines(&self, lines: &Lines, row: &[Value]) -> Truth {
        let mut value = if lines.open {
            Truth::True
        } else {
            self.greatest(&lines.grants, row)
        };
        for deny in &lines.denies {
            if value.is_false() {
                return value;
            }
            value = value.and(!self.value(deny, row));
        }
        for restrict in &lines.restricts {
            if value.is_false() {
                return value;
            }
            value = value.and(self.value(restrict, row));
        }
        for axis in &lines.axes {
            if value.is_false() {
                return value;
            }
            value = value.and(self.greatest(axis, row));
        }
        value
    }

    fn greatest(&self, codes: &[Code], row: &[Value]) -> Truth {
        let mut value = Truth::False;
        for code in codes {
            value = value.or(self.value(code, row));
            if value.is_true() {
                break;
            }
        }
        value
    }

    fn value(&self, code: &Code, row: &[Value]) -> Truth {
        match code {
            Code::Const(value) => *value,
            Code::Not(inner) => !self.value(inner, row),
            Code::And(parts) => {
                let mut value = Truth::True;
                for part in parts {
                    value = value.and(self.value(part, row));
                    if value.is_false() {
                        break;
                    }
                }
                value
            }
            Code::Or(parts) => self.greatest(parts, row),
            Code::Cell(cell) => cell.value(row, &self.judge.zone),
            Code::IsNull(column) => Truth::from(row.get(*column).is_none_or(Value::is_null)),
            Code::Plain(pred) => self
                .judge
                .truth(pred, Place::row(self.table, RowRef::new(row), self.home)),
        }
    }
}

impl Cell {
    fn value(&self, row: &[Value], zone: &TimeZone) -> Truth {
        let value = match row.get(self.column) {
            Some(value) if self.kind.holds(value) => value,
            _ => return Truth::Unknown,
        };
        match value {
            Value::Timestamp(instant) if self.as_day => {
                self.test.value(&Value::Date(day_of(*instant, zone)))
            }
            value => self.test.value(value),
        }
    }
}

impl Kind {
    pub fn of(program: &Program, ty: &Type) -> Option<Self> {
        Some(match ty {
            Type::Bool => Self::Bool,
            Type::Int => Self::Int,
            Type::Decimal => Self::Decimal,
            Type::String => Self::Text,
            Type::Enum(id) => Self::Member(program.enumeration(*id).members.clone().into()),
            Type::Date => Self::Date,
            Type::Timestamp => Self::Timestamp,
            Type::Scope(_) | Type::Set(_) => return None,
        })
    }

    pub fn holds(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Bool, Value::Bool(_))
            | (Self::Int, Value::Int(_))
            | (Self::Decimal, Value::Decimal(_))
            | (Self::Text, Value::Text(_))
            | (Self::Date, Value::Date(_))
            | (Self::Timestamp, Value::Timestamp(_)) => true,
            (Self::Member(members), Value::Text(text)) => members.contains(text),
            _ => false,
        }
    }
}

impl Test {
    fn value(&self, value: &Value) -> Truth {
        match (self, value) {
            (Self::IsTrue, Value::Bool(value)) => Truth::from(*value),
            (Self::Compare(op, constant), value) => compare(value, *op, constant),
            (Self::Among { values, otherwise }, value) => {
                let hit = if values.len() <= 8 {
                    values.contains(value)
                } else {
                    values.binary_search(value).is_ok()
                };
                if hit { Truth::True } else { *otherwise }
            }
            (Self::Text(test, literal), Value::Text(value)) => Truth::from(match test {
                TextTest::StartsWith => value.starts_with(literal.as_str()),
                TextTest::EndsWith => value.ends_with(literal.as_str()),
                TextTest::Contains => value.contains(literal.as_str()),
            }),
            (Self::Between(first, last), Value::Date(day)) => {
                Truth::from(first <= day && day <= last)
            }
            _ => Truth::Unknown,
        }
    }
}
