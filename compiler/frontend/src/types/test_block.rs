//! `test` blocks: rows, users, the day, and what must be seen.

use ambit_core::Value;
use ambit_grammar::Span;
use ambit_grammar::ast::{self, LiteralKind, Step};
use smol_str::SmolStr;

use super::decl::{TableDecl, table_decl};
use super::literal::{date, value_of};
use super::operand::unknown_column;
use super::person::check_person;
use super::rule::{check_tables, report_action, resource};
use super::ty::Ty;
use super::typed::{TGiven, TPerson, TStepExpect, TTest, TWhat, TWho};
use super::who::{PRINCIPALS, check_who};
use crate::names::{Cx, Sort};

/// Types a test.
pub(crate) fn check_test(cx: &mut Cx<'_>, test: &ast::Test) -> TTest {
    let mut out = TTest::default();
    // Users are known in the whole test, wherever in it they are given.
    let persons: Vec<&ast::Person> = test
        .steps
        .iter()
        .filter_map(|s| {
            if let Step::User(p, _) = s {
                Some(p)
            } else {
                None
            }
        })
        .collect();
    let mut today: Option<Span> = None;
    for step in &test.steps {
        match step {
            Step::Error(_) => {}
            Step::Today(literal, span) => {
                if let Some(first) = today {
                    let problem = cx
                        .problem("E0313", *span, "the day is given twice")
                        .label("a second time")
                        .related("the first time", cx.at(first))
                        .help("remove one of the two, or write a second test");
                    cx.report(problem);
                }
                today = Some(*span);
                out.today = match &literal.kind {
                    LiteralKind::Date(text) => date(cx, literal, text),
                    _ => {
                        value_of(cx, literal, &Ty::Date, "today is");
                        None
                    }
                };
            }
            Step::User(person, span) => out.users.extend(given_user(cx, person, *span, &persons)),
            Step::Rows {
                table,
                columns,
                rows,
                span,
            } => {
                if let Some(given) = given_rows(cx, table, columns, rows, *span) {
                    out.given.push(given);
                }
            }
            Step::Sees {
                who,
                table,
                keys,
                keys_span,
                during,
                span,
            } => {
                let who = step_who(cx, who, &persons);
                let target = cx
                    .find(table, &[Sort::Table])
                    .and_then(|(_, i)| table_decl(cx.db, i));
                let keys = target.as_ref().map(|t| check_keys(cx, t, keys, *keys_span));
                let during = during.as_ref().map(|t| (t.any, check_tables(cx, t)));
                if let (Some(who), Some(target), Some(keys)) = (who, target, keys) {
                    out.steps.push(TStepExpect {
                        who,
                        sees: true,
                        negated: false,
                        action: SmolStr::new_static("read"),
                        what: TWhat::Table(target.name.clone()),
                        keys: Some((keys, *keys_span)),
                        during,
                        span: *span,
                    });
                }
            }
            Step::Can {
                who,
                negated,
                action,
                what,
                keys,
                during,
                span,
            } => {
                let who = step_who(cx, who, &persons);
                let Some((target, item)) = resource(cx, what) else {
                    continue;
                };
                let mut ok = report_action(cx, action, &target, item);
                let keys = match (&target, keys) {
                    (TWhat::Table(_), Some((keys, keys_span))) => {
                        let decl = table_decl(cx.db, item);
                        decl.map(|d| (check_keys(cx, &d, keys, *keys_span), *keys_span))
                    }
                    (_, Some((_, keys_span))) => {
                        let problem = cx
                            .problem(
                                "E0409",
                                *keys_span,
                                format!("`{}` is an object: it has no rows", what.text),
                            )
                            .label("keys of rows")
                            .help("leave the list out: objects are granted whole");
                        cx.report(problem);
                        ok = false;
                        None
                    }
                    (_, None) => None,
                };
                if let (TWhat::Object(_), Some(during)) = (&target, during) {
                    let problem = cx
                        .problem(
                            "E0408",
                            during.span,
                            format!("`{}` is an object: it is not queried", what.text),
                        )
                        .label("not for objects")
                        .help("leave `when querying` out");
                    cx.report(problem);
                }
                let during = during.as_ref().map(|t| (t.any, check_tables(cx, t)));
                if let (Some(who), true) = (who, ok) {
                    out.steps.push(TStepExpect {
                        who,
                        sees: false,
                        negated: *negated,
                        action: action.text.clone(),
                        what: target,
                        keys,
                        during,
                        span: *span,
                    });
                }
            }
        }
    }
    out
}

/// A principal of a step: a user given in the test, else one of the program.
fn step_who(cx: &mut Cx<'_>, who: &ast::Who, persons: &[&ast::Person]) -> Option<TWho> {
    if who.args.is_empty() && persons.iter().any(|p| p.name.text == who.name.text) {
        return Some(TWho {
            name: who.name.text.clone(),
            args: Vec::new(),
            span: who.span,
        });
    }
    check_who(cx, who, PRINCIPALS, &[])
}

fn given_user(
    cx: &mut Cx<'_>,
    person: &ast::Person,
    span: Span,
    persons: &[&ast::Person],
) -> Option<TPerson> {
    let name = &person.name;
    if let Some((_, item)) = cx.names.first(&name.text) {
        let problem = cx
            .problem(
                "E0202",
                name.span,
                format!("`{}` is already declared in the program", name.text),
            )
            .label("a second time")
            .related("the first time", crate::names::name_place(cx.db, item))
            .help("give the user of the test another name");
        cx.report(problem);
        return None;
    }
    let first = persons.iter().find(|p| p.name.text == name.text);
    if let Some(first) = first
        && first.name.span != name.span
    {
        let problem = cx
            .problem(
                "E0202",
                name.span,
                format!("user `{}` is given twice in this test", name.text),
            )
            .label("a second time")
            .related("the first time", cx.at(first.name.span))
            .help("remove one of the two, or rename it");
        cx.report(problem);
        return None;
    }
    super::declare::check_outside(cx, &person.outside, None);
    let (has, facts, rules) = check_person(cx, person);
    Some(TPerson {
        name: name.text.clone(),
        outside: super::outside_of(&person.outside),
        has,
        facts,
        rules,
        span,
    })
}

