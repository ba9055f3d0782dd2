//! Scope match modes: `scope match all { Book: ["Book 1"], Desk: any }`.

use ambit_core::{ScopeLevel, ScopeMode, ScopeTest};
use ambit_grammar::Span;
use ambit_grammar::ast::{LevelEntry, LiteralKind, Operand};
use smol_str::SmolStr;

use super::cond::{a, subject};
use super::literal::written;
use super::operand::Scope;
use super::ty::Ty;
use super::typed::TCond;
use crate::names::Cx;

/// Types a scope test.
pub(crate) fn scope_test(
    cx: &mut Cx<'_>,
    scope: &Scope<'_>,
    left: &Operand,
    contains: bool,
    any: bool,
    entries: &[LevelEntry],
    _span: Span,
) -> TCond {
    let (typed, ty) = scope.operand(cx, left);
    let levels = match &ty {
        Ty::Scope(levels) => Some(levels.clone()),
        Ty::Unknown => None,
        other => {
            let problem = cx
                .problem("E0309", left.span(), format!("{} {}, not a scope", subject(left), a(other)))
                .label(format!("of type {other}"))
                .help("scope modes test columns of type `scope { … }`; for texts write `contains \"…\"`, for others `in`");
            cx.report(problem);
            return TCond::Error;
        }
    };
    cx.doubles(
        "level",
        entries
            .iter()
            .map(|e| (e.level.text.as_str(), e.level.span)),
    );
    let mut ok = levels.is_some();
    let mut out: Vec<ScopeLevel> = Vec::new();
    for entry in entries {
        if let Some(levels) = &levels
            && !levels.contains(&entry.level.text)
        {
            let problem = cx.unknown_member(
                "E0206",
                entry.level.span,
                format!("the scope has no level `{}`", entry.level.text),
                &entry.level.text,
                levels.iter().map(SmolStr::as_str),
            );
            cx.report(problem);
            ok = false;
        }
        match members(cx, entry) {
            Ok(members) => {
                if out.iter().any(|l| l.level == entry.level.text) {
                    ok = false;
                } else {
                    out.push(ScopeLevel {
                        level: entry.level.text.clone(),
                        members,
                    });
                }
            }
            Err(()) => ok = false,
        }
    }
    let mode = match (contains, any) {
        (false, false) => ScopeMode::MatchAll,
        (false, true) => ScopeMode::MatchAny,
        (true, false) => ScopeMode::ContainsAll,
        (true, true) => ScopeMode::ContainsAny,
    };
    if ok && !out.is_empty() {
        TCond::Scope(typed, ScopeTest { mode, levels: out })
    } else {
        TCond::Error
    }
}

/// The members of an entry, without doubles; `None` is `any`.
fn members(cx: &mut Cx<'_>, entry: &LevelEntry) -> Result<Option<Vec<SmolStr>>, ()> {
    let Some(literals) = &entry.members else {
        return Ok(None);
    };
    if literals.is_empty() {
        let problem = cx
            .problem(
                "E0305",
                entry.span,
                format!("level `{}` lists no member", entry.level.text),
            )
            .label("empty")
            .help("write `any` for every member, or leave the level out");
        cx.report(problem);
        return Err(());
    }
    let mut out: Vec<SmolStr> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    let mut ok = true;
    for literal in literals {
        if let LiteralKind::String(text) = &literal.kind {
            if seen.insert(text) {
                out.push(text.clone());
            }
        } else {
            let text = written(literal);
            let bare = text.trim_matches('`');
            let problem = cx
                .problem(
                    "E0301",
                    literal.span,
                    format!("a member of a scope is a text, but {text} is none"),
                )
                .label("a text is expected here")
                .help("write it in double quotes")
                .fix(
                    format!("write `\"{bare}\"`"),
                    true,
                    cx.at(literal.span),
                    format!("\"{bare}\""),
                );
            cx.report(problem);
            ok = false;
        }
    }
    if ok { Ok(Some(out)) } else { Err(()) }
}
