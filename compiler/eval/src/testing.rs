//! Runs the `test` blocks of a program (language.md, "Tests and claims").

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use ambit_core::dump::print_key;
use ambit_core::{
    Expectation, ExpectationKind, Origin, Program, Querying, Resource, RuleId, TableId, Test,
    TestId, Value,
};
use jiff::civil::Date;

use crate::data::{Data, RowRef};
use crate::decide::{Act, Judge};
use crate::reason::{Explanation, Role};
use crate::user::User;
use crate::why::reasons;

/// What running a test gave.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TestRun {
    /// The expectations that do not hold; none: the test passes.
    pub failures: Vec<TestFailure>,
    /// Rules that gave or took in a decision of the test.
    pub decisive: BTreeSet<RuleId>,
}

/// An expectation that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestFailure {
    /// What is expected, as Ambit text.
    pub expect: String,
    /// What is so instead.
    pub got: String,
    /// Why, line by line.
    pub why: Vec<String>,
    /// Where it is written.
    pub origin: Origin,
    /// The list of keys to write instead, and where it stands; `None` where a list cannot mend it.
    pub mend: Option<(Origin, String)>,
}

/// The actions that `write` on a table means.
const WRITE: &[&str] = &["insert", "update", "delete"];

/// Runs a test. `today` is the day where the test gives none.
pub fn run_test(program: &Program, id: TestId, today: Date) -> TestRun {
    let mut run = TestRun::default();
    let Some(test) = program.tests.get(id.index()) else {
        return run;
    };
    let today = test.today.unwrap_or(today);
    match given_data(program, test, None) {
        Err(error) => run.failures.push(TestFailure {
            expect: "rows that fit the schema".to_owned(),
            got: error.to_string(),
            why: Vec::new(),
            origin: test.origin.clone(),
            mend: None,
        }),
        Ok(data) => {
            for expectation in &test.expectations {
                let step = Step {
                    program,
                    test,
                    data: &data,
                    expectation,
                    today,
                };
                step.run(&mut run);
            }
        }
    }
    run
}

/// The rows of a test.
///
/// # Errors
/// With what does not fit the schema.
pub fn given_rows(program: &Program, test: &Test) -> Result<Data, crate::data::DataError> {
    given_data(program, test, None)
}

/// The rows of a test, perhaps without one of them.
fn given_data(
    program: &Program,
    test: &Test,
    without: Option<(TableId, usize)>,
) -> Result<Data, crate::data::DataError> {
    let mut data = Data::new(program);
    let mut positions: BTreeMap<TableId, usize> = BTreeMap::new();
    for (table, given) in test
        .given
        .iter()
        .flat_map(|(table, rows)| rows.iter().map(move |row| (*table, row)))
    {
        let position = positions.entry(table).or_default();
        if without != Some((table, *position)) {
            data.add_given(
                program,
                table,
                given.row.clone(),
                given.left_out.clone().into(),
            )?;
        }
        *position += 1;
    }
    Ok(data)
}

/// One expectation of a test.
struct Step<'a> {
    program: &'a Program,
    test: &'a Test,
    data: &'a Data,
    expectation: &'a Expectation,
    today: Date,
}

/// What was decided on the rows of a table.
struct Decided {
    /// The keys of the rows allowed, in the order given.
    keys: Vec<Vec<Value>>,
    /// The decision on each row, in the order given.
    rows: Vec<(Vec<Value>, Explanation)>,
    /// Why nothing can be said: a cell left out that a rule reads.
    unreadable: Vec<String>,
}

