//! The value of a condition at a row (language.md, "Conditions" and "Unknown never reveals a row").

use std::borrow::Cow;
use std::cmp::Ordering;

use ambit_core::{
    ColumnId, CompareOp, Exists, Operand, Path, Pred, ScopeEntry, ScopeOp, ScopeValue, Step,
    Stored, TableId, TextTest, Type, Value,
};

use crate::data::RowRef;
use crate::decide::{Judge, Place};
use crate::scope::{parse_scope, test_scope};
use crate::truth::Truth;
use crate::window::{day_of, window_ends};

/// What reading an operand gives.
#[derive(Debug, Clone)]
pub(crate) enum Read<'a> {
    /// A value of the operand's type.
    Value(Cow<'a, Value>),
    /// No value: null, missing parent, attribute not supplied.
    Nothing,
    /// A value outside its enum (or of another type): it is there, but every test of it is unknown.
    Stray,
}

impl<'a> Read<'a> {
    /// The value that a test can use.
    fn value(&self) -> Option<&Value> {
        match self {
            Self::Value(value) => Some(value),
            Self::Nothing | Self::Stray => None,
        }
    }

    fn owned(value: Value) -> Self {
        if value.is_null() {
            Self::Nothing
        } else {
            Self::Value(Cow::Owned(value))
        }
    }

    fn borrowed(value: &'a Value) -> Self {
        if value.is_null() {
            Self::Nothing
        } else {
            Self::Value(Cow::Borrowed(value))
        }
    }
}

