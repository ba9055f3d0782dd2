//! Names in conditions.

use std::sync::Arc;

use ambit_compiler::{Sort, TableDecl, Ty, filter_table};
use ambit_grammar::ast::{Cond, InSet, Literal, Name, Operand, Path};
use smol_str::SmolStr;

use super::Collector;

/// What a condition may speak of.
pub(super) struct Scope<'a> {
    /// The table whose row is at hand.
    pub table: Option<Arc<TableDecl>>,
    /// The parameters of the role.
    pub params: &'a [(SmolStr, Ty)],
}

impl<'a> Scope<'a> {
    pub fn of(table: Option<Arc<TableDecl>>, params: &'a [(SmolStr, Ty)]) -> Self {
        Self { table, params }
    }
}

impl Collector<'_> {
    pub(super) fn cond(&mut self, scope: &Scope<'_>, cond: &Cond) {
        match cond {
            Cond::Or(parts, _) | Cond::And(parts, _) => {
                for part in parts {
                    self.cond(scope, part);
                }
            }
            Cond::Not(inner, _) | Cond::Paren(inner, _) => self.cond(scope, inner),
            Cond::Operand(operand) => {
                self.bare(scope, operand);
            }
            Cond::Compare { left, right, .. } => self.same(scope, &[left, right]),
            Cond::Between {
                left, low, high, ..
            } => self.same(scope, &[left, low, high]),
            Cond::In { left, set, .. } => {
                let ty = self.operand(scope, left);
                match set {
                    InSet::List(literals, _) => self.literals(&ty, literals),
                    InSet::Attribute(name, _) => {
                        self.attribute(name);
                    }
                    InSet::Window(_) | InSet::Error(_) => {}
                }
            }
            Cond::IsNull { left, .. }
            | Cond::IsVisible { left, .. }
            | Cond::Text { left, .. }
            | Cond::Scope { left, .. } => {
                self.operand(scope, left);
            }
            Cond::Exists { path, by, cond, .. } => {
                self.exists(scope, path, by.as_ref(), cond.as_deref());
            }
            Cond::Nothing(_) | Cond::Everything(_) | Cond::Error(_) => {}
        }
    }

    /// Operands that are compared with one another: literals have the type of the others.
    fn same(&mut self, scope: &Scope<'_>, operands: &[&Operand]) {
        let mut ty = Ty::Unknown;
        for operand in operands {
            if let found @ (Ty::Enum(_) | Ty::Set(_)) = self.operand(scope, operand) {
                ty = found;
            }
        }
        let literal = |operand: &&&Operand| matches!(operand, Operand::Literal(_));
        for operand in operands.iter().filter(literal) {
            if let Operand::Literal(literal) = operand {
                self.literals(&ty, [literal] as [&Literal; 1]);
            }
        }
    }

    fn operand(&mut self, scope: &Scope<'_>, operand: &Operand) -> Ty {
        match operand {
            Operand::Path(path) => self.path(scope, path),
            Operand::User(name, _) => self.attribute(name),
            Operand::Literal(_) | Operand::Today(_) | Operand::Error(_) => Ty::Unknown,
        }
    }

    /// A condition that is one operand: a boolean, or a filter by its name.
    fn bare(&mut self, scope: &Scope<'_>, operand: &Operand) {
        if let Operand::Path(path) = operand
            && let [name] = path.names.as_slice()
            && !has(scope, &name.text)
            && let Some(filter) = self.named(&name.text, Sort::Filter)
        {
            let of = filter_table(self.db, filter);
            if scope
                .table
                .as_ref()
                .is_none_or(|t| of.as_ref() == Some(&t.name))
            {
                self.refer(name);
                return;
            }
        }
        self.operand(scope, operand);
    }

    fn path(&mut self, scope: &Scope<'_>, path: &Path) -> Ty {
        let Some((last, links)) = path.names.split_last() else {
            return Ty::Unknown;
        };
        if links.is_empty()
            && let Some((_, ty)) = scope.params.iter().find(|(n, _)| *n == last.text)
        {
            self.param(last, scope.params);
            return ty.clone();
        }
        let table = self.walk(scope, links);
        let ty = table.and_then(|table| self.column(&table, last));
        ty.unwrap_or(Ty::Unknown)
    }

    /// Follows links from the row at hand; gives the table where they end.
    fn walk(&mut self, scope: &Scope<'_>, links: &[Name]) -> Option<Arc<TableDecl>> {
        let mut table = scope.table.clone()?;
        for name in links {
            self.column(&table, name)?;
            let (_, column) = table.column(&name.text)?;
            let (to, _) = column.links.first()?.clone();
            table = self.table(&to)?;
        }
        Some(table)
    }

    fn exists(&mut self, scope: &Scope<'_>, path: &Path, by: Option<&Name>, cond: Option<&Cond>) {
        let Some((last, links)) = path.names.split_last() else {
            return;
        };
        let at = self.walk(scope, links);
        self.refer(last);
        let table = self.table(&last.text);
        if let Some(by) = by {
            // The link is declared at a column of the one table or of the other.
            let declares = |table: &&Arc<TableDecl>| {
                let column = table.column(&by.text);
                column.is_some_and(|(_, c)| !c.links.is_empty())
            };
            let owner = [table.as_ref(), at.as_ref()];
            let owner = owner.into_iter().flatten().find(declares).cloned();
            if let Some(owner) = owner {
                self.column(&owner, by);
            }
        }
        if let Some(cond) = cond {
            self.cond(&Scope::of(table, scope.params), cond);
        }
    }
}

fn has(scope: &Scope<'_>, name: &str) -> bool {
    let column = scope.table.as_ref().and_then(|t| t.column(name));
    column.is_some() || scope.params.iter().any(|(n, _)| n == name)
}