impl Step<'_> {
    fn run(&self, run: &mut TestRun) {
        let resource = match &self.expectation.kind {
            ExpectationKind::Sees { table, .. } => Resource::Table(*table),
            ExpectationKind::Can { resource, .. } => *resource,
        };
        let actions: Vec<&str> = match &self.expectation.kind {
            ExpectationKind::Sees { .. } => vec!["read"],
            ExpectationKind::Can {
                action,
                resource: Resource::Table(_),
                ..
            } if action == "write" => WRITE.to_vec(),
            ExpectationKind::Can { action, .. } => vec![action.as_str()],
        };
        let mut failures = Vec::new();
        for query in queries(resource, self.expectation.during.as_ref()) {
            for action in &actions {
                let failure = match resource {
                    Resource::Table(table) => self.on_table(table, action, &query, run),
                    Resource::Object(_) => self.on_object(resource, action, &query, run),
                };
                failures.extend(failure);
            }
        }
        // A list that must serve several queries or actions is mended only where they agree.
        let lists: BTreeSet<Option<String>> = failures
            .iter()
            .map(|f| f.mend.as_ref().map(|(_, text)| text.clone()))
            .collect();
        if lists.len() > 1 {
            for failure in &mut failures {
                failure.mend = None;
            }
        }
        run.failures.extend(failures);
    }

    fn user(&self) -> User {
        User::of(self.program, self.expectation.who)
    }

    fn on_object(
        &self,
        resource: Resource,
        action: &str,
        query: &[TableId],
        run: &mut TestRun,
    ) -> Option<TestFailure> {
        let (Resource::Object(object), ExpectationKind::Can { negated, .. }) =
            (resource, &self.expectation.kind)
        else {
            return None;
        };
        let user = self.user();
        let judge = Judge::new(self.program, self.data, &user, query, self.today, None);
        let explanation = judge.explain_object(object, action);
        note(run, &explanation);
        if explanation.value.is_true() != *negated {
            return None;
        }
        let can = if *negated { "can" } else { "cannot" };
        let name = self.program.resource_name(resource);
        let got = format!(
            "{} {can} {action} {name}",
            self.program.principal(self.expectation.who).name
        );
        Some(self.failure(action, got, reasons(&judge, &explanation), None))
    }

    fn on_table(
        &self,
        table: TableId,
        action: &str,
        query: &[TableId],
        run: &mut TestRun,
    ) -> Option<TestFailure> {
        let decided = self.decide(table, action, query, run);
        let user = self.user();
        let judge = Judge::new(self.program, self.data, &user, query, self.today, None);
        if !decided.unreadable.is_empty() {
            return Some(self.failure(action, "no answer".to_owned(), decided.unreadable, None));
        }
        let (negated, expected, list) = match &self.expectation.kind {
            ExpectationKind::Sees { keys, list, .. } => (false, Some(keys), Some(list)),
            ExpectationKind::Can {
                negated,
                keys,
                list,
                ..
            } => (*negated, keys.as_ref(), list.as_ref()),
        };
        let expected: Option<Vec<&Vec<Value>>> =
            expected.map(|keys| keys.iter().map(|(key, _)| key).collect());
        let got = print_keys(decided.keys.iter());
        let wrong: Vec<&Vec<Value>> = match (negated, &expected) {
            // These rows and no others.
            (false, Some(expected)) => {
                let surplus = decided.keys.iter().filter(|key| !expected.contains(key));
                let missing = expected
                    .iter()
                    .copied()
                    .filter(|key| !decided.keys.contains(key));
                surplus.chain(missing).collect()
            }
            // None of these rows.
            (true, Some(expected)) => decided
                .keys
                .iter()
                .filter(|key| expected.contains(key))
                .collect(),
            // Some row can; then every row is wrong where none can.
            (false, None) if decided.keys.is_empty() => {
                let all: Vec<&Vec<Value>> = decided.rows.iter().map(|(key, _)| key).collect();
                let why = self.why(&judge, table, &decided, &all);
                return Some(self.failure(action, "no row".to_owned(), why, None));
            }
            (false, None) => return None,
            (true, None) => decided.keys.iter().collect(),
        };
        if wrong.is_empty() {
            return None;
        }
        let mend = match (negated, list) {
            (false, Some(list)) => Some((list.clone(), got.clone())),
            _ => None,
        };
        let why = self.why(&judge, table, &decided, &wrong);
        Some(self.failure(action, got, why, mend))
    }

    /// Decides on every row given.
    fn decide(
        &self,
        table: TableId,
        action: &str,
        query: &[TableId],
        run: &mut TestRun,
    ) -> Decided {
        let keys = &self.program.table(table).keys;
        let user = self.user();
        let mut decided = Decided {
            keys: Vec::new(),
            rows: Vec::new(),
            unreadable: Vec::new(),
        };
        let mut left_out = BTreeSet::new();
        for (position, row) in self.data.rows(table).enumerate() {
            // Rows are those before the action: a row to be inserted is not there yet.
            let before = if action == "insert" {
                given_data(self.program, self.test, Some((table, position))).ok()
            } else {
                None
            };
            let data = before.as_ref().unwrap_or(self.data);
            let judge = Judge::new(self.program, data, &user, query, self.today, None);
            let act = act(action, row);
            let value = judge.decide(table, act);
            let read = judge.take_left_out();
            let explanation = judge.explain(table, act);
            // A rule that read what is not there has decided nothing.
            if read.is_empty() {
                note(run, &explanation);
            }
            left_out.extend(read);
            let key: Vec<Value> = keys.iter().map(|k| row.get(*k).clone()).collect();
            if value.is_true() {
                decided.keys.push(key.clone());
            }
            decided.rows.push((key, explanation));
        }
        decided.unreadable = left_out
            .into_iter()
            .map(|cell| {
                let (table, column) = (
                    self.program.table(cell.table),
                    self.program.column(cell.table, cell.column),
                );
                format!(
                    "a rule reads `{0}.{1}`, which `given {0}` leaves out and which cannot be null",
                    table.name, column.name
                )
            })
            .collect();
        decided
    }

    /// Why each wrong row is shown or hidden.
    fn why(
        &self,
        judge: &Judge<'_>,
        table: TableId,
        decided: &Decided,
        wrong: &[&Vec<Value>],
    ) -> Vec<String> {
        let mut why = Vec::new();
        for key in wrong {
            let name = format!("{} {}", self.program.table(table).name, print_key(key));
            match decided.rows.iter().find(|(other, _)| other == *key) {
                None => why.push(format!("{name}: no such row is given")),
                Some((_, explanation)) => {
                    let is = if explanation.value.is_true() {
                        "is allowed"
                    } else {
                        "is not allowed"
                    };
                    why.push(format!("{name} {is}:"));
                    why.extend(
                        reasons(judge, explanation)
                            .into_iter()
                            .map(|line| format!("  {line}")),
                    );
                }
            }
        }
        why
    }

    fn failure(
        &self,
        action: &str,
        got: String,
        why: Vec<String>,
        mend: Option<(Origin, String)>,
    ) -> TestFailure {
        TestFailure {
            expect: print_expectation(self.program, self.expectation, action),
            got,
            why,
            origin: self.expectation.origin.clone(),
            mend,
        }
    }
}

