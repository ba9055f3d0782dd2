//! Core as canonical Ambit text. What is printed parses back to the same meaning.

mod rule;
mod value;

use std::fmt::Write as _;

use smol_str::SmolStr;

use crate::pred::{
    CompareOp, Exists, Operand, Path, Pred, ScopeMode, ScopeTest, Step, TextTest, Unit, Window,
    WindowKind,
};
use crate::program::Program;
use crate::value::Value;
use crate::{ColumnId, TableId};

pub use rule::{print_holder, print_rule, print_rule_head};
pub use value::{print_part, print_scope, print_string, print_type, print_value};

/// A condition, with the parentheses that the language needs and no others.
///
/// `table` is the table of the row at hand; it decides whether an `exists` needs its `by`. `None`: the condition
/// speaks of the user alone.
pub fn print_pred(program: &Program, table: Option<TableId>, pred: &Pred) -> String {
    let mut printer = Printer {
        program,
        out: String::new(),
    };
    printer.pred(table, pred, Within::Top);
    printer.out
}

/// What a test takes: `contact_id.tier`, `user.login`, `"FRANCE"`.
pub fn print_operand(program: &Program, operand: &Operand) -> String {
    let mut printer = Printer {
        program,
        out: String::new(),
    };
    printer.operand(operand);
    printer.out
}

/// What a condition stands in; `and` and `or` take parentheses inside each other, and everything does inside `not`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    Top,
    And,
    Or,
    Not,
}

struct Printer<'p> {
    program: &'p Program,
    out: String,
}

impl Printer<'_> {
    fn pred(&mut self, table: Option<TableId>, pred: &Pred, within: Within) {
        match pred {
            Pred::Const(true) => self.out.push_str("everything"),
            Pred::Const(false) => self.out.push_str("nothing"),
            Pred::And(parts) => self.joined(table, parts, within, Within::And),
            Pred::Or(parts) => self.joined(table, parts, within, Within::Or),
            Pred::Not(inner) => self.not(table, inner),
            Pred::Is(operand) => self.operand(operand),
            Pred::Compare(left, op, right) => {
                self.operand(left);
                self.out
                    .push_str(compare_word(*op, is_moment(left) || is_moment(right)));
                self.operand(right);
            }
            Pred::InList(operand, values) => self.in_list(operand, "in", values),
            Pred::InSet(operand, attribute) => self.in_set(operand, "in", attribute.index()),
            Pred::IsNull(operand) => {
                self.operand(operand);
                self.out.push_str(" is null");
            }
            Pred::Text(operand, test, literal) => {
                self.operand(operand);
                self.out.push_str(match test {
                    TextTest::StartsWith => " starts with ",
                    TextTest::EndsWith => " ends with ",
                    TextTest::Contains => " contains ",
                });
                self.out.push_str(&print_string(literal));
            }
            Pred::InWindow(operand, window) => self.in_window(operand, "in", *window),
            Pred::Scope(operand, test) => self.scope(operand, test),
            Pred::Exists(exists) => self.exists(table, exists),
            Pred::LinkVisible(steps) => {
                let mut first = true;
                for step in steps.iter() {
                    if !first {
                        self.out.push('.');
                    }
                    first = false;
                    self.column(step.from, step.column);
                }
                self.out.push_str(" is visible");
            }
        }
    }

    fn joined(&mut self, table: Option<TableId>, parts: &[Pred], within: Within, here: Within) {
        match parts {
            // Never lowered so; but what is least of none is everything.
            [] => self.pred(table, &Pred::Const(here == Within::And), within),
            [only] => self.pred(table, only, within),
            parts => {
                let parens = within != Within::Top && within != here;
                if parens {
                    self.out.push('(');
                }
                for (i, part) in parts.iter().enumerate() {
                    if i > 0 {
                        self.out
                            .push_str(if here == Within::And { " and " } else { " or " });
                    }
                    self.pred(table, part, here);
                }
                if parens {
                    self.out.push(')');
                }
            }
        }
    }

    fn not(&mut self, table: Option<TableId>, inner: &Pred) {
        match inner {
            Pred::InList(operand, values) => self.in_list(operand, "not in", values),
            Pred::InSet(operand, attribute) => self.in_set(operand, "not in", attribute.index()),
            Pred::InWindow(operand, window) => self.in_window(operand, "not in", *window),
            Pred::IsNull(operand) => {
                self.operand(operand);
                self.out.push_str(" is not null");
            }
            inner => {
                self.out.push_str("not ");
                self.pred(table, inner, Within::Not);
            }
        }
    }

    fn in_list(&mut self, operand: &Operand, word: &str, values: &[Value]) {
        self.operand(operand);
        let values: Vec<String> = values.iter().map(print_value).collect();
        let _ = write!(self.out, " {word} [{}]", values.join(", "));
    }

    fn in_set(&mut self, operand: &Operand, word: &str, attribute: usize) {
        self.operand(operand);
        let _ = write!(self.out, " {word} user.");
        self.attribute(attribute);
    }

    fn in_window(&mut self, operand: &Operand, word: &str, window: Window) {
        self.operand(operand);
        let _ = write!(self.out, " {word} {}", print_window(window));
    }

    fn scope(&mut self, operand: &Operand, test: &ScopeTest) {
        self.operand(operand);
        self.out.push_str(match test.mode {
            ScopeMode::MatchAll => " match all { ",
            ScopeMode::MatchAny => " match any { ",
            ScopeMode::ContainsAll => " contains all { ",
            ScopeMode::ContainsAny => " contains any { ",
        });
        for (i, level) in test.levels.iter().enumerate() {
            if i > 0 {
                self.out.push_str(", ");
            }
            self.out.push_str(&print_part(&level.level));
            match &level.members {
                None => self.out.push_str(": any"),
                Some(members) => {
                    let members: Vec<String> = members.iter().map(|m| print_string(m)).collect();
                    let _ = write!(self.out, ": [{}]", members.join(", "));
                }
            }
        }
        self.out.push_str(" }");
    }

    fn exists(&mut self, table: Option<TableId>, exists: &Exists) {
        self.out.push_str(if exists.visible {
            "exists visible "
        } else {
            "exists "
        });
        self.steps(&exists.path);
        self.out.push_str(&self.program.table(exists.table).name);
        let at = exists.path.last().map(|step| step.to).or(table);
        if let Some(by) = at.and_then(|at| self.by(at, exists)) {
            let _ = write!(self.out, " by {by}");
        }
        if exists.pred != Pred::Const(true) {
            self.out.push_str(" where (");
            self.pred(Some(exists.table), &exists.pred, Within::Top);
            self.out.push(')');
        }
    }

    /// The column that tells this link from the others between the two tables, where there are others.
    fn by(&self, at: TableId, exists: &Exists) -> Option<SmolStr> {
        let links = links_between(self.program, at, exists.table);
        if links.len() < 2 {
            return None;
        }
        let fits = |link: &&LinkBetween| link.own == exists.own && link.other == exists.other;
        let alone =
            |link: &&LinkBetween| links.iter().filter(|other| other.name == link.name).count() == 1;
        let link = links
            .iter()
            .filter(fits)
            .find(alone)
            .or_else(|| links.iter().find(fits))?;
        Some(link.name.clone())
    }

    fn operand(&mut self, operand: &Operand) {
        match operand {
            Operand::Column(path) => self.path(path),
            Operand::Attribute(id) => {
                self.out.push_str("user.");
                self.attribute(id.index());
            }
            Operand::Login => self.out.push_str("user.login"),
            Operand::Today => self.out.push_str("today"),
            Operand::Const(value) => self.out.push_str(&print_value(value)),
            // The language wraps an instant by itself.
            Operand::Day(inner) => self.operand(inner),
        }
    }

    fn attribute(&mut self, position: usize) {
        let name = self
            .program
            .attributes
            .get(position)
            .map(|a| a.name.clone())
            .unwrap_or_default();
        self.out.push_str(&name);
    }

    fn path(&mut self, path: &Path) {
        self.steps(&path.steps);
        self.column(path.table, path.column);
    }

    fn steps(&mut self, steps: &[Step]) {
        for step in steps {
            self.column(step.from, step.column);
            self.out.push('.');
        }
    }

    fn column(&mut self, table: TableId, column: ColumnId) {
        self.out.push_str(&self.program.column(table, column).name);
    }
}

