//! Declarations as others see them: the columns of a table, the members of an enum, the parameters of a role.
//!
//! These queries report nothing (the checks of the item itself do); what could not be read is missing, and `damaged`
//! says that a name which is not found may be one of the missing.

use std::collections::HashSet;
use std::sync::Arc;

use ambit_grammar::Span;
use ambit_grammar::ast::{self, ItemKind};
use smol_str::SmolStr;

use super::ty::Ty;
use crate::db::{Db, Project};
use crate::items::{Item, item_head};
use crate::names::{Sort, name_index};

/// The type that a written type means, without reporting.
pub(crate) fn resolve_type(db: &dyn Db, ty: &ast::Type) -> Ty {
    match ty {
        ast::Type::Named(name) => named_type(db, &name.text),
        ast::Type::SetOf(name, _) => Ty::Set(Box::new(named_type(db, &name.text))),
        ast::Type::Scope(levels, _) => Ty::Scope(levels.iter().map(|l| l.text.clone()).collect()),
        ast::Type::Error(_) => Ty::Unknown,
    }
}

fn named_type(db: &dyn Db, name: &SmolStr) -> Ty {
    if let Some(ty) = Ty::builtin(name) {
        return ty;
    }
    let names = name_index(db, Project::get(db));
    if names.all(name).iter().any(|(s, _)| *s == Sort::Enum) {
        Ty::Enum(name.clone())
    } else {
        Ty::Unknown
    }
}

/// The item that declares `name` as `sort`.
pub(crate) fn find<'db>(db: &'db dyn Db, name: &str, sort: Sort) -> Option<Item<'db>> {
    name_index(db, Project::get(db))
        .all(name)
        .iter()
        .find(|(s, _)| *s == sort)
        .map(|(_, i)| *i)
}

/// A table's columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableDecl {
    /// Its name.
    pub name: SmolStr,
    /// Its columns in the order written; of doubles the first counts.
    pub columns: Vec<ColumnDecl>,
    /// Rows can be read unless a rule takes them away.
    pub open: bool,
    /// The sources it lives in, first its own.
    pub sources: Vec<SmolStr>,
    /// Columns may be missing.
    pub damaged: bool,
}

/// A column as others see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnDecl {
    /// Its name.
    pub name: SmolStr,
    /// Where the name stands in the table's item.
    pub span: Span,
    /// Its type.
    pub ty: Ty,
    /// May be null.
    pub nullable: bool,
    /// Part of the key.
    pub key: bool,
    /// Link targets: table and column names.
    pub links: Vec<(SmolStr, SmolStr)>,
}

impl TableDecl {
    /// A column by name.
    pub fn column(&self, name: &str) -> Option<(u32, &ColumnDecl)> {
        self.columns
            .iter()
            .position(|c| c.name == name)
            .map(|i| (i as u32, &self.columns[i]))
    }

    /// Is this column, alone, the key?
    pub fn is_sole_key(&self, column: u32) -> bool {
        self.columns
            .iter()
            .enumerate()
            .all(|(i, c)| c.key == (i as u32 == column))
    }
}

/// The columns of a table item.
#[salsa::tracked(returns(clone))]
pub fn table_decl<'db>(db: &'db dyn Db, item: Item<'db>) -> Option<Arc<TableDecl>> {
    let head = item_head(db, item);
    let ItemKind::Table(table) = &head.kind else {
        return None;
    };
    let mut seen = HashSet::new();
    let columns = table
        .columns
        .iter()
        .filter(|c| seen.insert(c.name.text.clone()))
        .map(|c| ColumnDecl {
            name: c.name.text.clone(),
            span: c.name.span,
            ty: resolve_type(db, &c.ty),
            nullable: c.nullable.is_some(),
            key: c.key.is_some(),
            links: c
                .links
                .iter()
                .filter_map(|p| match p.names.as_slice() {
                    [t, c] => Some((t.text.clone(), c.text.clone())),
                    _ => None,
                })
                .collect(),
        })
        .collect();
    let mut sources: Vec<SmolStr> = Vec::new();
    let named = table.outside.iter().filter_map(|o| o.source.as_ref());
    for source in table.source.iter().chain(named) {
        if !sources.contains(&source.text) {
            sources.push(source.text.clone());
        }
    }
    Some(Arc::new(TableDecl {
        name: table.name.text.clone(),
        columns,
        open: table.open.is_some(),
        sources,
        damaged: head.damaged,
    }))
}

