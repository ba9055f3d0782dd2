//! A question: users, rows, a query and a day, and formulas over them.

use ambit_core::{AttributeId, ColumnId, PrincipalId, SourceId, Step, TableId, Type, Value};
use rustc_hash::FxHashMap;

use crate::atom::{Atom, RowId, Term, TermId, TermInfo, UserId};
use crate::circuit::{Bool, Circuit};
use crate::limit::Limit;
use crate::model::{Facts, Model};
use crate::rows::ExistsAt;

/// Who a user of a question is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Who {
    /// A user with that principal alone (a declared user: with what is written), and any login and attributes besides.
    Bare(PrincipalId),
    /// Any user at all.
    Anyone,
    /// Any user who has this principal, whatever else he has.
    AnyoneWith(PrincipalId),
    /// A user with these two principals alone (neither a user), and any login and attributes.
    Both(PrincipalId, PrincipalId),
    /// A user without any principal, and any login and attributes.
    Nobody,
}

#[derive(Debug, Clone)]
pub(crate) struct UserInfo {
    pub who: Who,
    /// Whose attributes this user has: his own, or another's.
    pub attributes: UserId,
}

#[derive(Debug, Clone)]
pub(crate) struct RowInfo {
    pub table: TableId,
    /// A row of the data (a new row of an insert or update is none).
    pub in_data: bool,
    pub present: Bool,
    /// A row that the question itself named.
    pub named: bool,
}

/// Where a condition is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct At {
    pub user: UserId,
    pub row: Option<RowId>,
    /// The source in which the row that was asked about is judged.
    pub home: Option<SourceId>,
    /// The column of this row over which it was reached from another: a path straight back leads there.
    pub back: Option<(ColumnId, RowId)>,
}

/// A question to be asked of a model.
#[derive(Debug)]
pub struct Question<'p, 'm> {
    pub(crate) model: &'m Model<'p>,
    pub(crate) facts: Facts,
    pub(crate) circuit: Circuit,
    pub(crate) terms: Vec<TermInfo>,
    term_ids: FxHashMap<Term, TermId>,
    pub(crate) rows: Vec<RowInfo>,
    pub(crate) users: Vec<UserInfo>,
    /// The row that a link of a row leads to, if there is one.
    pub(crate) parents: FxHashMap<(RowId, ColumnId, TableId), RowId>,
    pub(crate) exists: Vec<ExistsAt<'p>>,
    pub(crate) exists_ids: FxHashMap<(usize, At), u32>,
    pub(crate) conds: FxHashMap<(usize, At), (Bool, Bool)>,
    pub(crate) decisions: FxHashMap<(UserId, TableId, RowId, Option<SourceId>), Bool>,
    /// What always holds.
    pub(crate) side: Vec<Bool>,
    pub(crate) limit: Option<Limit>,
    /// Pairs of rows of one table, and that they are one row.
    pub(crate) same_rows: Vec<(RowId, RowId, Bool)>,
    /// Pairs of rows that a small witness may take for one row, and that it does.
    pub(crate) merges: Vec<(RowId, RowId, Bool)>,
    /// Columns that are compared as instants, not only by their days.
    pub(crate) direct: rustc_hash::FxHashSet<(TableId, ColumnId)>,
    /// What holds wherever it does.
    pub(crate) merge_side: Vec<Bool>,
    /// Pairs of a parent and another row of its table of which was said that a link leads to both or none.
    pub(crate) links_written: rustc_hash::FxHashSet<(RowId, RowId)>,
    /// Constants that stand as terms.
    pub(crate) constants: Vec<(Type, Value)>,
    /// Tables that hold the rows of scopes.
    pub(crate) scope_rows: Vec<TableId>,
    /// Attributes that are read and not fixed.
    pub(crate) attributes_read: std::collections::BTreeSet<(UserId, AttributeId)>,
    /// The table that the question is about: one of the query's.
    pub(crate) asked: Option<TableId>,
}

