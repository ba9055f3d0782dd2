//! Outside names that stand twice: two things that one source knows by one name.
//!
//! Whatever looks a thing up by its outside name would find the other, so one of them must be called otherwise.

use std::collections::{BTreeMap, BTreeSet};

use ambit_diagnostics::{Place, Problem};
use ambit_grammar::Span;
use ambit_grammar::ast::{self, ItemKind};
use smol_str::SmolStr;

use crate::db::{Db, Project};
use crate::items::{Item, file_items, item_head};
use crate::lower::{RoleName, role_names};
use crate::names::name_place;

/// What shares one space of names in a source, and within what.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Space {
    Sources(SmolStr),
    Tables,
    Columns(SmolStr),
    Kinds,
    /// Objects of one kind.
    Objects(SmolStr),
    Attributes,
    Roles,
    Users,
}

/// A thing that a source knows by a name.
struct Named<'db> {
    space: Space,
    /// What it is called in a message: "table `pay`".
    what: String,
    /// Its Ambit name: its name in each source for which none is written.
    name: SmolStr,
    outside: Vec<(Option<SmolStr>, Vec<SmolStr>)>,
    /// The sources that know it; `None`: where no source is named.
    sources: Vec<Option<SmolStr>>,
    item: Item<'db>,
    /// Of a column its position.
    column: Option<usize>,
}

/// The kinds of the project's sources.
type Kinds = BTreeMap<SmolStr, SmolStr>;

/// Every second thing that a source knows by the name of another.
pub(crate) fn doubled(db: &dyn Db, project: Project) -> Vec<Problem> {
    let items: Vec<Item<'_>> = project
        .files(db)
        .iter()
        .flat_map(|f| file_items(db, *f).iter().copied())
        .collect();
    let mut kinds = Kinds::new();
    for item in &items {
        if let ItemKind::Source(source) = &item_head(db, *item).kind {
            let kind = source.kind.as_ref().map(|k| k.text.clone());
            kinds.insert(source.name.text.clone(), kind.unwrap_or_default());
        }
    }
    let mut all = Vec::new();
    let mut with_parameters = false;
    for item in &items {
        with_parameters |= collect(db, *item, &kinds, &mut all);
    }
    if with_parameters {
        for RoleName {
            name,
            item,
            outside,
        } in role_names(db, project)
        {
            all.push(Named {
                space: Space::Roles,
                what: format!("`{name}`"),
                name,
                outside,
                sources: everywhere(&kinds),
                item,
                column: None,
            });
        }
    }
    let mut known: BTreeMap<(Space, Option<SmolStr>, Vec<String>), usize> = BTreeMap::new();
    let mut told: BTreeSet<usize> = BTreeSet::new();
    let mut problems = Vec::new();
    for (position, named) in all.iter().enumerate() {
        // Where no source is named comes last: what a source says is the better reason.
        for source in &named.sources {
            let key = key(named, source.as_ref(), &kinds);
            match known.get(&(named.space.clone(), source.clone(), key.clone())) {
                Some(first) => {
                    if same_thing(&all[*first], named) || !told.insert(position) {
                        continue;
                    }
                    problems.push(problem(db, &all[*first], named, source.as_ref()));
                }
                None => {
                    known.insert((named.space.clone(), source.clone(), key), position);
                }
            }
        }
    }
    problems
}

/// Declared twice, as the same or as something else: that is told already.
fn same_thing(first: &Named<'_>, second: &Named<'_>) -> bool {
    first.name == second.name
}

fn everywhere(kinds: &Kinds) -> Vec<Option<SmolStr>> {
    kinds.keys().cloned().map(Some).chain([None]).collect()
}

/// Adds what an item names; answers whether it is a role with parameters whose instances have names of their own.
fn collect<'db>(
    db: &'db dyn Db,
    item: Item<'db>,
    kinds: &Kinds,
    all: &mut Vec<Named<'db>>,
) -> bool {
    let head = item_head(db, item);
    // What could not be read may be called otherwise.
    if head.damaged {
        return false;
    }
    let everywhere = || everywhere(kinds);
    let mut add = |space, what: &str, name: &ast::Name, outside: &[ast::Outside], sources| {
        all.push(Named {
            space,
            what: format!("{what} `{}`", name.text),
            name: name.text.clone(),
            outside: crate::types::outside_of(outside),
            sources,
            item,
            column: None,
        });
    };
    match &head.kind {
        ItemKind::Source(x) => {
            let kind = x.kind.as_ref().map(|k| k.text.clone()).unwrap_or_default();
            let space = Space::Sources(kind);
            add(space, "source", &x.name, &x.outside, vec![None]);
        }
        ItemKind::Table(x) => {
            let sources = table_sources(x);
            add(Space::Tables, "table", &x.name, &x.outside, sources.clone());
            for (position, column) in x.columns.iter().enumerate() {
                all.push(Named {
                    space: Space::Columns(x.name.text.clone()),
                    what: format!("column `{}`", column.name.text),
                    name: column.name.text.clone(),
                    outside: crate::types::outside_of(&column.outside),
                    sources: sources.clone(),
                    item,
                    column: Some(position),
                });
            }
        }
        ItemKind::Kind(x) => add(Space::Kinds, "kind", &x.name, &x.outside, everywhere()),
        ItemKind::Object(x) => {
            let kind = x.kind.as_ref().map(|k| k.text.clone()).unwrap_or_default();
            let source = x.source.as_ref().map(|s| s.text.clone());
            let space = Space::Objects(kind);
            add(space, "object", &x.name, &x.outside, vec![source]);
        }
        ItemKind::Attribute(x) => {
            let space = Space::Attributes;
            add(space, "attribute", &x.name, &x.outside, everywhere());
        }
        ItemKind::Role(x) | ItemKind::Group(x) => {
            if !x.params.is_empty() {
                return !x.outside.is_empty();
            }
            let word = match &head.kind {
                ItemKind::Group(_) => "group",
                _ => "role",
            };
            add(Space::Roles, word, &x.name, &x.outside, everywhere());
        }
        ItemKind::User(x) => add(Space::Users, "user", &x.name, &x.outside, everywhere()),
        _ => {}
    }
    false
}

