//! `x is null`: true where there is no value, false where there is one, and neither where what stands there is none
//! of its type.

use ambit_core::{Operand, Path, Type, Value};

use super::path::Joins;
use super::term::Term;
use super::{Lowering, RowRef};
use crate::sql::domain::Domain;
use crate::sql::layout::Storage;
use crate::sql::request::Facts;
use crate::sql::tree::Expr;
use crate::target::Refusal;

/// Whether something is there: no value, a value. Neither where it is unreadable.
struct Presence {
    missing: Expr,
    present: Expr,
}

impl Presence {
    fn of(term: &Term) -> Self {
        Self {
            missing: Expr::IsNull(term.form.raw.clone().into()),
            present: term.present(),
        }
    }
}

impl Lowering<'_> {
    pub(super) fn is_null(
        &mut self,
        operand: &Operand,
        row: &RowRef,
        want: bool,
    ) -> Result<Expr, Refusal> {
        let of = |presence: Presence| {
            if want {
                presence.missing
            } else {
                presence.present
            }
        };
        Ok(match operand {
            Operand::Column(path) => self.path_is_null(path, row, want)?,
            Operand::Attribute(id) => {
                match (self.request.user.attributes.get(id), self.request.facts) {
                    (Some(value), _) => Expr::Bool(value.is_null() == want),
                    (None, Facts::Known) => Expr::Bool(want),
                    (None, Facts::Bound) => {
                        let set = matches!(self.attribute_type(*id), Some(Type::Set(_)));
                        let raw = self.parameter(*id, set);
                        let domain = self.attribute_type(*id).and_then(Domain::of);
                        match domain.filter(|_| !set) {
                            Some(domain) => of(Presence::of(&Term {
                                form: (self.engine.attribute)(domain, raw),
                                domain,
                                members: None,
                            })),
                            None if want => Expr::IsNull(raw.into()),
                            None => raw.known(),
                        }
                    }
                }
            }
            Operand::Login => match self.login_known(row) {
                Some(_) => Expr::Bool(!want),
                None if self.login_bound() => {
                    let raw = self.login_parameter(row)?;
                    of(Presence::of(&Term {
                        form: (self.engine.attribute)(Domain::Text, raw),
                        domain: Domain::Text,
                        members: None,
                    }))
                }
                None => Expr::Bool(want),
            },
            Operand::Today => Expr::Bool(!want),
            Operand::Const(value) => Expr::Bool(matches!(value, Value::Null) == want),
            Operand::Day(inner) => self.is_null(inner, row, want)?,
        })
    }

    fn path_is_null(&mut self, path: &Path, row: &RowRef, want: bool) -> Result<Expr, Refusal> {
        let mut joins = Joins::default();
        let end = self.follow(&path.steps, row, &mut joins)?;
        let presence = self.presence(&end, path)?;
        if !want {
            return Ok(joins.around(presence.present));
        }
        let Some(first) = path.steps.first() else {
            return Ok(presence.missing);
        };
        // A link that is itself unreadable leads nowhere, but it is not a missing parent either.
        let own = self.stored(row, first.column)?;
        let readable = Expr::any([Expr::IsNull(own.form.raw.clone().into()), own.present()]);
        let there = joins.around(Expr::is_not_true(presence.missing));
        Ok(Expr::all([readable, Expr::is_not_true(there)]))
    }

    /// Is there a value in a column, and is it of the right form?
    fn presence(&mut self, row: &RowRef, path: &Path) -> Result<Presence, Refusal> {
        let layout = self.column_layout(row.table, path.column)?;
        Ok(match layout.storage {
            storage @ (Storage::ScopeText | Storage::ScopeArray | Storage::ScopeJson) => {
                let raw = Self::raw(row, &layout.name);
                let formed = (self.engine.scope_formed)(storage, &raw);
                Presence {
                    present: formed.unwrap_or_else(|| raw.clone().known()),
                    missing: Expr::IsNull(raw.into()),
                }
            }
            // Rows are never missing: none are the empty scope. But a row without a key has none.
            Storage::ScopeRows { .. } => {
                let key = self.scope_key(row)?;
                let present = self.usable(&key)?;
                Presence {
                    missing: Expr::is_not_true(present.clone()),
                    present,
                }
            }
            Storage::Unsaid
                if Domain::of(&self.request.program.column(row.table, path.column).ty)
                    .is_none() =>
            {
                let raw = Self::raw(row, &layout.name);
                Presence {
                    present: raw.clone().known(),
                    missing: Expr::IsNull(raw.into()),
                }
            }
            _ => Presence::of(&self.stored(row, path.column)?),
        })
    }
}
