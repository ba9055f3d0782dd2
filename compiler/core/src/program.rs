//! A checked program: everything that evaluator, solver and targets need to know of a policy, and nothing else.
//!
//! It is total: built only from items without errors. All lists are in the order of names (tables, roles…) or of
//! file and line (rules, tests), whatever the order in which files were given.

use std::sync::Arc;

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use smol_str::SmolStr;

use crate::ids::{
    AttributeId, ColumnId, EnumId, HierarchyId, KindId, ObjectId, PrincipalId, SourceId, TableId,
    TestId,
};
use crate::places::Places;
use crate::pred::Pred;
use crate::value::{Row, Value};

/// A whole project, lowered.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Program {
    /// What `ambit.toml` says.
    pub settings: Settings,
    /// Sources, by name.
    pub sources: Vec<Source>,
    /// Enums, by name.
    pub enums: Vec<Enum>,
    /// Tables, by name.
    pub tables: Vec<Table>,
    /// Hierarchies, by name.
    pub hierarchies: Vec<Hierarchy>,
    /// Kinds, by name.
    pub kinds: Vec<Kind>,
    /// Objects, by name.
    pub objects: Vec<Object>,
    /// Attributes, by name.
    pub attributes: Vec<Attribute>,
    /// Groups, role instances and users (also those of tests), by name, then by test.
    pub principals: Vec<Principal>,
    /// Rules, by file and place; role rules once for each instance; one for each resource that the written rule names.
    pub rules: Vec<Rule>,
    /// Sets of principals of which no user has two.
    pub exclusive: Vec<Exclusive>,
    /// Tests, by file and place.
    pub tests: Vec<Test>,
    /// Assertions, by file and place.
    pub claims: Vec<Claim>,
}

/// What `ambit.toml` says about meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// `[project] name`.
    pub name: SmolStr,
    /// `[project] timezone`, an IANA name; UTC where none is given.
    pub zone: SmolStr,
    /// `[project] week_start`.
    pub week_start: Weekday,
    /// `[project] users = "listed"`: only the written users exist, with just what is written.
    pub users_listed: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            name: SmolStr::default(),
            zone: SmolStr::new_static("UTC"),
            week_start: Weekday::Monday,
            users_listed: false,
        }
    }
}

impl Settings {
    /// The zone of `zone`. The name was checked when the settings were read; an unknown one gives UTC.
    pub fn time_zone(&self) -> TimeZone {
        TimeZone::get(&self.zone).unwrap_or(TimeZone::UTC)
    }
}

/// Where something was written.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, PartialOrd, Ord)]
pub struct Origin {
    /// The file, relative to the project, with `/`.
    pub file: SmolStr,
    /// First byte in that file.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// The line of the first byte, from 1.
    pub line: u32,
    /// The line of the last byte, from 1.
    pub end_line: u32,
}

/// What another system calls a thing.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OutsideName {
    /// The source that calls it so; `None`: every source that has no name of its own for it.
    pub source: Option<SourceId>,
    /// The parts between the dots, at least one.
    pub parts: Vec<SmolStr>,
}

/// The outside name for `source`: its own, else the one for all, else `None` (then the Ambit name stands).
pub fn outside_for(names: &[OutsideName], source: Option<SourceId>) -> Option<&OutsideName> {
    names
        .iter()
        .find(|n| n.source.is_some() && n.source == source)
        .or_else(|| names.iter().find(|n| n.source.is_none()))
}

/// A source of data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Its name.
    pub name: SmolStr,
    /// Its outside names.
    pub outside: Vec<OutsideName>,
    /// Its kind, e.g. `postgres` (one of [`SOURCE_KINDS`]).
    pub kind: SmolStr,
    /// Where it is declared.
    pub origin: Origin,
}

/// The kinds of sources (contract.md, small print).
pub const SOURCE_KINDS: &[&str] = &[
    "postgres",
    "sqlite",
    "duckdb",
    "mysql",
    "mariadb",
    "clickhouse",
    "spark",
    "databricks",
    "snowflake",
    "bigquery",
    "mssql",
    "redshift",
    "trino",
    "oracle",
    "atoti",
    "atoti_limits",
    "sisense",
    "holistics",
    "dataiku",
];

