//! What exists: sources, enums, tables, hierarchies, kinds, objects, attributes.

use ambit_core::{
    Attribute, Column, Enum, Hierarchy, Kind, Link, Object, Origin, OutsideName, Program, Resource,
    Source, Stored, Table, Type,
};
use ambit_grammar::ast::{self, ItemKind, LiteralKind, StoredForm};
use smol_str::SmolStr;

use super::Lower;
use super::ids::column;
use crate::items::{Item, item_head};
use crate::names::Sort;
use crate::types::{Ty, check_item, enum_decl, outside_of, resolve_type, table_decl, table_named};

/// Fills the schema part of a program.
pub(crate) fn lower_schema(lower: &Lower<'_>, program: &mut Program) {
    let db = lower.db;
    let each = |sort: Sort| {
        lower
            .ids
            .items(sort)
            .iter()
            .map(move |item| (*item, item_head(db, *item)))
    };
    for (item, tree) in each(Sort::Source) {
        if let ItemKind::Source(s) = &tree.kind {
            program.sources.push(Source {
                name: s.name.text.clone(),
                outside: lower.outside(&s.outside),
                kind: s
                    .kind
                    .as_ref()
                    .map_or_else(SmolStr::default, |k| k.text.clone()),
                origin: lower.origins.of(item, tree.span),
            });
        }
    }
    for (item, tree) in each(Sort::Enum) {
        if let (ItemKind::Enum(e), Some(decl)) = (&tree.kind, enum_decl(db, item)) {
            program.enums.push(Enum {
                name: e.name.text.clone(),
                members: decl.members.clone(),
                origin: lower.origins.of(item, tree.span),
            });
        }
    }
    for (item, tree) in each(Sort::Table) {
        if let ItemKind::Table(t) = &tree.kind {
            program.tables.push(table(lower, item, tree, t));
        }
    }
    for (item, tree) in each(Sort::Hierarchy) {
        if let ItemKind::Hierarchy(h) = &tree.kind {
            let on = h.table.as_ref().map_or("", |t| t.text.as_str());
            let decl = table_named(db, on);
            program.hierarchies.push(Hierarchy {
                name: h.name.text.clone(),
                table: lower.ids.table(on),
                levels: h
                    .levels
                    .iter()
                    .filter_map(|l| decl.as_ref()?.column(&l.text).map(|(i, _)| column(i)))
                    .collect(),
                members: check_item(db, item).typed.members.clone(),
                origin: lower.origins.of(item, tree.span),
            });
        }
    }
    for (item, tree) in each(Sort::Kind) {
        if let ItemKind::Kind(k) = &tree.kind {
            let actions: Vec<SmolStr> = k.actions.iter().map(|a| a.name.text.clone()).collect();
            program.kinds.push(Kind {
                name: k.name.text.clone(),
                outside: lower.outside(&k.outside),
                implies: implied(&k.actions),
                actions,
                origin: lower.origins.of(item, tree.span),
            });
        }
    }
    for (item, tree) in each(Sort::Object) {
        if let ItemKind::Object(o) = &tree.kind {
            program.objects.push(Object {
                name: o.name.text.clone(),
                source: o.source.as_ref().map(|s| lower.ids.source(&s.text)),
                outside: lower.outside(&o.outside),
                kind: lower
                    .ids
                    .kind(o.kind.as_ref().map_or("", |k| k.text.as_str())),
                uses: o.uses.iter().map(|u| lower.resource(&u.text)).collect(),
                docs: tree.docs.clone(),
                origin: lower.origins.of(item, tree.span),
            });
        }
    }
    for (item, tree) in each(Sort::Attribute) {
        if let ItemKind::Attribute(a) = &tree.kind {
            program.attributes.push(Attribute {
                name: a.name.text.clone(),
                outside: lower.outside(&a.outside),
                ty: lower.ty(&resolve_type(db, &a.ty)),
                origin: lower.origins.of(item, tree.span),
            });
        }
    }
}

/// Gives what exists its places.
pub(crate) fn place_schema(lower: &Lower<'_>, program: &mut Program) {
    let sources = program.sources.iter_mut().map(|x| (&x.name, &mut x.origin));
    place(lower, Sort::Source, sources);
    let enums = program.enums.iter_mut().map(|x| (&x.name, &mut x.origin));
    place(lower, Sort::Enum, enums);
    let tables = program.tables.iter_mut().map(|x| (&x.name, &mut x.origin));
    place(lower, Sort::Table, tables);
    let hierarchies = program
        .hierarchies
        .iter_mut()
        .map(|x| (&x.name, &mut x.origin));
    place(lower, Sort::Hierarchy, hierarchies);
    let kinds = program.kinds.iter_mut().map(|x| (&x.name, &mut x.origin));
    place(lower, Sort::Kind, kinds);
    let objects = program.objects.iter_mut().map(|x| (&x.name, &mut x.origin));
    place(lower, Sort::Object, objects);
    let attributes = program
        .attributes
        .iter_mut()
        .map(|x| (&x.name, &mut x.origin));
    place(lower, Sort::Attribute, attributes);
}

