//! A decision in a few lines: the rules that decided, and on which values.

use std::collections::BTreeSet;

use ambit_core::print::{print_holder, print_rule};

use crate::decide::Judge;
use crate::reason::{Explanation, Node, Role};

/// The rules that decided, each with its place and the values it decided on.
pub fn reasons(judge: &Judge<'_>, explanation: &Explanation) -> Vec<String> {
    let program = judge.program;
    if explanation.bypass.is_some() {
        return vec![judge.tree(explanation).text];
    }
    let allowed = explanation.value.is_true();
    let mut lines = Vec::new();
    for part in &explanation.parts {
        let prefix = if explanation.parts.len() > 1 {
            format!("{}: ", part.action)
        } else {
            String::new()
        };
        let mut told = BTreeSet::new();
        for reason in &part.rules {
            let Some(rule) = program.rules.get(reason.rule.index()) else {
                continue;
            };
            let what = match reason.role {
                Role::Gives if allowed => "gives",
                Role::Takes => "takes away",
                Role::Lacks => "does not give",
                _ => continue,
            };
            let holder = print_holder(program, &rule.holder);
            let place = format!("{}:{}", rule.origin.file, rule.origin.line);
            lines.push(format!(
                "{prefix}{place} {what} ({}) — {holder}: {}",
                reason.value,
                print_rule(program, rule)
            ));
            leaves(&reason.tree, &mut |node| {
                for given in &node.given {
                    told.insert(given.clone());
                }
            });
        }
        if part.open && allowed && part.value.is_true() {
            lines.push(format!("{prefix}the table is open"));
        }
        if !part.open
            && !part.lines[0].is_true()
            && !part.rules.iter().any(|r| r.role == Role::Lacks)
        {
            lines.push(format!("{prefix}no rule grants it"));
        }
        if !told.is_empty() {
            let told: Vec<String> = told.into_iter().collect();
            lines.push(format!("{prefix}where {}", told.join(", ")));
        }
        for reason in part.rules.iter().filter(|r| !r.applies) {
            if let Some(rule) = program.rules.get(reason.rule.index()) {
                lines.push(format!(
                    "{prefix}{}:{} does not apply to this query — {}",
                    rule.origin.file,
                    rule.origin.line,
                    print_rule(program, rule)
                ));
            }
        }
    }
    lines
}

fn leaves(node: &Node, tell: &mut impl FnMut(&Node)) {
    tell(node);
    for child in &node.children {
        leaves(child, tell);
    }
}
