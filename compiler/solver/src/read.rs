//! From a model of the clauses to values: a user, a query, a day and rows.

use std::collections::{BTreeMap, BTreeSet};

use ambit_core::{
    ColumnId, PrincipalId, PrincipalKind, Program, Row, ScopeEntry, ScopeOp, ScopeValue, Stored,
    TableId, Type, Value,
};
use smol_str::SmolStr;

use crate::atom::{Atom, RowId, Term, TermId, UserId};
use crate::circuit::Bool;
use crate::days;
use crate::encode::{Class, Encoding, Key, Num, OrderClass, Plan, value_of};
use crate::question::{Question, Who};
use crate::witness::{Witness, WitnessUser, default_value, length};

/// The values of all terms.
struct Values<'a, 'q, 'p, 'm> {
    question: &'q Question<'p, 'm>,
    encoding: &'a Encoding,
    /// Of every term of a class: the value, if it has one that tests can use.
    of: BTreeMap<TermId, Value>,
}

/// The witness of the model at hand.
pub(crate) fn witness(question: &Question<'_, '_>, plan: &Plan, encoding: &Encoding) -> Witness {
    let values = Values {
        question,
        encoding,
        of: values(question, plan, encoding),
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
    encoding: &Encoding,
    terms: &[Option<TermId>],
) -> Vec<usize> {
    let values = Values {
        question,
        encoding,
        of: values(question, plan, encoding),
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
        let epoch = jiff::Timestamp::UNIX_EPOCH;
        match day {
            Some(Value::Date(date)) => {
                let zone = &question.model.zone;
                if zone.to_datetime(epoch).date() == *date {
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

    /// All rows that are there, in full; rows that are one row say the same.
    fn rows(&self) -> BTreeMap<RowId, Row> {
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
    fn said(&self, term: TermId) -> bool {
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
    fn twins(&self, id: RowId) -> Vec<RowId> {
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
                        jiff::Timestamp::from_second(instant.as_second() + n).unwrap_or(instant),
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
        let login = question
            .terms
            .iter()
            .enumerate()
            .filter(|(_, t)| matches!(t.term, Term::Login(u, _) if u == id))
            .map(|(i, _)| self.value(TermId(i as u32)))
            .find_map(|v| match v {
                Value::Text(text) => Some(text),
                _ => None,
            });
        WitnessUser {
            declared,
            principals,
            attributes,
            login: login.filter(|_| declared.is_none()),
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
        Type::Timestamp => Value::Timestamp(
            jiff::Timestamp::from_second(n * 86_400).unwrap_or(jiff::Timestamp::UNIX_EPOCH),
        ),
        _ => Value::Text(match u32::try_from(n).ok().filter(|n| *n < 27) {
            Some(0) => SmolStr::default(),
            Some(n) => SmolStr::from_iter(char::from_u32('a' as u32 + n - 1)),
            None => SmolStr::from(format!("x{n}")),
        }),
    }
}

/// A value for each term of each class, as the model says.
fn values(
    question: &Question<'_, '_>,
    plan: &Plan,
    encoding: &Encoding,
) -> BTreeMap<TermId, Value> {
    let mut out = BTreeMap::new();
    for class in &encoding.classes {
        match class {
            Class::Equality(class) => equal_values(encoding, class, &mut out),
            Class::Order(class) => ordered_values(question, plan, encoding, class, &mut out),
            Class::Scope(_) => {}
        }
    }
    out
}

fn equal_values(
    encoding: &Encoding,
    class: &crate::encode::EqualityClass,
    out: &mut BTreeMap<TermId, Value>,
) {
    let sat = &encoding.sat;
    // Terms that are equal have one value.
    let mut groups: Vec<Vec<TermId>> = Vec::new();
    for term in &class.terms {
        let equal = |other: &TermId| {
            let key = (*other.min(term), *other.max(term));
            class.same.get(&key).is_some_and(|lit| sat.value(*lit))
        };
        let mut joined: Vec<TermId> = vec![*term];
        groups.retain(|group| {
            if group.iter().any(equal) {
                joined.extend(group);
                false
            } else {
                true
            }
        });
        joined.sort_unstable();
        groups.push(joined);
    }
    groups.sort_unstable();
    let mut taken: BTreeSet<Value> = BTreeSet::new();
    let constants: BTreeSet<&Value> = class.regions.iter().flatten().collect();
    for group in groups {
        let first = group[0];
        let value = match class.region(sat, first) {
            Some(region) => {
                let region = &class.regions[region];
                region
                    .iter()
                    .find(|v| !taken.contains(*v))
                    .or(region.first())
                    .cloned()
            }
            None => {
                let free = |v: &Value| !taken.contains(v) && !constants.contains(v);
                match class.ty {
                    Type::String => {
                        let tests = class.tests_of(sat, first);
                        crate::text::find(&tests, &|text| free(&Value::text(text))).map(Value::Text)
                    }
                    // As many as there are constants and groups are taken at most.
                    ref ty => (0..i64::from(u32::MAX))
                        .map(|n| nth(ty, n))
                        .find(|v| free(v)),
                }
            }
        };
        let Some(value) = value else { continue };
        taken.insert(value.clone());
        for term in group {
            out.insert(term, value.clone());
        }
    }
}

fn ordered_values(
    question: &Question<'_, '_>,
    plan: &Plan,
    encoding: &Encoding,
    class: &OrderClass,
    out: &mut BTreeMap<TermId, Value>,
) {
    let sat = &encoding.sat;
    let mut fixed: BTreeMap<TermId, Num> = BTreeMap::new();
    let skipped: Vec<i64> = if class.terms.iter().any(|t| plan.free_days.contains(t)) {
        days::skipped(&question.model.zone)
    } else {
        Vec::new()
    };
    let preferred = match class.ty {
        // Days of instants that stand for themselves begin at the epoch, too.
        Type::Date | Type::Int | Type::Timestamp => Num::Whole(0),
        _ => Num::Dense(rust_decimal::Decimal::ZERO),
    };
    for term in &class.terms {
        let Ok(spans) = class.spans(sat, &fixed) else {
            break;
        };
        let Some(span) = spans.get(term) else {
            continue;
        };
        let mut num = pick(span.low, span.high, preferred);
        if plan.free_days.contains(term)
            && let Num::Whole(n) = num
            && skipped.contains(&(n as i64))
        {
            let beside = [n + 1, n - 1].map(Num::Whole);
            let inside = |c: &Num| {
                let key = crate::encode::key(*c, true);
                span.low.is_none_or(|l| key > l) && span.high.is_none_or(|h| key <= h)
            };
            num = beside.into_iter().find(inside).unwrap_or(num);
        }
        fixed.insert(*term, num);
    }
    for (term, num) in fixed {
        out.insert(term, value_of(&class.ty, num));
    }
}

/// The simplest value above `low` and up to `high`: the preferred one, else the nearest to it.
fn pick(low: Option<Key>, high: Option<Key>, preferred: Num) -> Num {
    let at = |n: Num| crate::encode::key(n, true);
    let above = |n: Num| low.is_none_or(|l| at(n) > l || (!l.closed && l.num == n));
    let below = |n: Num| high.is_none_or(|h| at(n) <= h);
    if above(preferred) && below(preferred) {
        return preferred;
    }
    match (low, high) {
        (Some(low), _) if !above(preferred) => match low.num {
            Num::Whole(n) => Num::Whole(n + 1),
            Num::Dense(d) => Num::Dense(dense(d, !low.closed, high.map(|h| (h.num, h.closed)))),
        },
        (_, Some(high)) => match (high.num, high.closed) {
            (Num::Whole(n), _) => Num::Whole(n),
            (Num::Dense(d), true) => Num::Dense(d),
            (Num::Dense(d), false) => {
                // Below d, above low: mirror.
                let low = low.map(|l| (negate(l.num), !l.closed));
                Num::Dense(-dense(-d, false, low))
            }
        },
        _ => preferred,
    }
}

fn negate(num: Num) -> Num {
    match num {
        Num::Dense(d) => Num::Dense(-d),
        Num::Whole(n) => Num::Whole(-n),
    }
}

/// A short decimal that is at least (`closed`) or more than `low`, and within `high` (its second: itself counts).
fn dense(
    low: rust_decimal::Decimal,
    closed: bool,
    high: Option<(Num, bool)>,
) -> rust_decimal::Decimal {
    use rust_decimal::Decimal;
    let fits = |d: Decimal| {
        (d > low || (closed && d == low))
            && match high {
                Some((Num::Dense(h), true)) => d <= h,
                Some((Num::Dense(h), false)) => d < h,
                _ => true,
            }
    };
    for places in 0..=27 {
        let step = Decimal::new(1, places);
        let down =
            low.round_dp_with_strategy(places, rust_decimal::RoundingStrategy::ToNegativeInfinity);
        for candidate in [Some(down), down.checked_add(step)].into_iter().flatten() {
            if fits(candidate) {
                return candidate.normalize();
            }
        }
    }
    if let Some((Num::Dense(h), _)) = high
        && let Some(sum) = low.checked_add(h)
    {
        return sum / Decimal::TWO;
    }
    low
}
