//! The syntax tree: what the parser understood of one item.
//!
//! Every span is in bytes, relative to the first byte of the item's *raw text* (see [`crate::RawItem`]), so that
//! text above an item never changes its tree. A tree may have holes: [`ItemKind::Error`], [`Cond::Error`],
//! [`Rule::Error`]… stand where the text could not be read, and each hole comes with a [`crate::SyntaxError`].

use smol_str::SmolStr;

/// A range of bytes, relative to the item's raw text: `start..end`, end excluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The span `start..end`.
    pub fn new(start: u32, end: u32) -> Self {
        Self { start, end }
    }

    /// The smallest span that covers both.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self {
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }

    /// This span moved `by` bytes to the right.
    #[must_use]
    pub fn shift(self, by: u32) -> Self {
        Self {
            start: self.start + by,
            end: self.end + by,
        }
    }

    /// As a range of `usize`, for slicing text.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// An identifier that names something of the policy.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Name {
    /// As written.
    pub text: SmolStr,
    /// Where it stands.
    pub span: Span,
}

/// A string: a value or an outside name, escapes resolved.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Text {
    /// The characters meant (escapes resolved).
    pub value: SmolStr,
    /// The string with its quotes.
    pub span: Span,
}

/// A part of an outside name or a scope's level: a name or a string.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Part {
    /// The characters meant.
    pub text: SmolStr,
    /// Written as a string?
    pub quoted: bool,
    /// Where it stands.
    pub span: Span,
}

/// Names joined by dots: `contact_id.tier`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Path {
    /// At least one.
    pub names: Vec<Name>,
    /// From the first name to the last.
    pub span: Span,
}

/// One outside name: `public."Sales Orders"` or `"Orders" in cube`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Outside {
    /// The parts between the dots, at least one.
    pub parts: Vec<Part>,
    /// The source after `in`, where one is given.
    pub source: Option<Name>,
    /// The whole.
    pub span: Span,
}

/// A literal value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Literal {
    /// What it is.
    pub kind: LiteralKind,
    /// Where it stands.
    pub span: Span,
}

/// The kinds of literals. Numbers and dates stay text: their column's type decides what they mean.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum LiteralKind {
    /// A string, escapes resolved.
    String(SmolStr),
    /// `12`, `-3`, `1.50`: as written.
    Number(SmolStr),
    /// `2024-01-15`: as written, perhaps no day of the calendar.
    Date(SmolStr),
    /// `2024-01-15T10:00:00Z`: as written, perhaps no instant.
    Timestamp(SmolStr),
    /// `true` or `false`.
    Bool(bool),
}

/// An item: what stands at the top level of a file.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Item {
    /// What it declares.
    pub kind: ItemKind,
    /// The `///` comments above it, one entry a line, without the slashes and one blank.
    pub docs: Vec<SmolStr>,
    /// From its keyword to its last token.
    pub span: Span,
    /// Part of the item could not be read, so names that it declares may be missing from this tree.
    /// Whoever looks a member up in it and finds nothing must then stay silent.
    pub damaged: bool,
}

/// The items of the language (language.md, "Grammar").
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ItemKind {
    /// `source warehouse : postgres`
    Source(Source),
    /// `enum Country { "USA" }`
    Enum(Enum),
    /// `table sales { … }`
    Table(Table),
    /// `hierarchy structure on limits { … }`
    Hierarchy(Hierarchy),
    /// `kind dataset { read }`
    Kind(Kind),
    /// `object campaigns in mkt : dataset uses sales`
    Object(Object),
    /// `attribute countries : set of Country`
    Attribute(Attribute),
    /// `filter mine on sales where …`
    Filter(Filter),
    /// `role analyst …`
    Role(Role),
    /// `group emea_sales …` (never has parameters)
    Group(Role),
    /// `user dan …`
    User(Person),
    /// `everyone { … }`, `everyone except a, b { … }`
    Everyone(Everyone),
    /// `for a, b { … }`
    For(For),
    /// `exclusive a, b`
    Exclusive(Exclusive),
    /// `test "…" { … }`
    Test(Test),
    /// `assert …`
    Assert(Assert),
    /// Nothing could be made of it.
    Error,
}

