//! Which rules bear on whom: so that only what can differ from everyone's predicate is lowered at all.

use std::collections::{BTreeMap, BTreeSet};

use ambit_core::{
    AttributeId, Exists, Holder, Operand, Pred, PrincipalId, PrincipalKind, Program, Resource,
    SourceId, Step, TableId,
};

/// An action on the rows of a table: the place of an entry in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Spot {
    /// The table.
    pub table: TableId,
    /// The action.
    pub action: &'static str,
}

/// The actions in the order in which they stand in the file.
const ACTIONS: [&str; 4] = ["delete", "insert", "read", "update"];

/// What a condition depends on besides rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Reads {
    /// Attributes of the user.
    pub attributes: BTreeSet<AttributeId>,
    /// The user's login.
    pub login: bool,
    /// The day.
    pub today: bool,
    /// Tables of which it asks what the user may read.
    visible: BTreeSet<TableId>,
}

/// What makes a principal's predicate what it is, at one spot: two principals with equal keys have equal predicates.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Key {
    /// Rules of principals that it has.
    held: Vec<u32>,
    /// Rules of `everyone except` that leave it out.
    spared: Vec<u32>,
    /// Sources that never filter it.
    bypassed: Vec<SourceId>,
    /// Whoever has facts of their own that matter here.
    facts: Option<PrincipalId>,
}

/// An entry to be: who, and what it depends on.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub principal: PrincipalId,
    pub key: Key,
    /// Does its predicate depend on facts that are supplied later, or on the day?
    pub open: bool,
}

/// See the head of this file.
pub(super) struct Index<'a> {
    pub program: &'a Program,
    /// By rule.
    reads: Vec<Reads>,
    /// By spot: the spots on whose rules its predicate depends, itself included.
    below: BTreeMap<Spot, BTreeSet<Spot>>,
    /// By spot: what the rules of everyone read, there and below.
    common: BTreeMap<Spot, Reads>,
    /// By spot: who may differ from everyone there, by name.
    candidates: BTreeMap<Spot, Vec<Candidate>>,
}

impl<'a> Index<'a> {
    /// Looks at every rule once, and at each principal's rules once. `per_user`: all declared users stand in the file.
    pub fn new(program: &'a Program, per_user: bool) -> Self {
        let reads: Vec<Reads> = program.rules.iter().map(|r| Reads::of(&r.pred)).collect();
        let mut index = Self {
            program,
            below: below(program, &reads),
            reads,
            common: BTreeMap::new(),
            candidates: BTreeMap::new(),
        };
        let mut own = vec![Vec::new(); program.principals.len()];
        let mut sparing = vec![Vec::new(); program.principals.len()];
        let mut common: BTreeMap<Spot, Reads> = BTreeMap::new();
        for (n, rule) in program.rules.iter().enumerate() {
            match &rule.holder {
                Holder::Principal(id) => push(&mut own, *id, n),
                Holder::Everyone => index.note(&mut common, n),
                Holder::EveryoneExcept(list) => {
                    index.note(&mut common, n);
                    for id in list {
                        push(&mut sparing, *id, n);
                    }
                }
            }
        }
        index.common = index
            .below
            .iter()
            .map(|(spot, below)| {
                let mut all = Reads::default();
                below
                    .iter()
                    .filter_map(|s| common.get(s))
                    .for_each(|r| all.add(r));
                (*spot, all)
            })
            .collect();
        let mut above: BTreeMap<Spot, Vec<Spot>> = BTreeMap::new();
        for (spot, below) in &index.below {
            for lower in below {
                above.entry(*lower).or_default().push(*spot);
            }
        }
        let mut listed: Vec<PrincipalId> = (0..program.principals.len())
            .map(|n| PrincipalId(n as u32))
            .filter(|id| {
                let principal = program.principal(*id);
                // A user's attributes are facts that `bound` of the roles takes; rules are not.
                let of_its_own = [&own, &sparing]
                    .iter()
                    .any(|l| l.get(id.index()).is_some_and(|l| !l.is_empty()));
                principal.test.is_none()
                    && (principal.kind != PrincipalKind::User || per_user || of_its_own)
            })
            .collect();
        listed.sort_by(|a, b| program.principal(*a).name.cmp(&program.principal(*b).name));
        for id in listed {
            index.add(id, &own, &sparing, &above);
        }
        index
    }

