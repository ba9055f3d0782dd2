//! Decisions as formulas: the three lines of language.md, "Meaning".

use std::collections::BTreeMap;

use ambit_core::{
    Applies, Axis, Effect, Holder, PrincipalKind, Resource, Rule, RuleId, SourceId, TableId,
};

use crate::atom::{Atom, RowId, UserId};
use crate::circuit::Bool;
use crate::question::{At, Question, Who};

/// The rows on which an action is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// An action on an object: there is no row.
    Object,
    /// `read`: the row.
    Read(RowId),
    /// Insert: the new row.
    Insert(RowId),
    /// Update: the row before and after.
    Update {
        /// Before.
        old: RowId,
        /// After.
        new: RowId,
    },
    /// Delete: the old row.
    Delete(RowId),
}

/// All rules.
pub fn every_rule(_: RuleId) -> bool {
    true
}

impl Question<'_, '_> {
    /// The user may do it, by those rules on the resource that `keep` keeps ([`every_rule`]: by all). Who bypasses
    /// the resource's source is left out: say so with [`Question::not_bypassed`].
    pub fn allowed(
        &mut self,
        user: UserId,
        resource: Resource,
        action: &str,
        act: Act,
        keep: &dyn Fn(RuleId) -> bool,
    ) -> Bool {
        let mut lines = |action: &str, row| {
            let at = match resource {
                Resource::Table(_) => self.at(user, row),
                Resource::Object(id) => At {
                    user,
                    row: None,
                    home: self.model.program.objects[id.index()].source,
                    back: None,
                },
            };
            self.lines(resource, action, at, keep)
        };
        let parts = match act {
            Act::Object => vec![lines(action, None)],
            Act::Read(row) | Act::Insert(row) => vec![lines(action, Some(row))],
            Act::Update { old, new } => vec![
                lines(action, Some(old)),
                lines(action, Some(new)),
                lines("read", Some(old)),
            ],
            Act::Delete(old) => vec![lines(action, Some(old)), lines("read", Some(old))],
        };
        self.and(parts)
    }

    /// The user does not bypass the source in which the resource is judged.
    pub fn not_bypassed(&mut self, user: UserId, resource: Resource) -> Bool {
        let source = match resource {
            Resource::Table(table) => self.model.program.source_of(table, None),
            Resource::Object(id) => self.model.program.objects[id.index()].source,
        };
        !self.bypass(user, source)
    }

    fn bypass(&mut self, user: UserId, source: Option<SourceId>) -> Bool {
        let Some(source) = source else {
            return Bool::FALSE;
        };
        let parts: Vec<Bool> = self
            .model
            .bypassers(source)
            .to_vec()
            .into_iter()
            .map(|p| self.member(user, p))
            .collect();
        self.or(parts)
    }

    /// The user may read this other row, in the same query.
    pub(crate) fn may_read(
        &mut self,
        user: UserId,
        table: TableId,
        row: RowId,
        home: Option<SourceId>,
    ) -> Bool {
        let key = (user, table, row, home);
        if let Some(known) = self.decisions.get(&key) {
            return *known;
        }
        let source = self.model.program.source_of(table, home);
        let bypass = self.bypass(user, source);
        let at = At {
            user,
            row: Some(row),
            home,
            back: None,
        };
        let lines = self.lines(Resource::Table(table), "read", at, &every_rule);
        let may = self.or([bypass, lines]);
        self.decisions.insert(key, may);
        may
    }

