//! From a model of the clauses to values: a user, a query, a day and rows.

mod rows;
mod values;

use std::collections::{BTreeMap, BTreeSet};

use ambit_core::{
    Instant, PrincipalId, PrincipalKind, Program, Row, ScopeEntry, ScopeOp, ScopeValue, TableId,
    Type, Value,
};
use smol_str::SmolStr;

use crate::atom::{Atom, RowId, Term, TermId, UserId};
use crate::days;
use crate::encode::{Class, Encoding, Plan};
use crate::question::{Question, Who};
use crate::witness::{Witness, WitnessUser, default_value, length};

/// The values of all terms.
struct Values<'a, 'q, 'p, 'm> {
    question: &'q Question<'p, 'm>,
    encoding: &'a Encoding<'p>,
    /// Of every term of a class: the value, if it has one that tests can use.
    of: BTreeMap<TermId, Value>,
}

/// The witness of the model at hand.
pub(crate) fn witness(
    question: &Question<'_, '_>,
    plan: &Plan,
    encoding: &Encoding<'_>,
) -> Witness {
    let values = Values {
        question,
        encoding,
        of: values::values(question, plan, encoding),
    };
    let rows = values.rows();
    let named: Vec<Option<Row>> = (0..question.rows.len())
        .filter(|i| question.rows[*i].named)
        .map(|i| rows.get(&RowId(i as u32)).cloned())
        .collect();
    let mut related: BTreeMap<TableId, Vec<Row>> = BTreeMap::new();
    let mut seen: BTreeSet<(TableId, Vec<Value>)> = BTreeSet::new();
    for (id, row) in &rows {
        let info = &question.rows[id.index()];
        if !info.in_data {
            continue;
        }
        // Rows that are one row are one row.
        if values
            .twins(*id)
            .iter()
            .any(|t| t < id && rows.contains_key(t))
        {
            continue;
        }
        let keys = &question.model.program.table(info.table).keys;
        let key: Vec<Value> = keys.iter().map(|k| row[k.index()].clone()).collect();
        if keys.is_empty() || key.iter().any(Value::is_null) || seen.insert((info.table, key)) {
            related.entry(info.table).or_default().push(row.clone());
        }
    }
    let mut query: Vec<TableId> = question.asked.into_iter().collect();
    for number in &plan.atoms {
        if let Atom::InQuery(table) = &question.circuit.atoms[*number as usize]
            && encoding.sat.value(encoding.atoms[number])
        {
            query.push(*table);
        }
    }
    query.sort_unstable();
    query.dedup();
    Witness {
        users: (0..question.users.len())
            .map(|i| values.user(UserId(i as u32)))
            .collect(),
        query,
        today: days::date(encoding.day),
        rows: named,
        related: related.into_iter().collect(),
    }
}

/// How long the values of some terms are; 0 where there is none.
pub(crate) fn lengths(
    question: &Question<'_, '_>,
    plan: &Plan,
    encoding: &Encoding<'_>,
    terms: &[Option<TermId>],
) -> Vec<usize> {
    let values = Values {
        question,
        encoding,
        of: values::values(question, plan, encoding),
    };
    terms
        .iter()
        .map(|t| t.map_or(0, |t| length(&values.value(t))))
        .collect()
}

impl Values<'_, '_, '_, '_> {
    fn holds(&self, atom: &Atom) -> Option<bool> {
        self.encoding
            .find(self.question, atom)
            .map(|lit| self.encoding.sat.value(lit))
    }

    /// The value of a term: what the model says, else the default of its type.
    fn value(&self, term: TermId) -> Value {
        let question = self.question;
        let info = &question.terms[term.index()];
        if let Term::Day(inner) = info.term {
            return self.value(inner);
        }
        if self.holds(&Atom::Null(term)) == Some(true) {
            return Value::Null;
        }
        let stray = self.holds(&Atom::Stray(term)) == Some(true);
        match &info.ty {
            Type::Enum(id) if stray => {
                outside(question.model.program, *id, self.number_of_key(info.term))
            }
            Type::Scope(_) if stray => Value::Scope(ScopeValue::Unreadable("*".into()).into()),
            Type::Scope(_) => self.scope(term),
            Type::Set(_) => self.set(term, stray),
            Type::Timestamp if !self.of.contains_key(&term) => self.instant(term),
            ty => match self.of.get(&term) {
                Some(value) => value.clone(),
                // Nothing is said of it, not even whether it is null.
                None if info.nullable && self.holds(&Atom::Null(term)).is_none() => Value::Null,
                None => default_value(question.model.program, ty),
            },
        }
    }