impl<'p, 'm> Question<'p, 'm> {
    /// A question that uses what the schema says of data.
    pub fn new(model: &'m Model<'p>) -> Self {
        Self::with_facts(model, Facts::SCHEMA)
    }

    /// A question that uses these facts about data.
    pub fn with_facts(model: &'m Model<'p>, facts: Facts) -> Self {
        Self {
            model,
            facts,
            circuit: Circuit::new(),
            terms: Vec::new(),
            term_ids: FxHashMap::default(),
            rows: Vec::new(),
            users: Vec::new(),
            parents: FxHashMap::default(),
            exists: Vec::new(),
            exists_ids: FxHashMap::default(),
            conds: FxHashMap::default(),
            decisions: FxHashMap::default(),
            side: Vec::new(),
            limit: None,
            same_rows: Vec::new(),
            merges: Vec::new(),
            direct: rustc_hash::FxHashSet::default(),
            merge_side: Vec::new(),
            links_written: rustc_hash::FxHashSet::default(),
            constants: Vec::new(),
            scope_rows: Vec::new(),
            attributes_read: std::collections::BTreeSet::new(),
            asked: None,
        }
    }

    /// A user to speak of.
    pub fn user(&mut self, who: Who) -> UserId {
        let id = UserId(self.users.len() as u32);
        self.users.push(UserInfo {
            who,
            attributes: id,
        });
        id
    }

    /// A user who has the login and the attributes of another, as far as none are written at either: it is asked what
    /// he might do in the other's place.
    pub fn user_alike(&mut self, who: Who, other: UserId) -> UserId {
        let id = self.user(who);
        let owner = self.users[other.index()].attributes;
        self.users[id.index()].attributes = owner;
        id
    }

    /// A row of the data. The first row makes its table one of the query's.
    pub fn row(&mut self, table: TableId) -> RowId {
        self.asked.get_or_insert(table);
        let id = self.add_row(table, true, true);
        self.rows[id.index()].present = Bool::TRUE;
        id
    }

    /// A row that is not part of the data: the new row of an insert or update.
    pub fn new_row(&mut self, table: TableId) -> RowId {
        self.asked.get_or_insert(table);
        let id = self.add_row(table, false, true);
        self.rows[id.index()].present = Bool::TRUE;
        id
    }

    pub(crate) fn add_row(&mut self, table: TableId, in_data: bool, named: bool) -> RowId {
        let id = RowId(self.rows.len() as u32);
        if self.rows.len() >= crate::limit::MAX_ROWS {
            self.limit.get_or_insert(Limit::Rows);
        }
        self.rows.push(RowInfo {
            table,
            in_data,
            present: Bool::FALSE,
            named,
        });
        let present = self.circuit.atom(Atom::Present(id));
        self.rows[id.index()].present = present;
        id
    }

    /// All of them.
    pub fn and(&mut self, parts: impl IntoIterator<Item = Bool>) -> Bool {
        self.circuit.and(parts)
    }

    /// One of them.
    pub fn or(&mut self, parts: impl IntoIterator<Item = Bool>) -> Bool {
        self.circuit.or(parts)
    }

    /// The second wherever the first.
    pub(crate) fn implies(&mut self, a: Bool, b: Bool) -> Bool {
        self.circuit.or([!a, b])
    }

    /// Both or none.
    pub fn iff(&mut self, a: Bool, b: Bool) -> Bool {
        let forth = self.implies(a, b);
        let back = self.implies(b, a);
        self.and([forth, back])
    }

    /// From now on this holds.
    pub fn require(&mut self, what: Bool) {
        self.side.push(what);
    }

    pub(crate) fn term(&mut self, term: Term, ty: Type, nullable: bool) -> TermId {
        if let Some(id) = self.term_ids.get(&term) {
            return *id;
        }
        let id = TermId(self.terms.len() as u32);
        self.terms.push(TermInfo { term, ty, nullable });
        self.term_ids.insert(term, id);
        id
    }

    pub(crate) fn find_term(&self, term: Term) -> Option<TermId> {
        self.term_ids.get(&term).copied()
    }

