//! `takes-nothing`: a deny or restrict without which everybody may do just the same.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use ambit_core::{Effect, Holder, Rule, RuleId};
use ambit_solver::{Bool, Question};
use smol_str::SmolStr;

use super::scenes::{self, Scene};
use crate::cx::{Cx, Done, Line, Lines, at, speaks_of};
use crate::raw::{Mend, Raw, Trouble};

pub(crate) fn find(cx: &mut Cx<'_, '_>) -> Done {
    if cx.rules.iter().all(|(_, r)| r.effect == Effect::Grant) {
        return Ok(());
    }
    let mut given = cx.program.actions_of(cx.resource);
    given.retain(|action| {
        let grants = |rule: &Rule| rule.effect == Effect::Grant && speaks_of(rule, action);
        cx.is_open(action) || cx.rules.iter().any(|(_, rule)| grants(rule))
    });
    let mut holders: HashSet<&Holder> = HashSet::new();
    let mut found = BTreeMap::new();
    for (_, rule) in &cx.rules {
        if rule.effect == Effect::Grant || !holders.insert(&rule.holder) {
            continue;
        }
        for id in idle(cx, &rule.holder, &given)? {
            let rule = cx.rules.iter().find(|(other, _)| *other == id);
            found.extend(rule.map(|(_, rule)| (id, said(cx, id, rule, !given.is_empty()))));
        }
    }
    cx.say_where_all(&found);
    Ok(())
}

/// The rules of a holder that change nothing.
fn idle(cx: &Cx<'_, '_>, holder: &Holder, given: &[SmolStr]) -> Result<BTreeSet<RuleId>, Trouble> {
    let mut left: BTreeSet<RuleId> = BTreeSet::new();
    for (id, rule) in cx.always_with(holder) {
        if rule.effect != Effect::Grant && rule.holder == *holder {
            left.insert(id);
        }
    }
    for action in given {
        scenes::each(cx, holder, action, |scene| {
            for id in matter(cx, scene, &left, action)? {
                left.remove(&id);
            }
            Ok(left.is_empty())
        })?;
        if left.is_empty() {
            break;
        }
    }
    Ok(left)
}

/// Those of some rules that change what such a user may do.
fn matter(
    cx: &Cx<'_, '_>,
    scene: &Scene<'_>,
    wanted: &BTreeSet<RuleId>,
    action: &str,
) -> Result<Vec<RuleId>, Trouble> {
    let (mut q, user, row) = scene.ask(cx);
    let mut lines = Lines::new(&mut q, user, row, &scene.rules);
    let given = lines.given(&mut q, action, cx.is_open(action), &|_| true);
    lines
        .lines
        .retain(|line| line.rule.effect != Effect::Grant && speaks_of(line.rule, action));
    if given == Bool::FALSE || !lines.lines.iter().any(|line| wanted.contains(&line.id)) {
        return Ok(Vec::new());
    }
    let axes = axes(&mut q, &lines, action);
    let gives: Vec<Bool> = lines
        .lines
        .iter()
        .map(|line| q.and([line.active, line.yes]))
        .collect();
    let mut all: BTreeSet<Bool> = BTreeSet::from([given]);
    all.extend(
        lines
            .lines
            .iter()
            .flat_map(|line| [line.active, line.yes, line.spares]),
    );
    all.extend(
        gives
            .iter()
            .copied()
            .chain(axes.iter().map(|(_, spared)| *spared)),
    );
    let all: Vec<Bool> = all.into_iter().collect();
    let mut asked = q.ask(&all)?;
    let mut out = Vec::new();
    for line in lines.lines.iter().filter(|line| wanted.contains(&line.id)) {
        for case in cases(&lines.lines, &axes, &gives, line, given) {
            if asked.can_usually(&case) || asked.can(&case)? {
                out.push(line.id);
                break;
            }
        }
    }
    Ok(out)
}

fn by_axis(rule: &Rule) -> bool {
    matches!(rule.effect, Effect::Restrict { by: Some(_) })
}

/// What the restrictions of each axis ask together.
fn axes<'p>(q: &mut Question<'p, '_>, lines: &Lines<'p>, action: &str) -> Vec<(Effect, Bool)> {
    let mut axes: Vec<(Effect, Bool)> = Vec::new();
    for line in lines.lines.iter().filter(|line| by_axis(line.rule)) {
        let effect = line.rule.effect;
        if !axes.iter().any(|(known, _)| *known == effect) {
            let of_axis: BTreeSet<RuleId> = lines
                .lines
                .iter()
                .filter(|other| other.rule.effect == effect)
                .map(|other| other.id)
                .collect();
            let spared = lines.spared(q, action, &|id| of_axis.contains(&id));
            axes.push((effect, q.and(spared)));
        }
    }
    axes
}

/// When a rule takes what all others leave, or, united with others of its axis, gives what they do not.
fn cases(
    lines: &[Line<'_>],
    axes: &[(Effect, Bool)],
    gives: &[Bool],
    line: &Line<'_>,
    given: Bool,
) -> Vec<Vec<Bool>> {
    let effect = line.rule.effect;
    let mut rest = vec![given, line.active];
    let single = |other: &&Line<'_>| other.id != line.id && !by_axis(other.rule);
    rest.extend(lines.iter().filter(single).map(|other| other.spares));
    rest.extend(
        axes.iter()
            .filter(|(axis, _)| *axis != effect)
            .map(|(_, spared)| *spared),
    );
    let mut takes = rest.clone();
    takes.push(!line.spares);
    if !by_axis(line.rule) {
        return vec![takes];
    }
    let united: Vec<usize> = (0..lines.len())
        .filter(|n| lines[*n].rule.effect == effect && lines[*n].id != line.id)
        .collect();
    takes.extend(united.iter().map(|n| !lines[*n].active));
    let mut out = vec![takes];
    for other in &united {
        let mut alone = rest.clone();
        alone.extend([line.yes, lines[*other].active]);
        alone.extend(united.iter().map(|n| !gives[*n]));
        out.push(alone);
    }
    out
}

fn said(cx: &Cx<'_, '_>, id: RuleId, rule: &Rule, granted: bool) -> Raw {
    let word = if rule.effect == Effect::Deny {
        "deny"
    } else {
        "restriction"
    };
    let name = cx.name();
    let raw = if granted {
        Raw::new(
            "W0603",
            at(id),
            format!("this {word} takes nothing away on `{name}`"),
        )
        .label("without it everybody may do just the same")
        .note("what it would take is taken by other rules, or granted to nobody whom it speaks of")
    } else {
        Raw::new(
            "W0603",
            at(id),
            format!("nobody is granted anything on `{name}` that this {word} could take"),
        )
        .label("nothing to take away from")
        .help(format!("grant something on `{name}`, or declare it `open`"))
    };
    raw.help("take the rule out, or mend what it is to take")
        .mend("take the rule out", false, Mend::Remove(id))
}
