//! What names stand for, and where each is declared.

use ambit_compiler::{
    Database, Db, Item, Project, Sort, TableDecl, find_item, item_syntax, name_index, table_decl,
};
use ambit_diagnostics::ItemKey;
use ambit_grammar::Span;
use ambit_grammar::ast::{ItemKind, Step};
use smol_str::SmolStr;
use std::sync::Arc;

use super::{Place, declared, item_file};

/// What a name stands for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Symbol {
    /// What an item declares: a table, a role, an attribute…
    Item(SmolStr),
    /// A column of a table.
    Column(SmolStr, SmolStr),
    /// An action of a kind.
    Action(SmolStr, SmolStr),
    /// A member of an enum.
    Member(SmolStr, SmolStr),
    /// A parameter of a role.
    Param(ItemKey, SmolStr),
    /// A user who is given in a test.
    TestUser(ItemKey, SmolStr),
    /// What the language brings: a type, an action on rows, `login`.
    Builtin(SmolStr),
}

impl Symbol {
    /// The name itself.
    pub fn name(&self) -> &SmolStr {
        match self {
            Self::Item(name)
            | Self::Column(_, name)
            | Self::Action(_, name)
            | Self::Member(_, name)
            | Self::Param(_, name)
            | Self::TestUser(_, name)
            | Self::Builtin(name) => name,
        }
    }

    /// The item that declares it, or in which it is declared.
    pub fn item<'db>(&self, db: &'db dyn Db, project: Project) -> Option<Item<'db>> {
        let named = |name: &str, sort: Option<Sort>| {
            let all = name_index(db, project).all(name);
            all.iter()
                .find(|(s, _)| sort.is_none_or(|sort| sort == *s))
                .map(|(_, item)| *item)
        };
        match self {
            Self::Item(name) => named(name, None),
            Self::Column(table, _) => named(table, Some(Sort::Table)),
            Self::Action(kind, _) => named(kind, Some(Sort::Kind)),
            Self::Member(of, _) => named(of, Some(Sort::Enum)),
            Self::Param(key, _) | Self::TestUser(key, _) => find_item(db, key),
            Self::Builtin(_) => None,
        }
    }

    /// Where its name stands in the item that declares it.
    pub fn span_in(&self, kind: &ItemKind) -> Option<Span> {
        match (self, kind) {
            (Self::Item(_), kind) => declared(kind).map(|n| n.span),
            (Self::Column(_, name), ItemKind::Table(table)) => {
                let column = table.columns.iter().find(|c| c.name.text == *name)?;
                Some(column.name.span)
            }
            (Self::Action(_, name), ItemKind::Kind(kind)) => {
                let action = kind.actions.iter().find(|a| a.name.text == *name)?;
                Some(action.name.span)
            }
            (Self::Member(_, name), ItemKind::Enum(of)) => {
                let member = of.members.iter().find(|m| m.value == *name)?;
                Some(member.span)
            }
            (Self::Param(_, name), ItemKind::Role(role) | ItemKind::Group(role)) => {
                let param = role.params.iter().find(|p| p.name.text == *name)?;
                Some(param.name.span)
            }
            (Self::TestUser(_, name), ItemKind::Test(test)) => {
                test.steps.iter().find_map(|step| match step {
                    Step::User(person, _) if person.name.text == *name => Some(person.name.span),
                    _ => None,
                })
            }
            _ => None,
        }
    }

    /// Where it is declared.
    pub fn declaration(&self, db: &Database, project: Project) -> Option<Place> {
        let item = self.item(db, project)?;
        let span = self.span_in(&item_syntax(db, item).item.kind)?;
        Some(Place {
            file: item_file(db, project, item)?,
            span: span.shift(item.start(db)),
        })
    }
}

/// What a name declares, of that sort.
pub fn named<'db>(db: &'db dyn Db, project: Project, name: &str, sort: Sort) -> Option<Item<'db>> {
    let all = name_index(db, project).all(name);
    all.iter().find(|(s, _)| *s == sort).map(|(_, item)| *item)
}

/// The columns of the table of that name.
pub fn table(db: &dyn Db, project: Project, name: &str) -> Option<Arc<TableDecl>> {
    table_decl(db, named(db, project, name, Sort::Table)?)
}