    /// Which of its table's rows a key belongs to, since keys differ; 0 for any other term.
    fn number_of_key(&self, term: Term) -> u32 {
        let question = self.question;
        match term {
            Term::Cell(row, column) => {
                let table = question.rows[row.index()].table;
                let key = question.model.program.table(table).keys.contains(&column);
                let before = question.rows[..row.index()].iter();
                if key {
                    before.filter(|r| r.table == table).count() as u32
                } else {
                    0
                }
            }
            _ => 0,
        }
    }

    /// An instant of which only the day counts.
    fn instant(&self, term: TermId) -> Value {
        let question = self.question;
        let day = question
            .find_term(Term::Day(term))
            .and_then(|day| self.of.get(&day));
        let epoch = Instant::UNIX_EPOCH;
        match day {
            Some(Value::Date(date)) => {
                let zone = &question.model.zone;
                if epoch.day(zone) == *date {
                    return Value::Timestamp(epoch);
                }
                days::instant_of(days::number(*date), zone)
                    .map_or(Value::Timestamp(epoch), Value::Timestamp)
            }
            _ => Value::Timestamp(epoch),
        }
    }

    fn scope(&self, term: TermId) -> Value {
        let class = self.encoding.class_of.get(&term);
        let Some(Class::Scope(class)) = class.map(|c| &self.encoding.classes[*c]) else {
            return Value::Scope(ScopeValue::Entries(Vec::new()).into());
        };
        let sat = &self.encoding.sat;
        let pairs = &class.has[&term];
        let mut found: BTreeMap<SmolStr, Vec<SmolStr>> = BTreeMap::new();
        for ((level, member), lit) in &pairs.listed {
            if sat.value(*lit) {
                found.entry(level.clone()).or_default().push(member.clone());
            }
        }
        for (level, lit) in &pairs.other_member {
            if sat.value(*lit) {
                let taken = &class.levels[level];
                let other = fresh(|name| taken.contains(name));
                found.entry(level.clone()).or_default().push(other);
            }
        }
        if sat.value(pairs.other_level) {
            let declared: Vec<SmolStr> = match &self.question.terms[term.index()].ty {
                Type::Scope(levels) => levels.clone(),
                _ => Vec::new(),
            };
            let level = declared
                .into_iter()
                .find(|l| !class.levels.contains_key(l))
                .unwrap_or_else(|| fresh(|name| class.levels.contains_key(name)));
            found.entry(level).or_default().push("a".into());
        }
        let entries = found
            .into_iter()
            .map(|(level, members)| ScopeEntry {
                level,
                op: ScopeOp::Equals,
                members,
            })
            .collect();
        Value::Scope(ScopeValue::Entries(entries).into())
    }

    fn set(&self, term: TermId, stray: bool) -> Value {
        let mut elements = Vec::new();
        for (set, x, lit) in &self.encoding.elements {
            if *set == term && self.encoding.sat.value(*lit) {
                let value = match self.question.terms[x.index()].term {
                    Term::Today => Value::Date(days::date(self.encoding.day)),
                    Term::Day(_) => self.of.get(x).cloned().unwrap_or(Value::Null),
                    _ => self.usable(*x),
                };
                if !value.is_null() {
                    elements.push(value);
                }
            }
        }
        if stray
            && let Type::Set(of) = &self.question.terms[term.index()].ty
            && let Type::Enum(id) = **of
        {
            elements.push(outside(self.question.model.program, id, 0));
        }
        Value::set(elements)
    }

