//! Operands: what a name means in a condition.

use std::sync::Arc;

use ambit_core::Value;
use ambit_diagnostics::Problem;
use ambit_grammar::Span;
use ambit_grammar::ast::{self, LiteralKind, Operand};
use smol_str::SmolStr;

use super::decl::{TableDecl, attribute_ty, find, table_named};
use super::ty::Ty;
use super::typed::{TOperand, TStep};
use crate::names::{Cx, Sort};

/// What a condition may speak of.
pub(crate) struct Scope<'a> {
    /// The table whose row is at hand; `None` where only the user can be spoken of.
    pub table: Option<Arc<TableDecl>>,
    /// Inside `exists`: the table of the row outside, for a better message.
    pub outer: Option<Arc<TableDecl>>,
    /// The parameters of the role.
    pub params: &'a [(SmolStr, Ty)],
    /// Inside `restrict … by`: the only columns that may be named, and how the axis is called.
    pub axis: Option<(&'a [SmolStr], &'a str)>,
}

/// The type of an attribute by its name; reports where there is none. `login` is built in.
pub(crate) fn attribute_type(cx: &mut Cx<'_>, name: &ast::Name) -> Option<Ty> {
    if name.text == "login" {
        return Some(Ty::String);
    }
    if let Some(item) = find(cx.db, &name.text, Sort::Attribute) {
        return Some(attribute_ty(cx.db, item));
    }
    let names = cx.names.names_of(&[Sort::Attribute]);
    let known: Vec<&str> = names.iter().copied().chain(["login"]).collect();
    let problem = cx.unknown_member(
        "E0207",
        name.span,
        format!("there is no attribute `{}`", name.text),
        &name.text,
        known.into_iter(),
    );
    let problem = problem.note(format!(
        "attributes are declared: `attribute {} : string`",
        name.text
    ));
    cx.report(problem);
    None
}

/// Reports a column that a table does not have; of a damaged table nothing is said.
pub(crate) fn unknown_column(cx: &mut Cx<'_>, table: &TableDecl, name: &ast::Name) {
    if !table.damaged {
        let problem = no_column(cx, table, name);
        cx.report(problem);
    }
}

fn no_column(cx: &Cx<'_>, table: &TableDecl, name: &ast::Name) -> Problem {
    cx.unknown_member(
        "E0203",
        name.span,
        format!("table `{}` has no column `{}`", table.name, name.text),
        &name.text,
        table.columns.iter().map(|c| c.name.as_str()),
    )
}

impl Scope<'_> {
    /// Is the name a column at hand or a parameter?
    pub fn has_own(&self, name: &str) -> bool {
        self.table
            .as_ref()
            .is_some_and(|t| t.column(name).is_some())
            || self.params.iter().any(|(n, _)| n == name)
    }

    /// Reports, inside `restrict … by`, what is not of the axis.
    pub fn leaves_axis(&self, cx: &mut Cx<'_>, span: Span, what: &str) -> bool {
        let Some((_, axis)) = self.axis else {
            return false;
        };
        let problem = cx
            .problem(
                "E0316",
                span,
                format!("a restrict by `{axis}` speaks of `{axis}` alone, not of {what}"),
            )
            .label(format!("not `{axis}`"))
            .help(format!(
                "test only `{axis}` here, and say the rest in a restrict without `by`"
            ))
            .note("restrictions by the same axis are united, so each may speak of that axis only");
        cx.report(problem);
        true
    }

    /// Types an operand; reports what is wrong and then gives [`TOperand::Error`] and [`Ty::Unknown`].
    pub fn operand(&self, cx: &mut Cx<'_>, operand: &Operand) -> (TOperand, Ty) {
        const BAD: (TOperand, Ty) = (TOperand::Error, Ty::Unknown);
        match operand {
            Operand::Error(_) => BAD,
            Operand::Today(_) => (TOperand::Today, Ty::Date),
            Operand::Literal(literal) => natural(cx, literal),
            Operand::User(name, _) if name.text == "login" => (TOperand::Login, Ty::String),
            Operand::User(name, _) => match attribute_type(cx, name) {
                Some(Ty::Unknown) | None => BAD,
                Some(ty) => (TOperand::Attribute(name.text.clone()), ty),
            },
            Operand::Path(path) => self.path(cx, path).unwrap_or(BAD),
        }
    }

    fn path(&self, cx: &mut Cx<'_>, path: &ast::Path) -> Option<(TOperand, Ty)> {
        let (last, links) = path.names.split_last()?;
        if links.is_empty() {
            let column = self
                .table
                .as_ref()
                .is_some_and(|t| t.column(&last.text).is_some());
            if let Some(position) = self.params.iter().position(|(n, _)| *n == last.text) {
                if column {
                    let problem = cx
                        .problem(
                            "E0214",
                            last.span,
                            format!("`{}` is both a parameter and a column", last.text),
                        )
                        .label("which of the two is meant?")
                        .help("rename the parameter");
                    cx.report(problem);
                    return None;
                }
                return Some((
                    TOperand::Param(position as u32),
                    self.params[position].1.clone(),
                ));
            }
            if self.table.is_none() {
                no_row(cx, last);
                return None;
            }
        } else if self.leaves_axis(cx, path.span, "a path") {
            return None;
        }
        let (steps, table) = self.walk(cx, links)?;
        let (column, decl) = self.column(cx, &table, last)?;
        if let Some((columns, _)) = self.axis
            && !columns.contains(&last.text)
        {
            self.leaves_axis(cx, last.span, &format!("`{}`", last.text));
            return None;
        }
        if decl == Ty::Unknown {
            return None;
        }
        Some((
            TOperand::Column {
                steps,
                table: table.name.clone(),
                column,
                span: path.span,
            },
            decl,
        ))
    }

    /// Follows to-one links from the row at hand; gives the steps and the last table.
    pub fn walk(
        &self,
        cx: &mut Cx<'_>,
        links: &[ast::Name],
    ) -> Option<(Vec<TStep>, Arc<TableDecl>)> {
        let Some(mut table) = self.table.clone() else {
            if let Some(name) = links.first() {
                no_row(cx, name);
            }
            return None;
        };
        let mut steps = Vec::new();
        for name in links {
            let (column, _) = self.column(cx, &table, name)?;
            let (step, next) = step(cx, &table, column, name)?;
            steps.push(step);
            table = next;
        }
        Some((steps, table))
    }

    /// The steps of a path whose last name is itself a link: what can be `visible`.
    pub fn link(&self, cx: &mut Cx<'_>, path: &ast::Path) -> Option<Vec<TStep>> {
        if self.leaves_axis(cx, path.span, "another row") {
            return None;
        }
        self.walk(cx, &path.names).map(|(steps, _)| steps)
    }

    fn column(
        &self,
        cx: &mut Cx<'_>,
        table: &Arc<TableDecl>,
        name: &ast::Name,
    ) -> Option<(u32, Ty)> {
        if let Some((index, column)) = table.column(&name.text) {
            return Some((index, column.ty.clone()));
        }
        if table.damaged {
            return None;
        }
        let outer = self
            .outer
            .as_ref()
            .filter(|o| o.column(&name.text).is_some());
        let problem = if let Some(outer) = outer {
            cx.problem("E0310", name.span, format!("`{}` is a column of `{}`, the row outside", name.text, outer.name))
                .label(format!("only columns of `{}` can be named inside this `exists`", table.name))
                .help("say it outside the `exists`, or link the tables by it")
                .note("a condition inside `exists` speaks of the linked row and the user, never of the outer row")
        } else {
            let problem = no_column(cx, table, name);
            match cx.names.first(&name.text) {
                Some((Sort::Attribute, _)) => {
                    problem.help(format!("the attribute is written `user.{}`", name.text))
                }
                _ => problem,
            }
        };
        cx.report(problem);
        None
    }
}