/// A source of data.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Source {
    /// Its name.
    pub name: Name,
    /// Its outside names.
    pub outside: Vec<Outside>,
    /// Its kind, e.g. `postgres`; missing where unreadable.
    pub kind: Option<Name>,
}

/// A closed set of texts.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Enum {
    /// Its name.
    pub name: Name,
    /// Its members in the order written.
    pub members: Vec<Text>,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Table {
    /// Its name.
    pub name: Name,
    /// `in warehouse`: where it lives first.
    pub source: Option<Name>,
    /// Its outside names.
    pub outside: Vec<Outside>,
    /// `open`: rows can be read unless a rule takes them away.
    pub open: Option<Span>,
    /// Its columns in the order written.
    pub columns: Vec<Column>,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Column {
    /// The `///` comments above it.
    pub docs: Vec<SmolStr>,
    /// `key`.
    pub key: Option<Span>,
    /// Its name.
    pub name: Name,
    /// Its outside names.
    pub outside: Vec<Outside>,
    /// Its type.
    pub ty: Type,
    /// `?`: may be null.
    pub nullable: Option<Span>,
    /// `stored as …`.
    pub stored: Option<Stored>,
    /// `-> t.key, …`.
    pub links: Vec<Path>,
    /// The whole.
    pub span: Span,
}

/// `stored as …`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Stored {
    /// The form.
    pub form: StoredForm,
    /// The whole.
    pub span: Span,
}

/// The forms in which a scope, a set or a decimal may be stored.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum StoredForm {
    /// `text`
    Text,
    /// `array`
    Array,
    /// `json`
    Json,
    /// `rows in t(id, level, member)`
    Rows {
        /// The table.
        table: Name,
        /// The columns in parentheses.
        columns: Vec<Name>,
    },
    /// `scaled(n)`: a decimal as an integer of `n` places (contract.md, small print).
    Scaled(Literal),
    /// Could not be read.
    Error,
}

/// A type as written.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Type {
    /// `int`, `Country`.
    Named(Name),
    /// `set of Country`.
    SetOf(Name, Span),
    /// `scope { Book, "Legal Entity" }`.
    Scope(Vec<Part>, Span),
    /// Could not be read.
    Error(Span),
}

/// A hierarchy over columns of a table.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Hierarchy {
    /// Its name.
    pub name: Name,
    /// The table.
    pub table: Option<Name>,
    /// Its levels, coarse to fine: columns.
    pub levels: Vec<Name>,
    /// Known members, each from coarse to fine.
    pub members: Vec<Vec<Literal>>,
}

/// A kind of object.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Kind {
    /// Its name.
    pub name: Name,
    /// Its outside names.
    pub outside: Vec<Outside>,
    /// Its actions.
    pub actions: Vec<KindAction>,
}

/// `run implies read`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct KindAction {
    /// The action.
    pub name: Name,
    /// What it implies.
    pub implies: Option<Name>,
}

/// An object.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Object {
    /// Its name.
    pub name: Name,
    /// `in mkt`.
    pub source: Option<Name>,
    /// Its outside names.
    pub outside: Vec<Outside>,
    /// Its kind.
    pub kind: Option<Name>,
    /// `uses a, b`: tables or objects.
    pub uses: Vec<Name>,
}

/// A fact about the user.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Attribute {
    /// Its name.
    pub name: Name,
    /// Its outside names.
    pub outside: Vec<Outside>,
    /// Its type.
    pub ty: Type,
}

/// A named condition.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Filter {
    /// Its name.
    pub name: Name,
    /// The table it speaks of.
    pub table: Option<Name>,
    /// The condition.
    pub cond: Cond,
}

/// A role or a group.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Role {
    /// Its name.
    pub name: Name,
    /// Its parameters (roles only).
    pub params: Vec<Param>,
    /// Its outside names; a string may hold `{param}`.
    pub outside: Vec<Outside>,
    /// `inherits a, b("x")`.
    pub inherits: Vec<Who>,
    /// `bypasses cube, mkt`.
    pub bypasses: Vec<Name>,
    /// Its rules.
    pub rules: Vec<Rule>,
}

