//! Conditions as formulas: "is true" and "is false"; unknown is neither.
//!
//! It shares nothing with the reference evaluator but Core's types (house.md, "The solver").

use std::cmp::Ordering;

use ambit_core::{CompareOp, Operand, Path, Pred, Step, Stored, TableId, TextTest, Type, Value};

use crate::atom::{Atom, RowId, Term, TermId, UserId};
use crate::circuit::Bool;
use crate::limit::Limit;
use crate::question::{At, Question, Who};

/// What an operand is.
#[derive(Debug, Clone)]
pub(crate) enum What {
    Value(Value),
    Term(TermId),
    /// Nothing: it is always null.
    Null,
}

/// An operand read: no value, or one that can be used (if `known`).
#[derive(Debug, Clone)]
pub(crate) struct Read {
    pub null: Bool,
    pub known: Bool,
    pub what: What,
}

const UNKNOWN: (Bool, Bool) = (Bool::FALSE, Bool::FALSE);

impl<'p> Question<'p, '_> {
    /// Where conditions at a row of the question are read, judged in the first source of its table.
    pub(crate) fn at(&self, user: UserId, row: Option<RowId>) -> At {
        let home = row.and_then(|r| {
            self.model
                .program
                .source_of(self.rows[r.index()].table, None)
        });
        At {
            user,
            row,
            home,
            back: None,
        }
    }

    /// The condition is true at this row for this user.
    pub fn is_true(&mut self, user: UserId, pred: &'p Pred, row: Option<RowId>) -> Bool {
        let at = self.at(user, row);
        self.cond(pred, at).0
    }

    /// The condition is false there. (Neither: it is unknown.)
    pub fn is_false(&mut self, user: UserId, pred: &'p Pred, row: Option<RowId>) -> Bool {
        let at = self.at(user, row);
        self.cond(pred, at).1
    }

    /// "Is true" and "is false".
    pub(crate) fn cond(&mut self, pred: &'p Pred, at: At) -> (Bool, Bool) {
        let key = (std::ptr::from_ref(pred) as usize, at);
        if let Some(known) = self.conds.get(&key) {
            return *known;
        }
        if self.circuit.nodes.len() > crate::limit::MAX_NODES {
            self.limit.get_or_insert(Limit::Size);
            return UNKNOWN;
        }
        self.model.wanted.look();
        let made = self.make(pred, at);
        self.conds.insert(key, made);
        made
    }

    fn make(&mut self, pred: &'p Pred, at: At) -> (Bool, Bool) {
        match pred {
            Pred::Const(value) => (Bool::of(*value), Bool::of(!value)),
            Pred::Not(inner) => {
                let (yes, no) = self.cond(inner, at);
                (no, yes)
            }
            Pred::And(parts) => {
                let parts: Vec<(Bool, Bool)> = parts.iter().map(|p| self.cond(p, at)).collect();
                (
                    self.and(parts.iter().map(|p| p.0)),
                    self.or(parts.iter().map(|p| p.1)),
                )
            }
            Pred::Or(parts) => {
                let parts: Vec<(Bool, Bool)> = parts.iter().map(|p| self.cond(p, at)).collect();
                (
                    self.or(parts.iter().map(|p| p.0)),
                    self.and(parts.iter().map(|p| p.1)),
                )
            }
            Pred::Is(operand) => {
                let read = self.read(operand, at);
                self.unary(
                    &read,
                    |q, t| q.equals(t, &Value::Bool(true)),
                    |v| *v == Value::Bool(true),
                )
            }
            Pred::Compare(left, op, right) => {
                let (left, right) = (self.read(left, at), self.read(right, at));
                self.compare(&left, *op, &right)
            }
            Pred::InList(operand, values) => {
                let read = self.read(operand, at);
                self.unary(
                    &read,
                    |q, t| match &**values {
                        [one] => q.equals(t, one),
                        _ => q.circuit.atom(Atom::In(t, values.clone())),
                    },
                    |v| values.iter().any(|w| order(v, w) == Some(Ordering::Equal)),
                )
            }
            Pred::InSet(operand, attribute) => {
                let read = self.read(operand, at);
                self.in_set(&read, at.user, *attribute)
            }
            Pred::IsNull(operand) => {
                let read = self.read(operand, at);
                (read.null, !read.null)
            }
            Pred::Text(operand, test, literal) => {
                let read = self.read(operand, at);
                self.unary(
                    &read,
                    |q, t| q.circuit.atom(Atom::Text(t, *test, literal.clone())),
                    |v| matches!(v, Value::Text(text) if text_test(text, *test, literal)),
                )
            }
            Pred::InWindow(operand, window) => {
                let read = self.read(operand, at);
                // A constant day in a window depends on the day still.
                let read = self.as_term(read);
                self.unary(
                    &read,
                    |q, t| q.circuit.atom(Atom::Window(t, *window)),
                    |_| false,
                )
            }
            Pred::Scope(operand, test) => {
                let read = self.read(operand, at);
                self.unary(
                    &read,
                    |q, t| q.circuit.atom(Atom::Scope(t, test.clone())),
                    |_| false,
                )
            }
            Pred::Exists(exists) => self.exists_at(exists, at),
            Pred::LinkVisible(steps) => {
                let Some((row, reached)) = self.follow(steps, at) else {
                    return UNKNOWN;
                };
                let table = self.rows[row.index()].table;
                let may = self.may_read(at.user, table, row, at.home);
                (self.and([reached, may]), self.and([reached, !may]))
            }
        }
    }

    /// A test of one operand.
    fn unary(
        &mut self,
        read: &Read,
        of_term: impl FnOnce(&mut Self, TermId) -> Bool,
        of_value: impl FnOnce(&Value) -> bool,
    ) -> (Bool, Bool) {
        let holds = match &read.what {
            What::Null => return UNKNOWN,
            What::Value(value) => Bool::of(of_value(value)),
            What::Term(term) => of_term(self, *term),
        };
        (
            self.and([read.known, holds]),
            self.and([read.known, !holds]),
        )
    }

    fn compare(&mut self, left: &Read, op: CompareOp, right: &Read) -> (Bool, Bool) {
        let known = self.and([left.known, right.known]);
        // `a > b` is `b < a`.
        let (left, op, right) = match op {
            CompareOp::Gt => (right, CompareOp::Lt, left),
            CompareOp::Ge => (right, CompareOp::Le, left),
            _ => (left, op, right),
        };
        let ordered = matches!(op, CompareOp::Lt | CompareOp::Le);
        let holds = match (&left.what, &right.what) {
            (What::Null, _) | (_, What::Null) => return UNKNOWN,
            (What::Value(a), What::Value(b)) => {
                let Some(order) = order(a, b) else {
                    return UNKNOWN;
                };
                if ordered && matches!(a, Value::Text(_) | Value::Bool(_)) {
                    return UNKNOWN;
                }
                Bool::of(match op {
                    CompareOp::Lt => order == Ordering::Less,
                    CompareOp::Le => order != Ordering::Greater,
                    CompareOp::Ne => order != Ordering::Equal,
                    _ => order == Ordering::Equal,
                })
            }
            (What::Term(t), What::Value(v)) => match op {
                CompareOp::Lt => self.circuit.atom(Atom::Bound(*t, true, v.clone())),
                CompareOp::Le => self.circuit.atom(Atom::Bound(*t, false, v.clone())),
                CompareOp::Ne => !self.equals(*t, v),
                _ => self.equals(*t, v),
            },
            (What::Value(v), What::Term(t)) => match op {
                // v < t: not t <= v
                CompareOp::Lt => !self.circuit.atom(Atom::Bound(*t, false, v.clone())),
                CompareOp::Le => !self.circuit.atom(Atom::Bound(*t, true, v.clone())),
                CompareOp::Ne => !self.equals(*t, v),
                _ => self.equals(*t, v),
            },
            (What::Term(a), What::Term(b)) => match op {
                // a < b: not b <= a
                CompareOp::Lt => !self.le(*b, *a),
                CompareOp::Le => self.le(*a, *b),
                CompareOp::Ne => !self.same(*a, *b),
                _ => self.same(*a, *b),
            },
        };
        (self.and([known, holds]), self.and([known, !holds]))
    }

    pub(crate) fn le(&mut self, a: TermId, b: TermId) -> Bool {
        if a == b {
            Bool::TRUE
        } else {
            self.circuit.atom(Atom::Le(a, b))
        }
    }

    fn in_set(
        &mut self,
        read: &Read,
        user: UserId,
        attribute: ambit_core::AttributeId,
    ) -> (Bool, Bool) {
        let set = self.read_attribute(user, attribute);
        match (&read.what, &set.what) {
            (What::Null, _) | (_, What::Null) => UNKNOWN,
            (_, What::Value(Value::Set(elements))) => {
                let of = match &self.model.program.attributes[attribute.index()].ty {
                    Type::Set(of) => (**of).clone(),
                    _ => return UNKNOWN,
                };
                let good: Vec<Value> = elements
                    .iter()
                    .filter(|e| self.fits(&of, e))
                    .cloned()
                    .collect();
                let bad = good.len() < elements.len();
                let holds = match &read.what {
                    What::Value(v) => {
                        Bool::of(good.iter().any(|w| order(v, w) == Some(Ordering::Equal)))
                    }
                    What::Term(t) => self.among(*t, &good),
                    What::Null => return UNKNOWN,
                };
                let yes = self.and([read.known, holds]);
                let no = if bad {
                    Bool::FALSE
                } else {
                    self.and([read.known, !holds])
                };
                (yes, no)
            }
            (_, What::Value(_)) => UNKNOWN,
            (what, What::Term(set_term)) => {
                let term = match what {
                    What::Term(t) => *t,
                    // A constant that is tested against a set stands for itself.
                    _ => return self.constant_in_set(read, *set_term, &set),
                };
                let holds = self.circuit.atom(Atom::Element(term, *set_term));
                let bad = self.stray(*set_term);
                let known = self.and([read.known, !set.null]);
                (self.and([known, holds]), self.and([known, !holds, !bad]))
            }
        }
    }

    /// A constant in a set that varies: an attribute written at a user, tested against one that is not.
    fn constant_in_set(&mut self, read: &Read, set: TermId, of: &Read) -> (Bool, Bool) {
        let What::Value(value) = &read.what else {
            return UNKNOWN;
        };
        let Type::Set(ty) = self.terms[set.index()].ty.clone() else {
            return UNKNOWN;
        };
        let term = self.constant_term(*ty, value);
        let holds = self.circuit.atom(Atom::Element(term, set));
        let bad = self.stray(set);
        let known = self.and([read.known, !of.null]);
        (self.and([known, holds]), self.and([known, !holds, !bad]))
    }

    pub(crate) fn among(&mut self, term: TermId, values: &[Value]) -> Bool {
        match values {
            [] => Bool::FALSE,
            [one] => self.equals(term, one),
            _ => self.circuit.atom(Atom::In(term, values.into())),
        }
    }

    /// A constant day as a term: needed where a test is one of terms.
    fn as_term(&mut self, read: Read) -> Read {
        match read.what {
            What::Value(value) => Read {
                what: What::Term(self.constant_term(Type::Date, &value)),
                ..read
            },
            _ => read,
        }
    }

    fn constant_term(&mut self, ty: Type, value: &Value) -> TermId {
        let known = self
            .constants
            .iter()
            .position(|(t, v)| *t == ty && v == value);
        let position = match known {
            Some(position) => position,
            None => {
                self.constants.push((ty.clone(), value.clone()));
                self.constants.len() - 1
            }
        };
        let term = self.term(Term::Constant(position as u32), ty, false);
        let is = self.equals(term, value);
        self.side.push(is);
        term
    }

    /// The row at the end of some steps, and that it is reached. `None`: there is no row to start from.
    pub(crate) fn follow(&mut self, steps: &[Step], at: At) -> Option<(RowId, Bool)> {
        let mut here = at.row?;
        let mut reached = Vec::new();
        for (i, step) in steps.iter().enumerate() {
            here = match at.back {
                // Straight back over the link by which this row was reached.
                Some((column, from))
                    if i == 0
                        && column == step.column
                        && self.rows[from.index()].table == step.to =>
                {
                    reached.push(self.rows[from.index()].present);
                    from
                }
                _ => {
                    let parent = self.parent(here, step);
                    reached.push(self.rows[parent.index()].present);
                    parent
                }
            };
        }
        let reached = self.and(reached);
        Some((here, reached))
    }

    pub(crate) fn read(&mut self, operand: &Operand, at: At) -> Read {
        match operand {
            Operand::Column(path) => self.read_path(path, at),
            Operand::Attribute(id) => self.read_attribute(at.user, *id),
            Operand::Login => self.read_login(at),
            Operand::Today => {
                let term = self.term(Term::Today, Type::Date, false);
                self.read_term(term)
            }
            Operand::Const(Value::Null) => NOTHING,
            Operand::Const(value) => Read {
                null: Bool::FALSE,
                known: Bool::TRUE,
                what: What::Value(value.clone()),
            },
            Operand::Day(inner) => {
                let read = self.read(inner, at);
                match read.what {
                    What::Value(Value::Timestamp(instant)) => Read {
                        what: What::Value(Value::Date(instant.day(&self.model.zone))),
                        ..read
                    },
                    What::Null | What::Value(_) => read,
                    What::Term(t) => {
                        if self.terms[t.index()].ty == Type::Date {
                            return read;
                        }
                        let day = self.term(Term::Day(t), Type::Date, false);
                        Read {
                            what: What::Term(day),
                            ..read
                        }
                    }
                }
            }
        }
    }

    fn read_term(&mut self, term: TermId) -> Read {
        Read {
            null: self.null(term),
            known: self.known(term),
            what: What::Term(term),
        }
    }

    fn read_path(&mut self, path: &Path, at: At) -> Read {
        let Some((row, reached)) = self.follow(&path.steps, at) else {
            return NOTHING;
        };
        let program = self.model.program;
        let term = self.cell(row, path.column);
        let (mut null, mut known) = (self.null(term), self.known(term));
        if let Some(Stored::Rows { table, .. }) = &program.column(path.table, path.column).stored {
            // There is a scope in rows wherever the row has a key by which its parts can name it.
            let Some(key) = program.table(path.table).keys.first() else {
                return NOTHING;
            };
            self.note_scope_rows(*table);
            let key = self.cell(row, *key);
            let keyed = self.known(key);
            null = !keyed;
            known = self.and([known, keyed]);
        }
        Read {
            null: self.or([!reached, null]),
            known: self.and([reached, known]),
            what: What::Term(term),
        }
    }

    fn note_scope_rows(&mut self, table: TableId) {
        if !self.scope_rows.contains(&table) {
            self.scope_rows.push(table);
        }
    }

    pub(crate) fn read_attribute(
        &mut self,
        user: UserId,
        attribute: ambit_core::AttributeId,
    ) -> Read {
        let program = self.model.program;
        let declared = match self.users[user.index()].who {
            Who::Bare(p) | Who::AnyoneWith(p) => Some(p),
            Who::Anyone | Who::Both(..) | Who::Nobody => None,
        };
        if let Some(principal) = declared
            && program.principal(principal).kind == ambit_core::PrincipalKind::User
        {
            let written = &program.principal(principal).attributes;
            match written.iter().find(|(a, _)| *a == attribute) {
                Some((_, Value::Null)) => return NOTHING,
                Some((_, value)) => return self.written(attribute, value),
                // Only what is written exists.
                None if program.settings.users_listed => return NOTHING,
                None => {}
            }
        }
        let term = self.attribute(user, attribute);
        self.attributes_read.insert((user, attribute));
        self.read_term(term)
    }

    /// An attribute with a fixed value.
    fn written(&mut self, attribute: ambit_core::AttributeId, value: &Value) -> Read {
        let ty = &self.model.program.attributes[attribute.index()].ty;
        let known = matches!(ty, Type::Set(_)) || self.fits(ty, value);
        Read {
            null: Bool::FALSE,
            known: Bool::of(known),
            what: What::Value(value.clone()),
        }
    }

    fn read_login(&mut self, at: At) -> Read {
        let program = self.model.program;
        let source = match at.row {
            Some(row) => program.source_of(self.rows[row.index()].table, at.home),
            None => at.home,
        };
        match self.users[at.user.index()].who {
            Who::Bare(p) | Who::AnyoneWith(p)
                if program.principal(p).kind == ambit_core::PrincipalKind::User =>
            {
                match program.login(p, source) {
                    Some(login) => Read {
                        null: Bool::FALSE,
                        known: Bool::TRUE,
                        what: What::Value(Value::Text(login)),
                    },
                    None => NOTHING,
                }
            }
            // Whoever is not written has any login or none, perhaps another in each source.
            Who::Bare(_) | Who::Nobody | Who::Anyone | Who::AnyoneWith(_) | Who::Both(..) => {
                let term = self.term(Term::Login(at.user, source), Type::String, true);
                self.read_term(term)
            }
        }
    }

    /// Is it a value of this type, and inside its enum?
    pub(crate) fn fits(&self, ty: &Type, value: &Value) -> bool {
        match (ty, value) {
            (Type::Enum(id), Value::Text(text)) => {
                self.model.program.enumeration(*id).members.contains(text)
            }
            (Type::Bool, Value::Bool(_))
            | (Type::Int, Value::Int(_))
            | (Type::Decimal, Value::Decimal(_))
            | (Type::String, Value::Text(_))
            | (Type::Date, Value::Date(_))
            | (Type::Timestamp, Value::Timestamp(_)) => true,
            _ => false,
        }
    }
}

const NOTHING: Read = Read {
    null: Bool::TRUE,
    known: Bool::FALSE,
    what: What::Null,
};

/// The order of two constants of one type; for texts and booleans only whether it is equal counts.
pub(crate) fn order(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
        (Value::Int(a), Value::Int(b)) => Some(a.cmp(b)),
        (Value::Decimal(a), Value::Decimal(b)) => Some(a.cmp(b)),
        (Value::Text(a), Value::Text(b)) => Some(a.cmp(b)),
        (Value::Date(a), Value::Date(b)) => Some(a.cmp(b)),
        (Value::Timestamp(a), Value::Timestamp(b)) => Some(a.cmp(b)),
        _ => None,
    }
}

/// A test of a text that is known.
pub(crate) fn text_test(text: &str, test: TextTest, literal: &str) -> bool {
    match test {
        TextTest::StartsWith => text.as_bytes().starts_with(literal.as_bytes()),
        TextTest::EndsWith => text.as_bytes().ends_with(literal.as_bytes()),
        TextTest::Contains => text.contains(literal),
    }
}
