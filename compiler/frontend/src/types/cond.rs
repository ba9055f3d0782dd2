//! Conditions: every name bound, every operand of a type that its test takes (language.md, "Conditions").

use std::sync::Arc;

use ambit_core::{CompareOp, TextTest, Value, Window, WindowKind};
use ambit_grammar::Span;
use ambit_grammar::ast::{self, Cond, InSet, LiteralKind, Operand};

use super::decl::{TableDecl, filter_table, find};
use super::literal::{value_of, written};
use super::operand::Scope;
use super::scope::scope_test;
use super::ty::Ty;
use super::typed::{TCond, TExists, TOperand};
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

fn compare(
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
                            format!("{} is compared with {}", self::a(&lty), self::a(&rty)),
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

fn membership(
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
            let Some(attribute) = super::operand::attribute_type(cx, name) else {
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
    let Some(ty) = super::operand::attribute_type(cx, name) else {
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

fn is_null(cx: &mut Cx<'_>, scope: &Scope<'_>, left: &Operand, span: Span) -> TCond {
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

fn text_test(
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

fn exists(
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
        .and_then(|(_, i)| super::decl::table_decl(cx.db, i));
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
    let Some(link) = super::link::find_link(cx, &at, &table, by, path.span) else {
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
