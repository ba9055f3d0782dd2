//! Scopes stored in a column of their own (text, array, JSON): the engine takes them apart into pairs.

use ambit_core::{ScopeMode, ScopeTest};

use super::super::Lowering;
use crate::sql::dialect::Pairs;
use crate::sql::layout::Storage;
use crate::sql::tree::{Expr, Op, Select};
use crate::target::Refusal;

/// An entry of a test: a level, and a member or `any`.
type Entry = (Expr, Option<Expr>);

impl Lowering<'_> {
    /// Where a test of the scope in a column is true, or where it is false: it can be read, and its pairs are as the
    /// test wants them, or as it does not.
    pub(super) fn scope_parts(
        &mut self,
        storage: Storage,
        column: &Expr,
        test: &ScopeTest,
        want: bool,
    ) -> Result<Expr, Refusal> {
        let engine = self.engine;
        if let Some(sentence) = (engine.scope_assumes)(storage) {
            self.assume(sentence);
        }
        let entries = entries(engine.scope_name, test)?;
        let readable = (engine.scope_readable)(storage, column, &mut || self.alias());
        // A pair that is as wanted: is there one, or is there none?
        let mut pair = |wanted: &dyn Fn(&Pairs) -> Expr, there: bool| {
            let pairs = (engine.scope_pairs)(storage, column, &mut || self.alias());
            let filter = Expr::all([pairs.filter.clone(), wanted(&pairs)]);
            let select = Select::rows(pairs.from, filter);
            if there {
                Expr::Exists(select)
            } else {
                Expr::NotExists(select)
            }
        };
        let some = |pairs: &Pairs| Expr::any(entries.iter().map(|e| fits(pairs, e)));
        let mut terms = Vec::new();
        if matches!(test.mode, ScopeMode::MatchAll | ScopeMode::MatchAny) {
            terms.push(pair(&|_| Expr::Bool(true), want));
            terms.push(pair(&|p| Expr::is_not_true(some(p)), !want));
        }
        if matches!(test.mode, ScopeMode::MatchAll | ScopeMode::ContainsAll) {
            for entry in &entries {
                terms.push(pair(&|p| fits(p, entry), want));
            }
        }
        if test.mode == ScopeMode::ContainsAny {
            terms.push(pair(&some, want));
        }
        let outcome = if want {
            Expr::all(terms)
        } else {
            Expr::any(terms)
        };
        Ok(Expr::all([readable, outcome]))
    }
}

fn entries(
    name: fn(&str) -> Result<Expr, Refusal>,
    test: &ScopeTest,
) -> Result<Vec<Entry>, Refusal> {
    let mut entries = Vec::new();
    for level in &test.levels {
        match &level.members {
            None => entries.push((name(&level.level)?, None)),
            Some(members) => {
                for member in members {
                    entries.push((name(&level.level)?, Some(name(member)?)));
                }
            }
        }
    }
    Ok(entries)
}

fn fits(pairs: &Pairs, (level, member): &Entry) -> Expr {
    let is = |what: &Expr, name: &Expr| what.clone().compare(Op::Eq, name.clone());
    let member = member.as_ref().map(|m| is(&pairs.member, m));
    Expr::all([is(&pairs.level, level)].into_iter().chain(member))
}
