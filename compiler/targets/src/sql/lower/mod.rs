//! Core → SQL: one predicate for a user, a query, a day, a table and an action.
//!
//! Everything about the user and the day is known here, so it is written as literals; what is left are tests of
//! columns. `access` composes the rules, the other files lower conditions, one construct each.

mod access;
mod column;
mod compare;
mod day;
mod decimal;
mod exists;
mod operand;
mod scope;
mod window;

use std::collections::BTreeSet;
use std::fmt;

use ambit_core::{ColumnId, Pred, Program, SourceId, TableId};
use jiff::civil::Date;
use smol_str::{SmolStr, format_smolstr};

use super::functions::Function;
use super::layout::{ColumnLayout, Layout, TableLayout};
use super::tree::{Expr, TableRef};
use super::user::UserContext;

/// What the place where the SQL will run can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Options {
    /// The functions of [`Function`] are registered there.
    pub functions: bool,
}

/// A lowered predicate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqlPredicate {
    /// Stands in `SELECT … FROM <table> WHERE (inline)`, the table under its own name, without alias. Its outcomes are
    /// 1, 0 and NULL: true, false and unknown.
    pub inline: String,
    /// The functions it calls.
    pub functions: BTreeSet<Function>,
    /// Key columns over which it steps: it counts on each value standing there at most once.
    pub unique: BTreeSet<(TableId, ColumnId)>,
    /// The tables it reads besides the one filtered.
    pub reads: BTreeSet<TableId>,
}

/// Why a predicate cannot be said in SQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What cannot be said.
    pub construct: String,
    /// Why.
    pub reason: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} cannot be said in SQL: {}",
            self.construct, self.reason
        )
    }
}

impl std::error::Error for Refusal {}

/// Engines refuse expressions that nest a thousand deep; what stands around the predicate needs a little too.
const MAX_HEIGHT: usize = 900;

/// Conditions nest no deeper than this; it also bounds our own recursion.
const MAX_DEPTH: usize = 400;

/// The predicate under which `user` may do `action` on rows of `table`, in a query that names `query_tables`.
#[allow(clippy::too_many_arguments)] // each is one of the things that a decision depends on
pub fn predicate(
    program: &Program,
    user: &UserContext,
    query_tables: &BTreeSet<TableId>,
    today: Date,
    layout: &Layout,
    table: TableId,
    action: &str,
    options: Options,
) -> Result<SqlPredicate, Refusal> {
    let mut lowering = Lowering {
        program,
        user,
        query_tables,
        today,
        layout,
        home: layout.table(table).and_then(|t| t.source),
        options,
        functions: BTreeSet::new(),
        unique: BTreeSet::new(),
        reads: BTreeSet::new(),
        prefix: alias_prefix(layout),
        aliases: 0,
        depth: 0,
    };
    let row = RowRef {
        table,
        row: lowering.table(table)?.parts.clone(),
    };
    let expr = lowering.access(&row, action)?;
    let height = expr.height();
    if height > MAX_HEIGHT {
        return Err(refusal(
            "a condition nested so deeply",
            &format!("it nests {height} deep, of {MAX_HEIGHT}"),
        ));
    }
    let Lowering {
        functions,
        unique,
        reads,
        ..
    } = lowering;
    Ok(SqlPredicate {
        inline: expr.to_sql(),
        functions,
        unique,
        reads,
    })
}

/// A refusal.
fn refusal(construct: &str, reason: &str) -> Refusal {
    Refusal {
        construct: construct.to_owned(),
        reason: reason.to_owned(),
    }
}

/// A start for aliases that no table's name begins with.
fn alias_prefix(layout: &Layout) -> SmolStr {
    let mut prefix = SmolStr::new_static("r");
    let taken = |p: &str| {
        layout
            .tables
            .iter()
            .flat_map(|t| &t.parts)
            .any(|part| part.to_lowercase().starts_with(p))
    };
    while taken(&prefix) {
        prefix = format_smolstr!("{prefix}_");
    }
    prefix
}

