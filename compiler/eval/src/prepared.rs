//! The fast path: one user, query, table and action; many rows.
//!
//! What does not depend on the row is evaluated once, with the reference evaluator; a test of one column with a
//! constant becomes a [`Cell`]; the rest is left to the reference evaluator as it is. The property test of this
//! crate holds the two against each other.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use ambit_core::{
    Axis, CompareOp, Effect, Operand, Path, Pred, Resource, Row, SourceId, Stored, TableId,
    TextTest, Type, Value,
};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use smol_str::SmolStr;

use crate::data::RowRef;
use crate::decide::{Judge, Place};
use crate::eval::{Read, compare};
use crate::truth::Truth;
use crate::window::{day_of, window_ends};

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
struct Lines {
    open: bool,
    grants: Vec<Code>,
    denies: Vec<Code>,
    restricts: Vec<Code>,
    axes: Vec<Vec<Code>>,
}

/// A condition made ready.
#[derive(Debug)]
enum Code {
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
struct Cell {
    column: usize,
    kind: Kind,
    /// The instant counts as its day.
    as_day: bool,
    test: Test,
}

/// What the column may hold: anything else is unknown.
#[derive(Debug)]
enum Kind {
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
enum Test {
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
    fn of(program: &ambit_core::Program, ty: &Type) -> Option<Self> {
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

    fn holds(&self, value: &Value) -> bool {
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
                    values.binary_search_by(|v| order(v, value)).is_ok()
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

fn order(a: &Value, b: &Value) -> Ordering {
    a.cmp(b)
}

/// Makes conditions ready.
struct Ready<'a, 'b> {
    judge: &'b Judge<'a>,
    table: TableId,
    home: Option<SourceId>,
}

impl Ready<'_, '_> {
    fn lines(&self, action: &str) -> Lines {
        let mut lines = Lines {
            open: self.judge.is_open(Resource::Table(self.table), action),
            grants: Vec::new(),
            denies: Vec::new(),
            restricts: Vec::new(),
            axes: Vec::new(),
        };
        let mut united: BTreeMap<Axis, Vec<Code>> = BTreeMap::new();
        for (_, rule) in self.judge.rules_on(Resource::Table(self.table), action) {
            let code = self.code(&rule.pred);
            match rule.effect {
                Effect::Grant => lines.grants.push(code),
                Effect::Deny => lines.denies.push(code),
                Effect::Restrict { by: None } => lines.restricts.push(code),
                Effect::Restrict { by: Some(axis) } => united.entry(axis).or_default().push(code),
            }
        }
        lines.axes = united.into_values().collect();
        lines
    }

    fn code(&self, pred: &Pred) -> Code {
        match pred {
            Pred::Const(value) => Code::Const(Truth::from(*value)),
            Pred::Not(inner) => match self.code(inner) {
                Code::Const(value) => Code::Const(!value),
                code => Code::Not(Box::new(code)),
            },
            Pred::And(parts) => Code::And(parts.iter().map(|part| self.code(part)).collect()),
            Pred::Or(parts) => Code::Or(parts.iter().map(|part| self.code(part)).collect()),
            pred if !reads_row(pred) => {
                let nothing = Place::row(self.table, RowRef::new(&[]), self.home);
                Code::Const(self.judge.truth(pred, nothing))
            }
            Pred::IsNull(operand) => match self.own_column(operand) {
                Some((column, ..)) => Code::IsNull(column),
                None => Code::Plain(pred.clone()),
            },
            pred => self
                .cell(pred)
                .map_or_else(|| Code::Plain(pred.clone()), Code::Cell),
        }
    }

    /// A test of one own column with a constant.
    fn cell(&self, pred: &Pred) -> Option<Cell> {
        let (operand, test) = match pred {
            Pred::Is(operand) => (operand, Test::IsTrue),
            Pred::Compare(left, op, right) => match (self.constant(left), self.constant(right)) {
                (None, Some(constant)) => (left, Test::Compare(*op, constant)),
                (Some(constant), None) => (right, Test::Compare(turned(*op), constant)),
                _ => return None,
            },
            Pred::InList(operand, values) => {
                (operand, among(values.iter().cloned(), Truth::False)?)
            }
            Pred::InSet(operand, attribute) => {
                let Value::Set(elements) = self.judge.user.attribute(*attribute) else {
                    return None;
                };
                let Type::Set(of) = &self.judge.program.attributes.get(attribute.index())?.ty
                else {
                    return None;
                };
                let (good, bad): (Vec<&Value>, Vec<&Value>) = elements
                    .iter()
                    .partition(|element| self.judge.fits(of, element));
                let otherwise = if bad.is_empty() {
                    Truth::False
                } else {
                    Truth::Unknown
                };
                (operand, among(good.into_iter().cloned(), otherwise)?)
            }
            Pred::Text(operand, test, literal) => (operand, Test::Text(*test, literal.clone())),
            Pred::InWindow(operand, window) => {
                let (first, last) = window_ends(
                    *window,
                    self.judge.today,
                    self.judge.program.settings.week_start,
                );
                (operand, Test::Between(first, last))
            }
            _ => return None,
        };
        let (column, ty, as_day) = self.own_column(operand)?;
        let kind = Kind::of(self.judge.program, ty)?;
        // Values of two types are for the reference to judge.
        let fits = |value: &Value| match (&kind, value) {
            (Kind::Timestamp, Value::Date(_)) => as_day,
            (Kind::Member(_), Value::Text(_)) => true,
            (Kind::Timestamp, Value::Timestamp(_)) => !as_day,
            (kind, value) => kind.holds(value),
        };
        let sound = match &test {
            Test::Compare(_, constant) => fits(constant),
            Test::Among { values, .. } => values.iter().all(fits),
            _ => true,
        };
        sound.then_some(Cell {
            column,
            kind,
            as_day,
            test,
        })
    }

    /// A column of the row itself, perhaps taken as its day.
    fn own_column(&self, operand: &Operand) -> Option<(usize, &Type, bool)> {
        match operand {
            Operand::Column(Path {
                steps,
                table,
                column,
            }) if steps.is_empty() && *table == self.table => {
                let declared = self.judge.program.column(*table, *column);
                let plain = !matches!(declared.ty, Type::Scope(_))
                    && !matches!(declared.stored, Some(Stored::Rows { .. }));
                plain.then_some((column.index(), &declared.ty, false))
            }
            Operand::Day(inner) => match self.own_column(inner)? {
                (column, ty @ (Type::Timestamp | Type::Date), false) => {
                    Some((column, ty, *ty == Type::Timestamp))
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// The known value of an operand that does not depend on the row.
    fn constant(&self, operand: &Operand) -> Option<Value> {
        if operand_reads_row(operand) {
            return None;
        }
        match self
            .judge
            .read(operand, Place::row(self.table, RowRef::new(&[]), self.home))
        {
            Read::Value(value) => Some(value.into_owned()),
            Read::Nothing | Read::Stray => None,
        }
    }
}

/// One of some values of one type: `compare` would call values of two types unknown.
fn among(values: impl Iterator<Item = Value>, otherwise: Truth) -> Option<Test> {
    let mut values: Vec<Value> = values.collect();
    values.sort();
    let plain = !values
        .iter()
        .any(|v| matches!(v, Value::Null | Value::Set(_) | Value::Scope(_)));
    plain.then(|| Test::Among {
        values: values.into(),
        otherwise,
    })
}

/// The operator with its sides exchanged.
fn turned(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Lt => CompareOp::Gt,
        CompareOp::Le => CompareOp::Ge,
        CompareOp::Gt => CompareOp::Lt,
        CompareOp::Ge => CompareOp::Le,
        same @ (CompareOp::Eq | CompareOp::Ne) => same,
    }
}

fn reads_row(pred: &Pred) -> bool {
    match pred {
        Pred::Const(_) => false,
        Pred::Not(inner) => reads_row(inner),
        Pred::And(parts) | Pred::Or(parts) => parts.iter().any(reads_row),
        Pred::Is(operand)
        | Pred::InList(operand, _)
        | Pred::InSet(operand, _)
        | Pred::IsNull(operand)
        | Pred::Text(operand, ..)
        | Pred::InWindow(operand, _)
        | Pred::Scope(operand, _) => operand_reads_row(operand),
        Pred::Compare(left, _, right) => operand_reads_row(left) || operand_reads_row(right),
        Pred::Exists(_) | Pred::LinkVisible(_) => true,
    }
}

fn operand_reads_row(operand: &Operand) -> bool {
    match operand {
        Operand::Column(_) => true,
        Operand::Day(inner) => operand_reads_row(inner),
        Operand::Attribute(_) | Operand::Login | Operand::Today | Operand::Const(_) => false,
    }
}
