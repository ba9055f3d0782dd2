//! What to say of values that never meet.

use std::collections::{BTreeMap, BTreeSet};

use ambit_core::{ColumnId, CompareOp, Operand, Pred, Value};

use super::hierarchy::{Fact, Tree, literals};
use super::reads;
use crate::raw::Raw;

/// What never meets, said: a value that some test asks for and one that another asks of a level above.
pub(super) fn conflict<'t>(tree: &'t Tree<'_>, preds: &[&Pred]) -> Option<(String, &'t Fact)> {
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

pub(super) fn with_facts(raw: Raw, tree: &Tree<'_>, fact: Option<&Fact>) -> Raw {
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