impl Judge<'_> {
    /// The value of a condition at a place.
    pub(crate) fn truth(&self, pred: &Pred, at: Place<'_>) -> Truth {
        match pred {
            Pred::Const(value) => Truth::from(*value),
            Pred::Not(inner) => !self.truth(inner, at),
            // `and` is the least, `or` the greatest.
            Pred::And(parts) => Truth::least(parts.iter().map(|part| self.truth(part, at))),
            Pred::Or(parts) => Truth::greatest(parts.iter().map(|part| self.truth(part, at))),
            Pred::Is(operand) => match self.read(operand, at).value() {
                Some(Value::Bool(value)) => Truth::from(*value),
                _ => Truth::Unknown,
            },
            Pred::Compare(left, op, right) => {
                let (left, right) = (self.read(left, at), self.read(right, at));
                match (left.value(), right.value()) {
                    (Some(left), Some(right)) => compare(left, *op, right),
                    _ => Truth::Unknown,
                }
            }
            // `in` is the *or* of its equalities.
            Pred::InList(operand, values) => {
                let read = self.read(operand, at);
                Truth::greatest(values.iter().map(|value| match read.value() {
                    Some(known) => compare(known, CompareOp::Eq, value),
                    None => Truth::Unknown,
                }))
            }
            Pred::InSet(operand, attribute) => {
                let read = self.read(operand, at);
                match (read.value(), self.user.attribute(*attribute)) {
                    // Of the empty set it is false if x is known.
                    (Some(known), Value::Set(elements)) => {
                        let of = match self
                            .program
                            .attributes
                            .get(attribute.index())
                            .map(|a| &a.ty)
                        {
                            Some(Type::Set(of)) => Some(&**of),
                            _ => None,
                        };
                        Truth::greatest(elements.iter().map(|element| match of {
                            // An element outside its enum makes its equality unknown.
                            Some(ty) if self.fits(ty, element) => {
                                compare(known, CompareOp::Eq, element)
                            }
                            _ => Truth::Unknown,
                        }))
                    }
                    // x is not known, or the attribute is not supplied.
                    _ => Truth::Unknown,
                }
            }
            // Always decided. A value outside its enum is a value.
            Pred::IsNull(operand) => Truth::from(matches!(self.read(operand, at), Read::Nothing)),
            Pred::Text(operand, test, literal) => match self.read(operand, at).value() {
                Some(Value::Text(value)) => Truth::from(match test {
                    TextTest::StartsWith => value.starts_with(literal.as_str()),
                    TextTest::EndsWith => value.ends_with(literal.as_str()),
                    TextTest::Contains => value.contains(literal.as_str()),
                }),
                _ => Truth::Unknown,
            },
            Pred::InWindow(operand, window) => match self.read(operand, at).value() {
                Some(Value::Date(day)) => {
                    let (first, last) =
                        window_ends(*window, self.today, self.program.settings.week_start);
                    Truth::from(first <= *day && *day <= last)
                }
                _ => Truth::Unknown,
            },
            Pred::Scope(operand, test) => match self.read(operand, at).value() {
                Some(Value::Scope(scope)) => test_scope(scope, test),
                _ => Truth::Unknown,
            },
            Pred::Exists(exists) => self.exists(exists, at),
            Pred::LinkVisible(steps) => match self.follow(steps, at) {
                // A decision, so true or false.
                Some((table, row)) => Truth::from(self.may_read(table, row, at.home()).is_true()),
                // The link leads to no row.
                None => Truth::Unknown,
            },
        }
    }

    /// `exists`: the *or* over the linked rows (none: false); unknown over this row's own null link, and where the
    /// path ends at no row.
    fn exists(&self, exists: &Exists, at: Place<'_>) -> Truth {
        match self.linked_rows(exists, at) {
            None => Truth::Unknown,
            Some(rows) => {
                Truth::greatest(rows.into_iter().map(|row| self.linked_row(exists, row, at)))
            }
        }
    }

    /// What one linked row adds to an `exists`: its condition, and for `exists visible` the decision too.
    pub(crate) fn linked_row(&self, exists: &Exists, row: RowRef<'_>, at: Place<'_>) -> Truth {
        let inner = self.truth(&exists.pred, Place::row(exists.table, row, at.home()));
        if exists.visible {
            inner.and(Truth::from(
                self.may_read(exists.table, row, at.home()).is_true(),
            ))
        } else {
            inner
        }
    }

    /// The rows an `exists` ranges over; `None` where that is unknown.
    pub(crate) fn linked_rows<'b>(
        &'b self,
        exists: &Exists,
        at: Place<'b>,
    ) -> Option<Vec<RowRef<'b>>> {
        let (table, row) = self.follow(&exists.path, at)?;
        let own = self.cell(table, row, exists.own);
        let own = own.value()?;
        // Other rows' nulls link to nothing, and so does a value outside its enum.
        let other = &self.program.column(exists.table, exists.other).ty;
        self.check_left_out(exists.table, exists.other);
        if !self.fits(other, own) {
            return Some(Vec::new());
        }
        Some(
            self.data
                .with_value(exists.table, exists.other, own)
                .collect(),
        )
    }

    /// The row at the end of to-one steps, with its table; `None` where they lead to no row.
    pub(crate) fn follow<'b>(
        &'b self,
        steps: &[Step],
        at: Place<'b>,
    ) -> Option<(TableId, RowRef<'b>)> {
        let Place::Row { table, row, .. } = at else {
            return None;
        };
        let mut here = (table, row);
        for step in steps {
            let own = self.cell(step.from, here.1, step.column);
            let own = own.value()?;
            if !self.fits(&self.program.column(step.to, step.key).ty, own) {
                return None;
            }
            self.check_left_out(step.to, step.key);
            here = (
                step.to,
                self.data.with_value(step.to, step.key, own).next()?,
            );
        }
        Some(here)
    }

    /// The value of an operand.
    pub(crate) fn read<'b>(&'b self, operand: &'b Operand, at: Place<'b>) -> Read<'b> {
        match operand {
            Operand::Column(path) => self.column(path, at),
            Operand::Attribute(id) => {
                let value = self.user.attribute(*id);
                match self.program.attributes.get(id.index()) {
                    Some(attribute) => self.typed(&attribute.ty, value),
                    None => Read::Nothing,
                }
            }
            Operand::Login => match self.user.login(self.program, self.source_at(at)) {
                Some(login) => Read::owned(Value::Text(login)),
                None => Read::Nothing,
            },
            Operand::Today => Read::owned(Value::Date(self.today)),
            Operand::Const(value) => Read::borrowed(value),
            // An instant counts as its day in the project's zone.
            Operand::Day(inner) => match self.read(inner, at) {
                Read::Value(value) => match *value {
                    Value::Timestamp(instant) => {
                        Read::owned(Value::Date(day_of(instant, &self.zone)))
                    }
                    Value::Date(day) => Read::owned(Value::Date(day)),
                    _ => Read::Stray,
                },
                other => other,
            },
        }
    }

    fn column<'b>(&'b self, path: &Path, at: Place<'b>) -> Read<'b> {
        match self.follow(&path.steps, at) {
            Some((table, row)) => self.cell(table, row, path.column),
            // A column over a null or dangling link is null.
            None => Read::Nothing,
        }
    }

    /// A column of a row.
    fn cell<'b>(&'b self, table: TableId, row: RowRef<'b>, column: ColumnId) -> Read<'b> {
        let declared = self.program.column(table, column);
        let value = row.get(column);
        if let (
            Some(Stored::Rows {
                table: parts,
                id,
                level,
                member,
            }),
            Value::Null,
        ) = (&declared.stored, value)
        {
            return self.scope_in_rows(table, row, (*parts, *id, *level, *member));
        }
        if row.is_left_out(column) && !declared.nullable {
            self.left_out(table, column);
        }
        self.typed(&declared.ty, value)
    }

    /// A value that should be of a type.
    fn typed<'b>(&self, ty: &Type, value: &'b Value) -> Read<'b> {
        match (ty, value) {
            (_, Value::Null) => Read::Nothing,
            (Type::Scope(_), Value::Text(text)) => {
                Read::owned(Value::Scope(parse_scope(text).into()))
            }
            (ty, value) if self.fits(ty, value) => Read::borrowed(value),
            _ => Read::Stray,
        }
    }

    /// Is it a value of this type, and inside its enum? Elements of sets are asked one by one.
    pub(crate) fn fits(&self, ty: &Type, value: &Value) -> bool {
        match (ty, value) {
            (Type::Bool, Value::Bool(_))
            | (Type::Int, Value::Int(_))
            | (Type::Decimal, Value::Decimal(_))
            | (Type::String, Value::Text(_))
            | (Type::Date, Value::Date(_))
            | (Type::Timestamp, Value::Timestamp(_))
            | (Type::Scope(_), Value::Scope(_))
            | (Type::Set(_), Value::Set(_)) => true,
            (Type::Enum(id), Value::Text(text)) => {
                self.program.enumeration(*id).members.contains(text)
            }
            _ => false,
        }
    }

    /// A scope stored as rows `(id, level, member)` of another table: one pair for each row with this row's key.
    /// A row without level or member makes it unreadable.
    fn scope_in_rows(
        &self,
        table: TableId,
        row: RowRef<'_>,
        (parts, id, level, member): (TableId, ColumnId, ColumnId, ColumnId),
    ) -> Read<'_> {
        let Some(key) = self.program.table(table).keys.first() else {
            return Read::Nothing;
        };
        let key = self.cell(table, row, *key);
        let Some(key) = key.value() else {
            return Read::Nothing;
        };
        self.check_left_out(parts, id);
        let entries: Option<Vec<ScopeEntry>> = self
            .data
            .with_value(parts, id, key)
            .map(|part| {
                match (
                    self.cell(parts, part, level).value(),
                    self.cell(parts, part, member).value(),
                ) {
                    (Some(Value::Text(level)), Some(Value::Text(member))) => Some(ScopeEntry {
                        level: level.clone(),
                        op: ScopeOp::Equals,
                        members: vec![member.clone()],
                    }),
                    _ => None,
                }
            })
            .collect();
        let scope = entries.map_or_else(|| ScopeValue::Unreadable("".into()), ScopeValue::Entries);
        Read::owned(Value::Scope(scope.into()))
    }
}