    /// All spots, in the order of the file.
    pub fn spots(&self) -> Vec<Spot> {
        self.below.keys().copied().collect()
    }

    /// Who may differ from everyone at a spot, by name.
    pub fn candidates(&self, spot: Spot) -> &[Candidate] {
        self.candidates.get(&spot).map_or(&[], Vec::as_slice)
    }

    /// Does everyone's predicate depend on facts that are supplied later, or on the day?
    pub fn is_open(&self, spot: Spot) -> bool {
        self.common
            .get(&spot)
            .is_some_and(|r| r.today || r.login || !r.attributes.is_empty())
    }

    /// Notes what a rule reads at each of its spots.
    fn note(&self, at: &mut BTreeMap<Spot, Reads>, rule: usize) {
        for spot in self.spots_of(rule) {
            if let Some(reads) = self.reads.get(rule) {
                at.entry(spot).or_default().add(reads);
            }
        }
    }

    fn spots_of(&self, rule: usize) -> impl Iterator<Item = Spot> + use<> {
        spots_of(self.program, rule)
    }

    /// The spots at which a principal may differ, and why.
    fn add(
        &mut self,
        id: PrincipalId,
        own: &[Vec<u32>],
        sparing: &[Vec<u32>],
        above: &BTreeMap<Spot, Vec<Spot>>,
    ) {
        let program = self.program;
        let principal = program.principal(id);
        let mut touched: BTreeMap<Spot, Key> = BTreeMap::new();
        let mut bypassed = BTreeSet::new();
        for had in principal
            .closure
            .iter()
            .chain([&id])
            .collect::<BTreeSet<_>>()
        {
            for rule in own.get(had.index()).into_iter().flatten() {
                for spot in self.spots_of(*rule as usize) {
                    touched.entry(spot).or_default().held.push(*rule);
                }
            }
            for rule in sparing.get(had.index()).into_iter().flatten() {
                for spot in self.spots_of(*rule as usize) {
                    touched.entry(spot).or_default().spared.push(*rule);
                }
            }
            bypassed.extend(program.principal(*had).bypasses.iter().copied());
        }
        let mut spots: BTreeSet<Spot> = touched
            .keys()
            .filter_map(|s| above.get(s))
            .flatten()
            .copied()
            .collect();
        let attributes: BTreeSet<AttributeId> =
            principal.attributes.iter().map(|(a, _)| *a).collect();
        let is_user = principal.kind == PrincipalKind::User;
        // Facts and bypassed sources matter without any rule of its own.
        if is_user || !bypassed.is_empty() {
            for (spot, below) in &self.below {
                let reads_facts = self.common.get(spot).is_some_and(|r| {
                    (is_user && r.login) || !r.attributes.is_disjoint(&attributes)
                });
                if reads_facts || below.iter().any(|s| stands_in(program, s.table, &bypassed)) {
                    spots.insert(*spot);
                }
            }
        }
        for spot in spots {
            let mut key = Key::default();
            let mut reads = self.common.get(&spot).cloned().unwrap_or_default();
            let none = BTreeSet::new();
            let below = self.below.get(&spot).unwrap_or(&none);
            for part in below.iter().filter_map(|s| touched.get(s)) {
                key.held.extend(&part.held);
                key.spared.extend(&part.spared);
            }
            sorted(&mut key.held);
            sorted(&mut key.spared);
            for rule in &key.held {
                if let Some(r) = self.reads.get(*rule as usize) {
                    reads.add(r);
                }
            }
            key.bypassed = bypassed
                .iter()
                .filter(|s| {
                    below
                        .iter()
                        .any(|at| program.table(at.table).sources.contains(s))
                })
                .copied()
                .collect();
            let facts = (is_user && reads.login) || !reads.attributes.is_disjoint(&attributes);
            key.facts = facts.then_some(id);
            let open = reads.today
                || (reads.login && !is_user)
                || !reads.attributes.is_subset(&attributes);
            self.candidates.entry(spot).or_default().push(Candidate {
                principal: id,
                key,
                open,
            });
        }
    }
}

