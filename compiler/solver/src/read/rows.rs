//! Rows in full, from what is said of their cells: rows that are one row say the same, and others have keys of their own.

use std::collections::{BTreeMap, BTreeSet};

use ambit_core::{ColumnId, Instant, Row, Stored, TableId, Type, Value};

use super::{Values, nth};
use crate::atom::{Atom, RowId, Term, TermId};
use crate::circuit::Bool;
use crate::witness::default_value;

impl Values<'_, '_, '_, '_> {
    /// All rows that are there, in full; rows that are one row say the same.
    pub(super) fn rows(&self) -> BTreeMap<RowId, Row> {
        let question = self.question;
        let program = question.model.program;
        let mut taken: BTreeMap<TableId, BTreeSet<Vec<Value>>> = BTreeMap::new();
        let mut rows: BTreeMap<RowId, Row> = BTreeMap::new();
        for (position, info) in question.rows.iter().enumerate() {
            let id = RowId(position as u32);
            if info.present != Bool::TRUE && self.holds(&Atom::Present(id)) != Some(true) {
                continue;
            }
            let table = program.table(info.table);
            let twins: Vec<RowId> = self.twins(id);
            let mut row: Vec<Value> = Vec::with_capacity(table.columns.len());
            for (c, column) in table.columns.iter().enumerate() {
                let c = ColumnId(c as u32);
                let said = std::iter::once(id)
                    .chain(twins.iter().copied())
                    .filter_map(|r| question.find_term(Term::Cell(r, c)))
                    .filter(|t| self.said(*t));
                // Of an instant perhaps its day is known at one of them only.
                let read = said
                    .clone()
                    .find(|t| self.has_value(*t))
                    .or(said.clone().next());
                let in_rows = matches!(column.stored, Some(Stored::Rows { .. }));
                let keyed = table.keys.first().is_some_and(|k| {
                    std::iter::once(&id)
                        .chain(&twins)
                        .all(|r| self.is_known(*r, *k))
                });
                row.push(match read {
                    // Without a key that its rows can name there is no such scope.
                    Some(_) if in_rows && !keyed => Value::Null,
                    Some(term) => self.value(term),
                    None if in_rows => Value::Null,
                    None if column.nullable => Value::Null,
                    None => default_value(program, &column.ty),
                });
            }
            if info.in_data && !table.keys.is_empty() && twins.iter().all(|t| *t > id) {
                let taken = taken.entry(info.table).or_default();
                self.own_key(id, &twins, info.table, &mut row, taken);
            } else if let Some(first) = twins.iter().min().filter(|t| **t < id)
                && let Some(known) = rows.get(first)
            {
                row = known.to_vec();
            }
            rows.insert(id, row.into());
        }
        rows
    }

    /// Has the cell a value that tests can use, as far as anything is said of it?
    fn is_known(&self, row: RowId, column: ColumnId) -> bool {
        self.question
            .find_term(Term::Cell(row, column))
            .is_none_or(|t| {
                self.holds(&Atom::Null(t)) != Some(true)
                    && self.holds(&Atom::Stray(t)) != Some(true)
            })
    }

    /// Does the model give the term, or its day, a value?
    fn has_value(&self, term: TermId) -> bool {
        let day = || self.question.find_term(Term::Day(term));
        self.of.contains_key(&term) || day().is_some_and(|d| self.of.contains_key(&d))
    }

    /// Is anything said of the term?
    pub(super) fn said(&self, term: TermId) -> bool {
        let atom = |a: &Atom| self.encoding.find(self.question, a).is_some();
        self.encoding.class_of.contains_key(&term)
            || atom(&Atom::Null(term))
            || atom(&Atom::Stray(term))
            || self
                .question
                .find_term(Term::Day(term))
                .is_some_and(|d| self.encoding.class_of.contains_key(&d))
    }

    /// The rows that are this one, by key.
    pub(super) fn twins(&self, id: RowId) -> Vec<RowId> {
        // Being one row is transitive, so those that are one with a twin are twins.
        let mut found = vec![id];
        let mut at = 0;
        while at < found.len() {
            let here = found[at];
            at += 1;
            for (a, b, same) in self.question.same_rows.iter().chain(&self.question.merges) {
                let other = if *a == here {
                    *b
                } else if *b == here {
                    *a
                } else {
                    continue;
                };
                if !found.contains(&other) && self.formula(*same) {
                    found.push(other);
                }
            }
        }
        found.retain(|r| *r != id);
        found.sort_unstable();
        found
    }

    fn formula(&self, formula: Bool) -> bool {
        use crate::circuit::Node;
        let value = match &self.question.circuit.nodes[formula.node()] {
            Node::True => true,
            Node::Atom(atom) => self
                .encoding
                .atoms
                .get(atom)
                .is_some_and(|lit| self.encoding.sat.value(*lit)),
            Node::And(parts) => parts.iter().all(|p| self.formula(*p)),
        };
        value != formula.negated()
    }

    /// Gives a row a key that no other row of its table has, in columns of which nothing is said.
    fn own_key(
        &self,
        id: RowId,
        twins: &[RowId],
        table: TableId,
        row: &mut [Value],
        taken: &mut BTreeSet<Vec<Value>>,
    ) {
        let program = self.question.model.program;
        let keys = &program.table(table).keys;
        let key =
            |row: &[Value]| -> Vec<Value> { keys.iter().map(|k| row[k.index()].clone()).collect() };
        // Keys that other rows will have because something is said of them.
        let said: Vec<Vec<Value>> = self
            .question
            .rows
            .iter()
            .enumerate()
            .filter(|(i, other)| {
                *i != id.index()
                    && other.table == table
                    && other.in_data
                    && !twins.contains(&RowId(*i as u32))
            })
            .filter_map(|(i, _)| {
                keys.iter()
                    .map(|k| {
                        self.question
                            .find_term(Term::Cell(RowId(i as u32), *k))
                            .filter(|t| self.said(*t))
                            .map(|t| self.value(t))
                    })
                    .collect::<Option<Vec<Value>>>()
            })
            .collect();
        let free = keys.iter().copied().find(|k| {
            std::iter::once(&id).chain(twins).all(|r| {
                self.question
                    .find_term(Term::Cell(*r, *k))
                    .is_none_or(|t| !self.said(t))
            }) && !matches!(program.column(table, *k).ty, Type::Bool | Type::Enum(_))
        });
        // An instant of which only the day is asked, if nothing else is free.
        let by_day = keys.iter().copied().find(|k| {
            matches!(row[k.index()], Value::Timestamp(_))
                && !self.question.direct.contains(&(table, *k))
        });
        if let Some(chosen) = free.or(by_day) {
            let ty = &program.column(table, chosen).ty;
            let value = row[chosen.index()].clone();
            for n in 0.. {
                row[chosen.index()] = match value {
                    Value::Timestamp(instant) if free.is_none() => Value::Timestamp(
                        Instant::from_second(instant.as_second() + n).unwrap_or(instant),
                    ),
                    _ => nth(ty, n),
                };
                let now = key(row);
                if !taken.contains(&now) && !said.contains(&now) {
                    break;
                }
            }
        }
        taken.insert(key(row));
    }
}
