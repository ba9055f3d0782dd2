//! Principals: groups, users, and each instance of a role that a rule, user or role names.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use ambit_core::print::print_value;
use ambit_core::{OutsideName, Principal, PrincipalId, PrincipalKind, Program, TestId, Value};
use ambit_diagnostics::ItemKey;
use ambit_grammar::ast::{self, ItemKind};
use smol_str::SmolStr;

use super::Lower;
use crate::db::{Db, Project};
use crate::items::{Item, item_head};
use crate::names::Sort;
use crate::types::{
    Piece, TArg, TClaim, TPerson, TSubject, TWho, check_item, outside_of, role_decl, template,
};

/// The identity of a principal: its printed name, then the test that gives it.
pub(crate) type Key = (SmolStr, Option<TestId>);

/// What a principal is made of.
#[derive(Debug, PartialEq, Eq)]
struct Instance {
    base: SmolStr,
    args: Vec<Value>,
    /// For a user of a test, the position among its users.
    given: Option<usize>,
    kind: PrincipalKind,
    has: Vec<(SmolStr, Vec<Value>)>,
}

/// All principals of the program.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Instances {
    all: BTreeMap<Key, Instance>,
    ids: HashMap<Key, PrincipalId>,
    /// The instances of each role, in the order of ids.
    by_base: HashMap<SmolStr, Vec<Key>>,
    /// The id of each test.
    tests: HashMap<ItemKey, TestId>,
}

/// `market("FRANCE")`.
fn display(base: &SmolStr, args: &[Value]) -> SmolStr {
    if args.is_empty() {
        return base.clone();
    }
    let list: Vec<String> = args.iter().map(print_value).collect();
    format!("{base}({})", list.join(", ")).into()
}

/// A principal as written, parameters filled in.
fn fill(who: &TWho, args: &[Value]) -> (SmolStr, Vec<Value>) {
    let values = who
        .args
        .iter()
        .map(|a| match a {
            TArg::Value(v) => v.clone(),
            TArg::Param(i) => args.get(*i as usize).cloned().unwrap_or(Value::Null),
        })
        .collect();
    (who.name.clone(), values)
}

/// The principals of a project.
#[salsa::tracked(returns(ref))]
pub(crate) fn instances(db: &dyn Db, project: Project) -> Instances {
    Instances::collect(&Lower::without_places(db, project))
}

impl Instances {
    fn collect(lower: &Lower<'_>) -> Self {
        let db = lower.db;
        let mut found = Self::default();
        let mut wanted: Vec<(SmolStr, Vec<Value>)> = Vec::new();
        for sort in [Sort::Role, Sort::Group, Sort::User] {
            for item in lower.ids.items(sort) {
                let plain = role_decl(db, *item).is_none_or(|d| d.params.is_empty());
                if plain {
                    wanted.push((item.key(db).name.clone(), Vec::new()));
                }
            }
        }
        let mut tests = 0;
        for item in lower.items() {
            let checked = check_item(db, item);
            let typed = &checked.typed;
            let keyword = item.key(db).keyword.as_str();
            if !matches!(keyword, "role" | "group") {
                wanted.extend(typed.whos.iter().map(|w| fill(w, &[])));
            }
            if let Some(test) = &typed.test {
                let id = TestId(tests);
                tests += 1;
                found.tests.insert(item.key(db).clone(), id);
                let given: BTreeSet<&SmolStr> = test.users.iter().map(|u| &u.name).collect();
                for (position, person) in test.users.iter().enumerate() {
                    wanted.extend(person.has.iter().map(|w| fill(w, &[])));
                    found.insert_given(id, position, person);
                }
                wanted.extend(
                    test.steps
                        .iter()
                        .filter(|s| !given.contains(&s.who.name))
                        .map(|s| fill(&s.who, &[])),
                );
            }
            match &typed.claim {
                Some(TClaim::Can { subject, .. }) => {
                    wanted.extend(subject_who(subject).map(|w| fill(w, &[])));
                }
                Some(TClaim::Are { left, right, .. }) => {
                    wanted.extend(
                        subject_who(left)
                            .into_iter()
                            .chain(subject_who(right))
                            .map(|w| fill(w, &[])),
                    );
                }
                None => {}
            }
        }
        while let Some((base, args)) = wanted.pop() {
            let key = (display(&base, &args), None);
            if found.all.contains_key(&key) {
                continue;
            }
            let Some((item, kind)) = declared(lower, &base) else {
                continue;
            };
            let has: Vec<(SmolStr, Vec<Value>)> = check_item(db, item)
                .typed
                .whos
                .iter()
                .map(|w| fill(w, &args))
                .collect();
            wanted.extend(has.iter().cloned());
            found.all.insert(
                key,
                Instance {
                    base,
                    args,
                    given: None,
                    kind,
                    has,
                },
            );
        }
        for (i, (key, instance)) in found.all.iter().enumerate() {
            found.ids.insert(key.clone(), PrincipalId(i as u32));
            if key.1.is_none() {
                found
                    .by_base
                    .entry(instance.base.clone())
                    .or_default()
                    .push(key.clone());
            }
        }
        found
    }

