//! Lowers the entries of one spot: everyone's, and those that may differ from it, each distinct one once.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;

use ambit_core::{PrincipalId, Resource};

use super::entry::{Body, Form, line};
use super::index::{Index, Key, Spot};
use super::layouts::Layouts;
use crate::sql::request::{Dialect, Facts, Outcome, Predicate, Query, Request, Today, access_all};
use crate::sql::{RuleIndex, UserContext};
use crate::target::{Refusal, Refused};

/// What the entries of a dialect depend on.
pub(super) struct Speaker<'a> {
    pub index: &'a Index<'a>,
    /// The index of its rules.
    pub rules: &'a RuleIndex,
    pub layouts: &'a Layouts,
    pub dialect: Dialect,
    /// What stands for `today` in `inline`.
    pub inline_today: Today,
}

/// The entries of one spot.
#[derive(Default)]
pub(super) struct Spoken {
    /// One for each entry, by principal.
    pub lines: Vec<String>,
    /// What could not be said.
    pub refusals: Vec<Refused>,
    /// What is taken for granted.
    pub assumed: BTreeSet<String>,
    /// Does an `inline` depend on the day?
    pub inline_dated: bool,
}

/// How many spots are lowered at the same time, at most.
const THREADS: usize = 8;

impl Speaker<'_> {
    /// All entries, spot by spot. Spots do not depend on one another: they are shared out to threads, and put together in
    /// their order.
    pub fn all(&self, spots: &[Spot]) -> Vec<Spoken> {
        let threads = std::thread::available_parallelism()
            .map_or(1, NonZeroUsize::get)
            .min(THREADS)
            .min(spots.len());
        if threads < 2 {
            return spots.iter().map(|s| self.spot(*s)).collect();
        }
        let mut parts: Vec<Vec<(usize, Spoken)>> = Vec::new();
        std::thread::scope(|scope| {
            let handles: Vec<_> = (0..threads)
                .map(|n| {
                    scope.spawn(move || {
                        let own = spots.iter().enumerate().skip(n).step_by(threads);
                        own.map(|(at, spot)| (at, self.spot(*spot))).collect()
                    })
                })
                .collect();
            for handle in handles {
                match handle.join() {
                    Ok(part) => parts.push(part),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
        });
        let mut all: Vec<(usize, Spoken)> = parts.into_iter().flatten().collect();
        all.sort_by_key(|(at, _)| *at);
        all.into_iter().map(|(_, spoken)| spoken).collect()
    }

    fn spot(&self, spot: Spot) -> Spoken {
        let program = self.index.program;
        let mut spoken = Spoken::default();
        let everyone = self.body(spot, &UserContext::default(), self.index.is_open(spot));
        let common = everyone.json(program, spot.table);
        self.note(&mut spoken, spot, None, &everyone);
        // What each distinct one says, and whether that is what everyone's does.
        let mut seen: BTreeMap<&Key, (String, bool)> = BTreeMap::new();
        let mut lines = vec![("everyone", line(program, spot, "everyone", &common))];
        for candidate in self.index.candidates(spot) {
            let (text, same) = seen.entry(&candidate.key).or_insert_with(|| {
                let user = UserContext::of(program, candidate.principal);
                let body = self.body(spot, &user, candidate.open);
                let json = body.json(program, spot.table);
                let same = json == common;
                if !same {
                    self.note(&mut spoken, spot, Some(candidate.principal), &body);
                }
                (json, same)
            });
            if candidate.always || !*same {
                let name = program.principal(candidate.principal).name.as_str();
                lines.push((name, line(program, spot, name, text)));
            }
        }
        lines.sort_by(|a, b| a.0.cmp(b.0));
        spoken.lines = lines.into_iter().map(|(_, line)| line).collect();
        spoken
    }

    /// The entry of one principal, or of everyone.
    pub fn entry(&self, spot: Spot, who: Option<PrincipalId>) -> String {
        let program = self.index.program;
        let Some(id) = who else {
            let body = self.body(spot, &UserContext::default(), self.index.is_open(spot));
            return line(program, spot, "everyone", &body.json(program, spot.table));
        };
        let mut candidates = self.index.candidates(spot).iter();
        let own = candidates.find(|c| c.principal == id);
        let open = own.map_or_else(|| self.index.is_open(spot), |c| c.open);
        let body = self.body(spot, &UserContext::of(program, id), open);
        let json = body.json(program, spot.table);
        line(program, spot, &program.principal(id).name, &json)
    }

    /// What an entry says. `open`: it depends on facts that are supplied later, or on the day; else its two forms are one.
    fn body(&self, spot: Spot, user: &UserContext, open: bool) -> Body {
        let row = |actions: &[&str]| Form {
            inline: self.predicate(spot, user, actions, Facts::Known, self.inline_today),
            bound: open.then(|| self.predicate(spot, user, actions, Facts::Bound, Today::Bound)),
        };
        let (old, new) = match spot.action {
            "delete" => (row(&["delete", "read"]), None),
            "update" => (row(&["update", "read"]), Some(row(&["update"]))),
            action => (row(&[action]), None),
        };
        Body {
            new: new.filter(|new| !new.says_the_same(&old)),
            old,
        }
    }

    fn predicate(
        &self,
        spot: Spot,
        user: &UserContext,
        actions: &[&str],
        facts: Facts,
        today: Today,
    ) -> Result<Predicate, Refusal> {
        let request = Request {
            program: self.index.program,
            layout: self.layouts.of(spot.source),
            dialect: self.dialect,
            user,
            facts,
            query: Query::Unseen,
            today,
            functions: false,
            rules: Some(self.rules),
        };
        access_all(&request, spot.table, actions, Outcome::True)
    }

    /// Notes what an entry takes for granted and what it refuses.
    fn note(&self, spoken: &mut Spoken, spot: Spot, who: Option<PrincipalId>, body: &Body) {
        let program = self.index.program;
        for predicate in body.predicates() {
            spoken.assumed.extend(predicate.assumes.iter().cloned());
        }
        spoken.inline_dated |= body.inline().any(|p| p.dated);
        for (refusal, closed) in body.refusals() {
            spoken.refusals.push(Refused {
                by: self.dialect.name(),
                principal: who.map(|id| program.principal(id).name.clone()),
                resource: Some(Resource::Table(spot.table)),
                action: Some(spot.action.into()),
                closed,
                refusal: refusal.clone(),
            });
        }
    }
}
