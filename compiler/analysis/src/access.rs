//! How much of a resource somebody may reach: nothing, some of it, or all, decided exactly.

use ambit_core::{Applies, Pred, PrincipalId, Program, Resource, TableId};
use ambit_solver::{Act, Limit, Model, Question, Who, every_rule};

use crate::cx::act_on;
use crate::smallest::shown_in;

/// How much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// No row, ever.
    None,
    /// Some rows, or for some values of the user's attributes.
    Some,
    /// Every row.
    All,
}

impl Access {
    /// As answers say it.
    pub fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Some => "some",
            Self::All => "all",
        }
    }
}

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub struct Reach<'q> {
    /// A bare principal; `None`: someone without any.
    pub who: Option<PrincipalId>,
    /// The table or object.
    pub resource: Resource,
    /// The action.
    pub action: &'q str,
    /// Only rows of which this is true (before and after an update).
    pub within: &'q Pred,
}

/// A program of which such questions are asked.
#[derive(Debug)]
pub struct Reaches<'p> {
    program: &'p Program,
    model: Model<'p>,
}

impl<'p> Reaches<'p> {
    /// Questions about a program.
    pub fn new(program: &'p Program) -> Self {
        Self {
            program,
            model: Model::new(program),
        }
    }

    /// The program.
    pub fn program(&self) -> &'p Program {
        self.program
    }

    /// Decides it, in a query that touches just this table: for every row, linked row and day, and for all attributes that
    /// are not written.
    ///
    /// # Errors
    /// Where the question is beyond the solver: why.
    pub fn access(&self, reach: &Reach<'p>) -> Result<Access, String> {
        decide(self.program, &self.model, reach).map_err(|limit| limit.to_string())
    }

    /// A condition to be shown, as small as it is proved to be.
    pub fn shown(&self, table: Option<TableId>, pred: &Pred) -> Pred {
        shown_in(&self.model, table, pred)
    }
}

fn decide<'p>(program: &'p Program, model: &Model<'p>, reach: &Reach<'p>) -> Result<Access, Limit> {
    if bypasses(program, reach.who, reach.resource) {
        return Ok(Access::All);
    }
    let mut q = Question::new(model);
    let user = q.user(reach.who.map_or(Who::Nobody, Who::Bare));
    let act = act_on(&mut q, reach.resource, reach.action);
    for other in others(program, reach.resource) {
        let touched = q.in_query(other);
        q.require(!touched);
    }
    let mut at = |row| q.is_true(user, reach.within, row);
    let spoken = match act {
        Act::Object => at(None),
        Act::Read(row) | Act::Insert(row) | Act::Delete(row) => at(Some(row)),
        Act::Update { old, new } => {
            let (old, new) = (at(Some(old)), at(Some(new)));
            q.and([old, new])
        }
    };
    let allowed = q.allowed(user, reach.resource, reach.action, act, &every_rule);
    let mut asked = q.ask(&[spoken, allowed])?;
    if !asked.can(&[spoken, allowed])? {
        return Ok(Access::None);
    }
    if asked.can(&[spoken, !allowed])? {
        return Ok(Access::Some);
    }
    Ok(Access::All)
}

/// Does the resource's source never filter them?
fn bypasses(program: &Program, who: Option<PrincipalId>, resource: Resource) -> bool {
    let source = match resource {
        Resource::Table(table) => program.source_of(table, None),
        Resource::Object(object) => program.objects.get(object.index()).and_then(|o| o.source),
    };
    let (Some(who), Some(source)) = (who, source) else {
        return false;
    };
    let mut has = program.principal(who).closure.iter();
    has.any(|p| program.principal(*p).bypasses.contains(&source))
}

/// The tables that the query does not touch, as far as a rule asks.
fn others(program: &Program, resource: Resource) -> Vec<TableId> {
    if program.rules.iter().all(|r| r.applies == Applies::Always) {
        return Vec::new();
    }
    let all = (0..program.tables.len()).map(|n| TableId(n as u32));
    all.filter(|t| resource != Resource::Table(*t)).collect()
}
