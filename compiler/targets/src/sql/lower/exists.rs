//! `exists` and `visible`.
//!
//! SQL's EXISTS knows no unknown, so each linked row is given a number (2 true, 1 unknown, 0 false) and the largest
//! one tells: none at all is false, and an own link without a value is unknown.

use ambit_core::{Exists, Step};

use super::{Lowering, Refusal, RowRef};
use crate::sql::tree::{Expr, Select};

impl Lowering<'_> {
    pub(super) fn exists(&mut self, exists: &Exists, row: &RowRef) -> Result<Expr, Refusal> {
        let mut kind = None;
        let own = self.follow(&exists.path, row, |this, end| {
            let own = this.stored(end, exists.own)?;
            kind = Some(own.domain);
            Ok(own.value())
        })?;
        let Some(kind) = kind else {
            return Ok(Expr::Null);
        };
        let (linked, table) = self.fresh(exists.table)?;
        let mut filter = vec![self.link(&linked, exists.other, kind, own.clone())?];
        if exists.visible {
            filter.push(self.deeper(|this| this.access(&linked, "read"))?);
        }
        let filter = Expr::all(filter);
        let found = match self.pred(&exists.pred, &linked)? {
            Expr::Bool(false) => Expr::Bool(false),
            Expr::Bool(true) => Expr::Exists(Box::new(Select {
                value: Expr::Int(1),
                from: vec![table],
                filter,
            })),
            pred => {
                let number = Expr::Case {
                    base: Some(Box::new(pred)),
                    arms: vec![(Expr::Int(1), Expr::Int(2)), (Expr::Int(0), Expr::Int(0))],
                    otherwise: Some(Box::new(Expr::Int(1))),
                };
                let value = Expr::Call("max", vec![number]);
                Expr::Case {
                    base: Some(Box::new(Expr::Scalar(Box::new(Select {
                        value,
                        from: vec![table],
                        filter,
                    })))),
                    arms: vec![(Expr::Int(2), Expr::Int(1)), (Expr::Int(1), Expr::Null)],
                    otherwise: Some(Box::new(Expr::Int(0))),
                }
            }
        };
        Ok(Expr::when(own.known(), found))
    }

    /// May the user read the row at the end of the steps? Unknown only where there is none.
    pub(super) fn link_visible(&mut self, steps: &[Step], row: &RowRef) -> Result<Expr, Refusal> {
        self.follow(steps, row, |this, end| {
            let access = this.deeper(|this| this.access(end, "read"))?;
            Ok(Expr::IsTrue(Box::new(access)))
        })
    }
}
