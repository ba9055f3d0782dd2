//! The slice of a program that the findings and claims of one resource depend on: an edit elsewhere leaves it equal.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ambit_core::{Claim, ClaimKind, Origin, Pred, Program, Resource, Rule, RuleBody, RuleId};

/// A slice. Origins are left out: text that moves does not change it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slice {
    /// The rules of the resource, and of all whose rules its own ask, in the order of the program.
    pub rules: Vec<Arc<RuleBody>>,
    /// For each of these the number of the written rule that it came from.
    pub written: Vec<u32>,
    /// The claims on the resource.
    pub claims: Vec<Claim>,
}

/// Where the parts of a slice stand in the program.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SliceIds {
    /// For each rule of the slice the one of the program.
    pub rules: Vec<RuleId>,
    /// For each claim of the slice its position in the program.
    pub claims: Vec<usize>,
}

/// The resources of a program that have findings or claims of their own, in order.
pub fn resources(program: &Program) -> Vec<Resource> {
    let mut all: BTreeSet<Resource> = program.rules.iter().map(|r| r.resource).collect();
    all.extend(program.claims.iter().map(claimed));
    all.into_iter().collect()
}

fn claimed(claim: &Claim) -> Resource {
    match &claim.kind {
        ClaimKind::Can { resource, .. } => *resource,
        ClaimKind::Are { table, .. } => Resource::Table(*table),
    }
}

/// The rules of each resource.
pub(crate) type ByResource = BTreeMap<Resource, OnResource>;

/// The rules of a resource.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct OnResource {
    /// By position.
    pub rules: Vec<RuleId>,
    /// The tables whose rules they ask.
    asks: BTreeSet<Resource>,
}

/// The rules of each resource, those of tests' users left out.
pub(crate) fn by_resource(program: &Program) -> ByResource {
    let mut all: ByResource = BTreeMap::new();
    for (position, rule) in program.rules.iter().enumerate() {
        let of_test = matches!(&rule.holder, ambit_core::Holder::Principal(p)
            if program.principal(*p).test.is_some());
        if !of_test {
            let on = all.entry(rule.resource).or_default();
            on.rules.push(RuleId(position as u32));
            visible(&rule.pred, &mut on.asks);
        }
    }
    all
}

/// Where the parts of the slice of a resource stand.
pub(crate) fn ids(program: &Program, by: &ByResource, resource: Resource) -> SliceIds {
    let claims: Vec<usize> = program
        .claims
        .iter()
        .enumerate()
        .filter(|(_, claim)| claimed(claim) == resource)
        .map(|(i, _)| i)
        .collect();
    let mut wanted: BTreeSet<Resource> = BTreeSet::new();
    let mut work = vec![resource];
    if let Resource::Table(table) = resource {
        // Whether a row leads to one that is hidden is asked over links.
        for column in &program.table(table).columns {
            if let [link] = column.links.as_slice() {
                work.push(Resource::Table(link.table));
            }
        }
    }
    for claim in &claims {
        if let ClaimKind::Can { pred, .. } = &program.claims[*claim].kind {
            let mut asks = BTreeSet::new();
            visible(pred, &mut asks);
            work.extend(asks);
        }
    }
    while let Some(at) = work.pop() {
        if !wanted.insert(at) {
            continue;
        }
        if let Some(on) = by.get(&at) {
            work.extend(&on.asks);
        }
        if let Resource::Object(object) = at {
            work.extend(&program.objects[object.index()].uses);
        }
    }
    let mut rules: Vec<RuleId> = wanted
        .iter()
        .filter_map(|r| by.get(r))
        .flat_map(|on| &on.rules)
        .copied()
        .collect();
    rules.sort_unstable();
    SliceIds { rules, claims }
}

/// The tables whose rules a condition asks.
fn visible(pred: &Pred, out: &mut BTreeSet<Resource>) {
    match pred {
        Pred::LinkVisible(steps) => {
            out.extend(steps.last().map(|s| Resource::Table(s.to)));
        }
        Pred::Exists(exists) => {
            if exists.visible {
                out.insert(Resource::Table(exists.table));
            }
            visible(&exists.pred, out);
        }
        other => other.children().iter().for_each(|c| visible(c, out)),
    }
}

/// The slice of these parts.
pub(crate) fn slice(program: &Program, ids: &SliceIds) -> Slice {
    // What one written rule became stands side by side.
    let mut number = 0;
    let mut last: Option<&Origin> = None;
    let mut rules = Vec::with_capacity(ids.rules.len());
    let mut written = Vec::with_capacity(ids.rules.len());
    for id in &ids.rules {
        let rule = &program.rules[id.index()];
        if last.is_some_and(|last| *last != rule.origin) {
            number += 1;
        }
        last = Some(&rule.origin);
        written.push(number);
        rules.push(Arc::clone(&rule.body));
    }
    let claims = ids
        .claims
        .iter()
        .map(|i| Claim {
            origin: Origin::default(),
            ..program.claims[*i].clone()
        })
        .collect();
    Slice {
        rules,
        written,
        claims,
    }
}

/// The program without rules, tests and claims, and without places: schema, principals, settings.
pub(crate) fn base(program: &Program) -> Program {
    let mut base = Program {
        settings: program.settings.clone(),
        sources: program.sources.clone(),
        enums: program.enums.clone(),
        tables: program.tables.clone(),
        hierarchies: program.hierarchies.clone(),
        kinds: program.kinds.clone(),
        objects: program.objects.clone(),
        attributes: program.attributes.clone(),
        principals: program.principals.clone(),
        exclusive: program.exclusive.clone(),
        ..Program::default()
    };
    let none = Origin::default();
    base.exclusive
        .iter_mut()
        .for_each(|x| x.origin = none.clone());
    base.sources
        .iter_mut()
        .for_each(|x| x.origin = none.clone());
    base.enums.iter_mut().for_each(|x| x.origin = none.clone());
    base.tables.iter_mut().for_each(|x| x.origin = none.clone());
    base.hierarchies
        .iter_mut()
        .for_each(|x| x.origin = none.clone());
    base.kinds.iter_mut().for_each(|x| x.origin = none.clone());
    base.objects
        .iter_mut()
        .for_each(|x| x.origin = none.clone());
    base.attributes
        .iter_mut()
        .for_each(|x| x.origin = none.clone());
    base.principals
        .iter_mut()
        .for_each(|x| x.origin = none.clone());
    base
}

/// A program of a slice.
pub(crate) fn program(base: &Program, slice: &Slice) -> Program {
    Program {
        rules: slice.rules.iter().cloned().map(Rule::from).collect(),
        claims: slice.claims.clone(),
        ..base.clone()
    }
}
