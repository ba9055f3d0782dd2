//! What a condition reads, and on which side of `not`.

use std::collections::BTreeSet;

use ambit_core::{AttributeId, CompareOp, Operand, Pred};

/// One test of a condition.
#[derive(Debug, Clone, Copy)]
pub(super) struct Test<'p> {
    pub pred: &'p Pred,
    /// It stands under an odd number of `not`.
    pub negated: bool,
}

/// The tests of a condition, in order; those inside an `exists` speak of other rows and are not among them.
pub(super) fn tests(pred: &Pred) -> Vec<Test<'_>> {
    fn walk<'p>(pred: &'p Pred, negated: bool, out: &mut Vec<Test<'p>>) {
        match pred {
            Pred::Not(inner) => walk(inner, !negated, out),
            Pred::And(parts) | Pred::Or(parts) => {
                parts.iter().for_each(|part| walk(part, negated, out));
            }
            Pred::Const(_) => {}
            _ => out.push(Test { pred, negated }),
        }
    }
    let mut out = Vec::new();
    walk(pred, false, &mut out);
    out
}

/// The tests of a condition and of every `exists` in it.
pub(super) fn all_tests(pred: &Pred) -> Vec<&Pred> {
    let mut out = Vec::new();
    let mut work = vec![pred];
    while let Some(at) = work.pop() {
        for test in tests(at) {
            out.push(test.pred);
            if let Pred::Exists(exists) = test.pred {
                work.push(&exists.pred);
            }
        }
    }
    out
}

/// What a test takes.
pub(super) fn operands(test: &Pred) -> Vec<&Operand> {
    let mut out = match test {
        Pred::Is(a)
        | Pred::InList(a, _)
        | Pred::InSet(a, _)
        | Pred::IsNull(a)
        | Pred::Text(a, ..)
        | Pred::InWindow(a, _)
        | Pred::Scope(a, _) => vec![a],
        Pred::Compare(a, _, b) => vec![a, b],
        _ => Vec::new(),
    };
    for operand in &mut out {
        while let Operand::Day(inner) = *operand {
            *operand = inner;
        }
    }
    out
}

/// Does the test, where it stands, let all through but what it names? `None`: neither so nor the other way round.
pub(super) fn lets_others_through(test: &Test<'_>) -> Option<bool> {
    match test.pred {
        Pred::Compare(_, CompareOp::Ne, _) => Some(!test.negated),
        Pred::Compare(_, CompareOp::Eq, _) => Some(test.negated),
        Pred::Compare(..) | Pred::Const(_) => None,
        _ => Some(test.negated),
    }
}

/// Does the condition hold only where each of its tests does, as it stands?
pub(super) fn is_conjunctive(pred: &Pred) -> bool {
    fn walk(pred: &Pred, negated: bool) -> bool {
        match pred {
            Pred::Not(inner) => walk(inner, !negated),
            Pred::And(parts) => !negated && parts.iter().all(|part| walk(part, negated)),
            Pred::Or(parts) => negated && parts.iter().all(|part| walk(part, negated)),
            _ => true,
        }
    }
    walk(pred, false)
}

/// The attributes that a condition reads.
pub(super) fn attributes(pred: &Pred) -> BTreeSet<AttributeId> {
    let mut out = BTreeSet::new();
    for test in all_tests(pred) {
        if let Pred::InSet(_, attribute) = test {
            out.insert(*attribute);
        }
        for operand in operands(test) {
            if let Operand::Attribute(attribute) = operand {
                out.insert(*attribute);
            }
        }
    }
    out
}
