//! Which constructs of the language the questions were made of, and what was answered.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use ambit_core::{ColumnId, Exists, Operand, Path, Pred, Step, Stored, TableId, Type};
use ambit_solver::Facts;
use ambit_tests::random::Coverage;

use super::schema::{MAIN, Schema};

/// How often each construct was asked about, with "yes" and with "no".
#[derive(Debug, Default)]
pub struct Table(BTreeMap<String, (u64, u64)>);

impl Table {
    pub fn count(&mut self, constructs: &BTreeSet<String>, answer: bool) {
        for construct in constructs {
            let counts = self.0.entry(construct.clone()).or_default();
            if answer {
                counts.0 += 1;
            } else {
                counts.1 += 1;
            }
        }
    }

    pub fn print(&self) -> String {
        let mut out = format!("{:<48} {:>9} {:>9}", "construct", "yes", "no");
        for (construct, (yes, no)) in &self.0 {
            let _ = write!(out, "\n{construct:<48} {yes:>9} {no:>9}");
        }
        out
    }

    /// Constructs that were not asked about with both answers.
    pub fn missing(&self) -> Vec<String> {
        every()
            .into_iter()
            .filter(|c| self.0.get(c).is_none_or(|(yes, no)| *yes == 0 || *no == 0))
            .collect()
    }
}

/// Everything that must be covered.
fn every() -> Vec<String> {
    let mut all: Vec<String> = [
        "and",
        "const",
        "exists",
        "exists visible",
        "link visible",
        "not",
        "or",
        "a column that is never null",
        "a link to a column that is no key",
        "a link to its own table",
        "a key of few values",
        "a key of two columns",
        "a path of two steps",
        "a path straight back",
        "a table without a key",
        "a value outside its enum possible",
        "exists inside exists",
        "exists over a path",
        "nothing known of nulls",
        "scope in rows",
        "two logins of one user",
    ]
    .map(str::to_owned)
    .to_vec();
    for op in ["Eq", "Ne", "Lt", "Le", "Gt", "Ge"] {
        all.push(format!("compare {op}"));
    }
    let varying = ["column", "path", "attribute", "day of an instant", "today"];
    for test in ["compare", "in list", "in set", "is null"] {
        for what in varying.iter().chain(&["login"]) {
            if (test, *what) != ("is null", "day of an instant") {
                all.push(format!("{test} of {what}"));
            }
        }
    }
    all.push("compare of literal".to_owned());
    all.push("in set of literal".to_owned());
    for what in ["column", "path", "attribute"] {
        all.push(format!("is of {what}"));
    }
    for test in ["StartsWith", "EndsWith", "Contains"] {
        for what in ["column", "path", "attribute", "login"] {
            all.push(format!("{test} of {what}"));
        }
    }
    for what in varying {
        all.push(format!("window of {what}"));
    }
    for kind in ["Last", "LastToToday", "Next", "NextFromToday", "This"] {
        for unit in ["Day", "Week", "Month", "Quarter", "Year"] {
            all.push(format!("window {kind} {unit}"));
        }
    }
    for mode in ["MatchAll", "MatchAny", "ContainsAll", "ContainsAny"] {
        all.push(format!("scope {mode}"));
        all.push(format!("scope {mode} with any"));
    }
    for ty in [
        "bool",
        "int",
        "decimal",
        "string",
        "date",
        "timestamp",
        "Color",
    ] {
        all.push(format!("type {ty}"));
        all.push(format!("set of {ty}"));
    }
    all
}

/// What conditions are made of.
pub fn constructs(schema: &Schema, preds: &[&Pred], facts: Facts) -> BTreeSet<String> {
    let mut coverage = Coverage::default();
    let mut more = More {
        schema,
        found: BTreeSet::new(),
        logins: BTreeSet::new(),
    };
    for pred in preds {
        coverage.pred(pred);
        more.pred(pred, MAIN, None);
    }
    if !facts.not_null {
        more.note("nothing known of nulls");
    }
    if more.logins.len() > 1 {
        more.note("two logins of one user");
    }
    let named = coverage.0.into_keys();
    let named = named.map(|c| c.strip_prefix("core ").map(str::to_owned).unwrap_or(c));
    more.found.into_iter().chain(named).collect()
}