/// A closed set of texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enum {
    /// Its name.
    pub name: SmolStr,
    /// Its members in the order written, without doubles.
    pub members: Vec<SmolStr>,
    /// Where it is declared.
    pub origin: Origin,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: SmolStr,
    /// The sources it lives in, first the one in which it is judged unless the question names another.
    pub sources: Vec<SourceId>,
    /// Its outside names.
    pub outside: Vec<OutsideName>,
    /// Rows can be read unless a rule takes them away.
    pub open: bool,
    /// Its columns in the order written.
    pub columns: Vec<Column>,
    /// The key columns in the order written; may be none.
    pub keys: Vec<ColumnId>,
    /// Doc comment.
    pub docs: Vec<SmolStr>,
    /// Where it is declared.
    pub origin: Origin,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: SmolStr,
    /// Its outside names.
    pub outside: Vec<OutsideName>,
    /// Its type.
    pub ty: Type,
    /// May be null.
    pub nullable: bool,
    /// How it is stored, where that is said.
    pub stored: Option<Stored>,
    /// What it links to.
    pub links: Vec<Link>,
    /// Doc comment.
    pub docs: Vec<SmolStr>,
}

/// A target of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Link {
    /// The table.
    pub table: TableId,
    /// The column.
    pub column: ColumnId,
}

/// Types of columns, attributes and parameters.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Type {
    /// `bool`
    Bool,
    /// `int`: 64 bits
    Int,
    /// `decimal`: exact
    Decimal,
    /// `string`
    String,
    /// `date`
    Date,
    /// `timestamp`: an instant
    Timestamp,
    /// An enum.
    Enum(EnumId),
    /// `scope { Book, Desk }`: its levels (columns only).
    Scope(Vec<SmolStr>),
    /// `set of …` (attributes only).
    Set(Box<Type>),
}

/// How a scope, set or decimal is stored.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Stored {
    /// `text`: `Book=Book 1|ID=[1 + 2]`; a decimal as its digits.
    Text,
    /// `array`
    Array,
    /// `json`
    Json,
    /// `rows in t(id, level, member)`
    Rows {
        /// The table.
        table: TableId,
        /// The column that holds this row's key.
        id: ColumnId,
        /// The column of levels.
        level: ColumnId,
        /// The column of members.
        member: ColumnId,
    },
    /// `scaled(n)`: a decimal as an integer of `n` places.
    Scaled(u32),
}

/// A hierarchy over columns of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hierarchy {
    /// Its name.
    pub name: SmolStr,
    /// The table.
    pub table: TableId,
    /// Its levels, coarse to fine.
    pub levels: Vec<ColumnId>,
    /// Known members, each from coarse to fine, one value for each of the first levels.
    pub members: Vec<Vec<Value>>,
    /// Where it is declared.
    pub origin: Origin,
}

/// A kind of object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kind {
    /// Its name.
    pub name: SmolStr,
    /// Its outside names.
    pub outside: Vec<OutsideName>,
    /// Its actions in the order written.
    pub actions: Vec<SmolStr>,
    /// `implies[i]`: all that action `i` implies (transitively, itself included), as positions in `actions`.
    pub implies: Vec<Vec<usize>>,
    /// Where it is declared.
    pub origin: Origin,
}

/// An object: a thing that is granted whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// Its name.
    pub name: SmolStr,
    /// Its source, where one is given.
    pub source: Option<SourceId>,
    /// Its outside names.
    pub outside: Vec<OutsideName>,
    /// Its kind.
    pub kind: KindId,
    /// Tables and objects that it shows.
    pub uses: Vec<Resource>,
    /// Doc comment.
    pub docs: Vec<SmolStr>,
    /// Where it is declared.
    pub origin: Origin,
}

/// What is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Resource {
    /// A table: access is decided row by row.
    Table(TableId),
    /// An object: access is decided whole.
    Object(ObjectId),
}

/// An attribute of users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// Its name.
    pub name: SmolStr,
    /// Its outside names.
    pub outside: Vec<OutsideName>,
    /// Its type; `Set` only here.
    pub ty: Type,
    /// Where it is declared.
    pub origin: Origin,
}

