//! Conditions and decisions as trees of values.

use ambit_core::dump::print_key;
use ambit_core::print::{print_holder, print_operand, print_pred, print_rule_head, print_value};
use ambit_core::{Effect, Exists, Operand, Pred, Resource, TableId, Value};

use crate::data::RowRef;
use crate::decide::{Judge, Place};
use crate::eval::Read;
use crate::reason::{Explanation, Node, Part, Whose};
use crate::truth::Truth;

/// How many linked rows an explanation shows.
const ROWS_SHOWN: usize = 20;

impl Judge<'_> {
    pub(crate) fn node(&self, pred: &Pred, at: Place<'_>) -> Node {
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
                        print_rule_head(self.program, rule),
                        rule.origin.file,
                        rule.origin.line
                    ),
                    value: reason.value,
                    given: Vec::new(),
                    children: vec![reason.tree.clone()],
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
