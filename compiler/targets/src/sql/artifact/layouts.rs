//! In which sources a table has predicates, and what its names are there.

use std::collections::BTreeMap;

use ambit_core::{Program, SourceId, TableId};

use super::name;
use crate::sql::Layout;
use crate::sql::request::Dialect;
use crate::target::Context;

/// The sources in which a table is judged for an engine, by name: those of that kind in which it lives; where there is
/// none, its first, and none at all where it is in no source.
pub fn homes(program: &Program, table: TableId, dialect: Dialect) -> Vec<Option<SourceId>> {
    let sources = &program.table(table).sources;
    let of_kind = |s: &&SourceId| {
        let declared = program.sources.get(s.index());
        declared.is_some_and(|s| s.kind == name(dialect))
    };
    let mut homes: Vec<Option<SourceId>> =
        sources.iter().filter(of_kind).copied().map(Some).collect();
    if homes.is_empty() {
        homes.push(sources.first().copied());
    }
    homes.sort_unstable();
    homes.dedup();
    homes
}

/// The layouts of all tables, one for each source in which a predicate may be judged: there each table has the names of
/// that source where it lives in it, else those of its first, just as it is judged.
pub(super) struct Layouts {
    by_source: BTreeMap<SourceId, Layout>,
    /// For tables in no source.
    nowhere: Layout,
}

impl Layouts {
    pub fn new(context: &Context<'_>, dialect: Dialect) -> Self {
        let program = context.program;
        let layout = |source| {
            let mut layout = Layout::physical(program, source);
            layout.schema = super::schema(context, dialect);
            layout
        };
        let sources = (0..program.sources.len()).map(|n| SourceId(n as u32));
        Self {
            by_source: sources.map(|s| (s, layout(Some(s)))).collect(),
            nowhere: layout(None),
        }
    }

    /// That of a source.
    pub fn of(&self, source: Option<SourceId>) -> &Layout {
        source
            .and_then(|s| self.by_source.get(&s))
            .unwrap_or(&self.nowhere)
    }
}