/// The kinds of principals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PrincipalKind {
    /// A group.
    Group,
    /// A role, or one instance of a role with parameters.
    Role,
    /// A user.
    User,
}

/// A group, a role instance or a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// What it is.
    pub kind: PrincipalKind,
    /// As written: `analyst`, `market("FRANCE")`, `pair("a", 2)` (one blank after each comma).
    pub name: SmolStr,
    /// The declared name: `market`.
    pub base: SmolStr,
    /// The arguments of a role instance.
    pub args: Vec<Value>,
    /// Outside names, parameters filled in.
    pub outside: Vec<OutsideName>,
    /// What it names after `inherits` (or, for a user, after `:`).
    pub inherits: Vec<PrincipalId>,
    /// Itself and all it inherits, in the order of ids.
    pub closure: Vec<PrincipalId>,
    /// Sources that never filter it (only what is written at itself).
    pub bypasses: Vec<SourceId>,
    /// Attributes written at a user.
    pub attributes: Vec<(AttributeId, Value)>,
    /// The test in which this user is given; `None` for those of the program.
    pub test: Option<TestId>,
    /// Doc comment.
    pub docs: Vec<SmolStr>,
    /// Where it is declared.
    pub origin: Origin,
}

/// Principals of which no user has two.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Exclusive {
    /// In the order written.
    pub principals: Vec<PrincipalId>,
    /// Where it is written.
    pub origin: Origin,
}

impl std::ops::Deref for Exclusive {
    type Target = [PrincipalId];

    fn deref(&self) -> &[PrincipalId] {
        &self.principals
    }
}

/// To whom a rule belongs.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Holder {
    /// Users who have this principal (who are it, hold it, or inherit it).
    Principal(PrincipalId),
    /// Every user.
    Everyone,
    /// Every user who has none of these.
    EveryoneExcept(Vec<PrincipalId>),
}

/// A rule on one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// What it means. Shared: programs before and after an edit mostly have the same, and comparing them is then a
    /// matter of pointers.
    pub body: Arc<RuleBody>,
    /// Where each node of its condition is written (see [`Rule::place`]).
    pub places: Places,
    /// Doc comment.
    pub docs: Vec<SmolStr>,
    /// Where it is written.
    pub origin: Origin,
}

impl std::ops::Deref for Rule {
    type Target = RuleBody;

    fn deref(&self) -> &RuleBody {
        &self.body
    }
}

impl std::ops::DerefMut for Rule {
    fn deref_mut(&mut self) -> &mut RuleBody {
        Arc::make_mut(&mut self.body)
    }
}

/// What a rule means, wherever it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleBody {
    /// What it does.
    pub effect: Effect,
    /// To whom it belongs.
    pub holder: Holder,
    /// The resource.
    pub resource: Resource,
    /// The actions it speaks of, sorted, `write` and `implies` expanded; for a restrict: all of the resource.
    pub actions: Vec<SmolStr>,
    /// When it holds; [`Pred::Const`]`(true)` where nothing is said.
    pub pred: Pred,
    /// For which queries it is as if it were written.
    pub applies: Applies,
    /// It was written `on everything in …`.
    pub everything_in: Option<SourceId>,
}

impl From<RuleBody> for Rule {
    /// A rule that is written nowhere.
    fn from(body: RuleBody) -> Self {
        Arc::new(body).into()
    }
}

impl From<Arc<RuleBody>> for Rule {
    fn from(body: Arc<RuleBody>) -> Self {
        Self {
            body,
            places: Places::default(),
            docs: Vec::new(),
            origin: Origin::default(),
        }
    }
}

/// What a rule does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Permissive: one that is true gives.
    Grant,
    /// One that is not false takes away.
    Deny,
    /// Every one must be true; of those `by` the same axis one suffices.
    Restrict {
        /// The axis.
        by: Option<Axis>,
    },
}

/// What restrictions are united by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Axis {
    /// A column of the table.
    Column(ColumnId),
    /// A hierarchy of the table.
    Hierarchy(HierarchyId),
}

