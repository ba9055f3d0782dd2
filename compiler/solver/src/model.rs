//! What questions are asked of: a program, its rules by resource, and the facts about data that may be used.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, OnceLock};

use ambit_core::{PrincipalId, PrincipalKind, Program, Resource, Rule, RuleId, SourceId};
use jiff::tz::TimeZone;
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use crate::days::{self, Day, Shapes};

/// Which facts about data may be used, besides types and enums (language.md, "What the solver decides").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// A column without `?` is never null.
    pub not_null: bool,
    /// Two rows of a table with equal keys are one row; a link to a key leads to one row at most.
    pub keys: bool,
    /// What the members of a hierarchy say: serves findings, never a proof.
    pub hierarchies: bool,
}

impl Facts {
    /// What the schema says of data: for claims and findings.
    pub const SCHEMA: Self = Self {
        not_null: true,
        keys: true,
        hierarchies: false,
    };
    /// Nothing that a database might not enforce: for what is emitted. Keys stay: a path leads to one row.
    pub const NONE: Self = Self {
        not_null: false,
        keys: true,
        hierarchies: false,
    };
}

/// Whose each login is, in one source.
pub(crate) type Logins = BTreeMap<SmolStr, PrincipalId>;

/// Whether anybody wants an answer still: called again and again while a question is written out and decided, and
/// unwinds where nobody does.
#[derive(Clone, Copy)]
pub(crate) struct Wanted<'p>(&'p dyn Fn());

impl Wanted<'_> {
    /// Always.
    const ALWAYS: Self = Wanted(&|| {});

    /// Unwinds where nobody wants the answer.
    pub fn look(self) {
        (self.0)();
    }
}

/// A program to ask questions of.
pub struct Model<'p> {
    pub(crate) program: &'p Program,
    /// Called again and again while something is asked.
    pub(crate) wanted: Wanted<'p>,
    pub(crate) zone: TimeZone,
    rules: FxHashMap<Resource, Vec<(RuleId, &'p Rule)>>,
    /// Who bypasses a source, by source.
    bypasses: Vec<Vec<PrincipalId>>,
    /// The declared users (not those of tests).
    pub(crate) users: Vec<PrincipalId>,
    /// The logins of declared users: first where no source is named, then for each source.
    logins: Vec<OnceLock<Logins>>,
    pub(crate) shapes: Mutex<FxHashMap<Vec<ambit_core::Window>, std::sync::Arc<Shapes>>>,
    skipped: OnceLock<Vec<Day>>,
    odd: OnceLock<Vec<Day>>,
}

impl<'p> Model<'p> {
    /// A model of a program with its own rules.
    pub fn new(program: &'p Program) -> Self {
        Self::with_rules(program, &program.rules)
    }

    /// The same. What is asked of it calls `wanted` again and again, at any size within milliseconds; that unwinds where
    /// nobody wants the answer any more.
    #[must_use]
    pub fn while_wanted(self, wanted: &'p dyn Fn()) -> Self {
        Self {
            wanted: Wanted(wanted),
            ..self
        }
    }

    /// A model of a program with these rules in place of its own; a [`RuleId`] counts in this list.
    pub fn with_rules(program: &'p Program, list: &'p [Rule]) -> Self {
        let mut rules: FxHashMap<Resource, Vec<(RuleId, &Rule)>> = FxHashMap::default();
        for (position, rule) in list.iter().enumerate() {
            // Rules of a test's users are that test's alone.
            let of_test = matches!(&rule.holder, ambit_core::Holder::Principal(p)
                if program.principal(*p).test.is_some());
            if !of_test {
                rules
                    .entry(rule.resource)
                    .or_default()
                    .push((RuleId(position as u32), rule));
            }
        }
        let mut bypasses = vec![Vec::new(); program.sources.len()];
        let mut users = Vec::new();
        for (i, principal) in program.principals.iter().enumerate() {
            if principal.test.is_some() {
                continue;
            }
            let id = PrincipalId(i as u32);
            for source in &principal.bypasses {
                if let Some(list) = bypasses.get_mut(source.index()) {
                    list.push(id);
                }
            }
            if principal.kind == PrincipalKind::User {
                users.push(id);
            }
        }
        Self {
            program,
            wanted: Wanted::ALWAYS,
            zone: program.settings.time_zone(),
            rules,
            bypasses,
            users,
            logins: vec![OnceLock::new(); program.sources.len() + 1],
            shapes: Mutex::default(),
            skipped: OnceLock::new(),
            odd: OnceLock::new(),
        }
    }

    /// The program.
    pub fn program(&self) -> &'p Program {
        self.program
    }

    /// Whose each login of a source is, as far as users are declared.
    pub(crate) fn logins(&self, source: Option<SourceId>) -> &Logins {
        static NONE: Logins = BTreeMap::new();
        let position = source.map_or(0, |s| s.index() + 1);
        let Some(logins) = self.logins.get(position) else {
            return &NONE;
        };
        logins.get_or_init(|| {
            let of = |user: &PrincipalId| Some((self.program.login(*user, source)?, *user));
            self.users.iter().filter_map(of).collect()
        })
    }

    /// The days of which no instant of the project's zone is one.
    pub(crate) fn skipped(&self) -> &[Day] {
        self.skipped.get_or_init(|| days::skipped(&self.zone))
    }

    /// The days that do not end just once in the project's zone.
    pub(crate) fn odd(&self) -> &[Day] {
        self.odd.get_or_init(|| days::odd(&self.zone))
    }

    /// The day of the instant that counts as nothing in a witness.
    pub(crate) fn epoch(&self) -> jiff::civil::Date {
        ambit_core::Instant::UNIX_EPOCH.day(&self.zone)
    }

    /// The rules on a resource, in order.
    pub fn rules_on(&self, resource: Resource) -> &[(RuleId, &'p Rule)] {
        self.rules.get(&resource).map_or(&[], Vec::as_slice)
    }

    /// The principals that say they bypass a source.
    pub fn bypassers(&self, source: SourceId) -> &[PrincipalId] {
        self.bypasses.get(source.index()).map_or(&[], Vec::as_slice)
    }
}

impl fmt::Debug for Model<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Model({} rules)", self.program.rules.len())
    }
}
