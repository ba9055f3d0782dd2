//! Operands: columns, paths, literals, and what is known of the user and the day.

use ambit_core::{AttributeId, ColumnId, Operand, Path, Step, Type, Value};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};

use super::column::{Domain, domain, spoken};
use super::{Lowering, Refusal, RowRef, decimal, refusal};
use crate::sql::functions::Function;
use crate::sql::tree::{Expr, Op, Select};

impl Lowering<'_> {
    /// What an operand is compared as; `None` where only the other side can tell.
    pub(super) fn domain_of(&self, operand: &Operand) -> Option<Domain> {
        match operand {
            Operand::Column(path) => domain(&self.program.column(path.table, path.column).ty),
            Operand::Attribute(id) => self.attribute_type(*id).and_then(domain),
            Operand::Login => Some(Domain::Text),
            Operand::Today | Operand::Day(_) => Some(Domain::Date),
            Operand::Const(_) => None,
        }
    }

    /// The type of an attribute; of a set, that of its elements.
    fn attribute_type(&self, id: AttributeId) -> Option<&Type> {
        match &self.program.attributes.get(id.index())?.ty {
            Type::Set(element) => Some(element),
            other => Some(other),
        }
    }

    /// The operand as a value: NULL where there is none that tests may see.
    pub(super) fn value(
        &mut self,
        operand: &Operand,
        row: &RowRef,
        hint: Option<Domain>,
    ) -> Result<Expr, Refusal> {
        match operand {
            Operand::Column(path) => self.path_value(path, row),
            Operand::Attribute(id) => match self.user.attributes.get(id) {
                Some(value) => self.element(*id, value),
                None => Ok(Expr::Null),
            },
            Operand::Login => {
                let source = self.source(row);
                let login = self.user.login_in(self.program, source);
                Ok(login.map_or(Expr::Null, |name| Expr::text(name.as_str())))
            }
            Operand::Today => day_literal(self.today),
            Operand::Const(value) => literal(value, hint.or_else(|| own_domain(value))),
            Operand::Day(inner) => self.day(inner, row),
        }
    }

    /// A value of an attribute, or an element of its set: NULL where it is not of the declared type.
    pub(super) fn element(&self, id: AttributeId, value: &Value) -> Result<Expr, Refusal> {
        let Some(ty) = self.attribute_type(id) else {
            return Ok(Expr::Null);
        };
        if let (Type::Enum(enumeration), Value::Text(text)) = (ty, value)
            && !self
                .program
                .enumeration(*enumeration)
                .members
                .contains(text)
        {
            return Ok(Expr::Null);
        }
        literal(value, domain(ty))
    }

    fn path_value(&mut self, path: &Path, row: &RowRef) -> Result<Expr, Refusal> {
        self.follow(&path.steps, row, |this, end| {
            Ok(this.stored(end, path.column)?.value())
        })
    }

    /// What holds at the end of to-one steps; NULL where they lead to no row.
    pub(super) fn follow(
        &mut self,
        steps: &[Step],
        row: &RowRef,
        value: impl FnOnce(&mut Self, &RowRef) -> Result<Expr, Refusal>,
    ) -> Result<Expr, Refusal> {
        if steps.is_empty() {
            return value(self, row);
        }
        if steps.len() > 60 {
            return Err(refusal(
                "a path of so many steps",
                "an engine joins at most 64 tables",
            ));
        }
        let mut from = Vec::new();
        let mut joins = Vec::new();
        let mut here = row.clone();
        for step in steps {
            let own = self.stored(&here, step.column)?;
            let (next, table) = self.fresh(step.to)?;
            self.unique.insert((step.to, step.key));
            joins.push(self.link(&next, step.key, own.domain, own.value())?);
            from.push(table);
            here = next;
        }
        let value = value(self, &here)?;
        Ok(Expr::Scalar(Box::new(Select {
            value,
            from,
            filter: Expr::all(joins),
        })))
    }

    /// Is the row linked by this column to that value? For joins: only true counts.
    pub(super) fn link(
        &self,
        row: &RowRef,
        column: ColumnId,
        kind: Domain,
        own: Expr,
    ) -> Result<Expr, Refusal> {
        let other = self.stored(row, column)?;
        if other.domain != kind {
            return Err(refusal(
                &format!("the link to {}", spoken(self.program, row.table, column)),
                "its ends are of different types",
            ));
        }
        Ok(other.joins(own))
    }

    /// `x is null`: 1 where there is no value, 0 where there is one, NULL where what stands there is none of its type.
    pub(super) fn is_null(&mut self, operand: &Operand, row: &RowRef) -> Result<Expr, Refusal> {
        Ok(match operand {
            Operand::Column(path) => self.path_is_null(path, row)?,
            Operand::Attribute(id) => {
                Expr::Bool(self.user.attributes.get(id).is_none_or(Value::is_null))
            }
            Operand::Login => {
                let source = self.source(row);
                Expr::Bool(self.user.login_in(self.program, source).is_none())
            }
            Operand::Today => Expr::Bool(false),
            Operand::Const(value) => Expr::Bool(value.is_null()),
            Operand::Day(inner) => self.is_null(inner, row)?,
        })
    }

    fn path_is_null(&mut self, path: &Path, row: &RowRef) -> Result<Expr, Refusal> {
        // 1 no value, 0 a value, 2 something unreadable: inside a sub-select NULL already means "no row".
        let code = |raw: Expr, formed: Expr| Expr::Case {
            base: None,
            arms: vec![
                (Expr::IsNull(raw.into()), Expr::Int(1)),
                (formed, Expr::Int(0)),
            ],
            otherwise: Some(Box::new(Expr::Int(2))),
        };
        let Some(first) = path.steps.first() else {
            let (raw, formed) = self.presence(row, path.column)?;
            return Ok(Expr::Call("nullif", vec![code(raw, formed), Expr::Int(2)]));
        };
        // A link that is itself unreadable leads nowhere, but it is not a missing parent either.
        let own = self.stored(row, first.column)?;
        let unreadable = Expr::all([
            Expr::IsNotNull(own.raw.clone().into()),
            own.formed.clone().negate(),
        ]);
        let found = self.follow(&path.steps, row, |this, end| {
            let (raw, formed) = this.presence(end, path.column)?;
            Ok(code(raw, formed))
        })?;
        let found = Expr::Call("coalesce", vec![found, Expr::Int(1)]);
        let found = Expr::Call("nullif", vec![found, Expr::Int(2)]);
        Ok(Expr::when(unreadable.negate(), found))
    }

    /// The day of an instant in the project's zone.
    fn day(&mut self, inner: &Operand, row: &RowRef) -> Result<Expr, Refusal> {
        if let Operand::Const(Value::Timestamp(instant)) = inner {
            return day_literal(self.day_of(*instant));
        }
        let instant = self.value(inner, row, Some(Domain::Timestamp))?;
        if instant == Expr::Null {
            return Ok(Expr::Null);
        }
        if let Expr::Text(key) = &instant {
            let Ok(instant) = format!("{key}Z").parse::<Timestamp>() else {
                return Ok(Expr::Null);
            };
            return day_literal(self.day_of(instant));
        }
        if self.zone() == TimeZone::UTC {
            return Ok(Expr::Call(
                "substr",
                vec![instant, Expr::Int(1), Expr::Int(10)],
            ));
        }
        let name = self.function(
            Function::Day,
            "the day of a timestamp, compared with a column,",
            "the engine knows no time zones; compare it with a literal, `today` or a window",
        )?;
        Ok(Expr::Call(
            name,
            vec![instant, Expr::text(self.program.settings.zone.as_str())],
        ))
    }

    /// The project's zone; every zone without transitions at offset zero is UTC.
    pub(super) fn zone(&self) -> TimeZone {
        let zone = self.program.settings.time_zone();
        if zone
            .to_fixed_offset()
            .is_ok_and(|offset| offset == Offset::UTC)
        {
            TimeZone::UTC
        } else {
            zone
        }
    }

    fn day_of(&self, instant: Timestamp) -> Date {
        self.zone().to_datetime(instant).date()
    }
}

