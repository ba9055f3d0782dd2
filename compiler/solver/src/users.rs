//! Which users there can be: what principals inherit, what excludes one another, who is declared, what is written.

use std::collections::{BTreeMap, BTreeSet};

use ambit_core::{AttributeId, PrincipalId, PrincipalKind, SourceId, Type, Value};
use smol_str::SmolStr;

use crate::atom::{Atom, Term, TermId, UserId};
use crate::circuit::Bool;
use crate::question::{Question, Who};

impl Question<'_, '_> {
    /// States what holds of every user of the question. The principals that matter are those that formulas name.
    pub(crate) fn write_users(&mut self) {
        for second in 0..self.users.len() {
            for first in 0..second {
                self.write_pair(UserId(first as u32), UserId(second as u32));
            }
        }
        let mut named = self.named();
        for position in 0..self.users.len() {
            let user = UserId(position as u32);
            let principals = named.remove(&user).unwrap_or_default();
            match self.users[position].who {
                Who::Anyone => self.write_user(user, principals, None),
                Who::AnyoneWith(p) => self.write_user(user, principals, Some(p)),
                // Nobody has what excludes one another, not even by a single role that inherits both.
                Who::Bare(p) => self.write_bare(user, &[p]),
                Who::Both(p, q) => self.write_bare(user, &[p, q]),
                Who::Nobody => self.write_logins(user, &[]),
            }
        }
    }

    fn write_bare(&mut self, user: UserId, principals: &[PrincipalId]) {
        self.write_exclusive(user, principals);
        self.write_logins(user, &[]);
    }

    /// The principals of each user that formulas name.
    fn named(&self) -> BTreeMap<UserId, BTreeSet<PrincipalId>> {
        let mut named: BTreeMap<UserId, BTreeSet<PrincipalId>> = BTreeMap::new();
        for atom in &self.circuit.atoms {
            if let Atom::Member(user, principal) = atom {
                named.entry(*user).or_default().insert(*principal);
            }
        }
        named
    }

    /// Two users with one login in one source are one user, and so are two who are the same declared one. Of a user in
    /// the place of another ([`Question::user_alike`]) the login is the other's, as far as none is written.
    fn write_pair(&mut self, first: UserId, second: UserId) {
        let program = self.model.program;
        let mut named = self.named();
        let mut principals = BTreeSet::new();
        for user in [first, second] {
            principals.extend(named.remove(&user).unwrap_or_default());
            match self.users[user.index()].who {
                Who::Bare(p) | Who::AnyoneWith(p) => principals.extend([p]),
                Who::Both(p, q) => principals.extend([p, q]),
                Who::Anyone | Who::Nobody => {}
            }
        }
        let declared: Vec<PrincipalId> = principals
            .iter()
            .copied()
            .filter(|p| program.principal(*p).kind == PrincipalKind::User)
            .collect();
        let logins: Vec<(TermId, TermId)> = self
            .logins_of(first)
            .into_iter()
            .filter_map(|(source, a)| Some((a, self.find_term(Term::Login(second, source))?)))
            .collect();
        if self.users[first.index()].attributes == self.users[second.index()].attributes {
            let mut written = Vec::new();
            for user in [first, second] {
                for d in &declared {
                    written.push(self.member(user, *d));
                }
            }
            let written = self.or(written);
            for (a, b) in logins {
                let alike = self.alike(a, b, &Type::String);
                let side = self.or([written, alike]);
                self.side.push(side);
            }
            return;
        }
        let mut meet = Vec::new();
        for (a, b) in &logins {
            let (known_a, known_b, same) = (self.known(*a), self.known(*b), self.same(*a, *b));
            meet.push(self.and([known_a, known_b, same]));
        }
        for d in &declared {
            let (a, b) = (self.member(first, *d), self.member(second, *d));
            meet.push(self.and([a, b]));
        }
        let meet = self.or(meet);
        if meet == Bool::FALSE {
            return;
        }
        let mut one = Vec::new();
        for p in principals {
            let (a, b) = (self.member(first, p), self.member(second, p));
            one.push(self.iff(a, b));
        }
        for (a, b) in logins {
            one.push(self.alike(a, b, &Type::String));
        }
        for (position, attribute) in program.attributes.iter().enumerate() {
            let id = AttributeId(position as u32);
            if let (Some(a), Some(b)) = (
                self.find_term(Term::Attribute(first, id)),
                self.find_term(Term::Attribute(second, id)),
            ) {
                one.push(self.alike_attributes(a, b, &attribute.ty));
            }
        }
        let one = self.and(one);
        let side = self.implies(meet, one);
        self.side.push(side);
    }

