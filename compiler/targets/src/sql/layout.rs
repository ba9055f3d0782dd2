//! Where tables and columns stand physically, and in which form.

use ambit_core::{ColumnId, Program, SourceId, Stored, TableId, Type, outside_for};
use smol_str::SmolStr;

/// The physical names and forms of all tables of a program; by table and column id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// By table id.
    pub tables: Vec<TableLayout>,
    /// The schema of tables whose names have no part for it; `None`: as the engine's table of capabilities says.
    pub schema: Option<SmolStr>,
    /// All tables stand in one database, whatever sources they have: a store of ours, or a copy in one file. Else a table
    /// of another source is out of reach.
    pub together: bool,
}

/// A table's physical side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableLayout {
    /// The source in which it is judged: the one that decides `user.login`.
    pub source: Option<SourceId>,
    /// The parts of its name.
    pub parts: Vec<SmolStr>,
    /// By column id.
    pub columns: Vec<ColumnLayout>,
}

/// A column's physical side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnLayout {
    /// Its name.
    pub name: SmolStr,
    /// Its form.
    pub storage: Storage,
}

/// The form of a column's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Storage {
    /// As its type stands in SQL: integers, text, ISO dates, ISO instants in UTC with `Z`, booleans as 0 and 1.
    Plain,
    /// A decimal as its digits.
    DecimalText,
    /// A decimal as an integer of so many places.
    DecimalScaled(u32),
    /// A scope as text.
    ScopeText,
    /// A scope as an array of texts, one for each part.
    ScopeArray,
    /// A scope as a JSON object: a member or a list of members for each level.
    ScopeJson,
    /// A scope as rows of a table; there is no column of its own.
    ScopeRows {
        /// The table.
        table: TableId,
        /// The column with this row's key.
        id: ColumnId,
        /// The column of levels.
        level: ColumnId,
        /// The column of members.
        member: ColumnId,
    },
    /// A decimal or scope of which the schema does not say how it is stored.
    Unsaid,
}

impl Layout {
    /// As the tables stand in their sources: each in `wanted` where it lives there, else in its first.
    pub fn physical(program: &Program, wanted: Option<SourceId>) -> Self {
        Self::build(program, |id| program.source_of(id, wanted), true)
    }

    /// As [`Self::physical`], but each table in the source that `choose` names.
    pub fn physical_in(program: &Program, choose: impl Fn(TableId) -> Option<SourceId>) -> Self {
        Self::build(program, choose, true)
    }

    /// As a store of our own holds them: under the Ambit names, decimals and scopes as text.
    pub fn memory(program: &Program, wanted: Option<SourceId>) -> Self {
        Self::build(program, |id| program.source_of(id, wanted), false)
    }

    fn build(
        program: &Program,
        choose: impl Fn(TableId) -> Option<SourceId>,
        physical: bool,
    ) -> Self {
        let tables = program.tables.iter().enumerate().map(|(i, table)| {
            let source = choose(TableId(i as u32));
            let outside = |names| {
                if physical {
                    outside_for(names, source)
                } else {
                    None
                }
            };
            TableLayout {
                source,
                parts: outside(&table.outside)
                    .map_or_else(|| vec![table.name.clone()], |n| n.parts.clone()),
                columns: table
                    .columns
                    .iter()
                    .map(|column| ColumnLayout {
                        name: outside(&column.outside)
                            .map_or_else(|| column.name.clone(), |n| n.parts.join(".").into()),
                        storage: storage(&column.ty, column.stored.as_ref(), physical),
                    })
                    .collect(),
            }
        });
        Self {
            tables: tables.collect(),
            schema: None,
            together: !physical,
        }
    }

    /// A table.
    pub fn table(&self, id: TableId) -> Option<&TableLayout> {
        self.tables.get(id.index())
    }

    /// A column.
    pub fn column(&self, table: TableId, column: ColumnId) -> Option<&ColumnLayout> {
        self.table(table)?.columns.get(column.index())
    }
}

fn storage(ty: &Type, stored: Option<&Stored>, physical: bool) -> Storage {
    match (ty, stored) {
        (Type::Decimal, _) if !physical => Storage::DecimalText,
        (Type::Decimal, Some(Stored::Text)) => Storage::DecimalText,
        (Type::Decimal, Some(Stored::Scaled(n))) => Storage::DecimalScaled(*n),
        (Type::Scope(_), _) if !physical => Storage::ScopeText,
        (Type::Scope(_), Some(Stored::Text)) => Storage::ScopeText,
        (Type::Scope(_), Some(Stored::Array)) => Storage::ScopeArray,
        (Type::Scope(_), Some(Stored::Json)) => Storage::ScopeJson,
        (
            Type::Scope(_),
            Some(Stored::Rows {
                table,
                id,
                level,
                member,
            }),
        ) => Storage::ScopeRows {
            table: *table,
            id: *id,
            level: *level,
            member: *member,
        },
        (Type::Decimal | Type::Scope(_) | Type::Set(_), _) => Storage::Unsaid,
        _ => Storage::Plain,
    }
}
