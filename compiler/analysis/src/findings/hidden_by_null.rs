//! `hidden-by-null`: rows that are hidden only because a column is null, which makes a condition unknown.

use std::collections::BTreeMap;

use ambit_core::{Column, Effect, Operand, Path, Pred, Program, Rule, RuleId, TableId};
use ambit_solver::{Bool, Witness};

use super::reads::{self, is_conjunctive, lets_others_through};
use super::scenes::{self, Scene};
use crate::confirm::{Showing, confirm};
use crate::cx::{Cx, Done, Lines, at};
use crate::raw::{Mend, Raw, Trouble};

/// Something that may be null, and makes a condition unknown.
struct Maybe {
    operand: Operand,
    is_null: Pred,
    /// Every test of it lets all through but what it names.
    negative: bool,
}

pub(crate) fn find(cx: &mut Cx<'_, '_>) -> Done {
    let Some(table) = cx.table() else {
        return Ok(());
    };
    let mut found = BTreeMap::new();
    for (id, rule) in cx.rules.clone() {
        let mut maybes = maybes(cx.program, table, &rule.pred);
        if rule.effect != Effect::Deny {
            maybes.retain(|maybe| maybe.negative);
        }
        if !maybes.is_empty()
            && let Some(raw) = of_rule(cx, id, rule, &maybes)?
        {
            found.insert(id, raw);
        }
    }
    cx.say_where_all(found);
    Ok(())
}

fn of_rule(
    cx: &Cx<'_, '_>,
    id: RuleId,
    rule: &Rule,
    maybes: &[Maybe],
) -> Result<Option<Raw>, Trouble> {
    let mut culprits: Vec<&Maybe> = Vec::new();
    let mut shown = None;
    for maybe in maybes {
        for action in cx.actions_of(rule) {
            let found = scenes::first(cx, &rule.holder, &action, |scene| {
                hides(cx, id, rule, maybes, maybe, scene, &action)
            })?;
            let Some(witness) = found else { continue };
            culprits.push(maybe);
            if shown.is_none() {
                let showing = Showing {
                    user: 0,
                    resource: cx.resource,
                    action: &action,
                    allowed: false,
                };
                shown = Some(confirm(cx.program, &witness, showing)?);
            }
            break;
        }
    }
    Ok(shown.map(|shown| said(cx, id, rule, &culprits).witness(Some(shown))))
}

/// A row that this rule alone hides, and only because that is null.
fn hides(
    cx: &Cx<'_, '_>,
    id: RuleId,
    rule: &Rule,
    maybes: &[Maybe],
    maybe: &Maybe,
    scene: &Scene<'_>,
    action: &str,
) -> Result<Option<Witness>, Trouble> {
    let (mut q, user, row) = scene.ask(cx);
    let rules = &scene.rules;
    let lines = Lines::new(&mut q, user, row, rules);
    let Some(line) = lines.lines.iter().find(|line| line.id == id) else {
        return Ok(None);
    };
    let open = cx.is_open(action);
    let given = lines.given(&mut q, action, open, &|other| other != id);
    let mut all = vec![line.active, !line.yes, !line.no];
    all.push(if rule.effect == Effect::Grant {
        !given
    } else {
        given
    });
    if all.contains(&Bool::FALSE) {
        return Ok(None);
    }
    all.extend(lines.spared(&mut q, action, &|other| {
        let united = |(r, of): &(RuleId, &Rule)| *r == other && same_axis(rule, of);
        other != id && !rules.iter().any(united)
    }));
    // Of one axis no other gives.
    for other in &lines.lines {
        if other.id != id && same_axis(rule, other.rule) {
            all.push(!other.active);
        }
    }
    for other in maybes {
        let null = q.is_true(user, &other.is_null, row);
        all.push(if std::ptr::eq(other, maybe) {
            null
        } else {
            !null
        });
    }
    // Unknown comes from nothing else.
    all.push(q.all_supplied(user));
    all.push(q.nothing_stray());
    all.push(q.links_lead());
    let whole = q.and(all);
    Ok(q.witness(whole)?.filter(|witness| scene.fits(witness)))
}

fn same_axis(a: &Rule, b: &Rule) -> bool {
    matches!(a.effect, Effect::Restrict { by: Some(_) }) && a.effect == b.effect
}

