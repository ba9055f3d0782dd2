//! Conditions as trees. Each node names itself in `node`, each operand in `read`; a node carries the line on which it is
//! written, and the file where that is not the rule's (a filter's).

use ambit_core::{
    CompareOp, Operand, Pred, Program, Resource, Rule, ScopeMode, Step, TableId, TextTest, Unit,
    Window, WindowKind,
};
use serde_json::{Value as Json, json};

use super::schema::column_name;
use super::value::{texts, value};

/// The condition of a rule.
pub(super) fn condition(program: &Program, rule: &Rule) -> Json {
    let mut tree = Tree {
        program,
        rule,
        next: 0,
        here: match rule.resource {
            Resource::Table(table) => Some(table),
            Resource::Object(_) => None,
        },
    };
    tree.node(&rule.pred)
}

struct Tree<'p> {
    program: &'p Program,
    rule: &'p Rule,
    /// The number of the next node, in pre-order.
    next: usize,
    /// The table of the row at hand; none where the rule is on an object.
    here: Option<TableId>,
}

impl Tree<'_> {
    fn node(&mut self, pred: &Pred) -> Json {
        let place = self.rule.place(self.next);
        self.next += 1;
        let mut node = self.bare(pred);
        if let Some(node) = node.as_object_mut() {
            node.insert("line".to_owned(), json!(place.line));
            if place.file != self.rule.origin.file {
                node.insert("file".to_owned(), json!(place.file.as_str()));
            }
        }
        node
    }

    fn bare(&mut self, pred: &Pred) -> Json {
        match pred {
            Pred::Const(value) => json!({"node": "const", "value": value}),
            Pred::Not(inner) => json!({"node": "not", "of": self.node(inner)}),
            Pred::And(parts) => json!({"node": "and", "of": self.nodes(parts)}),
            Pred::Or(parts) => json!({"node": "or", "of": self.nodes(parts)}),
            // A boolean operand is compared with true: one form less for readers, with the same three values.
            Pred::Is(operand) => {
                let yes = json!({"read": "const", "value": true});
                json!({"node": "compare", "left": self.operand(operand), "op": "=", "right": yes})
            }
            Pred::Compare(left, op, right) => json!({
                "node": "compare",
                "left": self.operand(left),
                "op": compare(*op),
                "right": self.operand(right),
            }),
            Pred::InList(operand, values) => {
                let values: Vec<Json> = values.iter().map(value).collect();
                let set = json!({"read": "const", "value": {"set": values}});
                json!({"node": "in", "operand": self.operand(operand), "set": set})
            }
            Pred::InSet(operand, attribute) => {
                let set = self.operand(&Operand::Attribute(*attribute));
                json!({"node": "in", "operand": self.operand(operand), "set": set})
            }
            Pred::IsNull(operand) => json!({"node": "is_null", "operand": self.operand(operand)}),
            Pred::Text(operand, test, text) => json!({
                "node": "compare",
                "left": self.operand(operand),
                "op": match test {
                    TextTest::StartsWith => "starts_with",
                    TextTest::EndsWith => "ends_with",
                    TextTest::Contains => "contains",
                },
                "right": {"read": "const", "value": text.as_str()},
            }),
            Pred::InWindow(operand, window) => {
                let window = self::window(*window);
                json!({"node": "in_window", "operand": self.operand(operand), "window": window})
            }
            Pred::Scope(operand, test) => {
                let levels = test.levels.iter().map(|level| {
                    let members = level.members.as_deref().map(texts);
                    json!({"level": level.level.as_str(), "members": members})
                });
                json!({
                    "node": "scope",
                    "operand": self.operand(operand),
                    "mode": match test.mode {
                        ScopeMode::MatchAll => "match_all",
                        ScopeMode::MatchAny => "match_any",
                        ScopeMode::ContainsAll => "contains_all",
                        ScopeMode::ContainsAny => "contains_any",
                    },
                    "levels": levels.collect::<Vec<_>>(),
                })
            }
            Pred::Exists(exists) => {
                // The link hangs at the row at the end of the path; without a path, at the row at hand.
                let from = exists.path.last().map(|step| step.to).or(self.here);
                let outer = self.here.replace(exists.table);
                let inner = self.node(&exists.pred);
                self.here = outer;
                json!({
                    "node": "exists",
                    "path": self.steps(&exists.path),
                    "own": from.map_or("", |table| column_name(self.program, table, exists.own)),
                    "table": self.program.table(exists.table).name.as_str(),
                    "other": column_name(self.program, exists.table, exists.other),
                    "visible": exists.visible,
                    "where": inner,
                })
            }
            Pred::LinkVisible(steps) => json!({"node": "link_visible", "path": self.steps(steps)}),
        }
    }

    fn nodes(&mut self, parts: &[Pred]) -> Vec<Json> {
        parts.iter().map(|part| self.node(part)).collect()
    }

    fn operand(&self, operand: &Operand) -> Json {
        match operand {
            Operand::Column(path) => json!({
                "read": "column",
                "path": self.steps(&path.steps),
                "table": self.program.table(path.table).name.as_str(),
                "column": column_name(self.program, path.table, path.column),
            }),
            Operand::Attribute(id) => json!({"read": "attribute", "name": self.attribute(*id)}),
            Operand::Login => json!({"read": "login"}),
            Operand::Today => json!({"read": "today"}),
            Operand::Const(constant) => json!({"read": "const", "value": value(constant)}),
            Operand::Day(inner) => json!({"read": "day", "of": self.operand(inner)}),
        }
    }

    fn attribute(&self, id: ambit_core::AttributeId) -> &str {
        let attribute = self.program.attributes.get(id.index());
        attribute.map_or("", |a| a.name.as_str())
    }

    fn steps(&self, steps: &[Step]) -> Vec<Json> {
        let table = |id| self.program.table(id).name.as_str();
        let step = |s: &Step| {
            json!({
                "from": table(s.from),
                "column": column_name(self.program, s.from, s.column),
                "to": table(s.to),
                "key": column_name(self.program, s.to, s.key),
            })
        };
        steps.iter().map(step).collect()
    }
}

fn compare(op: CompareOp) -> &'static str {
    match op {
        CompareOp::Eq => "=",
        CompareOp::Ne => "!=",
        CompareOp::Lt => "<",
        CompareOp::Le => "<=",
        CompareOp::Gt => ">",
        CompareOp::Ge => ">=",
    }
}

fn window(window: Window) -> Json {
    json!({
        "kind": match window.kind {
            WindowKind::Last => "last",
            WindowKind::LastToToday => "last_to_today",
            WindowKind::Next => "next",
            WindowKind::NextFromToday => "next_from_today",
            WindowKind::This => "this",
        },
        "count": window.count,
        "unit": match window.unit {
            Unit::Day => "day",
            Unit::Week => "week",
            Unit::Month => "month",
            Unit::Quarter => "quarter",
            Unit::Year => "year",
        },
    })
}
