//! Conditions in Core: three-valued (Kleene), typed, without names to resolve, filters to expand or sugar.

use std::sync::Arc;

use smol_str::SmolStr;

use crate::ids::{AttributeId, ColumnId, TableId};
use crate::value::Value;

/// A condition over one row (of the table at hand), its related rows, the user and the day.
///
/// Every test with a null, an attribute not supplied, a value outside its enum, or a scope that cannot be read is
/// *unknown*; only [`Pred::IsNull`] is always decided (language.md, "Unknown never reveals a row").
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Pred {
    /// `everything` (true), `nothing` (false).
    Const(bool),
    /// `not`.
    Not(Arc<Pred>),
    /// `and`: the least of at least two.
    And(Arc<[Pred]>),
    /// `or`: the greatest of at least two.
    Or(Arc<[Pred]>),
    /// A boolean operand taken as a condition.
    Is(Operand),
    /// A comparison of two operands of one type. Order only between numbers, dates and timestamps.
    Compare(Operand, CompareOp, Operand),
    /// `x in [a, b]`: the *or* of the equalities; at least one value, none null, in the order written without doubles.
    InList(Operand, Arc<[Value]>),
    /// `x in user.countries`: the *or* of the equalities; of the empty set false if x is known.
    InSet(Operand, AttributeId),
    /// `x is null`: no value (null, missing parent, attribute not supplied). A value outside its enum *is* a value.
    IsNull(Operand),
    /// `x starts with "a"` and its kin, on texts.
    Text(Operand, TextTest, SmolStr),
    /// `d in last 3 months`: on days (an instant comes wrapped in [`Operand::Day`]).
    InWindow(Operand, Window),
    /// `scope match all { … }`.
    Scope(Operand, ScopeTest),
    /// `exists t where (…)`.
    Exists(Arc<Exists>),
    /// `link is visible`: may the same user read, in the same query, the row at the end of these steps (at least
    /// one)? True or false; unknown only where the steps lead to no row.
    LinkVisible(Arc<[Step]>),
}

/// `exists t where (c)` and `exists visible t where (c)`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Exists {
    /// To-one steps that lead from the row at hand to the row where the link hangs; often none. Where they lead to
    /// no row, the outcome is unknown.
    pub path: Vec<Step>,
    /// The column of the row at the end of `path`: null (or outside its enum) makes the outcome unknown.
    pub own: ColumnId,
    /// The table whose rows are ranged over.
    pub table: TableId,
    /// The column of `table` that must equal `own`; its nulls, and values outside its enum, link to nothing.
    pub other: ColumnId,
    /// Only rows that the same user may read in the same query (then each counts by a decision, true or false).
    pub visible: bool,
    /// What must hold of a row of `table`; [`Pred::Const`]`(true)` when nothing is said.
    pub pred: Pred,
}

/// A to-one step: from a row, over its link column, to the row with that key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Step {
    /// The table of the row at hand.
    pub from: TableId,
    /// Its link column.
    pub column: ColumnId,
    /// The table linked to.
    pub to: TableId,
    /// The one key column of that table.
    pub key: ColumnId,
}

/// A column of the row at hand (no steps) or of a row to-one steps away. Null where a step leads to no row.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Path {
    /// The steps, often none.
    pub steps: Vec<Step>,
    /// The table of the last row.
    pub table: TableId,
    /// Its column.
    pub column: ColumnId,
}

/// What a test takes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Operand {
    /// A column, perhaps over a path.
    Column(Path),
    /// An attribute of the user; null where it is not supplied.
    Attribute(AttributeId),
    /// `user.login`: the name under which the source of the row at hand knows the user; null for a bare principal.
    Login,
    /// `today` in the project's zone.
    Today,
    /// A literal, of the type of what it is compared with.
    Const(Value),
    /// The day, in the project's zone, of an operand that is an instant.
    Day(Arc<Operand>),
}

/// The operators of comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CompareOp {
    /// `=`
    Eq,
    /// `!=`
    Ne,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
}

/// The tests of text, each with a literal: character by character, without wildcards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TextTest {
    /// `starts with`
    StartsWith,
    /// `ends with`
    EndsWith,
    /// `contains`
    Contains,
}

/// A window of whole days around `today` (language.md has the ends for 2024-01-15).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Window {
    /// Which.
    pub kind: WindowKind,
    /// How many units, at least 1.
    pub count: u32,
    /// The unit.
    pub unit: Unit,
}

/// The kinds of windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WindowKind {
    /// `last n unit`: the n whole periods before the one of today.
    Last,
    /// `last n unit to today`: those, and up to today.
    LastToToday,
    /// `next n unit`: the n whole periods after the one of today.
    Next,
    /// `next n unit from today`: from today to their end.
    NextFromToday,
    /// `this unit`: the period of today.
    This,
}

/// Units of windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unit {
    /// A day.
    Day,
    /// A week; it starts as `Settings::week_start` says.
    Week,
    /// A calendar month.
    Month,
    /// A calendar quarter.
    Quarter,
    /// A calendar year.
    Year,
}

/// A test of a scope: C, the entries (language.md, "Scopes").
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ScopeTest {
    /// The mode.
    pub mode: ScopeMode,
    /// The levels in the order written, each once, at least one.
    pub levels: Vec<ScopeLevel>,
}

/// A level of a scope test: each member is one entry; `any` is one entry, which every pair of the level fits.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ScopeLevel {
    /// The level.
    pub level: SmolStr,
    /// The members (at least one, no doubles); `None` is `any`.
    pub members: Option<Vec<SmolStr>>,
}

/// The four scope match modes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ScopeMode {
    /// `match all`: the scope is not empty, each pair fits an entry, each entry is fitted.
    MatchAll,
    /// `match any`: the scope is not empty, each pair fits an entry.
    MatchAny,
    /// `contains all`: each entry is fitted.
    ContainsAll,
    /// `contains any`: some pair fits.
    ContainsAny,
}
