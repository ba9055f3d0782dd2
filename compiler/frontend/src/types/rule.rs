//! Rules: grants, denies and restricts.

use ambit_core::ROW_ACTIONS;
use ambit_grammar::ast::{self, Effect, Rule, What};
use smol_str::SmolStr;

use super::cond::check_cond;
use super::decl::{hierarchy_decl, kind_decl, object_kind, table_decl};
use super::operand::Scope;
use super::ty::Ty;
use super::typed::{TApplies, TAxis, TCond, TEffect, TRule, TWhat};
use crate::items::Item;
use crate::names::{Cx, Sort};

const RESOURCES: &[Sort] = &[Sort::Table, Sort::Object];

/// Types the rules of one holder; what could not be read is left out (its problem was reported).
pub(crate) fn check_rules<'r>(
    cx: &mut Cx<'_>,
    rules: impl IntoIterator<Item = &'r Rule>,
    params: &[(SmolStr, Ty)],
) -> Vec<TRule> {
    let rules = rules.into_iter();
    let mut typed: Vec<TRule> = rules
        .filter_map(|rule| check_rule(cx, rule, params))
        .collect();
    typed.shrink_to_fit();
    typed
}

fn check_rule<'db>(cx: &mut Cx<'db>, rule: &Rule, params: &[(SmolStr, Ty)]) -> Option<TRule> {
    match rule {
        Rule::Error(_) => None,
        Rule::Access {
            effect,
            actions,
            on,
            cond,
            applies,
            span,
            docs,
            ..
        } => {
            let targets: Vec<(&What, Option<(TWhat, Item<'db>)>)> =
                on.iter().map(|what| (what, find_what(cx, what))).collect();
            cx.doubles("action", actions.iter().map(|a| (a.text.as_str(), a.span)));
            for action in actions {
                check_action(cx, action, &targets);
            }
            let mut typed: Vec<(TWhat, TCond)> = targets
                .into_iter()
                .filter_map(|(_, target)| target)
                .map(|(what, item)| {
                    let cond = condition(cx, &what, item, cond.as_ref(), params, None);
                    (what, cond)
                })
                .collect();
            // There are as many as rules, and mostly with one resource each.
            typed.shrink_to_fit();
            drop_repeats(cx);
            let applies = check_applies(cx, applies.as_ref(), &typed);
            Some(TRule {
                effect: if *effect == Effect::Grant {
                    TEffect::Grant
                } else {
                    TEffect::Deny
                },
                actions: actions.iter().map(|a| a.text.clone()).collect(),
                on: typed,
                applies,
                docs: docs.clone(),
                span: *span,
            })
        }
        Rule::Restrict {
            on,
            by,
            cond,
            applies,
            span,
            docs,
            ..
        } => {
            let target = find_what(cx, on);
            let axis = match (&target, by) {
                (Some((what, item)), Some(by)) => Some(check_axis(cx, what, *item, by)),
                _ => None,
            };
            let typed: Vec<(TWhat, TCond)> = match target {
                Some((what, item)) => {
                    let limits = axis
                        .as_ref()
                        .and_then(|a| a.as_ref())
                        .map(|(_, columns, name)| (columns.as_slice(), name.as_str()));
                    let cond = condition(cx, &what, item, Some(cond), params, limits);
                    vec![(what, cond)]
                }
                None => Vec::new(),
            };
            let applies = check_applies(cx, applies.as_ref(), &typed);
            Some(TRule {
                effect: TEffect::Restrict(axis.flatten().map(|(axis, _, _)| axis)),
                actions: Vec::new(),
                on: typed,
                applies,
                docs: docs.clone(),
                span: *span,
            })
        }
    }
}

/// With several resources a condition is typed once for each; the same mistake is said once.
fn drop_repeats(cx: &mut Cx<'_>) {
    let mut kept: Vec<ambit_diagnostics::Problem> = Vec::with_capacity(cx.problems.len());
    for problem in cx.problems.drain(..) {
        if !kept.iter().rev().take(16).any(|p| *p == problem) {
            kept.push(problem);
        }
    }
    cx.problems = kept;
}

fn find_what<'db>(cx: &mut Cx<'db>, what: &What) -> Option<(TWhat, Item<'db>)> {
    match what {
        What::EverythingIn(source, _) => {
            let (_, item) = cx.find(source, &[Sort::Source])?;
            Some((TWhat::EverythingIn(source.text.clone()), item))
        }
        What::Name(name) => {
            let (sort, item) = cx.find(name, RESOURCES)?;
            let what = if sort == Sort::Table {
                TWhat::Table(name.text.clone())
            } else {
                TWhat::Object(name.text.clone())
            };
            Some((what, item))
        }
    }
}

/// The condition as it reads for one resource: tables have rows, objects and `everything in` only the user.
fn condition<'db>(
    cx: &mut Cx<'db>,
    what: &TWhat,
    item: Item<'db>,
    cond: Option<&ast::Cond>,
    params: &[(SmolStr, Ty)],
    axis: Option<(&[SmolStr], &str)>,
) -> TCond {
    let Some(cond) = cond else {
        return TCond::Const(true);
    };
    let table = match what {
        TWhat::Table(_) => table_decl(cx.db, item),
        TWhat::Object(_) | TWhat::EverythingIn(_) => None,
    };
    check_cond(
        cx,
        &Scope {
            table,
            outer: None,
            params,
            axis,
        },
        cond,
    )
}

