//! What formulas are about: terms (cells, attributes, logins, the day) and the facts that can hold of them.

use std::sync::Arc;

use ambit_core::{
    AttributeId, ColumnId, PrincipalId, ScopeTest, SourceId, TableId, TextTest, Type, Value, Window,
};
use smol_str::SmolStr;

/// A row that the question speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RowId(pub(crate) u32);

/// A user that the question speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UserId(pub(crate) u32);

/// A term, in the question's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct TermId(pub u32);

impl RowId {
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

impl UserId {
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

impl TermId {
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// Something that has a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Term {
    /// A column of a row.
    Cell(RowId, ColumnId),
    /// An attribute of a user.
    Attribute(UserId, AttributeId),
    /// The name under which a source knows a user.
    Login(UserId, Option<SourceId>),
    /// `today`.
    Today,
    /// The day of an instant.
    Day(TermId),
    /// A constant, in the question's list.
    Constant(u32),
}

/// A term with its type.
#[derive(Debug, Clone)]
pub(crate) struct TermInfo {
    pub term: Term,
    pub ty: Type,
    /// May be null. Where not, there is no atom for it.
    pub nullable: bool,
}

/// A fact that holds or not.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Atom {
    /// The user has this principal; of a declared user: is he.
    Member(UserId, PrincipalId),
    /// The table is one of the query's.
    InQuery(TableId),
    /// A digit of the number of the declared user that the user is.
    Number(UserId, u32),
    /// The row exists.
    Present(RowId),
    /// A witness takes the two rows for one; the smaller id first.
    Merged(RowId, RowId),
    /// The term has no value.
    Null(TermId),
    /// The term has a value that no test can use: outside its enum, or a scope that cannot be read; of a set: it
    /// holds such an element.
    Stray(TermId),
    /// The term is this constant.
    Eq(TermId, Value),
    /// The term is one of these constants.
    In(TermId, Arc<[Value]>),
    /// The term is at most (or, if strict, less than) this constant.
    Bound(TermId, bool, Value),
    /// The terms are equal; the smaller id first.
    Same(TermId, TermId),
    /// The first is at most the second.
    Le(TermId, TermId),
    /// A test of text.
    Text(TermId, TextTest, SmolStr),
    /// A day within a window.
    Window(TermId, Window),
    /// The first is an element of the second, a set.
    Element(TermId, TermId),
    /// A test of a scope that can be read.
    Scope(TermId, ScopeTest),
    /// The scopes are the same; the smaller id first.
    SameScope(TermId, TermId),
    /// An `exists` at a row is true, or is false.
    Exists(u32, bool),
}
