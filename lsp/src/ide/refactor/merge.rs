//! Two grants of one block on the same things become one.

use ambit_compiler::item_syntax;
use ambit_grammar::Span;
use ambit_grammar::ast::{Applies, Cond, Effect, Name, Rule, What};

use super::{Candidate, Cx, Kind, flat, with_blanks};
use crate::ide::rules_of;

/// A grant.
#[derive(Clone, Copy)]
pub(super) struct Grant<'a> {
    pub actions: &'a [Name],
    pub on: &'a [What],
    pub cond: Option<&'a Cond>,
    pub applies: Option<&'a Applies>,
    pub span: Span,
}

impl<'a> Grant<'a> {
    /// A grant without a comment of its own, which would be lost.
    pub fn of(rule: &'a Rule) -> Option<Self> {
        match rule {
            Rule::Access {
                effect: Effect::Grant,
                docs,
                actions,
                on,
                cond,
                applies,
                span,
                ..
            } if docs.is_empty() => Some(Self {
                actions,
                on,
                cond: cond.as_ref(),
                applies: applies.as_ref(),
                span: *span,
            }),
            _ => None,
        }
    }

    /// What it is on, in a fixed order.
    pub fn on(&self) -> Vec<(&'a str, bool)> {
        let mut all: Vec<_> = self
            .on
            .iter()
            .map(|what| match what {
                What::Name(name) => (name.text.as_str(), false),
                What::EverythingIn(name, _) => (name.text.as_str(), true),
            })
            .collect();
        all.sort_unstable();
        all
    }

    pub fn actions(&self) -> Vec<&'a str> {
        super::sorted(self.actions.iter().map(|a| &a.text))
    }
}

pub(super) fn candidates(cx: &Cx<'_>, out: &mut Vec<Candidate>) {
    let rules = rules_of(&item_syntax(cx.db, cx.item).item.kind);
    let Some((position, rule)) = cx.rule() else {
        return;
    };
    let Some(first) = Grant::of(rule) else { return };
    let later = rules.iter().skip(position + 1).filter_map(Grant::of);
    let text = &cx.raw.text;
    for second in later.filter(|g| g.on() == first.on()) {
        let cond = |g: &Grant<'_>| g.cond.map(|c| flat(cx.text(c.span())));
        let (a, b) = (cond(&first), cond(&second));
        let (actions, cond) = if first.actions() == second.actions() {
            (join(first.actions, &[]), either(&first, &second, a, b))
        } else if a == b {
            (join(first.actions, second.actions), a)
        } else {
            continue;
        };
        let on: Vec<String> = first.on.iter().map(what_text).collect();
        let mut new = format!("grant {actions} on {}", on.join(", "));
        if let Some(cond) = cond {
            new = format!("{new} where {cond}");
        }
        // Whether the second applies whenever the first does, the proof decides.
        if let Some(applies) = first.applies {
            new = format!("{new} {}", flat(cx.text(applies.span)));
        }
        let line = cx.file.text(cx.db);
        let at = (second.span.start + cx.item.start(cx.db)) as usize;
        let line = line.get(..at).map_or(0, |t| t.matches('\n').count()) + 1;
        out.push(Candidate {
            title: format!("Merge with the grant of line {line}"),
            kind: Kind::Rewrite,
            edits: vec![
                cx.edit(first.span, new),
                cx.edit(with_blanks(text, second.span), ""),
            ],
        });
        return;
    }
}

fn what_text(what: &What) -> String {
    match what {
        What::Name(name) => name.text.to_string(),
        What::EverythingIn(name, _) => format!("everything in {}", name.text),
    }
}

/// Actions of both, each once, in the order written.
fn join(first: &[Name], second: &[Name]) -> String {
    let mut all: Vec<&str> = Vec::new();
    for action in first.iter().chain(second) {
        if !all.contains(&action.text.as_str()) {
            all.push(&action.text);
        }
    }
    all.join(", ")
}

fn either(
    first: &Grant<'_>,
    second: &Grant<'_>,
    a: Option<String>,
    b: Option<String>,
) -> Option<String> {
    let part = |grant: &Grant<'_>, text: String| match grant.cond {
        Some(Cond::And(..)) => format!("({text})"),
        _ => text,
    };
    let (a, b) = (a?, b?);
    if a == b {
        return Some(a);
    }
    Some(format!("{} or {}", part(first, a), part(second, b)))
}