/// The actions that a resource has: of a table the row actions and `write`, of an object those of its kind.
pub(crate) fn actions_of<'db>(cx: &Cx<'db>, what: &TWhat, item: Item<'db>) -> Option<Vec<SmolStr>> {
    match what {
        TWhat::Table(_) => Some(row_actions()),
        TWhat::Object(_) => object_kind(cx.db, item)
            .filter(|k| !k.damaged)
            .map(|k| k.actions.clone()),
        TWhat::EverythingIn(_) => {
            let mut all = row_actions();
            for (_, sort, item) in cx.names.declarations() {
                if sort == Sort::Kind {
                    let kind = kind_decl(cx.db, item)?;
                    if kind.damaged {
                        return None;
                    }
                    all.extend(
                        kind.actions
                            .iter()
                            .filter(|a| !all.contains(a))
                            .cloned()
                            .collect::<Vec<_>>(),
                    );
                }
            }
            Some(all)
        }
    }
}

fn row_actions() -> Vec<SmolStr> {
    ROW_ACTIONS
        .iter()
        .copied()
        .chain(["write"])
        .map(SmolStr::new_static)
        .collect()
}

fn check_action<'db>(
    cx: &mut Cx<'db>,
    action: &ast::Name,
    targets: &[(&What, Option<(TWhat, Item<'db>)>)],
) {
    for (_, target) in targets {
        let Some((what, item)) = target else { continue };
        if let TWhat::Table(_) = what
            && (action.text == "write" || ROW_ACTIONS.contains(&action.text.as_str()))
        {
            continue;
        }
        report_action(cx, action, what, *item);
    }
}

/// Reports an action that a resource lacks.
pub(crate) fn report_action<'db>(
    cx: &mut Cx<'db>,
    action: &ast::Name,
    what: &TWhat,
    item: Item<'db>,
) -> bool {
    let Some(known) = actions_of(cx, what, item) else {
        return true;
    };
    if known.contains(&action.text) {
        return true;
    }
    let message = match what {
        TWhat::Table(name) => format!("table `{name}` has no action `{}`", action.text),
        TWhat::Object(name) => format!("object `{name}` has no action `{}`", action.text),
        TWhat::EverythingIn(name) => format!("nothing in `{name}` has an action `{}`", action.text),
    };
    let problem = cx.unknown_member(
        "E0205",
        action.span,
        message,
        &action.text,
        known.iter().map(SmolStr::as_str),
    );
    cx.report(problem);
    false
}

type AxisFound = (TAxis, Vec<SmolStr>, SmolStr);

fn check_axis<'db>(
    cx: &mut Cx<'db>,
    what: &TWhat,
    item: Item<'db>,
    by: &ast::Name,
) -> Option<AxisFound> {
    let TWhat::Table(table_name) = what else {
        let problem = cx
            .problem("E0408", by.span, "only a table has columns to restrict by")
            .label("not a table")
            .help("leave `by …` out");
        cx.report(problem);
        return None;
    };
    let table = table_decl(cx.db, item)?;
    if let Some((column, _)) = table.column(&by.text) {
        return Some((
            TAxis::Column(column),
            vec![by.text.clone()],
            by.text.clone(),
        ));
    }
    let mut known: Vec<SmolStr> = table.columns.iter().map(|c| c.name.clone()).collect();
    for (name, sort, item) in cx.names.declarations() {
        if sort == Sort::Hierarchy
            && let Some(h) = hierarchy_decl(cx.db, item)
            && h.table == *table_name
        {
            if name == by.text {
                return Some((
                    TAxis::Hierarchy(by.text.clone()),
                    h.levels.clone(),
                    by.text.clone(),
                ));
            }
            known.push(name.into());
        }
    }
    if !table.damaged {
        let problem = cx.unknown_member(
            "E0203",
            by.span,
            format!("`{}` is no column or hierarchy of `{table_name}`", by.text),
            &by.text,
            known.iter().map(SmolStr::as_str),
        );
        cx.report(problem);
    }
    None
}

fn check_applies(
    cx: &mut Cx<'_>,
    applies: Option<&ast::Applies>,
    on: &[(TWhat, TCond)],
) -> TApplies {
    let Some(applies) = applies else {
        return TApplies::Always;
    };
    if let Some((what, _)) = on.iter().find(|(what, _)| !matches!(what, TWhat::Table(_))) {
        let what = match what {
            TWhat::EverythingIn(_) => "`everything in` holds objects too",
            _ => "an object is not queried",
        };
        let problem = cx
            .problem(
                "E0408",
                applies.span,
                format!("`applies` is for rules on tables, but {what}"),
            )
            .label("not for this rule")
            .help("write a rule of its own for the tables, or leave `applies` out");
        cx.report(problem);
    }
    let tables = check_tables(cx, &applies.tables);
    match (applies.unless_only, applies.tables.any) {
        (true, _) => TApplies::UnlessOnly(tables),
        (false, true) => TApplies::WhenAny(tables),
        (false, false) => TApplies::WhenAll(tables),
    }
}

/// The tables of `querying`.
pub(crate) fn check_tables(cx: &mut Cx<'_>, tables: &ast::Tables) -> Vec<SmolStr> {
    cx.doubles(
        "table",
        tables.names.iter().map(|n| (n.text.as_str(), n.span)),
    );
    tables
        .names
        .iter()
        .filter_map(|n| cx.find(n, &[Sort::Table]).map(|_| n.text.clone()))
        .collect()
}

/// The resource of a step or claim.
pub(crate) fn resource<'db>(cx: &mut Cx<'db>, name: &ast::Name) -> Option<(TWhat, Item<'db>)> {
    find_what(cx, &What::Name(name.clone()))
}
