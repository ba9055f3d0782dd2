//! Conditions: every name bound, every operand of a type that its test takes (language.md, "Conditions").

mod compare;
mod membership;
mod other;

use ambit_grammar::ast::{self, Cond, LiteralKind, Operand};

use self::compare::compare;
use self::membership::membership;
use self::other::{exists, is_null, text_test};
use super::decl::{filter_table, find};
use super::literal::written;
use super::operand::Scope;
use super::scope::scope_test;
use super::ty::Ty;
use super::typed::TCond;
use crate::names::{Cx, Sort};

/// Types a condition.
pub(crate) fn check_cond(cx: &mut Cx<'_>, scope: &Scope<'_>, cond: &Cond) -> TCond {
    match cond {
        Cond::Or(parts, _) => TCond::Or(parts.iter().map(|c| check_cond(cx, scope, c)).collect()),
        Cond::And(parts, _) => TCond::And(parts.iter().map(|c| check_cond(cx, scope, c)).collect()),
        Cond::Not(inner, _) => TCond::Not(Box::new(check_cond(cx, scope, inner))),
        Cond::Paren(inner, _) => check_cond(cx, scope, inner),
        Cond::Nothing(_) => TCond::Const(false),
        Cond::Everything(_) => TCond::Const(true),
        Cond::Error(_) => TCond::Error,
        Cond::Operand(operand) => boolean(cx, scope, operand),
        Cond::Compare {
            left,
            op,
            op_span,
            right,
        } => compare(cx, scope, left, *op, *op_span, right),
        Cond::In {
            left,
            negated,
            set,
            span,
        } => {
            let inner = membership(cx, scope, left, set, *span);
            if *negated {
                TCond::Not(Box::new(inner))
            } else {
                inner
            }
        }
        Cond::IsNull {
            left,
            negated,
            span,
        } => {
            let inner = is_null(cx, scope, left, *span);
            if *negated {
                TCond::Not(Box::new(inner))
            } else {
                inner
            }
        }
        Cond::IsVisible { left, span } => match left {
            Operand::Path(path) => match scope.link(cx, path) {
                Some(steps) => TCond::LinkVisible(steps, *span),
                None => TCond::Error,
            },
            Operand::Error(_) => TCond::Error,
            _ => {
                let problem = cx
                    .problem("E0307", left.span(), "only a link can be visible")
                    .label("not a link")
                    .help("write the name of a column that links to a key, for example `limit_id is visible`");
                cx.report(problem);
                TCond::Error
            }
        },
        Cond::Between {
            left,
            low,
            high,
            span,
        } => {
            let low = compare(cx, scope, left, ast::CompareOp::Ge, *span, low);
            let before = cx.problems.len();
            let high = compare(cx, scope, left, ast::CompareOp::Le, *span, high);
            // What is wrong with the left side was said with the first comparison.
            if matches!(low, TCond::Error) {
                let left_span = left.span();
                let left_place = cx.at(left_span);
                let kept = cx
                    .problems
                    .split_off(before)
                    .into_iter()
                    .filter(|p| p.place != left_place);
                let kept: Vec<_> = kept.collect();
                cx.problems.extend(kept);
            }
            TCond::And(vec![low, high])
        }
        Cond::Text {
            left,
            test,
            text,
            span: _,
        } => text_test(cx, scope, left, *test, text),
        Cond::Scope {
            left,
            contains,
            any,
            levels,
            span,
        } => scope_test(cx, scope, left, *contains, *any, levels, *span),
        Cond::Exists {
            visible,
            path,
            by,
            cond,
            span,
        } => exists(
            cx,
            scope,
            *visible,
            path,
            by.as_ref(),
            cond.as_deref(),
            *span,
        ),
    }
}

/// An operand that stands alone: boolean, or the name of a filter.
fn boolean(cx: &mut Cx<'_>, scope: &Scope<'_>, operand: &Operand) -> TCond {
    if let Operand::Literal(literal) = operand {
        if let LiteralKind::Bool(b) = literal.kind {
            return TCond::Const(b);
        }
        let problem = cx
            .problem(
                "E0306",
                literal.span,
                format!("{} is no condition", written(literal)),
            )
            .label("not true or false by itself")
            .help("compare something with it, for example `country = …`");
        cx.report(problem);
        return TCond::Error;
    }
    if let Operand::Path(path) = operand
        && let [name] = path.names.as_slice()
        && let Some(filter) = filter_by_name(cx, scope, name)
    {
        return filter;
    }
    let (typed, ty) = scope.operand(cx, operand);
    match ty {
        Ty::Bool => TCond::Is(typed),
        Ty::Unknown => TCond::Error,
        other => {
            let problem = cx
                .problem(
                    "E0306",
                    operand.span(),
                    format!("this is {}, not a condition", a(&other)),
                )
                .label(format!("of type {other}"))
                .help("compare it, for example with `=`, `in` or `is null`");
            cx.report(problem);
            TCond::Error
        }
    }
}

/// A filter, where the name is one and no column or parameter stands before it.
fn filter_by_name(cx: &mut Cx<'_>, scope: &Scope<'_>, name: &ast::Name) -> Option<TCond> {
    let item = find(cx.db, &name.text, Sort::Filter)?;
    let own = scope.has_own(&name.text);
    let table = filter_table(cx.db, item);
    let here = scope.table.as_ref().map(|t| t.name.clone());
    if own {
        if table == here {
            let problem = cx
                .problem(
                    "E0214",
                    name.span,
                    format!("`{}` is both a filter and a column or parameter", name.text),
                )
                .label("which of the two is meant?")
                .related("the filter", crate::names::name_place(cx.db, item))
                .help("rename the filter");
            cx.report(problem);
            return Some(TCond::Error);
        }
        return None;
    }
    let table = table?;
    match here {
        Some(here) if here == table => Some(TCond::Filter(name.text.clone(), name.span)),
        Some(here) => {
            let problem = cx
                .problem(
                    "E0215",
                    name.span,
                    format!(
                        "filter `{}` speaks of `{table}`, not of `{here}`",
                        name.text
                    ),
                )
                .label(format!("a condition on `{here}` is expected here"))
                .related("the filter", crate::names::name_place(cx.db, item))
                .help(format!("declare a filter on `{here}`"));
            cx.report(problem);
            Some(TCond::Error)
        }
        None => {
            let problem = cx
                .problem(
                    "E0310",
                    name.span,
                    format!(
                        "filter `{}` speaks of a row, but there is none here",
                        name.text
                    ),
                )
                .label("only the user can be spoken of here")
                .help("use `user.` attributes: an object is granted whole");
            cx.report(problem);
            Some(TCond::Error)
        }
    }
}

/// "a text", "an int"…
pub(crate) fn a(ty: &Ty) -> String {
    match ty {
        Ty::Int => "an int".to_owned(),
        Ty::String => "a text".to_owned(),
        Ty::Enum(name) => format!("a `{name}`"),
        other => format!("a {other}"),
    }
}

/// "`amount` is", for messages.
pub(crate) fn subject(operand: &Operand) -> String {
    match operand {
        Operand::Path(p) => {
            format!(
                "`{}` is",
                p.names
                    .iter()
                    .map(|n| n.text.as_str())
                    .collect::<Vec<_>>()
                    .join(".")
            )
        }
        Operand::User(n, _) => format!("`user.{}` is", n.text),
        Operand::Today(_) => "`today` is".to_owned(),
        _ => "this is".to_owned(),
    }
}
