//! The rows that matter: for each *true* `exists` a linked row of its own; a *false* one speaks of every row at hand
//! that may be linked. *Below* has no circle, so this ends (language.md, "What the solver decides").

use ambit_core::{ColumnId, Exists, Step, TableId, Type};

use crate::atom::{Atom, RowId, Term, TermId};
use crate::circuit::{Bool, Node};
use crate::limit::{Limit, MAX_NODES, MAX_ROWS};
use crate::question::{At, Question};

/// In a table of which more rows matter, a witness may hold two that could be one.
const MOST_MERGED: usize = 16;

/// An `exists` at a row.
#[derive(Debug, Clone)]
pub(crate) struct ExistsAt<'p> {
    exists: &'p Exists,
    at: At,
    /// The row where the link hangs.
    from: RowId,
    /// That row is there, and its column of the link has a value.
    ok: Bool,
    /// The linked row of which it is true, or (where it is unknown) not false.
    row: Option<RowId>,
    /// What was written out already, by outcome and side: see [`Question::expand`].
    done: [[Done; 2]; 2],
}

/// How much of one side of an `exists` is written out.
#[derive(Debug, Clone, Copy, Default)]
struct Done {
    /// Somebody needs it.
    wanted: bool,
    /// For "some row": it has its row. For "all rows": how many rows of the question it spoke of.
    rows: usize,
}

