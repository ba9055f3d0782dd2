//! What one rule says in the predicates of somebody: for whoever wants to know where a part of a predicate comes from.

use ambit_core::{Effect, PrincipalId, Resource, Rule, SourceId};

use super::layouts::Layouts;
use crate::sql::request::{Dialect, Facts, Query, Request, Today};
use crate::sql::{UserContext, lower};
use crate::target::Context;

/// Tells it in one dialect.
pub struct Teller<'c, 'p> {
    context: &'c Context<'p>,
    dialect: Dialect,
    layouts: Layouts,
}

/// What a rule says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// Everything or nothing: it leaves no words in a predicate.
    Nothing,
    /// These words, unless what stands around them changes how they are written.
    Words(String),
}

impl<'c, 'p> Teller<'c, 'p> {
    /// A teller.
    pub fn new(context: &'c Context<'p>, dialect: Dialect) -> Self {
        let layouts = Layouts::new(context, dialect);
        Self {
            context,
            dialect,
            layouts,
        }
    }

    /// What a rule says in the predicates of somebody (`None`: of everyone) in a source, in `bound` or in `inline`. `None`:
    /// it cannot be said, or is not about rows.
    pub fn rule(
        &self,
        (who, source): (Option<PrincipalId>, Option<SourceId>),
        rule: &Rule,
        bound: bool,
    ) -> Option<Told> {
        let Resource::Table(table) = rule.resource else {
            return None;
        };
        let program = self.context.program;
        let user = who.map_or_else(UserContext::default, |id| UserContext::of(program, id));
        let inline = self.context.frozen.map_or(Today::Engine, Today::Fixed);
        let request = Request {
            program,
            layout: self.layouts.of(source),
            dialect: self.dialect,
            user: &user,
            facts: if bound { Facts::Bound } else { Facts::Known },
            query: Query::Unseen,
            today: if bound { Today::Bound } else { inline },
            functions: false,
            rules: None,
        };
        // A deny must be false, all others true.
        let want = rule.effect != Effect::Deny;
        match lower::condition(&request, table, &rule.pred, want).ok()? {
            Some(predicate) => Some(Told::Words(predicate.sql)),
            None => Some(Told::Nothing),
        }
    }
}
