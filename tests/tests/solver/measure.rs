//! Points of a domain: whether a witness is one, and how much it says.

use std::collections::BTreeSet;

use ambit_core::{ColumnId, PrincipalId, Program, Row, TableId, Type, Value};
use ambit_eval::{Data, User};
use ambit_solver::{Facts, Witness, WitnessUser, default_value};

use super::domain::{Person, Reads, data, user};
use super::schema::MAIN;

/// A user, a query, a day and rows.
pub struct Point<'a> {
    pub row: &'a Row,
    /// The row after an update.
    pub new: Option<&'a Row>,
    /// All rows but that one.
    pub others: &'a [(TableId, Row)],
    pub person: &'a Person,
    pub user: &'a User,
    pub query: &'a [TableId],
}

/// What counts in a measure besides rows.
pub struct Counted<'a> {
    pub program: &'a Program,
    pub reads: &'a Reads,
    /// What the user has anyway.
    pub given: &'a [PrincipalId],
    /// Declared users that rules at hand name: others are not looked for where anybody will do.
    pub at_hand: &'a BTreeSet<PrincipalId>,
}

impl Counted<'_> {
    /// The number of fields below which no witness must fall: a declared user who is not at hand is not looked for.
    pub fn least(&self, point: &Point<'_>) -> usize {
        match &point.person.declared {
            Some(declared)
                if !self.at_hand.contains(declared) && !self.given.contains(declared) =>
            {
                usize::MAX
            }
            // A declared user is looked for only where rules name him or his login: else any login is as good as his.
            _ => {
                let declared = self.reads.login && point.person.declared.is_some();
                self.fields(point) + usize::from(declared)
            }
        }
    }

    /// The number of fields that say something: see `Size`.
    pub fn fields(&self, point: &Point<'_>) -> usize {
        let mut fields = self.row(MAIN, point.row);
        fields += point.new.map_or(0, |row| self.row(MAIN, row));
        for (table, row) in point.others {
            fields += 1 + self.row(*table, row);
        }
        for attribute in &self.reads.attributes {
            let ty = &self.program.attributes[attribute.index()].ty;
            let value = point.user.attribute(*attribute);
            // What is written at a declared user goes without saying.
            let written = point.person.declared.is_some_and(|d| {
                let written = &self.program.principal(d).attributes;
                written.iter().any(|(a, _)| a == attribute)
            });
            let says = !value.is_null() && *value != default_value(self.program, ty);
            fields += usize::from(says && !written);
        }
        if self.reads.login {
            let says = point.person.logins.iter().any(|(_, login)| login.is_some());
            fields += usize::from(says);
        }
        // What another principal brings along need not be said.
        let held = || point.person.held.iter().chain(&point.person.declared);
        let brought = |p: &PrincipalId| {
            held()
                .chain(self.given)
                .any(|q| q != p && self.program.principal(*q).closure.binary_search(p).is_ok())
        };
        fields += held()
            .filter(|p| !brought(p) && !self.given.contains(p))
            .count();
        fields + point.query.iter().filter(|t| **t != MAIN).count()
    }

    /// Nothing but plain fields of the row decides.
    pub fn only_the_row(&self) -> bool {
        let reads = self.reads;
        let scope = |(table, column): &(TableId, ColumnId)| {
            matches!(self.program.column(*table, *column).ty, Type::Scope(_))
        };
        !reads.cells.iter().any(scope)
            && reads.data.is_empty()
            && reads.attributes.is_empty()
            && !(reads.login || reads.today || reads.rules)
    }

    /// Fields of a row that are neither null nor the default; keys do not count.
    fn row(&self, table: TableId, row: &Row) -> usize {
        let declared = self.program.table(table);
        let mut fields = 0;
        for (position, (value, column)) in row.iter().zip(&declared.columns).enumerate() {
            let key = declared.keys.iter().any(|k| k.index() == position);
            let says = !value.is_null() && *value != default_value(self.program, &column.ty);
            fields += usize::from(says && !key);
        }
        fields
    }
}

/// How long the plain fields of a row are to read: 0 where one says nothing.
pub fn lengths(program: &Program, row: &Row) -> Vec<usize> {
    let columns = &program.table(MAIN).columns;
    let length = |value: &Value| match value {
        Value::Int(n) => n.to_string().len(),
        Value::Decimal(d) => d.to_string().len(),
        Value::Text(t) => t.chars().count(),
        _ => 1,
    };
    row.iter()
        .zip(columns)
        .map(|(value, column)| {
            let says = !value.is_null() && *value != default_value(program, &column.ty);
            if says { length(value) } else { 0 }
        })
        .collect()
}

/// A witness taken apart.
pub struct Taken {
    pub row: Row,
    pub others: Vec<(TableId, Row)>,
    pub person: Person,
    pub user: User,
    pub data: Data,
}

/// The user and the data of a witness with one row of `main`.
pub fn take(
    program: &Program,
    witness: &Witness,
    in_data: bool,
    facts: Facts,
) -> Result<Taken, String> {
    let row = witness.rows.first().cloned().flatten().unwrap_or_default();
    let mut all: Vec<(TableId, Row)> = Vec::new();
    for (table, rows) in &witness.related {
        all.extend(rows.iter().map(|r| (*table, r.clone())));
    }
    if facts.not_null {
        for (table, row) in &all {
            schema_holds(program, *table, row)?;
        }
        schema_holds(program, MAIN, &row)?;
    }
    let data = data(program, &all).ok_or_else(|| format!("two rows with one key: {all:?}"))?;
    let mut others = all;
    if in_data {
        let at = others
            .iter()
            .position(|(t, r)| *t == MAIN && *r == row)
            .ok_or("the row is not among the data")?;
        others.remove(at);
    }
    let told = witness.users.first().ok_or("no user")?;
    let person = person(told);
    let user = user(program, &person, &told.attributes);
    Ok(Taken {
        row,
        others,
        person,
        user,
        data,
    })
}

fn person(told: &WitnessUser) -> Person {
    Person {
        declared: told.declared,
        held: told.principals.clone(),
        logins: told.logins.clone(),
    }
}

/// Only columns with `?` are null.
fn schema_holds(program: &Program, table: TableId, row: &Row) -> Result<(), String> {
    for (value, column) in row.iter().zip(&program.table(table).columns) {
        if value.is_null() && !column.nullable && column.stored.is_none() {
            return Err(format!("{} is null in {row:?}", column.name));
        }
    }
    Ok(())
}
