//! Tests for null, tests of text, and `exists`.

use std::sync::Arc;

use ambit_core::TextTest;
use ambit_grammar::Span;
use ambit_grammar::ast::{self, Cond, Operand};

use super::{check_cond, subject};
use crate::names::{Cx, Sort};
use crate::types::decl::{TableDecl, table_decl};
use crate::types::link::find_link;
use crate::types::operand::Scope;
use crate::types::ty::Ty;
use crate::types::typed::{TCond, TExists, TOperand};

/// Types `x is null`.
pub(super) fn is_null(cx: &mut Cx<'_>, scope: &Scope<'_>, left: &Operand, span: Span) -> TCond {
    let (typed, ty) = scope.operand(cx, left);
    match (&typed, ty) {
        (TOperand::Error, _) | (_, Ty::Unknown) => TCond::Error,
        (TOperand::Const(_) | TOperand::Today | TOperand::Param(_), _) => {
            let problem = cx
                .problem("E0315", span, "a constant is never null")
                .label("this is the same for every row and user")
                .help("test a column or an attribute");
            cx.report(problem);
            TCond::Error
        }
        _ => TCond::IsNull(typed),
    }
}

/// Types a test of text.
pub(super) fn text_test(
    cx: &mut Cx<'_>,
    scope: &Scope<'_>,
    left: &Operand,
    test: ast::TextTest,
    text: &ast::Text,
) -> TCond {
    let (typed, ty) = scope.operand(cx, left);
    let test = match test {
        ast::TextTest::StartsWith => TextTest::StartsWith,
        ast::TextTest::EndsWith => TextTest::EndsWith,
        ast::TextTest::Contains => TextTest::Contains,
    };
    match ty {
        Ty::Unknown => TCond::Error,
        Ty::String => {
            if matches!(typed, TOperand::Const(_)) {
                let problem = cx
                    .problem("E0315", left.span(), "a constant is tested")
                    .label("this is the same for every row and user")
                    .help("test a column or an attribute");
                cx.report(problem);
                return TCond::Error;
            }
            TCond::Text(typed, test, text.value.clone())
        }
        Ty::Scope(_) => {
            let problem = cx
                .problem("E0309", left.span(), "a scope is no text")
                .label("of type scope")
                .help("write `contains any { level: [members] }` or another scope mode");
            cx.report(problem);
            TCond::Error
        }
        other => {
            let problem = cx
                .problem(
                    "E0301",
                    left.span(),
                    format!("{} {other}, but a text is tested", subject(left)),
                )
                .label(format!("of type {other}"))
                .help(if matches!(other, Ty::Enum(_)) {
                    "list the members: `in [\"…\", \"…\"]`"
                } else {
                    "`starts with`, `ends with` and `contains` take columns of type string"
                });
            cx.report(problem);
            TCond::Error
        }
    }
}

/// Types `exists`: the way to the other table, and the condition on its rows.
pub(super) fn exists(
    cx: &mut Cx<'_>,
    scope: &Scope<'_>,
    visible: bool,
    path: &ast::Path,
    by: Option<&ast::Name>,
    cond: Option<&Cond>,
    span: Span,
) -> TCond {
    let Some((target, links)) = path.names.split_last() else {
        return TCond::Error;
    };
    if scope.leaves_axis(cx, span, "`exists`") {
        return TCond::Error;
    }
    let Some(here) = scope.table.clone() else {
        let problem = cx
            .problem(
                "E0310",
                span,
                "`exists` needs a row to start from, but there is none here",
            )
            .label("only the user can be spoken of here")
            .help("use `user.` attributes: an object is granted whole");
        cx.report(problem);
        return TCond::Error;
    };
    let walked = scope.walk(cx, links);
    let table = cx
        .find(target, &[Sort::Table])
        .and_then(|(_, i)| table_decl(cx.db, i));
    let inner_scope = |table: Arc<TableDecl>| Scope {
        table: Some(table),
        outer: Some(here.clone()),
        params: scope.params,
        axis: None,
    };
    // Also where the link is wrong the inner condition is checked: its mistakes are its own.
    let inner = match (&table, cond) {
        (Some(table), Some(cond)) => check_cond(cx, &inner_scope(table.clone()), cond),
        (None, Some(_)) => TCond::Error,
        (_, None) => TCond::Const(true),
    };
    let (Some((steps, at)), Some(table)) = (walked, table) else {
        return TCond::Error;
    };
    let Some(link) = find_link(cx, &at, &table, by, path.span) else {
        return TCond::Error;
    };
    TCond::Exists(Box::new(TExists {
        path: steps,
        at: at.name.clone(),
        own: link.0,
        table: table.name.clone(),
        other: link.1,
        visible,
        cond: inner,
        span,
    }))
}