fn said(cx: &Cx<'_, '_>, id: RuleId, rule: &Rule, culprits: &[&Maybe]) -> Raw {
    let name = |maybe: &Maybe| ambit_core::print::print_operand(cx.program, &maybe.operand);
    let names: Vec<String> = culprits.iter().map(|maybe| name(maybe)).collect();
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    let (word, label) = match rule.effect {
        Effect::Deny => (
            "this deny also hides",
            "unknown where it is null, and then it hides",
        ),
        Effect::Grant => (
            "this grant leaves out",
            "unknown where it is null, and then it gives nothing",
        ),
        Effect::Restrict { .. } => (
            "this restriction also hides",
            "unknown where it is null, and then it hides",
        ),
    };
    let raw = Raw::new(
        "W0607",
        at(id),
        format!(
            "{word} rows of `{}` whose {} is null",
            cx.name(),
            quoted.join(" or ")
        ),
    )
    .label(label)
    .note("every test of a null is unknown, and unknown never reveals a row");
    if rule.effect == Effect::Deny {
        let guards: Vec<String> = names
            .iter()
            .map(|n| format!("{n} is not null and"))
            .collect();
        let guard = guards.join(" ");
        let raw = raw.help(format!(
            "if only rows with a value are meant, write `{guard}` before the test; else say `{} is null or`",
            names[0]
        ));
        if is_conjunctive(&rule.pred) {
            let mend = Mend::Guard {
                rule: id,
                text: guard,
                by_or: false,
            };
            raw.mend(
                format!("hide only rows whose {} has a value", quoted.join(" and ")),
                false,
                mend,
            )
        } else {
            raw
        }
    } else {
        let guards: Vec<String> = names.iter().map(|n| format!("{n} is null or")).collect();
        let guard = guards.join(" ");
        let raw = raw.help(format!(
            "if rows without a value are to be seen, write `{guard}` before the test; else say `{} is not null and`",
            names[0]
        ));
        let reads_that_alone = reads::tests(&rule.pred).len() == 1 && names.len() == 1;
        if reads_that_alone {
            let mend = Mend::Guard {
                rule: id,
                text: guard,
                by_or: true,
            };
            raw.mend(
                format!("let rows through whose {} is null", quoted[0]),
                false,
                mend,
            )
        } else {
            raw
        }
    }
}

/// What a condition tests that may be null.
fn maybes(program: &Program, table: TableId, pred: &Pred) -> Vec<Maybe> {
    let mut out: Vec<Maybe> = Vec::new();
    for test in reads::tests(pred) {
        if matches!(test.pred, Pred::IsNull(_)) {
            continue;
        }
        let negative = lets_others_through(&test) == Some(true);
        for operand in read_by(table, test.pred) {
            match out.iter_mut().find(|known| known.operand == operand) {
                Some(known) => known.negative &= negative,
                None if may_be_null(program, &operand) => out.push(Maybe {
                    is_null: Pred::IsNull(operand.clone()),
                    operand,
                    negative,
                }),
                None => {}
            }
        }
    }
    out
}

/// The columns by which a test can be unknown.
fn read_by(table: TableId, test: &Pred) -> Vec<Operand> {
    let column = |steps: &[ambit_core::Step], column| {
        let table = steps.last().map_or(table, |step| step.to);
        Operand::Column(Path {
            steps: steps.to_vec(),
            table,
            column,
        })
    };
    match test {
        Pred::Exists(exists) => vec![column(&exists.path, exists.own)],
        Pred::LinkVisible(steps) => match steps.split_last() {
            Some((last, before)) => vec![column(before, last.column)],
            None => Vec::new(),
        },
        test => reads::operands(test).into_iter().cloned().collect(),
    }
}

/// May the column, or a link on the way to it, be null? A link that leads nowhere is a fault of the data, not a null.
fn may_be_null(program: &Program, operand: &Operand) -> bool {
    let Operand::Column(path) = operand else {
        return false;
    };
    let null = |column: &Column| column.nullable;
    path.steps
        .iter()
        .any(|step| null(program.column(step.from, step.column)))
        || null(program.column(path.table, path.column))
}
