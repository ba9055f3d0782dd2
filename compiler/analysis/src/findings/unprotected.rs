//! `unprotected-path`: who may not read a row may still read others that lead to it.

use std::collections::BTreeMap;
use std::sync::Arc;

use ambit_core::{
    Applies, ColumnId, Effect, Holder, Operand, Pred, PrincipalId, Program, Resource, Rule,
    RuleBody, RuleId, Step,
};
use ambit_eval::Truth;
use ambit_solver::{Act, Bool, Question, Who, every_rule};

use super::reads::{all_tests, operands};
use super::scenes;
use super::unprotected_said::{asks_for, said};
use crate::answers::Reached;
use crate::confirm::{Showing, confirm, decisive};
use crate::cx::{Cx, Done, at, speaks_of};
use crate::raw::{Example, Trouble};

pub(crate) fn find(cx: &mut Cx<'_, '_>) -> Done {
    let Some(table) = cx.table() else {
        return Ok(());
    };
    for (position, column) in cx.program.table(table).columns.iter().enumerate() {
        let [link] = column.links.as_slice() else {
            continue;
        };
        if cx.program.table(link.table).keys != [link.column] || link.table == table {
            continue;
        }
        let step = Step {
            from: table,
            column: ColumnId(position as u32),
            to: link.table,
            key: link.column,
        };
        of_link(cx, &step)?;
    }
    Ok(())
}

fn of_link(cx: &mut Cx<'_, '_>, step: &Step) -> Done {
    let parent = Resource::Table(step.to);
    let by_row = |(_, rule): &(RuleId, &Rule)| !matches!(rule.pred, Pred::Const(_));
    if !cx.model.rules_on(parent).iter().any(by_row) {
        return Ok(());
    }
    let parents = Cx::new(cx.program, &cx.shared, parent);
    let circle = asks_for(cx, step.to, step.from);
    let mut holders: Vec<(Holder, Vec<(RuleId, &Rule)>)> = Vec::new();
    let mut places: BTreeMap<Option<u32>, usize> = BTreeMap::new();
    for (id, rule) in cx.rules.clone() {
        if rule.effect != Effect::Grant || !speaks_of(rule, "read") {
            continue;
        }
        let key = match rule.holder {
            Holder::Principal(p) => Some(p.0),
            Holder::Everyone => None,
            Holder::EveryoneExcept(_) => continue,
        };
        let place = *places.entry(key).or_insert_with(|| {
            holders.push((rule.holder.clone(), Vec::new()));
            holders.len() - 1
        });
        if let Some((_, grants)) = holders.get_mut(place) {
            grants.push((id, rule));
        }
    }
    let speaking = Speaking::new(cx.program);
    let mut found = BTreeMap::new();
    for (holder, grants) in holders {
        (cx.shared.wanted)();
        let who = scenes::holder_alone(cx, &holder);
        let about = (cx.resource, step.column, holder);
        let rules = speaking.of(cx.program, who);
        // One grant of a holder is enough to tell.
        let look = || -> Result<Option<Reached>, Trouble> {
            let Some(part) = reads_a_part(&parents, who)? else {
                return Ok(None);
            };
            for (id, rule) in &grants {
                if let Some(reached) = of_grant(cx, *id, rule, who, step, part)? {
                    return Ok(Some(reached));
                }
            }
            Ok(None)
        };
        let shared = cx.shared;
        let reached = shared.answers.reached(about, shared.base, &rules, look);
        let Some((first, _)) = grants.first() else {
            continue;
        };
        let reached = cx.confirmed(at(*first), reached)?;
        if let Some(reached) = reached
            && let Some((id, rule)) = grants.iter().find(|(id, _)| *id == reached.grant)
        {
            let raw = said(cx, (*id, rule), step, reached.hides.as_ref(), circle);
            found.insert(*id, raw.example(Some(reached.example)));
        }
    }
    cx.say_by_holder(&found);
    Ok(())
}

/// The rules of a program by whom they speak of, whatever they are on.
struct Speaking {
    by_principal: BTreeMap<PrincipalId, Vec<RuleId>>,
    by_all: Vec<RuleId>,
}

impl Speaking {
    fn new(program: &Program) -> Self {
        let mut by_principal: BTreeMap<PrincipalId, Vec<RuleId>> = BTreeMap::new();
        let mut by_all = Vec::new();
        for (position, rule) in program.rules.iter().enumerate() {
            let id = RuleId(position as u32);
            match rule.holder {
                Holder::Principal(p) => by_principal.entry(p).or_default().push(id),
                Holder::Everyone | Holder::EveryoneExcept(_) => by_all.push(id),
            }
        }
        Self {
            by_principal,
            by_all,
        }
    }

