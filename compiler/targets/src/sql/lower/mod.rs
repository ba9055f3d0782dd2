//! Core → SQL: when a condition is true, and when it is false.
//!
//! Every condition is lowered for a wanted outcome: SQL that holds exactly where the condition is *true*, or exactly
//! where it is *false*. So SQL's own logic of NULL never has to agree with the language's. `access` composes the
//! rules, the other files lower conditions, one construct each; what engines do differently is in
//! [`Capabilities`](super::dialect::Capabilities).

mod access;
mod compare;
mod day;
mod exists;
mod names;
mod null;
mod operand;
mod path;
mod scope;
mod set;
mod term;
mod text;
mod window;

use std::collections::BTreeSet;

use ambit_core::{ColumnId, Pred, SourceId, TableId, Value};
use smol_str::{SmolStr, format_smolstr};

use super::dialect::Capabilities;
use super::fit::fitted;
use super::functions::Function;
use super::print::print;
use super::request::{Outcome, Predicate, Request};
use super::stack::stack;
use super::tree::Expr;
use crate::target::Refusal;

/// Conditions nest no deeper than this; it also bounds our own recursion.
const MAX_DEPTH: usize = 400;

/// The predicate of some actions together on the rows of a table, for an outcome.
pub(super) fn access(
    request: &Request<'_>,
    table: TableId,
    actions: &[&str],
    outcome: Outcome,
) -> Result<Predicate, Refusal> {
    let mut lowering = Lowering::new(request, table);
    let row = lowering.asked_row()?;
    let want = outcome == Outcome::True;
    let each = actions
        .iter()
        .map(|action| lowering.access(&row, action, want))
        .collect::<Result<Vec<_>, _>>()?;
    let expr = if want {
        Expr::all(each)
    } else {
        Expr::any(each)
    };
    lowering.finish(expr)
}

/// The predicate of one condition on the rows of a table; none where it is everything or nothing.
pub(super) fn condition(
    request: &Request<'_>,
    table: TableId,
    pred: &Pred,
    want: bool,
) -> Result<Option<Predicate>, Refusal> {
    let mut lowering = Lowering::new(request, table);
    let row = lowering.asked_row()?;
    let expr = lowering.pred(pred, &row, want)?;
    if matches!(expr, Expr::Bool(_)) {
        return Ok(None);
    }
    lowering.finish(expr).map(Some)
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
    request: &'a Request<'a>,
    engine: &'static Capabilities,
    /// The table asked about.
    asked: TableId,
    /// The source in which the row asked about is judged.
    home: Option<SourceId>,
    /// What comes back besides the text.
    found: Predicate,
    prefix: SmolStr,
    aliases: u32,
    depth: usize,
}

impl<'a> Lowering<'a> {
    fn new(request: &'a Request<'a>, asked: TableId) -> Self {
        Self {
            request,
            engine: request.dialect.capabilities(),
            asked,
            home: request.layout.table(asked).and_then(|t| t.source),
            found: Predicate::default(),
            prefix: names::alias_prefix(request.layout),
            aliases: 0,
            depth: 0,
        }
    }

    /// The predicate of a condition, within the engine's limits.
    fn finish(mut self, expr: Expr) -> Result<Predicate, Refusal> {
        let engine = self.engine;
        let mut expr = (engine.arrange)(expr);
        // A host of ours brings an engine of today, of which the parser has room for all that it takes.
        if let Some(room) = engine.stack.filter(|_| !self.request.functions) {
            expr = fitted(expr, room);
            let needed = stack(&expr);
            self.found.stack = Some(needed);
            if needed > room {
                return Err(too_large(format!(
                    "it takes {needed} entries of a parser's stack, and {} {} has {room} for it",
                    engine.name, engine.minimum
                )));
            }
        }
        let (height, alternatives) = (expr.height(), expr.alternatives());
        if height > engine.height {
            return Err(too_large(format!(
                "it nests {height} deep, and {} is trusted with {}",
                engine.name, engine.height
            )));
        }
        if alternatives > engine.alternatives {
            return Err(too_large(format!(
                "it has {alternatives} alternatives, and {} plans {} in reasonable time",
                engine.name, engine.alternatives
            )));
        }
        (self.found.sql, self.found.params) = print(&expr, engine);
        self.found
            .assumes
            .extend(engine.columns_assumed.map(str::to_owned));
        if !self.found.sql.is_ascii() {
            self.found
                .assumes
                .extend(engine.encoding_assumed.map(str::to_owned));
        }
        Ok(self.found)
    }

