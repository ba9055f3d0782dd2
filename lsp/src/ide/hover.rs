//! What a person wants to know of the name under the cursor, as Markdown.

use std::fmt::Write as _;

use ambit_compiler::{Database, Item, Project, Sort, SourceFile, item_syntax};
use ambit_core::print::print_string;
use ambit_grammar::Span;
use ambit_grammar::ast::{Column, ItemKind};
use smol_str::SmolStr;

use super::markdown::{self, inline};
use super::rules::{Said, of_principal, of_resource};
use super::symbol::Symbol;
use super::{acting, effective, occurrence, one_line, roles, symbol};

/// So many rules are shown; the rest is counted.
const SHOWN: usize = 12;

/// Where the name stands, and the text.
pub fn hover(
    db: &Database,
    project: Project,
    file: SourceFile,
    offset: u32,
) -> Option<(Span, String)> {
    let (span, symbols) = occurrence::at(db, file, offset)?;
    let texts: Vec<String> = symbols
        .iter()
        .filter_map(|symbol| describe(db, project, symbol))
        .collect();
    (!texts.is_empty()).then(|| (span, texts.join("\n\n---\n\n")))
}

/// What the table or object under the cursor is to somebody, to stand below the rest.
pub fn of_somebody(
    db: &Database,
    project: Project,
    file: SourceFile,
    offset: u32,
    who: &str,
) -> Option<String> {
    let (_, symbols) = occurrence::at(db, file, offset)?;
    let cell = symbols.iter().find_map(|symbol| match symbol {
        Symbol::Item(name) => acting::reach(db, project, who, name),
        _ => None,
    })?;
    let condition = code(&cell.predicate);
    Some(format!(
        "\n\n---\n\n{} reads where\n\n{condition}",
        inline(who)
    ))
}

/// A symbol in a person's words.
pub fn describe(db: &Database, project: Project, symbol: &Symbol) -> Option<String> {
    if let Symbol::Builtin(name) = symbol {
        return Some(builtin(name)?.to_owned());
    }
    let item = symbol.item(db, project)?;
    let tree = &item_syntax(db, item).item;
    Some(match (symbol, &tree.kind) {
        (Symbol::Column(table, name), ItemKind::Table(of)) => {
            let column = of.columns.iter().find(|c| c.name.text == *name)?;
            let mut text = code(&format!("{table}.{}", column_text(db, item, column)));
            docs(&mut text, &column.docs);
            text
        }
        (Symbol::Param(_, name), ItemKind::Role(role) | ItemKind::Group(role)) => {
            let param = role.params.iter().find(|p| p.name.text == *name)?;
            let ty = one_line(db, item, super::symbols::type_span(&param.ty));
            code(&format!("{name} : {ty}"))
                + &format!("\n\nparameter of {}", inline(&role.name.text))
        }
        (Symbol::Action(kind, name), ItemKind::Kind(of)) => {
            let action = of.actions.iter().find(|a| a.name.text == *name)?;
            let implies = action.implies.as_ref();
            let implies = implies.map_or(String::new(), |i| format!(" implies {}", i.text));
            code(&format!("{name}{implies}")) + &format!("\n\naction of the kind {}", inline(kind))
        }
        (Symbol::Member(of, name), ItemKind::Enum(_)) => {
            code(&print_string(name)) + &format!("\n\nmember of the enum {}", inline(of))
        }
        (Symbol::TestUser(_, name), ItemKind::Test(_)) => {
            code(&format!("given user {name}")) + "\n\na user of this test alone"
        }
        (Symbol::Item(name), kind) => {
            let mut text = code(&head(db, item));
            docs(&mut text, &tree.docs);
            declaration(db, project, name, kind, &mut text, item);
            text
        }
        _ => return None,
    })
}

