//! The source map: a rule's written condition is walked beside its typed one, and gives each node of Core its line.

// The macros of salsa make items of their own, without docs.
#![allow(missing_docs)]

use std::collections::BTreeMap;

use ambit_core::{Origin, Place, Places};
use ambit_grammar::Span;
use ambit_grammar::ast::{self, Cond, ItemKind, Rule, Step};

use super::Lower;
use crate::db::Db;
use crate::items::{Item, item_head, parsed};
use crate::names::Sort;
use crate::types::{TCond, check_item, find};

/// Where a node of a condition is written: in which item, and at which of its bytes.
#[derive(Clone, Copy, PartialEq, Eq, salsa::SalsaValue)]
pub(crate) struct Node<'db> {
    item: Item<'db>,
    start: u32,
}

/// Which of an item's conditions: the number of the user in a test, of the rule written there, of the thing in its `on`.
pub(crate) type Which = (usize, usize, usize);

/// Where the nodes of an item's conditions are written, as far as that is not the line of their rule.
#[salsa::tracked(returns(ref))]
pub(crate) fn written_nodes<'db>(
    db: &'db dyn Db,
    item: Item<'db>,
) -> BTreeMap<Which, Vec<Node<'db>>> {
    let text = item.raw(db).text.clone();
    let checked = check_item(db, item);
    let typed = &checked.typed;
    let of_users = typed.test.iter().flat_map(|test| &test.users);
    let of_users = of_users.map(|user| &user.rules).enumerate();
    let own = typed.test.is_none().then_some((0, &typed.rules));
    let mut found = BTreeMap::new();
    let mut tree = None;
    for (user, rules) in own.into_iter().chain(of_users) {
        for (number, rule) in rules.iter().enumerate() {
            let on_one_line = !text
                .get(rule.span.range())
                .unwrap_or_default()
                .contains(['\n', '\r']);
            for (on, (_, cond)) in rule.on.iter().enumerate() {
                // A rule on one line that names no filter has that line everywhere.
                if on_one_line && !names_filter(cond) {
                    continue;
                }
                let tree = tree.get_or_insert_with(|| parsed(db, item));
                let written = lists_of_rules(&tree.item.kind)
                    .find_map(|rules| rule_at(rules, rule.span))
                    .and_then(condition_of);
                let start = rule.span.start;
                let mut nodes = Vec::new();
                walk(
                    db,
                    cond,
                    At { item, written },
                    Node { item, start },
                    &mut nodes,
                );
                found.insert((user, number, on), nodes);
            }
        }
    }
    found
}

/// Adds the places of a condition in the order in which [`Lower::pred`] makes nodes.
///
/// In a filter's item where a filter stands for it. Where the written form cannot be told, `outer`: the place of what it
/// stands in.
fn walk<'db>(
    db: &'db dyn Db,
    cond: &TCond,
    at: At<'db, '_>,
    outer: Node<'db>,
    nodes: &mut Vec<Node<'db>>,
) {
    let written = at.written.map(bare);
    let here = written.map_or(outer, |w| Node {
        item: at.item,
        start: w.span().start,
    });
    let inside = |written| At { written, ..at };
    match (cond, written) {
        (TCond::Filter(name, _), _) => walk_filter(db, name, here, nodes),
        (TCond::Not(inner), written) => {
            nodes.push(here);
            let part = match written {
                Some(Cond::Not(part, _)) => Some(&**part),
                // `not in`, `is not null`: one condition as written, two in Core.
                other => other,
            };
            walk(db, inner, inside(part), here, nodes);
        }
        (TCond::And(parts) | TCond::Or(parts), written) => {
            nodes.push(here);
            let list = match written {
                Some(Cond::And(list, _) | Cond::Or(list, _)) if list.len() == parts.len() => {
                    Some(list)
                }
                // `between`, a list of days and instants: one condition as written, several in Core.
                _ => None,
            };
            for (number, part) in parts.iter().enumerate() {
                let written = list.and_then(|list| list.get(number));
                walk(db, part, inside(written), here, nodes);
            }
        }
        (TCond::Exists(exists), written) => {
            nodes.push(here);
            let part = match written {
                Some(Cond::Exists { cond, .. }) => cond.as_deref(),
                _ => None,
            };
            walk(db, &exists.cond, inside(part), here, nodes);
        }
        _ => nodes.push(here),
    }
}

