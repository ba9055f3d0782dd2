//! The link that an `exists` crosses.

use std::sync::Arc;

use ambit_grammar::Span;
use ambit_grammar::ast;

use super::decl::{ColumnDecl, TableDecl};
use crate::names::Cx;

/// A way from a row of `at` to rows of `table`.
struct Candidate<'a> {
    /// The column of the row at hand.
    own: u32,
    /// The column of `table`.
    other: u32,
    /// The column at which the link is declared.
    declared: &'a ColumnDecl,
}

/// The columns (own, other) of the one link between `at` and `table`, in whichever of the two it is declared; `by`
/// names the column that declares it. Of a table linked to itself, the rows that link *to* this row are meant: the
/// other way is a path.
pub(crate) fn find_link(
    cx: &mut Cx<'_>,
    at: &Arc<TableDecl>,
    table: &Arc<TableDecl>,
    by: Option<&ast::Name>,
    span: Span,
) -> Option<(u32, u32)> {
    let mut candidates: Vec<Candidate<'_>> = Vec::new();
    for (other, column) in table.columns.iter().enumerate() {
        for (to, target) in &column.links {
            if *to == at.name
                && let Some((own, _)) = at.column(target)
            {
                candidates.push(Candidate {
                    own,
                    other: other as u32,
                    declared: column,
                });
            }
        }
    }
    if at.name != table.name {
        for (own, column) in at.columns.iter().enumerate() {
            for (to, target) in &column.links {
                if *to == table.name
                    && let Some((other, _)) = table.column(target)
                {
                    candidates.push(Candidate {
                        own: own as u32,
                        other,
                        declared: column,
                    });
                }
            }
        }
    }
    let all: Vec<&str> = candidates
        .iter()
        .map(|c| c.declared.name.as_str())
        .collect();
    let fitting: Vec<&Candidate<'_>> = candidates
        .iter()
        .filter(|c| by.is_none_or(|b| c.declared.name == b.text))
        .collect();
    match (fitting.as_slice(), by) {
        ([one], _) => Some((one.own, one.other)),
        ([], Some(by)) if !candidates.is_empty() => {
            let problem = cx.unknown_member(
                "E0211",
                by.span,
                format!(
                    "no link between `{}` and `{}` is declared at a column `{}`",
                    at.name, table.name, by.text
                ),
                &by.text,
                all.into_iter(),
            );
            cx.report(problem);
            None
        }
        ([], _) => {
            if at.damaged || table.damaged {
                return None;
            }
            let target = at.columns.iter().find(|c| c.key).or(at.columns.first());
            let example =
                target.map_or_else(String::new, |c| format!(" : … -> {}.{}", at.name, c.name));
            let problem = cx
                .problem(
                    "E0211",
                    span,
                    format!("no link leads from `{}` to `{}`", at.name, table.name),
                )
                .label("not linked")
                .help(format!(
                    "declare one at a column of `{}`, as in `column{example}`",
                    table.name
                ));
            cx.report(problem);
            None
        }
        (several, _) => {
            let mut columns: Vec<&str> = several.iter().map(|c| c.declared.name.as_str()).collect();
            columns.dedup();
            let list: Vec<String> = columns.iter().map(|c| format!("`by {c}`")).collect();
            let help = if by.is_some() || columns.len() < 2 {
                "give one of the links a column of its own".to_owned()
            } else {
                format!("say which: {}", list.join(" or "))
            };
            let problem = cx
                .problem(
                    "E0210",
                    span,
                    format!("several links lead from `{}` to `{}`", at.name, table.name),
                )
                .label("which link is meant?")
                .help(help);
            cx.report(problem);
            None
        }
    }
}
