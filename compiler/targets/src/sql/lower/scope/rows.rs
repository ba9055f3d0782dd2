//! Scopes stored as rows `(id, level, member)` of a table: one pair for each row with this row's key.

use ambit_core::{ColumnId, ScopeMode, ScopeTest, TableId, TextTest, Value};

use super::super::term::{Open, Term};
use super::super::{Lowering, RowRef};
use crate::sql::domain::Domain;
use crate::sql::tree::{Expr, Select};
use crate::target::Refusal;

/// An entry of a test: a level, and a member or `any`.
type Entry<'a> = (&'a str, Option<&'a str>);

/// What pairs a sub-select looks for.
enum Want<'a> {
    Any,
    Unreadable,
    Fitting(Entry<'a>),
    FittingSome,
    Foreign,
}

impl Lowering<'_> {
    /// The key by which a row's pairs are found.
    pub(in super::super) fn scope_key(&mut self, row: &RowRef) -> Result<Term, Refusal> {
        let &[key] = self.request.program.table(row.table).keys.as_slice() else {
            return Err(Refusal::new(
                "E0504",
                "a scope stored as rows",
                format!("`{}` has no key of one column", self.table_name(row.table)),
            )
            .help("give the table a key of one column"));
        };
        self.stored(row, key)
    }

    pub(super) fn scope_rows(
        &mut self,
        row: &RowRef,
        table: TableId,
        id: ColumnId,
        columns: (ColumnId, ColumnId),
        test: &ScopeTest,
        want: bool,
    ) -> Result<Expr, Refusal> {
        let own = self.scope_key(row)?;
        let entries: Vec<Entry<'_>> = test
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
        let pairs = |this: &mut Self, look: &Want<'_>, there: bool| -> Result<Expr, Refusal> {
            let select = this.pairs(&own, (table, id), columns, look, &entries)?;
            Ok(if there {
                Expr::Exists(select)
            } else {
                Expr::NotExists(select)
            })
        };
        let mut terms = Vec::new();
        if matches!(test.mode, ScopeMode::MatchAll | ScopeMode::MatchAny) {
            terms.push(pairs(self, &Want::Any, want)?);
            terms.push(pairs(self, &Want::Foreign, !want)?);
        }
        if matches!(test.mode, ScopeMode::MatchAll | ScopeMode::ContainsAll) {
            for entry in &entries {
                terms.push(pairs(self, &Want::Fitting(*entry), want)?);
            }
        }
        if test.mode == ScopeMode::ContainsAny {
            terms.push(pairs(self, &Want::FittingSome, want)?);
        }
        let readable = pairs(self, &Want::Unreadable, false)?;
        let outcome = if want {
            Expr::all(terms)
        } else {
            Expr::any(terms)
        };
        Ok(Expr::all([self.usable(&own)?, readable, outcome]))
    }

    /// The pairs of a row that are looked for.
    fn pairs(
        &mut self,
        own: &Term,
        (table, id): (TableId, ColumnId),
        (level, member): (ColumnId, ColumnId),
        look: &Want<'_>,
        entries: &[Entry<'_>],
    ) -> Result<Box<Select>, Refusal> {
        let (pair, from) = self.fresh(table)?;
        let link = self.link(own, &pair, id)?;
        let (level, member) = (self.stored(&pair, level)?, self.stored(&pair, member)?);
        let is = |this: &Self, term: &Term, text: &str| this.within(term, &[Value::text(text)]);
        let fits = |this: &Self, (l, m): &Entry<'_>| -> Result<Expr, Refusal> {
            let mut all = vec![is(this, &level, l)?];
            if let Some(m) = m {
                all.push(is(this, &member, m)?);
            }
            Ok(Expr::all(all))
        };
        let some = |this: &Self| -> Result<Expr, Refusal> {
            let fitting = entries.iter().map(|e| fits(this, e));
            Ok(Expr::any(fitting.collect::<Result<Vec<_>, _>>()?))
        };
        let wanted = match look {
            Want::Any => Expr::Bool(true),
            Want::Unreadable => {
                let mut readable = Vec::new();
                for term in [&level, &member] {
                    readable.push(self.usable(term)?);
                    readable.push(self.without_wildcard(term)?);
                }
                Expr::is_not_true(Expr::all(readable))
            }
            Want::Fitting(entry) => fits(self, entry)?,
            Want::FittingSome => some(self)?,
            Want::Foreign => Expr::is_not_true(some(self)?),
        };
        Ok(Select::rows(vec![from], Expr::all([link, wanted])))
    }

    /// A wildcard cannot be read, however the scope is stored.
    fn without_wildcard(&mut self, term: &Term) -> Result<Expr, Refusal> {
        let Some(star) = self.literal(Domain::Text, &Value::text("*"))? else {
            return Ok(Expr::Bool(false));
        };
        let key = term.form.key.clone();
        let none = (self.engine.text_test)(TextTest::Contains, key, star, "*", false);
        Ok(Expr::all(term.formed(Open::Both).into_iter().chain([none])))
    }
}
