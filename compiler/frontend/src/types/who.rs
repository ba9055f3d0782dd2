//! Principals as written: a name, with arguments that fit the role's parameters.

use ambit_grammar::ast::{self, Arg};
use smol_str::SmolStr;

use super::decl::role_decl;
use super::literal::value_of;
use super::ty::Ty;
use super::typed::{TArg, TWho};
use crate::names::{Cx, Sort};

/// Roles and groups.
pub(crate) const HOLDABLE: &[Sort] = &[Sort::Role, Sort::Group];
/// All principals.
pub(crate) const PRINCIPALS: &[Sort] = &[Sort::Role, Sort::Group, Sort::User];

/// Types a principal; `params` are those of the enclosing role.
pub(crate) fn check_who(
    cx: &mut Cx<'_>,
    who: &ast::Who,
    wanted: &[Sort],
    params: &[(SmolStr, Ty)],
) -> Option<TWho> {
    let (sort, item) = cx.find(&who.name, wanted)?;
    let decl = role_decl(cx.db, item);
    let expected = decl.as_ref().map_or(&[][..], |d| d.params.as_slice());
    if expected.len() != who.args.len() {
        if decl.as_ref().is_some_and(|d| d.damaged) {
            return None;
        }
        let list: Vec<String> = expected.iter().map(|(n, t)| format!("{n}: {t}")).collect();
        let problem = cx
            .problem(
                "E0212",
                who.span,
                format!(
                    "{sort} `{}` takes {}, but {} given",
                    who.name.text,
                    count(expected.len(), "argument"),
                    are(who.args.len())
                ),
            )
            .label(format!("{} here", count(who.args.len(), "argument")))
            .related(
                format!("`{}` is declared here", who.name.text),
                crate::names::name_place(cx.db, item),
            );
        let problem = if expected.is_empty() {
            problem
                .help(format!("write `{}` alone", who.name.text))
                .fix(
                    format!("write `{}`", who.name.text),
                    false,
                    cx.at(who.span),
                    who.name.text.as_str(),
                )
        } else {
            problem.help(format!("write `{}({})`", who.name.text, list.join(", ")))
        };
        cx.report(problem);
        return None;
    }
    let mut args = Vec::with_capacity(who.args.len());
    let mut ok = true;
    for (arg, (name, ty)) in who.args.iter().zip(expected) {
        match check_arg(cx, arg, name, ty, params) {
            Some(arg) => args.push(arg),
            None => ok = false,
        }
    }
    ok.then(|| TWho {
        name: who.name.text.clone(),
        args,
        span: who.span,
    })
}

fn check_arg(
    cx: &mut Cx<'_>,
    arg: &Arg,
    name: &str,
    ty: &Ty,
    params: &[(SmolStr, Ty)],
) -> Option<TArg> {
    match arg {
        Arg::Literal(literal) => {
            value_of(cx, literal, ty, &format!("parameter `{name}` is")).map(TArg::Value)
        }
        Arg::Name(given) => {
            let Some(position) = params.iter().position(|(n, _)| *n == given.text) else {
                let known: Vec<&str> = params.iter().map(|(n, _)| n.as_str()).collect();
                let problem = cx.unknown_member(
                    "E0216",
                    given.span,
                    format!("there is no parameter `{}` here", given.text),
                    &given.text,
                    known.into_iter(),
                );
                let problem = if params.is_empty() {
                    problem.help(format!(
                        "an argument is a literal: write `\"{}\"`",
                        given.text
                    ))
                } else {
                    problem
                };
                cx.report(problem);
                return None;
            };
            let actual = &params[position].1;
            if actual == ty || *actual == Ty::Unknown || *ty == Ty::Unknown {
                return Some(TArg::Param(position as u32));
            }
            let problem = cx
                .problem(
                    "E0301",
                    given.span,
                    format!(
                        "parameter `{name}` is {ty}, but `{}` is {actual}",
                        given.text
                    ),
                )
                .label(format!("of type {actual}"))
                .help("declare both parameters with one type");
            cx.report(problem);
            None
        }
    }
}

fn count(n: usize, what: &str) -> String {
    match n {
        0 => format!("no {what}"),
        1 => format!("1 {what}"),
        n => format!("{n} {what}s"),
    }
}

fn are(n: usize) -> String {
    match n {
        0 => "none is".to_owned(),
        1 => "1 is".to_owned(),
        n => format!("{n} are"),
    }
}
