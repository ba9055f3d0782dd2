//! `linked-fields`: rules ask several fields of a hierarchy for values that, as the hierarchy says, never meet.

use std::collections::{BTreeMap, BTreeSet};

use ambit_core::{
    ColumnId, CompareOp, Effect, Hierarchy, Holder, Operand, Path, Pred, Rule, RuleId, TableId,
    Type, Value,
};
use ambit_solver::{Bool, Question, RowId, UserId, Who};

use super::reads;
use crate::confirm::{Showing, confirm};
use crate::cx::{Cx, Done, Lines, ask, at, own_columns, principal_name, who};
use crate::raw::{Raw, Spot, Trouble};

pub(crate) fn find(cx: &mut Cx<'_, '_>) -> Done {
    let Some(table) = cx.table() else {
        return Ok(());
    };
    for hierarchy in &cx.program.hierarchies {
        if hierarchy.table == table {
            of_hierarchy(cx, table, hierarchy)?;
        }
    }
    Ok(())
}

/// Something that the hierarchy says: a value has no other parents than these.
struct Fact {
    value: Value,
    level: usize,
    above: usize,
    parents: Vec<Value>,
    /// The column has that value.
    is: Pred,
    /// The column above has one of the parents.
    under: Pred,
}

/// A hierarchy with the rules that name its columns.
struct Tree<'c> {
    hierarchy: &'c Hierarchy,
    facts: Vec<Fact>,
    /// The finest level that a rule names, of those that name any, and how many it names.
    levels: BTreeMap<RuleId, (usize, usize)>,
}

fn of_hierarchy(cx: &mut Cx<'_, '_>, table: TableId, hierarchy: &Hierarchy) -> Done {
    let mut levels = BTreeMap::new();
    for (id, rule) in &cx.rules {
        let columns = own_columns(&rule.pred);
        let named: Vec<usize> = (0..hierarchy.levels.len())
            .filter(|level| columns.contains(&hierarchy.levels[*level]))
            .collect();
        if let Some(finest) = named.last() {
            levels.insert(*id, (*finest, named.len()));
        }
    }
    if levels.is_empty() {
        return Ok(());
    }
    let tree = Tree {
        hierarchy,
        facts: facts(cx, table, hierarchy),
        levels,
    };
    if tree.facts.is_empty() {
        return Ok(());
    }
    let mut found = BTreeMap::new();
    for (id, rule) in &cx.rules {
        if tree.levels.get(id).is_some_and(|(_, named)| *named > 1)
            && let Some(raw) = of_rule(cx, &tree, *id, rule)?
        {
            found.insert(*id, raw);
        }
    }
    let alone: BTreeSet<RuleId> = found.keys().copied().collect();
    cx.say_where_all(found);
    of_principals(cx, &tree, &alone)
}

/// What the hierarchy says of the values that rules or users name.
fn facts(cx: &Cx<'_, '_>, table: TableId, hierarchy: &Hierarchy) -> Vec<Fact> {
    let mut named: BTreeSet<&Value> = BTreeSet::new();
    for (_, rule) in &cx.rules {
        for test in reads::all_tests(&rule.pred) {
            literals(test, &mut named);
        }
    }
    for principal in &cx.program.principals {
        for (_, value) in &principal.attributes {
            match value {
                Value::Set(values) => named.extend(values.iter()),
                value => {
                    named.insert(value);
                }
            }
        }
    }
    let mut parents: BTreeMap<(usize, &Value, usize), Vec<Value>> = BTreeMap::new();
    for member in &hierarchy.members {
        for (level, value) in member.iter().enumerate().skip(1) {
            let few = matches!(
                cx.program.column(table, hierarchy.levels[level]).ty,
                Type::Bool | Type::Enum(_)
            );
            if !few && !named.contains(value) {
                continue;
            }
            for (above, parent) in member[..level].iter().enumerate() {
                let list = parents.entry((level, value, above)).or_default();
                if !list.contains(parent) {
                    list.push(parent.clone());
                }
            }
        }
    }
    let column = |level: usize| {
        Operand::Column(Path {
            steps: Vec::new(),
            table,
            column: hierarchy.levels[level],
        })
    };
    parents
        .into_iter()
        .map(|((level, value, above), parents)| Fact {
            is: Pred::InList(column(level), [value.clone()].into()),
            under: Pred::InList(column(above), parents.as_slice().into()),
            value: value.clone(),
            level,
            above,
            parents,
        })
        .collect()
}