/// The domain of a literal by itself.
pub(super) fn own_domain(value: &Value) -> Option<Domain> {
    Some(match value {
        Value::Bool(_) => Domain::Bool,
        Value::Int(_) => Domain::Int,
        Value::Decimal(_) => Domain::Decimal,
        Value::Text(_) => Domain::Text,
        Value::Date(_) => Domain::Date,
        Value::Timestamp(_) => Domain::Timestamp,
        Value::Null | Value::Set(_) | Value::Scope(_) => return None,
    })
}

/// A value as a literal of a domain; NULL where it is none of that domain.
pub(super) fn literal(value: &Value, domain: Option<Domain>) -> Result<Expr, Refusal> {
    Ok(match (domain, value) {
        (Some(Domain::Bool), Value::Bool(b)) => Expr::Bool(*b),
        (Some(Domain::Int), Value::Int(i)) => Expr::Int(*i),
        (Some(Domain::Decimal), Value::Decimal(d)) => Expr::Text(decimal::key_of(*d)),
        (Some(Domain::Decimal), Value::Int(i)) => Expr::Text(decimal::key_of((*i).into())),
        (Some(Domain::Text), Value::Text(text)) => Expr::text(text.as_str()),
        (Some(Domain::Date), Value::Date(day)) => return day_literal(*day),
        (Some(Domain::Timestamp), Value::Timestamp(instant)) => Expr::Text(instant_key(*instant)?),
        _ => Expr::Null,
    })
}

/// A day as ISO text.
pub(super) fn day_literal(day: Date) -> Result<Expr, Refusal> {
    if day.year() < 0 {
        return Err(refusal(
            "a day before the year 0",
            "ISO text orders only the years 0 to 9999",
        ));
    }
    Ok(Expr::text(day.to_string()))
}

/// An instant as ISO text in UTC without `Z`, and without trailing zeros of its fraction.
fn instant_key(instant: Timestamp) -> Result<String, Refusal> {
    let civil = TimeZone::UTC.to_datetime(instant);
    if civil.year() < 0 {
        return Err(refusal(
            "an instant before the year 0",
            "ISO text orders only the years 0 to 9999",
        ));
    }
    Ok(civil.to_string())
}

/// `a op b` with its operator; kept here so that literals print alike everywhere.
pub(super) fn op(op: ambit_core::CompareOp) -> Op {
    match op {
        ambit_core::CompareOp::Eq => Op::Eq,
        ambit_core::CompareOp::Ne => Op::Ne,
        ambit_core::CompareOp::Lt => Op::Lt,
        ambit_core::CompareOp::Le => Op::Le,
        ambit_core::CompareOp::Gt => Op::Gt,
        ambit_core::CompareOp::Ge => Op::Ge,
    }
}
