//! The smallest equal form of a condition that is found within a budget: parts are left out as long as what remains is
//! proved equal.

use std::collections::BTreeSet;

use ambit_core::{Operand, Pred, TableId};

use crate::limit::Limit;
use crate::model::{Facts, Model};
use crate::question::{Question, Who};

/// What must stay the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Where the condition is true: all that counts in a grant, a restriction, a predicate shown.
    True,
    /// Where it is false: all that counts in a deny.
    False,
    /// Both, and so where it is unknown.
    Both,
}

/// A condition made smaller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Simplified {
    /// The condition.
    pub pred: Pred,
    /// For each of its nodes, in pre-order, the node of the original that it was.
    pub nodes: Vec<u32>,
}

/// How many questions one condition is worth.
pub const BUDGET: usize = 48;

/// Makes a condition on rows of a table (or on users alone) smaller. `None`: nothing can be left out.
///
/// Every step is proved: for every row, user, query and day the outcome that counts is that of the original, under
/// those facts.
///
/// # Errors
/// With the limit that a question is beyond; the condition then stays as it is.
pub fn simplify(
    model: &Model<'_>,
    table: Option<TableId>,
    pred: &Pred,
    outcome: Outcome,
    facts: Facts,
) -> Result<Option<Simplified>, Limit> {
    let mut best = number(pred, &mut 0);
    let mut left = BUDGET;
    let mut changed = false;
    loop {
        let mut found = false;
        for smaller in best.smaller() {
            if left == 0 {
                break;
            }
            left -= 1;
            if equal(model, table, pred, &smaller.pred(), outcome, facts)? {
                best = smaller;
                (found, changed) = (true, true);
                break;
            }
        }
        if !found {
            break;
        }
    }
    Ok(changed.then(|| {
        let mut nodes = Vec::new();
        best.numbers(&mut nodes);
        Simplified {
            pred: best.pred(),
            nodes,
        }
    }))
}

/// Do two conditions come out alike wherever it counts?
///
/// # Errors
/// With the limit that the question is beyond.
pub fn equal(
    model: &Model<'_>,
    table: Option<TableId>,
    left: &Pred,
    right: &Pred,
    outcome: Outcome,
    facts: Facts,
) -> Result<bool, Limit> {
    let mut question = Question::with_facts(model, facts);
    let user = question.user(Who::Anyone);
    let row = table.map(|t| question.row(t));
    let mut differs = Vec::new();
    if outcome != Outcome::False {
        let (x, y) = (
            question.is_true(user, left, row),
            question.is_true(user, right, row),
        );
        differs.push(!question.iff(x, y));
    }
    if outcome != Outcome::True {
        let (x, y) = (
            question.is_false(user, left, row),
            question.is_false(user, right, row),
        );
        differs.push(!question.iff(x, y));
    }
    let differs = question.or(differs);
    Ok(!question.satisfiable(differs)?)
}

/// A condition whose nodes remember which of the original they were.
#[derive(Debug, Clone)]
struct Numbered {
    number: u32,
    kind: Kind,
}

#[derive(Debug, Clone)]
enum Kind {
    Not(Box<Numbered>),
    And(Vec<Numbered>),
    Or(Vec<Numbered>),
    /// Anything else, with how many nodes it has below.
    Leaf(Pred, u32),
}

fn number(pred: &Pred, next: &mut u32) -> Numbered {
    let number_here = *next;
    *next += 1;
    let kind = match pred {
        Pred::Not(inner) => Kind::Not(Box::new(number(inner, next))),
        Pred::And(parts) => Kind::And(parts.iter().map(|p| number(p, next)).collect()),
        Pred::Or(parts) => Kind::Or(parts.iter().map(|p| number(p, next)).collect()),
        other => {
            let below = other.nodes() as u32 - 1;
            *next += below;
            Kind::Leaf(other.clone(), below)
        }
    };
    Numbered {
        number: number_here,
        kind,
    }
}

impl Numbered {
    fn pred(&self) -> Pred {
        match &self.kind {
            Kind::Not(inner) => match inner.pred() {
                Pred::Const(value) => Pred::Const(!value),
                inner => Pred::Not(inner.into()),
            },
            Kind::And(parts) => Pred::And(parts.iter().map(Self::pred).collect()),
            Kind::Or(parts) => Pred::Or(parts.iter().map(Self::pred).collect()),
            Kind::Leaf(pred, _) => pred.clone(),
        }
    }

    fn numbers(&self, out: &mut Vec<u32>) {
        out.push(self.number);
        match &self.kind {
            Kind::Not(inner) => inner.numbers(out),
            Kind::And(parts) | Kind::Or(parts) => parts.iter().for_each(|p| p.numbers(out)),
            Kind::Leaf(_, below) => out.extend((1..=*below).map(|n| self.number + n)),
        }
    }

