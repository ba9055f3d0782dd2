//! Which users there can be: what principals inherit, what excludes one another, who is declared, what is written.

use std::collections::{BTreeMap, BTreeSet};

use ambit_core::{AttributeId, PrincipalId, PrincipalKind, SourceId, Type, Value};

use crate::atom::{Atom, Term, UserId};
use crate::circuit::Bool;
use crate::question::{Question, Who};

impl Question<'_, '_> {
    /// States what holds of every user of the question. The principals that matter are those that formulas name.
    pub(crate) fn write_users(&mut self) {
        let mut named: BTreeMap<UserId, BTreeSet<PrincipalId>> = BTreeMap::new();
        for atom in &self.circuit.atoms {
            if let Atom::Member(user, principal) = atom {
                named.entry(*user).or_default().insert(*principal);
            }
        }
        for position in 0..self.users.len() {
            let user = UserId(position as u32);
            let principals = named.remove(&user).unwrap_or_default();
            match self.users[position].who {
                Who::Anyone => self.write_user(user, principals, None),
                Who::AnyoneWith(p) => self.write_user(user, principals, Some(p)),
                Who::Both(..) => {
                    let logins = self.logins_of(user);
                    self.write_logins(user, &[], &logins);
                }
                Who::Bare(_) | Who::Nobody => {}
            }
        }
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
        let logins = self.logins_of(user);
        if fixed.is_none() {
            if program.settings.users_listed {
                principals.extend(&self.model.users);
            } else if logins.len() > 1 {
                principals.extend(&self.model.many_logins);
            }
        }
        // Those that exclude one another, as far as somebody at hand has them.
        let all: Vec<PrincipalId> = principals.iter().copied().chain(with).collect();
        self.write_exclusive(user, &all);
        for p in &principals {
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
        self.write_logins(user, &declared, &logins);
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
                for e in set {
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
    fn elements_of(&self, set: crate::atom::TermId) -> Vec<crate::atom::TermId> {
        self.circuit
            .atoms
            .iter()
            .filter_map(|a| match a {
                Atom::Element(x, s) if *s == set => Some(*x),
                _ => None,
            })
            .collect()
    }

    fn logins_of(&self, user: UserId) -> Vec<Option<SourceId>> {
        self.terms
            .iter()
            .filter_map(|t| match t.term {
                Term::Login(u, source) if u == user => Some(source),
                _ => None,
            })
            .collect()
    }

    /// A declared user is known by his names; any other by one name everywhere.
    fn write_logins(
        &mut self,
        user: UserId,
        declared: &[PrincipalId],
        sources: &[Option<SourceId>],
    ) {
        let program = self.model.program;
        let terms: Vec<_> = sources
            .iter()
            .map(|s| self.term(Term::Login(user, *s), Type::String, true))
            .collect();
        let any: Vec<Bool> = declared.iter().map(|d| self.member(user, *d)).collect();
        let any = self.or(any);
        for (i, a) in terms.iter().enumerate() {
            for b in &terms[i + 1..] {
                let alike = self.alike(*a, *b, &Type::String);
                let side = self.or([any, alike]);
                self.side.push(side);
            }
        }
        for d in declared {
            let is = self.member(user, *d);
            for (term, source) in terms.iter().zip(sources) {
                let fixed = match program.login(*d, *source) {
                    Some(login) => {
                        let null = self.null(*term);
                        let equal = self.equals(*term, &Value::Text(login));
                        self.and([!null, equal])
                    }
                    None => self.null(*term),
                };
                let side = self.implies(is, fixed);
                self.side.push(side);
            }
        }
    }
}
