//! `exists` and `visible`.
//!
//! True: some linked row has the condition true. False: the own end of the link has a value, and each linked row has
//! the condition false; one that has it unknown is enough to leave both.

use ambit_core::{Exists, Step};

use super::path::Joins;
use super::{Lowering, RowRef};
use crate::sql::tree::{Expr, Select};
use crate::target::Refusal;

impl Lowering<'_> {
    pub(super) fn exists(
        &mut self,
        exists: &Exists,
        row: &RowRef,
        want: bool,
    ) -> Result<Expr, Refusal> {
        let mut joins = Joins::default();
        let end = self.follow(&exists.path, row, &mut joins)?;
        let own = self.stored(&end, exists.own)?;
        let (linked, table) = self.fresh(exists.table)?;
        let mut filter = vec![self.link(&own, &linked, exists.other)?];
        // Only rows that the user may read count, and whether he may is a decision.
        if exists.visible {
            filter.push(self.deeper(|this| this.access(&linked, "read", true))?);
        }
        let inner = self.pred(&exists.pred, &linked, want)?;
        if want {
            filter.push(self.checked(&own)?);
            if inner == Expr::Bool(false) {
                return Ok(inner);
            }
            filter.push(inner);
            joins.push(table, Expr::all(filter));
            return Ok(joins.around(Expr::Bool(true)));
        }
        filter.push(Expr::is_not_true(inner));
        let none = match Expr::all(filter) {
            Expr::Bool(false) => Expr::Bool(true),
            filter => Expr::NotExists(Select::rows(vec![table], filter)),
        };
        let usable = self.usable(&own)?;
        Ok(joins.around(Expr::all([usable, none])))
    }

    /// May the user read the row at the end of the steps? Unknown only where there is none.
    pub(super) fn link_visible(
        &mut self,
        steps: &[Step],
        row: &RowRef,
        want: bool,
    ) -> Result<Expr, Refusal> {
        let mut joins = Joins::default();
        let end = self.follow(steps, row, &mut joins)?;
        let may = self.deeper(|this| this.access(&end, "read", true))?;
        Ok(joins.around(if want { may } else { Expr::is_not_true(may) }))
    }
}
