//! `in`: lists, sets of the user, windows of days.

use ambit_core::{Value, Window, WindowKind};
use ambit_grammar::Span;
use ambit_grammar::ast::{self, InSet, LiteralKind, Operand};

use super::{a, subject};
use crate::names::Cx;
use crate::types::literal::{value_of, written};
use crate::types::operand::{Scope, attribute_type};
use crate::types::ty::Ty;
use crate::types::typed::{TCond, TOperand};

/// Types `x in …` (without its `not`).
pub(super) fn membership(
    cx: &mut Cx<'_>,
    scope: &Scope<'_>,
    left: &Operand,
    set: &InSet,
    span: Span,
) -> TCond {
    if let Operand::Literal(_) = left {
        // `"x" in user.countries` asks about the user alone: the set gives the literal its type.
        if let InSet::Attribute(name, _) = set {
            return literal_in_set(cx, left, name);
        }
        let problem = cx
            .problem("E0315", span, "a constant is looked up in a constant")
            .label("this is the same for every row and user")
            .help("write `everything` or `nothing`, or test a column");
        cx.report(problem);
        return TCond::Error;
    }
    let (typed, ty) = scope.operand(cx, left);
    match &ty {
        Ty::Set(_) => {
            let problem = cx
                .problem("E0308", left.span(), "a set cannot be in something")
                .label(format!("of type {ty}"))
                .help("write it on the right: `x in user.…`");
            cx.report(problem);
            return TCond::Error;
        }
        Ty::Scope(_) => {
            let problem = cx
                .problem("E0309", left.span(), "a scope cannot be in something")
                .label("of type scope")
                .help("use `match any { level: [members] }` or another scope mode");
            cx.report(problem);
            return TCond::Error;
        }
        _ => {}
    }
    match set {
        InSet::Error(_) => TCond::Error,
        InSet::List(literals, list_span) => in_list(cx, left, typed, &ty, literals, *list_span),
        InSet::Attribute(name, _) => {
            let Some(attribute) = attribute_type(cx, name) else {
                return TCond::Error;
            };
            match attribute {
                Ty::Unknown => TCond::Error,
                Ty::Set(element)
                    if ty == Ty::Unknown || *element == Ty::Unknown || *element == ty =>
                {
                    if ty == Ty::Unknown {
                        TCond::Error
                    } else {
                        TCond::InSet(typed, name.text.clone())
                    }
                }
                Ty::Set(element) if ty == Ty::Timestamp && *element == Ty::Date => {
                    TCond::InSet(TOperand::Day(Box::new(typed)), name.text.clone())
                }
                Ty::Set(element) => {
                    let problem = cx
                        .problem("E0301", span, format!("{} is looked up in a set of {element}", a(&ty)))
                        .label(format!("{ty} on the left, set of {element} on the right"))
                        .help("the elements must have the type of the value; the language converts nothing");
                    cx.report(problem);
                    TCond::Error
                }
                other => {
                    let problem = cx
                        .problem(
                            "E0308",
                            name.span,
                            format!("`user.{}` is {}, not a set", name.text, a(&other)),
                        )
                        .label("`in` takes a set")
                        .help(format!(
                            "write `= user.{}`, or declare the attribute as `set of {other}`",
                            name.text
                        ));
                    cx.report(problem);
                    TCond::Error
                }
            }
        }
        InSet::Window(window) => in_window(cx, left, typed, &ty, window),
    }
}

fn literal_in_set(cx: &mut Cx<'_>, left: &Operand, name: &ast::Name) -> TCond {
    let Operand::Literal(literal) = left else {
        return TCond::Error;
    };
    let Some(ty) = attribute_type(cx, name) else {
        return TCond::Error;
    };
    match ty {
        Ty::Set(element) => match value_of(
            cx,
            literal,
            &element,
            &format!("an element of `user.{}` is", name.text),
        ) {
            Some(value) => TCond::InSet(TOperand::Const(value), name.text.clone()),
            None => TCond::Error,
        },
        Ty::Unknown => TCond::Error,
        other => {
            let problem = cx
                .problem(
                    "E0308",
                    name.span,
                    format!("`user.{}` is {}, not a set", name.text, a(&other)),
                )
                .label("`in` takes a set")
                .help(format!(
                    "write `user.{} = {}`",
                    name.text,
                    written(literal).trim_matches('`')
                ));
            cx.report(problem);
            TCond::Error
        }
    }
}