fn declaration(
    db: &Database,
    project: Project,
    name: &SmolStr,
    kind: &ItemKind,
    text: &mut String,
    item: Item<'_>,
) {
    match kind {
        ItemKind::Table(table) => {
            let columns: Vec<String> = table
                .columns
                .iter()
                .map(|c| column_text(db, item, c))
                .collect();
            if !columns.is_empty() {
                let _ = write!(text, "\n\n{}", code(&columns.join("\n")));
            }
            said(text, "Rules", &of_resource(db, project, name));
        }
        ItemKind::Object(_) => said(text, "Rules", &of_resource(db, project, name)),
        ItemKind::Role(_) | ItemKind::Group(_) => {
            inherited(db, project, name, text);
            said(text, "Rules", &of_principal(db, project, name));
            text.push_str(&effective::told(db, project, name, false).unwrap_or_default());
            let users = roles::users(db, project, name);
            let _ = match users.as_slice() {
                [] => write!(text, "\n\nno declared user has it"),
                some => write!(text, "\n\nusers: {}", list(some)),
            };
        }
        ItemKind::User(_) => {
            inherited(db, project, name, text);
            said(text, "Rules", &of_principal(db, project, name));
            text.push_str(&effective::told(db, project, name, true).unwrap_or_default());
        }
        _ => {}
    }
}

fn inherited(db: &Database, project: Project, name: &str, text: &mut String) {
    let all = roles::ancestors(db, project, name);
    if !all.is_empty() {
        let _ = write!(text, "\n\nhas: {}", list(&all));
    }
}

fn list(names: &[SmolStr]) -> String {
    let shown: Vec<String> = names.iter().take(SHOWN).map(|n| inline(n)).collect();
    let rest = names.len().saturating_sub(SHOWN);
    match rest {
        0 => shown.join(", "),
        rest => format!("{} and {rest} more", shown.join(", ")),
    }
}

/// Rules as a block, each with whose it is.
fn said(text: &mut String, title: &str, rules: &[Said]) {
    if rules.is_empty() {
        text.push_str("\n\nno rule speaks of it");
        return;
    }
    let mut lines = Vec::new();
    let mut holder: Option<&str> = None;
    for rule in rules.iter().take(SHOWN) {
        if holder != Some(&rule.holder) {
            lines.push(format!("// {}", rule.holder));
            holder = Some(&rule.holder);
        }
        lines.push(rule.text.clone());
    }
    if rules.len() > SHOWN {
        lines.push(format!("// and {} more", rules.len() - SHOWN));
    }
    let _ = write!(text, "\n\n{title}:\n\n{}", code(&lines.join("\n")));
}

/// A declaration up to its body; short ones whole.
fn head(db: &Database, item: Item<'_>) -> String {
    let tree = &item_syntax(db, item).item;
    let whole = one_line(db, item, tree.span);
    match &tree.kind {
        ItemKind::Enum(_) | ItemKind::Kind(_) | ItemKind::Hierarchy(_) if whole.len() <= 100 => {
            whole
        }
        ItemKind::Filter(_) | ItemKind::Attribute(_) => whole,
        _ => whole
            .split('{')
            .next()
            .unwrap_or_default()
            .trim()
            .to_owned(),
    }
}

fn column_text(db: &Database, item: Item<'_>, column: &Column) -> String {
    one_line(db, item, column.span)
}

fn code(text: &str) -> String {
    markdown::block("ambit", text)
}

fn docs(text: &mut String, docs: &[SmolStr]) {
    if !docs.is_empty() {
        let _ = write!(text, "\n\n{}", documentation(docs));
    }
}

/// The lines of `///` comments, as Markdown.
pub fn documentation(docs: &[SmolStr]) -> String {
    markdown::text(&docs.join("\n"))
}

/// What the language brings.
pub fn builtin(name: &str) -> Option<&'static str> {
    Some(match name {
        "bool" => "`bool`: true or false",
        "int" => "`int`: a whole number of 64 bits",
        "decimal" => "`decimal`: an exact number with a fraction",
        "string" => "`string`: text, compared exactly",
        "date" => "`date`: a day of the calendar",
        "timestamp" => {
            "`timestamp`: an instant; against a day it counts as its day in the project's zone"
        }
        "login" => "`user.login`: the name under which the row's source knows the user",
        "read" => "`read`: to see a row",
        "insert" => "`insert`: to add a row; judged on the new one",
        "update" => "`update`: to change a row; judged on the old one and the new one",
        "delete" => "`delete`: to remove a row; judged on the old one",
        "write" => "`write`: `insert`, `update` and `delete`",
        _ => return None,
    })
}

/// The documentation of a declared name, for lists of names.
pub fn of_name(db: &Database, project: Project, name: &str, sort: Sort) -> Option<String> {
    let item = symbol::named(db, project, name, sort)?;
    let tree = &item_syntax(db, item).item;
    let mut text = code(&head(db, item));
    docs(&mut text, &tree.docs);
    Some(text)
}
