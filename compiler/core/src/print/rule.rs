//! Rules as text.

use std::fmt::Write as _;

use super::print_pred;
use crate::pred::Pred;
use crate::program::{Applies, Axis, Effect, Holder, Program, Rule};
use crate::{Resource, TableId};

/// To whom a rule belongs: `emea_sales`, `everyone`, `everyone except desk_head, risk`.
pub fn print_holder(program: &Program, holder: &Holder) -> String {
    match holder {
        Holder::Principal(id) => program.principal(*id).name.to_string(),
        Holder::Everyone => "everyone".to_owned(),
        Holder::EveryoneExcept(excepted) => {
            let names: Vec<&str> = excepted
                .iter()
                .map(|id| program.principal(*id).name.as_str())
                .collect();
            format!("everyone except {}", names.join(", "))
        }
    }
}

/// A rule up to its condition: `grant read on sales`, `restrict sales by region_id`.
pub fn print_rule_head(program: &Program, rule: &Rule) -> String {
    let resource = program.resource_name(rule.resource);
    match rule.effect {
        Effect::Grant => format!("grant {} on {resource}", rule.actions.join(", ")),
        Effect::Deny => format!("deny {} on {resource}", rule.actions.join(", ")),
        Effect::Restrict { by: None } => format!("restrict {resource}"),
        Effect::Restrict { by: Some(axis) } => {
            format!("restrict {resource} by {}", print_axis(program, rule, axis))
        }
    }
}

fn print_axis<'p>(program: &'p Program, rule: &Rule, axis: Axis) -> &'p str {
    match (axis, rule.resource) {
        (Axis::Column(column), Resource::Table(table)) => &program.column(table, column).name,
        (Axis::Column(_), Resource::Object(_)) => "",
        (Axis::Hierarchy(id), _) => program
            .hierarchies
            .get(id.index())
            .map_or("", |h| h.name.as_str()),
    }
}

/// A whole rule: head, condition and `applies`.
pub fn print_rule(program: &Program, rule: &Rule) -> String {
    let table = match rule.resource {
        Resource::Table(table) => Some(table),
        Resource::Object(_) => None,
    };
    let mut text = print_rule_head(program, rule);
    let said = match rule.effect {
        Effect::Restrict { .. } => Some("to"),
        Effect::Grant | Effect::Deny => (rule.pred != Pred::Const(true)).then_some("where"),
    };
    if let Some(word) = said {
        let _ = write!(text, " {word} {}", print_pred(program, table, &rule.pred));
    }
    let names = |tables: &[TableId]| {
        tables
            .iter()
            .map(|t| program.table(*t).name.as_str())
            .collect::<Vec<_>>()
            .join(", ")
    };
    match &rule.applies {
        Applies::Always => {}
        Applies::WhenAll(tables) => {
            let _ = match tables.as_slice() {
                [_] => write!(text, " applies when querying {}", names(tables)),
                _ => write!(text, " applies when querying [{}]", names(tables)),
            };
        }
        Applies::WhenAny(tables) => {
            let _ = write!(text, " applies when querying any of [{}]", names(tables));
        }
        Applies::UnlessOnly(tables) => {
            let _ = write!(text, " applies unless querying only [{}]", names(tables));
        }
    }
    text
}
