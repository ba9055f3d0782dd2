//! Names of tables and columns as the engine knows them.

use ambit_core::{ColumnId, SourceId, TableId};
use smol_str::{SmolStr, format_smolstr};

use super::{Lowering, RowRef};
use crate::sql::layout::{ColumnLayout, Layout, TableLayout};
use crate::sql::tree::{Expr, From};
use crate::target::Refusal;

/// A start for aliases that no table's name begins with.
pub(super) fn alias_prefix(layout: &Layout) -> SmolStr {
    let mut prefix = SmolStr::new_static("r");
    let taken = |p: &str| {
        layout
            .tables
            .iter()
            .flat_map(|t| &t.parts)
            .filter_map(|part| part.get(..p.len()))
            .any(|start| start.eq_ignore_ascii_case(p))
    };
    while taken(&prefix) {
        prefix = format_smolstr!("{prefix}_");
    }
    prefix
}

impl<'a> Lowering<'a> {
    /// The row that the query itself ranges over: under its table's own name, without alias.
    pub(super) fn asked_row(&self) -> Result<RowRef, Refusal> {
        let layout = self.table(self.asked)?;
        Ok(RowRef {
            table: self.asked,
            row: layout.parts.clone(),
        })
    }

    /// A table, if the engine can carry its name.
    fn table(&self, id: TableId) -> Result<&'a TableLayout, Refusal> {
        let name = &self.request.program.table(id).name;
        let what = format!("table `{name}`");
        let Some(layout) = self.request.layout.table(id) else {
            return Err(Refusal::new(
                "E0507",
                what,
                "it has no place in this layout",
            ));
        };
        if layout.parts.is_empty() || layout.parts.len() > self.engine.name_parts {
            return Err(Refusal::new(
                "E0507",
                what,
                format!(
                    "its outside name has {} parts, and {} knows {}",
                    layout.parts.len(),
                    self.engine.name,
                    self.engine.name_parts
                ),
            )
            .help("write fewer parts after `as`"));
        }
        for part in &layout.parts {
            self.check_name(&what, part)?;
        }
        Ok(layout)
    }

    /// A column, if the engine can carry its name.
    pub(super) fn column_layout(
        &self,
        table: TableId,
        column: ColumnId,
    ) -> Result<&'a ColumnLayout, Refusal> {
        let what = self.spoken(table, column);
        let Some(layout) = self.request.layout.column(table, column) else {
            return Err(Refusal::new(
                "E0507",
                what,
                "it has no place in this layout",
            ));
        };
        self.check_name(&what, &layout.name)?;
        Ok(layout)
    }

    fn check_name(&self, what: &str, name: &str) -> Result<(), Refusal> {
        let reason = if name.is_empty() {
            "its outside name is empty".to_owned()
        } else if name.contains('\0') {
            format!(
                "its outside name holds a NUL, which no name of {} does",
                self.engine.name
            )
        } else if let Some(most) = self.engine.name_bytes.filter(|most| name.len() > *most) {
            format!(
                "its outside name has {} bytes, and {} cuts off all after {most}",
                name.len(),
                self.engine.name
            )
        } else {
            return Ok(());
        };
        Err(Refusal::new("E0507", what, reason)
            .help("write a name that the engine takes after `as`"))
    }

    /// A column for people.
    pub(super) fn spoken(&self, table: TableId, column: ColumnId) -> String {
        let program = self.request.program;
        format!(
            "column `{}` of `{}`",
            program.column(table, column).name,
            program.table(table).name
        )
    }

    /// The column as it stands.
    pub(super) fn raw(row: &RowRef, name: &SmolStr) -> Expr {
        Expr::Column {
            row: row.row.clone(),
            name: name.clone(),
        }
    }

    /// A fresh row of a table, under an alias of its own; the table is named with its schema, so that no common table
    /// expression or temporary table of the query can stand in for it.
    pub(super) fn fresh(&mut self, table: TableId) -> Result<(RowRef, From), Refusal> {
        let layout = self.table(table)?;
        self.within_reach(table, layout.source)?;
        let mut parts = layout.parts.clone();
        if parts.len() == 1 {
            let given = self.request.layout.schema.as_deref();
            let schema = given.unwrap_or(self.engine.schema);
            self.check_name("the schema", schema)?;
            parts.insert(0, schema.into());
            if let Some(sentence) = self.engine.schema_assumed {
                self.assume(sentence.replace("{}", schema));
            }
        }
        self.found.reads.insert(table);
        if let Some(sentence) = self.engine.whole_assumed {
            let name = &self.request.program.table(table).name;
            self.assume(sentence.replace("{}", name));
        }
        let alias = self.alias();
        let row = RowRef {
            table,
            row: vec![alias.clone()],
        };
        Ok((row, From::Table { parts, alias }))
    }

    /// A table that is read besides must stand where the row asked about does. Where one of the two is in no source, nobody
    /// says that it does not.
    fn within_reach(&mut self, table: TableId, source: Option<SourceId>) -> Result<(), Refusal> {
        if source == self.home || self.request.layout.together {
            return Ok(());
        }
        let program = self.request.program;
        let (asked, read) = (&program.table(self.asked).name, &program.table(table).name);
        let named = |id: SourceId| program.sources.get(id.index()).map(|s| &s.name);
        let (Some(here), Some(there)) = (self.home.and_then(named), source.and_then(named)) else {
            self.assume(format!("`{asked}` and `{read}` stand in one database"));
            return Ok(());
        };
        Err(Refusal::new(
            "E0516",
            format!("a condition on rows of `{read}` in a predicate of `{asked}` in `{here}`"),
            format!("`{read}` stands in `{there}` and not in `{here}`, and no predicate reads another database"),
        )
        .help(format!(
            "if `{read}` is copied there, say so by a name that it has `in {here}`; else write the condition on columns of `{asked}`"
        )))
    }
}