/// A parameter of a role.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Param {
    /// Its name.
    pub name: Name,
    /// Its type.
    pub ty: Type,
}

/// A principal as written: `market("FRANCE")`, `analyst`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Who {
    /// The role, group or user.
    pub name: Name,
    /// The arguments; empty without parentheses.
    pub args: Vec<Arg>,
    /// The whole.
    pub span: Span,
}

/// An argument of a role: a literal, or the name of a parameter in scope.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Arg {
    /// A literal.
    Literal(Literal),
    /// A parameter.
    Name(Name),
}

/// A user, at the top level or in `given user`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Person {
    /// The name.
    pub name: Name,
    /// Outside names.
    pub outside: Vec<Outside>,
    /// `: a, b("x")`: what the user has.
    pub has: Vec<Who>,
    /// Values of attributes.
    pub facts: Vec<Fact>,
    /// Rules for this user alone.
    pub rules: Vec<Rule>,
}

/// `full_name = "Dan"`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Fact {
    /// The attribute.
    pub name: Name,
    /// Its value.
    pub value: FactValue,
    /// The whole.
    pub span: Span,
}

/// The value of an attribute as written.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum FactValue {
    /// One value.
    One(Literal),
    /// `["a", "b"]`, perhaps empty.
    Set(Vec<Literal>, Span),
    /// Could not be read.
    Error(Span),
}

/// `everyone { … }`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Everyone {
    /// `except a, b`.
    pub except: Vec<Who>,
    /// The rules.
    pub rules: Vec<Rule>,
}

/// `for a, b { … }`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct For {
    /// The principals.
    pub whos: Vec<Who>,
    /// The rules.
    pub rules: Vec<Rule>,
}

/// `exclusive a, b`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Exclusive {
    /// The principals.
    pub whos: Vec<Who>,
}

/// A rule of a principal.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Rule {
    /// `grant read on sales where …` or `deny …`.
    Access {
        /// `grant` or `deny`.
        effect: Effect,
        /// The keyword.
        keyword: Span,
        /// The `///` comments above it.
        docs: Vec<SmolStr>,
        /// The actions.
        actions: Vec<Name>,
        /// The resources.
        on: Vec<What>,
        /// The condition, where there is one.
        cond: Option<Cond>,
        /// `applies …`.
        applies: Option<Applies>,
        /// The whole.
        span: Span,
    },
    /// `restrict sales by region_id to …`.
    Restrict {
        /// The keyword.
        keyword: Span,
        /// The `///` comments above it.
        docs: Vec<SmolStr>,
        /// The resource.
        on: What,
        /// The axis: a column or a hierarchy.
        by: Option<Name>,
        /// The condition.
        cond: Cond,
        /// `applies …`.
        applies: Option<Applies>,
        /// The whole.
        span: Span,
    },
    /// Could not be read.
    Error(Span),
}

/// What a rule with actions does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Gives.
    Grant,
    /// Takes away.
    Deny,
}

/// The resource of a rule.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum What {
    /// A table or an object.
    Name(Name),
    /// `everything in mkt`.
    EverythingIn(Name, Span),
}

/// `applies when querying …` or `applies unless querying only …`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Applies {
    /// `unless querying only` instead of `when querying`.
    pub unless_only: bool,
    /// The tables.
    pub tables: Tables,
    /// The whole.
    pub span: Span,
}

/// Tables of a query.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Tables {
    /// `any of [a, b]` (else all of them).
    pub any: bool,
    /// The tables.
    pub names: Vec<Name>,
    /// The whole.
    pub span: Span,
}

