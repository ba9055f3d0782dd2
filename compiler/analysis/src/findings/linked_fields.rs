//! `linked-fields`: rules ask several fields of a hierarchy for values that, as the hierarchy says, never meet.

use std::collections::{BTreeMap, BTreeSet};

use ambit_core::{Hierarchy, Rule, RuleId, TableId};

use super::hierarchy::{Tree, stated};
use super::hierarchy_said::{conflict, with_facts};
use super::linked_together;
use crate::cx::{Cx, Done, ask, at, own_columns, who};
use crate::raw::{Raw, Trouble};

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
    let tree = Tree::new(cx, table, hierarchy, levels);
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
    cx.say_where_all(&found);
    linked_together::find(cx, &tree, &alone)
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
    let stated = stated(&mut q, tree, cx.program, &[(id, rule)], user, row);
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
