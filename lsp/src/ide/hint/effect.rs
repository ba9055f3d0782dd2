//! What a grant gives in the end, after denies and restrictions for a user who has its holder alone.

use ambit_analysis::{Access, Reach, Reaches};
use ambit_compiler::{Database, Item, Project, item_syntax, program};
use ambit_core::print::print_pred;
use ambit_core::{Effect, Holder, Pred, PrincipalId, Program, Resource, Rule};
use ambit_eval::{Data, Judge, User};
use ambit_grammar::Span;
use jiff::civil::Date;
use salsa::Database as _;
use smol_str::SmolStr;

use super::Hint;
use crate::ide::{effective, rule_span, rules_of};

/// So many grants of a range are looked at.
const MAX_RULES: usize = 24;

/// A longer condition stands in the tooltip alone.
const MAX_TEXT: usize = 60;

/// The hints behind the grants of these items that stand in a range.
pub(super) fn hints(db: &Database, project: Project, items: &[Item<'_>], range: Span) -> Vec<Hint> {
    let mut wanted: Vec<(SmolStr, Span)> = Vec::new();
    for item in items {
        let start = item.start(db);
        for rule in rules_of(&item_syntax(db, *item).item.kind) {
            let span = rule_span(rule).shift(start);
            if range.start <= span.end && span.end <= range.end {
                wanted.push((item.key(db).file.clone(), span));
            }
        }
    }
    if wanted.is_empty() || !effective::small(db, project) {
        return Vec::new();
    }
    let Some(program) = program(db, project) else {
        return Vec::new();
    };
    let reaches = Reaches::new(&program);
    let mut found = Vec::new();
    let mut looked = 0;
    for (file, span) in wanted {
        let Some((rule, who)) = grant(&program, &file, span) else {
            continue;
        };
        looked += 1;
        if looked > MAX_RULES {
            break;
        }
        db.unwind_if_revision_cancelled();
        if let Some((text, tooltip)) = effect(&reaches, rule, who) {
            found.push(Hint {
                at: span.end,
                text,
                tooltip,
            });
        }
    }
    found
}

/// The one grant that a place became, and its holder.
fn grant<'p>(program: &'p Program, file: &str, span: Span) -> Option<(&'p Rule, PrincipalId)> {
    let at = |rule: &&Rule| {
        let origin = &rule.origin;
        origin.file == file && (origin.start, origin.end) == (span.start, span.end)
    };
    let mut rules = program.rules.iter().filter(at);
    let rule = rules.next()?;
    let Holder::Principal(who) = rule.holder else {
        return None;
    };
    let plain = rule.effect == Effect::Grant
        && rule.everything_in.is_none()
        && program.principal(who).test.is_none();
    // Of a role with several instances, or of several things, each would have a hint of its own.
    (plain && rules.next().is_none()).then_some((rule, who))
}

/// What to say of a grant from which others take something.
fn effect<'p>(reaches: &Reaches<'p>, rule: &'p Rule, who: PrincipalId) -> Option<(String, String)> {
    let program = reaches.program();
    let action = rule
        .actions
        .iter()
        .find(|a| *a == "read")
        .or(rule.actions.first())?;
    let reach = Reach {
        who: Some(who),
        resource: rule.resource,
        action,
        within: &rule.pred,
    };
    let name = &program.principal(who).name;
    // What is beyond the solver is told by the check.
    match reaches.access(&reach).ok()? {
        Access::All => None,
        Access::None => Some((
            "no effect".to_owned(),
            format!("for a user with {name} alone, other rules take away all of it"),
        )),
        Access::Some => {
            let table = match rule.resource {
                Resource::Table(table) => Some(table),
                Resource::Object(_) => None,
            };
            let left = reaches.shown(table, &left(program, rule, who, action));
            let text = print_pred(program, table, &left);
            let tooltip = format!("for a user with {name} alone, other rules leave: {text}");
            let text = if text.chars().count() <= MAX_TEXT {
                format!("→ {text}")
            } else {
                "→ less".to_owned()
            };
            Some((text, tooltip))
        }
    }
}

/// The condition of a grant, with what denies and restrictions leave of it.
fn left(program: &Program, grant: &Rule, who: PrincipalId, action: &str) -> Pred {
    let closure = &program.principal(who).closure;
    let mut parts = vec![grant.pred.clone()];
    let mut axes: std::collections::BTreeMap<_, Vec<Pred>> = std::collections::BTreeMap::new();
    for rule in program
        .rules
        .iter()
        .filter(|r| r.resource == grant.resource)
    {
        let speaks = match &rule.holder {
            Holder::Principal(p) => closure.contains(p),
            Holder::Everyone => true,
            Holder::EveryoneExcept(list) => !list.iter().any(|p| closure.contains(p)),
        };
        // Rules for some queries only say nothing of the query that touches this table alone, or are said in full there.
        if !speaks || !applies(rule, grant.resource) {
            continue;
        }
        match rule.effect {
            Effect::Deny if rule.actions.iter().any(|a| a == action) => {
                parts.push(Pred::Not(rule.pred.clone().into()));
            }
            Effect::Grant | Effect::Deny => {}
            Effect::Restrict { by: None } => parts.push(rule.pred.clone()),
            Effect::Restrict { by: Some(axis) } => {
                axes.entry(axis).or_default().push(rule.pred.clone());
            }
        }
    }
    for united in axes.into_values() {
        parts.push(many(united, Pred::Or));
    }
    // What is changed or removed must be read, too.
    if let (Resource::Table(table), "update" | "delete") = (grant.resource, action) {
        let nothing = Data::new(program);
        let user = User::of(program, who);
        // The condition holds whatever the day.
        let query = [table];
        let judge = Judge::new(program, &nothing, &user, &query, Date::ZERO, None);
        parts.push(judge.predicate(table, "read"));
    }
    // What always holds says nothing.
    parts.retain(|part| *part != Pred::Const(true));
    many(parts, Pred::And)
}

fn many(mut parts: Vec<Pred>, join: fn(std::sync::Arc<[Pred]>) -> Pred) -> Pred {
    match (parts.len(), parts.pop()) {
        (1, Some(one)) => one,
        (_, Some(last)) => {
            parts.push(last);
            join(parts.into())
        }
        _ => Pred::Const(true),
    }
}

/// Is the rule as if written for a query that touches the resource alone?
fn applies(rule: &Rule, resource: Resource) -> bool {
    use ambit_core::Applies;
    let Resource::Table(table) = resource else {
        return true;
    };
    match &rule.applies {
        Applies::Always => true,
        Applies::WhenAll(tables) => tables.iter().all(|t| *t == table),
        Applies::WhenAny(tables) => tables.contains(&table),
        Applies::UnlessOnly(tables) => !tables.contains(&table),
    }
}