fn act<'a>(action: &str, row: RowRef<'a>) -> Act<'a> {
    match action {
        "insert" => Act::Insert(row),
        // The row stays as it is.
        "update" => Act::Update { old: row, new: row },
        "delete" => Act::Delete(row),
        _ => Act::Read(row),
    }
}

/// The queries to try: the query touches just the table tested, unless `when querying` says more.
fn queries(resource: Resource, during: Option<&Querying>) -> Vec<Vec<TableId>> {
    let own: Vec<TableId> = match resource {
        Resource::Table(table) => vec![table],
        Resource::Object(_) => Vec::new(),
    };
    let with = |tables: &[TableId]| {
        let mut query = own.clone();
        query.extend(tables);
        query.sort_unstable();
        query.dedup();
        query
    };
    match during {
        None => vec![own],
        Some(during) if during.any => during.tables.iter().map(|table| with(&[*table])).collect(),
        Some(during) => vec![with(&during.tables)],
    }
}

/// Remembers the rules that gave or took.
fn note(run: &mut TestRun, explanation: &Explanation) {
    for part in &explanation.parts {
        for rule in &part.rules {
            let decisive = match rule.role {
                Role::Gives => explanation.value.is_true(),
                Role::Takes => true,
                Role::Lacks | Role::Idle => false,
            };
            if decisive {
                run.decisive.insert(rule.rule);
            }
        }
    }
}

fn print_keys<'k>(keys: impl Iterator<Item = &'k Vec<Value>>) -> String {
    let keys: Vec<String> = keys.map(|key| print_key(key)).collect();
    format!("[{}]", keys.join(", "))
}

/// An expectation as Ambit text; of `can write` the one action that is looked at.
fn print_expectation(program: &Program, expectation: &Expectation, action: &str) -> String {
    let who = &program.principal(expectation.who).name;
    let mut text = match &expectation.kind {
        ExpectationKind::Sees { table, keys, .. } => {
            format!(
                "{who} sees {} {}",
                program.table(*table).name,
                print_keys(keys.iter().map(|(key, _)| key))
            )
        }
        ExpectationKind::Can {
            negated,
            resource,
            keys,
            ..
        } => {
            let can = if *negated { "cannot" } else { "can" };
            let keys = keys.as_ref().map_or(String::new(), |keys| {
                format!(" {}", print_keys(keys.iter().map(|(key, _)| key)))
            });
            format!(
                "{who} {can} {action} {}{keys}",
                program.resource_name(*resource)
            )
        }
    };
    if let Some(during) = &expectation.during {
        let tables: Vec<&str> = during
            .tables
            .iter()
            .map(|t| program.table(*t).name.as_str())
            .collect();
        let any = if during.any { "any of " } else { "" };
        let _ = write!(text, " when querying {any}[{}]", tables.join(", "));
    }
    text
}