/// One to-one step over a link column.
fn step(
    cx: &mut Cx<'_>,
    table: &Arc<TableDecl>,
    column: u32,
    name: &ast::Name,
) -> Option<(TStep, Arc<TableDecl>)> {
    let decl = &table.columns[column as usize];
    let why = match decl.links.as_slice() {
        [(to, key)] => {
            // A link to what does not exist is reported at its declaration.
            let target = table_named(cx.db, to)?;
            let (key_index, _) = target.column(key)?;
            if target.is_sole_key(key_index) {
                let step = TStep {
                    from: table.name.clone(),
                    column,
                    to: to.clone(),
                    key: key_index,
                };
                return Some((step, target));
            }
            format!("`{to}.{key}` is not the key of `{to}`, so it may lead to several rows")
        }
        [] => format!("`{}` is a plain column", decl.name),
        _ => format!("`{}` links to several tables", decl.name),
    };
    let problem = cx
        .problem(
            "E0307",
            name.span,
            format!("`{}.{}` leads to no single row", table.name, decl.name),
        )
        .label(why)
        .help(
            "a path follows links to a key: declare `-> table.key` at the column, or use `exists`",
        );
    cx.report(problem);
    None
}

/// Reports a name that speaks of a row where there is none.
fn no_row(cx: &mut Cx<'_>, name: &ast::Name) {
    let problem = cx
        .problem(
            "E0310",
            name.span,
            format!(
                "`{}` would speak of a row, but there is none here",
                name.text
            ),
        )
        .label("only the user can be spoken of here");
    let problem = if cx
        .names
        .all(&name.text)
        .iter()
        .any(|(s, _)| *s == Sort::Attribute)
    {
        problem
            .help(format!("the attribute is written `user.{}`", name.text))
            .fix(
                format!("write `user.{}`", name.text),
                false,
                cx.at(name.span),
                format!("user.{}", name.text),
            )
    } else {
        problem.help("use `user.` attributes: objects are granted whole, without rows")
    };
    cx.report(problem);
}

/// A literal that stands where no other side gives it a type.
fn natural(cx: &mut Cx<'_>, literal: &ast::Literal) -> (TOperand, Ty) {
    let ty = match &literal.kind {
        LiteralKind::Bool(b) => return (TOperand::Const(Value::Bool(*b)), Ty::Bool),
        LiteralKind::String(_) => Ty::String,
        LiteralKind::Number(n) if n.contains('.') => Ty::Decimal,
        LiteralKind::Number(_) => Ty::Int,
        LiteralKind::Date(_) => Ty::Date,
        LiteralKind::Timestamp(_) => Ty::Timestamp,
    };
    match super::literal::value_of(cx, literal, &ty, "") {
        Some(value) => (TOperand::Const(value), ty),
        None => (TOperand::Error, Ty::Unknown),
    }
}
