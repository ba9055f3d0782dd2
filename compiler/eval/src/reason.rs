//! How a decision came about: the rules that gave or took, and the value of every sub-condition.

use ambit_core::{Effect, ObjectId, Pred, PrincipalId, Resource, Rule, RuleId, SourceId, TableId};
use smol_str::SmolStr;

use crate::data::RowRef;
use crate::decide::{Act, Judge, Place, speaks_of, three_lines};
use crate::truth::Truth;

/// A decision with its reasons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The value of the decision: allowed exactly when it is true.
    pub value: Truth,
    /// The principal by which the user bypasses the source: then no rule was asked.
    pub bypass: Option<(PrincipalId, SourceId)>,
    /// Each use of the three lines; their least is the value. An update has three, a delete two.
    pub parts: Vec<Part>,
}

/// The three lines for one action at one row, or for an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The action.
    pub action: SmolStr,
    /// At which row.
    pub whose: Whose,
    /// The least of the lines.
    pub value: Truth,
    /// Open for this action.
    pub open: bool,
    /// The values of the three lines of language.md, "Meaning".
    pub lines: [Truth; 3],
    /// Every rule of the user's principals on the resource and action, in the order written.
    pub rules: Vec<RuleReason>,
}

/// The row that a part speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// The row before the action.
    Old,
    /// The row after it.
    New,
    /// An object has none.
    Object,
}

/// A rule in a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleReason {
    /// The rule.
    pub rule: RuleId,
    /// Does it apply to the query?
    pub applies: bool,
    /// The value of its condition.
    pub value: Truth,
    /// What it did.
    pub role: Role,
    /// The value of every sub-condition.
    pub tree: Node,
}

/// What a rule did in a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A grant that is true; of restricts by one axis, one that is true where another is not.
    Gives,
    /// A deny that is not false; a restrict that is not true, and of its axis none is.
    Takes,
    /// A grant that is not true, and no other gives.
    Lacks,
    /// It made no difference.
    Idle,
}

/// A condition with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// As Ambit text, or the name of a row or a line of the meaning.
    pub text: String,
    /// Its value.
    pub value: Truth,
    /// For a test: the values it was made on, `country is "USA"`; else empty.
    pub given: Vec<String>,
    /// Its parts; for `exists` the linked rows.
    pub children: Vec<Node>,
}

impl Judge<'_> {
    /// Explains [`Judge::decide`].
    pub fn explain(&self, table: TableId, act: Act<'_>) -> Explanation {
        let home = self.program.source_of(table, self.source);
        let part = |action, whose, row| {
            self.part(
                Resource::Table(table),
                action,
                whose,
                Place::row(table, row, home),
            )
        };
        let parts = match act {
            Act::Read(row) => vec![part("read", Whose::Old, row)],
            Act::Insert(new) => vec![part("insert", Whose::New, new)],
            Act::Update { old, new } => vec![
                part("update", Whose::Old, old),
                part("update", Whose::New, new),
                part("read", Whose::Old, old),
            ],
            Act::Delete(old) => vec![
                part("delete", Whose::Old, old),
                part("read", Whose::Old, old),
            ],
        };
        self.explained(self.bypass(Resource::Table(table), home), parts)
    }

    /// Explains [`Judge::decide_object`].
    pub fn explain_object(&self, object: ObjectId, action: &str) -> Explanation {
        let resource = Resource::Object(object);
        let home = self
            .program
            .objects
            .get(object.index())
            .and_then(|o| o.source);
        let part = self.part(resource, action, Whose::Object, Place::Object { home });
        self.explained(self.bypass(resource, home), vec![part])
    }

    /// A condition at a row of a table, with the value of every part.
    pub fn explain_pred(&self, table: TableId, row: RowRef<'_>, pred: &Pred) -> Node {
        self.node(
            pred,
            Place::row(table, row, self.program.source_of(table, self.source)),
        )
    }

    /// The value of a condition at a row of a table.
    pub fn value_of(&self, table: TableId, row: RowRef<'_>, pred: &Pred) -> Truth {
        self.truth(
            pred,
            Place::row(table, row, self.program.source_of(table, self.source)),
        )
    }

    #[allow(clippy::unused_self)] // reads like the other steps of an explanation
    fn explained(&self, bypass: Option<(PrincipalId, SourceId)>, parts: Vec<Part>) -> Explanation {
        match bypass {
            Some(_) => Explanation {
                value: Truth::True,
                bypass,
                parts: Vec::new(),
            },
            None => Explanation {
                value: Truth::least(parts.iter().map(|p| p.value)),
                bypass,
                parts,
            },
        }
    }

    pub(crate) fn part(
        &self,
        resource: Resource,
        action: &str,
        whose: Whose,
        at: Place<'_>,
    ) -> Part {
        let open = self.is_open(resource, action);
        let mut reasons = Vec::new();
        let mut applying: Vec<(&Rule, Truth)> = Vec::new();
        for (position, rule) in self.program.rules.iter().enumerate() {
            if rule.resource != resource
                || !speaks_of(rule, action)
                || !self.user.is_under(&rule.holder)
            {
                continue;
            }
            let applies = crate::decide::applies(&rule.applies, self.query);
            let tree = self.node(&rule.pred, at);
            if applies {
                applying.push((rule, tree.value));
            }
            reasons.push((
                rule,
                RuleReason {
                    rule: RuleId(position as u32),
                    applies,
                    value: tree.value,
                    role: Role::Idle,
                    tree,
                },
            ));
        }
        let lines = three_lines(open, &applying);
        let rules = reasons
            .into_iter()
            .map(|(rule, reason)| RuleReason {
                role: if reason.applies {
                    role(rule, reason.value, open, lines[0], &applying)
                } else {
                    Role::Idle
                },
                ..reason
            })
            .collect();
        Part {
            action: SmolStr::new(action),
            whose,
            value: Truth::least(lines),
            open,
            lines,
            rules,
        }
    }
}

/// What a rule that applies did, given all that apply.
fn role(rule: &Rule, value: Truth, open: bool, first: Truth, applying: &[(&Rule, Truth)]) -> Role {
    match rule.effect {
        Effect::Grant if value.is_true() && !open => Role::Gives,
        Effect::Grant if !first.is_true() => Role::Lacks,
        Effect::Deny if !value.is_false() => Role::Takes,
        Effect::Restrict { by: None } if !value.is_true() => Role::Takes,
        Effect::Restrict { by: Some(_) } => {
            let axis: Vec<Truth> = applying
                .iter()
                .filter(|(other, _)| other.effect == rule.effect)
                .map(|(_, v)| *v)
                .collect();
            let held = Truth::greatest(axis.iter().copied()).is_true();
            let divided = axis.iter().any(|v| !v.is_true());
            match (value.is_true(), held, divided) {
                (true, _, true) => Role::Gives,
                (false, false, _) => Role::Takes,
                _ => Role::Idle,
            }
        }
        _ => Role::Idle,
    }
}
