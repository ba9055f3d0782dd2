//! Core: the few forms that every policy is lowered to, their values, and how they print.
//!
//! The frontend builds a [`Program`]; evaluator, solver, targets and readers meet only in these types.

pub mod characters;
mod decimal;
pub mod dump;
mod ids;
mod instant;
mod places;
mod pred;
pub mod print;
mod program;
mod value;

pub use decimal::{Decimal, NoDecimal};
pub use ids::{
    AttributeId, ColumnId, EnumId, HierarchyId, KindId, ObjectId, PrincipalId, RuleId, SourceId,
    TableId, TestId,
};
pub use instant::{Instant, NoInstant, read_date};
pub use places::{Place, Places};
pub use pred::{
    CompareOp, Exists, Operand, Path, Pred, ScopeLevel, ScopeMode, ScopeTest, Step, TextTest, Unit,
    Window, WindowKind,
};
pub use program::{
    Applies, Attribute, Axis, Claim, ClaimKind, Column, Effect, Enum, Exclusive, Expectation,
    ExpectationKind, GivenRow, Hierarchy, Holder, Kind, Link, Object, Origin, OutsideName,
    Principal, PrincipalKind, Program, Querying, ROW_ACTIONS, Resource, Rule, RuleBody,
    SOURCE_KINDS, Settings, Source, Stored, Subject, Table, Test, Type, outside_for,
};
pub use value::{Row, ScopeEntry, ScopeOp, ScopeValue, Value};