    fn insert_given(&mut self, test: TestId, position: usize, person: &TPerson) {
        let instance = Instance {
            base: person.name.clone(),
            args: Vec::new(),
            given: Some(position),
            kind: PrincipalKind::User,
            has: person.has.iter().map(|w| fill(w, &[])).collect(),
        };
        self.all.insert((person.name.clone(), Some(test)), instance);
    }

    /// The id of a principal as written; inside a test its own users come first.
    pub fn id(&self, who: &TWho, args: &[Value], test: Option<TestId>) -> PrincipalId {
        let (base, values) = fill(who, args);
        let name = display(&base, &values);
        let own = test.and_then(|t| self.ids.get(&(name.clone(), Some(t))));
        let id = own.or_else(|| self.ids.get(&(name, None))).copied();
        // Every principal that is written was collected.
        id.unwrap_or(PrincipalId(u32::MAX))
    }

    /// The id of a test.
    pub fn test(&self, item: &ItemKey) -> Option<TestId> {
        self.tests.get(item).copied()
    }

    /// The id of a user of a test.
    pub fn given(&self, name: &SmolStr, test: TestId) -> PrincipalId {
        self.ids
            .get(&(name.clone(), Some(test)))
            .copied()
            .unwrap_or(PrincipalId(u32::MAX))
    }

    /// The instances of a declared role, group or user: id and arguments.
    pub fn of(&self, base: &SmolStr) -> Vec<(PrincipalId, &[Value])> {
        self.by_base
            .get(base)
            .into_iter()
            .flatten()
            .filter_map(|key| Some((*self.ids.get(key)?, self.all.get(key)?.args.as_slice())))
            .collect()
    }
}

fn subject_who(subject: &TSubject) -> Option<&TWho> {
    match subject {
        TSubject::Who(who) | TSubject::Anyone(Some(who)) => Some(who),
        TSubject::Anyone(None) => None,
    }
}

fn declared<'db>(lower: &Lower<'db>, base: &str) -> Option<(Item<'db>, PrincipalKind)> {
    let find = |sort| crate::types::find(lower.db, base, sort);
    find(Sort::Role)
        .map(|i| (i, PrincipalKind::Role))
        .or_else(|| find(Sort::Group).map(|i| (i, PrincipalKind::Group)))
        .or_else(|| find(Sort::User).map(|i| (i, PrincipalKind::User)))
}

/// Fills the principals of a program.
pub(crate) fn lower_principals(lower: &Lower<'_>, instances: &Instances, program: &mut Program) {
    let tests: HashMap<TestId, Item<'_>> = lower
        .items()
        .filter_map(|item| Some((instances.test(item.key(lower.db))?, item)))
        .collect();
    for ((name, test), instance) in &instances.all {
        let inherits: Vec<PrincipalId> = instance
            .has
            .iter()
            .filter_map(|(base, args)| instances.ids.get(&(display(base, args), None)).copied())
            .collect();
        let item = match test {
            Some(test) => tests.get(test).copied(),
            None => declared(lower, &instance.base).map(|(item, _)| item),
        };
        // Every principal was made of an item.
        let Some(item) = item else { continue };
        program
            .principals
            .push(principal(lower, (name, *test), item, instance, inherits));
    }
    let closures = closures(program);
    for (principal, closure) in program.principals.iter_mut().zip(closures) {
        principal.closure = closure;
    }
}

