//! Names: what a name stands for in the whole program.
//!
//! All items share one namespace, whatever their kind (language.md, head). The index reads only the identities of
//! items, so an edit inside an item does not touch it.

mod cx;

use std::collections::HashMap;
use std::fmt;

use crate::db::{Db, Project};
use crate::items::{Item, file_items};

pub(crate) use cx::{Cx, name_place};

/// What a name can stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, salsa::SalsaValue)]
pub enum Sort {
    /// `source`
    Source,
    /// `enum`
    Enum,
    /// `table`
    Table,
    /// `hierarchy`
    Hierarchy,
    /// `kind`
    Kind,
    /// `object`
    Object,
    /// `attribute`
    Attribute,
    /// `filter`
    Filter,
    /// `role`
    Role,
    /// `group`
    Group,
    /// `user`
    User,
}

impl Sort {
    /// The sort that an item keyword declares; `None` for items without a name of their own.
    pub fn of_keyword(keyword: &str) -> Option<Self> {
        Some(match keyword {
            "source" => Self::Source,
            "enum" => Self::Enum,
            "table" => Self::Table,
            "hierarchy" => Self::Hierarchy,
            "kind" => Self::Kind,
            "object" => Self::Object,
            "attribute" => Self::Attribute,
            "filter" => Self::Filter,
            "role" => Self::Role,
            "group" => Self::Group,
            "user" => Self::User,
            _ => return None,
        })
    }

    /// With its article, for messages: "a table", "an object".
    pub fn with_article(self) -> String {
        let name = self.to_string();
        let article = if name.starts_with(['a', 'e', 'o']) {
            "an"
        } else {
            "a"
        };
        format!("{article} {name}")
    }
}

impl fmt::Display for Sort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Source => "source",
            Self::Enum => "enum",
            Self::Table => "table",
            Self::Hierarchy => "hierarchy",
            Self::Kind => "kind",
            Self::Object => "object",
            Self::Attribute => "attribute",
            Self::Filter => "filter",
            Self::Role => "role",
            Self::Group => "group",
            Self::User => "user",
        })
    }
}

/// All declared names. Duplicates are kept, in the order of files and places: the first one counts.
#[derive(Debug, PartialEq, Eq, salsa::SalsaValue)]
pub struct NameIndex<'db> {
    map: HashMap<Box<str>, Vec<(Sort, Item<'db>)>>,
}

impl<'db> NameIndex<'db> {
    /// Every declaration of a name.
    pub fn all(&self, name: &str) -> &[(Sort, Item<'db>)] {
        self.map.get(name).map_or(&[], Vec::as_slice)
    }

    /// The declaration that counts.
    pub fn first(&self, name: &str) -> Option<(Sort, Item<'db>)> {
        self.all(name).first().copied()
    }

    /// All names of some sorts, sorted: for suggestions.
    pub fn names_of(&self, sorts: &[Sort]) -> Vec<&str> {
        let mut names: Vec<&str> = self
            .map
            .iter()
            .filter(|(_, v)| v.first().is_some_and(|(s, _)| sorts.contains(s)))
            .map(|(name, _)| &**name)
            .collect();
        names.sort_unstable();
        names
    }

    /// All declarations that count, sorted by name.
    pub fn declarations(&self) -> Vec<(&str, Sort, Item<'db>)> {
        let mut all: Vec<_> = self
            .map
            .iter()
            .filter_map(|(n, v)| v.first().map(|(sort, item)| (&**n, *sort, *item)))
            .collect();
        all.sort_by(|a, b| a.0.cmp(b.0));
        all
    }
}

/// The names of the program.
#[salsa::tracked(returns(ref))]
pub fn name_index<'db>(db: &'db dyn Db, project: Project) -> NameIndex<'db> {
    let mut map: HashMap<Box<str>, Vec<(Sort, Item<'db>)>> = HashMap::new();
    for file in project.files(db) {
        for item in file_items(db, *file) {
            let key = item.key(db);
            if let Some(sort) = Sort::of_keyword(&key.keyword)
                && !key.name.is_empty()
            {
                map.entry(key.name.as_str().into())
                    .or_default()
                    .push((sort, *item));
            }
        }
    }
    NameIndex { map }
}
