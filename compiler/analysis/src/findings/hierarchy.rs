//! What a hierarchy says of the values that rules name: which are never under which.

use std::collections::{BTreeMap, BTreeSet};

use ambit_core::{Hierarchy, Operand, Path, Pred, Program, Rule, RuleId, TableId, Type, Value};
use ambit_solver::{Bool, Question, RowId, UserId};

use super::reads;
use crate::cx::Cx;

/// Something that the hierarchy says: a value has no other parents than these.
pub(super) struct Fact {
    pub value: Value,
    pub level: usize,
    pub above: usize,
    pub parents: Vec<Value>,
    /// The column has that value.
    is: Pred,
    /// The column above has one of the parents.
    under: Pred,
}

/// A hierarchy with the rules that name its columns.
pub(super) struct Tree<'c> {
    pub hierarchy: &'c Hierarchy,
    pub facts: Vec<Fact>,
    /// The finest level that a rule names, of those that name any, and how many it names.
    pub levels: BTreeMap<RuleId, (usize, usize)>,
    /// The facts about a value, by position.
    by_value: BTreeMap<Value, Vec<usize>>,
    /// Values of types that have few: they matter where nothing names them.
    few: Vec<Value>,
}

impl<'c> Tree<'c> {
    pub fn new(
        cx: &Cx<'_, '_>,
        table: TableId,
        hierarchy: &'c Hierarchy,
        levels: BTreeMap<RuleId, (usize, usize)>,
    ) -> Self {
        let facts = facts(cx, table, hierarchy);
        let mut by_value: BTreeMap<Value, Vec<usize>> = BTreeMap::new();
        let mut few = Vec::new();
        for (position, fact) in facts.iter().enumerate() {
            by_value
                .entry(fact.value.clone())
                .or_default()
                .push(position);
            if has_few(cx, table, hierarchy, fact.level) {
                few.push(fact.value.clone());
            }
        }
        Self {
            hierarchy,
            facts,
            levels,
            by_value,
            few,
        }
    }
}

fn has_few(cx: &Cx<'_, '_>, table: TableId, hierarchy: &Hierarchy, level: usize) -> bool {
    let ty = &cx.program.column(table, hierarchy.levels[level]).ty;
    matches!(ty, Type::Bool | Type::Enum(_))
}

/// What the hierarchy says of the values that rules or users name.
fn facts(cx: &Cx<'_, '_>, table: TableId, hierarchy: &Hierarchy) -> Vec<Fact> {
    let mut named: BTreeSet<&Value> = BTreeSet::new();
    for (_, rule) in &cx.rules {
        for test in reads::all_tests(&rule.pred) {
            literals(test, &mut named);
        }
    }
    written(cx.program, &mut named);
    let mut parents: BTreeMap<(usize, &Value, usize), Vec<Value>> = BTreeMap::new();
    for member in &hierarchy.members {
        for (level, value) in member.iter().enumerate().skip(1) {
            let few = has_few(cx, table, hierarchy, level);
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

/// The values written at users.
fn written<'p>(program: &'p Program, out: &mut BTreeSet<&'p Value>) {
    for principal in &program.principals {
        for (_, value) in &principal.attributes {
            match value {
                Value::Set(values) => out.extend(values.iter()),
                value => {
                    out.insert(value);
                }
            }
        }
    }
}

/// The constants that a test compares with.
pub(super) fn literals<'p>(test: &'p Pred, out: &mut BTreeSet<&'p Value>) {
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

/// The facts of what these rules and those users name, at a row. Of a value whose parent is null the hierarchy says
/// nothing.
pub(super) fn stated<'s>(
    q: &mut Question<'s, '_>,
    tree: &'s Tree<'_>,
    program: &Program,
    rules: &[(RuleId, &Rule)],
    user: UserId,
    row: Option<RowId>,
) -> Bool {
    let mut named: BTreeSet<&Value> = BTreeSet::new();
    for (_, rule) in rules {
        for test in reads::all_tests(&rule.pred) {
            literals(test, &mut named);
        }
    }
    named.extend(&tree.few);
    if rules
        .iter()
        .any(|(_, rule)| !reads::attributes(&rule.pred).is_empty())
    {
        written(program, &mut named);
    }
    let mut positions: Vec<usize> = named
        .into_iter()
        .filter_map(|value| tree.by_value.get(value))
        .flatten()
        .copied()
        .collect();
    positions.sort_unstable();
    let mut parts = Vec::new();
    for fact in positions.into_iter().map(|position| &tree.facts[position]) {
        let is = q.is_true(user, &fact.is, row);
        let not_under = q.is_false(user, &fact.under, row);
        parts.push(q.or([!is, !not_under]));
    }
    q.and(parts)
}
