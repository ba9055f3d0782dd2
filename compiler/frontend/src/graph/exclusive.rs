//! Users who have two principals that `exclusive` names together.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use ambit_core::Value;
use ambit_diagnostics::{Place, Problem};
use smol_str::SmolStr;

use crate::db::{Db, Project};
use crate::items::{Item, file_items};
use crate::names::Sort;
use crate::types::{TArg, TWho, check_item, find};

/// A principal with its arguments filled in.
type Instance = (SmolStr, Vec<Value>);

/// The principals that an item names after its name: what a role inherits, what a user has, who is exclusive.
#[salsa::tracked(returns(clone))]
pub(crate) fn named<'db>(db: &'db dyn Db, item: Item<'db>) -> Arc<Vec<TWho>> {
    Arc::new(check_item(db, item).typed.whos.clone())
}

/// The users of a test and what they have.
#[salsa::tracked(returns(clone))]
pub(crate) fn given<'db>(db: &'db dyn Db, item: Item<'db>) -> Arc<Vec<(SmolStr, Vec<TWho>)>> {
    let checked = check_item(db, item);
    let users = checked.typed.test.iter().flat_map(|t| &t.users);
    Arc::new(users.map(|u| (u.name.clone(), u.has.clone())).collect())
}

/// A principal as written, with the parameters of the enclosing role filled in; `None` where a parameter is missing.
fn instance(who: &TWho, args: &[Value]) -> Option<Instance> {
    let values = who.args.iter().map(|a| match a {
        TArg::Value(v) => Some(v.clone()),
        TArg::Param(i) => args.get(*i as usize).cloned(),
    });
    Some((who.name.clone(), values.collect::<Option<Vec<_>>>()?))
}

/// A principal of an `exclusive`, as written; it has no parameters in scope.
fn printed(who: &TWho) -> String {
    match instance(who, &[]) {
        Some((name, values)) if !values.is_empty() => {
            let list: Vec<String> = values.iter().map(ambit_core::print::print_value).collect();
            format!("{name}({})", list.join(", "))
        }
        _ => who.name.to_string(),
    }
}

/// All that these principals inherit, themselves included; `None` where that leads into a circle of roles.
fn closure(
    db: &dyn Db,
    whos: &[TWho],
    in_circles: &BTreeSet<SmolStr>,
) -> Option<BTreeSet<Instance>> {
    let mut all: BTreeSet<Instance> = BTreeSet::new();
    let mut work: Vec<Instance> = whos.iter().filter_map(|w| instance(w, &[])).collect();
    while let Some(at) = work.pop() {
        if in_circles.contains(&at.0) {
            return None;
        }
        if !all.insert(at.clone()) {
            continue;
        }
        let item = find(db, &at.0, Sort::Role).or_else(|| find(db, &at.0, Sort::Group));
        if let Some(item) = item {
            work.extend(named(db, item).iter().filter_map(|w| instance(w, &at.1)));
        }
    }
    Some(all)
}

/// One problem for each user and `exclusive` that he breaks. Of users who have a role of a circle nothing is said.
pub(crate) fn broken(
    db: &dyn Db,
    project: Project,
    in_circles: &BTreeSet<SmolStr>,
) -> Vec<Problem> {
    let items: Vec<Item<'_>> = project
        .files(db)
        .iter()
        .flat_map(|f| file_items(db, *f).iter().copied())
        .collect();
    let rules: Vec<Item<'_>> = items
        .iter()
        .copied()
        .filter(|i| i.key(db).keyword == "exclusive")
        .collect();
    if rules.is_empty() {
        return Vec::new();
    }
    let mut problems = Vec::new();
    for item in items
        .iter()
        .filter(|i| matches!(i.key(db).keyword.as_str(), "user" | "test"))
    {
        let (own, given) = (named(db, *item), given(db, *item));
        let own = (item.key(db).keyword == "user").then_some((&item.key(db).name, &*own));
        for (name, has) in own
            .into_iter()
            .chain(given.iter().map(|(name, has)| (name, has)))
        {
            if let Some(all) = closure(db, has, in_circles) {
                check_user(db, *item, name, has, &all, &rules, &mut problems);
            }
        }
    }
    problems
}

fn check_user<'db>(
    db: &'db dyn Db,
    item: Item<'db>,
    name: &SmolStr,
    has: &[TWho],
    all: &BTreeSet<Instance>,
    rules: &[Item<'db>],
    problems: &mut Vec<Problem>,
) {
    for rule in rules {
        let principals = named(db, *rule);
        let mut seen: HashSet<Instance> = HashSet::new();
        let held: Vec<&TWho> = principals
            .iter()
            .filter(|w| instance(w, &[]).is_some_and(|i| all.contains(&i) && seen.insert(i)))
            .collect();
        let [first, second, ..] = held.as_slice() else {
            continue;
        };
        let at = has
            .iter()
            .find(|w| {
                let own =
                    closure(db, std::slice::from_ref(w), &BTreeSet::new()).unwrap_or_default();
                instance(second, &[]).is_some_and(|wanted| own.contains(&wanted))
            })
            .map_or_else(ambit_grammar::Span::default, |w| w.span);
        problems.push(
            Problem::new(
                "E0406",
                format!(
                    "user `{name}` has both `{}` and `{}`, which exclude one another",
                    printed(first),
                    printed(second)
                ),
                Place::Item(item.key(db).clone(), at),
            )
            .label("this one, or what it inherits")
            .related(
                "they exclude one another here",
                Place::Item(rule.key(db).clone(), first.span.to(second.span)),
            )
            .help("take one of the two away from the user, or remove it from `exclusive`"),
        );
    }
}