/// The queries for which a rule is as if it were written. Only rules on tables are ever limited.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Applies {
    /// All.
    Always,
    /// Those that touch each of these tables.
    WhenAll(Vec<TableId>),
    /// Those that touch one of these tables.
    WhenAny(Vec<TableId>),
    /// All but those that touch no other table than these.
    UnlessOnly(Vec<TableId>),
}

/// A `test` block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Test {
    /// Its name.
    pub name: SmolStr,
    /// `given today`.
    pub today: Option<Date>,
    /// `given t { … }`: the rows; `None` at a cell whose column is left out (an error if a rule reads it and the
    /// column cannot be null). Scopes stand as the text of their cell.
    pub given: Vec<(TableId, Vec<GivenRow>)>,
    /// What must hold.
    pub expectations: Vec<Expectation>,
    /// Where it is written.
    pub origin: Origin,
}

/// A row of a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenRow {
    /// A value for each column; [`Value::Null`] where the column is left out or `null`.
    pub row: Row,
    /// `left_out[i]`: column `i` is not in the header.
    pub left_out: Vec<bool>,
    /// Where it is written.
    pub origin: Origin,
}

/// A step of a test that must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expectation {
    /// Who: a principal of the program or a user of this test.
    pub who: PrincipalId,
    /// What.
    pub kind: ExpectationKind,
    /// `when querying`: the tables of the query besides the one tested.
    pub during: Option<Querying>,
    /// Where it is written.
    pub origin: Origin,
}

/// The tables that `when querying` names in a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Querying {
    /// `any of […]`: the expectation must hold for each of them alone.
    pub any: bool,
    /// The tables.
    pub tables: Vec<TableId>,
}

/// What a test expects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExpectationKind {
    /// `sees t […]`: these rows and no others can be read.
    Sees {
        /// The table.
        table: TableId,
        /// The keys, each with a value for each key column, and where it is written.
        keys: Vec<(Vec<Value>, Origin)>,
        /// Where the list of keys stands (for `--update`).
        list: Origin,
    },
    /// `can a t […]`: exactly these rows; without a list: some row can (`cannot`: none can).
    /// For an object: it can.
    Can {
        /// `cannot`.
        negated: bool,
        /// The action; `write` on a table means each of its three.
        action: SmolStr,
        /// On what.
        resource: Resource,
        /// The keys of the rows.
        keys: Option<Vec<(Vec<Value>, Origin)>>,
        /// Where the list of keys stands, if there is one.
        list: Option<Origin>,
    },
}

/// An `assert`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// What is claimed.
    pub kind: ClaimKind,
    /// As written.
    pub text: String,
    /// Where it is written.
    pub origin: Origin,
}

/// The claims.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClaimKind {
    /// `s can never a r where c`, `s can always …`.
    Can {
        /// Who.
        subject: Subject,
        /// `always` instead of `never`.
        always: bool,
        /// The action.
        action: SmolStr,
        /// On what.
        resource: Resource,
        /// The rows spoken of.
        pred: Pred,
    },
    /// `a and b are disjoint on t`, `… are equal on t`.
    Are {
        /// Left.
        left: Subject,
        /// Right.
        right: Subject,
        /// `equal` instead of `disjoint`.
        equal: bool,
        /// The table.
        table: TableId,
    },
}

/// The subject of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A user with that principal alone.
    Who(PrincipalId),
    /// Every user, or every user who has this principal.
    Anyone(Option<PrincipalId>),
}

/// The four actions on rows, in the order of language.md; `write` is the last three.
pub const ROW_ACTIONS: &[&str] = &["read", "insert", "update", "delete"];

impl Program {
    /// A table by id. Ids come from this very program.
    ///
    /// # Panics
    /// With an id of another program.
    pub fn table(&self, id: TableId) -> &Table {
        &self.tables[id.index()]
    }

    /// A column by table and id.
    ///
    /// # Panics
    /// With an id of another program.
    pub fn column(&self, table: TableId, column: ColumnId) -> &Column {
        &self.tables[table.index()].columns[column.index()]
    }

    /// A principal by id.
    ///
    /// # Panics
    /// With an id of another program.
    pub fn principal(&self, id: PrincipalId) -> &Principal {
        &self.principals[id.index()]
    }