fn literals<'p>(test: &'p Pred, out: &mut BTreeSet<&'p Value>) {
    match test {
        Pred::InList(_, values) => out.extend(values.iter()),
        Pred::Compare(a, _, b) => {
            for operand in [a, b] {
                if let Operand::Const(value) = operand {
                    out.insert(value);
                }
            }
        }
        _ => {}
    }
}

/// The facts at a row, together. Of a value whose parent is null the hierarchy says nothing.
fn stated<'s>(
    q: &mut Question<'s, '_>,
    facts: &'s [Fact],
    user: UserId,
    row: Option<RowId>,
) -> Bool {
    let mut parts = Vec::new();
    for fact in facts {
        let is = q.is_true(user, &fact.is, row);
        let not_under = q.is_false(user, &fact.under, row);
        parts.push(q.or([!is, !not_under]));
    }
    q.and(parts)
}

/// One rule by itself.
fn of_rule(
    cx: &Cx<'_, '_>,
    tree: &Tree<'_>,
    id: RuleId,
    rule: &Rule,
) -> Result<Option<Raw>, Trouble> {
    let (mut q, user, row) = ask(cx.model, cx.resource, who(&rule.holder));
    let yes = q.is_true(user, &rule.pred, row);
    let stated = stated(&mut q, &tree.facts, user, row);
    let formulas = [yes, stated];
    let mut asked = q.ask(&formulas)?;
    if !asked.can(&[yes])? || asked.can(&formulas)? {
        return Ok(None);
    }
    let conflict = conflict(tree, &[&rule.pred]);
    let message = match &conflict {
        Some((never, _)) => format!("{never}, so this condition can never hold"),
        None => "this condition asks linked fields for values that never meet".to_owned(),
    };
    Ok(Some(with_facts(
        Raw::new("W0606", at(id), message).label("no row of the hierarchy makes it true"),
        tree,
        conflict.map(|(_, fact)| fact),
    )))
}

/// The rules of a principal together.
fn of_principals(cx: &mut Cx<'_, '_>, tree: &Tree<'_>, alone: &BTreeSet<RuleId>) -> Done {
    let mut order: Vec<(usize, Who)> = cx
        .concerned()
        .into_iter()
        .map(|p| (cx.program.principal(p).closure.len(), Who::Bare(p)))
        .collect();
    order.sort_by_key(|(size, _)| *size);
    let everyone = (0, Who::Nobody);
    // Whoever has more is in the same case for the same rules.
    let mut told: BTreeSet<Vec<RuleId>> = BTreeSet::new();
    for (_, who) in std::iter::once(everyone).chain(order) {
        let rules = cx.rules_for(who);
        let named: Vec<&(RuleId, &Rule)> = rules
            .iter()
            .filter(|(id, _)| tree.levels.contains_key(id))
            .collect();
        let levels: BTreeSet<usize> = named.iter().map(|(id, _)| tree.levels[id].0).collect();
        let takes = named.iter().any(|(_, rule)| rule.effect != Effect::Grant);
        let known = told
            .iter()
            .any(|core| core.iter().all(|id| rules.iter().any(|(r, _)| r == id)));
        if levels.len() < 2 || !takes || known || named.iter().any(|(id, _)| alone.contains(id)) {
            continue;
        }
        if let Some((core, raw)) = of_principal(cx, tree, who, &rules)? {
            told.insert(core);
            cx.out.push(raw);
        }
    }
    Ok(())
}

