//! Tables: columns, their types, how they are stored, and what they link to.

use std::collections::HashMap;

use ambit_grammar::ast::{self, StoredForm};

use super::{TypeOf, check_outside, check_type};
use crate::items::Item;
use crate::names::{Cx, Sort};
use crate::types::decl::{table_decl, table_named};
use crate::types::operand::unknown_column;
use crate::types::ty::Ty;

/// Checks a table.
pub(crate) fn check_table<'db>(cx: &mut Cx<'db>, table: &ast::Table, item: Item<'db>) {
    if let Some(source) = &table.source {
        cx.find(source, &[Sort::Source]);
    }
    check_outside(cx, &table.outside, None);
    let mut seen: HashMap<&str, ambit_grammar::Span> = HashMap::new();
    for column in &table.columns {
        if let Some(first) = seen.get(column.name.text.as_str()) {
            let problem = cx
                .problem(
                    "E0202",
                    column.name.span,
                    format!(
                        "column `{}` of `{}` is declared twice",
                        column.name.text, table.name.text
                    ),
                )
                .label("a second time")
                .related("the first time", cx.at(*first))
                .help("remove one of the two, or rename it");
            cx.report(problem);
        } else {
            seen.insert(&column.name.text, column.name.span);
        }
        check_column(cx, column, item);
    }
}

fn check_column<'db>(cx: &mut Cx<'db>, column: &ast::Column, item: Item<'db>) {
    check_outside(cx, &column.outside, None);
    let ty = check_type(cx, &column.ty, TypeOf::Column);
    if let (Some(key), Some(nullable)) = (column.key, column.nullable) {
        let problem = cx
            .problem(
                "E0311",
                nullable,
                format!("key column `{}` cannot be null", column.name.text),
            )
            .label("may be null")
            .related("part of the key", cx.at(key))
            .help("remove the `?`, or the `key`");
        cx.report(problem);
    }
    if let Some(stored) = &column.stored {
        check_stored(cx, column, stored, &ty, item);
    }
    for link in &column.links {
        check_link(cx, column, link, &ty);
    }
}

fn check_stored<'db>(
    cx: &mut Cx<'db>,
    column: &ast::Column,
    stored: &ast::Stored,
    ty: &Ty,
    item: Item<'db>,
) {
    let ok = match (&stored.form, ty) {
        (StoredForm::Error, _)
        | (_, Ty::Unknown)
        | (StoredForm::Text, Ty::Scope(_) | Ty::Decimal)
        | (StoredForm::Array | StoredForm::Json | StoredForm::Rows { .. }, Ty::Scope(_)) => true,
        (StoredForm::Scaled(places), Ty::Decimal) => {
            let valid = matches!(&places.kind, ast::LiteralKind::Number(n) if n.parse::<u32>().is_ok_and(|n| n <= 18));
            if !valid {
                let problem = cx
                    .problem(
                        "E0412",
                        places.span,
                        "a decimal can be scaled by 0 to 18 places",
                    )
                    .label("not a number of places")
                    .help("write for example `stored as scaled(2)` for cents");
                cx.report(problem);
            }
            true
        }
        _ => false,
    };
    if !ok {
        let problem = cx
            .problem("E0412", stored.span, format!("a {ty} cannot be stored in this form"))
            .label(format!("`{}` is {ty}", column.name.text))
            .help(match ty {
                Ty::Decimal => "a decimal is stored `as text` or `as scaled(places)`",
                Ty::Scope(_) => "a scope is stored `as text`, `as array`, `as json` or `as rows in t(id, level, member)`",
                _ => "leave `stored as` out: only scopes and decimals have several forms",
            });
        cx.report(problem);
    }
    if let StoredForm::Rows { table, columns } = &stored.form {
        check_rows_form(cx, stored, table, columns, item);
    }
}

fn check_rows_form<'db>(
    cx: &mut Cx<'db>,
    stored: &ast::Stored,
    table: &ast::Name,
    columns: &[ast::Name],
    item: Item<'db>,
) {
    if let Some(own) = table_decl(cx.db, item)
        && own.columns.iter().filter(|c| c.key).count() != 1
        && !own.damaged
    {
        let problem = cx
            .problem(
                "E0412",
                stored.span,
                format!(
                    "`{}` needs one key column for a scope stored as rows",
                    own.name
                ),
            )
            .label("the rows are found by the key")
            .help("declare one column as `key`");
        cx.report(problem);
    }
    if columns.len() != 3 {
        let problem = cx
            .problem("E0412", stored.span, "a scope stored as rows names three columns")
            .label(format!("{} here", columns.len()))
            .help("write `stored as rows in t(id, level, member)`: this row's key, the level, the member");
        cx.report(problem);
        return;
    }
    let Some((_, other)) = cx.find(table, &[Sort::Table]) else {
        return;
    };
    let Some(other) = table_decl(cx.db, other) else {
        return;
    };
    for (i, name) in columns.iter().enumerate() {
        match other.column(&name.text) {
            None => unknown_column(cx, &other, name),
            Some((_, decl)) if i > 0 && !matches!(decl.ty, Ty::String | Ty::Unknown) => {
                let problem = cx
                    .problem(
                        "E0301",
                        name.span,
                        format!(
                            "`{}` holds texts of a scope, but it is {}",
                            name.text, decl.ty
                        ),
                    )
                    .label("a column of type string is expected here")
                    .help("name the columns in the order id, level, member");
                cx.report(problem);
            }
            _ => {}
        }
    }
}

fn check_link(cx: &mut Cx<'_>, column: &ast::Column, link: &ast::Path, ty: &Ty) {
    let [table, target] = link.names.as_slice() else {
        let problem = cx
            .problem(
                "E0307",
                link.span,
                "a link names a table and one of its columns",
            )
            .label("not `table.column`")
            .help("write for example `-> contacts.id`");
        cx.report(problem);
        return;
    };
    if cx.find(table, &[Sort::Table]).is_none() {
        return;
    }
    let Some(decl) = table_named(cx.db, &table.text) else {
        return;
    };
    let Some((_, other)) = decl.column(&target.text) else {
        unknown_column(cx, &decl, target);
        return;
    };
    if matches!(ty, Ty::Scope(_)) || matches!(other.ty, Ty::Scope(_)) {
        let problem = cx
            .problem("E0309", link.span, "a scope cannot be a link")
            .label("links compare plain values")
            .help("link columns of type int, string or another plain type");
        cx.report(problem);
    } else if *ty != other.ty && *ty != Ty::Unknown && other.ty != Ty::Unknown {
        let problem = cx
            .problem(
                "E0301",
                link.span,
                format!(
                    "`{}` is {ty}, but `{}.{}` is {}",
                    column.name.text, decl.name, other.name, other.ty
                ),
            )
            .label("a link joins columns of one type")
            .help(format!(
                "declare `{}` as `{}`, or link to a column of type {ty}",
                column.name.text, other.ty
            ));
        cx.report(problem);
    }
}
