//! Looking up what is asked for.

use std::sync::Arc;

use ambit_compiler::{
    Database, Item, Project, Sort, TableDecl, Ty, attribute_ty, enum_decl, filter_table,
    item_syntax, kind_decl, name_index, object_kind,
};
use ambit_core::print::print_string;
use ambit_core::{ROW_ACTIONS, SOURCE_KINDS};
use ambit_grammar::ast::ItemKind;
use smol_str::SmolStr;

use super::context::Words;
use super::{Ask, Entry, Kind, cells, plain, words};
use crate::ide::symbol::Symbol;
use crate::ide::{hover, one_line, symbol, symbols};

/// The types that the language brings.
const TYPES: &[&str] = &["bool", "int", "decimal", "string", "date", "timestamp"];

/// What lookups need.
pub(super) struct Look<'db> {
    pub db: &'db Database,
    pub project: Project,
    /// The item at the cursor, or the one above it.
    pub item: Option<Item<'db>>,
}

impl<'db> Look<'db> {
    pub fn named(&self, name: &str, sort: Sort) -> Option<Item<'db>> {
        symbol::named(self.db, self.project, name, sort)
    }

    pub fn table(&self, name: &str) -> Option<Arc<TableDecl>> {
        symbol::table(self.db, self.project, name)
    }

    /// The table at the end of a path of links.
    pub fn walk(&self, table: &str, links: &[&str]) -> Option<Arc<TableDecl>> {
        let mut table = self.table(table)?;
        for link in links {
            let (to, _) = table.column(link)?.1.links.first()?.clone();
            table = self.table(&to)?;
        }
        Some(table)
    }

    pub fn attribute(&self, name: &str) -> Ty {
        let item = self.named(name, Sort::Attribute);
        item.map_or(Ty::Unknown, |item| attribute_ty(self.db, item))
    }

    /// The parameters of the role at the cursor.
    pub fn params(&self) -> Vec<(SmolStr, Ty)> {
        let decl = self
            .item
            .and_then(|i| ambit_compiler::role_decl(self.db, i));
        decl.map_or_else(Vec::new, |d| d.params.clone())
    }

    /// The name, where it is among what is asked for.
    pub fn symbol(&self, ask: Ask, name: &str) -> Option<Symbol> {
        let declared = |sorts: &[Sort]| {
            let all = name_index(self.db, self.project).all(name);
            let known = all.iter().any(|(sort, _)| sorts.contains(sort));
            known.then(|| Symbol::Item(name.into()))
        };
        let column = |table: &SmolStr| {
            self.table(table)?.column(name)?;
            Some(Symbol::Column(table.clone(), name.into()))
        };
        match ask {
            Ask::Names(sorts) => declared(sorts),
            Ask::Columns(table) => column(&table),
            Ask::Operand(table) => {
                let item = self
                    .item
                    .filter(|_| self.params().iter().any(|(n, _)| n == name));
                let param = item.map(|i| Symbol::Param(i.key(self.db).clone(), name.into()));
                let column = || table.as_ref().and_then(column);
                param.or_else(column).or_else(|| declared(&[Sort::Filter]))
            }
            Ask::Linked(_) => declared(&[Sort::Table]),
            Ask::Attributes => declared(&[Sort::Attribute]),
            _ => None,
        }
    }

    /// The entries for what is asked for.
    pub fn answer(&self, ask: Ask, string: bool, out: &mut Vec<Entry>) {
        match ask {
            Ask::Words(words) => out.extend(words.iter().map(|w| words::entry(w))),
            Ask::Names(sorts) => self.names(sorts, out),
            Ask::Columns(table) => self.columns(&table, out),
            Ask::Operand(table) => self.operands(table.as_ref(), out),
            Ask::Linked(table) => self.linked(table.as_ref(), out),
            Ask::Attributes => {
                self.names(&[Sort::Attribute], out);
                out.push(plain("login", Kind::Declared(Sort::Attribute), "string"));
            }
            Ask::Actions(resources) => self.actions(&resources, out),
            Ask::Types => {
                out.extend(TYPES.iter().map(|t| plain(t, Kind::Type, "")));
                self.names(&[Sort::Enum], out);
                out.extend(["set", "scope"].map(words::entry));
            }
            Ask::SourceKinds => out.extend(SOURCE_KINDS.iter().map(|k| plain(k, Kind::Type, ""))),
            Ask::Values(ty) => self.values(&ty, string, out),
            Ask::Given(table, column) => self.given(&table, &column, string, out),
            Ask::Levels(ty) => {
                if let Ty::Scope(levels) = ty {
                    out.extend(levels.iter().map(|l| plain(l, Kind::Level, "level")));
                }
            }
            Ask::Params => {
                let params = self.params();
                out.extend(
                    params
                        .iter()
                        .map(|(n, ty)| plain(n, Kind::Param, &ty.to_string())),
                );
            }
            Ask::TestUsers => self.test_users(out),
        }
    }

    fn names(&self, sorts: &[Sort], out: &mut Vec<Entry>) {
        let index = name_index(self.db, self.project);
        for name in index.names_of(sorts) {
            let Some((sort, item)) = index.first(name) else {
                continue;
            };
            let detail = match sort {
                Sort::Attribute => match &item_syntax(self.db, item).item.kind {
                    ItemKind::Attribute(a) => one_line(self.db, item, symbols::type_span(&a.ty)),
                    _ => sort.to_string(),
                },
                _ => sort.to_string(),
            };
            out.push(plain(name, Kind::Declared(sort), &detail));
        }
    }

    fn columns(&self, table: &str, out: &mut Vec<Entry>) {
        let Some(decl) = self.table(table) else {
            return;
        };
        let docs = self
            .named(table, Sort::Table)
            .map(|i| item_syntax(self.db, i));
        for column in &decl.columns {
            let mark = if column.nullable { "?" } else { "" };
            let mut entry = plain(&column.name, Kind::Column, &format!("{}{mark}", column.ty));
            if let Some(ItemKind::Table(tree)) = docs.map(|d| &d.item.kind)
                && let Some(written) = tree.columns.iter().find(|c| c.name.text == column.name)
            {
                entry.docs = hover::documentation(&written.docs);
            }
            out.push(entry);
        }
    }

    fn operands(&self, table: Option<&SmolStr>, out: &mut Vec<Entry>) {
        self.answer(Ask::Params, false, out);
        if let Some(table) = table {
            self.columns(table, out);
            for (name, sort, item) in name_index(self.db, self.project).declarations() {
                let of = || filter_table(self.db, item);
                if sort == Sort::Filter && of().as_ref() == Some(table) {
                    out.push(plain(name, Kind::Declared(sort), "filter"));
                }
            }
        }
    }

    fn linked(&self, table: Option<&SmolStr>, out: &mut Vec<Entry>) {
        let from = table.and_then(|t| self.table(t));
        let Some(from) = from else {
            self.names(&[Sort::Table], out);
            return;
        };
        let links =
            |a: &TableDecl, b: &str| a.columns.iter().any(|c| c.links.iter().any(|l| l.0 == b));
        for name in name_index(self.db, self.project).names_of(&[Sort::Table]) {
            let Some(other) = self.table(name) else {
                continue;
            };
            if links(&other, &from.name) || links(&from, name) {
                out.push(plain(name, Kind::Declared(Sort::Table), "table"));
            }
        }
    }

    fn actions(&self, resources: &[SmolStr], out: &mut Vec<Entry>) {
        let rows = ROW_ACTIONS.iter().copied().chain(["write"]);
        let of_rows = |out: &mut Vec<Entry>| {
            for name in rows.clone() {
                let mut entry = plain(name, Kind::Action, "rows");
                entry.docs = hover::builtin(name).map_or_else(String::new, str::to_owned);
                out.push(entry);
            }
        };
        if resources.is_empty() {
            of_rows(out);
            for name in name_index(self.db, self.project).names_of(&[Sort::Kind]) {
                let decl = self
                    .named(name, Sort::Kind)
                    .and_then(|i| kind_decl(self.db, i));
                let actions = decl.iter().flat_map(|d| &d.actions);
                out.extend(actions.map(|a| plain(a, Kind::Action, name)));
            }
        }
        for resource in resources {
            if self.named(resource, Sort::Table).is_some() {
                of_rows(out);
            } else if let Some(object) = self.named(resource, Sort::Object) {
                let kind = object_kind(self.db, object);
                let actions = kind.iter().flat_map(|d| &d.actions);
                out.extend(actions.map(|a| plain(a, Kind::Action, resource)));
            }
        }
    }

    fn values(&self, ty: &Ty, string: bool, out: &mut Vec<Entry>) {
        match ty {
            Ty::Enum(name) => {
                let decl = self
                    .named(name, Sort::Enum)
                    .and_then(|i| enum_decl(self.db, i));
                for member in decl.iter().flat_map(|d| &d.members) {
                    let quoted = print_string(member);
                    let mut entry =
                        plain(if string { member } else { &quoted }, Kind::Member, name);
                    if string {
                        entry.text = inside(&quoted);
                    }
                    out.push(entry);
                }
            }
            Ty::Set(inner) => self.values(inner, string, out),
            Ty::Bool if !string => out.extend(["true", "false"].map(words::entry)),
            Ty::Date | Ty::Timestamp if !string => out.push(words::entry("today")),
            _ => {}
        }
    }

    /// Values of a column in the rows that the test at the cursor gives.
    fn given(&self, table: &str, column: &str, string: bool, out: &mut Vec<Entry>) {
        let Some(raw) = self.item.map(|item| item.raw(self.db)) else {
            return;
        };
        let mut tokens = raw.tokens();
        tokens.retain(|t| !t.kind.is_trivia());
        let words = Words::new(&raw.text, &tokens);
        for value in cells::given(&words, table, column) {
            let quoted = value.starts_with('"');
            if quoted || !string {
                let text = if string {
                    inside(&value)
                } else {
                    value.to_string()
                };
                out.push(plain(&text, Kind::Member, &format!("{table}.{column}")));
            }
        }
    }

    fn test_users(&self, out: &mut Vec<Entry>) {
        let parsed = self.item.map(|i| item_syntax(self.db, i));
        if let Some(ItemKind::Test(test)) = parsed.map(|p| &p.item.kind) {
            for step in &test.steps {
                if let ambit_grammar::ast::Step::User(person, _) = step {
                    let kind = Kind::Declared(Sort::User);
                    out.push(plain(&person.name.text, kind, "given user"));
                }
            }
        }
    }
}

/// A string literal without its quotes.
fn inside(quoted: &str) -> String {
    let open = quoted.strip_prefix('"').unwrap_or(quoted);
    open.strip_suffix('"').unwrap_or(open).to_owned()
}