    /// An enum by id.
    ///
    /// # Panics
    /// With an id of another program.
    pub fn enumeration(&self, id: EnumId) -> &Enum {
        &self.enums[id.index()]
    }

    /// The table of that name.
    pub fn find_table(&self, name: &str) -> Option<TableId> {
        self.tables
            .binary_search_by(|t| t.name.as_str().cmp(name))
            .ok()
            .map(|i| TableId(i as u32))
    }

    /// The object of that name.
    pub fn find_object(&self, name: &str) -> Option<ObjectId> {
        self.objects
            .binary_search_by(|t| t.name.as_str().cmp(name))
            .ok()
            .map(|i| ObjectId(i as u32))
    }

    /// The source of that name.
    pub fn find_source(&self, name: &str) -> Option<SourceId> {
        self.sources
            .binary_search_by(|t| t.name.as_str().cmp(name))
            .ok()
            .map(|i| SourceId(i as u32))
    }

    /// The attribute of that name.
    pub fn find_attribute(&self, name: &str) -> Option<AttributeId> {
        self.attributes
            .binary_search_by(|t| t.name.as_str().cmp(name))
            .ok()
            .map(|i| AttributeId(i as u32))
    }

    /// The principal of the program (not of a test) with that name, as [`Principal::name`] spells it.
    pub fn find_principal(&self, name: &str) -> Option<PrincipalId> {
        self.principals
            .iter()
            .position(|p| p.test.is_none() && p.name == name)
            .map(|i| PrincipalId(i as u32))
    }

    /// The position of a column by name.
    pub fn find_column(&self, table: TableId, name: &str) -> Option<ColumnId> {
        self.table(table)
            .columns
            .iter()
            .position(|c| c.name == name)
            .map(|i| ColumnId(i as u32))
    }

    /// The name under which `source` knows a user: the source's own outside name, else the one for all, else the
    /// Ambit name. Roles and groups have none.
    pub fn login(&self, user: PrincipalId, source: Option<SourceId>) -> Option<SmolStr> {
        let principal = self.principal(user);
        if principal.kind != PrincipalKind::User {
            return None;
        }
        Some(match outside_for(&principal.outside, source) {
            Some(name) => name.parts.join(".").into(),
            None => principal.name.clone(),
        })
    }

    /// The declared user (none of a test) whom `source` knows by this login. No two have one login in one source.
    pub fn user_of_login(&self, login: &str, source: Option<SourceId>) -> Option<PrincipalId> {
        (0..self.principals.len() as u32)
            .map(PrincipalId)
            .find(|id| {
                self.principal(*id).test.is_none()
                    && self.login(*id, source).is_some_and(|own| own == login)
            })
    }

    /// Two of these that exclude one another, and where that is written: nobody has both. `held` is sorted and closed
    /// over `inherits`.
    pub fn excluded(&self, held: &[PrincipalId]) -> Option<(PrincipalId, PrincipalId, &Origin)> {
        self.exclusive.iter().find_map(|set| {
            let mut both = set.iter().filter(|p| held.binary_search(p).is_ok());
            Some((*both.next()?, *both.next()?, &set.origin))
        })
    }

    /// The source in which a table is judged: `wanted` where it lives there, else its first.
    pub fn source_of(&self, table: TableId, wanted: Option<SourceId>) -> Option<SourceId> {
        let sources = &self.table(table).sources;
        wanted
            .filter(|s| sources.contains(s))
            .or_else(|| sources.first().copied())
    }

    /// The actions of a resource, in their order.
    pub fn actions_of(&self, resource: Resource) -> Vec<SmolStr> {
        match resource {
            Resource::Table(_) => ROW_ACTIONS.iter().map(|a| SmolStr::new_static(a)).collect(),
            Resource::Object(id) => self.kinds[self.objects[id.index()].kind.index()]
                .actions
                .clone(),
        }
    }

    /// The name of a resource.
    pub fn resource_name(&self, resource: Resource) -> &SmolStr {
        match resource {
            Resource::Table(id) => &self.table(id).name,
            Resource::Object(id) => &self.objects[id.index()].name,
        }
    }
}