    /// Two values of an attribute are one.
    fn alike_attributes(&mut self, a: TermId, b: TermId, ty: &Type) -> Bool {
        if *ty == Type::Timestamp
            && let (Some(day_a), Some(day_b)) =
                (self.find_term(Term::Day(a)), self.find_term(Term::Day(b)))
            && !self
                .circuit
                .atoms
                .iter()
                .filter(|atom| !matches!(atom, Atom::Null(_)))
                .flat_map(crate::encode::terms_of)
                .any(|t| t == a || t == b)
        {
            // Of instants of which only the days are asked, the days.
            let (null_a, null_b) = (self.null(a), self.null(b));
            let nulls = self.iff(null_a, null_b);
            let same = self.same(day_a, day_b);
            let same = self.or([null_a, same]);
            return self.and([nulls, same]);
        }
        if !matches!(ty, Type::Set(_)) {
            return self.alike(a, b, ty);
        }
        let (null_a, null_b) = (self.null(a), self.null(b));
        let (stray_a, stray_b) = (self.stray(a), self.stray(b));
        let mut parts = vec![self.iff(null_a, null_b), self.iff(stray_a, stray_b)];
        let elements: BTreeSet<TermId> = [a, b]
            .iter()
            .flat_map(|set| self.elements_of(*set))
            .collect();
        for x in elements {
            let in_a = self.circuit.atom(Atom::Element(x, a));
            let in_b = self.circuit.atom(Atom::Element(x, b));
            parts.push(self.iff(in_a, in_b));
        }
        self.and(parts)
    }

    fn write_user(
        &mut self,
        user: UserId,
        mut principals: BTreeSet<PrincipalId>,
        with: Option<PrincipalId>,
    ) {
        let program = self.model.program;
        let is_user = |p: PrincipalId| program.principal(p).kind == PrincipalKind::User;
        let fixed = with.filter(|p| is_user(*p));
        // Of a written user everything is said already.
        if fixed.is_some() && program.settings.users_listed {
            return;
        }
        if fixed.is_none() {
            if program.settings.users_listed {
                principals.extend(&self.model.users);
            } else {
                self.add_known(user, &mut principals);
            }
        }
        // Those that exclude one another, as far as somebody at hand has them.
        let all: Vec<PrincipalId> = principals.iter().copied().chain(with).collect();
        self.write_exclusive(user, &all);
        for p in &principals {
            self.model.wanted.look();
            for q in &program.principal(*p).closure {
                if p != q && principals.contains(q) {
                    let (p, q) = (self.member(user, *p), self.member(user, *q));
                    let side = self.implies(p, q);
                    self.side.push(side);
                }
            }
        }
        let declared: Vec<PrincipalId> =
            principals.iter().copied().filter(|p| is_user(*p)).collect();
        self.at_most_one(user, &declared);
        if program.settings.users_listed && fixed.is_none() {
            self.write_listed(user, &principals, &declared, with);
        }
        self.write_attributes(user, &declared);
        self.write_logins(user, &declared);
    }

    /// Adds the declared users whose login in a source that is read is a text of the question: whoever has it is they.
    /// As to any other declared user: whatever he may, somebody who is not declared and has another login may, too.
    fn add_known(&self, user: UserId, principals: &mut BTreeSet<PrincipalId>) {
        let program = self.model.program;
        let sources = self.logins_of(user);
        if sources.is_empty() {
            return;
        }
        let mut texts: BTreeSet<SmolStr> = BTreeSet::new();
        for atom in &self.circuit.atoms {
            match atom {
                Atom::Eq(_, value) => texts.extend(texts_of(value)),
                Atom::In(_, values) => texts.extend(values.iter().flat_map(texts_of)),
                _ => {}
            }
        }
        texts.extend(self.constants.iter().flat_map(|(_, value)| texts_of(value)));
        // What is written at a user is a text of the question where he is one of those at hand.
        let mut new: Vec<PrincipalId> = principals.iter().copied().collect();
        loop {
            for p in new.drain(..) {
                for (attribute, value) in &program.principal(p).attributes {
                    if self.attributes_read.contains(&(user, *attribute)) {
                        texts.extend(texts_of(value));
                    }
                }
            }
            for (source, _) in &sources {
                let known = self.model.logins(*source);
                new.extend(texts.iter().filter_map(|t| known.get(t)));
            }
            new.retain(|p| principals.insert(*p));
            if new.is_empty() {
                return;
            }
        }
    }

    /// Nobody is two users at once: each declared user has a number of his own.
    fn at_most_one(&mut self, user: UserId, declared: &[PrincipalId]) {
        let bits = usize::BITS - declared.len().saturating_sub(1).leading_zeros();
        for (number, d) in declared.iter().enumerate() {
            let is = self.member(user, *d);
            for bit in 0..bits {
                let atom = self.circuit.atom(Atom::Number(user, bit));
                let wanted = if number >> bit & 1 == 1 { atom } else { !atom };
                let side = self.implies(is, wanted);
                self.side.push(side);
            }
        }
    }

