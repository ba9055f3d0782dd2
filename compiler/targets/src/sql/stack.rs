//! How much of the parser's stack a printed condition takes, counted as the parser of `SQLite` does.
//!
//! An LALR parser keeps each symbol of a rule that it has begun: of `a AND (b` it holds `a`, `AND`, `(` and `b`. Older
//! versions of `SQLite` have room for a hundred. The numbers below are lengths of such beginnings in its grammar
//! (`parse.y`); the tests ask the engine itself, construct by construct.

use super::print::{halves, is_chain, stands_in_parentheses};
use super::tree::{Expr, From, Select};

/// What a condition takes, as it is printed by itself: in parentheses, where they are around it.
pub(super) fn stack(expr: &Expr) -> usize {
    operand(expr)
}

/// In parentheses where it has any.
fn operand(expr: &Expr) -> usize {
    let inner = bare(expr);
    if stands_in_parentheses(expr) {
        // `( expr )`
        (1 + inner).max(3)
    } else {
        inner
    }
}

/// A term of a chain.
fn term(expr: &Expr) -> usize {
    if is_chain(expr) {
        operand(expr)
    } else {
        bare(expr)
    }
}

/// Without parentheses around it.
#[allow(clippy::match_same_arms)] // One arm a form of the grammar, whatever it costs.
fn bare(expr: &Expr) -> usize {
    match expr {
        Expr::Null | Expr::Flag(_) | Expr::Number(_) | Expr::Param { .. } => 1,
        // `( 1 = 1`
        Expr::Bool(_) | Expr::Int(i64::MIN) => 4,
        Expr::Int(i) if *i < 0 => 2,
        Expr::Int(_) => 1,
        // `CAST ( x AS TEXT )`
        Expr::Text(text) if text.contains('\0') => 6,
        Expr::Text(_) => 1,
        Expr::Typed(..) => 2,
        // Names with points between them.
        Expr::Column { row, .. } => 2 * row.len() + 1,
        Expr::Not(e) => 1 + bare(e),
        Expr::And(list) | Expr::Or(list) => chain(list),
        Expr::Compare(a, _, b) | Expr::Infix(a, _, b) => operand(a).max(2 + operand(b)),
        Expr::IsAny(a, b) => operand(a).max(4 + operand(b)),
        Expr::Between(e, low, high) | Expr::NotBetween(e, low, high) => {
            operand(e).max(2 + operand(low)).max(4 + operand(high))
        }
        Expr::In(e, list) | Expr::NotIn(e, list) => operand(e).max(3 + separated(list)).max(5),
        Expr::InSelect(e, select) => operand(e).max(3 + self::select(select)).max(5),
        Expr::IsNull(e) => operand(e).max(3),
        // `e IS NOT NULL`
        Expr::IsNotNull(e) | Expr::IsNotTrue(e) => operand(e).max(4),
        Expr::Case { arms, otherwise } => case(arms, otherwise.as_deref()),
        // `name ( distinct list )`
        Expr::Call(_, args) => (3 + separated(args)).max(5),
        // `CAST ( e AS type )`
        Expr::Cast(e, _) => (2 + operand(e)).max(6),
        Expr::Collate(e, _) => operand(e).max(3),
        Expr::Untyped(e) => 1 + operand(e),
        Expr::Concat(list) => list
            .iter()
            .enumerate()
            .map(|(i, e)| operand(e) + if i == 0 { 0 } else { 2 })
            .max()
            .unwrap_or(0),
        Expr::Scalar(select) => (1 + self::select(select)).max(3),
        Expr::Exists(select) => (2 + self::select(select)).max(4),
        Expr::NotExists(select) => (3 + self::select(select)).max(5),
    }
}

/// `a AND b AND …`: of all that is to the left one symbol is left.
fn chain(list: &[Expr]) -> usize {
    match halves(list) {
        None => list
            .iter()
            .enumerate()
            .map(|(i, e)| term(e) + if i == 0 { 0 } else { 2 })
            .max()
            .unwrap_or(0),
        Some((left, right)) => half(left).max(2 + half(right)),
    }
}

fn half(list: &[Expr]) -> usize {
    match list {
        [one] => term(one),
        list => (1 + chain(list)).max(3),
    }
}

/// `a , b , …`, without what opens it.
fn separated(list: &[Expr]) -> usize {
    list.iter()
        .enumerate()
        .map(|(i, e)| bare(e) + if i == 0 { 0 } else { 2 })
        .max()
        .unwrap_or(0)
}

fn case(arms: &[(Expr, Expr)], otherwise: Option<&Expr>) -> usize {
    let arms = arms.iter().enumerate().map(|(i, (when, then))| {
        // `CASE operand arms WHEN`
        let open = if i == 0 { 3 } else { 4 };
        (open + bare(when)).max(open + 2 + bare(then))
    });
    let last = otherwise.map_or(0, |e| 4 + bare(e));
    arms.max().unwrap_or(0).max(last).max(5)
}

fn select(select: &Select) -> usize {
    // `SELECT distinct list scan`
    (4 + bare(&select.value))
        .max(7)
        .max(body(&select.from, &select.filter))
}

fn body(from: &[From], filter: &Expr) -> usize {
    let filter = if *filter == Expr::Bool(true) {
        0
    } else {
        // `SELECT distinct list from WHERE`
        5 + bare(filter)
    };
    // `SELECT distinct list from where group having order limit`
    from.iter()
        .map(self::from)
        .max()
        .unwrap_or(0)
        .max(filter)
        .max(9)
}

/// After `SELECT distinct list FROM prefix`.
fn from(from: &From) -> usize {
    5 + match from {
        // `name point name AS name`
        From::Table { .. } => 4,
        // `name point name ( list ) as using`
        From::Function { args, .. } => (3 + separated(args)).max(7),
        // `( select ) as using`
        From::Select {
            values,
            from,
            filter,
            ..
        } => {
            let values = values.iter().map(|(value, _)| 4 + bare(value)).max();
            let select = values.unwrap_or(0).max(8).max(body(from, filter));
            (1 + select).max(5)
        }
    }
}
