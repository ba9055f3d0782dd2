//! `object-over-rows`: an object is granted whole while rules hide rows of a table behind it.

use std::collections::{BTreeMap, BTreeSet};

use ambit_core::{Effect, Holder, ObjectId, Pred, Resource, Rule, RuleId, SourceId, TableId};
use ambit_solver::{Question, Who, every_rule};

use super::object_sources::not_granted;
use super::scenes;
use super::unprotected_said::hidden_by;
use crate::confirm::{Showing, confirm, decisive};
use crate::cx::{Cx, Done, act, at, has, holder_name};
use crate::raw::{Example, Raw, Trouble};

pub(crate) fn find(cx: &mut Cx<'_, '_>) -> Done {
    let Resource::Object(object) = cx.resource else {
        return Ok(());
    };
    if cx.program.objects[object.index()].uses.is_empty() {
        return Ok(());
    }
    let (mut whole, mut missing) = (BTreeMap::new(), BTreeMap::new());
    for (id, rule) in cx.rules.clone() {
        if matches!(rule.holder, Holder::EveryoneExcept(_)) {
            continue;
        }
        let holder = scenes::holder_alone(cx, &rule.holder);
        if rule.effect != Effect::Grant
            || bypasses(cx, holder, cx.program.objects[object.index()].source)
            || !can(cx, holder, cx.resource, &rule.actions)?
        {
            continue;
        }
        let raw = rows_behind(cx, id, rule, holder, object);
        if let Some(raw) = cx.confirmed(at(id), raw)? {
            whole.insert(id, raw);
        }
        if let Some(raw) = not_granted(cx, id, rule, holder, object)? {
            missing.insert(id, raw);
        }
    }
    cx.say_by_holder(&whole);
    cx.say_by_holder(&missing);
    Ok(())
}

fn bypasses(cx: &Cx<'_, '_>, who: Who, source: Option<SourceId>) -> bool {
    let (Who::Bare(p) | Who::AnyoneWith(p)) = who else {
        return false;
    };
    source.is_some_and(|source| {
        cx.model
            .bypassers(source)
            .iter()
            .any(|b| has(cx.program, p, *b))
    })
}

/// Can such a user do one of these actions, with some row?
fn can(
    cx: &Cx<'_, '_>,
    who: Who,
    resource: Resource,
    actions: &[smol_str::SmolStr],
) -> Result<bool, Trouble> {
    let mut q = Question::new(cx.model);
    let user = q.user(who);
    let row = match resource {
        Resource::Table(table) => Some(q.row(table)),
        Resource::Object(_) => None,
    };
    let mut parts = vec![!q.not_bypassed(user, resource)];
    for action in actions {
        parts.push(q.allowed(user, resource, action, act(row), &every_rule));
    }
    let some = q.or(parts);
    Ok(q.satisfiable(some)?)
}

pub(super) fn reads(cx: &Cx<'_, '_>, who: Who, resource: Resource) -> Result<bool, Trouble> {
    can(cx, who, resource, &["read".into()])
}

/// A table behind the object, outside its source, of which such a user may not read every row.
fn rows_behind(
    cx: &Cx<'_, '_>,
    id: RuleId,
    rule: &Rule,
    who: Who,
    object: ObjectId,
) -> Result<Option<Raw>, Trouble> {
    let Some(source) = cx.program.objects[object.index()].source else {
        return Ok(None);
    };
    let mut work = cx.program.objects[object.index()].uses.clone();
    let mut seen: BTreeSet<Resource> = BTreeSet::new();
    while let Some(used) = work.pop() {
        if !seen.insert(used) {
            continue;
        }
        match used {
            // What is granted itself is judged at its own grant.
            Resource::Object(inner) => {
                if !reads(cx, who, used)? {
                    work.extend(&cx.program.objects[inner.index()].uses);
                }
            }
            Resource::Table(table) => {
                if !cx.program.table(table).sources.contains(&source)
                    && let Some(raw) = hidden_rows(cx, id, rule, who, table)?
                {
                    return Ok(Some(raw));
                }
            }
        }
    }
    Ok(None)
}

fn hidden_rows(
    cx: &Cx<'_, '_>,
    id: RuleId,
    rule: &Rule,
    who: Who,
    table: TableId,
) -> Result<Option<Raw>, Trouble> {
    let behind = Resource::Table(table);
    let by_row = |(_, rule): &(RuleId, &Rule)| !matches!(rule.pred, Pred::Const(_));
    if !cx.model.rules_on(behind).iter().any(by_row) || !reads(cx, who, behind)? {
        return Ok(None);
    }
    let mut q = Question::new(cx.model);
    let user = q.user(who);
    let row = q.row(table);
    let outside = q.not_bypassed(user, behind);
    let may = q.allowed(user, behind, "read", act(Some(row)), &every_rule);
    let hidden = q.and([outside, !may]);
    let Some(witness) = q.witness(hidden)? else {
        return Ok(None);
    };
    let shown = confirm(
        cx.program,
        &witness,
        Showing {
            user: 0,
            who,
            resource: behind,
            action: "read",
            allowed: false,
            said: &|_| true,
        },
    )?;
    let name = &cx.program.table(table).name;
    let mut raw = Raw::new(
        "W0609",
        at(id),
        format!(
            "{} is granted `{}` whole, and may not read every row of `{name}` behind it",
            holder_name(cx.program, &rule.holder),
            cx.name()
        ),
    )
    .label("shows what it shows, whoever looks")
    .note(format!(
        "`{name}` lives elsewhere, so the system of `{}` does not know the rules on its rows",
        cx.name()
    ))
    .help("grant an object that holds only what may be seen, or grant the rows");
    if let Some(hides) = decisive(cx.program, &shown).first() {
        raw = raw.related(hidden_by(cx, *hides, name), at(*hides));
    }
    Ok(Some(raw.example(Some(Example::of(cx.program, &shown)))))
}