    fn lines(
        &mut self,
        resource: Resource,
        action: &str,
        at: At,
        keep: &dyn Fn(RuleId) -> bool,
    ) -> Bool {
        let open = match resource {
            Resource::Table(table) => action == "read" && self.model.program.table(table).open,
            Resource::Object(_) => false,
        };
        let mut grants = vec![Bool::of(open)];
        let mut parts = Vec::new();
        let mut axes: BTreeMap<Axis, Vec<(Bool, Bool)>> = BTreeMap::new();
        let model = self.model;
        for (id, rule) in model.rules_on(resource) {
            model.wanted.look();
            if !keep(*id) || !speaks_of(rule, action) {
                continue;
            }
            let active = self.active(at.user, rule);
            if active == Bool::FALSE {
                continue;
            }
            match rule.effect {
                // 1. Some grant is true.
                Effect::Grant => {
                    if !open {
                        let (yes, _) = self.cond(&rule.pred, at);
                        let gives = self.and([active, yes]);
                        grants.push(gives);
                    }
                }
                // 2. Every deny is false.
                Effect::Deny => {
                    let (_, no) = self.cond(&rule.pred, at);
                    let spares = self.implies(active, no);
                    parts.push(spares);
                }
                // 3. Every restrict is true, and of those by one axis at least one.
                Effect::Restrict { by: None } => {
                    let (yes, _) = self.cond(&rule.pred, at);
                    let keeps = self.implies(active, yes);
                    parts.push(keeps);
                }
                Effect::Restrict { by: Some(axis) } => {
                    let (yes, _) = self.cond(&rule.pred, at);
                    axes.entry(axis).or_default().push((active, yes));
                }
            }
        }
        for united in axes.into_values() {
            let none = self.or(united.iter().map(|(active, _)| *active));
            let mut one = vec![!none];
            for (active, yes) in united {
                one.push(self.and([active, yes]));
            }
            let kept = self.or(one);
            parts.push(kept);
        }
        let given = self.or(grants);
        parts.push(given);
        self.and(parts)
    }

    /// The rule speaks of the user and applies to the query.
    pub fn active(&mut self, user: UserId, rule: &Rule) -> Bool {
        let under = self.under(user, &rule.holder);
        if under == Bool::FALSE {
            return under;
        }
        let applies = self.applies(&rule.applies);
        self.and([under, applies])
    }

    /// Rules of this holder speak of the user.
    pub fn under(&mut self, user: UserId, holder: &Holder) -> Bool {
        match holder {
            Holder::Principal(p) => self.member(user, *p),
            Holder::Everyone => Bool::TRUE,
            Holder::EveryoneExcept(list) => {
                let parts: Vec<Bool> = list.iter().map(|p| self.member(user, *p)).collect();
                !self.or(parts)
            }
        }
    }

    /// The user has this principal (or is it).
    pub fn member(&mut self, user: UserId, principal: ambit_core::PrincipalId) -> Bool {
        let program = self.model.program;
        let has = |p: ambit_core::PrincipalId| {
            p == principal
                || program
                    .principal(p)
                    .closure
                    .binary_search(&principal)
                    .is_ok()
        };
        match self.users[user.index()].who {
            Who::Nobody => Bool::FALSE,
            Who::Bare(p) => Bool::of(has(p)),
            Who::Both(p, q) => Bool::of(has(p) || has(q)),
            Who::AnyoneWith(p) if has(p) => Bool::TRUE,
            // Nobody is two users at once.
            Who::AnyoneWith(p)
                if program.principal(p).kind == PrincipalKind::User
                    && program.principal(principal).kind == PrincipalKind::User =>
            {
                Bool::FALSE
            }
            // The written users have just what is written.
            Who::AnyoneWith(p)
                if program.principal(p).kind == PrincipalKind::User
                    && program.settings.users_listed =>
            {
                Bool::FALSE
            }
            Who::Anyone | Who::AnyoneWith(_) => self.circuit.atom(Atom::Member(user, principal)),
        }
    }

    fn applies(&mut self, applies: &Applies) -> Bool {
        match applies {
            Applies::Always => Bool::TRUE,
            Applies::WhenAll(tables) => {
                let parts: Vec<Bool> = tables.iter().map(|t| self.in_query(*t)).collect();
                self.and(parts)
            }
            Applies::WhenAny(tables) => {
                let parts: Vec<Bool> = tables.iter().map(|t| self.in_query(*t)).collect();
                self.or(parts)
            }
            // Some table of the query is none of these.
            Applies::UnlessOnly(tables) => {
                let mut parts = Vec::new();
                for position in 0..self.model.program.tables.len() {
                    let id = TableId(position as u32);
                    if !tables.contains(&id) {
                        parts.push(self.in_query(id));
                    }
                }
                self.or(parts)
            }
        }
    }

    /// The query names this table.
    pub fn in_query(&mut self, table: TableId) -> Bool {
        if self.asked == Some(table) {
            Bool::TRUE
        } else {
            self.circuit.atom(Atom::InQuery(table))
        }
    }
}

/// Does the rule speak of this action? `restrict` binds every action.
fn speaks_of(rule: &Rule, action: &str) -> bool {
    matches!(rule.effect, Effect::Restrict { .. }) || rule.actions.iter().any(|a| a == action)
}
