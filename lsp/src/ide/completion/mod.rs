//! What could stand under the cursor.
//!
//! [`context`] reads the words before the cursor and says what may come ([`Ask`]); this file looks it up. The tree is
//! not asked: an unfinished text has holes where the cursor is.

mod cond;
mod context;
mod words;

use std::sync::Arc;

use ambit_compiler::{
    Database, Item, Project, Sort, SourceFile, TableDecl, Ty, attribute_ty, enum_decl, file_items,
    filter_table, item_syntax, kind_decl, name_index, object_kind,
};
use ambit_core::{ROW_ACTIONS, SOURCE_KINDS};
use ambit_grammar::ast::ItemKind;
use ambit_grammar::{Span, Token, TokenKind, lex};
use smol_str::SmolStr;

use super::{hover, one_line, rename, symbol, symbols};

/// The types that the language brings.
const TYPES: &[&str] = &["bool", "int", "decimal", "string", "date", "timestamp"];

/// What an entry of the list is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A keyword.
    Keyword,
    /// What an item of that sort declares.
    Declared(Sort),
    /// A column.
    Column,
    /// An action.
    Action,
    /// A member of an enum.
    Member,
    /// A parameter of the role.
    Param,
    /// A type, or a kind of source.
    Type,
    /// A level of a scope.
    Level,
}

/// An entry of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What it is called.
    pub label: String,
    /// What it is.
    pub kind: Kind,
    /// What stands beside it, in pale.
    pub detail: String,
    /// Its documentation, as Markdown; of declarations [`hover::of_name`] has it.
    pub docs: String,
    /// What is written.
    pub text: String,
}

/// The list, and what an entry replaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completions {
    /// The word under the cursor (of a string what is between the quotes).
    pub replaced: Span,
    /// The entries, without doubles.
    pub entries: Vec<Entry>,
}

/// What may come.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Ask {
    /// These keywords.
    Words(&'static [&'static str]),
    /// Names of these sorts.
    Names(&'static [Sort]),
    /// Columns of a table.
    Columns(SmolStr),
    /// Columns of a table that lead to a row, or everything that can be compared: columns, parameters, filters.
    Operand(Option<SmolStr>),
    /// Tables that are linked to a table.
    Linked(Option<SmolStr>),
    /// Attributes, and `login`.
    Attributes,
    /// Actions of these resources; of all where there are none yet.
    Actions(Vec<SmolStr>),
    /// Types.
    Types,
    /// Kinds of sources.
    SourceKinds,
    /// Values of a type, as literals.
    Values(Ty),
    /// Levels of a scope.
    Levels(Ty),
    /// Parameters of the role.
    Params,
    /// Users who are given in the test.
    TestUsers,
}

/// What could stand at a byte of a file.
pub fn completions(db: &Database, project: Project, file: SourceFile, offset: u32) -> Completions {
    let text = file.text(db);
    let tokens = lex(&text);
    let under = tokens
        .iter()
        .rfind(|t| t.start < offset && offset <= t.end)
        .filter(|t| t.kind != TokenKind::Whitespace);
    let (replaced, string) = word(&text, under, offset);
    let nothing = Completions {
        replaced,
        entries: Vec::new(),
    };
    let in_comment = under.is_some_and(|t| {
        matches!(
            t.kind,
            TokenKind::Comment | TokenKind::DocComment | TokenKind::ForeignComment
        )
    });
    if in_comment {
        return nothing;
    }
    let at = under
        .filter(|_| replaced.start < offset || string)
        .map_or(offset, |t| t.start);
    let items = file_items(db, file);
    let index = items.partition_point(|i| i.start(db) < at);
    let item = index.checked_sub(1).and_then(|i| items.get(i)).copied();
    let start = item.map_or(0, |i| i.start(db));
    let before: Vec<Token> = tokens
        .into_iter()
        .filter(|t| t.start >= start && t.end <= at && !t.kind.is_trivia())
        .collect();
    let look = Look { db, project, item };
    let begins_line = begins_line(&text, at);
    let mut asks = context::asks(&look, &text, &before, begins_line);
    if string {
        asks.retain(|a| matches!(a, Ask::Values(_)));
    }
    let mut entries = Vec::new();
    for ask in asks {
        look.answer(ask, string, &mut entries);
    }
    let mut seen = std::collections::HashSet::new();
    entries.retain(|e| seen.insert(e.label.clone()));
    Completions { replaced, entries }
}