fn principal<'db>(
    lower: &Lower<'db>,
    (name, test): (&SmolStr, Option<TestId>),
    item: Item<'db>,
    instance: &Instance,
    inherits: Vec<PrincipalId>,
) -> Principal {
    let db = lower.db;
    let tree = item_head(db, item);
    let checked = check_item(db, item);
    let mut out = Principal {
        kind: instance.kind,
        name: name.clone(),
        base: instance.base.clone(),
        args: instance.args.clone(),
        outside: Vec::new(),
        inherits,
        closure: Vec::new(),
        bypasses: Vec::new(),
        attributes: Vec::new(),
        test,
        docs: Vec::new(),
        origin: lower.origins.of(item, tree.span),
    };
    let facts = |facts: &[(SmolStr, Value)]| {
        facts
            .iter()
            .map(|(name, value)| (lower.ids.attribute(name), value.clone()))
            .collect()
    };
    if let Some(person) = instance
        .given
        .and_then(|i| checked.typed.test.as_ref()?.users.get(i))
    {
        out.outside = lower.outside_names(person.outside.clone());
        out.attributes = facts(&person.facts);
        out.origin = lower.origins.of(item, person.span);
        return out;
    }
    out.docs.clone_from(&tree.docs);
    match &tree.kind {
        ItemKind::Role(role) | ItemKind::Group(role) => {
            out.outside = filled(lower, role, &instance.args);
            out.bypasses = role
                .bypasses
                .iter()
                .map(|s| lower.ids.source(&s.text))
                .collect();
        }
        ItemKind::User(person) => {
            out.outside = lower.outside(&person.outside);
            out.attributes = facts(&checked.typed.facts);
        }
        _ => {}
    }
    out
}

/// Outside names of a role, parameters filled in.
fn filled(lower: &Lower<'_>, role: &ast::Role, args: &[Value]) -> Vec<OutsideName> {
    lower.outside_names(filled_names(role, args))
}

/// The same by names of sources.
fn filled_names(role: &ast::Role, args: &[Value]) -> Vec<(Option<SmolStr>, Vec<SmolStr>)> {
    let fill = |part: &SmolStr| -> SmolStr {
        if args.is_empty() {
            return part.clone();
        }
        let mut text = String::new();
        for piece in template(part) {
            match piece {
                Piece::Text(plain) => text.push_str(plain),
                Piece::Param(name) => {
                    let position = role.params.iter().position(|p| p.name.text == name);
                    match position.and_then(|i| args.get(i)) {
                        Some(Value::Text(value)) => text.push_str(value),
                        Some(value) => text.push_str(&print_value(value)),
                        None => {}
                    }
                }
            }
        }
        text.into()
    };
    outside_of(&role.outside)
        .into_iter()
        .map(|(source, parts)| (source, parts.iter().map(fill).collect()))
        .collect()
}

/// For each principal itself and all it inherits, in the order of ids. Parents come first, so that each list is made
/// of finished ones; there is no circle here, and the frontend bounds how much there is to list.
fn closures(program: &Program) -> Vec<Vec<PrincipalId>> {
    let mut done: Vec<Option<Vec<PrincipalId>>> = vec![None; program.principals.len()];
    let finished = |done: &[Option<Vec<PrincipalId>>], id: PrincipalId| {
        done.get(id.index()).is_none_or(Option::is_some)
    };
    for root in 0..program.principals.len() {
        let mut work = vec![PrincipalId(root as u32)];
        while let Some(at) = work.last().copied() {
            let Some(principal) = program.principals.get(at.index()) else {
                break;
            };
            let missing: Vec<PrincipalId> = principal
                .inherits
                .iter()
                .copied()
                .filter(|p| !finished(&done, *p))
                .collect();
            if !finished(&done, at) && !missing.is_empty() {
                work.extend(missing);
                continue;
            }
            work.pop();
            if finished(&done, at) {
                continue;
            }
            let mut all = vec![at];
            for parent in &principal.inherits {
                all.extend(
                    done.get(parent.index())
                        .into_iter()
                        .flatten()
                        .flatten()
                        .copied(),
                );
            }
            all.sort_unstable();
            all.dedup();
            if let Some(slot) = done.get_mut(at.index()) {
                *slot = Some(all);
            }
        }
    }
    done.into_iter().map(Option::unwrap_or_default).collect()
}

/// An instance of a role with parameters and outside names.
pub(crate) struct RoleName<'db> {
    /// As written: `market("FRANCE")`.
    pub name: SmolStr,
    /// Where the role is declared.
    pub item: Item<'db>,
    /// Its outside names, by source, parameters filled in.
    pub outside: Vec<(Option<SmolStr>, Vec<SmolStr>)>,
}

/// The outside names of all instances of roles with parameters.
pub(crate) fn role_names(db: &dyn Db, project: Project) -> Vec<RoleName<'_>> {
    let mut out = Vec::new();
    for ((name, test), instance) in &instances(db, project).all {
        if test.is_some() || instance.args.is_empty() {
            continue;
        }
        let Some(item) = crate::types::find(db, &instance.base, Sort::Role) else {
            continue;
        };
        let head = item_head(db, item);
        if let ItemKind::Role(role) | ItemKind::Group(role) = &head.kind
            && !role.outside.is_empty()
        {
            out.push(RoleName {
                name: name.clone(),
                item,
                outside: filled_names(role, &instance.args),
            });
        }
    }
    out
}