fn given_rows(
    cx: &mut Cx<'_>,
    table: &ast::Name,
    columns: &[ast::Name],
    rows: &[ast::GivenRow],
    _span: Span,
) -> Option<TGiven> {
    let (_, item) = cx.find(table, &[Sort::Table])?;
    let table = table_decl(cx.db, item)?;
    cx.doubles("column", columns.iter().map(|c| (c.text.as_str(), c.span)));
    let mut header: Vec<Option<usize>> = Vec::with_capacity(columns.len());
    for name in columns {
        let found = table.columns.iter().position(|c| c.name == name.text);
        if found.is_none() {
            unknown_column(cx, &table, name);
        }
        header.push(found);
    }
    let mut present = vec![false; table.columns.len()];
    for index in header.iter().flatten() {
        present[*index] = true;
    }
    let mut out = Vec::with_capacity(rows.len());
    for row in rows {
        if row.cells.len() != columns.len() {
            let problem = cx
                .problem(
                    "E0409",
                    row.span,
                    format!("this row has {} values, but the header names {} columns", row.cells.len(), columns.len()),
                )
                .label("not as long as the header")
                .help("write one value for each column of the header, with `null` where there is none");
            cx.report(problem);
            continue;
        }
        let mut values = vec![Value::Null; table.columns.len()];
        let mut ok = true;
        for (cell, index) in row.cells.iter().zip(&header) {
            let Some(index) = *index else { continue };
            match given_cell(cx, &table, index, cell) {
                Some(value) => values[index] = value,
                None => ok = false,
            }
        }
        if ok {
            out.push((values, row.span));
        }
    }
    Some(TGiven {
        table: table.name.clone(),
        present,
        rows: out,
    })
}

fn given_cell(cx: &mut Cx<'_>, table: &TableDecl, index: usize, cell: &ast::Cell) -> Option<Value> {
    let column = &table.columns[index];
    let Some(literal) = &cell.value else {
        if column.nullable {
            return Some(Value::Null);
        }
        let problem = cx
            .problem(
                "E0311",
                cell.span,
                format!("`{}.{}` cannot be null", table.name, column.name),
            )
            .label("null here")
            .help(format!(
                "write a value, or declare the column as `{} : {}?`",
                column.name, column.ty
            ));
        cx.report(problem);
        return None;
    };
    match (&column.ty, &literal.kind) {
        // A scope is given by its text; data may hold texts that no scope can be read from.
        (Ty::Scope(_), LiteralKind::String(text)) => Some(Value::Text(text.clone())),
        // Data may hold what its enum does not know: that is how such rows are tested.
        (Ty::Scope(_), _) => value_of(
            cx,
            literal,
            &Ty::String,
            &format!("`{}` is given as the text of a scope, a", column.name),
        ),
        (ty, _) => value_of(cx, literal, ty, &format!("`{}` is", column.name)),
    }
}

/// The keys of a step, each with a value for each key column.
fn check_keys(
    cx: &mut Cx<'_>,
    table: &TableDecl,
    keys: &[ast::Key],
    span: Span,
) -> Vec<(Vec<Value>, Span)> {
    let columns: Vec<(SmolStr, Ty)> = table
        .columns
        .iter()
        .filter(|c| c.key)
        .map(|c| (c.name.clone(), c.ty.clone()))
        .collect();
    if columns.is_empty() {
        if !table.damaged {
            let problem = cx
                .problem(
                    "E0409",
                    span,
                    format!(
                        "table `{}` has no key, so its rows cannot be named",
                        table.name
                    ),
                )
                .label("keys of rows")
                .help(format!(
                    "declare a key in `{}`, for example `key id : int`",
                    table.name
                ));
            cx.report(problem);
        }
        return Vec::new();
    }
    let mut out: Vec<(Vec<Value>, Span)> = Vec::with_capacity(keys.len());
    let mut seen = std::collections::HashSet::new();
    for key in keys {
        if key.values.len() != columns.len() {
            let names: Vec<&str> = columns.iter().map(|(n, _)| n.as_str()).collect();
            let help = if names.len() == 1 {
                format!("write the value of `{}` alone", names[0])
            } else {
                format!("write `({})`", names.join(", "))
            };
            let problem = cx
                .problem(
                    "E0409",
                    key.span,
                    format!(
                        "a key of `{}` has {} values, not {}",
                        table.name,
                        columns.len(),
                        key.values.len()
                    ),
                )
                .label("this key")
                .help(help);
            cx.report(problem);
            continue;
        }
        let values: Vec<Option<Value>> = key
            .values
            .iter()
            .zip(&columns)
            .map(|(literal, (name, ty))| value_of(cx, literal, ty, &format!("key `{name}` is")))
            .collect();
        if let Some(values) = values.into_iter().collect::<Option<Vec<_>>>() {
            if seen.insert(values.clone()) {
                out.push((values, key.span));
            } else {
                let problem = cx
                    .problem("E0313", key.span, "this key stands here twice")
                    .label("a second time")
                    .help("remove one of the two");
                cx.report(problem);
            }
        }
    }
    out
}
