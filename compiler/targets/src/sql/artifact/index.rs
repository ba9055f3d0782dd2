//! Which rules bear on whom: so that only what can differ from everyone's predicate is lowered at all.

use std::collections::{BTreeMap, BTreeSet};

use ambit_core::{
    AttributeId, Exists, Holder, Operand, Pred, PrincipalId, PrincipalKind, Program, Resource,
    SourceId, Step, TableId,
};

/// An action on the rows of a table in one of its sources: the place of an entry in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Spot {
    /// The table.
    pub table: TableId,
    /// The source in which it is judged; none where it is in no source.
    pub source: Option<SourceId>,
    /// The action.
    pub action: &'static str,
}

/// An action on the rows of a table, wherever it stands: what rules speak of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Place {
    table: TableId,
    action: &'static str,
}

impl Spot {
    fn place(self) -> Place {
        Place {
            table: self.table,
            action: self.action,
        }
    }
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
    /// It stands in the file also where it is everyone's.
    pub always: bool,
}

/// See the head of this file.
pub(super) struct Index<'a> {
    pub program: &'a Program,
    /// By rule.
    reads: Vec<Reads>,
    /// By table: the sources in which it is judged, in the order of their names.
    homes: Vec<Vec<Option<SourceId>>>,
    /// By place: the places on whose rules its predicate depends, itself included.
    below: BTreeMap<Place, BTreeSet<Place>>,
    /// By place: what the rules of everyone read, there and below.
    common: BTreeMap<Place, Reads>,
    /// By spot: who may differ from everyone there, by name.
    candidates: BTreeMap<Spot, Vec<Candidate>>,
}

impl<'a> Index<'a> {
    /// Looks at every rule once, and at each principal's rules once. `homes`: the sources in which a table is judged.
    /// `per_user`: declared users have an entry everywhere, also where it is everyone's.
    pub fn new(
        program: &'a Program,
        per_user: bool,
        homes: impl Fn(TableId) -> Vec<Option<SourceId>>,
    ) -> Self {
        let tables = (0..program.tables.len()).map(|t| TableId(t as u32));
        let reads: Vec<Reads> = program.rules.iter().map(|r| Reads::of(&r.pred)).collect();
        let mut index = Self {
            program,
            homes: tables.map(homes).collect(),
            below: below(program, &reads),
            reads,
            common: BTreeMap::new(),
            candidates: BTreeMap::new(),
        };
        let mut own = vec![Vec::new(); program.principals.len()];
        let mut sparing = vec![Vec::new(); program.principals.len()];
        let mut common: BTreeMap<Place, Reads> = BTreeMap::new();
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
            .map(|(place, below)| {
                let mut all = Reads::default();
                below
                    .iter()
                    .filter_map(|s| common.get(s))
                    .for_each(|r| all.add(r));
                (*place, all)
            })
            .collect();
        let mut above: BTreeMap<Place, Vec<Place>> = BTreeMap::new();
        for (place, below) in &index.below {
            for lower in below {
                above.entry(*lower).or_default().push(*place);
            }
        }
        let mut listed: Vec<PrincipalId> = (0..program.principals.len())
            .map(|n| PrincipalId(n as u32))
            .filter(|id| program.principal(*id).test.is_none())
            .collect();
        listed.sort_by(|a, b| program.principal(*a).name.cmp(&program.principal(*b).name));
        for id in listed {
            index.add(id, per_user, (&own, &sparing), &above);
        }
        index
    }

    /// All spots, in the order of the file.
    pub fn spots(&self) -> Vec<Spot> {
        let tables = (0..).map(TableId).zip(&self.homes);
        tables
            .flat_map(|(table, homes)| {
                homes.iter().flat_map(move |source| {
                    ACTIONS.map(|action| Spot {
                        table,
                        source: *source,
                        action,
                    })
                })
            })
            .collect()
    }

    /// Who may differ from everyone at a spot, by name.
    pub fn candidates(&self, spot: Spot) -> &[Candidate] {
        self.candidates.get(&spot).map_or(&[], Vec::as_slice)
    }

    /// Does everyone's predicate depend on facts that are supplied later, or on the day?
    pub fn is_open(&self, spot: Spot) -> bool {
        self.common
            .get(&spot.place())
            .is_some_and(|r| r.today || r.login || !r.attributes.is_empty())
    }

    /// Notes what a rule reads at each of its places.
    fn note(&self, at: &mut BTreeMap<Place, Reads>, rule: usize) {
        for place in self.places_of(rule) {
            if let Some(reads) = self.reads.get(rule) {
                at.entry(place).or_default().add(reads);
            }
        }
    }

    fn places_of(&self, rule: usize) -> impl Iterator<Item = Place> + use<> {
        places_of(self.program, rule)
    }

