//! Sides of tests: what is known while lowering, and what the engine reads.

use ambit_core::{ColumnId, CompareOp, EnumId, Type, Value};
use smol_str::SmolStr;

use super::{Lowering, RowRef};
use crate::sql::domain::{Domain, Form};
use crate::sql::layout::Storage;
use crate::sql::tree::{Expr, Op};
use crate::target::Refusal;

/// A side of a test.
#[derive(Debug, Clone)]
pub(super) enum Side {
    /// Nothing that a test can use: every test is unknown.
    Unknown,
    /// A value that is known here.
    Known(Domain, Value),
    /// A value that the engine reads.
    Term(Term),
    /// The day, in the project's zone, of an instant that the engine reads.
    Day(Term),
}

/// A value that the engine reads.
#[derive(Debug, Clone)]
pub(super) struct Term {
    /// How.
    pub(super) form: Form,
    /// What it is compared as.
    pub(super) domain: Domain,
    /// The enum outside which it is no value for tests.
    pub(super) members: Option<EnumId>,
}

/// Which ends of what is well formed a comparison leaves open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Open {
    None,
    Low,
    High,
    Both,
}

impl Open {
    /// Of the left side of a comparison with something well formed.
    pub(super) fn left_of(op: Op) -> Self {
        match op {
            Op::Eq => Self::None,
            Op::Ne => Self::Both,
            Op::Lt | Op::Le => Self::Low,
            Op::Gt | Op::Ge => Self::High,
        }
    }
}

impl Term {
    /// What must hold besides for the key to be that of a well-formed value.
    pub(super) fn formed(&self, open: Open) -> Vec<Expr> {
        let mut all = self.form.formed.clone();
        let bound = |end: &Option<Expr>, op| {
            end.clone()
                .map(|end| self.form.key.clone().compare(op, end))
        };
        match open {
            Open::None => {}
            Open::Low => all.extend(bound(&self.form.low, Op::Ge)),
            Open::High => all.extend(bound(&self.form.high, Op::Le)),
            Open::Both => match (&self.form.low, &self.form.high) {
                (Some(low), Some(high)) => all.push(Expr::Between(
                    self.form.key.clone().into(),
                    low.clone().into(),
                    high.clone().into(),
                )),
                _ => {
                    all.extend(bound(&self.form.low, Op::Ge));
                    all.extend(bound(&self.form.high, Op::Le));
                }
            },
        }
        all
    }

    /// There is a value, and it is well formed (perhaps outside its enum).
    pub(super) fn present(&self) -> Expr {
        let formed = self.formed(Open::Both);
        if formed.is_empty() {
            self.form.raw.clone().known()
        } else {
            Expr::all(formed)
        }
    }
}

impl Lowering<'_> {
    /// A column of a row, taken apart.
    pub(super) fn stored(&mut self, row: &RowRef, column: ColumnId) -> Result<Term, Refusal> {
        let declared = self.request.program.column(row.table, column);
        let layout = self.column_layout(row.table, column)?;
        let Some(domain) = Domain::of(&declared.ty) else {
            let what = self.spoken(row.table, column);
            return Err(Refusal::new(
                "E0504",
                what,
                "a scope is a set of pairs and no value",
            ));
        };
        let raw = Self::raw(row, &layout.name);
        let storage = match (domain, layout.storage) {
            (Domain::Decimal, storage) => storage,
            _ => Storage::Plain,
        };
        let form = (self.engine.column)(domain, storage, raw).map_err(|why| {
            Refusal::new("E0502", self.spoken(row.table, column), why.reason).help(why.help)
        })?;
        if let Some(sentence) = (self.engine.assumes)(domain) {
            self.assume(sentence);
        }
        Ok(Term {
            form,
            domain,
            members: enum_of(&declared.ty),
        })
    }

    /// The members of an enum.
    pub(super) fn members(&self, id: EnumId) -> &[SmolStr] {
        &self.request.program.enumeration(id).members
    }

    /// That a term is inside its enum; nothing where it has none.
    pub(super) fn member(&self, term: &Term) -> Result<Option<Expr>, Refusal> {
        let Some(id) = term.members else {
            return Ok(None);
        };
        let members: Vec<Value> = self
            .members(id)
            .iter()
            .map(|m| Value::Text(m.clone()))
            .collect();
        self.within(term, &members).map(Some)
    }

    /// There is a value that tests may see.
    pub(super) fn usable(&self, term: &Term) -> Result<Expr, Refusal> {
        Ok(match self.member(term)? {
            Some(member) => member,
            None => term.present(),
        })
    }

    /// A value as a literal of a domain; nothing where it is none of it.
    pub(super) fn literal(&self, domain: Domain, value: &Value) -> Result<Option<Expr>, Refusal> {
        (self.engine.literal)(domain, value)
    }

    /// That the key is one of these values. They are well formed, so little else need be asked.
    pub(super) fn within(&self, term: &Term, values: &[Value]) -> Result<Expr, Refusal> {
        let mut literals = Vec::new();
        let mut proved = true;
        for value in values {
            if let Some(literal) = self.literal(term.domain, value)? {
                proved &= (self.engine.equality_proves)(term.domain, value);
                literals.push(literal);
            }
        }
        let list = Expr::within(term.form.key.clone(), literals);
        if proved {
            return Ok(list);
        }
        let formed = term.formed(Open::None);
        Ok(Expr::all(formed.into_iter().chain([list])))
    }

    /// A known value as a term.
    pub(super) fn constant(&self, domain: Domain, value: &Value) -> Result<Option<Term>, Refusal> {
        let literal = self.literal(domain, value)?;
        Ok(literal.map(|literal| Term {
            form: Form::plain(literal),
            domain,
            members: None,
        }))
    }
}

/// The enum of a type; of a set, that of its elements.
pub(super) fn enum_of(ty: &Type) -> Option<EnumId> {
    match ty {
        Type::Enum(id) => Some(*id),
        Type::Set(element) => enum_of(element),
        _ => None,
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

/// The operator in SQL.
pub(super) fn op(op: CompareOp) -> Op {
    match op {
        CompareOp::Eq => Op::Eq,
        CompareOp::Ne => Op::Ne,
        CompareOp::Lt => Op::Lt,
        CompareOp::Le => Op::Le,
        CompareOp::Gt => Op::Gt,
        CompareOp::Ge => Op::Ge,
    }
}
