//! What the findings of one resource share: its rules as formulas over one user, one row and one query.

use std::collections::BTreeMap;

use ambit_core::{
    Axis, ColumnId, Effect, Holder, Pred, PrincipalId, PrincipalKind, Program, Resource, Rule,
    RuleId, TableId,
};
use ambit_solver::{Act, Bool, Model, Question, RowId, UserId, Who};
use smol_str::SmolStr;

use crate::findings::Shared;
use crate::raw::{Raw, Spot, Trouble};

/// The findings of one resource.
pub(crate) struct Cx<'a, 'p> {
    pub program: &'p Program,
    pub model: &'a Model<'p>,
    pub resource: Resource,
    /// The rules on the resource.
    pub rules: Vec<(RuleId, &'p Rule)>,
    /// The written rule of each rule of the program.
    pub written: &'a [u32],
    pub shared: Shared<'a, 'p>,
    pub out: Vec<Raw>,
    /// Findings that are left out, as the evaluator does not confirm their witness.
    pub faults: Vec<(Spot, String)>,
    /// The rules of each principal, by position in `rules`.
    by_principal: BTreeMap<PrincipalId, Vec<usize>>,
    /// The rules of everyone and everyone but some, by position.
    by_all: Vec<usize>,
}

impl<'a, 'p> Cx<'a, 'p> {
    pub fn new(program: &'p Program, shared: &Shared<'a, 'p>, resource: Resource) -> Self {
        let rules = shared.model.rules_on(resource).to_vec();
        let mut by_principal: BTreeMap<PrincipalId, Vec<usize>> = BTreeMap::new();
        let mut by_all = Vec::new();
        for (position, (_, rule)) in rules.iter().enumerate() {
            match rule.holder {
                Holder::Principal(p) => by_principal.entry(p).or_default().push(position),
                Holder::Everyone | Holder::EveryoneExcept(_) => by_all.push(position),
            }
        }
        Self {
            program,
            model: shared.model,
            resource,
            rules,
            written: shared.written,
            shared: *shared,
            out: Vec::new(),
            faults: Vec::new(),
            by_principal,
            by_all,
        }
    }

    /// What was found there; a witness that the evaluator does not confirm costs this finding alone.
    pub fn confirmed<T>(
        &mut self,
        at: Spot,
        found: Result<Option<T>, Trouble>,
    ) -> Result<Option<T>, Trouble> {
        match found {
            Err(Trouble::Unconfirmed(why)) => {
                self.faults.push((at, why));
                Ok(None)
            }
            other => other,
        }
    }

    /// The rules that can speak of such a user, in order.
    pub fn rules_for(&self, who: Who) -> Vec<(RuleId, &'p Rule)> {
        let bare = match who {
            Who::Bare(p) => Some(p),
            Who::Nobody => None,
            Who::Anyone | Who::AnyoneWith(_) | Who::Both(..) => return self.rules.clone(),
        };
        let closure: &[PrincipalId] = bare.map_or(&[], |p| &self.program.principal(p).closure);
        let mut positions: Vec<usize> = self
            .by_all
            .iter()
            .copied()
            .filter(|position| match &self.rules[*position].1.holder {
                Holder::EveryoneExcept(list) => !list.iter().any(|p| closure.contains(p)),
                _ => true,
            })
            .collect();
        for p in closure {
            positions.extend(self.by_principal.get(p).into_iter().flatten());
        }
        positions.sort_unstable();
        positions.into_iter().map(|i| self.rules[i]).collect()
    }

    /// The principals of the program (not of tests) that have rules on the resource, or inherit some.
    pub fn concerned(&self) -> Vec<PrincipalId> {
        (0..self.program.principals.len() as u32)
            .map(PrincipalId)
            .filter(|p| {
                let principal = self.program.principal(*p);
                principal.test.is_none()
                    && principal
                        .closure
                        .iter()
                        .any(|q| self.by_principal.contains_key(q))
            })
            .collect()
    }

    /// The actions that a rule speaks of, `read` first.
    pub fn actions_of(&self, rule: &Rule) -> Vec<SmolStr> {
        let mut actions = self.program.actions_of(self.resource);
        actions.retain(|action| speaks_of(rule, action));
        actions
    }

    pub fn table(&self) -> Option<TableId> {
        match self.resource {
            Resource::Table(table) => Some(table),
            Resource::Object(_) => None,
        }
    }

    pub fn name(&self) -> &'p SmolStr {
        self.program.resource_name(self.resource)
    }

    /// Is the action open on the resource?
    pub fn is_open(&self, action: &str) -> bool {
        match self.resource {
            Resource::Table(table) => action == "read" && self.program.table(table).open,
            Resource::Object(_) => false,
        }
    }

