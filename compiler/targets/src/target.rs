//! What all targets have in common, and the list of them.

use std::collections::BTreeMap;
use std::fmt;

use ambit_core::{Program, Resource};
use jiff::Timestamp;
use jiff::civil::Date;
use smol_str::SmolStr;

/// All targets, by name. A new one is a folder of its own and a line here.
pub const TARGETS: &[&dyn Target] = &[&crate::json::Json, &crate::sql::Sql, &crate::ucast::Ucast];

/// The target of that name.
pub fn find(name: &str) -> Option<&'static dyn Target> {
    TARGETS.iter().copied().find(|t| t.name() == name)
}

/// A kind of artifact.
pub trait Target: Sync {
    /// As the command line, `ambit.toml` and the manifest name it.
    fn name(&self) -> &'static str;

    /// The options of `[targets.<name>]`: each with the values it takes and what it does.
    fn options(&self) -> &'static [TargetOption];

    /// The artifacts, and what was refused. The same program and context always give the same bytes.
    fn emit(&self, context: &Context<'_>) -> Emitted;
}

/// An option of a target in `ambit.toml`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TargetOption {
    /// Its name.
    pub name: &'static str,
    /// What it takes.
    pub takes: Takes,
    /// What it does, in one sentence.
    pub about: &'static str,
}

/// What an option takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// One of these words.
    Word(&'static [&'static str]),
    /// A list of some of these words.
    Words(&'static [&'static str]),
    /// Any text.
    Text,
}

/// What a build knows besides the program.
#[derive(Debug, Clone)]
pub struct Context<'a> {
    /// The program, without errors.
    pub program: &'a Program,
    /// `[build] per_user`: declared users have predicates everywhere, also where these are everyone's.
    pub per_user: bool,
    /// The options of this target, checked against [`Target::options`]; lists hold their words, other values one.
    pub options: BTreeMap<SmolStr, Vec<SmolStr>>,
    /// The day that counts as `today` where it must be written out: `--at`, or the clock where the target's option
    /// `today = "frozen"` asks for it; `None` where nobody chose to freeze it.
    pub frozen: Option<Date>,
}

impl Context<'_> {
    /// The one word of an option.
    pub fn option(&self, name: &str) -> Option<&SmolStr> {
        self.options.get(name)?.first()
    }

    /// The instant at which the frozen day ends in the project's zone.
    pub fn frozen_until(&self) -> Option<Timestamp> {
        let next = self.frozen?.tomorrow().ok()?;
        let zone = self.program.settings.time_zone();
        next.to_zoned(zone).ok().map(|z| z.timestamp())
    }
}

/// What a target made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Emitted {
    /// In the order of their paths.
    pub artifacts: Vec<Artifact>,
    /// What cannot be said, in the order of the program.
    pub refused: Vec<Refused>,
    /// What to tell a person besides: one line each.
    pub notes: Vec<String>,
}

/// A file of a build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// Below `out`, with `/` between folders; no part is empty, `.` or `..`.
    pub path: String,
    /// Its bytes.
    pub content: String,
    /// How its faithfulness is known.
    pub evidence: Evidence,
    /// The database engine that it is written for; `None` where it is for none in particular.
    pub engine: Option<Engine>,
    /// Until when it holds, where a day is frozen in it.
    pub valid_until: Option<Timestamp>,
    /// What it takes for granted of the system: a sentence each, in order, without doubles.
    pub assumes: Vec<String>,
}

/// A database engine, from a version on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Engine {
    /// As paths and options spell it: `sqlite`, `postgres`.
    pub name: &'static str,
    /// The oldest version on which the artifact holds.
    pub minimum: &'static str,
}

/// How the faithfulness of an artifact is known (contract.md, "Evidence").
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Evidence {
    /// Run on the real engine and compared row by row.
    Engine,
    /// Read back under the system's documented rules and proved equal.
    Model,
    /// It leans on a rule that no page states.
    Documented,
}

impl Evidence {
    /// As the manifest says it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Engine => "engine",
            Self::Model => "model",
            Self::Documented => "documented",
        }
    }
}

/// Why something cannot be said.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Refusal {
    /// Its code in the registry of problems: `E05xx`.
    pub code: &'static str,
    /// What cannot be said: ``a comparison of decimals``, ``column `scope` of `limits` ``.
    pub construct: String,
    /// Why: one sentence without a full stop.
    pub reason: String,
    /// What would work, where something would.
    pub help: Option<String>,
    /// The rule in which it stands: its position in `Program::rules`.
    pub rule: Option<u32>,
}

impl Refusal {
    /// A refusal that names no rule yet.
    pub fn new(
        code: &'static str,
        construct: impl Into<String>,
        reason: impl Into<String>,
    ) -> Self {
        Self {
            code,
            construct: construct.into(),
            reason: reason.into(),
            help: None,
            rule: None,
        }
    }

    /// Says what would work.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    /// Says in which rule it stands, unless a rule further in is already named.
    #[must_use]
    pub fn within(mut self, rule: u32) -> Self {
        self.rule.get_or_insert(rule);
        self
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} cannot be said: {}", self.construct, self.reason)
    }
}

impl std::error::Error for Refusal {}

/// A refusal with its place in the artifacts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// What refuses, for people: `SQLite`, `PostgreSQL`, `UCAST`.
    pub by: &'static str,
    /// For which principal; `None` where it holds for all.
    pub principal: Option<SmolStr>,
    /// On which resource.
    pub resource: Option<Resource>,
    /// Which action.
    pub action: Option<SmolStr>,
    /// Does the artifact hold no predicate at all here? (Else another form of it does.)
    pub closed: bool,
    /// Why.
    pub refusal: Refusal,
}
