//! Lines above declarations: how many users have a role, what somebody sees, running a test.

use ambit_compiler::{Database, Item, Project, SourceFile, file_items, item_syntax};
use ambit_grammar::Span;
use ambit_grammar::ast::{ItemKind, Name};
use smol_str::SmolStr;

use super::symbol::Symbol;
use super::{Place, acting, roles};

/// A line above a declaration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lens {
    /// Where the name stands.
    pub span: Span,
    /// What it says.
    pub title: String,
    /// What it does.
    pub does: Does,
}

/// What a lens does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Does {
    /// It only tells.
    Nothing,
    /// Shows the users of a role, who are declared there.
    Users(Vec<Place>),
    /// Runs the test of that name.
    RunTest(SmolStr),
    /// Shows the SQL of somebody, of one table or of all.
    Sql(SmolStr, Option<SmolStr>),
    /// Shows who sees what of a table or object.
    WhoSees(SmolStr),
}

/// For whom lenses and hints are made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct For {
    /// Somebody for whom they speak.
    pub acting: Option<SmolStr>,
    /// The client has views that lenses can open.
    pub views: bool,
}

/// The lenses of a file.
pub fn lenses(db: &Database, project: Project, file: SourceFile, wanted: &For) -> Vec<Lens> {
    let mut making = Making {
        db,
        project,
        wanted,
        lenses: Vec::new(),
    };
    for item in file_items(db, file) {
        making.item(*item);
    }
    making.lenses
}

struct Making<'a> {
    db: &'a Database,
    project: Project,
    wanted: &'a For,
    lenses: Vec<Lens>,
}

impl Making<'_> {
    fn item(&mut self, item: Item<'_>) {
        let start = item.start(self.db);
        match &item_syntax(self.db, item).item.kind {
            ItemKind::Role(role) | ItemKind::Group(role) => {
                let at = role.name.span.shift(start);
                self.users(&role.name, at);
                // Of a role with parameters there are as many predicates as arguments.
                if role.params.is_empty() {
                    self.sql(&role.name, at);
                }
            }
            ItemKind::User(person) => self.sql(&person.name, person.name.span.shift(start)),
            ItemKind::Table(table) => {
                self.resource(&table.name, table.name.span.shift(start), true);
            }
            ItemKind::Object(object) => {
                self.resource(&object.name, object.name.span.shift(start), false);
            }
            ItemKind::Test(test) => {
                let does = Does::RunTest(test.name.value.clone());
                self.add(test.name.span.shift(start), "run this test", does);
            }
            _ => {}
        }
    }

    fn add(&mut self, span: Span, title: impl Into<String>, does: Does) {
        let title = title.into();
        self.lenses.push(Lens { span, title, does });
    }

    fn users(&mut self, name: &Name, at: Span) {
        let users = roles::users(self.db, self.project, &name.text);
        let title = match users.as_slice() {
            [] => "no declared user".to_owned(),
            [one] => format!("1 user: {one}"),
            [first, second, third, fourth, ..] if users.len() > 4 => {
                format!(
                    "{} users: {first}, {second}, {third}, {fourth}…",
                    users.len()
                )
            }
            some => format!("{} users: {}", some.len(), some.join(", ")),
        };
        let places = users
            .iter()
            .filter_map(|user| Symbol::Item(user.clone()).declaration(self.db, self.project));
        let does = if users.is_empty() {
            Does::Nothing
        } else {
            Does::Users(places.collect())
        };
        self.add(at, title, does);
    }

    fn sql(&mut self, name: &Name, at: Span) {
        if self.wanted.views {
            self.add(at, "show SQL", Does::Sql(name.text.clone(), None));
        }
    }

    fn resource(&mut self, name: &Name, at: Span, is_table: bool) {
        let resource = name.text.clone();
        if self.wanted.views {
            self.add(at, "who sees this", Does::WhoSees(resource.clone()));
        }
        let Some(who) = &self.wanted.acting else {
            return;
        };
        if let Some(line) = acting::line(self.db, self.project, who, &resource) {
            let does = if is_table {
                Does::Sql(who.clone(), Some(resource))
            } else {
                Does::Nothing
            };
            self.add(at, acting::short(&line), does);
        }
    }
}
