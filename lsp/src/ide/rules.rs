//! Rules as they are written, looked up by whom they are for and by what they speak of.

use std::collections::BTreeSet;

use ambit_compiler::{Database, Item, Project, Sort, item_syntax};
use ambit_grammar::ast::{ItemKind, Rule, What, Who};
use smol_str::SmolStr;

use super::{all_items, declared, one_line, roles, rule_span, rules_of, symbol};

/// A rule as a person reads it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Said {
    /// To whom it belongs.
    pub holder: String,
    /// The rule on one line.
    pub text: String,
}

/// The rules that count for somebody: the own ones, those of all that is inherited, `for` and `everyone`.
pub fn of_principal(db: &Database, project: Project, name: &str) -> Vec<Said> {
    let mut names = vec![SmolStr::new(name)];
    names.extend(roles::ancestors(db, project, name));
    let has: BTreeSet<&str> = names.iter().map(SmolStr::as_str).collect();
    let names_one = |whos: &[Who]| whos.iter().any(|w| has.contains(w.name.text.as_str()));
    let mut blocks: Vec<(usize, Item<'_>)> = Vec::new();
    for (_, item) in all_items(db, project) {
        let key = item.key(db);
        // By its head alone most of a large project is somebody else's, and need not be read.
        let may = match key.keyword.as_str() {
            "role" | "group" | "user" => has.contains(key.name.as_str()),
            "for" | "everyone" => true,
            _ => false,
        };
        if !may {
            continue;
        }
        let kind = &item_syntax(db, item).item.kind;
        let order = match kind {
            ItemKind::Role(_) | ItemKind::Group(_) | ItemKind::User(_) => {
                let own = declared(kind).map(|n| n.text.as_str());
                own.and_then(|own| names.iter().position(|n| n == own))
            }
            ItemKind::For(of) => names_one(&of.whos).then_some(names.len()),
            ItemKind::Everyone(of) => (!names_one(&of.except)).then_some(names.len() + 1),
            _ => None,
        };
        blocks.extend(order.map(|order| (order, item)));
    }
    blocks.sort_by_key(|(order, _)| *order);
    let blocks = blocks.into_iter();
    blocks
        .flat_map(|(_, item)| said(db, item, |_| true))
        .collect()
}

/// The rules that speak of a table or an object, by name or by its source.
pub fn of_resource(db: &Database, project: Project, name: &str) -> Vec<Said> {
    let sources = sources(db, project, name);
    let speaks = |what: &What| match what {
        What::Name(n) => n.text == name,
        What::EverythingIn(source, _) => sources.contains(&source.text),
    };
    all_items(db, project)
        .filter(|(_, item)| {
            let raw = item.raw(db);
            raw.text.contains(name) || raw.text.contains("everything")
        })
        .flat_map(|(_, item)| {
            said(db, item, |rule| match rule {
                Rule::Access { on, .. } => on.iter().any(speaks),
                Rule::Restrict { on, .. } => speaks(on),
                Rule::Error(_) => false,
            })
        })
        .collect()
}

fn sources(db: &Database, project: Project, name: &str) -> Vec<SmolStr> {
    if let Some(table) = symbol::table(db, project, name) {
        return table.sources.clone();
    }
    let object = symbol::named(db, project, name, Sort::Object);
    let source = object.and_then(|item| match &item_syntax(db, item).item.kind {
        ItemKind::Object(object) => object.source.clone(),
        _ => None,
    });
    source.into_iter().map(|s| s.text).collect()
}

fn said(db: &Database, item: Item<'_>, wanted: impl Fn(&Rule) -> bool) -> Vec<Said> {
    let kind = &item_syntax(db, item).item.kind;
    let holder = match declared(kind) {
        Some(name) => name.text.to_string(),
        None => {
            let text = one_line(db, item, item_syntax(db, item).item.span);
            text.split('{').next().unwrap_or_default().trim().to_owned()
        }
    };
    rules_of(kind)
        .iter()
        .filter(|rule| !matches!(rule, Rule::Error(_)) && wanted(rule))
        .map(|rule| Said {
            holder: holder.clone(),
            text: one_line(db, item, rule_span(rule)),
        })
        .collect()
}