/// A link over which `exists` can go from one table to another, by either side's declaration.
struct LinkBetween {
    own: ColumnId,
    other: ColumnId,
    /// The column that declares it.
    name: SmolStr,
}

/// The links that an `exists` from a row of `at` to rows of `to` can mean. Of a table linked to itself, the rows that
/// link *to* this row are meant: the other way is a path.
fn links_between(program: &Program, at: TableId, to: TableId) -> Vec<LinkBetween> {
    let mut found = Vec::new();
    for (position, column) in program.table(to).columns.iter().enumerate() {
        for link in column.links.iter().filter(|link| link.table == at) {
            found.push(LinkBetween {
                own: link.column,
                other: ColumnId(position as u32),
                name: column.name.clone(),
            });
        }
    }
    if at != to {
        for (position, column) in program.table(at).columns.iter().enumerate() {
            for link in column.links.iter().filter(|link| link.table == to) {
                found.push(LinkBetween {
                    own: ColumnId(position as u32),
                    other: link.column,
                    name: column.name.clone(),
                });
            }
        }
    }
    found
}

fn compare_word(op: CompareOp, moment: bool) -> &'static str {
    match op {
        CompareOp::Eq => " = ",
        CompareOp::Ne => " != ",
        CompareOp::Lt if moment => " before ",
        CompareOp::Gt if moment => " after ",
        CompareOp::Lt => " < ",
        CompareOp::Le => " <= ",
        CompareOp::Gt => " > ",
        CompareOp::Ge => " >= ",
    }
}

/// Is it surely a day or an instant (whatever the schema says)?
fn is_moment(operand: &Operand) -> bool {
    matches!(
        operand,
        Operand::Today | Operand::Day(_) | Operand::Const(Value::Date(_) | Value::Timestamp(_))
    )
}

/// A window: `last 3 months to today`.
pub fn print_window(window: Window) -> String {
    let unit = match (window.unit, window.count) {
        (Unit::Day, 1) => "day",
        (Unit::Day, _) => "days",
        (Unit::Week, 1) => "week",
        (Unit::Week, _) => "weeks",
        (Unit::Month, 1) => "month",
        (Unit::Month, _) => "months",
        (Unit::Quarter, 1) => "quarter",
        (Unit::Quarter, _) => "quarters",
        (Unit::Year, 1) => "year",
        (Unit::Year, _) => "years",
    };
    let (word, end) = match window.kind {
        WindowKind::Last => ("last", ""),
        WindowKind::LastToToday => ("last", " to today"),
        WindowKind::Next => ("next", ""),
        WindowKind::NextFromToday => ("next", " from today"),
        WindowKind::This => ("this", ""),
    };
    match window.count {
        1 => format!("{word} {unit}{end}"),
        count => format!("{word} {count} {unit}{end}"),
    }
}