fn in_list(
    cx: &mut Cx<'_>,
    left: &Operand,
    typed: TOperand,
    ty: &Ty,
    literals: &[ast::Literal],
    span: Span,
) -> TCond {
    if literals.is_empty() {
        let problem = cx
            .problem("E0305", span, "an empty list holds nothing")
            .label("empty")
            .help("say `nothing` if no row is meant, or `everything` if all are")
            .note("systems disagree on an empty list: some read it as everything");
        let whole = cx.at(left.span().to(span));
        let problem = problem
            .fix("write `nothing`", false, whole.clone(), "nothing")
            .fix("write `everything`", false, whole, "everything");
        cx.report(problem);
        return TCond::Error;
    }
    let what = subject(left);
    let mut plain: Vec<Value> = Vec::new();
    let mut days: Vec<Value> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    let mut failed = *ty == Ty::Unknown;
    for literal in literals {
        let day = *ty == Ty::Timestamp && matches!(literal.kind, LiteralKind::Date(_));
        let value = if day {
            value_of(cx, literal, &Ty::Date, &what)
        } else {
            value_of(cx, literal, ty, &what)
        };
        match value {
            Some(value) => {
                if seen.insert(value.clone()) {
                    if day {
                        days.push(value);
                    } else {
                        plain.push(value);
                    }
                }
            }
            None => failed = true,
        }
    }
    if failed {
        return TCond::Error;
    }
    let list = |operand: TOperand, values: Vec<Value>| TCond::InList(operand, values.into());
    match (plain.is_empty(), days.is_empty()) {
        (_, true) => list(typed, plain),
        (true, false) => list(TOperand::Day(Box::new(typed)), days),
        (false, false) => TCond::Or(vec![
            list(typed.clone(), plain),
            list(TOperand::Day(Box::new(typed)), days),
        ]),
    }
}

/// The most units a window may span: beyond it the calendar would end.
const LONGEST_WINDOW: u32 = 100_000;

fn in_window(
    cx: &mut Cx<'_>,
    left: &Operand,
    typed: TOperand,
    ty: &Ty,
    window: &ast::Window,
) -> TCond {
    let count = match &window.count {
        None => Some(1),
        Some(literal) => {
            let count = match &literal.kind {
                LiteralKind::Number(n) => n
                    .parse::<u32>()
                    .ok()
                    .filter(|n| (1..=LONGEST_WINDOW).contains(n)),
                _ => None,
            };
            if count.is_none() {
                let problem = cx
                    .problem(
                        "E0303",
                        literal.span,
                        format!("a window cannot span {} units", written(literal)),
                    )
                    .label("not a number of units")
                    .help(format!("write a whole number from 1 to {LONGEST_WINDOW}"));
                cx.report(problem);
            }
            count
        }
    };
    let operand = match ty {
        Ty::Date => typed,
        Ty::Timestamp => TOperand::Day(Box::new(typed)),
        Ty::Unknown => return TCond::Error,
        _ => {
            let problem = cx
                .problem(
                    "E0314",
                    left.span(),
                    format!("a window is made of days, but {} {ty}", subject(left)),
                )
                .label(format!("of type {ty}"))
                .help("test a date or timestamp column");
            cx.report(problem);
            return TCond::Error;
        }
    };
    let Some(count) = count else {
        return TCond::Error;
    };
    let kind = match window.kind {
        ast::WindowKind::Last => WindowKind::Last,
        ast::WindowKind::LastToToday => WindowKind::LastToToday,
        ast::WindowKind::Next => WindowKind::Next,
        ast::WindowKind::NextFromToday => WindowKind::NextFromToday,
        ast::WindowKind::This => WindowKind::This,
    };
    let unit = match window.unit {
        ast::Unit::Day => ambit_core::Unit::Day,
        ast::Unit::Week => ambit_core::Unit::Week,
        ast::Unit::Month => ambit_core::Unit::Month,
        ast::Unit::Quarter => ambit_core::Unit::Quarter,
        ast::Unit::Year => ambit_core::Unit::Year,
    };
    TCond::InWindow(operand, Window { kind, count, unit })
}
