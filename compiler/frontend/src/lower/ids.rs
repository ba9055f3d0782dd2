//! Names to dense ids, in the order of names.

use std::collections::HashMap;

use ambit_core::{AttributeId, ColumnId, EnumId, HierarchyId, KindId, ObjectId, SourceId, TableId};
use smol_str::SmolStr;

use crate::db::{Db, Project};
use crate::items::Item;
use crate::names::{Sort, name_index};

/// The ids of everything but principals: the places of names in a list for each sort.
#[derive(Debug, Default, PartialEq, Eq, salsa::SalsaValue)]
pub(crate) struct Ids<'db> {
    map: HashMap<Box<str>, (Sort, u32)>,
    /// Items by sort, in the order of names.
    lists: HashMap<Sort, Vec<Item<'db>>>,
}

/// The ids of a project.
#[salsa::tracked(returns(ref))]
pub(crate) fn ids(db: &dyn Db, project: Project) -> Ids<'_> {
    let mut ids = Ids::default();
    for (name, sort, item) in name_index(db, project).declarations() {
        let list = ids.lists.entry(sort).or_default();
        ids.map.insert(name.into(), (sort, list.len() as u32));
        list.push(item);
    }
    ids
}

impl<'db> Ids<'db> {
    /// Items of a sort, in the order of their ids.
    pub fn items(&self, sort: Sort) -> &[Item<'db>] {
        self.lists.get(&sort).map_or(&[], Vec::as_slice)
    }

    fn get(&self, sort: Sort, name: &str) -> u32 {
        // Checked before: a name that is not there stopped the program from being lowered.
        match self.map.get(name) {
            Some((found, id)) if *found == sort => *id,
            _ => u32::MAX,
        }
    }

    pub fn source(&self, name: &str) -> SourceId {
        SourceId(self.get(Sort::Source, name))
    }

    pub fn enumeration(&self, name: &str) -> EnumId {
        EnumId(self.get(Sort::Enum, name))
    }

    pub fn table(&self, name: &str) -> TableId {
        TableId(self.get(Sort::Table, name))
    }

    pub fn tables(&self, names: &[SmolStr]) -> Vec<TableId> {
        names.iter().map(|n| self.table(n)).collect()
    }

    pub fn hierarchy(&self, name: &str) -> HierarchyId {
        HierarchyId(self.get(Sort::Hierarchy, name))
    }

    pub fn kind(&self, name: &str) -> KindId {
        KindId(self.get(Sort::Kind, name))
    }

    pub fn object(&self, name: &str) -> ObjectId {
        ObjectId(self.get(Sort::Object, name))
    }

    pub fn attribute(&self, name: &str) -> AttributeId {
        AttributeId(self.get(Sort::Attribute, name))
    }

    /// Is it a table (else an object)?
    pub fn is_table(&self, name: &str) -> bool {
        matches!(self.map.get(name), Some((Sort::Table, _)))
    }
}

/// A column by its position.
pub(crate) fn column(index: u32) -> ColumnId {
    ColumnId(index)
}
