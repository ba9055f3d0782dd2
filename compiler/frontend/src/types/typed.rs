//! Typed trees: names resolved, literals turned into values, sugar gone; filters and parameters still stand.
//!
//! Things are named by text, not by number, so that a tree does not change when something else is declared.

use std::sync::Arc;

use ambit_core::{CompareOp, ScopeTest, TextTest, Value, Window};
use ambit_grammar::Span;
use jiff::civil::Date;
use smol_str::SmolStr;

/// A condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TCond {
    /// `everything`, `nothing`
    Const(bool),
    /// `not`
    Not(Box<TCond>),
    /// `and`
    And(Vec<TCond>),
    /// `or`
    Or(Vec<TCond>),
    /// A boolean operand.
    Is(TOperand),
    /// A comparison.
    Compare(TOperand, CompareOp, TOperand),
    /// `in [..]`
    InList(TOperand, Arc<[Value]>),
    /// `in user.x`
    InSet(TOperand, SmolStr),
    /// `is null`
    IsNull(TOperand),
    /// A test of text.
    Text(TOperand, TextTest, SmolStr),
    /// A window.
    InWindow(TOperand, Window),
    /// A scope mode.
    Scope(TOperand, ScopeTest),
    /// `exists`
    Exists(Box<TExists>),
    /// `link is visible`
    LinkVisible(Vec<TStep>, Span),
    /// A filter by its name.
    Filter(SmolStr, Span),
    /// A problem stands here.
    Error,
}

/// `exists`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TExists {
    /// Steps to the row where the link hangs.
    pub path: Vec<TStep>,
    /// The table of that row.
    pub at: SmolStr,
    /// Its column.
    pub own: u32,
    /// The table ranged over.
    pub table: SmolStr,
    /// Its column.
    pub other: u32,
    /// `exists visible`.
    pub visible: bool,
    /// The condition.
    pub cond: TCond,
    /// Where it stands.
    pub span: Span,
}

/// A to-one step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TStep {
    /// From this table
    pub from: SmolStr,
    /// over this column
    pub column: u32,
    /// to this table
    pub to: SmolStr,
    /// by this key.
    pub key: u32,
}

/// An operand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TOperand {
    /// A column, perhaps over steps.
    Column {
        /// The steps.
        steps: Vec<TStep>,
        /// The table of the last row.
        table: SmolStr,
        /// Its column.
        column: u32,
        /// Where it stands.
        span: Span,
    },
    /// `user.x`
    Attribute(SmolStr),
    /// `user.login`
    Login,
    /// `today`
    Today,
    /// A literal.
    Const(Value),
    /// A parameter of the role, by position.
    Param(u32),
    /// The day of an instant.
    Day(Box<TOperand>),
    /// A problem stands here.
    Error,
}

/// A principal: a name with arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TWho {
    /// The declared name.
    pub name: SmolStr,
    /// The arguments.
    pub args: Vec<TArg>,
    /// Where it stands.
    pub span: Span,
}

/// An argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TArg {
    /// A value.
    Value(Value),
    /// A parameter of the enclosing role, by position.
    Param(u32),
}

/// A rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TRule {
    /// What it does.
    pub effect: TEffect,
    /// The actions as written; none for a restrict (it binds all).
    pub actions: Vec<SmolStr>,
    /// The resources, each with the condition as typed for it.
    pub on: Vec<(TWhat, TCond)>,
    /// `applies`.
    pub applies: TApplies,
    /// Doc comment.
    pub docs: Vec<SmolStr>,
    /// Where it stands.
    pub span: Span,
}

/// What a rule does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TEffect {
    /// `grant`
    Grant,
    /// `deny`
    Deny,
    /// `restrict`, perhaps `by` an axis.
    Restrict(Option<TAxis>),
}

/// An axis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TAxis {
    /// A column of the table.
    Column(u32),
    /// A hierarchy.
    Hierarchy(SmolStr),
}

/// A resource of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TWhat {
    /// A table.
    Table(SmolStr),
    /// An object.
    Object(SmolStr),
    /// `everything in` a source.
    EverythingIn(SmolStr),
}

/// `applies`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TApplies {
    /// Always.
    Always,
    /// `when querying [a, b]`
    WhenAll(Vec<SmolStr>),
    /// `when querying any of [a, b]`
    WhenAny(Vec<SmolStr>),
    /// `unless querying only [a, b]`
    UnlessOnly(Vec<SmolStr>),
}

/// What a checked item means; nothing for the items whose declarations ([`super::TableDecl`] and its like) already say all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TItem {
    /// `inherits`, a user's principals, the principals of `for`, `exclusive` and `everyone except`.
    pub whos: Vec<TWho>,
    /// The rules.
    pub rules: Vec<TRule>,
    /// A user's attributes.
    pub facts: Vec<(SmolStr, Value)>,
    /// A filter's condition.
    pub cond: Option<TCond>,
    /// Members of a hierarchy.
    pub members: Vec<Vec<Value>>,
    /// A test.
    pub test: Option<TTest>,
    /// A claim.
    pub claim: Option<TClaim>,
}

/// A test.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TTest {
    /// Its day.
    pub today: Option<Date>,
    /// Rows by table.
    pub given: Vec<TGiven>,
    /// Users given in it.
    pub users: Vec<TPerson>,
    /// Expectations.
    pub steps: Vec<TStepExpect>,
}

/// `given t { … }`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TGiven {
    /// The table.
    pub table: SmolStr,
    /// For each column of the table: is it in the header?
    pub present: Vec<bool>,
    /// Rows, with a value for each column, and where each stands.
    pub rows: Vec<(Vec<Value>, Span)>,
}

/// A user of a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TPerson {
    /// The name.
    pub name: SmolStr,
    /// Outside names.
    pub outside: Vec<(Option<SmolStr>, Vec<SmolStr>)>,
    /// Principals.
    pub has: Vec<TWho>,
    /// Attributes.
    pub facts: Vec<(SmolStr, Value)>,
    /// Rules.
    pub rules: Vec<TRule>,
    /// Where it stands.
    pub span: Span,
}

/// The values of a key, and where they stand.
pub type TKey = (Vec<Value>, Span);

/// An expectation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TStepExpect {
    /// Who.
    pub who: TWho,
    /// `sees` (the action is `read`), else `can`.
    pub sees: bool,
    /// `cannot`.
    pub negated: bool,
    /// The action.
    pub action: SmolStr,
    /// On what.
    pub what: TWhat,
    /// The keys, and where their list stands.
    pub keys: Option<(Vec<TKey>, Span)>,
    /// `when querying`: `any of`, and the tables.
    pub during: Option<(bool, Vec<SmolStr>)>,
    /// Where it stands.
    pub span: Span,
}

/// A claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TClaim {
    /// `can always`, `can never`
    Can {
        /// Who.
        subject: TSubject,
        /// `always`.
        always: bool,
        /// The action.
        action: SmolStr,
        /// On what.
        what: TWhat,
        /// Where.
        cond: TCond,
    },
    /// `are disjoint`, `are equal`
    Are {
        /// Left.
        left: TSubject,
        /// Right.
        right: TSubject,
        /// `equal`.
        equal: bool,
        /// The table.
        table: SmolStr,
    },
}

/// The subject of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TSubject {
    /// That principal alone.
    Who(TWho),
    /// `anyone`, `anyone with`.
    Anyone(Option<TWho>),
}