fn of_principal(
    cx: &Cx<'_, '_>,
    tree: &Tree<'_>,
    who: Who,
    rules: &[(RuleId, &Rule)],
) -> Result<Option<(Vec<RuleId>, Raw)>, Trouble> {
    let (mut q, user, row) = ask(cx.model, cx.resource, who);
    let lines = Lines::new(&mut q, user, row, rules);
    let Some(action) = cx
        .program
        .actions_of(cx.resource)
        .into_iter()
        .find(|action| {
            cx.is_open(action)
                || rules
                    .iter()
                    .any(|(_, r)| r.effect == Effect::Grant && r.actions.contains(action))
        })
    else {
        return Ok(None);
    };
    let given = lines.given(&mut q, &action, cx.is_open(&action), &|_| true);
    let spared = lines.spared(&mut q, &action, &|_| true);
    let stated = stated(&mut q, &tree.facts, user, row);
    let takers: Vec<(RuleId, Bool)> = lines
        .lines
        .iter()
        .filter(|line| line.rule.effect != Effect::Grant)
        .map(|line| (line.id, line.spares))
        .collect();
    let mut whole = spared;
    whole.push(given);
    let mut formulas = whole.clone();
    formulas.push(stated);
    let mut all = formulas.clone();
    all.extend(takers.iter().map(|(_, spares)| *spares));
    let mut asked = q.ask(&all)?;
    if asked.can_usually(&formulas) || !asked.can(&whole)? || asked.can(&formulas)? {
        return Ok(None);
    }
    // The fewest that together leave nothing. Those united by one axis are no one's fault alone.
    let mut core = takers;
    let mut position = 0;
    while position < core.len() {
        let mut list = vec![stated, given];
        list.extend(
            core.iter()
                .enumerate()
                .filter(|(i, _)| *i != position)
                .map(|(_, c)| c.1),
        );
        if asked.can(&list)? {
            position += 1;
        } else {
            core.remove(position);
        }
    }
    // The finest first: it says most.
    core.sort_by_key(|(id, _)| (std::cmp::Reverse(tree.levels.get(id).map(|l| l.0)), *id));
    let Some((finest, keeps)) = core.first().copied() else {
        return Ok(None);
    };
    let mut list = vec![stated, given];
    if asked.can(&[stated, given, keeps])? {
        list.push(keeps);
    }
    let witness = asked.witness(&list)?;
    let shown = match &witness {
        Some(witness) => Some(confirm(
            cx.program,
            witness,
            Showing {
                user: 0,
                resource: cx.resource,
                action: &action,
                allowed: false,
            },
        )?),
        None => None,
    };
    let ids: Vec<RuleId> = core.iter().map(|(id, _)| *id).collect();
    let grants = rules
        .iter()
        .filter(|(id, rule)| rule.effect == Effect::Grant && tree.levels.contains_key(id));
    let preds: Vec<&Pred> = rules
        .iter()
        .filter(|(id, _)| ids.contains(id))
        .chain(grants)
        .map(|(_, rule)| &rule.pred)
        .collect();
    let conflict = conflict(tree, &preds);
    let name = match who {
        Who::Bare(p) => principal_name(cx.program, p),
        _ => ambit_core::print::print_holder(cx.program, &Holder::Everyone),
    };
    let left = format!("{name} is left with nothing on `{}`", cx.name());
    let message = match &conflict {
        Some((never, _)) => format!("{left}: {never}"),
        None => format!("{left}: linked fields are asked for values that never meet"),
    };
    let mut raw = Raw::new("W0606", at(finest), message)
        .label("no row of the hierarchy passes this and the others")
        .witness(shown);
    for id in ids.iter().skip(1) {
        raw = raw.related("asks for what never meets it", Spot::Rule(*id));
    }
    let raw = with_facts(raw, tree, conflict.map(|(_, fact)| fact));
    Ok(Some((ids, raw)))
}

/// What never meets, said: a value that some test asks for and one that another asks of a level above.
fn conflict<'t>(tree: &'t Tree<'_>, preds: &[&Pred]) -> Option<(String, &'t Fact)> {
    let mut asked: BTreeMap<ColumnId, BTreeSet<&Value>> = BTreeMap::new();
    for pred in preds {
        for test in reads::tests(pred) {
            let asks = !test.negated && !matches!(test.pred, Pred::Compare(_, CompareOp::Ne, _));
            if let ([Operand::Column(path), ..], true) =
                (reads::operands(test.pred).as_slice(), asks)
                && path.steps.is_empty()
            {
                literals(test.pred, asked.entry(path.column).or_default());
            }
        }
    }
    let wants = |level: usize| asked.get(&tree.hierarchy.levels[level]);
    let print = ambit_core::print::print_value;
    tree.facts.iter().rev().find_map(|fact| {
        let never = wants(fact.above)?
            .iter()
            .find(|v| !fact.parents.contains(v))?;
        wants(fact.level)?.contains(&fact.value).then(|| {
            let never = format!("`{}` is never under `{}`", print(&fact.value), print(never));
            (never, fact)
        })
    })
}

fn with_facts(raw: Raw, tree: &Tree<'_>, fact: Option<&Fact>) -> Raw {
    let print = ambit_core::print::print_value;
    let raw = match fact {
        Some(fact) => {
            let parents: Vec<String> = fact
                .parents
                .iter()
                .map(|p| format!("`{}`", print(p)))
                .collect();
            raw.note(format!(
                "hierarchy `{}` says that `{}` is under {}",
                tree.hierarchy.name,
                print(&fact.value),
                parents.join(", ")
            ))
        }
        None => raw.note(format!(
            "so the members of hierarchy `{}` say",
            tree.hierarchy.name
        )),
    };
    raw.help("ask for the finest field alone: what is above it follows")
}