    /// The value of a term as far as tests can use it, else null.
    fn usable(&self, term: TermId) -> Value {
        if self.holds(&Atom::Null(term)) == Some(true)
            || self.holds(&Atom::Stray(term)) == Some(true)
        {
            return Value::Null;
        }
        self.of.get(&term).cloned().unwrap_or(Value::Null)
    }

    fn user(&self, id: UserId) -> WitnessUser {
        let question = self.question;
        let program = question.model.program;
        let info = &question.users[id.index()];
        let is_user = |p: PrincipalId| program.principal(p).kind == PrincipalKind::User;
        let mut principals: Vec<PrincipalId> = match info.who {
            Who::Bare(p) | Who::AnyoneWith(p) => vec![p],
            Who::Both(p, q) => vec![p, q],
            Who::Anyone | Who::Nobody => Vec::new(),
        };
        for (number, lit) in &self.encoding.atoms {
            if let Atom::Member(user, p) = &question.circuit.atoms[*number as usize]
                && *user == id
                && self.encoding.sat.value(*lit)
            {
                principals.push(*p);
            }
        }
        principals.sort_unstable();
        principals.dedup();
        let declared = principals.iter().copied().find(|p| is_user(*p));
        // What another brings along need not be said.
        let all = principals.clone();
        principals.retain(|p| {
            !is_user(*p)
                && !all
                    .iter()
                    .any(|q| q != p && program.principal(*q).closure.binary_search(p).is_ok())
        });
        let written = |a| {
            declared.is_some_and(|d| program.principal(d).attributes.iter().any(|(w, _)| *w == a))
        };
        let mut attributes = Vec::new();
        for (position, _) in program.attributes.iter().enumerate() {
            let a = ambit_core::AttributeId(position as u32);
            let term = question
                .find_term(Term::Attribute(info.attributes, a))
                .filter(|t| self.said(*t) || self.encoding.elements.iter().any(|(s, ..)| s == t));
            if let Some(term) = term
                && !written(a)
            {
                let value = self.value(term);
                if !value.is_null() {
                    attributes.push((a, value));
                }
            }
        }
        let mut logins: Vec<_> = question
            .terms
            .iter()
            .enumerate()
            .filter_map(|(i, t)| match t.term {
                Term::Login(u, source) if u == id => Some((source, TermId(i as u32))),
                _ => None,
            })
            .map(|(source, term)| match self.value(term) {
                Value::Text(text) => (source, Some(text)),
                _ => (source, None),
            })
            .collect();
        logins.sort_unstable();
        if declared.is_some() {
            logins.clear();
        }
        WitnessUser {
            declared,
            principals,
            attributes,
            logins,
        }
    }
}

/// A name that is not taken.
fn fresh(taken: impl Fn(&str) -> bool) -> SmolStr {
    let letters = ('a'..='z').map(|c| SmolStr::from_iter([c]));
    let longer = (0_u64..).map(|n| SmolStr::from(format!("x{n}")));
    letters
        .chain(longer)
        .find(|name| !taken(name))
        .unwrap_or_default()
}

/// A text outside an enum; another for each number.
fn outside(program: &Program, id: ambit_core::EnumId, n: u32) -> Value {
    let members = &program.enumeration(id).members;
    let text = (0..u32::MAX - n)
        .map(|i| {
            SmolStr::from(if n + i == 0 {
                "?".to_owned()
            } else {
                format!("?{}", n + i)
            })
        })
        .find(|t| !members.contains(t))
        .unwrap_or_default();
    Value::Text(text)
}

/// The `n`-th value of a type with values without end.
fn nth(ty: &Type, n: i64) -> Value {
    match ty {
        Type::Int => Value::Int(n),
        Type::Decimal => Value::Decimal(n.into()),
        Type::Date => Value::Date(days::date(n)),
        Type::Timestamp => {
            Value::Timestamp(Instant::from_second(n * 86_400).unwrap_or(Instant::UNIX_EPOCH))
        }
        _ => Value::Text(match u32::try_from(n).ok().filter(|n| *n < 27) {
            Some(0) => SmolStr::default(),
            Some(n) => SmolStr::from_iter(char::from_u32('a' as u32 + n - 1)),
            None => SmolStr::from(format!("x{n}")),
        }),
    }
}
