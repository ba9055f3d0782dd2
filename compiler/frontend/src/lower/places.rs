//! The source map: a rule's written condition is walked beside its typed one, and gives each node of Core its line.

use ambit_core::{Origin, Place, Places};
use ambit_grammar::Span;
use ambit_grammar::ast::{self, Cond, ItemKind, Rule, Step};

use super::Lower;
use crate::items::{Item, item_syntax};
use crate::names::Sort;
use crate::types::{TCond, check_item, find};

impl Lower<'_> {
    /// Where each node of a rule's condition is written: in a filter's item where a filter stands for it. Where the
    /// written form cannot be told, the line of what it stands in.
    pub fn places(&self, item: Item<'_>, rule: Span, cond: &TCond, origin: &Origin) -> Places {
        let own = Place {
            file: origin.file.clone(),
            line: origin.line,
        };
        let written = lists_of_rules(&item_syntax(self.db, item).item.kind)
            .find_map(|rules| rule_at(rules, rule))
            .and_then(condition_of);
        let mut nodes = Vec::new();
        self.walk(cond, At { item, written }, &own, &mut nodes);
        Places::collect(own, nodes.into_iter())
    }

    /// Adds the places of a condition in the order in which [`Lower::pred`] makes nodes.
    fn walk(&self, cond: &TCond, at: At<'_, '_>, outer: &Place, nodes: &mut Vec<Place>) {
        let written = at.written.map(bare);
        let here = written.map_or_else(|| outer.clone(), |w| self.place(at.item, w.span()));
        let inside = |written| At { written, ..at };
        match (cond, written) {
            (TCond::Filter(name, _), _) => self.walk_filter(name, &here, nodes),
            (TCond::Not(inner), written) => {
                nodes.push(here.clone());
                let part = match written {
                    Some(Cond::Not(part, _)) => Some(&**part),
                    // `not in`, `is not null`: one condition as written, two in Core.
                    other => other,
                };
                self.walk(inner, inside(part), &here, nodes);
            }
            (TCond::And(parts) | TCond::Or(parts), written) => {
                nodes.push(here.clone());
                let list = match written {
                    Some(Cond::And(list, _) | Cond::Or(list, _)) if list.len() == parts.len() => {
                        Some(list)
                    }
                    // `between`, a list of days and instants: one condition as written, several in Core.
                    _ => None,
                };
                for (number, part) in parts.iter().enumerate() {
                    let written = list.and_then(|list| list.get(number));
                    self.walk(part, inside(written), &here, nodes);
                }
            }
            (TCond::Exists(exists), written) => {
                nodes.push(here.clone());
                let part = match written {
                    Some(Cond::Exists { cond, .. }) => cond.as_deref(),
                    _ => None,
                };
                self.walk(&exists.cond, inside(part), &here, nodes);
            }
            _ => nodes.push(here),
        }
    }

    fn walk_filter(&self, name: &str, outer: &Place, nodes: &mut Vec<Place>) {
        let Some(item) = find(self.db, name, Sort::Filter) else {
            nodes.push(outer.clone());
            return;
        };
        let checked = check_item(self.db, item);
        match (&checked.typed.cond, &item_syntax(self.db, item).item.kind) {
            (Some(cond), ItemKind::Filter(filter)) => {
                let written = Some(&filter.cond);
                self.walk(cond, At { item, written }, outer, nodes);
            }
            _ => nodes.push(outer.clone()),
        }
    }

    fn place(&self, item: Item<'_>, span: Span) -> Place {
        let within = self.origins.within(item);
        let line = within.line_of(span);
        Place {
            file: within.file,
            line,
        }
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
pub(crate) fn names_filter(cond: &TCond) -> bool {
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
