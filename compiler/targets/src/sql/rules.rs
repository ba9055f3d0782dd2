//! Which rules speak of whom, found without looking at all of them.

use std::collections::{BTreeMap, BTreeSet};

use ambit_core::{Holder, PrincipalId, Program, Resource, TableId};

/// The rules on tables, by table and holder: positions in `Program::rules`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RuleIndex {
    /// Rules of a principal.
    held: BTreeMap<(TableId, PrincipalId), Vec<u32>>,
    /// Rules of everyone, and of everyone except some.
    common: BTreeMap<TableId, Vec<u32>>,
}

impl RuleIndex {
    /// Looks at each rule once.
    pub fn new(program: &Program) -> Self {
        let mut index = Self::default();
        for (number, rule) in (0..).zip(&program.rules) {
            let Resource::Table(table) = rule.resource else {
                continue;
            };
            let list = match rule.holder {
                Holder::Principal(id) => index.held.entry((table, id)).or_default(),
                Holder::Everyone | Holder::EveryoneExcept(_) => {
                    index.common.entry(table).or_default()
                }
            };
            list.push(number);
        }
        index
    }

    /// The rules on a table that may speak of whoever has these principals, in the order of the program. Whom `everyone
    /// except` leaves out is not looked at.
    pub fn of(&self, table: TableId, principals: &BTreeSet<PrincipalId>) -> Vec<u32> {
        let held = principals
            .iter()
            .filter_map(|p| self.held.get(&(table, *p)));
        let mut all: Vec<u32> = held
            .chain(self.common.get(&table))
            .flatten()
            .copied()
            .collect();
        all.sort_unstable();
        all
    }
}
