//! Tests of scopes, for each way in which they are stored.

use ambit_core::{ColumnId, Operand, Path, ScopeMode, ScopeTest, TableId};

use super::column::{is_class, raw, spoken};
use super::{Lowering, Refusal, RowRef, refusal};
use crate::sql::functions::Function;
use crate::sql::layout::Storage;
use crate::sql::scope::encode;
use crate::sql::tree::{Expr, Op, Select, TableRef};

impl Lowering<'_> {
    pub(super) fn scope_test(
        &mut self,
        operand: &Operand,
        test: &ScopeTest,
        row: &RowRef,
    ) -> Result<Expr, Refusal> {
        let Operand::Column(path) = operand else {
            return Err(refusal("a scope test", "only columns are scopes"));
        };
        self.follow(&path.steps, row, |this, end| this.scope_at(path, test, end))
    }

    fn scope_at(&mut self, path: &Path, test: &ScopeTest, row: &RowRef) -> Result<Expr, Refusal> {
        let layout = self.column_layout(row.table, path.column)?;
        let form = match layout.storage {
            Storage::ScopeText => "text",
            Storage::ScopeArray => "array",
            Storage::ScopeJson => "json",
            Storage::ScopeRows {
                table,
                id,
                level,
                member,
            } => {
                return self.scope_rows(row, table, id, (level, member), test);
            }
            _ => {
                let what = spoken(self.program, row.table, path.column);
                return Err(refusal(&what, "a scope needs `stored as`"));
            }
        };
        let column = raw(row, &layout.name);
        let name = self.function(
            Function::Scope,
            "a scope that is not stored as rows",
            "the engine cannot take its text apart; store it as `rows in t(id, level, member)`",
        )?;
        let call = Expr::Call(
            name,
            vec![Expr::text(form), column.clone(), Expr::Text(encode(test))],
        );
        Ok(Expr::when(is_class(&column, "text"), call))
    }

    /// Is there a value, and is it of the right form? The column, and whether it is well formed.
    pub(super) fn presence(
        &mut self,
        row: &RowRef,
        column: ColumnId,
    ) -> Result<(Expr, Expr), Refusal> {
        let layout = self.column_layout(row.table, column)?;
        match layout.storage {
            Storage::ScopeText | Storage::ScopeArray | Storage::ScopeJson => {
                let column = raw(row, &layout.name);
                let formed = is_class(&column, "text");
                Ok((column, formed))
            }
            // Rows are never missing: none are the empty scope.
            Storage::ScopeRows { .. } => Ok((Expr::Int(0), Expr::Bool(true))),
            _ => {
                let stored = self.stored(row, column)?;
                Ok((stored.raw, stored.formed))
            }
        }
    }

    fn scope_rows(
        &mut self,
        row: &RowRef,
        table: TableId,
        id: ColumnId,
        (level, member): (ColumnId, ColumnId),
        test: &ScopeTest,
    ) -> Result<Expr, Refusal> {
        let &[key] = self.program.table(row.table).keys.as_slice() else {
            return Err(refusal(
                "a scope stored as rows",
                "its table has no key of one column",
            ));
        };
        let own = self.stored(row, key)?;
        let entries: Vec<(&str, Option<&str>)> = test
            .levels
            .iter()
            .flat_map(|l| match &l.members {
                None => vec![(l.level.as_str(), None)],
                Some(members) => members
                    .iter()
                    .map(|m| (l.level.as_str(), Some(m.as_str())))
                    .collect(),
            })
            .collect();
        // Which pairs a sub-select looks for: all, those that cannot be read, those that fit (or do not).
        let mut pairs = |want: &Want| -> Result<Expr, Refusal> {
            let (pair, from): (RowRef, TableRef) = self.fresh(table)?;
            let link = self.link(&pair, id, own.domain, own.value())?;
            let (level, member) = (self.stored(&pair, level)?, self.stored(&pair, member)?);
            let fits = |(l, m): &(&str, Option<&str>)| {
                let at = Expr::Exact(level.raw.clone().into()).compare(Op::Eq, Expr::text(*l));
                let is = m
                    .map(|m| Expr::Exact(member.raw.clone().into()).compare(Op::Eq, Expr::text(m)));
                Expr::all([at].into_iter().chain(is))
            };
            let wanted = match want {
                Want::Any => Expr::Bool(true),
                Want::Unreadable => {
                    // A wildcard cannot be read, however the scope is stored.
                    let wild = |raw: &Expr| {
                        Expr::Call("instr", vec![raw.clone(), Expr::text("*")])
                            .compare(Op::Gt, Expr::Int(0))
                    };
                    let usable = Expr::all([level.usable(), member.usable()]);
                    Expr::any([usable.negate(), wild(&level.raw), wild(&member.raw)])
                }
                Want::Fitting(entry) => fits(entry),
                Want::FittingSome => Expr::any(entries.iter().map(fits)),
                Want::Foreign => Expr::any(entries.iter().map(fits)).negate(),
            };
            let filter = Expr::all([link, wanted]);
            Ok(Expr::Exists(Box::new(Select {
                value: Expr::Int(1),
                from: vec![from],
                filter,
            })))
        };
        let mut terms = Vec::new();
        if matches!(test.mode, ScopeMode::MatchAll | ScopeMode::MatchAny) {
            terms.push(pairs(&Want::Any)?);
            terms.push(pairs(&Want::Foreign)?.negate());
        }
        if matches!(test.mode, ScopeMode::MatchAll | ScopeMode::ContainsAll) {
            for entry in &entries {
                terms.push(pairs(&Want::Fitting(*entry))?);
            }
        }
        if test.mode == ScopeMode::ContainsAny {
            terms.push(pairs(&Want::FittingSome)?);
        }
        let readable = pairs(&Want::Unreadable)?.negate();
        Ok(Expr::when(
            Expr::all([own.value().known(), readable]),
            Expr::all(terms),
        ))
    }
}

/// What pairs a sub-select looks for.
enum Want<'a> {
    Any,
    Unreadable,
    Fitting((&'a str, Option<&'a str>)),
    FittingSome,
    Foreign,
}
