//! What other systems call a thing: `as "ROLE_MARKET_{c}"`, `as "Orders" in cube`.

use std::collections::HashMap;

use ambit_grammar::ast;
use smol_str::SmolStr;

use crate::names::{Cx, Sort};
use crate::types::ty::Ty;

/// Checks outside names: their sources exist; `{param}` in them is a parameter.
pub(crate) fn check_outside(
    cx: &mut Cx<'_>,
    outside: &[ast::Outside],
    params: Option<&[(SmolStr, Ty)]>,
) {
    let mut seen: HashMap<Option<SmolStr>, ambit_grammar::Span> = HashMap::new();
    for out in outside {
        if let Some(source) = &out.source {
            cx.find(source, &[Sort::Source]);
        }
        let key = out.source.as_ref().map(|s| s.text.clone());
        if let Some(first) = seen.get(&key) {
            let where_ = key.map_or("every source".to_owned(), |s| format!("`{s}`"));
            let problem = cx
                .problem(
                    "E0313",
                    out.span,
                    format!("two outside names are given for {where_}"),
                )
                .label("a second name")
                .related("the first name", cx.at(*first))
                .help("say which source uses which name: `as \"a\", \"b\" in source`");
            cx.report(problem);
        } else {
            seen.insert(key, out.span);
        }
        for part in &out.parts {
            if part.text.is_empty() {
                let problem = cx
                    .problem("E0213", part.span, "an outside name cannot be empty")
                    .label("empty")
                    .help("write the name that the other system uses, or leave `as` out");
                cx.report(problem);
            }
            if let Some(params) = params {
                check_template(cx, part, params);
            }
        }
    }
}

fn check_template(cx: &mut Cx<'_>, part: &ast::Part, params: &[(SmolStr, Ty)]) {
    for piece in template(&part.text) {
        let Piece::Param(name) = piece else { continue };
        if !params.iter().any(|(n, _)| n == name) {
            let known: Vec<&str> = params.iter().map(|(n, _)| n.as_str()).collect();
            let near = ambit_diagnostics::nearest(name, known.iter().copied());
            let problem = cx
                .problem(
                    "E0213",
                    part.span,
                    format!("`{{{name}}}` in an outside name is no parameter of this role"),
                )
                .label("names an unknown parameter");
            let problem = match near {
                Some(near) => problem.help(format!("did you mean `{{{near}}}`?")),
                None if known.is_empty() => {
                    problem.help("this role has no parameters: write the name without braces")
                }
                None => problem.help(format!("parameters are {}", known.join(", "))),
            };
            cx.report(problem);
        }
    }
}

/// A piece of an outside name with parameters.
pub(crate) enum Piece<'a> {
    Text(&'a str),
    Param(&'a str),
}

/// The pieces of `ROLE_MARKET_{c}`.
pub(crate) fn template(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        let Some(close) = rest[open..].find('}') else {
            break;
        };
        if open > 0 {
            pieces.push(Piece::Text(&rest[..open]));
        }
        pieces.push(Piece::Param(&rest[open + 1..open + close]));
        rest = &rest[open + close + 1..];
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    pieces
}
