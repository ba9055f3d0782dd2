//! Scopes: a boolean for each listed pair, for "another member" of each level, and for "another level".

use std::collections::{BTreeMap, BTreeSet};

use ambit_core::{ScopeMode, ScopeTest};
use batsat::Lit;
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use crate::atom::TermId;
use crate::sat::Sat;

/// Scopes that may be the same, and what is asked of them.
#[derive(Debug)]
pub(crate) struct ScopeClass {
    /// The members that tests list, by level.
    pub levels: BTreeMap<SmolStr, BTreeSet<SmolStr>>,
    pub has: FxHashMap<TermId, Pairs>,
}

/// The pairs of a scope.
#[derive(Debug)]
pub(crate) struct Pairs {
    /// A listed pair.
    pub listed: BTreeMap<(SmolStr, SmolStr), Lit>,
    /// A member of a level that no test lists.
    pub other_member: BTreeMap<SmolStr, Lit>,
    /// A level that no test lists.
    pub other_level: Lit,
}

impl Pairs {
    pub fn all(&self) -> Vec<Lit> {
        let mut all: Vec<Lit> = self.listed.values().copied().collect();
        all.extend(self.other_member.values());
        all.push(self.other_level);
        all
    }
}

impl ScopeClass {
    pub fn new(sat: &mut Sat<'_>, terms: &[TermId], tests: &[ScopeTest]) -> Self {
        let mut levels: BTreeMap<SmolStr, BTreeSet<SmolStr>> = BTreeMap::new();
        for level in tests.iter().flat_map(|t| &t.levels) {
            let members = levels.entry(level.level.clone()).or_default();
            members.extend(level.members.iter().flatten().cloned());
        }
        let mut has = FxHashMap::default();
        for term in terms {
            let mut listed = BTreeMap::new();
            let mut other_member = BTreeMap::new();
            for (level, members) in &levels {
                for member in members {
                    listed.insert((level.clone(), member.clone()), sat.fresh());
                }
                other_member.insert(level.clone(), sat.fresh());
            }
            has.insert(
                *term,
                Pairs {
                    listed,
                    other_member,
                    other_level: sat.fresh(),
                },
            );
        }
        Self { levels, has }
    }

    /// A test of a scope that can be read (language.md, "Scopes").
    pub fn test(&self, sat: &mut Sat<'_>, term: TermId, test: &ScopeTest) -> Lit {
        let pairs = &self.has[&term];
        let mut fitted = Vec::new();
        let mut within = vec![!pairs.other_level];
        for (level, members) in &self.levels {
            let other = pairs.other_member[level];
            let listed = test.levels.iter().find(|l| l.level == *level);
            for member in members {
                let pair = pairs.listed[&(level.clone(), member.clone())];
                let fits = match listed.map(|l| &l.members) {
                    None => false,
                    Some(None) => true,
                    Some(Some(wanted)) => wanted.contains(member),
                };
                if !fits {
                    within.push(!pair);
                }
            }
            if !matches!(listed.map(|l| &l.members), Some(None)) {
                within.push(!other);
            }
        }
        for level in &test.levels {
            match &level.members {
                Some(members) => fitted.extend(
                    members
                        .iter()
                        .map(|m| pairs.listed[&(level.level.clone(), m.clone())]),
                ),
                // One entry, which every pair of the level fits.
                None => {
                    let mut any: Vec<Lit> = pairs
                        .listed
                        .iter()
                        .filter(|((l, _), _)| *l == level.level)
                        .map(|(_, lit)| *lit)
                        .collect();
                    any.push(pairs.other_member[&level.level]);
                    fitted.push(sat.or(&any));
                }
            }
        }
        match test.mode {
            ScopeMode::MatchAll => {
                within.extend(fitted);
                within.push(sat.or(&pairs.all()));
                sat.and(&within)
            }
            ScopeMode::MatchAny => {
                within.push(sat.or(&pairs.all()));
                sat.and(&within)
            }
            ScopeMode::ContainsAll => sat.and(&fitted),
            ScopeMode::ContainsAny => sat.or(&fitted),
        }
    }

    /// Two scopes hold the same pairs, as far as tests can tell.
    pub fn same(&self, sat: &mut Sat<'_>, a: TermId, b: TermId) -> Lit {
        let mut parts = Vec::new();
        for (x, y) in self.has[&a].all().into_iter().zip(self.has[&b].all()) {
            let (only_x, only_y) = (sat.and(&[x, !y]), sat.and(&[!x, y]));
            parts.push(!only_x);
            parts.push(!only_y);
        }
        sat.and(&parts)
    }
}
