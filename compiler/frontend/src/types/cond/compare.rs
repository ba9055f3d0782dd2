//! Comparisons: both sides of one type, an order only where there is one.

use ambit_core::CompareOp;
use ambit_grammar::Span;
use ambit_grammar::ast::{self, LiteralKind, Operand};

use super::{a, subject};
use crate::names::Cx;
use crate::types::literal::value_of;
use crate::types::operand::Scope;
use crate::types::ty::Ty;
use crate::types::typed::{TCond, TOperand};

/// Types a comparison.
pub(super) fn compare(
    cx: &mut Cx<'_>,
    scope: &Scope<'_>,
    left: &Operand,
    op: ast::CompareOp,
    op_span: Span,
    right: &Operand,
) -> TCond {
    let (core_op, flipped) = match op {
        ast::CompareOp::Eq => (CompareOp::Eq, CompareOp::Eq),
        ast::CompareOp::Ne => (CompareOp::Ne, CompareOp::Ne),
        ast::CompareOp::Lt | ast::CompareOp::Before => (CompareOp::Lt, CompareOp::Gt),
        ast::CompareOp::Le => (CompareOp::Le, CompareOp::Ge),
        ast::CompareOp::Gt | ast::CompareOp::After => (CompareOp::Gt, CompareOp::Lt),
        ast::CompareOp::Ge => (CompareOp::Ge, CompareOp::Le),
    };
    match (left, right) {
        (Operand::Literal(_), Operand::Literal(_)) => {
            let problem = cx
                .problem(
                    "E0315",
                    left.span().to(right.span()),
                    "two constants are compared",
                )
                .label("this is the same for every row and user")
                .help("write `everything` or `nothing`, or compare a column");
            cx.report(problem);
            TCond::Error
        }
        (Operand::Literal(literal), other) => {
            with_literal(cx, scope, other, op, flipped, op_span, literal)
        }
        (other, Operand::Literal(literal)) => {
            with_literal(cx, scope, other, op, core_op, op_span, literal)
        }
        _ => {
            let (l, lty) = scope.operand(cx, left);
            let (r, rty) = scope.operand(cx, right);
            let l_ok = comparable(cx, left.span(), &lty, op, op_span);
            let r_ok = l_ok && comparable(cx, right.span(), &rty, op, op_span);
            if lty == Ty::Unknown || rty == Ty::Unknown || !l_ok || !r_ok {
                return TCond::Error;
            }
            match (&lty, &rty) {
                (Ty::Timestamp, Ty::Date) => TCond::Compare(TOperand::Day(Box::new(l)), core_op, r),
                (Ty::Date, Ty::Timestamp) => TCond::Compare(l, core_op, TOperand::Day(Box::new(r))),
                (a, b) if a == b => TCond::Compare(l, core_op, r),
                _ => {
                    let problem = cx
                        .problem(
                            "E0301",
                            left.span().to(right.span()),
                            format!("{} is compared with {}", a(&lty), a(&rty)),
                        )
                        .label(format!("{lty} on the left, {rty} on the right"))
                        .help("compare values of one type; the language converts nothing");
                    cx.report(problem);
                    TCond::Error
                }
            }
        }
    }
}

/// May a value of this type be compared by this operator at all? Reports where not.
fn comparable(cx: &mut Cx<'_>, span: Span, ty: &Ty, op: ast::CompareOp, op_span: Span) -> bool {
    let time_only = matches!(op, ast::CompareOp::Before | ast::CompareOp::After);
    let order = !matches!(op, ast::CompareOp::Eq | ast::CompareOp::Ne);
    let problem = match ty {
        Ty::Set(_) => cx
            .problem("E0308", span, "a set cannot be compared")
            .label(format!("of type {ty}"))
            .help("ask for membership: `x in user.…`"),
        Ty::Scope(_) => cx
            .problem("E0309", span, "a scope cannot be compared")
            .label("of type scope")
            .help("use `match all`, `match any`, `contains all` or `contains any` with `{ level: [members] }`"),
        Ty::Unknown => return true,
        _ if time_only && !ty.is_time() => cx
            .problem("E0301", span, format!("`before` and `after` take dates, but this is {}", a(ty)))
            .label(format!("of type {ty}"))
            .help("use `<` and `>` for numbers"),
        Ty::String | Ty::Enum(_) if order => cx
            .problem("E0304", op_span, "text has no order")
            .label("cannot order texts")
            .help("use `=`, `in`, `starts with`, `ends with` or `contains`")
            .note("each database orders text in its own way, so an order could not mean the same everywhere"),
        Ty::Bool if order => cx
            .problem("E0304", op_span, "truth values have no order")
            .label("cannot order truth values")
            .help("use `=` or `not`"),
        _ => return true,
    };
    cx.report(problem);
    false
}

fn with_literal(
    cx: &mut Cx<'_>,
    scope: &Scope<'_>,
    operand: &Operand,
    op: ast::CompareOp,
    core_op: CompareOp,
    op_span: Span,
    literal: &ast::Literal,
) -> TCond {
    let (typed, ty) = scope.operand(cx, operand);
    if !comparable(cx, operand.span(), &ty, op, op_span) {
        return TCond::Error;
    }
    // An instant against a bare date counts as its day.
    if ty == Ty::Timestamp && matches!(literal.kind, LiteralKind::Date(_)) {
        return match value_of(cx, literal, &Ty::Date, "") {
            Some(value) => TCond::Compare(
                TOperand::Day(Box::new(typed)),
                core_op,
                TOperand::Const(value),
            ),
            None => TCond::Error,
        };
    }
    match value_of(cx, literal, &ty, &subject(operand)) {
        Some(value) => TCond::Compare(typed, core_op, TOperand::Const(value)),
        None => TCond::Error,
    }
}