    fn constant(&self, value: bool) -> Self {
        Self {
            number: self.number,
            kind: Kind::Leaf(Pred::Const(value), 0),
        }
    }

    /// Conditions with one piece less that might be equal, the smallest first.
    fn smaller(&self) -> Vec<Self> {
        let mut out = Vec::new();
        if let Kind::And(parts) | Kind::Or(parts) = &self.kind {
            // Parts that share nothing do not follow from one another, so together they can be constant only if
            // one alone is.
            if share(parts) {
                out.push(self.constant(false));
                out.push(self.constant(true));
            }
        }
        self.parts(&mut out);
        out
    }

    fn parts(&self, out: &mut Vec<Self>) {
        match &self.kind {
            Kind::Leaf(..) => {}
            Kind::Not(inner) => {
                if let Kind::Not(twice) = &inner.kind {
                    out.push((**twice).clone());
                }
                let mut smaller = Vec::new();
                inner.parts(&mut smaller);
                out.extend(smaller.into_iter().map(|s| Self {
                    number: self.number,
                    kind: Kind::Not(Box::new(s)),
                }));
            }
            Kind::And(parts) | Kind::Or(parts) => {
                let is_and = matches!(self.kind, Kind::And(_));
                let of = |list: Vec<Self>| match <[Self; 1]>::try_from(list) {
                    Ok([one]) => one,
                    Err(list) => Self {
                        number: self.number,
                        kind: if is_and {
                            Kind::And(list)
                        } else {
                            Kind::Or(list)
                        },
                    },
                };
                for i in 0..parts.len() {
                    if !may_go(parts, i) {
                        continue;
                    }
                    let mut rest = parts.clone();
                    rest.remove(i);
                    out.push(of(rest));
                }
                for (i, part) in parts.iter().enumerate() {
                    let mut smaller = Vec::new();
                    part.parts(&mut smaller);
                    for s in smaller {
                        let mut rest = parts.clone();
                        rest[i] = s;
                        out.push(of(rest));
                    }
                }
            }
        }
    }

    /// What it speaks of.
    fn subjects(&self, out: &mut BTreeSet<String>) {
        subjects(&self.pred(), out);
    }
}

/// Could this part follow from the others? Not where it shares nothing with them and is no constant.
fn may_go(parts: &[Numbered], at: usize) -> bool {
    if matches!(parts[at].kind, Kind::Leaf(Pred::Const(_), _)) {
        return true;
    }
    let mut own = BTreeSet::new();
    parts[at].subjects(&mut own);
    parts.iter().enumerate().any(|(i, other)| {
        let mut others = BTreeSet::new();
        if i != at {
            other.subjects(&mut others);
        }
        !own.is_disjoint(&others)
    })
}

fn share(parts: &[Numbered]) -> bool {
    (0..parts.len()).any(|i| may_go(parts, i))
}

/// The terms and tables of a condition, as texts.
fn subjects(pred: &Pred, out: &mut BTreeSet<String>) {
    let mut operand = |of: &Operand| {
        let mut at = of;
        while let Operand::Day(inner) = at {
            at = inner;
        }
        match at {
            // Whatever reads another row may share it, over whatever link.
            Operand::Column(path) if path.steps.is_empty() => {
                out.insert(format!("column {}", path.column.0));
            }
            Operand::Column(path) => {
                out.insert(format!("table {}", path.table.0));
                out.insert(format!("column {}", path.steps[0].column.0));
            }
            Operand::Attribute(a) => {
                out.insert(format!("user {}", a.0));
            }
            Operand::Login => {
                out.insert("login".to_owned());
            }
            Operand::Today => {
                out.insert("today".to_owned());
            }
            Operand::Const(_) | Operand::Day(_) => {}
        }
    };
    match pred {
        Pred::Is(a)
        | Pred::InList(a, _)
        | Pred::IsNull(a)
        | Pred::Text(a, ..)
        | Pred::Scope(a, _) => operand(a),
        Pred::InWindow(a, _) => {
            operand(a);
            operand(&Operand::Today);
        }
        Pred::InSet(a, set) => {
            operand(a);
            operand(&Operand::Attribute(*set));
        }
        Pred::Compare(a, _, b) => {
            operand(a);
            operand(b);
        }
        Pred::Exists(exists) => {
            out.insert(format!("table {}", exists.table.0));
            if exists.visible {
                out.insert("rules".to_owned());
            }
            subjects(&exists.pred, out);
        }
        Pred::LinkVisible(steps) => {
            out.insert("rules".to_owned());
            for step in steps.iter() {
                out.insert(format!("table {}", step.to.0));
            }
        }
        other => other.children().iter().for_each(|c| subjects(c, out)),
    }
}
