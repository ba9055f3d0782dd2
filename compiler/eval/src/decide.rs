//! Decisions: the three lines of language.md, "Meaning".

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use ambit_core::{
    Applies, Axis, ColumnId, Effect, ObjectId, Program, Resource, Rule, RuleId, SourceId, TableId,
};
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::data::{Data, RowRef};
use crate::truth::Truth;
use crate::user::User;

/// An action on a row, with the rows that it is judged on.
#[derive(Debug, Clone, Copy)]
pub enum Act<'a> {
    /// Read the row.
    Read(RowRef<'a>),
    /// Insert: the new row.
    Insert(RowRef<'a>),
    /// Update: the row before and the row after.
    Update {
        /// Before.
        old: RowRef<'a>,
        /// After.
        new: RowRef<'a>,
    },
    /// Delete: the old row.
    Delete(RowRef<'a>),
}

/// Where a condition is evaluated. `home` is the source in which the row that was asked about is judged.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Place<'a> {
    /// At a row.
    Row {
        table: TableId,
        row: RowRef<'a>,
        home: Option<SourceId>,
    },
    /// At an object: there is no row.
    Object { home: Option<SourceId> },
}

impl<'a> Place<'a> {
    pub(crate) fn row(table: TableId, row: RowRef<'a>, home: Option<SourceId>) -> Self {
        Self::Row { table, row, home }
    }

    pub(crate) fn home(self) -> Option<SourceId> {
        match self {
            Self::Row { home, .. } | Self::Object { home } => home,
        }
    }
}

/// A cell that a rule reads, that a test leaves out, and that cannot be null.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LeftOut {
    /// The table.
    pub table: TableId,
    /// The column.
    pub column: ColumnId,
}

/// One user, one query, one day: what all decisions of a query have in common.
#[derive(Debug)]
pub struct Judge<'a> {
    /// The program.
    pub program: &'a Program,
    /// The rows before the action.
    pub data: &'a Data,
    /// The user.
    pub user: &'a User,
    /// Q: the tables that the query names.
    pub query: &'a [TableId],
    /// `today` in the project's zone.
    pub today: Date,
    /// The source that the question names.
    pub source: Option<SourceId>,
    pub(crate) zone: TimeZone,
    /// The rules of the user's principals that apply to Q, by resource, in the order written.
    rules: BTreeMap<Resource, Vec<RuleId>>,
    left_out: RefCell<BTreeSet<LeftOut>>,
}

impl<'a> Judge<'a> {
    /// A judge for one user, query and day.
    pub fn new(
        program: &'a Program,
        data: &'a Data,
        user: &'a User,
        query: &'a [TableId],
        today: Date,
        source: Option<SourceId>,
    ) -> Self {
        let mut rules: BTreeMap<Resource, Vec<RuleId>> = BTreeMap::new();
        for (position, rule) in program.rules.iter().enumerate() {
            if user.is_under(&rule.holder) && applies(&rule.applies, query) {
                rules
                    .entry(rule.resource)
                    .or_default()
                    .push(RuleId(position as u32));
            }
        }
        Self {
            program,
            data,
            user,
            query,
            today,
            source,
            zone: program.settings.time_zone(),
            rules,
            left_out: RefCell::default(),
        }
    }

    /// The decision on a row. It is allowed exactly when the value is true.
    ///
    /// An insert is judged on the new row, a delete on the old, an update on both; update and delete also need read
    /// of the old row.
    pub fn decide(&self, table: TableId, act: Act<'_>) -> Truth {
        let home = self.program.source_of(table, self.source);
        let lines =
            |action, row| self.lines(Resource::Table(table), action, Place::row(table, row, home));
        match act {
            Act::Read(row) => lines("read", row),
            Act::Insert(new) => lines("insert", new),
            Act::Update { old, new } => Truth::least([
                lines("update", old),
                lines("update", new),
                lines("read", old),
            ]),
            Act::Delete(old) => Truth::least([lines("delete", old), lines("read", old)]),
        }
    }

    /// The decision on an object: the same without rows.
    pub fn decide_object(&self, object: ObjectId, action: &str) -> Truth {
        let home = self
            .program
            .objects
            .get(object.index())
            .and_then(|o| o.source);
        self.lines(Resource::Object(object), action, Place::Object { home })
    }

    /// The value of a condition at a row of a table, or (without one) where an object is asked for.
    pub fn condition(
        &self,
        resource: Resource,
        row: Option<RowRef<'_>>,
        condition: &ambit_core::Pred,
    ) -> Truth {
        let at = match (resource, row) {
            (Resource::Table(table), Some(row)) => {
                Place::row(table, row, self.program.source_of(table, self.source))
            }
            (Resource::Object(object), _) => {
                let object = self.program.objects.get(object.index());
                Place::Object {
                    home: object.and_then(|o| o.source),
                }
            }
            (Resource::Table(_), None) => return Truth::Unknown,
        };
        self.truth(condition, at)
    }

    /// Is the rule one of the user's principals', and does it apply to the query?
    pub fn counts(&self, rule: RuleId) -> bool {
        let on = self.program.rules.get(rule.index());
        on.and_then(|on| self.rules.get(&on.resource))
            .is_some_and(|rules| rules.contains(&rule))
    }

