//! Values of rows, attributes and literals.

use std::sync::Arc;

use jiff::civil::Date;
use smol_str::SmolStr;

use crate::decimal::Decimal;
use crate::instant::Instant;

/// A value. Decimals are exact and compare by number (`1.0` equals `1.00`); texts compare character by character.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Value {
    /// No value.
    Null,
    /// `true`, `false`.
    Bool(bool),
    /// A 64-bit integer.
    Int(i64),
    /// An exact decimal.
    Decimal(Decimal),
    /// A text, or a member of an enum (also one outside it: data may hold what the schema does not know).
    Text(SmolStr),
    /// A day.
    Date(Date),
    /// An instant.
    Timestamp(Instant),
    /// A set of plain values: sorted, without doubles, never holding null.
    Set(Arc<[Value]>),
    /// A scope of a row.
    Scope(Arc<ScopeValue>),
}

impl Value {
    /// A text value.
    pub fn text(text: &str) -> Self {
        Self::Text(SmolStr::new(text))
    }

    /// A set: sorts and removes doubles.
    pub fn set(mut values: Vec<Value>) -> Self {
        values.sort();
        values.dedup();
        Self::Set(values.into())
    }

    /// Is there no value?
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }
}

/// The scope of a row: what its text, rows, array or JSON say.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ScopeValue {
    /// Its parts in the order written; empty is the empty scope.
    Entries(Vec<ScopeEntry>),
    /// Text that does not parse, or holds a wildcard: it cannot be read, so every test of it is unknown.
    Unreadable(SmolStr),
}

/// One part of a scope: `Book = [Book 1 + Book 2]`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ScopeEntry {
    /// The level.
    pub level: SmolStr,
    /// The operator.
    pub op: ScopeOp,
    /// The members, at least one.
    pub members: Vec<SmolStr>,
}

/// The operators of scopes. With one of the last two a scope cannot be read (language.md, "Scopes").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ScopeOp {
    /// `=`
    Equals,
    /// `&=`
    TotalEquals,
    /// `<>`
    NotEquals,
    /// `&<>`
    TotalNotEquals,
}

/// A row of a table: one value for each column, in the table's order.
pub type Row = Box<[Value]>;