/// A comparison of two known values. Values of two types, and an order that does not exist, are unknown.
pub(crate) fn compare(left: &Value, op: CompareOp, right: &Value) -> Truth {
    let order = match (left, right) {
        (Value::Bool(a), Value::Bool(b)) => return equality(a == b, op),
        (Value::Text(a), Value::Text(b)) => return equality(a == b, op),
        (Value::Int(a), Value::Int(b)) => a.cmp(b),
        (Value::Decimal(a), Value::Decimal(b)) => a.cmp(b),
        (Value::Date(a), Value::Date(b)) => a.cmp(b),
        (Value::Timestamp(a), Value::Timestamp(b)) => a.cmp(b),
        _ => return Truth::Unknown,
    };
    Truth::from(match op {
        CompareOp::Eq => order == Ordering::Equal,
        CompareOp::Ne => order != Ordering::Equal,
        CompareOp::Lt => order == Ordering::Less,
        CompareOp::Le => order != Ordering::Greater,
        CompareOp::Gt => order == Ordering::Greater,
        CompareOp::Ge => order != Ordering::Less,
    })
}

fn equality(equal: bool, op: CompareOp) -> Truth {
    match op {
        CompareOp::Eq => Truth::from(equal),
        CompareOp::Ne => Truth::from(!equal),
        // Text and booleans have no order.
        CompareOp::Lt | CompareOp::Le | CompareOp::Gt | CompareOp::Ge => Truth::Unknown,
    }
}