/// A condition. `and` and `or` are flat lists of at least two; mixing them without parentheses is an error of the
/// parser, which still gives a tree (`and` binds tighter).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Cond {
    /// `a or b or c`
    Or(Vec<Cond>, Span),
    /// `a and b and c`
    And(Vec<Cond>, Span),
    /// `not a`
    Not(Box<Cond>, Span),
    /// `(a)`
    Paren(Box<Cond>, Span),
    /// `nothing`
    Nothing(Span),
    /// `everything`
    Everything(Span),
    /// A boolean column, attribute, parameter or literal, or a filter's name.
    Operand(Operand),
    /// `a = b`, and `before`, `after` as `<`, `>` (see `op`).
    Compare {
        /// Left side.
        left: Operand,
        /// The operator.
        op: CompareOp,
        /// Where the operator stands.
        op_span: Span,
        /// Right side.
        right: Operand,
    },
    /// `a in …`, `a not in …`
    In {
        /// The value.
        left: Operand,
        /// `not in`.
        negated: bool,
        /// What it must be in.
        set: InSet,
        /// The whole.
        span: Span,
    },
    /// `a is null`, `a is not null`
    IsNull {
        /// The value.
        left: Operand,
        /// `is not null`.
        negated: bool,
        /// The whole.
        span: Span,
    },
    /// `limit_id is visible`
    IsVisible {
        /// The link.
        left: Operand,
        /// The whole.
        span: Span,
    },
    /// `a between b and c`
    Between {
        /// The value.
        left: Operand,
        /// The lower end, included.
        low: Operand,
        /// The upper end, included.
        high: Operand,
        /// The whole.
        span: Span,
    },
    /// `a starts with "x"`, `ends with`, `contains`
    Text {
        /// The value.
        left: Operand,
        /// Which test.
        test: TextTest,
        /// The literal.
        text: Text,
        /// The whole.
        span: Span,
    },
    /// `scope match all { Book: ["Book 1"] }`
    Scope {
        /// The scope.
        left: Operand,
        /// `contains` instead of `match`.
        contains: bool,
        /// `any` instead of `all`.
        any: bool,
        /// The entries.
        levels: Vec<LevelEntry>,
        /// The whole.
        span: Span,
    },
    /// `exists shares where (…)`, `exists visible sales`
    Exists {
        /// `exists visible`.
        visible: bool,
        /// Links to cross first, then the table: `contact_id.orders`.
        path: Path,
        /// `by column`.
        by: Option<Name>,
        /// The condition on the linked row.
        cond: Option<Box<Cond>>,
        /// The whole.
        span: Span,
    },
    /// Could not be read.
    Error(Span),
}

impl Cond {
    /// Where the condition stands.
    pub fn span(&self) -> Span {
        match self {
            Self::Or(_, s)
            | Self::And(_, s)
            | Self::Not(_, s)
            | Self::Paren(_, s)
            | Self::Nothing(s)
            | Self::Everything(s)
            | Self::Error(s)
            | Self::In { span: s, .. }
            | Self::IsNull { span: s, .. }
            | Self::IsVisible { span: s, .. }
            | Self::Between { span: s, .. }
            | Self::Text { span: s, .. }
            | Self::Scope { span: s, .. }
            | Self::Exists { span: s, .. } => *s,
            Self::Operand(o) => o.span(),
            Self::Compare { left, right, .. } => left.span().to(right.span()),
        }
    }
}

/// The operators of comparison. `before` and `after` keep their own spelling: they take dates and timestamps only.
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
    /// `before`: strictly earlier
    Before,
    /// `after`: strictly later
    After,
}

/// The tests of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TextTest {
    /// `starts with`
    StartsWith,
    /// `ends with`
    EndsWith,
    /// `contains`
    Contains,
}

/// What stands after `in`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum InSet {
    /// `["a", "b"]`; an empty list parses (its error is a matter of types).
    List(Vec<Literal>, Span),
    /// `user.countries`
    Attribute(Name, Span),
    /// `last 3 months to today`
    Window(Window),
    /// Could not be read.
    Error(Span),
}

/// A window of days.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Window {
    /// Which.
    pub kind: WindowKind,
    /// How many; missing means 1.
    pub count: Option<Literal>,
    /// The unit.
    pub unit: Unit,
    /// The whole.
    pub span: Span,
}