    /// Cells that rules read since the last call, that were left out, and that cannot be null.
    pub fn take_left_out(&self) -> Vec<LeftOut> {
        std::mem::take(&mut *self.left_out.borrow_mut())
            .into_iter()
            .collect()
    }

    /// May the user read this other row, in the same query?
    pub(crate) fn may_read(
        &self,
        table: TableId,
        row: RowRef<'_>,
        home: Option<SourceId>,
    ) -> Truth {
        self.lines(Resource::Table(table), "read", Place::row(table, row, home))
    }

    /// The least of the three lines; true for who bypasses the source.
    fn lines(&self, resource: Resource, action: &str, at: Place<'_>) -> Truth {
        if self.bypass(resource, at.home()).is_some() {
            return Truth::True;
        }
        let rules: Vec<(&Rule, Truth)> = self
            .rules_on(resource, action)
            .map(|(_, rule)| (rule, self.truth(&rule.pred, at)))
            .collect();
        Truth::least(three_lines(self.is_open(resource, action), &rules))
    }

    /// `open` opens reading only.
    pub(crate) fn is_open(&self, resource: Resource, action: &str) -> bool {
        match resource {
            Resource::Table(table) => action == "read" && self.program.table(table).open,
            Resource::Object(_) => false,
        }
    }

    /// The rules of the user's principals on that resource and action that apply to Q.
    pub(crate) fn rules_on<'b>(
        &'b self,
        resource: Resource,
        action: &'b str,
    ) -> impl Iterator<Item = (RuleId, &'a Rule)> + 'b {
        let program = self.program;
        self.rules
            .get(&resource)
            .map_or(&[][..], Vec::as_slice)
            .iter()
            .filter_map(move |id| program.rules.get(id.index()).map(|rule| (*id, rule)))
            .filter(move |(_, rule)| speaks_of(rule, action))
    }

    /// Who bypasses a source has everything there. `home` is the source of the row that was asked about.
    pub(crate) fn bypass(
        &self,
        resource: Resource,
        home: Option<SourceId>,
    ) -> Option<(ambit_core::PrincipalId, SourceId)> {
        let source = match resource {
            Resource::Table(table) => self.program.source_of(table, home)?,
            Resource::Object(object) => self.program.objects.get(object.index())?.source?,
        };
        self.user
            .bypass(self.program, source)
            .map(|principal| (principal, source))
    }

    /// The source of the row at hand: where the row that was asked about is judged, else the table's first.
    pub(crate) fn source_at(&self, at: Place<'_>) -> Option<SourceId> {
        match at {
            Place::Row { table, home, .. } => self.program.source_of(table, home),
            Place::Object { home } => home,
        }
    }

    pub(crate) fn left_out(&self, table: TableId, column: ColumnId) {
        self.left_out.borrow_mut().insert(LeftOut { table, column });
    }

    /// A link is looked up through a column: note if a row leaves it out though it cannot be null.
    pub(crate) fn check_left_out(&self, table: TableId, column: ColumnId) {
        if !self.program.column(table, column).nullable && self.data.leaves_out(table, column) {
            self.left_out(table, column);
        }
    }
}

/// The three lines over the values of the rules that apply.
pub(crate) fn three_lines(open: bool, rules: &[(&Rule, Truth)]) -> [Truth; 3] {
    let of = |wanted: fn(Effect) -> bool| {
        rules
            .iter()
            .filter(move |(rule, _)| wanted(rule.effect))
            .map(|(_, value)| *value)
    };
    // 1. T is open, or some grant is true.
    let first = Truth::from(open).or(Truth::greatest(of(|e| e == Effect::Grant)));
    // 2. Every deny is false.
    let second = Truth::least(of(|e| e == Effect::Deny).map(|deny| !deny));
    // 3. Every restrict is true, and of those by the same axis at least one.
    let mut axes: BTreeMap<Axis, Truth> = BTreeMap::new();
    for (rule, value) in rules {
        if let Effect::Restrict { by: Some(axis) } = rule.effect {
            let best = axes.entry(axis).or_insert(Truth::False);
            *best = best.or(*value);
        }
    }
    let third = Truth::least(of(|e| e == Effect::Restrict { by: None }))
        .and(Truth::least(axes.into_values()));
    [first, second, third]
}

/// Does the rule speak of this action? `restrict` binds every action.
pub(crate) fn speaks_of(rule: &Rule, action: &str) -> bool {
    matches!(rule.effect, Effect::Restrict { .. }) || rule.actions.iter().any(|a| a == action)
}

/// Does a rule apply to a query (language.md, "Meaning": `applies` only weakens)?
pub(crate) fn applies(applies: &Applies, query: &[TableId]) -> bool {
    match applies {
        Applies::Always => true,
        // All of them are in Q.
        Applies::WhenAll(tables) => tables.iter().all(|t| query.contains(t)),
        // One of them is.
        Applies::WhenAny(tables) => tables.iter().any(|t| query.contains(t)),
        // Q is not within them.
        Applies::UnlessOnly(tables) => !query.iter().all(|t| tables.contains(t)),
    }
}
