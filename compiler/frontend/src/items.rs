//! Items: the units of incremental work.
//!
//! An item keeps its identity (file, keyword, name, count) when text moves around it; its place is a tracked field
//! that only the outermost queries read, so a blank line on top of a file re-runs two queries.

// The macros of salsa make items of their own, without docs.
#![allow(missing_docs)]

use std::collections::HashMap;
use std::sync::Arc;

use ambit_diagnostics::ItemKey;
use ambit_grammar::{Parsed, RawItem, ast};
use smol_str::SmolStr;

use crate::db::{Db, SourceFile};

/// An item of a file.
#[salsa::tracked(debug)]
pub struct Item<'db> {
    /// Its identity.
    #[returns(ref)]
    pub key: ItemKey,
    /// Its first byte in the file: moves with every edit above it.
    #[tracked]
    #[returns(copy)]
    pub start: u32,
    /// Its text and tokens, relative to its own start.
    #[tracked]
    #[returns(clone)]
    pub raw: Arc<RawItem>,
}

/// The items of a file, in order.
#[salsa::tracked(returns(deref))]
pub fn file_items(db: &dyn Db, file: SourceFile) -> Vec<Item<'_>> {
    let path = file.path(db);
    let mut counts: HashMap<(SmolStr, SmolStr), u32> = HashMap::new();
    let raws = ambit_grammar::split(&file.text(db));
    raws.into_iter()
        .map(|mut raw| {
            let count = counts
                .entry((raw.keyword.clone(), raw.name.clone()))
                .or_default();
            let key = ItemKey {
                file: path.clone(),
                keyword: raw.keyword.clone(),
                name: raw.name.clone(),
                nth: *count,
            };
            *count += 1;
            let start = raw.start;
            // The place is a field of its own: the text must compare equal wherever the item stands.
            raw.start = 0;
            Item::new(db, key, start, Arc::new(raw))
        })
        .collect()
}

/// The tree of an item and its syntax errors.
///
/// The trees of a large project take as much room as all else that is known of it. So only those used last are kept: for
/// features of editors, which ask often of few items. Checking parses an item for itself, and what all items are asked
/// for is [`item_head`].
#[salsa::tracked(returns(ref), no_eq, lru = 1000)]
pub fn item_syntax<'db>(db: &'db dyn Db, item: Item<'db>) -> Arc<Parsed> {
    Arc::new(parsed(db, item))
}

/// The tree of an item and its syntax errors, not kept.
pub(crate) fn parsed<'db>(db: &'db dyn Db, item: Item<'db>) -> Parsed {
    ambit_grammar::parse_item(&item.raw(db))
}

/// The tree of an item without its rules and steps.
#[salsa::tracked(returns(ref))]
pub(crate) fn item_head<'db>(db: &'db dyn Db, item: Item<'db>) -> Arc<ast::Item> {
    Arc::new(parsed(db, item).item.head())
}