    /// Says the findings that hold of every rule that one written rule became on this resource; of the first of them.
    pub fn say_where_all(&mut self, found: &BTreeMap<RuleId, Raw>) {
        let mut groups: BTreeMap<u32, (usize, usize, Option<Raw>)> = BTreeMap::new();
        for (id, _) in &self.rules {
            let group = groups.entry(self.written[id.index()]).or_default();
            group.0 += 1;
            if let Some(raw) = found.get(id) {
                group.1 += 1;
                group.2.get_or_insert_with(|| raw.clone());
            }
        }
        self.out.extend(
            groups
                .into_values()
                .filter(|(all, some, _)| all == some)
                .filter_map(|(.., raw)| raw),
        );
    }

    /// The same for findings that speak of the holder: one for each holder of a written rule, the instances of a role
    /// being one.
    pub fn say_by_holder(&mut self, found: &BTreeMap<RuleId, Raw>) {
        let base = |holder: &Holder| match holder {
            Holder::Principal(p) => Some(self.program.principal(*p).base.clone()),
            _ => None,
        };
        let mut groups: BTreeMap<(u32, Option<SmolStr>), (bool, Option<Raw>)> = BTreeMap::new();
        for (id, rule) in &self.rules {
            let key = (self.written[id.index()], base(&rule.holder));
            let group = groups.entry(key).or_insert((true, None));
            match found.get(id) {
                Some(raw) => {
                    group.1.get_or_insert_with(|| raw.clone());
                }
                None => group.0 = false,
            }
        }
        let said: Vec<Raw> = groups
            .into_values()
            .filter(|(all, _)| *all)
            .filter_map(|(_, raw)| raw)
            .collect();
        self.out.extend(said);
    }

    /// The rules that always speak of whoever a holder's rules speak of.
    pub fn always_with(&self, holder: &Holder) -> Vec<(RuleId, &'p Rule)> {
        let bare = match holder {
            Holder::Principal(p) => Who::Bare(*p),
            Holder::Everyone | Holder::EveryoneExcept(_) => Who::Nobody,
        };
        let mut rules = self.rules_for(bare);
        rules.retain(|(_, rule)| match &rule.holder {
            Holder::EveryoneExcept(_) => rule.holder == *holder,
            _ => true,
        });
        rules
    }
}

/// Has a principal another: is it, or inherits it?
pub(crate) fn has(program: &Program, principal: PrincipalId, other: PrincipalId) -> bool {
    principal == other
        || program
            .principal(principal)
            .closure
            .binary_search(&other)
            .is_ok()
}

/// Whoever a holder's rules speak of.
pub(crate) fn who(holder: &Holder) -> Who {
    match holder {
        Holder::Principal(p) => Who::AnyoneWith(*p),
        Holder::Everyone | Holder::EveryoneExcept(_) => Who::Anyone,
    }
}

/// Does the rule speak of this action?
pub(crate) fn speaks_of(rule: &Rule, action: &str) -> bool {
    matches!(rule.effect, Effect::Restrict { .. }) || rule.actions.iter().any(|a| a == action)
}

/// `role fr`, `group emea`, `everyone`.
pub(crate) fn holder_name(program: &Program, holder: &Holder) -> String {
    match holder {
        Holder::Principal(p) => principal_name(program, *p),
        other => ambit_core::print::print_holder(program, other),
    }
}

/// ``role `fr` ``.
pub(crate) fn principal_name(program: &Program, principal: PrincipalId) -> String {
    let declared = program.principal(principal);
    let kind = match declared.kind {
        PrincipalKind::Group => "group",
        PrincipalKind::Role => "role",
        PrincipalKind::User => "user",
    };
    format!("{kind} `{}`", declared.name)
}

/// One rule at a row, for a user.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Line<'p> {
    pub id: RuleId,
    pub rule: &'p Rule,
    /// It speaks of the user and applies to the query.
    pub active: Bool,
    /// Its condition is true.
    pub yes: Bool,
    /// Its condition is false.
    pub no: Bool,
    /// A deny that is not active or false; a restrict that is not active or true.
    pub spares: Bool,
}

/// The rules of a resource as formulas at one row, for one user.
pub(crate) struct Lines<'p> {
    pub lines: Vec<Line<'p>>,
}

