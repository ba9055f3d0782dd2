//! What a predicate is asked for, and what comes back.

use std::collections::BTreeSet;

use ambit_core::{ColumnId, Program, TableId};
use jiff::civil::Date;
use smol_str::SmolStr;

use super::{Function, Layout, RuleIndex, UserContext};
use crate::target::Refusal;

/// A SQL engine. From which version on: [`Dialect::minimum`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dialect {
    /// `SQLite`.
    Sqlite,
    /// `PostgreSQL`.
    Postgres,
}

impl Dialect {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Sqlite, Self::Postgres];
}

/// All that a predicate depends on.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The program.
    pub program: &'a Program,
    /// Where the tables stand.
    pub layout: &'a Layout,
    /// The engine.
    pub dialect: Dialect,
    /// Who asks: principals, and what is known of the user.
    pub user: &'a UserContext,
    /// What stands for attributes that `user` does not have, and for its login where it has none.
    pub facts: Facts,
    /// The tables that the query names.
    pub query: Query<'a>,
    /// What stands for `today`.
    pub today: Today,
    /// May it call the functions of [`Function`]? Only where a host of ours registers them.
    pub functions: bool,
    /// The index of the program's rules, for whoever asks often; without it all rules are looked at.
    pub rules: Option<&'a RuleIndex>,
}

/// What of the user the predicate is told later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Facts {
    /// Nothing: what `user` does not have is not supplied.
    Known,
    /// Attributes that `user` does not have, and the login where it has none, are parameters `user_<attribute>`,
    /// `user_login`; NULL where they are not supplied.
    Bound,
}

/// The tables of the query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Query<'a> {
    /// These.
    Tables(&'a BTreeSet<TableId>),
    /// The table asked about, and perhaps others: a rule on which the others bear is refused.
    Unseen,
}

/// What stands for `today`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Today {
    /// This day.
    Fixed(Date),
    /// The engine's clock in the project's zone; refused where the engine cannot tell.
    Engine,
    /// The parameter `today`.
    Bound,
}

/// When a predicate holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Where the language's outcome is *true*: what `WHERE` lets through is what may be seen.
    True,
    /// Where it is *false*. Where neither holds, the outcome is *unknown*.
    False,
}

/// A predicate: SQL that holds (is neither false nor NULL) exactly where the wanted outcome is the case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Predicate {
    /// Stands in `SELECT … FROM <table> WHERE (sql)`, the table under its own physical name, without alias.
    pub sql: String,
    /// Its parameters: on `PostgreSQL` the n-th is `$n`, on `SQLite` each is `:name`.
    pub params: Vec<SmolStr>,
    /// The functions of ours that it calls.
    pub functions: BTreeSet<Function>,
    /// Key columns over which it steps: it counts on each value standing there at most once.
    pub unique: BTreeSet<(TableId, ColumnId)>,
    /// The tables it reads besides the one filtered.
    pub reads: BTreeSet<TableId>,
    /// How many entries of the parser's stack its text takes, where the engine has room for few.
    pub stack: Option<usize>,
    /// Does it depend on the day?
    pub dated: bool,
    /// What it takes for granted of the data and the engine, a sentence each.
    pub assumes: BTreeSet<String>,
}

/// The three lines of language.md, "Meaning", for one action on the rows of a table.
pub fn access(
    request: &Request<'_>,
    table: TableId,
    action: &str,
    outcome: Outcome,
) -> Result<Predicate, Refusal> {
    access_all(request, table, &[action], outcome)
}

/// The three lines for several actions on one row, all of which must be allowed: an update or a delete also needs
/// `read` of the old row. The parameters have one numbering.
pub fn access_all(
    request: &Request<'_>,
    table: TableId,
    actions: &[&str],
    outcome: Outcome,
) -> Result<Predicate, Refusal> {
    super::lower::access(request, table, actions, outcome)
}