/// The row at hand.
#[derive(Debug, Clone)]
struct RowRef {
    /// Its table.
    table: TableId,
    /// The parts of the table's name, or the alias.
    row: Vec<SmolStr>,
}

/// One lowering.
struct Lowering<'a> {
    program: &'a Program,
    user: &'a UserContext,
    query_tables: &'a BTreeSet<TableId>,
    today: Date,
    layout: &'a Layout,
    /// The source in which the row asked about is judged.
    home: Option<SourceId>,
    options: Options,
    functions: BTreeSet<Function>,
    unique: BTreeSet<(TableId, ColumnId)>,
    reads: BTreeSet<TableId>,
    prefix: SmolStr,
    aliases: u32,
    depth: usize,
}

impl<'a> Lowering<'a> {
    fn table(&self, id: TableId) -> Result<&'a TableLayout, Refusal> {
        self.layout
            .table(id)
            .ok_or_else(|| refusal("a table", "it has no place in this layout"))
    }

    fn column_layout(&self, table: TableId, column: ColumnId) -> Result<&'a ColumnLayout, Refusal> {
        self.layout
            .column(table, column)
            .ok_or_else(|| refusal("a column", "it has no place in this layout"))
    }

    /// The source in which a row is judged: that of the row asked about where its table lives there, else its first.
    fn source(&self, row: &RowRef) -> Option<SourceId> {
        self.program.source_of(row.table, self.home)
    }

    /// A fresh row of a table, under an alias of its own.
    fn fresh(&mut self, table: TableId) -> Result<(RowRef, TableRef), Refusal> {
        self.aliases += 1;
        self.reads.insert(table);
        let alias = format_smolstr!("{}{}", self.prefix, self.aliases);
        let parts = self.table(table)?.parts.clone();
        Ok((
            RowRef {
                table,
                row: vec![alias.clone()],
            },
            TableRef { parts, alias },
        ))
    }

    /// Notes that the predicate calls a function, if it may.
    fn function(
        &mut self,
        function: Function,
        construct: &str,
        reason: &str,
    ) -> Result<&'static str, Refusal> {
        if !self.options.functions {
            return Err(refusal(construct, reason));
        }
        self.functions.insert(function);
        Ok(function.name())
    }

    /// A condition over a row.
    fn pred(&mut self, pred: &Pred, row: &RowRef) -> Result<Expr, Refusal> {
        self.deeper(|this| match pred {
            Pred::Const(b) => Ok(Expr::Bool(*b)),
            Pred::Not(inner) => Ok(this.pred(inner, row)?.negate()),
            Pred::And(list) => Ok(Expr::all(this.preds(list, row)?)),
            Pred::Or(list) => Ok(Expr::any(this.preds(list, row)?)),
            Pred::Is(operand) => this.value(operand, row, None),
            Pred::Compare(left, op, right) => this.compare(left, *op, right, row),
            Pred::InList(operand, list) => this.in_list(operand, list, row),
            Pred::InSet(operand, set) => this.in_set(operand, *set, row),
            Pred::IsNull(operand) => this.is_null(operand, row),
            Pred::Text(operand, kind, literal) => this.text_test(operand, *kind, literal, row),
            Pred::InWindow(operand, window) => this.in_window(operand, *window, row),
            Pred::Scope(operand, test) => this.scope_test(operand, test, row),
            Pred::Exists(exists) => this.exists(exists, row),
            Pred::LinkVisible(steps) => this.link_visible(steps, row),
        })
    }

    fn preds(&mut self, list: &[Pred], row: &RowRef) -> Result<Vec<Expr>, Refusal> {
        list.iter().map(|p| self.pred(p, row)).collect()
    }

    /// Runs one level deeper, or refuses.
    fn deeper<T>(
        &mut self,
        run: impl FnOnce(&mut Self) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        if self.depth >= MAX_DEPTH {
            return Err(refusal(
                "a condition nested so deeply",
                &format!("it nests more than {MAX_DEPTH} deep"),
            ));
        }
        self.depth += 1;
        let result = run(self);
        self.depth -= 1;
        result
    }
}
