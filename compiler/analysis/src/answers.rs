//! Answers of the solver that outlive an edit: what was asked of the same rules and the same schema is not asked again.
//!
//! The solver is a function of what it is given, and an answer is taken only where all of that is equal. So no report
//! depends on what was asked before; it only comes sooner.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use ambit_core::{ColumnId, Holder, Program, Resource, RuleBody, RuleId};

use crate::raw::Example;

/// Whose rows, over which link.
type About = (Resource, ColumnId, Holder);

/// A grant that gives rows which lead to hidden ones.
#[derive(Debug, Clone)]
pub(crate) struct Reached {
    /// The grant.
    pub grant: RuleId,
    /// Such a row.
    pub example: Arc<Example>,
    /// The rule that hides the row that it leads to.
    pub hides: Option<RuleId>,
}

/// An answer with all that it depends on. Rules of the answer count in `rules`.
#[derive(Debug)]
struct Entry {
    base: Arc<Program>,
    rules: Vec<Arc<RuleBody>>,
    reached: Option<Reached>,
}

/// It was not asked of these rules.
struct NotKnown;

/// The last answer to each question about rows that lead to hidden ones.
#[derive(Debug, Default)]
pub(crate) struct Answers(Mutex<HashMap<About, Entry>>);

impl Answers {
    /// The answer for these rules, each with its id; asked for where it is not known.
    ///
    /// # Errors
    ///
    /// Those of `ask`; they are not kept.
    pub fn reached<E>(
        &self,
        about: About,
        base: &Arc<Program>,
        rules: &[(RuleId, Arc<RuleBody>)],
        ask: impl FnOnce() -> Result<Option<Reached>, E>,
    ) -> Result<Option<Reached>, E> {
        if let Ok(known) = self.known(&about, base, rules) {
            return Ok(known);
        }
        let reached = ask()?;
        let place = |id: RuleId| rules.iter().position(|(other, _)| *other == id);
        let kept = match &reached {
            None => Some(None),
            // An answer that names a rule beyond those it was asked of cannot be told again.
            Some(r) => place(r.grant)
                .zip(r.hides.map_or(Some(None), |h| place(h).map(Some)))
                .map(|(grant, hides)| {
                    Some(Reached {
                        grant: RuleId(grant as u32),
                        example: Arc::clone(&r.example),
                        hides: hides.map(|h| RuleId(h as u32)),
                    })
                }),
        };
        if let Some(reached) = kept {
            let entry = Entry {
                base: Arc::clone(base),
                rules: rules.iter().map(|(_, body)| Arc::clone(body)).collect(),
                reached,
            };
            let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            all.insert(about, entry);
        }
        Ok(reached)
    }

    fn known(
        &self,
        about: &About,
        base: &Arc<Program>,
        rules: &[(RuleId, Arc<RuleBody>)],
    ) -> Result<Option<Reached>, NotKnown> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = all.get(about).ok_or(NotKnown)?;
        // Programs and rules that did not change are mostly the same in memory, too.
        let same = entry.rules.len() == rules.len()
            && Arc::ptr_eq(&entry.base, base)
            && entry.rules.iter().eq(rules.iter().map(|(_, body)| body));
        if !same {
            return Err(NotKnown);
        }
        let here = |id: RuleId| rules.get(id.index()).map(|(id, _)| *id).ok_or(NotKnown);
        Ok(match &entry.reached {
            None => None,
            Some(r) => Some(Reached {
                grant: here(r.grant)?,
                example: Arc::clone(&r.example),
                hides: match r.hides {
                    Some(h) => Some(here(h)?),
                    None => None,
                },
            }),
        })
    }
}

/// The schema and the principals of the last report: one that is equal is the same in memory.
#[derive(Debug, Default)]
pub(crate) struct LastBase(Mutex<Option<Arc<Program>>>);

impl LastBase {
    /// The last one where it is equal, else this one.
    pub fn same(&self, made: Program) -> Arc<Program> {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &*last {
            Some(known) if **known == made => Arc::clone(known),
            _ => Arc::clone(last.insert(Arc::new(made))),
        }
    }
}