/// The columns of the table of that name.
pub(crate) fn table_named(db: &dyn Db, name: &str) -> Option<Arc<TableDecl>> {
    table_decl(db, find(db, name, Sort::Table)?)
}

/// An enum's members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnumDecl {
    /// In the order written.
    pub members: Vec<SmolStr>,
    set: HashSet<SmolStr>,
    /// Members may be missing.
    pub damaged: bool,
}

impl EnumDecl {
    /// Is it a member?
    pub fn has(&self, text: &str) -> bool {
        self.set.contains(text)
    }
}

/// The members of an enum item.
#[salsa::tracked(returns(clone))]
pub fn enum_decl<'db>(db: &'db dyn Db, item: Item<'db>) -> Option<Arc<EnumDecl>> {
    let head = item_head(db, item);
    let ItemKind::Enum(e) = &head.kind else {
        return None;
    };
    let mut set = HashSet::new();
    let members = e
        .members
        .iter()
        .map(|m| m.value.clone())
        .filter(|m| set.insert(m.clone()))
        .collect();
    Some(Arc::new(EnumDecl {
        members,
        set,
        damaged: head.damaged,
    }))
}

/// A kind's actions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KindDecl {
    /// In the order written.
    pub actions: Vec<SmolStr>,
    /// Actions may be missing.
    pub damaged: bool,
}

/// The actions of a kind item.
#[salsa::tracked(returns(clone))]
pub fn kind_decl<'db>(db: &'db dyn Db, item: Item<'db>) -> Option<Arc<KindDecl>> {
    let head = item_head(db, item);
    let ItemKind::Kind(kind) = &head.kind else {
        return None;
    };
    let actions = kind.actions.iter().map(|a| a.name.text.clone()).collect();
    Some(Arc::new(KindDecl {
        actions,
        damaged: head.damaged,
    }))
}

/// The kind of an object item; `None` where it is not known.
#[salsa::tracked(returns(clone))]
pub fn object_kind<'db>(db: &'db dyn Db, item: Item<'db>) -> Option<Arc<KindDecl>> {
    let head = item_head(db, item);
    let ItemKind::Object(object) = &head.kind else {
        return None;
    };
    let kind = object.kind.as_ref()?;
    kind_decl(db, find(db, &kind.text, Sort::Kind)?)
}

/// The type of an attribute item.
#[salsa::tracked(returns(clone))]
pub fn attribute_ty<'db>(db: &'db dyn Db, item: Item<'db>) -> Ty {
    match &item_head(db, item).kind {
        ItemKind::Attribute(a) => resolve_type(db, &a.ty),
        _ => Ty::Unknown,
    }
}

/// The parameters of a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleDecl {
    /// Names and types.
    pub params: Vec<(SmolStr, Ty)>,
    /// Parameters may be missing.
    pub damaged: bool,
}

/// The parameters of a role or group item (a group and a user have none).
#[salsa::tracked(returns(clone))]
pub fn role_decl<'db>(db: &'db dyn Db, item: Item<'db>) -> Option<Arc<RoleDecl>> {
    let head = item_head(db, item);
    let (ItemKind::Role(role) | ItemKind::Group(role)) = &head.kind else {
        return None;
    };
    let params = role
        .params
        .iter()
        .map(|p| (p.name.text.clone(), resolve_type(db, &p.ty)))
        .collect();
    Some(Arc::new(RoleDecl {
        params,
        damaged: head.damaged,
    }))
}

/// A hierarchy's table and levels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HierarchyDecl {
    /// The table.
    pub table: SmolStr,
    /// The columns, coarse to fine.
    pub levels: Vec<SmolStr>,
}

/// The levels of a hierarchy item.
#[salsa::tracked(returns(clone))]
pub fn hierarchy_decl<'db>(db: &'db dyn Db, item: Item<'db>) -> Option<Arc<HierarchyDecl>> {
    let head = item_head(db, item);
    let ItemKind::Hierarchy(h) = &head.kind else {
        return None;
    };
    let levels = h.levels.iter().map(|l| l.text.clone()).collect();
    Some(Arc::new(HierarchyDecl {
        table: h.table.as_ref()?.text.clone(),
        levels,
    }))
}

/// The table that a filter item speaks of.
#[salsa::tracked(returns(clone))]
pub fn filter_table<'db>(db: &'db dyn Db, item: Item<'db>) -> Option<SmolStr> {
    match &item_head(db, item).kind {
        ItemKind::Filter(f) => f.table.as_ref().map(|t| t.text.clone()),
        _ => None,
    }
}
