//! Renaming: every place at once, or a reason why not.

mod proof;

use std::collections::BTreeMap;

use ambit_compiler::{Database, Project, Sort, SourceFile, item_syntax, name_index};
use ambit_core::print::print_string;
use ambit_grammar::{Span, lex};

use smol_str::SmolStr;

use super::occurrence;
use super::symbol::{self, Symbol};

pub use proof::Proof;

/// What is renamed: where it stands and how it is called, without quotes.
pub fn prepare(
    db: &Database,
    project: Project,
    file: SourceFile,
    offset: u32,
) -> Result<(Span, String), String> {
    let (span, symbol) = target(db, project, file, offset)?;
    Ok((span, symbol.name().to_string()))
}

/// A rename, before it is proved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Renaming {
    /// What it is called.
    pub old: SmolStr,
    /// What it is to be called.
    pub new: SmolStr,
    /// It is written as a string.
    quoted: bool,
    /// Where it stands, by file and in order.
    places: BTreeMap<SmolStr, Vec<Span>>,
}

impl Renaming {
    /// A name as it is written in these places.
    pub fn written(&self, name: &str) -> String {
        if self.quoted {
            print_string(name)
        } else {
            name.to_owned()
        }
    }

    /// The replacements, by file.
    pub fn edits(&self) -> impl Iterator<Item = (&SmolStr, Span, String)> {
        let text = self.written(&self.new);
        self.places
            .iter()
            .flat_map(|(file, spans)| spans.iter().map(move |span| (file, *span)))
            .map(move |(file, span)| (file, span, text.clone()))
    }
}

/// What would have to be replaced to rename what stands at a byte; nothing where it is called so already. Whether the
/// policy then means the same is for [`Proof`] to say.
///
/// # Errors
/// Why it cannot be renamed: to be shown to whoever asked.
pub fn rename(
    db: &Database,
    project: Project,
    file: SourceFile,
    offset: u32,
    new: &str,
) -> Result<Option<Renaming>, String> {
    let (_, symbol) = target(db, project, file, offset)?;
    if !matches!(symbol, Symbol::Member(..)) {
        is_name(new)?;
    }
    if symbol.name() == new {
        return Ok(None);
    }
    if let Some(taken) = taken(db, project, &symbol, new) {
        return Err(format!("`{new}` is taken: {taken}"));
    }
    let mut places: BTreeMap<SmolStr, Vec<Span>> = BTreeMap::new();
    for (place, _) in occurrence::everywhere(db, project, &symbol) {
        let here = occurrence::at(db, place.file, place.span.start);
        if here.is_some_and(|(_, all)| all.len() > 1) {
            return Err(format!(
                "`{}` stands for several things in `{}`, so it cannot be renamed for one of them alone",
                symbol.name(),
                place.file.path(db)
            ));
        }
        places
            .entry(place.file.path(db))
            .or_default()
            .push(place.span);
    }
    for spans in places.values_mut() {
        spans.sort_unstable();
        spans.dedup();
    }
    Ok(Some(Renaming {
        old: symbol.name().clone(),
        new: new.into(),
        quoted: matches!(symbol, Symbol::Member(..)),
        places,
    }))
}

/// The one thing that stands at a byte.
fn target(
    db: &Database,
    project: Project,
    file: SourceFile,
    offset: u32,
) -> Result<(Span, Symbol), String> {
    let Some((span, symbols)) = occurrence::at(db, file, offset) else {
        return Err("there is no name here that could be renamed".to_owned());
    };
    let [symbol] = symbols.as_slice() else {
        return Err(
            "this name stands for several things: rename one where it is declared".to_owned(),
        );
    };
    if let Symbol::Builtin(name) = symbol {
        return Err(format!("`{name}` belongs to the language"));
    }
    if symbol.declaration(db, project).is_none() {
        return Err(format!("`{}` is not declared", symbol.name()));
    }
    if let Symbol::Item(name) = symbol
        && name_index(db, project).all(name).len() > 1
    {
        return Err(format!("`{name}` is declared twice: mend that first"));
    }
    Ok((span, symbol.clone()))
}

/// Can it be a name?
fn is_name(new: &str) -> Result<(), String> {
    match lex(new).as_slice() {
        [token] if token.kind.is_name() => Ok(()),
        [token] if token.kind.is_keyword() => {
            Err(format!("`{new}` is a keyword, so it cannot be a name"))
        }
        _ => Err(format!(
            "`{new}` is not a name: letters, digits and `_`, not beginning with a digit"
        )),
    }
}

/// What already has the new name, in the same namespace.
fn taken(db: &Database, project: Project, symbol: &Symbol, new: &str) -> Option<String> {
    let names = name_index(db, project);
    match symbol {
        Symbol::Item(name) => {
            let attribute = symbol::named(db, project, name, Sort::Attribute).is_some();
            if attribute && new == "login" {
                return Some("`user.login` is built in".to_owned());
            }
            let (sort, item) = names.first(new)?;
            Some(format!(
                "{} in `{}`",
                sort.with_article(),
                item.key(db).file
            ))
        }
        Symbol::Column(table, _) => {
            let decl = symbol::table(db, project, table)?;
            decl.column(new).map(|_| format!("a column of `{table}`"))
        }
        Symbol::Action(of, _) | Symbol::Member(of, _) => {
            let item = symbol.item(db, project)?;
            let sibling = match symbol {
                Symbol::Action(..) => Symbol::Action(of.clone(), new.into()),
                _ => Symbol::Member(of.clone(), new.into()),
            };
            let kind = &item_syntax(db, item).item.kind;
            sibling
                .span_in(kind)
                .map(|_| format!("it belongs to `{of}`"))
        }
        Symbol::Param(key, _) | Symbol::TestUser(key, _) => {
            let item = ambit_compiler::find_item(db, key)?;
            let sibling = match symbol {
                Symbol::Param(..) => Symbol::Param(key.clone(), new.into()),
                _ => Symbol::TestUser(key.clone(), new.into()),
            };
            if sibling.span_in(&item_syntax(db, item).item.kind).is_some() {
                return Some("it stands beside it".to_owned());
            }
            // A column or a user that the new name would hide.
            let hidden = occurrence::occurrences(db, item);
            let hides = |o: &&occurrence::Occurrence| o.symbol.name() == new && !o.declares;
            hidden
                .iter()
                .find(hides)
                .map(|_| "it means something else here".to_owned())
        }
        Symbol::Builtin(_) => None,
    }
}