/// Both are in the order of names.
fn place<'p>(
    lower: &Lower<'_>,
    sort: Sort,
    things: impl Iterator<Item = (&'p SmolStr, &'p mut Origin)>,
) {
    let mut items = lower.ids.items(sort).iter();
    for (name, origin) in things {
        if let Some(item) = items.find(|item| item.key(lower.db).name == *name) {
            let span = item_head(lower.db, *item).span;
            *origin = lower.origins.of(*item, span);
        }
    }
}

fn table<'db>(lower: &Lower<'db>, item: Item<'db>, tree: &ast::Item, t: &ast::Table) -> Table {
    let decl = table_decl(lower.db, item);
    let columns: Vec<Column> = t.columns.iter().map(|c| lower_column(lower, c)).collect();
    let keys = t
        .columns
        .iter()
        .enumerate()
        .filter(|(_, c)| c.key.is_some())
        .map(|(i, _)| column(i as u32))
        .collect();
    Table {
        name: t.name.text.clone(),
        sources: decl.map_or_else(Vec::new, |d| {
            d.sources.iter().map(|s| lower.ids.source(s)).collect()
        }),
        outside: lower.outside(&t.outside),
        open: t.open.is_some(),
        columns,
        keys,
        docs: tree.docs.clone(),
        origin: lower.origins.of(item, tree.span),
    }
}

fn lower_column(lower: &Lower<'_>, c: &ast::Column) -> Column {
    let links = c
        .links
        .iter()
        .filter_map(|path| match path.names.as_slice() {
            [table, target] => {
                let decl = table_named(lower.db, &table.text)?;
                let (index, _) = decl.column(&target.text)?;
                Some(Link {
                    table: lower.ids.table(&table.text),
                    column: column(index),
                })
            }
            _ => None,
        })
        .collect();
    Column {
        name: c.name.text.clone(),
        outside: lower.outside(&c.outside),
        ty: lower.ty(&resolve_type(lower.db, &c.ty)),
        nullable: c.nullable.is_some(),
        stored: c.stored.as_ref().and_then(|s| stored(lower, &s.form)),
        links,
        docs: c.docs.clone(),
    }
}

fn stored(lower: &Lower<'_>, form: &StoredForm) -> Option<Stored> {
    match form {
        StoredForm::Text => Some(Stored::Text),
        StoredForm::Array => Some(Stored::Array),
        StoredForm::Json => Some(Stored::Json),
        StoredForm::Scaled(places) => match &places.kind {
            LiteralKind::Number(n) => n.parse().ok().map(Stored::Scaled),
            _ => None,
        },
        StoredForm::Rows { table, columns } => {
            let decl = table_named(lower.db, &table.text)?;
            let at = |i: usize| {
                columns
                    .get(i)
                    .and_then(|c| decl.column(&c.text))
                    .map(|(i, _)| column(i))
            };
            Some(Stored::Rows {
                table: lower.ids.table(&table.text),
                id: at(0)?,
                level: at(1)?,
                member: at(2)?,
            })
        }
        StoredForm::Error => None,
    }
}

/// For each action all that it implies, itself first.
fn implied(actions: &[ast::KindAction]) -> Vec<Vec<usize>> {
    let position = |name: &SmolStr| actions.iter().position(|a| a.name.text == *name);
    (0..actions.len())
        .map(|start| {
            let mut all = vec![start];
            let mut at = start;
            while let Some(next) = actions
                .get(at)
                .and_then(|a| a.implies.as_ref())
                .and_then(|n| position(&n.text))
            {
                if all.contains(&next) {
                    break;
                }
                all.push(next);
                at = next;
            }
            all
        })
        .collect()
}

impl Lower<'_> {
    /// Outside names as written.
    pub fn outside(&self, outside: &[ast::Outside]) -> Vec<OutsideName> {
        self.outside_names(outside_of(outside))
    }

    /// Outside names as plain text.
    pub fn outside_names(&self, names: Vec<(Option<SmolStr>, Vec<SmolStr>)>) -> Vec<OutsideName> {
        names
            .into_iter()
            .map(|(source, parts)| OutsideName {
                source: source.map(|s| self.ids.source(&s)),
                parts,
            })
            .collect()
    }

    /// A table or an object.
    pub fn resource(&self, name: &str) -> Resource {
        if self.ids.is_table(name) {
            Resource::Table(self.ids.table(name))
        } else {
            Resource::Object(self.ids.object(name))
        }
    }

    fn ty(&self, ty: &Ty) -> Type {
        match ty {
            Ty::Bool => Type::Bool,
            Ty::Int => Type::Int,
            Ty::Decimal => Type::Decimal,
            Ty::String | Ty::Unknown => Type::String,
            Ty::Date => Type::Date,
            Ty::Timestamp => Type::Timestamp,
            Ty::Enum(name) => Type::Enum(self.ids.enumeration(name)),
            Ty::Scope(levels) => Type::Scope(levels.to_vec()),
            Ty::Set(element) => Type::Set(Box::new(self.ty(element))),
        }
    }
}
