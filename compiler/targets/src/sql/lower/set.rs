//! `x in user.countries`.

use ambit_core::{AttributeId, Operand, Type, Value};

use super::path::Joins;
use super::term::{Side, Term, enum_of};
use super::{Lowering, RowRef};
use crate::sql::domain::Domain;
use crate::sql::request::Facts;
use crate::sql::tree::{Expr, Op, Select};
use crate::target::Refusal;

impl Lowering<'_> {
    pub(super) fn in_set(
        &mut self,
        operand: &Operand,
        set: AttributeId,
        row: &RowRef,
        want: bool,
    ) -> Result<Expr, Refusal> {
        let Some(Type::Set(element)) = self.attribute_type(set).cloned() else {
            return Ok(Expr::Bool(false));
        };
        let mut joins = Joins::default();
        let hint = self.domain_of(operand).or(Domain::of(&element));
        let side = self.side(operand, row, &mut joins, hint)?;
        let holds = match (self.request.user.attributes.get(&set), self.request.facts) {
            (Some(Value::Set(elements)), _) => self.in_known_set(side, &element, elements, want)?,
            (Some(_), _) | (None, Facts::Known) => Expr::Bool(false),
            (None, Facts::Bound) => self.in_bound_set(side, set, &element, want)?,
        };
        Ok(joins.around(holds))
    }

    /// An element outside its enum makes its equality unknown.
    fn in_known_set(
        &mut self,
        side: Side,
        element: &Type,
        elements: &[Value],
        want: bool,
    ) -> Result<Expr, Refusal> {
        let good: Vec<Value> = elements
            .iter()
            .filter(|v| self.fits(element, v))
            .cloned()
            .collect();
        if !want && good.len() < elements.len() {
            return Ok(Expr::Bool(false));
        }
        self.side_in(side, &good, want)
    }

    fn in_bound_set(
        &mut self,
        side: Side,
        set: AttributeId,
        element: &Type,
        want: bool,
    ) -> Result<Expr, Refusal> {
        let (Some(term), Some(domain)) = (self.term(side)?, Domain::of(element)) else {
            return Ok(Expr::Bool(false));
        };
        if term.domain != domain {
            return Ok(Expr::Bool(false));
        }
        let parameter = self.parameter(set, true);
        let alias = self.alias();
        let (from, form) = (self.engine.elements)(domain, parameter.clone(), alias);
        let other = Term {
            form,
            domain,
            members: enum_of(element),
        };
        let usable = self.usable(&term)?;
        if want {
            // What equals a member is one: the elements need no second look.
            let inside = other.members == term.members;
            let bare = inside && other.formed(super::term::Open::Both).is_empty();
            let found = if bare && self.engine.any_of_array {
                Expr::IsAny(term.form.key.clone().into(), parameter.into())
            } else {
                let member = if inside { None } else { self.member(&other)? };
                let formed = other.formed(super::term::Open::Both);
                Expr::InSelect(
                    term.form.key.clone().into(),
                    Box::new(Select {
                        value: other.form.key.clone(),
                        from: vec![from],
                        filter: Expr::all(formed.into_iter().chain(member)),
                    }),
                )
            };
            // Nothing unknown is ever found; what is not well formed could be.
            let proved = term.members.is_none() && (self.engine.exact)(domain);
            let checked = if !proved && (term.members.is_some() || !term.form.formed.is_empty()) {
                usable
            } else {
                Expr::Bool(true)
            };
            return Ok(Expr::all([checked, found]));
        }
        // False where each element certainly differs; of no elements too, if the set is there at all.
        let differs = self.compare_terms(&other, Op::Ne, &term)?;
        let doubtful = Select::rows(vec![from], Expr::is_not_true(differs));
        Ok(Expr::all([
            usable,
            parameter.known(),
            Expr::NotExists(doubtful),
        ]))
    }
}
