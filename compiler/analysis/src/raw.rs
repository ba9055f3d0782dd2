//! Findings and proofs as data, without places in files: an edit elsewhere does not change them.

use std::sync::Arc;

use ambit_core::{Program, Resource, Row, RuleId, TableId};
use ambit_diagnostics::Said;
use ambit_solver::{Limit, WitnessUser};
use jiff::civil::Date;
use smol_str::SmolStr;

/// What a finding points at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Spot {
    /// A rule, by its position in the slice.
    Rule(RuleId),
    /// A group, role or user.
    Principal(ambit_core::PrincipalId),
    /// A claim, by its position in the slice.
    Claim(u32),
}

/// A change of the policy's text that mends a finding.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Mend {
    /// Takes a rule out.
    Remove(RuleId),
    /// Puts text before a rule's condition; the condition is set in parentheses where it needs them for this.
    Guard {
        /// The rule.
        rule: RuleId,
        /// The text, without blank after it: `tier is not null and`.
        text: String,
        /// The text joins by `or`.
        by_or: bool,
    },
    /// Writes something else for a text that stands once in the rule.
    Replace {
        /// The rule.
        rule: RuleId,
        /// What stands there.
        from: String,
        /// What is to stand there.
        to: String,
    },
}

/// A finding, a claim that fails, or a question beyond the solver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raw {
    /// Its code in the registry.
    pub code: &'static str,
    /// Where it is.
    pub at: Spot,
    /// The message.
    pub message: String,
    /// What is there.
    pub label: String,
    /// Other places.
    pub related: Vec<(String, Spot)>,
    /// What to do.
    pub help: Vec<String>,
    /// Why it is so.
    pub notes: Vec<String>,
    /// Changes that mend it: title, safe, change.
    pub mends: Vec<(String, bool, Mend)>,
    /// A user and a row for which it is so.
    pub example: Option<Arc<Example>>,
}

impl Raw {
    pub(crate) fn new(code: &'static str, at: Spot, message: impl Into<String>) -> Self {
        Self {
            code,
            at,
            message: message.into(),
            label: String::new(),
            related: Vec::new(),
            help: Vec::new(),
            notes: Vec::new(),
            mends: Vec::new(),
            example: None,
        }
    }

    pub(crate) fn label(mut self, text: impl Into<String>) -> Self {
        self.label = text.into();
        self
    }

    pub(crate) fn related(mut self, text: impl Into<String>, at: Spot) -> Self {
        self.related.push((text.into(), at));
        self
    }

    pub(crate) fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }

    pub(crate) fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }

    pub(crate) fn mend(mut self, title: impl Into<String>, safe: bool, mend: Mend) -> Self {
        self.mends.push((title.into(), safe, mend));
        self
    }

    pub(crate) fn example(mut self, example: Option<Arc<Example>>) -> Self {
        self.example = example;
        self
    }
}

/// A witness that the evaluator confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The user.
    pub user: WitnessUser,
    /// The tables of the query.
    pub query: Vec<TableId>,
    /// The day.
    pub today: Date,
    /// What the user may do something with, or not.
    pub resource: Resource,
    /// The action.
    pub action: String,
    /// The row; `None` of an object.
    pub row: Option<Row>,
    /// The new row of an update.
    pub new: Option<Row>,
    /// The rows of the data.
    pub related: Vec<(TableId, Vec<Row>)>,
    /// The decision.
    pub allowed: bool,
}

/// A witness that the evaluator confirmed, as JSON and in words: what is kept of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// W of contract.md, as text.
    pub witness: Arc<str>,
    /// One line each.
    pub lines: Vec<String>,
}

impl Example {
    pub(crate) fn of(program: &Program, shown: &Shown) -> Arc<Self> {
        Arc::new(Self {
            witness: crate::show::witness(program, shown).to_string().into(),
            lines: crate::show::lines(program, shown),
        })
    }
}

/// A finding as it is kept: nothing of it depends on places, and its text is shared with the problems made of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Told {
    pub code: &'static str,
    pub at: Spot,
    pub said: Arc<Said>,
    pub related: Vec<(SmolStr, Spot)>,
    pub mends: Vec<(SmolStr, bool, Mend)>,
}

impl Told {
    pub fn new(raw: Raw) -> Self {
        let mut notes = Vec::new();
        // A claim tells its witness itself.
        let lines = raw.example.iter().filter(|_| raw.code.starts_with('W'));
        for (n, line) in lines.flat_map(|example| &example.lines).enumerate() {
            let lead = if n == 0 { "for example: " } else { "" };
            notes.push(format!("{lead}{line}"));
        }
        notes.extend(raw.notes);
        let said = Said {
            message: raw.message,
            label: raw.label,
            help: raw.help,
            notes,
            witness: raw.example.map(|example| Arc::clone(&example.witness)),
        };
        Self {
            code: raw.code,
            at: raw.at,
            said: Arc::new(said.fitted()),
            related: fitted(raw.related.into_iter().map(|(text, at)| (text.into(), at))),
            mends: fitted(
                raw.mends
                    .into_iter()
                    .map(|(title, safe, mend)| (title.into(), safe, mend)),
            ),
        }
    }
}

/// A list without room for more: there are tens of thousands.
fn fitted<T>(all: impl Iterator<Item = T>) -> Vec<T> {
    let mut list: Vec<T> = all.collect();
    list.shrink_to_fit();
    list
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// The question is beyond the solver.
    Limit(Limit),
    /// The evaluator says otherwise than the solver: a fault of ours.
    Unconfirmed(String),
}

impl From<Limit> for Trouble {
    fn from(limit: Limit) -> Self {
        Self::Limit(limit)
    }
}