    /// The source in which a row is judged: that of the row asked about where its table lives there, else its first.
    fn source(&self, row: &RowRef) -> Option<SourceId> {
        self.request.program.source_of(row.table, self.home)
    }

    /// Notes that the predicate calls a function, if it may.
    fn function(&mut self, function: Function) -> Option<&'static str> {
        if !self.request.functions {
            return None;
        }
        self.found.functions.insert(function);
        Some(function.name())
    }

    /// Where a condition over a row is true, or where it is false.
    fn pred(&mut self, pred: &Pred, row: &RowRef, want: bool) -> Result<Expr, Refusal> {
        self.deeper(|this| match pred {
            Pred::Const(value) => Ok(Expr::Bool(*value == want)),
            Pred::Not(inner) => this.pred(inner, row, !want),
            Pred::And(list) => this.preds(list, row, want, want),
            Pred::Or(list) => this.preds(list, row, want, !want),
            Pred::Is(operand) => this.in_values(operand, &[Value::Bool(true)], row, want),
            Pred::Compare(left, op, right) => this.compare(left, *op, right, row, want),
            Pred::InList(operand, list) => this.in_values(operand, list, row, want),
            Pred::InSet(operand, set) => this.in_set(operand, *set, row, want),
            Pred::IsNull(operand) => this.is_null(operand, row, want),
            Pred::Text(operand, kind, literal) => {
                this.text_test(operand, *kind, literal, row, want)
            }
            Pred::InWindow(operand, window) => this.in_window(operand, *window, row, want),
            Pred::Scope(operand, test) => this.scope_test(operand, test, row, want),
            Pred::Exists(exists) => this.exists(exists, row, want),
            Pred::LinkVisible(steps) => this.link_visible(steps, row, want),
        })
    }

    fn preds(
        &mut self,
        list: &[Pred],
        row: &RowRef,
        want: bool,
        all: bool,
    ) -> Result<Expr, Refusal> {
        let terms = list
            .iter()
            .map(|p| self.pred(p, row, want))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(if all {
            Expr::all(terms)
        } else {
            Expr::any(terms)
        })
    }

    /// Runs one level deeper, or refuses.
    fn deeper<T>(
        &mut self,
        run: impl FnOnce(&mut Self) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        if self.depth >= MAX_DEPTH {
            return Err(too_large(format!("it nests more than {MAX_DEPTH} deep")));
        }
        self.depth += 1;
        let result = run(self);
        self.depth -= 1;
        result
    }

    /// A fresh alias.
    fn alias(&mut self) -> SmolStr {
        self.aliases += 1;
        format_smolstr!("{}{}", self.prefix, self.aliases)
    }

    /// Notes a key over which the predicate steps.
    fn steps_over(&mut self, table: TableId, key: ColumnId) {
        if self.found.unique.insert((table, key)) {
            let program = self.request.program;
            self.assume(format!(
                "`{}.{}` is unique",
                program.table(table).name,
                program.column(table, key).name
            ));
        }
    }

    fn assume(&mut self, sentence: impl Into<String>) {
        self.found.assumes.insert(sentence.into());
    }

    /// The tables of the query, where they are known.
    fn query(&self) -> Option<&'a BTreeSet<TableId>> {
        match self.request.query {
            super::request::Query::Tables(tables) => Some(tables),
            super::request::Query::Unseen => None,
        }
    }
}

fn too_large(reason: String) -> Refusal {
    Refusal::new("E0508", "a condition of this size", reason)
        .help("name fewer alternatives, or keep them in a table and ask `exists`")
}
