//! Refusals as problems: one for each cause, however many principals it concerns.

use std::collections::{BTreeMap, BTreeSet};

use ambit_core::{Origin, Program, Resource};
use ambit_diagnostics::{FileSpan, Resolved, Said};
use ambit_targets::target::Refused;

use super::emit::Built;
use crate::project::SETTINGS;

/// What the causes of one problem have in common: code, place, construct, and what refuses.
type Cause<'a> = (&'static str, &'a Origin, &'a str, &'static str);

/// What is refused so that the artifact holds nothing there, and what only one form of a predicate cannot say (a line
/// each).
#[derive(Debug, Default)]
pub struct Refusals {
    /// In the order of files and places.
    pub problems: Vec<Resolved>,
    /// In the same order.
    pub notes: Vec<String>,
}

/// The refusals of a build.
pub fn refusals(program: &Program, built: &Built) -> Refusals {
    let nowhere = Origin {
        file: SETTINGS.into(),
        ..Origin::default()
    };
    let mut causes: BTreeMap<Cause<'_>, Vec<&Refused>> = BTreeMap::new();
    for refused in &built.refused {
        let refusal = &refused.refusal;
        let origin = origin(program, refused).unwrap_or(&nowhere);
        causes
            .entry((refusal.code, origin, &refusal.construct, refused.by))
            .or_default()
            .push(refused);
    }
    let mut found = Refusals::default();
    for ((code, origin, construct, by), list) in causes {
        let Some(first) = list.iter().find(|r| r.closed).or(list.first()) else {
            continue;
        };
        let reason = &first.refusal.reason;
        let message = format!("{construct} cannot be said in {by}: {reason}");
        if !first.closed {
            found.notes.push(format!(
                "note: {}:{}: {message}; the artifact says it in another form ({})",
                origin.file,
                origin.line.max(1),
                concerned(program, &list)
            ));
            continue;
        }
        let closed: Vec<&Refused> = list.iter().copied().filter(|r| r.closed).collect();
        let help = first.refusal.help.clone();
        let help = help.unwrap_or_else(|| {
            "say it in another way, or leave the target out of the build".to_owned()
        });
        let at = FileSpan {
            file: origin.file.clone(),
            start: origin.start,
            end: origin.end,
        };
        let said = Said {
            message,
            label: if first.refusal.rule.is_some() {
                "this rule asks for it".to_owned()
            } else {
                "declared here".to_owned()
            },
            help: vec![help],
            notes: vec![format!(
                "no predicate, which lets nothing through, {}",
                concerned(program, &closed)
            )],
            ..Said::default()
        };
        found.problems.push(Resolved::at(code, at, said));
    }
    for (path, target) in &built.unproven {
        found.problems.push(unproven(path, target));
    }
    found
        .problems
        .sort_by(|a, b| (&a.at, a.code, &a.message).cmp(&(&b.at, b.code, &b.message)));
    found
}

/// Where a refusal comes from: its rule, else its resource.
fn origin<'p>(program: &'p Program, refused: &Refused) -> Option<&'p Origin> {
    if let Some(rule) = refused.refusal.rule {
        return program.rules.get(rule as usize).map(|r| &r.origin);
    }
    Some(match refused.resource? {
        Resource::Table(table) => &program.tables.get(table.index())?.origin,
        Resource::Object(object) => &program.objects.get(object.index())?.origin,
    })
}

/// ``for 2 principals (`analyst`, `dan`) on `sales`: `delete`, `read` ``
fn concerned(program: &Program, list: &[&Refused]) -> String {
    let principals: BTreeSet<&str> = list.iter().filter_map(|r| r.principal.as_deref()).collect();
    let actions: BTreeSet<&str> = list.iter().filter_map(|r| r.action.as_deref()).collect();
    let resources: BTreeSet<&str> = list
        .iter()
        .filter_map(|r| r.resource)
        .map(|r| program.resource_name(r).as_str())
        .collect();
    let mut text = match principals.len() {
        0 => "for everyone".to_owned(),
        1 => format!("for {}", some(&principals)),
        n => format!("for {n} principals ({})", some(&principals)),
    };
    if !resources.is_empty() {
        text.push_str(" on ");
        text.push_str(&some(&resources));
    }
    if !actions.is_empty() {
        text.push_str(": ");
        text.push_str(&some(&actions));
    }
    text
}

/// The first few names.
fn some(names: &BTreeSet<&str>) -> String {
    const SHOWN: usize = 4;
    let mut shown: Vec<String> = names.iter().take(SHOWN).map(|n| format!("`{n}`")).collect();
    if names.len() > SHOWN {
        shown.push("…".to_owned());
    }
    shown.join(", ")
}

fn unproven(path: &str, target: &str) -> Resolved {
    let at = FileSpan {
        file: SETTINGS.into(),
        start: 0,
        end: 0,
    };
    let said = Said {
        message: format!(
            "`{path}` of the target `{target}` is not built: it leans on a rule that nobody states"
        ),
        label: "not allowed here".to_owned(),
        help: vec![
            "leave the target out, or write `allow_unproven = true` under `[build]`".to_owned(),
        ],
        ..Said::default()
    };
    Resolved::at("E0509", at, said)
}
