//! Columns: what a stored value is worth, whatever its storage class says.
//!
//! SQLite types values, not columns: an `int` column may hold text. A column's *value* here is NULL unless it is well
//! formed for its type, so that every test of it is unknown; `IS NULL` of it is unknown too unless there is no value
//! at all. Instants and decimals are turned into keys: texts of which the order is the order of the values.

use ambit_core::{ColumnId, Program, TableId, Type};
use smol_str::SmolStr;

use super::{Lowering, Refusal, RowRef, decimal, refusal};
use crate::sql::layout::Storage;
use crate::sql::tree::{Expr, Op};

/// What values are compared as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Domain {
    /// 1 and 0.
    Bool,
    /// Integers.
    Int,
    /// Keys of decimals.
    Decimal,
    /// Texts and members of enums.
    Text,
    /// ISO days.
    Date,
    /// Keys of instants: ISO text in UTC, without `Z`, without trailing zeros of the fraction.
    Timestamp,
}

/// The domain of a type; none for scopes and sets.
pub(super) fn domain(ty: &Type) -> Option<Domain> {
    Some(match ty {
        Type::Bool => Domain::Bool,
        Type::Int => Domain::Int,
        Type::Decimal => Domain::Decimal,
        Type::String | Type::Enum(_) => Domain::Text,
        Type::Date => Domain::Date,
        Type::Timestamp => Domain::Timestamp,
        Type::Scope(_) | Type::Set(_) => return None,
    })
}

/// The column as it stands.
pub(super) fn raw(row: &RowRef, name: &SmolStr) -> Expr {
    Expr::Column {
        row: row.row.clone(),
        name: name.clone(),
    }
}

/// `typeof(e) = class`
pub(super) fn is_class(e: &Expr, class: &str) -> Expr {
    Expr::Call("typeof", vec![e.clone()]).compare(Op::Eq, Expr::text(class))
}

/// A column taken apart.
pub(super) struct Stored {
    /// As it stands.
    pub(super) raw: Expr,
    /// Is it well formed for its type? Never NULL for a value.
    pub(super) formed: Expr,
    /// Is it, if it is well formed, a value that tests may see (a member of its enum)?
    pub(super) member: Option<Expr>,
    /// What it is compared as.
    pub(super) domain: Domain,
    /// The storage.
    pub(super) storage: Storage,
}

impl Stored {
    /// Well formed, and inside its enum.
    pub(super) fn usable(&self) -> Expr {
        Expr::all([self.formed.clone()].into_iter().chain(self.member.clone()))
    }

    /// The key under which it is compared; of no meaning unless it is usable.
    pub(super) fn key(&self) -> Expr {
        match (self.domain, self.storage) {
            (Domain::Decimal, Storage::DecimalScaled(places)) => {
                decimal::key_of_scaled(&self.raw, places)
            }
            (Domain::Decimal, _) => decimal::key_of_text(&self.raw),
            (Domain::Timestamp, _) => timestamp_key(&self.raw),
            _ => self.raw.clone(),
        }
    }

    /// Its value: NULL unless it is usable.
    pub(super) fn value(&self) -> Expr {
        Expr::when(self.usable(), self.key())
    }

    /// Does it hold this value? Only true counts: for joins, not for conditions.
    pub(super) fn joins(&self, value: Expr) -> Expr {
        match self.domain {
            // The bare column, so that an index of it can serve.
            Domain::Int => Expr::all([self.raw.clone().compare(Op::Eq, value), self.usable()]),
            Domain::Text | Domain::Date => Expr::all([
                self.raw
                    .clone()
                    .compare(Op::Eq, Expr::Exact(Box::new(value))),
                self.usable(),
            ]),
            Domain::Bool | Domain::Decimal | Domain::Timestamp => {
                self.value().compare(Op::Eq, value)
            }
        }
    }
}

