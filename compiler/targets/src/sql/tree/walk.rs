//! Walking through trees.

use std::collections::BTreeSet;

use smol_str::SmolStr;

use super::{Expr, From, Select};

impl Expr {
    /// The same with other expressions in place of those that stand directly in it, also in its sub-select.
    #[must_use]
    pub fn with_parts(mut self, change: &mut dyn FnMut(Self) -> Self) -> Self {
        self.each_part(&mut |part| *part = change(std::mem::replace(part, Self::Null)));
        self
    }

    /// Visits the expressions that stand directly in it.
    fn each_part(&mut self, visit: &mut dyn FnMut(&mut Self)) {
        match self {
            Self::Null
            | Self::Bool(_)
            | Self::Flag(_)
            | Self::Int(_)
            | Self::Number(_)
            | Self::Text(_)
            | Self::Typed(..)
            | Self::Column { .. }
            | Self::Param { .. } => {}
            Self::Not(e)
            | Self::IsNull(e)
            | Self::IsNotNull(e)
            | Self::IsNotTrue(e)
            | Self::Cast(e, _)
            | Self::Untyped(e)
            | Self::Collate(e, _) => visit(e),
            Self::And(list) | Self::Or(list) | Self::Concat(list) | Self::Call(_, list) => {
                list.iter_mut().for_each(visit);
            }
            Self::Compare(a, _, b) | Self::Infix(a, _, b) | Self::IsAny(a, b) => {
                visit(a);
                visit(b);
            }
            Self::Between(e, low, high) | Self::NotBetween(e, low, high) => {
                visit(e);
                visit(low);
                visit(high);
            }
            Self::In(e, list) | Self::NotIn(e, list) => {
                visit(e);
                list.iter_mut().for_each(visit);
            }
            Self::InSelect(e, select) => {
                visit(e);
                select.each_part(visit);
            }
            Self::Case { arms, otherwise } => {
                for (when, then) in arms {
                    visit(when);
                    visit(then);
                }
                if let Some(otherwise) = otherwise {
                    visit(otherwise);
                }
            }
            Self::Scalar(select) | Self::Exists(select) | Self::NotExists(select) => {
                select.each_part(visit);
            }
        }
    }

    /// The expressions that stand directly in it, also in its sub-select.
    pub fn parts(&self) -> Vec<&Self> {
        match self {
            Self::Null
            | Self::Bool(_)
            | Self::Flag(_)
            | Self::Int(_)
            | Self::Number(_)
            | Self::Text(_)
            | Self::Typed(..)
            | Self::Column { .. }
            | Self::Param { .. } => Vec::new(),
            Self::Not(e)
            | Self::IsNull(e)
            | Self::IsNotNull(e)
            | Self::IsNotTrue(e)
            | Self::Cast(e, _)
            | Self::Untyped(e)
            | Self::Collate(e, _) => vec![e],
            Self::And(list) | Self::Or(list) | Self::Concat(list) | Self::Call(_, list) => {
                list.iter().collect()
            }
            Self::Compare(a, _, b) | Self::Infix(a, _, b) | Self::IsAny(a, b) => vec![a, b],
            Self::Between(e, low, high) | Self::NotBetween(e, low, high) => vec![e, low, high],
            Self::In(e, list) | Self::NotIn(e, list) => [&**e].into_iter().chain(list).collect(),
            Self::InSelect(e, select) => [&**e].into_iter().chain(select.parts()).collect(),
            Self::Case { arms, otherwise } => arms
                .iter()
                .flat_map(|(when, then)| [when, then])
                .chain(otherwise.as_deref())
                .collect(),
            Self::Scalar(select) | Self::Exists(select) | Self::NotExists(select) => select.parts(),
        }
    }

    /// The rows that it reads and that nothing within it ranges over: aliases and names of tables.
    pub fn outer_rows(&self) -> BTreeSet<Vec<SmolStr>> {
        let mut rows: BTreeSet<Vec<SmolStr>> = self
            .parts()
            .into_iter()
            .flat_map(Self::outer_rows)
            .collect();
        match self {
            Self::Column { row, .. } => {
                rows.insert(row.clone());
            }
            Self::Scalar(select)
            | Self::Exists(select)
            | Self::NotExists(select)
            | Self::InSelect(_, select) => {
                for alias in select.from.iter().flat_map(From::aliases) {
                    rows.remove([alias].as_slice());
                }
            }
            _ => {}
        }
        rows
    }
}

impl Select {
    fn each_part(&mut self, visit: &mut dyn FnMut(&mut Expr)) {
        visit(&mut self.value);
        self.from.iter_mut().for_each(|from| from.each_part(visit));
        visit(&mut self.filter);
    }

    fn parts(&self) -> Vec<&Expr> {
        [&self.value]
            .into_iter()
            .chain(self.from.iter().flat_map(From::parts))
            .chain([&self.filter])
            .collect()
    }
}

impl From {
    fn each_part(&mut self, visit: &mut dyn FnMut(&mut Expr)) {
        match self {
            Self::Table { .. } => {}
            Self::Function { args, .. } => args.iter_mut().for_each(visit),
            Self::Select {
                values,
                from,
                filter,
                ..
            } => {
                for (value, _) in values {
                    visit(value);
                }
                for from in from {
                    from.each_part(visit);
                }
                visit(filter);
            }
        }
    }

    fn parts(&self) -> Vec<&Expr> {
        match self {
            Self::Table { .. } => Vec::new(),
            Self::Function { args, .. } => args.iter().collect(),
            Self::Select {
                values,
                from,
                filter,
                ..
            } => values
                .iter()
                .map(|(value, _)| value)
                .chain(from.iter().flat_map(Self::parts))
                .chain([filter])
                .collect(),
        }
    }

    /// Its alias, and those of what it reads.
    pub fn aliases(&self) -> Vec<SmolStr> {
        match self {
            Self::Table { alias, .. } | Self::Function { alias, .. } => vec![alias.clone()],
            Self::Select { from, alias, .. } => from
                .iter()
                .flat_map(Self::aliases)
                .chain([alias.clone()])
                .collect(),
        }
    }

    /// The rows that it reads from outside.
    pub fn outer_rows(&self) -> BTreeSet<Vec<SmolStr>> {
        let mut rows: BTreeSet<Vec<SmolStr>> = self
            .parts()
            .into_iter()
            .flat_map(Expr::outer_rows)
            .collect();
        for alias in self.aliases() {
            rows.remove([alias].as_slice());
        }
        rows
    }
}
