//! How a decision came about: the rules that gave or took, and the value of every sub-condition.

use ambit_core::dump::print_key;
use ambit_core::print::{print_holder, print_operand, print_pred, print_rule, print_value};
use ambit_core::{
    Effect, Exists, ObjectId, Operand, Pred, PrincipalId, Resource, Rule, RuleId, SourceId,
    TableId, Value,
};
use smol_str::SmolStr;

use crate::data::RowRef;
use crate::decide::{Act, Judge, Place, speaks_of, three_lines};
use crate::eval::Read;
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

/// How many linked rows an explanation shows.
const ROWS_SHOWN: usize = 20;

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

    fn part(&self, resource: Resource, action: &str, whose: Whose, at: Place<'_>) -> Part {
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

    fn node(&self, pred: &Pred, at: Place<'_>) -> Node {
        let table = match at {
            Place::Row { table, .. } => Some(table),
            Place::Object { .. } => None,
        };
        let children = match pred {
            // `x is not null`: the test itself shows what it was made on.
            Pred::Not(inner) if is_test(inner) => Vec::new(),
            Pred::Not(inner) => vec![self.node(inner, at)],
            Pred::And(parts) | Pred::Or(parts) => {
                parts.iter().map(|part| self.node(part, at)).collect()
            }
            Pred::Exists(exists) => self.exists_nodes(exists, at),
            Pred::LinkVisible(steps) => match self.follow(steps, at) {
                Some((to, row)) => vec![self.decision_node(to, row, at)],
                None => Vec::new(),
            },
            _ => Vec::new(),
        };
        Node {
            text: print_pred(self.program, table, pred),
            value: self.truth(pred, at),
            given: self.given(pred, at),
            children,
        }
    }

    /// The linked rows; those that decide come first when there are too many to show.
    fn exists_nodes(&self, exists: &Exists, at: Place<'_>) -> Vec<Node> {
        let Some(mut rows) = self.linked_rows(exists, at) else {
            return Vec::new();
        };
        let total = rows.len();
        if total > ROWS_SHOWN {
            rows.sort_by_key(|row| std::cmp::Reverse(self.linked_row(exists, *row, at)));
            rows.truncate(ROWS_SHOWN);
        }
        let mut rest = Truth::False;
        let mut nodes: Vec<Node> = Vec::new();
        for row in rows {
            let value = self.linked_row(exists, row, at);
            rest = value;
            let mut children = Vec::new();
            if exists.visible {
                children.push(self.decision_node(exists.table, row, at));
            }
            if exists.pred != Pred::Const(true) {
                children.push(self.node(&exists.pred, Place::row(exists.table, row, at.home())));
            }
            nodes.push(Node {
                text: self.row_name(exists.table, row),
                value,
                given: Vec::new(),
                children,
            });
        }
        if total > ROWS_SHOWN {
            let text = format!("… and {} more rows", total - ROWS_SHOWN);
            nodes.push(Node {
                text,
                value: rest,
                given: Vec::new(),
                children: Vec::new(),
            });
        }
        nodes
    }

    /// The decision on another row of the same query, as a node.
    fn decision_node(&self, table: TableId, row: RowRef<'_>, at: Place<'_>) -> Node {
        let name = format!("read {}", self.row_name(table, row));
        let resource = Resource::Table(table);
        if self.bypass(resource, at.home()).is_some() {
            return Node {
                text: name,
                value: Truth::True,
                given: Vec::new(),
                children: Vec::new(),
            };
        }
        let part = self.part(
            resource,
            "read",
            Whose::Old,
            Place::row(table, row, at.home()),
        );
        let mut node = self.part_node(&part);
        node.text = name;
        // May be read, or may not: a decision.
        node.value = Truth::from(part.value.is_true());
        node
    }

    /// A decision as one tree: its parts, their three lines, the rules under each.
    pub fn tree(&self, explanation: &Explanation) -> Node {
        if let Some((principal, source)) = explanation.bypass {
            let (who, source) = (
                &self.program.principal(principal).name,
                self.program.sources.get(source.index()),
            );
            let text = format!("{who} bypasses {}", source.map_or("", |s| s.name.as_str()));
            return Node {
                text,
                value: Truth::True,
                given: Vec::new(),
                children: Vec::new(),
            };
        }
        let mut nodes: Vec<Node> = explanation
            .parts
            .iter()
            .map(|part| self.part_node(part))
            .collect();
        match nodes.pop() {
            Some(only) if nodes.is_empty() => only,
            last => {
                nodes.extend(last);
                let text = "all of".to_owned();
                Node {
                    text,
                    value: explanation.value,
                    given: Vec::new(),
                    children: nodes,
                }
            }
        }
    }

    fn part_node(&self, part: &Part) -> Node {
        let under = |wanted: fn(Effect) -> bool| -> Vec<Node> {
            part.rules
                .iter()
                .filter(|reason| reason.applies)
                .filter_map(|reason| {
                    self.program
                        .rules
                        .get(reason.rule.index())
                        .map(|rule| (reason, rule))
                })
                .filter(|(_, rule)| wanted(rule.effect))
                .map(|(reason, rule)| Node {
                    text: format!(
                        "{}: {} ({}:{})",
                        print_holder(self.program, &rule.holder),
                        print_rule(self.program, rule),
                        rule.origin.file,
                        rule.origin.line
                    ),
                    value: reason.value,
                    given: reason.tree.given.clone(),
                    children: reason.tree.children.clone(),
                })
                .collect()
        };
        let line = |text: &str, value, children| Node {
            text: text.to_owned(),
            value,
            given: Vec::new(),
            children,
        };
        let first = if part.open {
            "open, or a grant is true"
        } else {
            "a grant is true"
        };
        let whose = match part.whose {
            Whose::Old | Whose::Object => "",
            Whose::New => " (new row)",
        };
        Node {
            text: format!("{}{whose}", part.action),
            value: part.value,
            given: Vec::new(),
            children: vec![
                line(first, part.lines[0], under(|e| e == Effect::Grant)),
                line(
                    "every deny is false",
                    part.lines[1],
                    under(|e| e == Effect::Deny),
                ),
                line(
                    "every restrict holds",
                    part.lines[2],
                    under(|e| matches!(e, Effect::Restrict { .. })),
                ),
            ],
        }
    }

    /// The values that a test was made on.
    fn given(&self, pred: &Pred, at: Place<'_>) -> Vec<String> {
        let operands: Vec<&Operand> = match pred {
            Pred::Not(inner) if is_test(inner) => return self.given(inner, at),
            Pred::Compare(left, _, right) => vec![left, right],
            Pred::Is(operand)
            | Pred::InList(operand, _)
            | Pred::IsNull(operand)
            | Pred::Text(operand, ..)
            | Pred::InWindow(operand, _)
            | Pred::Scope(operand, _) => vec![operand],
            Pred::InSet(operand, attribute) => {
                let name = self
                    .program
                    .attributes
                    .get(attribute.index())
                    .map_or("", |a| a.name.as_str());
                let set = print_value(self.user.attribute(*attribute));
                let mut given = self.given(&Pred::IsNull(operand.clone()), at);
                given.push(format!("user.{name} is {set}"));
                return given;
            }
            _ => return Vec::new(),
        };
        operands
            .into_iter()
            .filter(|operand| !matches!(operand, Operand::Const(_)))
            .map(|operand| {
                let text = print_operand(self.program, operand);
                match self.read(operand, at) {
                    Read::Value(value) => format!("{text} is {}", print_value(&value)),
                    Read::Nothing => format!("{text} is null"),
                    Read::Stray => format!("{text} is a value outside its type"),
                }
            })
            .collect()
    }

    /// A row by its key: `contacts 7`; without one, by all its values.
    pub fn row_name(&self, table: TableId, row: RowRef<'_>) -> String {
        let declared = self.program.table(table);
        let key: Vec<Value> = declared.keys.iter().map(|k| row.get(*k).clone()).collect();
        if key.is_empty() {
            let cells: Vec<String> = declared
                .columns
                .iter()
                .zip(row.values)
                .map(|(column, value)| format!("{} {}", column.name, print_value(value)))
                .collect();
            format!("{} {{ {} }}", declared.name, cells.join(", "))
        } else {
            format!("{} {}", declared.name, print_key(&key))
        }
    }
}

/// A test of operands, with no parts of its own.
fn is_test(pred: &Pred) -> bool {
    !matches!(
        pred,
        Pred::Const(_)
            | Pred::Not(_)
            | Pred::And(_)
            | Pred::Or(_)
            | Pred::Exists(_)
            | Pred::LinkVisible(_)
    )
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