impl<'p> Question<'p, '_> {
    /// "Is true" and "is false" of an `exists`: an atom each, which [`Question::expand`] gives its meaning.
    pub(crate) fn exists_at(&mut self, exists: &'p Exists, at: At) -> (Bool, Bool) {
        let key = (std::ptr::from_ref(exists) as usize, at);
        let id = match self.exists_ids.get(&key) {
            Some(id) => *id,
            None => {
                let Some((from, reached)) = self.follow(&exists.path, at) else {
                    return (Bool::FALSE, Bool::FALSE);
                };
                let own = self.cell(from, exists.own);
                let known = self.known(own);
                let ok = self.and([reached, known]);
                let id = self.exists.len() as u32;
                self.exists.push(ExistsAt {
                    exists,
                    at,
                    from,
                    ok,
                    row: None,
                    done: Default::default(),
                });
                self.exists_ids.insert(key, id);
                id
            }
        };
        (
            self.circuit.atom(Atom::Exists(id, true)),
            self.circuit.atom(Atom::Exists(id, false)),
        )
    }

    /// Writes out every `exists` that the roots (and what negates them) and all that always holds need, until nothing is
    /// new. What it adds to
    /// `side` holds of all data.
    pub(crate) fn expand(&mut self, roots: &[Bool], negated: bool) -> Result<(), Limit> {
        let mut marks: Vec<u8> = Vec::new();
        let mut sides = 0;
        for root in roots {
            self.mark(*root, &mut marks);
            if negated {
                self.mark(!*root, &mut marks);
            }
        }
        let mut links_done = 0;
        loop {
            if let Some(limit) = &self.limit {
                return Err(limit.clone());
            }
            if self.rows.len() > MAX_ROWS {
                return Err(Limit::Rows);
            }
            if self.circuit.nodes.len() > MAX_NODES {
                return Err(Limit::Size);
            }
            while let Some(side) = self.side.get(sides).copied() {
                sides += 1;
                self.mark(side, &mut marks);
            }
            let mut changed = false;
            for id in 0..self.exists.len() {
                self.model.wanted.look();
                changed |= self.write_out(id);
            }
            changed |= self.write_links(&mut links_done);
            if !changed && sides == self.side.len() {
                break;
            }
        }
        self.find_direct();
        self.write_keys();
        self.write_merges();
        self.check_scope_rows()?;
        // Keys speak of cells alone, so nothing else is new.
        while let Some(side) = self.side.get(sides).copied() {
            sides += 1;
            self.mark(side, &mut marks);
        }
        Ok(())
    }

    /// Notes which sides of which `exists` a formula needs. Bit 0 of a mark: it is needed true; bit 1: false.
    fn mark(&mut self, root: Bool, marks: &mut Vec<u8>) {
        marks.resize(self.circuit.nodes.len(), 0);
        let mut work = vec![root];
        while let Some(at) = work.pop() {
            let bit = if at.negated() { 2 } else { 1 };
            let mark = &mut marks[at.node()];
            if *mark & bit != 0 {
                continue;
            }
            *mark |= bit;
            match &self.circuit.nodes[at.node()] {
                Node::True => {}
                Node::Atom(atom) => {
                    if let Atom::Exists(id, outcome) = self.circuit.atoms[*atom as usize] {
                        self.exists[id as usize].done[usize::from(outcome)]
                            [usize::from(at.negated())]
                        .wanted = true;
                    }
                }
                Node::And(parts) => {
                    for part in parts {
                        work.push(if at.negated() { !*part } else { *part });
                    }
                }
            }
        }
    }

    /// Writes out what is wanted of one `exists`; says whether anything was new.
    fn write_out(&mut self, id: usize) -> bool {
        let mut changed = false;
        for outcome in [true, false] {
            for negated in [false, true] {
                let done = self.exists[id].done[usize::from(outcome)][usize::from(negated)];
                if !done.wanted {
                    continue;
                }
                // "It is true" and "it is not false" need one row; "it is false" and "it is not true" speak of all.
                let some = outcome != negated;
                let rows = if some {
                    if done.rows > 0 {
                        continue;
                    }
                    self.some_row(id, outcome);
                    1
                } else {
                    self.all_rows(id, outcome, done.rows);
                    self.rows.len()
                };
                changed |= rows != done.rows;
                self.exists[id].done[usize::from(outcome)][usize::from(negated)].rows = rows;
            }
        }
        changed
    }

    fn some_row(&mut self, id: usize, outcome: bool) {
        let ExistsAt {
            exists,
            at,
            from,
            ok,
            ..
        } = self.exists[id].clone();
        // One row serves both sides: where it is true of it, it is not false of it.
        let row = match self.exists[id].row {
            Some(row) => row,
            None => {
                let row = self.add_row(exists.table, true, false);
                self.exists[id].row = Some(row);
                row
            }
        };
        let atom = self.circuit.atom(Atom::Exists(id as u32, outcome));
        let linked = self.linked(exists, from, row);
        let (yes, no) = self.inner(exists, at, from, row);
        let side = if outcome {
            // True: there is a linked row of which it is true.
            let all = self.and([ok, linked, yes]);
            self.implies(atom, all)
        } else {
            // Not false, though the link is there: there is a linked row of which it is not false.
            let there = self.and([linked, !no]);
            self.or([atom, !ok, there])
        };
        self.side.push(side);
    }

    /// Speaks of the rows from `first` on.
    fn all_rows(&mut self, id: usize, outcome: bool, first: usize) {
        let ExistsAt {
            exists,
            at,
            from,
            ok,
            ..
        } = self.exists[id].clone();
        let atom = self.circuit.atom(Atom::Exists(id as u32, outcome));
        if !outcome && first == 0 {
            let side = self.implies(atom, ok);
            self.side.push(side);
        }
        for position in first..self.rows.len() {
            let info = &self.rows[position];
            if info.table != exists.table || !info.in_data {
                continue;
            }
            let row = RowId(position as u32);
            let linked = self.linked(exists, from, row);
            if linked == Bool::FALSE {
                continue;
            }
            let (yes, no) = self.inner(exists, at, from, row);
            let side = if outcome {
                // Not true: of no linked row it is true.
                self.or([atom, !ok, !linked, !yes])
            } else {
                // False: of each linked row it is false.
                self.or([!atom, !linked, no])
            };
            self.side.push(side);
        }
    }

    /// The row is there and linked to the one from which an `exists` looks.
    fn linked(&mut self, exists: &Exists, from: RowId, row: RowId) -> Bool {
        let program = self.model.program;
        let own_table = self.rows[from.index()].table;
        let own_type = &program.column(own_table, exists.own).ty;
        let other_type = &program.column(exists.table, exists.other).ty;
        if kind(own_type) != kind(other_type) {
            return Bool::FALSE;
        }
        let own = self.cell(from, exists.own);
        let other = self.cell(row, exists.other);
        let present = self.rows[row.index()].present;
        let (a, b) = (self.known(own), self.known(other));
        let same = self.same(own, other);
        self.and([present, a, b, same])
    }

    /// What must hold of a row of the table, two-valued on both sides; `visible` adds a decision.
    fn inner(&mut self, exists: &'p Exists, at: At, from: RowId, row: RowId) -> (Bool, Bool) {
        let there = At {
            row: Some(row),
            back: self.back(exists, from),
            ..at
        };
        let (yes, no) = self.cond(&exists.pred, there);
        if exists.visible {
            let may = self.may_read(at.user, exists.table, row, at.home);
            (self.and([yes, may]), self.or([no, !may]))
        } else {
            (yes, no)
        }
    }

    /// The row to which the link leads straight back, where it does: by the one key of its table. Of a row that is not
    /// part of the data, the row of the data with that key, if there is one.
    fn back(&mut self, exists: &Exists, from: RowId) -> Option<(ColumnId, RowId)> {
        let table = self.rows[from.index()].table;
        if self.model.program.table(table).keys != [exists.own] {
            return None;
        }
        let row = if self.rows[from.index()].in_data {
            from
        } else {
            let step = Step {
                from: table,
                column: exists.own,
                to: table,
                key: exists.own,
            };
            self.parent(from, &step)
        };
        Some((exists.other, row))
    }

    /// A link leads to every row with that key: so to the parent at hand, if any such row is there.
    fn write_links(&mut self, done: &mut usize) -> bool {
        let before = self.side.len();
        let mut parents: Vec<((RowId, ColumnId, TableId), RowId)> =
            self.parents.iter().map(|(k, v)| (*k, *v)).collect();
        parents.sort_unstable();
        let (parent_count, row_count) = (parents.len(), self.rows.len());
        let state = parent_count * (MAX_ROWS + 1) * 4 + row_count;
        if state == *done {
            return false;
        }
        for ((row, column, table), parent) in parents {
            let Some(key) = self.model.program.table(table).keys.first().copied() else {
                continue;
            };
            let present = self.rows[parent.index()].present;
            for position in 0..row_count {
                let other = RowId(position as u32);
                if other == parent
                    || self.rows[position].table != table
                    || !self.rows[position].in_data
                    || !self.links_written.insert((parent, other))
                {
                    continue;
                }
                let own = self.cell(row, column);
                let cell = self.cell(other, key);
                let (a, b) = (self.known(own), self.known(cell));
                let same = self.same(own, cell);
                let there = self.rows[position].present;
                let linked = self.and([there, a, b, same]);
                let side = self.implies(linked, present);
                self.side.push(side);
            }
        }
        *done = self.parents.len() * (MAX_ROWS + 1) * 4 + self.rows.len();
        self.side.len() > before
    }

    /// Two rows with one key are one row.
    fn write_keys(&mut self) {
        if !self.facts.keys {
            return;
        }
        let program = self.model.program;
        let count = self.rows.len();
        for first in 0..count {
            self.model.wanted.look();
            for second in first + 1..count {
                let table = self.rows[first].table;
                if self.rows[second].table != table
                    || !self.rows[first].in_data
                    || !self.rows[second].in_data
                {
                    continue;
                }
                let (a, b) = (RowId(first as u32), RowId(second as u32));
                let keys = &program.table(table).keys;
                if keys.is_empty() || !keys.iter().all(|k| self.key_matters(a, b, *k)) {
                    continue;
                }
                let mut equal = vec![self.rows[first].present, self.rows[second].present];
                for key in keys {
                    let (x, y) = (self.cell(a, *key), self.cell(b, *key));
                    equal.push(self.known(x));
                    equal.push(self.known(y));
                    equal.push(self.same(x, y));
                }
                let equal = self.and(equal);
                if equal == Bool::FALSE {
                    continue;
                }
                self.same_rows.push((a, b, equal));
                for (position, column) in program.table(table).columns.iter().enumerate() {
                    let id = ColumnId(position as u32);
                    if keys.contains(&id) {
                        continue;
                    }
                    let (Some(x), Some(y)) = (
                        self.find_term(Term::Cell(a, id)),
                        self.find_term(Term::Cell(b, id)),
                    ) else {
                        continue;
                    };
                    let alike = self.alike(x, y, &column.ty);
                    let side = self.implies(equal, alike);
                    self.side.push(side);
                }
            }
        }
    }

    /// Rows that need not be two: nothing says that their keys differ. Only small witnesses ask.
    fn write_merges(&mut self) {
        let program = self.model.program;
        self.merges.clear();
        self.merge_side.clear();
        let by_key: rustc_hash::FxHashMap<(RowId, RowId), Bool> = self
            .same_rows
            .iter()
            .map(|(a, b, s)| ((*a, *b), *s))
            .collect();
        for position in 0..program.tables.len() {
            let table = TableId(position as u32);
            let rows: Vec<RowId> = (0..self.rows.len())
                .filter(|i| self.rows[*i].table == table && self.rows[*i].in_data)
                .map(|i| RowId(i as u32))
                .collect();
            if rows.len() < 2 || rows.len() > MOST_MERGED {
                continue;
            }
            let mut one: rustc_hash::FxHashMap<(RowId, RowId), Bool> =
                rustc_hash::FxHashMap::default();
            for (i, a) in rows.iter().enumerate() {
                for b in &rows[i + 1..] {
                    // With a null in the key nothing says so either.
                    let keys = &program.table(table).keys;
                    let nulls = keys
                        .iter()
                        .any(|k| !self.facts.not_null || program.column(table, *k).nullable);
                    let same = match by_key.get(&(*a, *b)) {
                        Some(same) if !nulls => *same,
                        Some(same) => {
                            let merged = self.write_merge(*a, *b);
                            self.or([*same, merged])
                        }
                        None => self.write_merge(*a, *b),
                    };
                    one.insert((*a, *b), same);
                }
            }
            // What is one with the same row is one.
            for (i, a) in rows.iter().enumerate() {
                for (j, b) in rows.iter().enumerate().skip(i + 1) {
                    for c in &rows[j + 1..] {
                        let (ab, bc, ac) = (one[&(*a, *b)], one[&(*b, *c)], one[&(*a, *c)]);
                        for (x, y, z) in [(ab, bc, ac), (ab, ac, bc), (ac, bc, ab)] {
                            let side = self.or([!x, !y, z]);
                            self.merge_side.push(side);
                        }
                    }
                }
            }
        }
    }

    fn write_merge(&mut self, a: RowId, b: RowId) -> Bool {
        let program = self.model.program;
        let table = self.rows[a.index()].table;
        let merged = self.circuit.atom(Atom::Merged(a, b));
        let (here, there) = (self.rows[a.index()].present, self.rows[b.index()].present);
        let same = self.and([merged, here, there]);
        self.merges.push((a, b, same));
        for (position, column) in program.table(table).columns.iter().enumerate() {
            let id = ColumnId(position as u32);
            let (Some(x), Some(y)) = (
                self.find_term(Term::Cell(a, id)),
                self.find_term(Term::Cell(b, id)),
            ) else {
                continue;
            };
            let alike = self.alike(x, y, &column.ty);
            let side = self.implies(same, alike);
            self.merge_side.push(side);
        }
        same
    }

    /// A key that is read at one of two rows only can be chosen to differ, unless its type has few values.
    fn key_matters(&self, a: RowId, b: RowId, key: ColumnId) -> bool {
        let table = self.rows[a.index()].table;
        let ty = &self.model.program.column(table, key).ty;
        // Of a day there are instants enough.
        if *ty == Type::Timestamp && !self.direct.contains(&(table, key)) {
            return false;
        }
        let few = matches!(ty, Type::Enum(_) | Type::Bool);
        few || (self.find_term(Term::Cell(a, key)).is_some()
            && self.find_term(Term::Cell(b, key)).is_some())
    }

    /// Two cells of one type hold the same: no value, no usable value, or equal values.
    pub(crate) fn alike(&mut self, x: TermId, y: TermId, ty: &Type) -> Bool {
        let (xn, yn) = (self.null(x), self.null(y));
        let (xs, ys) = (self.stray(x), self.stray(y));
        let nulls = self.iff(xn, yn);
        let strays = self.iff(xs, ys);
        let same = if matches!(ty, Type::Scope(_)) {
            let (x, y) = if x < y { (x, y) } else { (y, x) };
            self.circuit.atom(Atom::SameScope(x, y))
        } else if *ty == Type::Timestamp && !self.is_direct(x) {
            // Of instants of which only the days are asked, the days.
            let day = |q: &Self, t| q.find_term(Term::Day(t));
            match (day(self, x), day(self, y)) {
                (Some(x), Some(y)) => self.same(x, y),
                _ => Bool::TRUE,
            }
        } else {
            self.same(x, y)
        };
        let same = self.or([xn, xs, same]);
        // Where there is no value it does not matter which.
        let strays = self.or([xn, strays]);
        self.and([nulls, strays, same])
    }

    /// Is a cell of this column compared as an instant, in any row?
    fn is_direct(&self, term: TermId) -> bool {
        match self.terms[term.index()].term {
            Term::Cell(row, column) => self
                .direct
                .contains(&(self.rows[row.index()].table, column)),
            _ => true,
        }
    }

    /// Notes the columns that are compared as instants.
    fn find_direct(&mut self) {
        let found: Vec<(TableId, ColumnId)> = self
            .circuit
            .atoms
            .iter()
            .flat_map(crate::encode::terms_of)
            .filter_map(|t| match &self.terms[t.index()] {
                info if info.ty != Type::Timestamp => None,
                info => match info.term {
                    Term::Cell(row, column) => Some((self.rows[row.index()].table, column)),
                    _ => None,
                },
            })
            .collect();
        self.direct.extend(found);
    }

    fn check_scope_rows(&self) -> Result<(), Limit> {
        for table in &self.scope_rows {
            if self.rows.iter().any(|r| r.table == *table) {
                return Err(Limit::ScopeRows {
                    table: self.model.program.table(*table).name.to_string(),
                });
            }
        }
        Ok(())
    }
}

/// Types whose values can be equal.
fn kind(ty: &Type) -> u8 {
    match ty {
        Type::Bool => 0,
        Type::Int => 1,
        Type::Decimal => 2,
        Type::String => 3,
        Type::Date => 4,
        Type::Timestamp => 5,
        Type::Enum(_) => 6,
        Type::Scope(_) => 7,
        Type::Set(_) => 8,
    }
}
