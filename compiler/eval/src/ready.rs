//! Makes conditions ready for the fast path of [`crate::Prepared`].

use std::collections::BTreeMap;

use ambit_core::{
    Axis, CompareOp, Effect, Operand, Path, Pred, Resource, SourceId, Stored, TableId, Type, Value,
};

use crate::data::RowRef;
use crate::decide::{Judge, Place};
use crate::eval::Read;
use crate::prepared::{Cell, Code, Kind, Lines, Test};
use crate::truth::Truth;
use crate::window::window_ends;

/// Makes conditions ready.
pub(crate) struct Ready<'a, 'b> {
    pub judge: &'b Judge<'a>,
    pub table: TableId,
    pub home: Option<SourceId>,
}

impl Ready<'_, '_> {
    pub fn lines(&self, action: &str) -> Lines {
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