/// The spots of a rule; none where it is on an object.
fn spots_of(program: &Program, rule: usize) -> impl Iterator<Item = Spot> + use<> {
    let (table, actions) = match program.rules.get(rule) {
        Some(rule) => match rule.resource {
            Resource::Table(table) => (
                Some(table),
                ACTIONS.map(|a| rule.actions.iter().any(|b| b == a)),
            ),
            Resource::Object(_) => (None, [false; 4]),
        },
        None => (None, [false; 4]),
    };
    ACTIONS
        .into_iter()
        .zip(actions)
        .filter(|(_, is)| *is)
        .filter_map(move |(action, _)| {
            Some(Spot {
                table: table?,
                action,
            })
        })
}

/// For each spot those on whose rules it depends: updates and deletes need `read` of the old row, and what is visible
/// is what may be read.
fn below(program: &Program, reads: &[Reads]) -> BTreeMap<Spot, BTreeSet<Spot>> {
    let read = |table| Spot {
        table,
        action: "read",
    };
    let mut direct: BTreeMap<Spot, BTreeSet<Spot>> = BTreeMap::new();
    for table in (0..program.tables.len()).map(|t| TableId(t as u32)) {
        for action in ACTIONS {
            let spot = Spot { table, action };
            let needs = direct.entry(spot).or_default();
            needs.insert(spot);
            if matches!(action, "update" | "delete") {
                needs.insert(read(table));
            }
        }
    }
    for (rule, reads) in reads
        .iter()
        .enumerate()
        .filter(|(_, r)| !r.visible.is_empty())
    {
        for spot in spots_of(program, rule) {
            direct
                .entry(spot)
                .or_default()
                .extend(reads.visible.iter().copied().map(read));
        }
    }
    let closed = |spot: Spot| {
        let mut all = BTreeSet::from([spot]);
        let mut open = vec![spot];
        while let Some(next) = open.pop() {
            for lower in direct.get(&next).into_iter().flatten() {
                if all.insert(*lower) {
                    open.push(*lower);
                }
            }
        }
        all
    };
    direct.keys().map(|spot| (*spot, closed(*spot))).collect()
}

fn stands_in(program: &Program, table: TableId, sources: &BTreeSet<SourceId>) -> bool {
    program
        .table(table)
        .sources
        .iter()
        .any(|s| sources.contains(s))
}

fn push(lists: &mut [Vec<u32>], id: PrincipalId, rule: usize) {
    if let Some(list) = lists.get_mut(id.index()) {
        list.push(rule as u32);
    }
}

fn sorted(list: &mut Vec<u32>) {
    list.sort_unstable();
    list.dedup();
}

impl Reads {
    /// What a condition reads.
    pub fn of(pred: &Pred) -> Self {
        let mut reads = Self::default();
        reads.pred(pred);
        reads
    }

    fn add(&mut self, other: &Self) {
        self.attributes.extend(other.attributes.iter().copied());
        self.login |= other.login;
        self.today |= other.today;
        self.visible.extend(other.visible.iter().copied());
    }

    fn pred(&mut self, pred: &Pred) {
        match pred {
            Pred::Const(_) => {}
            Pred::Not(inner) => self.pred(inner),
            Pred::And(list) | Pred::Or(list) => list.iter().for_each(|p| self.pred(p)),
            Pred::Is(operand)
            | Pred::InList(operand, _)
            | Pred::IsNull(operand)
            | Pred::Text(operand, ..)
            | Pred::Scope(operand, _) => self.operand(operand),
            Pred::Compare(left, _, right) => {
                self.operand(left);
                self.operand(right);
            }
            Pred::InSet(operand, set) => {
                self.operand(operand);
                self.attributes.insert(*set);
            }
            Pred::InWindow(operand, _) => {
                self.operand(operand);
                self.today = true;
            }
            Pred::Exists(exists) => {
                let Exists {
                    table,
                    visible,
                    pred,
                    ..
                } = &**exists;
                if *visible {
                    self.visible.insert(*table);
                }
                self.pred(pred);
            }
            Pred::LinkVisible(steps) => {
                self.visible.extend(steps.last().map(|Step { to, .. }| *to));
            }
        }
    }

    fn operand(&mut self, operand: &Operand) {
        match operand {
            Operand::Column(_) | Operand::Const(_) => {}
            Operand::Attribute(id) => {
                self.attributes.insert(*id);
            }
            Operand::Login => self.login = true,
            Operand::Today => self.today = true,
            Operand::Day(inner) => self.operand(inner),
        }
    }
}