/// Where a table lives.
fn table_sources(table: &ast::Table) -> Vec<Option<SmolStr>> {
    let first = table.source.iter();
    let others = table.outside.iter().filter_map(|o| o.source.as_ref());
    let mut sources: Vec<Option<SmolStr>> =
        first.chain(others).map(|s| Some(s.text.clone())).collect();
    let mut seen = BTreeSet::new();
    sources.retain(|s| seen.insert(s.clone()));
    if sources.is_empty() {
        sources.push(None);
    }
    sources
}

/// The parts by which a source knows it, as far as that source tells names apart.
fn key(named: &Named<'_>, source: Option<&SmolStr>, kinds: &Kinds) -> Vec<String> {
    let own = named
        .outside
        .iter()
        .find(|(s, _)| s.is_some() && s.as_ref() == source);
    let outside = own.or_else(|| named.outside.iter().find(|(s, _)| s.is_none()));
    let mut parts: Vec<String> = match outside {
        Some((_, parts)) => parts.iter().map(ToString::to_string).collect(),
        None => vec![named.name.to_string()],
    };
    let kind = source
        .and_then(|s| kinds.get(s))
        .map_or("", SmolStr::as_str);
    match named.space {
        Space::Tables | Space::Columns(_) => {
            if folds(kind) {
                for part in &mut parts {
                    part.make_ascii_lowercase();
                }
            }
            // A table without a schema is looked for in this one.
            let usual = match kind {
                "postgres" | "redshift" => "public",
                "sqlite" | "duckdb" => "main",
                "mssql" => "dbo",
                _ => "",
            };
            if named.space == Space::Tables && parts.len() == 2 && parts[0] == usual {
                parts.remove(0);
            }
            parts
        }
        // A name of several parts is one text there.
        _ => vec![parts.join(".")],
    }
}

/// Does a kind of source take names of tables and columns for one that differ in case only, also in quotes?
fn folds(kind: &str) -> bool {
    matches!(
        kind,
        "sqlite" | "duckdb" | "mysql" | "mariadb" | "mssql" | "spark" | "databricks"
    )
}

/// Where the name is written that counts in a source: an outside name, else the Ambit name.
fn place(db: &dyn Db, named: &Named<'_>, source: Option<&SmolStr>) -> Place {
    let head = item_head(db, named.item);
    let outside: &[ast::Outside] = match &head.kind {
        ItemKind::Source(x) => &x.outside,
        ItemKind::Table(x) => match named.column.and_then(|c| x.columns.get(c)) {
            Some(column) => &column.outside,
            None => &x.outside,
        },
        ItemKind::Kind(x) => &x.outside,
        ItemKind::Object(x) => &x.outside,
        ItemKind::Attribute(x) => &x.outside,
        ItemKind::Role(x) | ItemKind::Group(x) => &x.outside,
        ItemKind::User(x) => &x.outside,
        _ => &[],
    };
    let of = |wanted: Option<&SmolStr>| {
        outside
            .iter()
            .find(|o| o.source.as_ref().map(|s| &s.text) == wanted)
            .map(|o| o.span)
    };
    let span: Option<Span> = source.and_then(|s| of(Some(s))).or_else(|| of(None));
    let span = span.or_else(|| match (&head.kind, named.column) {
        (ItemKind::Table(x), Some(column)) => x.columns.get(column).map(|c| c.name.span),
        _ => None,
    });
    match span {
        Some(span) => Place::Item(named.item.key(db).clone(), span),
        None => name_place(db, named.item),
    }
}

fn problem(
    db: &dyn Db,
    first: &Named<'_>,
    second: &Named<'_>,
    source: Option<&SmolStr>,
) -> Problem {
    let in_source = source.map(|s| format!(" in `{s}`")).unwrap_or_default();
    let (why, help) = match second.space {
        Space::Users => (
            "no two users have one login in one source: whoever has it would be both",
            "write the login of each with `as`",
        ),
        Space::Roles => (
            "a system that is asked for this name would find either",
            "write the name of each with `as`; a role with parameters needs each of them in it: `as \"ROLE_{c}\"`",
        ),
        _ => (
            "a system that is asked for this name would find either",
            "write the name of each with `as`",
        ),
    };
    Problem::new(
        "E0218",
        format!(
            "{} has the same outside name{in_source} as {}",
            second.what, first.what
        ),
        place(db, second, source),
    )
    .label("the name a second time")
    .related(
        format!("{} has it here", first.what),
        place(db, first, source),
    )
    .help(help)
    .note(why)
}
