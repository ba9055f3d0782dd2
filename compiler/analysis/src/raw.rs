//! Findings and proofs as data, without places in files: an edit elsewhere does not change them.

use std::sync::Arc;

use ambit_core::{Resource, Row, RuleId, TableId};
use ambit_solver::{Limit, WitnessUser};
use jiff::civil::Date;

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
    pub witness: Option<Arc<Shown>>,
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
            witness: None,
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

    pub(crate) fn witness(mut self, witness: Option<Arc<Shown>>) -> Self {
        self.witness = witness;
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

/// A finding with its witness in words and as JSON: whatever does not depend on places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Told {
    pub raw: Raw,
    /// W of contract.md, as text.
    pub witness: Option<String>,
    /// The witness of a finding in words; a claim tells its own.
    pub example: Vec<String>,
}

impl Told {
    pub fn new(program: &ambit_core::Program, raw: Raw) -> Self {
        let shown = raw.witness.as_deref();
        let mut example = match shown {
            Some(shown) if raw.code.starts_with('W') => crate::show::lines(program, shown),
            _ => Vec::new(),
        };
        if let Some(first) = example.first_mut() {
            first.insert_str(0, "for example: ");
        }
        Self {
            witness: shown.map(|shown| crate::show::witness(program, shown).to_string()),
            example,
            raw,
        }
    }
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
