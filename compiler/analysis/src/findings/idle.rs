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
    // Rules that by themselves change nothing, each holder's at once.
    let mut idle: BTreeSet<RuleId> = BTreeSet::new();
    let mut holders: HashSet<&Holder> = HashSet::new();
    for (_, rule) in &cx.rules {
        if rule.effect != Effect::Grant && holders.insert(&rule.holder) {
            let own = cx.always_with(&rule.holder).into_iter();
            let own: BTreeSet<RuleId> = own
                .filter(|(_, r)| r.effect != Effect::Grant && r.holder == rule.holder)
                .map(|(id, _)| id)
                .collect();
            idle.extend(unneeded(cx, &rule.holder, own, &given, &BTreeSet::new())?);
        }
    }
    let mut written: BTreeMap<u32, Vec<(RuleId, &Rule)>> = BTreeMap::new();
    for (id, rule) in &cx.rules {
        written
            .entry(cx.written[id.index()])
            .or_default()
            .push((*id, *rule));
    }
    // Of two that do the same the later one goes, and the other is judged without it.
    let mut gone: BTreeSet<u32> = BTreeSet::new();
    let mut found = BTreeMap::new();
    for (number, rules) in written.into_iter().rev() {
        if !rules.iter().all(|(id, _)| idle.contains(id)) {
            continue;
        }
        let mut still = true;
        for (id, rule) in &rules {
            let alone = BTreeSet::from([*id]);
            still = still
                && (gone.is_empty()
                    || given.is_empty()
                    || !unneeded(cx, &rule.holder, alone, &given, &gone)?.is_empty());
        }
        if still {
            gone.insert(number);
            let said = |(id, rule): &(RuleId, &Rule)| (*id, said(cx, *id, rule, !given.is_empty()));
            found.extend(rules.iter().map(said));
        }
    }
    cx.say_where_all(&found);
    Ok(())
}

/// Those of a holder's rules that change nothing, where those written rules are gone.
fn unneeded(
    cx: &Cx<'_, '_>,
    holder: &Holder,
    mut left: BTreeSet<RuleId>,
    given: &[SmolStr],
    gone: &BTreeSet<u32>,
) -> Result<BTreeSet<RuleId>, Trouble> {
    for action in given {
        scenes::each(cx, holder, action, |scene| {
            for id in matter(cx, scene, &left, gone, action)? {
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

/// Those of some rules that change what such a user may do. A written rule is judged as a whole: its instances go
/// together.
fn matter(
    cx: &Cx<'_, '_>,
    scene: &Scene<'_>,
    wanted: &BTreeSet<RuleId>,
    gone: &BTreeSet<u32>,
    action: &str,
) -> Result<Vec<RuleId>, Trouble> {
    let (mut q, user, row) = scene.ask(cx);
    let mut rules = scene.rules.clone();
    rules.retain(|(id, _)| !gone.contains(&cx.written[id.index()]));
    let mut lines = Lines::new(&mut q, user, row, &rules);
    let given = lines.given(&mut q, action, cx.is_open(action), &|_| true);
    lines
        .lines
        .retain(|line| line.rule.effect != Effect::Grant && speaks_of(line.rule, action));
    let asked_of: Vec<usize> = (0..lines.lines.len())
        .filter(|n| wanted.contains(&lines.lines[*n].id))
        .collect();
    if given == Bool::FALSE || asked_of.is_empty() {
        return Ok(Vec::new());
    }
    let axes = axes(&mut q, &lines, action);
    let gives: Vec<Bool> = lines
        .lines
        .iter()
        .map(|line| q.and([line.active, line.yes]))
        .collect();
    let mut all: BTreeSet<Bool> = BTreeSet::from([given]);
    for line in &lines.lines {
        all.extend([line.active, line.spares]);
    }
    all.extend(
        gives
            .iter()
            .copied()
            .chain(axes.iter().map(|(_, spared)| *spared)),
    );
    let all: Vec<Bool> = all.into_iter().collect();
    let mut asked = q.ask(&all)?;
    let mut out = Vec::new();
    for n in asked_of {
        let one = |m: usize| cx.written[lines.lines[m].id.index()];
        let others: Vec<usize> = (0..lines.lines.len())
            .filter(|m| one(*m) != one(n))
            .collect();
        for mut case in cases(&lines.lines, &axes, &gives, n, &others) {
            case.push(given);
            if asked.can_usually(&case) || asked.can(&case)? {
                out.push(lines.lines[n].id);
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
    n: usize,
    others: &[usize],
) -> Vec<Vec<Bool>> {
    let line = &lines[n];
    let effect = line.rule.effect;
    let mut rest = vec![line.active];
    let single = others.iter().filter(|m| !by_axis(lines[**m].rule));
    rest.extend(single.map(|m| lines[*m].spares));
    let axis = |wanted: bool| {
        let axes = axes
            .iter()
            .filter(move |(axis, _)| (*axis == effect) == wanted);
        axes.map(|(_, spared)| *spared)
    };
    rest.extend(axis(false));
    if !by_axis(line.rule) {
        rest.push(!line.spares);
        return vec![rest];
    }
    let united: Vec<usize> = others
        .iter()
        .copied()
        .filter(|m| lines[*m].rule.effect == effect)
        .collect();
    // None of the axis speaks but this, and it does not give; or another does, and only this gives.
    let mut takes = rest.clone();
    takes.extend(axis(true).map(|spared| !spared));
    takes.extend(united.iter().map(|m| !lines[*m].active));
    let mut out = vec![takes];
    for other in &united {
        let mut alone = rest.clone();
        alone.extend([gives[n], lines[*other].active]);
        alone.extend(united.iter().map(|m| !gives[*m]));
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