    pub(crate) fn cell(&mut self, row: RowId, column: ColumnId) -> TermId {
        if let Some(id) = self.term_ids.get(&Term::Cell(row, column)) {
            return *id;
        }
        let table = self.rows[row.index()].table;
        let declared = self.model.program.column(table, column);
        let nullable = declared.nullable || !self.facts.not_null;
        // A scope in rows is there wherever the row is.
        let in_rows = matches!(declared.stored, Some(ambit_core::Stored::Rows { .. }));
        self.term(
            Term::Cell(row, column),
            declared.ty.clone(),
            nullable && !in_rows,
        )
    }

    pub(crate) fn attribute(&mut self, user: UserId, attribute: AttributeId) -> TermId {
        let owner = self.users[user.index()].attributes;
        let ty = self.model.program.attributes[attribute.index()].ty.clone();
        self.term(Term::Attribute(owner, attribute), ty, true)
    }

    /// The term has no value.
    pub(crate) fn null(&mut self, term: TermId) -> Bool {
        let info = &self.terms[term.index()];
        match info.term {
            Term::Day(inner) => self.null(inner),
            _ if info.nullable => self.circuit.atom(Atom::Null(term)),
            _ => Bool::FALSE,
        }
    }

    /// The term has a value that no test can use.
    pub(crate) fn stray(&mut self, term: TermId) -> Bool {
        let can = match &self.terms[term.index()].ty {
            // A scope cannot be read in any storage where it holds a wildcard.
            Type::Enum(_) | Type::Scope(_) => true,
            Type::Set(of) => matches!(**of, Type::Enum(_)),
            _ => false,
        };
        if can {
            self.circuit.atom(Atom::Stray(term))
        } else {
            Bool::FALSE
        }
    }

    /// The term has a value that tests can use.
    pub(crate) fn known(&mut self, term: TermId) -> Bool {
        let (null, stray) = (self.null(term), self.stray(term));
        self.and([!null, !stray])
    }

    pub(crate) fn equals(&mut self, term: TermId, value: &Value) -> Bool {
        self.circuit.atom(Atom::Eq(term, value.clone()))
    }

    pub(crate) fn same(&mut self, a: TermId, b: TermId) -> Bool {
        if a == b {
            return Bool::TRUE;
        }
        let (a, b) = if a < b { (a, b) } else { (b, a) };
        self.circuit.atom(Atom::Same(a, b))
    }

    /// The row that a step leads to, if there is one.
    pub(crate) fn parent(&mut self, row: RowId, step: &Step) -> RowId {
        let key = (row, step.column, step.to);
        if let Some(parent) = self.parents.get(&key) {
            return *parent;
        }
        let parent = self.add_row(step.to, true, false);
        self.parents.insert(key, parent);
        let own = self.cell(row, step.column);
        let other = self.cell(parent, step.key);
        let (own_known, other_known) = (self.known(own), self.known(other));
        let same = self.same(own, other);
        let present = self.rows[parent.index()].present;
        let linked = self.and([own_known, other_known, same]);
        let side = self.implies(present, linked);
        self.side.push(side);
        parent
    }

    /// The day of an instant?
    pub(crate) fn is_day_of_instant(&self, term: TermId) -> bool {
        matches!(self.terms[term.index()].term, Term::Day(_))
    }

    /// What a term is called: `table.column`, `user.attribute`.
    pub(crate) fn name_of(&self, term: TermId) -> String {
        let program = self.model.program;
        match self.terms[term.index()].term {
            Term::Cell(row, column) => {
                let table = self.rows[row.index()].table;
                format!(
                    "{}.{}",
                    program.table(table).name,
                    program.column(table, column).name
                )
            }
            Term::Attribute(_, attribute) => {
                format!("user.{}", program.attributes[attribute.index()].name)
            }
            Term::Login(..) => "user.login".to_owned(),
            Term::Today => "today".to_owned(),
            Term::Day(inner) => self.name_of(inner),
            Term::Constant(n) => ambit_core::print::print_value(&self.constants[n as usize].1),
        }
    }
}