    /// Only the written users exist, with just what is written.
    fn write_listed(
        &mut self,
        user: UserId,
        principals: &BTreeSet<PrincipalId>,
        declared: &[PrincipalId],
        with: Option<PrincipalId>,
    ) {
        let program = self.model.program;
        let one: Vec<Bool> = declared.iter().map(|d| self.member(user, *d)).collect();
        let one = self.or(one);
        self.side.push(one);
        for p in principals.iter().copied().chain(with) {
            if program.principal(p).kind == PrincipalKind::User {
                continue;
            }
            let has: Vec<PrincipalId> = declared
                .iter()
                .copied()
                .filter(|d| program.principal(*d).closure.binary_search(&p).is_ok())
                .collect();
            let has: Vec<Bool> = has.into_iter().map(|d| self.member(user, d)).collect();
            let has = self.or(has);
            let member = self.member(user, p);
            let side = self.iff(member, has);
            self.side.push(side);
        }
    }

    fn write_exclusive(&mut self, user: UserId, principals: &[PrincipalId]) {
        let program = self.model.program;
        for set in &program.exclusive {
            let mut holders: BTreeMap<PrincipalId, Vec<Bool>> = BTreeMap::new();
            for p in principals {
                let closure = &program.principal(*p).closure;
                for e in &set.principals {
                    if p == e || closure.binary_search(e).is_ok() {
                        let member = self.member(user, *p);
                        holders.entry(*e).or_default().push(member);
                    }
                }
            }
            let held: Vec<Bool> = holders.into_values().map(|h| self.or(h)).collect();
            for (i, a) in held.iter().enumerate() {
                for b in &held[i + 1..] {
                    let side = self.or([!*a, !*b]);
                    self.side.push(side);
                }
            }
        }
    }

    /// What is written at a declared user is what he has.
    fn write_attributes(&mut self, user: UserId, declared: &[PrincipalId]) {
        let program = self.model.program;
        let read: Vec<AttributeId> = self
            .attributes_read
            .iter()
            .filter(|(u, _)| *u == user)
            .map(|(_, a)| *a)
            .collect();
        for d in declared {
            let is = self.member(user, *d);
            for attribute in &read {
                let written = program
                    .principal(*d)
                    .attributes
                    .iter()
                    .find(|(a, _)| a == attribute)
                    .map(|(_, value)| value);
                let value = match written {
                    Some(value) => value,
                    None if program.settings.users_listed => &Value::Null,
                    None => continue,
                };
                let term = self.attribute(user, *attribute);
                let null = self.null(term);
                let fixed = match value {
                    Value::Null => null,
                    Value::Set(elements) => {
                        let stray = self.stray(term);
                        let of = match &self.terms[term.index()].ty {
                            Type::Set(of) => (**of).clone(),
                            _ => continue,
                        };
                        let good: Vec<Value> = elements
                            .iter()
                            .filter(|e| self.fits(&of, e))
                            .cloned()
                            .collect();
                        let bad = Bool::of(good.len() < elements.len());
                        let mut parts = vec![!null, self.iff(stray, bad)];
                        for element in self.elements_of(term) {
                            let atom = self.circuit.atom(Atom::Element(element, term));
                            let among = self.among(element, &good);
                            parts.push(self.iff(atom, among));
                        }
                        self.and(parts)
                    }
                    value => {
                        let equal = self.equals(term, value);
                        let stray = self.stray(term);
                        self.and([!null, !stray, equal])
                    }
                };
                let side = self.implies(is, fixed);
                self.side.push(side);
            }
        }
    }

    /// The terms that are tested against a set.
    fn elements_of(&self, set: TermId) -> Vec<TermId> {
        self.circuit
            .atoms
            .iter()
            .filter_map(|a| match a {
                Atom::Element(x, s) if *s == set => Some(*x),
                _ => None,
            })
            .collect()
    }

    /// The logins of a user that formulas read, by source.
    fn logins_of(&self, user: UserId) -> Vec<(Option<SourceId>, TermId)> {
        self.terms
            .iter()
            .enumerate()
            .filter_map(|(i, t)| match t.term {
                Term::Login(u, source) if u == user => Some((source, TermId(i as u32))),
                _ => None,
            })
            .collect()
    }

    /// In each source a declared user has his login there, and nobody else has it.
    fn write_logins(&mut self, user: UserId, declared: &[PrincipalId]) {
        let model = self.model;
        for (source, term) in self.logins_of(user) {
            let null = self.null(term);
            let mut others = model.logins(source).clone();
            for d in declared {
                let is = self.member(user, *d);
                let Some(login) = model.program.login(*d, source) else {
                    continue;
                };
                let equal = self.equals(term, &Value::Text(login.clone()));
                let named = self.and([!null, equal]);
                let side = self.iff(is, named);
                self.side.push(side);
                others.remove(&login);
            }
            let others: Vec<Value> = others.into_keys().map(Value::Text).collect();
            if !others.is_empty() {
                let taken = self.among(term, &others);
                let side = self.or([null, !taken]);
                self.side.push(side);
            }
        }
    }
}

/// The texts of a value.
fn texts_of(value: &Value) -> impl Iterator<Item = SmolStr> {
    let elements = match value {
        Value::Set(elements) => elements,
        one => std::slice::from_ref(one),
    };
    elements.iter().filter_map(|element| match element {
        Value::Text(text) => Some(text.clone()),
        _ => None,
    })
}