impl Lowering<'_> {
    /// A column of a row, taken apart.
    pub(super) fn stored(&self, row: &RowRef, column: ColumnId) -> Result<Stored, Refusal> {
        let declared = self.program.column(row.table, column);
        let layout = self.column_layout(row.table, column)?;
        let raw = raw(row, &layout.name);
        let Some(domain) = domain(&declared.ty) else {
            return Err(refusal("a scope taken as a value", "it is a set of pairs"));
        };
        let storage = layout.storage;
        let formed = match (domain, storage) {
            (Domain::Bool, _) => Expr::all([
                is_class(&raw, "integer"),
                Expr::In(raw.clone().into(), vec![Expr::Int(0), Expr::Int(1)]),
            ]),
            (Domain::Int, _) => is_class(&raw, "integer"),
            (Domain::Text, _) => is_class(&raw, "text"),
            (Domain::Date, _) => Expr::all([
                is_class(&raw, "text"),
                Expr::Exact(raw.clone().into())
                    .compare(Op::Eq, Expr::Call("date", vec![raw.clone()])),
            ]),
            (Domain::Timestamp, _) => timestamp_formed(&raw),
            (Domain::Decimal, Storage::DecimalScaled(places)) if places <= decimal::PLACES => {
                is_class(&raw, "integer")
            }
            (Domain::Decimal, Storage::DecimalText) => decimal::text_formed(&raw),
            (Domain::Decimal, Storage::DecimalScaled(_)) => {
                return Err(refusal(
                    &spoken(self.program, row.table, column),
                    "it has too many decimal places",
                ));
            }
            (Domain::Decimal, _) => {
                return Err(refusal(
                    &spoken(self.program, row.table, column),
                    "a decimal needs `stored as text` or `stored as scaled(n)`, else it may be kept inexactly",
                ));
            }
        };
        let member = match &declared.ty {
            Type::Enum(id) => {
                let members = self
                    .program
                    .enumeration(*id)
                    .members
                    .iter()
                    .map(|m| Expr::text(m.as_str()));
                Some(Expr::In(
                    Expr::Exact(raw.clone().into()).into(),
                    members.collect(),
                ))
            }
            _ => None,
        };
        Ok(Stored {
            raw,
            formed,
            member,
            domain,
            storage,
        })
    }
}

/// A column for people.
pub(super) fn spoken(program: &Program, table: TableId, column: ColumnId) -> String {
    format!(
        "column `{}` of `{}`",
        program.column(table, column).name,
        program.table(table).name
    )
}

/// `YYYY-MM-DDTHH:MM:SSZ`, perhaps with a fraction, and a day and time that exist.
fn timestamp_formed(raw: &Expr) -> Expr {
    let call = |name, args: Vec<Expr>| Expr::Call(name, args);
    let seconds = call("substr", vec![raw.clone(), Expr::Int(1), Expr::Int(19)]);
    let rest = call("substr", vec![raw.clone(), Expr::Int(20)]);
    let digits = call("substr", vec![raw.clone(), Expr::Int(21)]);
    let bytes = call("length", vec![Expr::Cast(raw.clone().into(), "BLOB")]);
    Expr::all([
        is_class(raw, "text"),
        // No byte hides behind a NUL, where GLOB and length do not look.
        bytes.compare(Op::Eq, call("length", vec![raw.clone()])),
        call(
            "strftime",
            vec![Expr::text("%Y-%m-%dT%H:%M:%S"), seconds.clone()],
        )
        .compare(Op::Eq, seconds),
        Expr::any([
            rest.clone().compare(Op::Eq, Expr::text("Z")),
            Expr::all([
                rest.glob(".[0-9]*Z"),
                digits.glob("*[^0-9]*Z").negate(),
                digits.glob("*Z*Z").negate(),
            ]),
        ]),
    ])
}

fn timestamp_key(raw: &Expr) -> Expr {
    let call = |name, args: Vec<Expr>| Expr::Call(name, args);
    let rest = call("substr", vec![raw.clone(), Expr::Int(20)]);
    let fraction = call(
        "rtrim",
        vec![call("rtrim", vec![rest, Expr::text("Z")]), Expr::text("0")],
    );
    Expr::Concat(vec![
        call("substr", vec![raw.clone(), Expr::Int(1), Expr::Int(19)]),
        call("rtrim", vec![fraction, Expr::text(".")]),
    ])
}
