//! `a = 1 or a = 2` becomes `a in [1, 2]`, and `a != 1 and a != 2` becomes `a not in [1, 2]`.

use ambit_compiler::item_syntax;
use ambit_grammar::ast::{CompareOp, Cond, InSet, Literal, Operand};

use super::{Candidate, Cx, Kind, conds, flat};

pub(super) fn candidates(cx: &Cx<'_>, out: &mut Vec<Candidate>) {
    let kind = &item_syntax(cx.db, cx.item).item.kind;
    let found = conds::around(kind, cx.range, &|cond| parts(cx, cond).is_some());
    let Some((cond, _)) = found else { return };
    let Some((left, new)) = parts(cx, cond) else {
        return;
    };
    out.push(Candidate {
        title: format!("Test `{left}` with one list"),
        kind: Kind::Rewrite,
        edits: vec![cx.edit(cond.span(), new)],
    });
}

/// What is tested first by several equalities, and the condition with one list in their place.
fn parts(cx: &Cx<'_>, cond: &Cond) -> Option<(String, String)> {
    let (parts, negated, word) = match cond {
        Cond::Or(parts, _) => (parts, false, "or"),
        Cond::And(parts, _) => (parts, true, "and"),
        _ => return None,
    };
    let tests: Vec<Option<(String, Vec<&str>)>> = parts
        .iter()
        .map(|part| equality(cx, part, negated))
        .collect();
    let left = tests.iter().flatten().find_map(|(left, _)| {
        let same = tests.iter().flatten().filter(|(l, _)| l == left);
        (same.count() > 1).then(|| left.clone())
    })?;
    let mut values: Vec<&str> = Vec::new();
    for (_, more) in tests.iter().flatten().filter(|(l, _)| *l == left) {
        for value in more {
            if !values.contains(value) {
                values.push(value);
            }
        }
    }
    let not = if negated { "not " } else { "" };
    let list = format!("{left} {not}in [{}]", values.join(", "));
    let mut new: Vec<String> = Vec::new();
    let mut said = false;
    for (part, test) in parts.iter().zip(&tests) {
        match test {
            Some((l, _)) if *l == left => {
                if !std::mem::replace(&mut said, true) {
                    new.push(list.clone());
                }
            }
            _ => new.push(flat(cx.text(part.span()))),
        }
    }
    Some((left, new.join(&format!(" {word} "))))
}

/// `a = 1` or `a in [1, 2]`; where they are negated `a != 1` or `a not in [1, 2]`.
fn equality<'a>(cx: &'a Cx<'_>, cond: &Cond, negated: bool) -> Option<(String, Vec<&'a str>)> {
    let text = |literal: &Literal| cx.text(literal.span);
    match cond {
        Cond::Compare {
            left, op, right, ..
        } => {
            let wanted = if negated {
                CompareOp::Ne
            } else {
                CompareOp::Eq
            };
            let ((value, Operand::Literal(literal)) | (Operand::Literal(literal), value)) =
                (left, right)
            else {
                return None;
            };
            let named = matches!(value, Operand::Path(_) | Operand::User(..));
            (*op == wanted && named).then(|| (flat(cx.text(value.span())), vec![text(literal)]))
        }
        Cond::In {
            left,
            negated: n,
            set: InSet::List(list, _),
            ..
        } if *n == negated => Some((flat(cx.text(left.span())), list.iter().map(text).collect())),
        _ => None,
    }
}