    /// All that can speak of such a user, in order.
    fn of(&self, program: &Program, who: Who) -> Vec<(RuleId, Arc<RuleBody>)> {
        let closure: &[PrincipalId] = match who {
            Who::Bare(p) => &program.principal(p).closure,
            Who::Nobody => &[],
            Who::Anyone | Who::AnyoneWith(_) | Who::Both(..) => {
                let all = program.rules.iter().enumerate();
                return all
                    .map(|(i, rule)| (RuleId(i as u32), Arc::clone(&rule.body)))
                    .collect();
            }
        };
        let of = closure.iter().filter_map(|p| self.by_principal.get(p));
        let mut ids: Vec<RuleId> = of.flatten().chain(&self.by_all).copied().collect();
        ids.sort_unstable();
        ids.into_iter()
            .filter_map(|id| Some((id, Arc::clone(&program.rules.get(id.index())?.body))))
            .collect()
    }
}

/// What a user may read of a table: some rows, and, as far as is seen without asking, not all.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// The same rows whatever user, query and day.
    OfRows,
    /// It may be none at all for some user, query or day.
    Varying,
}

/// May such a user read a part of the table?
fn reads_a_part(parents: &Cx<'_, '_>, who: Who) -> Result<Option<Part>, Trouble> {
    let rules = parents.rules_for(who);
    let open = parents.is_open("read");
    let grants = |rule: &Rule| rule.effect == Effect::Grant && speaks_of(rule, "read");
    if !open && !rules.iter().any(|(_, rule)| grants(rule)) {
        return Ok(None);
    }
    let takes = rules
        .iter()
        .any(|(_, rule)| rule.effect != Effect::Grant && speaks_of(rule, "read"));
    let all = open
        || rules.iter().any(|(_, rule)| {
            grants(rule) && rule.pred == Pred::Const(true) && rule.applies == Applies::Always
        });
    if all && !takes {
        return Ok(None);
    }
    let Some(table) = parents.table() else {
        return Ok(None);
    };
    let mut q = Question::new(parents.model);
    let user = q.user(who);
    let row = q.row(table);
    let keep = |id| rules.iter().any(|(r, _)| *r == id);
    let outside = q.not_bypassed(user, parents.resource);
    let may = q.allowed(user, parents.resource, "read", Act::Read(row), &keep);
    let some = q.and([outside, may]);
    let part = if rules.iter().all(|(_, rule)| speaks_of_rows_alone(rule)) {
        Part::OfRows
    } else {
        Part::Varying
    };
    Ok(q.satisfiable(some)?.then_some(part))
}

/// Does the rule ask nothing of user, query and day?
fn speaks_of_rows_alone(rule: &Rule) -> bool {
    let of_rows = |test: &&Pred| match test {
        Pred::InSet(..) | Pred::InWindow(..) | Pred::LinkVisible(_) => false,
        Pred::Exists(exists) => !exists.visible,
        test => operands(test)
            .iter()
            .all(|operand| matches!(operand, Operand::Column(_) | Operand::Const(_))),
    };
    rule.applies == Applies::Always && all_tests(&rule.pred).iter().all(of_rows)
}

/// A row that this grant gives, and that leads to a hidden one.
fn of_grant(
    cx: &Cx<'_, '_>,
    id: RuleId,
    rule: &Rule,
    who: Who,
    step: &Step,
    part: Part,
) -> Result<Option<Reached>, Trouble> {
    let parent = Resource::Table(step.to);
    let mut q = Question::new(cx.model);
    let user = q.user(who);
    let row = q.row(step.from);
    let (linked, there) = q.linked_row(row, step);
    let gives = q.is_true(user, &rule.pred, Some(row));
    let active = q.active(user, rule);
    let may = q.allowed(user, cx.resource, "read", Act::Read(row), &every_rule);
    let may_parent = q.allowed(user, parent, "read", Act::Read(linked), &every_rule);
    let may_other = if part == Part::Varying {
        // Some other row the same user may read: the table is not closed to him as a whole.
        let other = q.new_row(step.to);
        q.allowed(user, parent, "read", Act::Read(other), &every_rule)
    } else {
        Bool::TRUE
    };
    let parts = [
        may_other,
        q.not_bypassed(user, cx.resource),
        q.not_bypassed(user, parent),
        active,
        gives,
        may,
        there,
        !may_parent,
    ];
    let reached = q.and(parts);
    let Some(witness) = q.witness(reached)? else {
        return Ok(None);
    };
    let shown = confirm(
        cx.program,
        &witness,
        Showing {
            user: 0,
            who,
            resource: cx.resource,
            action: "read",
            allowed: true,
            said: &|case| case.rule(id) == Some(Truth::True),
        },
    )?;
    // The hidden row, judged by the evaluator, too.
    let key = step.key.index();
    let own = shown
        .row
        .as_ref()
        .map(|row| row[step.column.index()].clone());
    let hidden = witness
        .related
        .iter()
        .filter(|(table, _)| *table == step.to)
        .flat_map(|(_, rows)| rows)
        .find(|row| Some(&row[key]) == own.as_ref());
    let mut other = witness.clone();
    other.rows = vec![hidden.cloned()];
    let behind = confirm(
        cx.program,
        &other,
        Showing {
            user: 0,
            who,
            resource: parent,
            action: "read",
            allowed: false,
            said: &|_| true,
        },
    )?;
    Ok(Some(Reached {
        grant: id,
        example: Example::of(cx.program, &shown),
        hides: decisive(cx.program, &behind).first().copied(),
    }))
}