    /// The spots at which a principal may differ, and why.
    fn add(
        &mut self,
        id: PrincipalId,
        per_user: bool,
        (own, sparing): (&[Vec<u32>], &[Vec<u32>]),
        above: &BTreeMap<Place, Vec<Place>>,
    ) {
        let program = self.program;
        let principal = program.principal(id);
        let mut touched: BTreeMap<Place, Key> = BTreeMap::new();
        let mut bypassed = BTreeSet::new();
        for had in principal
            .closure
            .iter()
            .chain([&id])
            .collect::<BTreeSet<_>>()
        {
            for rule in own.get(had.index()).into_iter().flatten() {
                for place in self.places_of(*rule as usize) {
                    touched.entry(place).or_default().held.push(*rule);
                }
            }
            for rule in sparing.get(had.index()).into_iter().flatten() {
                for place in self.places_of(*rule as usize) {
                    touched.entry(place).or_default().spared.push(*rule);
                }
            }
            bypassed.extend(program.principal(*had).bypasses.iter().copied());
        }
        let is_user = principal.kind == PrincipalKind::User;
        let who = Who {
            id,
            is_user,
            always: is_user && per_user,
            attributes: principal.attributes.iter().map(|(a, _)| *a).collect(),
            touched,
            bypassed,
        };
        let mut places: BTreeSet<Place> = who
            .touched
            .keys()
            .filter_map(|s| above.get(s))
            .flatten()
            .copied()
            .collect();
        // Facts and bypassed sources matter without any rule of its own.
        if is_user || !who.bypassed.is_empty() {
            for (place, below) in &self.below {
                let reads_facts = self.common.get(place).is_some_and(|r| {
                    (is_user && r.login) || !r.attributes.is_disjoint(&who.attributes)
                });
                if who.always
                    || reads_facts
                    || below
                        .iter()
                        .any(|s| stands_in(program, s.table, &who.bypassed))
                {
                    places.insert(*place);
                }
            }
        }
        for place in places {
            self.candidate(&who, place);
        }
    }

    /// The entries that a principal may have for an action on a table, one for each of its sources.
    fn candidate(&mut self, who: &Who, place: Place) {
        let mut key = Key::default();
        let mut reads = self.common.get(&place).cloned().unwrap_or_default();
        let none = BTreeSet::new();
        let below = self.below.get(&place).unwrap_or(&none);
        for part in below.iter().filter_map(|s| who.touched.get(s)) {
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
        let facts = (who.is_user && reads.login) || !reads.attributes.is_disjoint(&who.attributes);
        key.facts = facts.then_some(who.id);
        let open = reads.today
            || (reads.login && !who.is_user)
            || !reads.attributes.is_subset(&who.attributes);
        for source in self
            .homes
            .get(place.table.index())
            .into_iter()
            .flatten()
            .copied()
        {
            let mut key = key.clone();
            // What counts is where each row is judged, the related ones too.
            let judged = below
                .iter()
                .filter_map(|at| self.program.source_of(at.table, source));
            let judged: BTreeSet<SourceId> = judged.collect();
            key.bypassed = who.bypassed.intersection(&judged).copied().collect();
            if key == Key::default() && !who.always {
                continue;
            }
            let spot = Spot {
                table: place.table,
                source,
                action: place.action,
            };
            self.candidates.entry(spot).or_default().push(Candidate {
                principal: who.id,
                key,
                open,
                always: who.always,
            });
        }
    }
}

/// A principal, while it is looked at.
struct Who {
    id: PrincipalId,
    is_user: bool,
    /// It stands in the file everywhere.
    always: bool,
    /// Those written at it.
    attributes: BTreeSet<AttributeId>,
    /// The rules of its own, by place.
    touched: BTreeMap<Place, Key>,
    /// Sources that never filter it.
    bypassed: BTreeSet<SourceId>,
}

/// The places of a rule; none where it is on an object.
fn places_of(program: &Program, rule: usize) -> impl Iterator<Item = Place> + use<> {
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
            Some(Place {
                table: table?,
                action,
            })
        })
}

/// For each place those on whose rules it depends: updates and deletes need `read` of the old row, and what is visible
/// is what may be read.
fn below(program: &Program, reads: &[Reads]) -> BTreeMap<Place, BTreeSet<Place>> {
    let read = |table| Place {
        table,
        action: "read",
    };
    let mut direct: BTreeMap<Place, BTreeSet<Place>> = BTreeMap::new();
    for table in (0..program.tables.len()).map(|t| TableId(t as u32)) {
        for action in ACTIONS {
            let place = Place { table, action };
            let needs = direct.entry(place).or_default();
            needs.insert(place);
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
        for place in places_of(program, rule) {
            direct
                .entry(place)
                .or_default()
                .extend(reads.visible.iter().copied().map(read));
        }
    }
    let closed = |place: Place| {
        let mut all = BTreeSet::from([place]);
        let mut open = vec![place];
        while let Some(next) = open.pop() {
            for lower in direct.get(&next).into_iter().flatten() {
                if all.insert(*lower) {
                    open.push(*lower);
                }
            }
        }
        all
    };
    direct
        .keys()
        .map(|place| (*place, closed(*place)))
        .collect()
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
