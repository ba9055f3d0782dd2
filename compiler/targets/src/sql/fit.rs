//! Conditions that nest deeper than the engine's parser can follow, said otherwise: with the same meaning, but flat.

use super::print::is_chain;
use super::stack::stack;
use super::tree::Expr;

/// Shorter chains of `AND` within `OR` within `AND` gain nothing from being told as a list.
const LONG: usize = 5;

/// The same condition, so that it takes no more of the parser's stack than there is, if it can be said so.
pub(super) fn fitted(expr: Expr, room: usize) -> Expr {
    if stack(&expr) <= room {
        return expr;
    }
    let expr = deepest_first(expr);
    if stack(&expr) <= room {
        return expr;
    }
    told_as_lists(expr)
}

/// The deepest operand of each `AND` and `OR` goes first: there the parser holds nothing but parentheses.
fn deepest_first(expr: Expr) -> Expr {
    match expr.with_parts(&mut deepest_first) {
        Expr::And(list) => Expr::And(led(list)),
        Expr::Or(list) => Expr::Or(led(list)),
        other => other,
    }
}

fn led(mut list: Vec<Expr>) -> Vec<Expr> {
    let deepest = deepest(&list);
    let first = list.remove(deepest);
    list.insert(0, first);
    list
}

/// The position of the first of the deepest.
fn deepest(list: &[Expr]) -> usize {
    let depths = list.iter().map(stack).enumerate();
    let deepest = depths.max_by_key(|(i, depth)| (*depth, std::cmp::Reverse(*i)));
    deepest.map_or(0, |(i, _)| i)
}

/// `a AND (b OR (c AND …))` as a list of cases: where `a` is not true, no; where `b` is true, yes; and so on. What is
/// deepest goes last, so the list is as long as the condition was deep.
fn told_as_lists(expr: Expr) -> Expr {
    if length(&expr) < LONG {
        return expr.with_parts(&mut told_as_lists);
    }
    let mut arms = Vec::new();
    let mut rest = expr;
    loop {
        match rest {
            Expr::And(list) => {
                let (others, next) = parted(list);
                let others = Expr::all(others.into_iter().map(told_as_lists));
                arms.push((Expr::is_not_true(others), Expr::Flag(false)));
                rest = next;
            }
            Expr::Or(list) => {
                let (others, next) = parted(list);
                let others = Expr::any(others.into_iter().map(told_as_lists));
                arms.push((others, Expr::Flag(true)));
                rest = next;
            }
            last => {
                let last = last.with_parts(&mut told_as_lists);
                return Expr::Case {
                    arms,
                    otherwise: Some(Box::new(last)),
                };
            }
        }
    }
}

/// The deepest of them, and the others.
fn parted(mut list: Vec<Expr>) -> (Vec<Expr>, Expr) {
    let next = list.remove(deepest(&list));
    (list, next)
}

/// How many chains stand within one another on the way to what is deepest.
fn length(expr: &Expr) -> usize {
    match expr {
        Expr::And(list) | Expr::Or(list) if is_chain(expr) => {
            1 + list.get(deepest(list)).map_or(0, length)
        }
        _ => 0,
    }
}
