//! Paths: the rows to-one steps away, joined inside one `EXISTS`.

use std::collections::HashMap;

use ambit_core::{ColumnId, Step, TableId};

use super::term::{Open, Term};
use super::{Lowering, RowRef};
use crate::sql::tree::{Expr, From, Op, Select};
use crate::target::Refusal;

/// The rows that a test reads besides the one at hand.
#[derive(Debug, Default)]
pub(super) struct Joins {
    from: Vec<From>,
    on: Vec<Expr>,
    /// Where steps already taken lead.
    ends: HashMap<Vec<Step>, RowRef>,
}

impl Joins {
    /// A condition over the joined rows, as one over the row at hand: where steps lead to no row, it does not hold.
    pub(super) fn around(self, condition: Expr) -> Expr {
        if self.from.is_empty() || condition == Expr::Bool(false) {
            return condition;
        }
        let filter = Expr::all(self.on.into_iter().chain([condition]));
        match filter {
            Expr::Bool(false) => Expr::Bool(false),
            filter => Expr::Exists(Select::rows(self.from, filter)),
        }
    }

    /// One more table.
    pub(super) fn push(&mut self, table: From, on: Expr) {
        self.from.push(table);
        self.on.push(on);
    }
}

impl Lowering<'_> {
    /// The row at the end of to-one steps.
    pub(super) fn follow(
        &mut self,
        steps: &[Step],
        row: &RowRef,
        joins: &mut Joins,
    ) -> Result<RowRef, Refusal> {
        if steps.len() > self.engine.joins {
            return Err(Refusal::new(
                "E0508",
                "a path of so many steps",
                format!("{} joins at most 64 tables", self.engine.name),
            )
            .help("take fewer steps"));
        }
        let mut here = row.clone();
        for (i, step) in steps.iter().enumerate() {
            let taken = steps.get(..=i).unwrap_or_default();
            if let Some(end) = joins.ends.get(taken) {
                here = end.clone();
                continue;
            }
            let own = self.stored(&here, step.column)?;
            let (next, table) = self.fresh(step.to)?;
            self.steps_over(step.to, step.key);
            let on = [self.link(&own, &next, step.key)?, self.checked(&own)?];
            joins.push(table, Expr::all(on));
            joins.ends.insert(taken.to_vec(), next.clone());
            here = next;
        }
        Ok(here)
    }

    /// That a row's column equals the own end of a link (which is checked elsewhere).
    pub(super) fn link(
        &mut self,
        own: &Term,
        row: &RowRef,
        column: ColumnId,
    ) -> Result<Expr, Refusal> {
        let other = self.stored(row, column)?;
        if other.domain != own.domain {
            return Err(Refusal::new(
                "E0504",
                format!("the link to {}", self.spoken(row.table, column)),
                "its ends are of different types",
            )
            .help("link columns of one type"));
        }
        let equal = other.form.key.clone().compare(Op::Eq, own.form.key.clone());
        // One end inside an enum is enough where both have the same.
        let member = if other.members == own.members {
            None
        } else {
            self.member(&other)?
        };
        // Where this end proves the own one, it is asked for all that makes it well formed.
        let open = if (self.engine.exact)(own.domain) {
            Open::Both
        } else {
            Open::None
        };
        let formed = other.formed(open);
        Ok(Expr::all([equal].into_iter().chain(formed).chain(member)))
    }

    /// That the own end of a link is well formed and inside its enum, given that it equals the other end.
    pub(super) fn checked(&self, own: &Term) -> Result<Expr, Refusal> {
        let member = self.member(own)?;
        let mut formed = own.formed(Open::Both);
        if (self.engine.exact)(own.domain) {
            // As the other end is, which `link` asks.
            formed.clear();
        }
        Ok(Expr::all(formed.into_iter().chain(member)))
    }

    /// The name of a table, for people.
    pub(super) fn table_name(&self, table: TableId) -> &str {
        &self.request.program.table(table).name
    }
}