fn walk_filter<'db>(db: &'db dyn Db, name: &str, outer: Node<'db>, nodes: &mut Vec<Node<'db>>) {
    let Some(item) = find(db, name, Sort::Filter) else {
        nodes.push(outer);
        return;
    };
    let checked = check_item(db, item);
    match (&checked.typed.cond, &item_head(db, item).kind) {
        (Some(cond), ItemKind::Filter(filter)) => {
            let written = Some(&filter.cond);
            walk(db, cond, At { item, written }, outer, nodes);
        }
        _ => nodes.push(outer),
    }
}

impl<'db> Lower<'db> {
    /// Where each node of a condition of an item is written.
    pub fn places(&self, item: Item<'db>, which: Which, origin: &Origin) -> Places {
        let Some(nodes) = written_nodes(self.db, item).get(&which) else {
            return Places::default();
        };
        let own = Place {
            file: origin.file.clone(),
            line: origin.line,
        };
        let places = nodes.iter().map(|node| {
            let within = self.origins.within(node.item);
            let line = within.line_of(node.start);
            Place {
                file: within.file,
                line,
            }
        });
        Places::collect(own, places)
    }
}

/// A written condition (where it is known) and the item it stands in.
#[derive(Clone, Copy)]
struct At<'db, 'c> {
    item: Item<'db>,
    written: Option<&'c Cond>,
}

/// Without parentheses: Core has none.
fn bare(mut cond: &Cond) -> &Cond {
    while let Cond::Paren(inner, _) = cond {
        cond = inner;
    }
    cond
}

/// Does a condition name a filter, at any depth?
fn names_filter(cond: &TCond) -> bool {
    match cond {
        TCond::Filter(..) => true,
        TCond::Not(inner) => names_filter(inner),
        TCond::And(parts) | TCond::Or(parts) => parts.iter().any(names_filter),
        TCond::Exists(exists) => names_filter(&exists.cond),
        _ => false,
    }
}

/// The rules of an item: its own, or those of each user of a test.
fn lists_of_rules(kind: &ItemKind) -> impl Iterator<Item = &[Rule]> {
    let (rules, steps): (&[Rule], &[Step]) = match kind {
        ItemKind::Role(role) | ItemKind::Group(role) => (&role.rules, &[]),
        ItemKind::User(person) => (&person.rules, &[]),
        ItemKind::For(part) => (&part.rules, &[]),
        ItemKind::Everyone(part) => (&part.rules, &[]),
        ItemKind::Test(test) => (&[], &test.steps),
        _ => (&[], &[]),
    };
    let given = steps.iter().filter_map(|step| match step {
        Step::User(person, _) => Some(person.rules.as_slice()),
        _ => None,
    });
    std::iter::once(rules).chain(given)
}

/// Rules stand in the order of their places.
fn rule_at(rules: &[Rule], span: Span) -> Option<&Rule> {
    let found = rules.binary_search_by_key(&span.start, |rule| span_of(rule).start);
    found.ok().and_then(|i| rules.get(i))
}

fn span_of(rule: &Rule) -> Span {
    match rule {
        Rule::Access { span, .. } | Rule::Restrict { span, .. } | Rule::Error(span) => *span,
    }
}

fn condition_of(rule: &ast::Rule) -> Option<&Cond> {
    match rule {
        Rule::Access { cond, .. } => cond.as_ref(),
        Rule::Restrict { cond, .. } => Some(cond),
        Rule::Error(_) => None,
    }
}
