//! Names in declarations.

use ambit_compiler::Ty;
use ambit_grammar::Span;
use ambit_grammar::ast::{self, ItemKind};
use smol_str::SmolStr;

use super::{Collector, cond};
use crate::ide::declared;
use crate::ide::symbol::Symbol;

impl Collector<'_> {
    /// The names of an item.
    pub(super) fn item(&mut self, kind: &ItemKind) {
        if let Some(name) = declared(kind) {
            self.declare(name);
        }
        match kind {
            ItemKind::Source(source) => self.outside(&source.outside),
            ItemKind::Enum(of) => {
                for member in &of.members {
                    let symbol = Symbol::Member(of.name.text.clone(), member.value.clone());
                    self.push(member.span, symbol, true);
                }
            }
            ItemKind::Table(table) => self.table_item(table),
            ItemKind::Hierarchy(hierarchy) => {
                self.refer_all(&hierarchy.table);
                let table = hierarchy.table.as_ref().and_then(|t| self.table(&t.text));
                let Some(table) = table else { return };
                let levels = hierarchy.levels.iter();
                let types: Vec<Option<Ty>> = levels.map(|l| self.column(&table, l)).collect();
                for member in &hierarchy.members {
                    for (literal, ty) in member.iter().zip(&types) {
                        self.literals(ty.as_ref().unwrap_or(&Ty::Unknown), [literal]);
                    }
                }
            }
            ItemKind::Kind(kind) => {
                self.outside(&kind.outside);
                for action in &kind.actions {
                    let names = [Some(&action.name), action.implies.as_ref()];
                    for (n, name) in names.into_iter().enumerate() {
                        let Some(name) = name else { continue };
                        let symbol = Symbol::Action(kind.name.text.clone(), name.text.clone());
                        self.push(name.span, symbol, n == 0);
                    }
                }
            }
            ItemKind::Object(object) => {
                self.outside(&object.outside);
                self.refer_all(object.source.iter().chain(&object.kind).chain(&object.uses));
            }
            ItemKind::Attribute(attribute) => {
                self.outside(&attribute.outside);
                self.ty(&attribute.ty);
            }
            ItemKind::Filter(filter) => {
                self.refer_all(&filter.table);
                let table = filter.table.as_ref().and_then(|t| self.table(&t.text));
                self.cond(&cond::Scope::of(table, &[]), &filter.cond);
            }
            ItemKind::Role(role) | ItemKind::Group(role) => self.role(role),
            ItemKind::User(person) => self.person(person),
            ItemKind::Everyone(everyone) => {
                everyone.except.iter().for_each(|w| self.who(w, &[]));
                self.rules(&everyone.rules, &[]);
            }
            ItemKind::For(of) => {
                of.whos.iter().for_each(|w| self.who(w, &[]));
                self.rules(&of.rules, &[]);
            }
            ItemKind::Exclusive(exclusive) => {
                exclusive.whos.iter().for_each(|w| self.who(w, &[]));
            }
            ItemKind::Test(test) => self.test(test),
            ItemKind::Assert(claim) => self.claim(claim),
            ItemKind::Error => {}
        }
    }

    fn table_item(&mut self, table: &ast::Table) {
        self.refer_all(&table.source);
        self.outside(&table.outside);
        for column in &table.columns {
            let symbol = Symbol::Column(table.name.text.clone(), column.name.text.clone());
            self.push(column.name.span, symbol, true);
            self.outside(&column.outside);
            self.ty(&column.ty);
            if let Some(stored) = &column.stored
                && let ast::StoredForm::Rows {
                    table: rows,
                    columns,
                } = &stored.form
            {
                self.refer(rows);
                if let Some(rows) = self.table(&rows.text) {
                    for name in columns {
                        self.column(&rows, name);
                    }
                }
            }
            for link in &column.links {
                let Some((to, columns)) = link.names.split_first() else {
                    continue;
                };
                self.refer(to);
                if let (Some(to), Some(name)) = (self.table(&to.text), columns.first()) {
                    self.column(&to, name);
                }
            }
        }
    }

    /// The parameters in outside names: `"ROLE_{c}"`.
    fn templates(&mut self, outside: &[ast::Outside], params: &[(SmolStr, Ty)]) {
        let parts = outside.iter().flat_map(|o| &o.parts);
        for part in parts.filter(|p| p.quoted) {
            let text = self.text.get(part.span.range()).unwrap_or_default();
            for (open, _) in text.match_indices('{') {
                let inner = text.get(open + 1..).and_then(|rest| rest.split_once('}'));
                let Some((name, _)) = inner else { continue };
                let start = part.span.start + open as u32 + 1;
                let span = Span::new(start, start + name.len() as u32);
                let name = ast::Name {
                    text: name.into(),
                    span,
                };
                self.param(&name, params);
            }
        }
    }

    fn role(&mut self, role: &ast::Role) {
        let mut params = Vec::new();
        for param in &role.params {
            let symbol = Symbol::Param(self.key.clone(), param.name.text.clone());
            self.push(param.name.span, symbol, true);
            params.push((param.name.text.clone(), self.ty(&param.ty)));
        }
        self.outside(&role.outside);
        self.templates(&role.outside, &params);
        for who in &role.inherits {
            self.who(who, &params);
        }
        self.refer_all(&role.bypasses);
        self.rules(&role.rules, &params);
    }
}
