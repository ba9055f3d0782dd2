//! Many suspects at once: one question about everybody, written out once, with a formula for each.
//!
//! A question of its own for each would read every rule as often as there are roles. Here what all *other* rules give and spare
//! is put together from ranges of rules, so that all formulas together are hardly longer than the rules.

use std::collections::HashSet;

use ambit_core::{Effect, Holder, RuleId};
use ambit_solver::{Bool, Question, Who};

use super::Suspect;
use crate::cx::{Cx, Lines, ask, speaks_of};
use crate::raw::Trouble;

/// Which of these may lose something to their own rules; `true` also where that is not asked here.
pub(super) fn losing(
    cx: &Cx<'_, '_>,
    action: &str,
    suspects: &[Suspect<'_>],
) -> Result<Vec<bool>, Trouble> {
    let (mut q, user, row) = ask(cx.model, cx.resource, Who::Anyone);
    // One line for each rule, so that positions are those of the suspects: nobody is ruled out here.
    let lines = Lines::new(&mut q, user, row, &cx.rules);
    if lines.lines.len() != cx.rules.len() {
        return Ok(vec![true; suspects.len()]);
    }
    let mut gives = Vec::new();
    let mut spares = Vec::new();
    for line in &lines.lines {
        let speaks = speaks_of(line.rule, action);
        let grant = line.rule.effect == Effect::Grant;
        gives.push(if speaks && grant {
            q.and([line.active, line.yes])
        } else {
            Bool::FALSE
        });
        let alone = matches!(
            line.rule.effect,
            Effect::Deny | Effect::Restrict { by: None }
        );
        spares.push(if speaks && alone {
            line.spares
        } else {
            Bool::TRUE
        });
    }
    // Whoever restricts by an axis is asked of alone, so all such rules are others.
    let by_axis: HashSet<RuleId> = cx
        .rules
        .iter()
        .filter(|(_, rule)| matches!(rule.effect, Effect::Restrict { by: Some(_) }))
        .map(|(id, _)| *id)
        .collect();
    let axes = lines.spared(&mut q, action, &|id| by_axis.contains(&id));
    let axes = q.and(axes);
    let gives = Ranges::new(&mut q, gives, |q, a, b| q.or([a, b]));
    let spares = Ranges::new(&mut q, spares, |q, a, b| q.and([a, b]));
    let mut formulas = Vec::new();
    for suspect in suspects {
        let member = q.under(user, &Holder::Principal(suspect.principal));
        let given = if cx.is_open(action) {
            Bool::TRUE
        } else {
            let parts = gives.without(&suspect.own);
            q.or(parts)
        };
        let others = spares.without(&suspect.own);
        let others = q.and(others);
        let own: Vec<Bool> = suspect.own.iter().map(|p| spares.leaf(*p)).collect();
        let own = q.and(own);
        formulas.push(q.and([member, given, others, axes, !own]));
    }
    let mut asked = q.ask_as_given(&formulas)?;
    suspects
        .iter()
        .zip(&formulas)
        .map(|(suspect, formula)| Ok(suspect.by_axis || asked.can(&[*formula])?))
        .collect()
}

/// A list of formulas, and what each range of it comes to.
struct Ranges {
    size: usize,
    /// A segment tree: `nodes[size + n]` is the n-th formula, each other node joins its two children.
    nodes: Vec<Bool>,
}

impl Ranges {
    fn new(
        q: &mut Question<'_, '_>,
        list: Vec<Bool>,
        join: impl Fn(&mut Question<'_, '_>, Bool, Bool) -> Bool,
    ) -> Self {
        let size = list.len();
        let mut nodes = vec![Bool::TRUE; size];
        nodes.extend(list);
        for at in (1..size).rev() {
            nodes[at] = join(q, nodes[2 * at], nodes[2 * at + 1]);
        }
        Self { size, nodes }
    }

    fn leaf(&self, position: usize) -> Bool {
        self.nodes[self.size + position]
    }

    /// All but those at these positions, which are in order: few nodes that are to be joined.
    fn without(&self, positions: &[usize]) -> Vec<Bool> {
        let mut out = Vec::new();
        let mut from = 0;
        for position in positions {
            self.range(from, *position, &mut out);
            from = position + 1;
        }
        self.range(from, self.size, &mut out);
        out
    }

    fn range(&self, from: usize, to: usize, out: &mut Vec<Bool>) {
        let (mut from, mut to) = (from + self.size, to + self.size);
        while from < to {
            if from % 2 == 1 {
                out.push(self.nodes[from]);
                from += 1;
            }
            if to % 2 == 1 {
                to -= 1;
                out.push(self.nodes[to]);
            }
            from /= 2;
            to /= 2;
        }
    }
}
