//! Whether two programs mean the same: every decision about every row (or object), for every user, query and day.
//!
//! Both must have the same schema and the same principals; only rules may differ. Nothing is assumed of data that a
//! database might not enforce.

use std::collections::BTreeSet;
use std::sync::Arc;

use ambit_core::{Holder, Program, Resource, Rule, RuleId};
use ambit_solver::{Facts, Limit, Model, Question, Who};

use crate::cx::act_on;
use crate::slice;

/// So many rules of one resource, before and after, are compared; beyond that it is said that it is too much.
pub const MAX_RULES: usize = 400;

/// Do both mean the same? `stop` says whether anybody still wants to know; who does not is told no.
///
/// # Errors
/// Where a question is beyond the solver, or there are more rules than [`MAX_RULES`].
pub fn same_meaning(
    before: &Program,
    after: &Program,
    stop: &dyn Fn() -> bool,
) -> Result<bool, Limit> {
    if slice::base(before) != slice::base(after) {
        return Ok(false);
    }
    let claims = |p: &Program| -> Vec<_> { p.claims.iter().map(|c| c.kind.clone()).collect() };
    if claims(before) != claims(after) {
        return Ok(false);
    }
    let (old, new) = (bare(before), bare(after));
    let of = |rules: &[Rule]| -> BTreeSet<Resource> { rules.iter().map(|r| r.resource).collect() };
    for resource in of(&old).union(&of(&new)) {
        let on = |rules: &[Rule]| -> Vec<Rule> {
            let on = rules.iter().filter(|r| r.resource == *resource);
            on.cloned().collect()
        };
        let (mine, other) = (on(&old), on(&new));
        if same_rules(&mine, &other) {
            continue;
        }
        if stop() || !same_decisions(before, &old, *resource, &mine, &other)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The rules without where and how they are written; those of the users of tests left out.
fn bare(program: &Program) -> Vec<Rule> {
    let of_test = |rule: &&Rule| matches!(&rule.holder, Holder::Principal(p) if program.principal(*p).test.is_some());
    program
        .rules
        .iter()
        .filter(|rule| !of_test(rule))
        .map(|rule| {
            let mut bare = Rule::from(Arc::clone(&rule.body));
            // Only a rule that says otherwise is copied.
            if bare.everything_in.is_some() {
                bare.everything_in = None;
            }
            bare
        })
        .collect()
}

/// The same rules, in any order and number: saying a rule twice says it once.
fn same_rules(a: &[Rule], b: &[Rule]) -> bool {
    a == b || a.iter().all(|r| b.contains(r)) && b.iter().all(|r| a.contains(r))
}

/// Do these rules on a resource decide alike? What its conditions ask of other resources is asked of the rules before:
/// nothing asks in a circle, so those that are asked are proved alike by themselves.
fn same_decisions(
    program: &Program,
    all: &[Rule],
    resource: Resource,
    mine: &[Rule],
    other: &[Rule],
) -> Result<bool, Limit> {
    if mine.len() + other.len() > MAX_RULES {
        return Err(Limit::Size);
    }
    let mut list = [mine, other].concat();
    list.extend(all.iter().filter(|r| r.resource != resource).cloned());
    let model = Model::with_rules(program, &list);
    let (first, both) = (mine.len(), mine.len() + other.len());
    for who in concerned(mine, other) {
        for action in program.actions_of(resource) {
            let mut q = Question::with_facts(&model, Facts::NONE);
            let user = q.user(who);
            let act = act_on(&mut q, resource, &action);
            let not_bypassed = q.not_bypassed(user, resource);
            q.require(not_bypassed);
            let was = q.allowed(user, resource, &action, act, &|id: RuleId| {
                id.index() < first
            });
            let is = q.allowed(user, resource, &action, act, &|id: RuleId| {
                (first..both).contains(&id.index())
            });
            let lost = q.and([was, !is]);
            let won = q.and([!was, is]);
            let differs = q.or([lost, won]);
            if q.satisfiable(differs)? {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

/// Who can tell the difference: the bare holder of each rule that is on one side only, and anyone.
fn concerned(mine: &[Rule], other: &[Rule]) -> Vec<Who> {
    let mut found = BTreeSet::new();
    for (side, against) in [(mine, other), (other, mine)] {
        for rule in side.iter().filter(|r| !against.contains(r)) {
            if let Holder::Principal(p) = rule.holder {
                found.insert(p);
            }
        }
    }
    // The few first: where they differ, it shows at once.
    let bare = found.into_iter().map(Who::Bare);
    bare.chain([Who::Nobody, Who::Anyone]).collect()
}