/// What an entry replaces, and whether the cursor is in a string.
fn word(text: &str, under: Option<&Token>, offset: u32) -> (Span, bool) {
    let nothing = Span::new(offset, offset);
    let Some(token) = under else {
        return (nothing, false);
    };
    match token.kind {
        TokenKind::String | TokenKind::UnterminatedString => {
            let whole = text.get(token.start as usize..token.end as usize);
            let closed = token.kind == TokenKind::String;
            if closed && offset == token.end {
                return (nothing, false);
            }
            // Of a string that is never closed, the rest of the line is not its own.
            let end = if closed { token.end - 1 } else { offset };
            let start = token.start + u32::from(whole.is_some_and(|w| w.starts_with('"')));
            (Span::new(start, end.max(start)), true)
        }
        kind if kind.is_keyword() || kind == TokenKind::Identifier => {
            (Span::new(token.start, token.end), false)
        }
        _ => (nothing, false),
    }
}

fn begins_line(text: &str, at: u32) -> bool {
    let before = text.get(..at as usize).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    line.trim().is_empty()
}

/// What lookups need.
struct Look<'db> {
    db: &'db Database,
    project: Project,
    /// The item at the cursor, or the one above it.
    item: Option<Item<'db>>,
}

impl<'db> Look<'db> {
    fn named(&self, name: &str, sort: Sort) -> Option<Item<'db>> {
        symbol::named(self.db, self.project, name, sort)
    }

    fn table(&self, name: &str) -> Option<Arc<TableDecl>> {
        symbol::table(self.db, self.project, name)
    }

    /// The table at the end of a path of links.
    fn walk(&self, table: &str, links: &[&str]) -> Option<Arc<TableDecl>> {
        let mut table = self.table(table)?;
        for link in links {
            let (to, _) = table.column(link)?.1.links.first()?.clone();
            table = self.table(&to)?;
        }
        Some(table)
    }

    fn attribute(&self, name: &str) -> Ty {
        let item = self.named(name, Sort::Attribute);
        item.map_or(Ty::Unknown, |item| attribute_ty(self.db, item))
    }

    /// The parameters of the role at the cursor.
    fn params(&self) -> Vec<(SmolStr, Ty)> {
        let decl = self
            .item
            .and_then(|i| ambit_compiler::role_decl(self.db, i));
        decl.map_or_else(Vec::new, |d| d.params.clone())
    }

    fn answer(&self, ask: Ask, string: bool, out: &mut Vec<Entry>) {
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
        for (name, sort, item) in name_index(self.db, self.project).declarations() {
            if sorts.contains(&sort) {
                let detail = match &item_syntax(self.db, item).item.kind {
                    ItemKind::Attribute(a) => one_line(self.db, item, symbols::type_span(&a.ty)),
                    _ => sort.to_string(),
                };
                out.push(plain(name, Kind::Declared(sort), &detail));
            }
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
                entry.docs = written.docs.join("\n");
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
                    let Some(quoted) = rename::quoted(member) else {
                        continue;
                    };
                    let mut entry =
                        plain(if string { member } else { &quoted }, Kind::Member, name);
                    if string {
                        entry.text = quoted.trim_start_matches('"').to_owned();
                        entry.text.truncate(entry.text.len().saturating_sub(1));
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

fn plain(label: &str, kind: Kind, detail: &str) -> Entry {
    Entry {
        label: label.to_owned(),
        kind,
        detail: detail.to_owned(),
        docs: String::new(),
        text: label.to_owned(),
    }
}