/// The kinds of windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WindowKind {
    /// `last n unit`
    Last,
    /// `last n unit to today`
    LastToToday,
    /// `next n unit`
    Next,
    /// `next n unit from today`
    NextFromToday,
    /// `this unit`
    This,
}

/// Units of windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unit {
    /// `day`, `days`
    Day,
    /// `week`, `weeks`
    Week,
    /// `month`, `months`
    Month,
    /// `quarter`, `quarters`
    Quarter,
    /// `year`, `years`
    Year,
}

/// `Book: ["Book 1"]`, `Desk: any`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LevelEntry {
    /// The level.
    pub level: Part,
    /// The members; `None` is `any`.
    pub members: Option<Vec<Literal>>,
    /// The whole.
    pub span: Span,
}

/// An operand of a condition.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Operand {
    /// A column, a path, a parameter or a filter.
    Path(Path),
    /// `user.full_name`, `user.login`.
    User(Name, Span),
    /// A literal.
    Literal(Literal),
    /// `today`
    Today(Span),
    /// Could not be read.
    Error(Span),
}

impl Operand {
    /// Where the operand stands.
    pub fn span(&self) -> Span {
        match self {
            Self::Path(p) => p.span,
            Self::Literal(l) => l.span,
            Self::User(_, s) | Self::Today(s) | Self::Error(s) => *s,
        }
    }
}

/// `test "…" { … }`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Test {
    /// Its name.
    pub name: Text,
    /// Its steps.
    pub steps: Vec<Step>,
}

/// A step of a test.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Step {
    /// `given sales { id, country  1, "USA" }`
    Rows {
        /// The table.
        table: Name,
        /// The header.
        columns: Vec<Name>,
        /// The rows.
        rows: Vec<GivenRow>,
        /// The whole.
        span: Span,
    },
    /// `given user eve : emea_sales { … }`
    User(Person, Span),
    /// `given today 2024-01-15`
    Today(Literal, Span),
    /// `dan sees sales [1, 3]`
    Sees {
        /// The principal.
        who: Who,
        /// The table.
        table: Name,
        /// The keys of the rows seen.
        keys: Vec<Key>,
        /// The brackets with the keys.
        keys_span: Span,
        /// `when querying …`
        during: Option<Tables>,
        /// The whole.
        span: Span,
    },
    /// `dan can run refresh`, `dan cannot update sales [3]`
    Can {
        /// The principal.
        who: Who,
        /// `cannot`.
        negated: bool,
        /// The action.
        action: Name,
        /// The table or object.
        what: Name,
        /// The rows, for tables.
        keys: Option<(Vec<Key>, Span)>,
        /// `when querying …`
        during: Option<Tables>,
        /// The whole.
        span: Span,
    },
    /// Could not be read.
    Error(Span),
}

/// A row of `given`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct GivenRow {
    /// The cells; `None` is `null`.
    pub cells: Vec<Cell>,
    /// The whole.
    pub span: Span,
}

/// A cell of `given`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Cell {
    /// The value; `None` is `null`.
    pub value: Option<Literal>,
    /// Where it stands.
    pub span: Span,
}

/// The key of a row: `7`, or `(7, "a")` for a compound key.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    /// The values in the order of the key columns.
    pub values: Vec<Literal>,
    /// The whole.
    pub span: Span,
}

/// `assert …`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Assert {
    /// `market_eu can never read sales where …`
    Can {
        /// The subject.
        subject: Subject,
        /// `always` instead of `never`.
        always: bool,
        /// The action.
        action: Name,
        /// The table or object.
        what: Name,
        /// The condition.
        cond: Option<Cond>,
    },
    /// `a and b are disjoint on sales`
    Are {
        /// Left subject.
        left: Subject,
        /// Right subject.
        right: Subject,
        /// `equal` instead of `disjoint`.
        equal: bool,
        /// The table.
        table: Name,
    },
    /// Could not be read.
    Error(Span),
}

/// The subject of a claim.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Subject {
    /// A user with that principal alone.
    Who(Who),
    /// `anyone`, `anyone with contractor`.
    Anyone(Option<Who>, Span),
}
