//! `look-alike`: texts compared with the same thing that differ only by case, blanks or normal form.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use ambit_core::print::{print_operand, print_string};
use ambit_core::{Holder, Operand, Pred, Rule, RuleId, Type, Value};
use smol_str::SmolStr;
use unicode_normalization::UnicodeNormalization;

use super::reads;
use crate::cx::{Cx, at};
use crate::raw::{Mend, Raw};

/// What texts are compared with: by its name, a column by that of its table.
type Compared = (String, bool);

/// Where a text stands.
#[derive(Default)]
struct Uses {
    /// The written rules.
    written: BTreeSet<u32>,
    first: Option<RuleId>,
}

pub(crate) fn find(cx: &mut Cx<'_, '_>) {
    let mut texts: BTreeMap<Compared, BTreeMap<SmolStr, Uses>> = BTreeMap::new();
    // In which lists each text stands, in order. Who writes both side by side means both.
    let mut lists: HashMap<SmolStr, Vec<u32>> = HashMap::new();
    let mut number = 0;
    for (id, rule) in &cx.rules {
        for test in reads::all_tests(&rule.pred) {
            let Some((compared, list)) = compared(cx, test) else {
                continue;
            };
            if list.len() > 1 {
                number += 1;
                for text in &list {
                    lists.entry(text.clone()).or_default().push(number);
                }
            }
            let texts = texts.entry(compared).or_default();
            for text in &list {
                let uses = texts.entry(text.clone()).or_default();
                uses.written.insert(cx.written[id.index()]);
                uses.first.get_or_insert(*id);
            }
        }
    }
    for ((name, _), texts) in texts {
        let mut alike: BTreeMap<String, Vec<(SmolStr, Uses)>> = BTreeMap::new();
        for (text, uses) in texts {
            alike.entry(folded(&text)).or_default().push((text, uses));
        }
        for mut group in alike.into_values() {
            // The most used first, else the earliest.
            group.sort_by_key(|(_, uses)| (std::cmp::Reverse(uses.written.len()), uses.first));
            let mut group = group.into_iter();
            let Some((
                main,
                Uses {
                    first: Some(main_at),
                    ..
                },
            )) = group.next()
            else {
                continue;
            };
            for (text, uses) in group {
                let Some(id) = uses.first else { continue };
                if !together(&lists, &main, &text) {
                    let raw = said(cx, &name, (&text, id), (&main, main_at));
                    cx.out.push(raw);
                }
            }
        }
    }
}

/// Do both stand in one list?
fn together(lists: &HashMap<SmolStr, Vec<u32>>, a: &str, b: &str) -> bool {
    let of = |text: &str| lists.get(text).map_or(&[][..], Vec::as_slice);
    let (a, b) = (of(a), of(b));
    let (few, many) = if a.len() < b.len() { (a, b) } else { (b, a) };
    few.iter().any(|list| many.binary_search(list).is_ok())
}

fn said(
    cx: &Cx<'_, '_>,
    name: &str,
    (text, id): (&str, RuleId),
    (main, main_at): (&str, RuleId),
) -> Raw {
    let (here, there) = (print_string(text), print_string(main));
    let raw = Raw::new(
        "W0608",
        at(id),
        format!(
            "`{here}` and `{there}` differ only by {}",
            difference(text, main)
        ),
    )
    .label(format!("compared with `{name}`, as the other is"))
    .related(format!("here it is `{there}`"), at(main_at))
    .note("texts are compared character by character, whatever the collation of a database")
    .help("an enum of all members makes a misspelt one an error");
    let at_id = cx.rules.binary_search_by_key(&id, |(other, _)| *other);
    let rule = at_id.ok().map(|position| cx.rules[position].1);
    // An argument of a role stands elsewhere.
    if rule.is_some_and(|rule| is_argument(cx, rule, text)) {
        return raw;
    }
    raw.mend(
        format!("write `{there}` here, too"),
        false,
        Mend::Replace {
            rule: id,
            from: here,
            to: there,
        },
    )
}

fn is_argument(cx: &Cx<'_, '_>, rule: &Rule, text: &str) -> bool {
    matches!(rule.holder, Holder::Principal(p)
        if cx.program.principal(p).args.contains(&Value::text(text)))
}

/// The texts of a test, and what they are compared with.
fn compared(cx: &Cx<'_, '_>, test: &Pred) -> Option<(Compared, Vec<SmolStr>)> {
    let (operand, values) = match test {
        Pred::InList(operand, values) => (operand, values.to_vec()),
        Pred::Compare(operand, _, Operand::Const(value))
        | Pred::Compare(Operand::Const(value), _, operand) => (operand, vec![value.clone()]),
        _ => return None,
    };
    let compared = match operand {
        Operand::Column(path) => {
            let column = cx.program.column(path.table, path.column);
            let name = format!("{}.{}", cx.program.table(path.table).name, column.name);
            (column.ty == Type::String).then_some((name, false))
        }
        Operand::Attribute(attribute) => {
            let ty = &cx.program.attributes[attribute.index()].ty;
            (*ty == Type::String).then(|| (print_operand(cx.program, operand), true))
        }
        Operand::Login => Some((print_operand(cx.program, operand), true)),
        _ => None,
    }?;
    let texts = values
        .into_iter()
        .filter_map(|value| match value {
            Value::Text(text) => Some(text),
            _ => None,
        })
        .collect();
    Some((compared, texts))
}

/// Without case, without blanks at the ends, blanks within as one, in one normal form.
fn folded(text: &str) -> String {
    single_blanks(&normal(text)).to_lowercase()
}

fn normal(text: &str) -> String {
    text.nfkc().collect()
}

fn single_blanks(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// By what two texts that fold alike differ.
fn difference(a: &str, b: &str) -> &'static str {
    let (a_normal, b_normal) = (normal(a), normal(b));
    if a_normal == b_normal {
        "normal form"
    } else if single_blanks(&a_normal) == single_blanks(&b_normal) {
        "blanks"
    } else if a_normal.to_lowercase() == b_normal.to_lowercase() {
        "case"
    } else {
        "case and blanks"
    }
}
