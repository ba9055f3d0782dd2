//! Tests of scopes, for each way in which they are stored.

mod parts;
mod rows;

use ambit_core::{Operand, Path, ScopeTest};

use super::path::Joins;
use super::{Lowering, RowRef};
use crate::sql::functions::Function;
use crate::sql::layout::Storage;
use crate::sql::scope::encode;
use crate::sql::tree::{Expr, Op};
use crate::target::Refusal;

impl Lowering<'_> {
    pub(super) fn scope_test(
        &mut self,
        operand: &Operand,
        test: &ScopeTest,
        row: &RowRef,
        want: bool,
    ) -> Result<Expr, Refusal> {
        let Operand::Column(path) = operand else {
            return Ok(Expr::Bool(false));
        };
        let mut joins = Joins::default();
        let end = self.follow(&path.steps, row, &mut joins)?;
        let holds = self.scope_holds(path, test, &end, want)?;
        Ok(joins.around(holds))
    }

    /// Where a test of the scope in a column of this row (the end of `path`) is true, or where it is false.
    fn scope_holds(
        &mut self,
        path: &Path,
        test: &ScopeTest,
        row: &RowRef,
        want: bool,
    ) -> Result<Expr, Refusal> {
        let layout = self.column_layout(row.table, path.column)?;
        let storage = layout.storage;
        let form = match storage {
            Storage::ScopeText => "text",
            Storage::ScopeArray => "array",
            Storage::ScopeJson => "json",
            Storage::ScopeRows {
                table,
                id,
                level,
                member,
            } => return self.scope_rows(row, table, id, (level, member), test, want),
            _ => {
                let what = self.spoken(row.table, path.column);
                return Err(Refusal::new(
                    "E0502",
                    what,
                    "the schema does not say how the scope is stored",
                )
                .help("write `stored as rows in t(id, level, member)`, `text`, `array` or `json` at the column"));
            }
        };
        let column = Self::raw(row, &layout.name);
        // A host of ours reads the scope faster than the engine takes it apart.
        let Some(name) = self.function(Function::Scope) else {
            return self.scope_parts(storage, &column, test, want);
        };
        let args = vec![Expr::text(form), column.clone(), Expr::Text(encode(test))];
        let holds = Expr::Call(name, args).compare(Op::Eq, Expr::Flag(want));
        let formed = (self.engine.scope_formed)(storage, &column);
        Ok(Expr::all(formed.into_iter().chain([holds])))
    }
}