struct More<'a> {
    schema: &'a Schema,
    found: BTreeSet<String>,
    logins: BTreeSet<u32>,
}

impl More<'_> {
    fn note(&mut self, what: &str) {
        self.found.insert(what.to_owned());
    }

    fn pred(&mut self, pred: &Pred, at: TableId, back: Option<(ColumnId, TableId)>) {
        let program = &self.schema.program;
        match pred {
            Pred::Const(_) => {}
            Pred::Not(inner) => self.pred(inner, at, back),
            Pred::And(parts) | Pred::Or(parts) => {
                parts.iter().for_each(|p| self.pred(p, at, back));
            }
            Pred::Compare(a, _, b) => {
                self.operand(a, at, back);
                self.operand(b, at, back);
            }
            Pred::InSet(o, set) => {
                if let Type::Set(of) = &program.attributes[set.index()].ty {
                    let of = ambit_core::print::print_type(program, of);
                    self.note(&format!("set of {of}"));
                }
                self.operand(o, at, back);
            }
            Pred::Is(o)
            | Pred::InList(o, _)
            | Pred::IsNull(o)
            | Pred::Text(o, ..)
            | Pred::InWindow(o, _)
            | Pred::Scope(o, _) => self.operand(o, at, back),
            Pred::Exists(exists) => self.exists(exists, at, back),
            Pred::LinkVisible(steps) => self.steps(steps, back),
        }
    }

    fn exists(&mut self, exists: &Exists, at: TableId, back: Option<(ColumnId, TableId)>) {
        self.steps(&exists.path, back);
        let here = exists.path.last().map_or(at, |s| s.to);
        let keys = |table: TableId| &self.schema.program.table(table).keys;
        let by_key = *keys(here) == [exists.own] || *keys(exists.table) == [exists.other];
        let keyless = keys(exists.table).is_empty();
        if !by_key {
            self.note("a link to a column that is no key");
        }
        if keyless {
            self.note("a table without a key");
        }
        if !exists.path.is_empty() {
            self.note("exists over a path");
        }
        if back.is_some() {
            self.note("exists inside exists");
        }
        if exists.table == here {
            self.note("a link to its own table");
        }
        self.pred(&exists.pred, exists.table, Some((exists.other, here)));
    }

    fn steps(&mut self, steps: &[Step], back: Option<(ColumnId, TableId)>) {
        if let Some(first) = steps.first()
            && back == Some((first.column, first.to))
        {
            self.note("a path straight back");
        }
        if steps.len() > 1 {
            self.note("a path of two steps");
        }
        if steps.iter().any(|s| s.from == s.to) {
            self.note("a link to its own table");
        }
    }

    fn operand(&mut self, operand: &Operand, at: TableId, back: Option<(ColumnId, TableId)>) {
        let program = &self.schema.program;
        match operand {
            Operand::Column(Path {
                steps,
                table,
                column,
            }) => {
                self.steps(steps, back);
                let declared = program.column(*table, *column);
                let ty = ambit_core::print::print_type(program, &declared.ty);
                self.note(&format!("type {ty}"));
                if !declared.nullable {
                    self.note("a column that is never null");
                }
                if matches!(declared.ty, Type::Enum(_)) {
                    self.note("a value outside its enum possible");
                }
                if matches!(declared.stored, Some(Stored::Rows { .. })) {
                    self.note("scope in rows");
                }
                let keys = &program.table(*table).keys;
                if keys.len() > 1 {
                    self.note("a key of two columns");
                }
                if keys.contains(column) && matches!(declared.ty, Type::Enum(_)) {
                    self.note("a key of few values");
                }
            }
            Operand::Login => {
                let source = program.source_of(at, program.source_of(MAIN, None));
                self.logins.extend(source.map(|s| s.0));
            }
            Operand::Day(inner) => self.operand(inner, at, back),
            Operand::Attribute(_) | Operand::Today | Operand::Const(_) => {}
        }
    }
}