impl<'p> Lines<'p> {
    pub fn new(
        q: &mut Question<'p, '_>,
        user: UserId,
        row: Option<RowId>,
        rules: &[(RuleId, &'p Rule)],
    ) -> Self {
        let mut lines = Vec::new();
        for (id, rule) in rules {
            let active = q.active(user, rule);
            if active == Bool::FALSE {
                continue;
            }
            let yes = q.is_true(user, &rule.pred, row);
            let no = q.is_false(user, &rule.pred, row);
            let spares = match rule.effect {
                Effect::Grant => Bool::TRUE,
                Effect::Deny => q.or([!active, no]),
                Effect::Restrict { .. } => q.or([!active, yes]),
            };
            lines.push(Line {
                id: *id,
                rule,
                active,
                yes,
                no,
                spares,
            });
        }
        Self { lines }
    }

    /// Some grant of the action gives, or it is open.
    pub fn given(
        &self,
        q: &mut Question<'p, '_>,
        action: &str,
        open: bool,
        keep: &dyn Fn(RuleId) -> bool,
    ) -> Bool {
        if open {
            return Bool::TRUE;
        }
        let mut parts = Vec::new();
        for line in &self.lines {
            if line.rule.effect == Effect::Grant && speaks_of(line.rule, action) && keep(line.id) {
                parts.push(q.and([line.active, line.yes]));
            }
        }
        q.or(parts)
    }

    /// What each deny and restrict of the action asks, those of one axis together.
    pub fn spared(
        &self,
        q: &mut Question<'p, '_>,
        action: &str,
        keep: &dyn Fn(RuleId) -> bool,
    ) -> Vec<Bool> {
        let mut out = Vec::new();
        let mut axes: BTreeMap<Axis, Vec<&Line<'p>>> = BTreeMap::new();
        for line in &self.lines {
            if !speaks_of(line.rule, action) || !keep(line.id) {
                continue;
            }
            match line.rule.effect {
                Effect::Grant => {}
                Effect::Deny | Effect::Restrict { by: None } => out.push(line.spares),
                Effect::Restrict { by: Some(axis) } => axes.entry(axis).or_default().push(line),
            }
        }
        for lines in axes.into_values() {
            let none = q.or(lines.iter().map(|l| l.active));
            let mut parts = vec![!none];
            for line in lines {
                parts.push(q.and([line.active, line.yes]));
            }
            out.push(q.or(parts));
        }
        out
    }
}

/// The columns of the row at hand that a condition names, in order.
pub(crate) fn own_columns(pred: &Pred) -> Vec<ColumnId> {
    use ambit_core::Operand;
    fn operand(of: &Operand, out: &mut Vec<ColumnId>) {
        match of {
            Operand::Column(path) if path.steps.is_empty() => out.push(path.column),
            Operand::Day(inner) => operand(inner, out),
            _ => {}
        }
    }
    fn walk(pred: &Pred, out: &mut Vec<ColumnId>) {
        match pred {
            Pred::Is(a)
            | Pred::InList(a, _)
            | Pred::InSet(a, _)
            | Pred::IsNull(a)
            | Pred::Text(a, ..)
            | Pred::InWindow(a, _)
            | Pred::Scope(a, _) => operand(a, out),
            Pred::Compare(a, _, b) => {
                operand(a, out);
                operand(b, out);
            }
            Pred::Exists(_) => {}
            other => other.children().iter().for_each(|c| walk(c, out)),
        }
    }
    let mut out = Vec::new();
    walk(pred, &mut out);
    out.sort_unstable();
    out.dedup();
    out
}

/// A question about one user and one row of a table (or an object).
pub(crate) fn ask<'p, 'm>(
    model: &'m Model<'p>,
    resource: Resource,
    who: Who,
) -> (Question<'p, 'm>, UserId, Option<RowId>) {
    let mut q = Question::new(model);
    let user = q.user(who);
    let row = match resource {
        Resource::Table(table) => Some(q.row(table)),
        Resource::Object(_) => None,
    };
    let not = q.not_bypassed(user, resource);
    q.require(not);
    (q, user, row)
}

/// `read` of a row, or an action on an object.
pub(crate) fn act(row: Option<RowId>) -> Act {
    row.map_or(Act::Object, Act::Read)
}

/// An action on rows that the question does not know yet, or on an object.
pub(crate) fn act_on(q: &mut Question<'_, '_>, resource: Resource, action: &str) -> Act {
    match (resource, action) {
        (Resource::Object(_), _) => Act::Object,
        (Resource::Table(t), "insert") => Act::Insert(q.new_row(t)),
        (Resource::Table(t), "update") => Act::Update {
            old: q.row(t),
            new: q.new_row(t),
        },
        (Resource::Table(t), "delete") => Act::Delete(q.row(t)),
        (Resource::Table(t), _) => Act::Read(q.row(t)),
    }
}

/// A spot of a rule.
pub(crate) fn at(rule: RuleId) -> Spot {
    Spot::Rule(rule)
}

/// What a finding module gives.
pub(crate) type Done = Result<(), Trouble>;
