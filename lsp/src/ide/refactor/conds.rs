//! The conditions of an item, and where in them something stands.

use ambit_grammar::Span;
use ambit_grammar::ast::{Assert, Cond, ItemKind, Rule, What};
use smol_str::SmolStr;

use crate::ide::rules_of;

/// A condition, and the table whose rows it speaks of, where that is one.
pub type On<'a> = (&'a Cond, Option<&'a SmolStr>);

/// The conditions of an item.
pub fn of_item(kind: &ItemKind) -> Vec<On<'_>> {
    match kind {
        ItemKind::Filter(filter) => {
            vec![(&filter.cond, filter.table.as_ref().map(|t| &t.text))]
        }
        ItemKind::Assert(Assert::Can { what, cond, .. }) => {
            cond.iter().map(|c| (c, Some(&what.text))).collect()
        }
        _ => rules_of(kind).iter().filter_map(of_rule).collect(),
    }
}

/// The condition of a rule.
pub fn of_rule(rule: &Rule) -> Option<On<'_>> {
    let named = |what: &'_ What| matches!(what, What::Name(_));
    match rule {
        Rule::Access { on, cond, .. } => {
            let one = match on.as_slice() {
                [What::Name(name)] => Some(&name.text),
                _ => None,
            };
            Some((cond.as_ref()?, one))
        }
        Rule::Restrict { on, cond, .. } => {
            let (What::Name(name) | What::EverythingIn(name, _)) = on;
            Some((cond, named(on).then_some(&name.text)))
        }
        Rule::Error(_) => None,
    }
}

/// Calls `visit` for a condition and all within it, outer ones first.
pub fn walk<'a>(on: On<'a>, visit: &mut dyn FnMut(On<'a>)) {
    visit(on);
    let (cond, table) = on;
    match cond {
        Cond::Or(parts, _) | Cond::And(parts, _) => {
            for part in parts {
                walk((part, table), visit);
            }
        }
        Cond::Not(inner, _) | Cond::Paren(inner, _) => walk((inner, table), visit),
        Cond::Exists { path, cond, .. } => {
            let table = path.names.last().map(|n| &n.text);
            if let Some(inner) = cond {
                walk((inner, table), visit);
            }
        }
        _ => {}
    }
}

/// The innermost condition of an item that a range stands in and that is wanted.
pub fn around<'a>(
    kind: &'a ItemKind,
    range: Span,
    wanted: &dyn Fn(&Cond) -> bool,
) -> Option<On<'a>> {
    let mut found = None;
    for on in of_item(kind) {
        walk(on, &mut |on| {
            let span = on.0.span();
            if span.start <= range.start && range.end <= span.end && wanted(on.0) {
                found = Some(on);
            }
        });
    }
    found
}

/// May it stand beside `not`, `and` or `or` without parentheses?
pub fn is_atom(cond: &Cond) -> bool {
    !matches!(cond, Cond::Or(..) | Cond::And(..) | Cond::Not(..))
}
