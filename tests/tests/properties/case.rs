//! One random policy with rows and users, and what evaluator and `SQLite` say of them.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use ambit_compiler::{Config, Database};
use ambit_core::{Program, Row, TableId, Type, Value};
use ambit_eval::{Act, Data, Judge, Prepared, Truth, User};
use ambit_targets::sql::{
    Dialect, Facts, Layout, Login, Outcome, Predicate, Query, Request, Today, UserContext, access,
};
use ambit_tests::random::values::literal;
use ambit_tests::random::{Coverage, Policy, Pool, TableRows, UserSpec, world};
use ambit_tests::rng::Rng;

use super::report::Tally;
use super::sqlite::Physical;

const ACTIONS: [&str; 4] = ["read", "insert", "update", "delete"];

/// A policy, and what it is asked about.
#[derive(Clone)]
pub struct Case {
    pub policy: Policy,
    pub pool: Pool,
    pub rows: Vec<TableRows>,
    pub users: Vec<UserSpec>,
    /// For each user the tables that the query names besides the one asked about, and an action besides `read`.
    pub asks: Vec<(Vec<String>, &'static str)>,
    /// Another day for the SQL side: the two must differ, or the comparison sees nothing.
    pub sql_today: Option<jiff::civil::Date>,
}

/// Where the two sides part.
#[derive(Debug, Clone)]
pub struct Difference {
    pub table: String,
    pub row: usize,
    pub user: usize,
    pub action: &'static str,
    /// Against what the evaluator was held.
    pub against: &'static str,
    pub evaluator: Truth,
    pub other: String,
    pub sql: String,
}

/// The program of a policy, or what is wrong with it.
pub fn lower(policy: &Policy) -> Result<Arc<Program>, String> {
    let mut db = Database::default();
    let config = Config::read(&policy.settings());
    let project = db.project(vec![("random.ambit".into(), policy.text().into())], config);
    match ambit_compiler::program(&db, project) {
        Some(program) => Ok(program),
        None => {
            let report = ambit_compiler::check(&db, project);
            let list: Vec<String> = report
                .problems
                .iter()
                .map(|p| format!("{} {} {:?}", p.code, p.message, p.at))
                .collect();
            Err(list.join("\n"))
        }
    }
}

impl Case {
    /// A random case.
    pub fn new(rng: &mut Rng, coverage: &mut Coverage) -> Self {
        let (policy, pool) = Policy::new(rng, coverage);
        let program = match lower(&policy) {
            Ok(program) => program,
            Err(problems) => panic!(
                "a random policy has mistakes:\n{problems}\n{}",
                policy.text()
            ),
        };
        program.rules.iter().for_each(|r| coverage.pred(&r.pred));
        let rows = world::rows(rng, &policy, &pool, coverage);
        let users = world::users(rng, &program, (&policy, &pool), 4, coverage);
        let names: Vec<String> = program.tables.iter().map(|t| t.name.to_string()).collect();
        let asks = users
            .iter()
            .map(|_| {
                let others = if rng.chance(50) {
                    rng.some(&names, 2)
                } else {
                    Vec::new()
                };
                (others, *rng.pick(&ACTIONS[1..]))
            })
            .collect();
        Self {
            policy,
            pool,
            rows,
            users,
            asks,
            sql_today: None,
        }
    }

    /// The first difference. Nothing where the policy is no program (only while shrinking).
    pub fn compare(&self, tally: &mut Tally) -> Option<Difference> {
        let program = lower(&self.policy).ok()?;
        let mut data = Data::new(&program);
        let mut loaded: Vec<(TableId, Vec<Row>)> = Vec::new();
        for rows in &self.rows {
            let table = program.find_table(&rows.table).unwrap();
            for row in &rows.rows {
                data.add(&program, table, row.clone().into()).unwrap();
            }
            loaded.push((table, data.rows(table).map(|r| r.values.into()).collect()));
        }
        let memory = ambit_query::oracle::Database::load(&program, &loaded).unwrap();
        let physical = Physical::load(&program, &loaded);
        for (number, spec) in self.users.iter().enumerate() {
            let (others, action) = &self.asks[number];
            let of_rules = |table: TableId| {
                !self
                    .policy
                    .tables
                    .iter()
                    .any(|t| t.helper && t.name == program.table(table).name)
            };
            for (table, rows) in loaded
                .iter()
                .filter(|(table, rows)| of_rules(*table) && !rows.is_empty())
            {
                let mut query: BTreeSet<TableId> = others
                    .iter()
                    .filter_map(|n| program.find_table(n))
                    .collect();
                query.insert(*table);
                let asker = Asker {
                    program: &program,
                    spec,
                    query: &query,
                    today: self.pool.today,
                };
                let asker_of_sql = Asker {
                    today: self.sql_today.unwrap_or(asker.today),
                    ..asker
                };
                tally.group(rows.len());
                for action in ["read", action] {
                    let mine = asker.evaluate(&data, *table, rows, action);
                    if action == "read" {
                        tally.visible(mine.iter().filter(|t| t.is_true()).count(), rows.len());
                        for value in &mine {
                            tally.decided(*value);
                        }
                    }
                    let differs = |against, other: &[Option<Truth>], sql: &str| {
                        let row = mine.iter().zip(other).position(|(a, b)| Some(*a) != *b)?;
                        Some(Difference {
                            table: program.table(*table).name.to_string(),
                            row,
                            user: number,
                            action,
                            against,
                            evaluator: mine[row],
                            other: format!("{:?}", other[row]),
                            sql: sql.to_owned(),
                        })
                    };
                    let quick = asker.prepared(&data, *table, rows, action);
                    if let Some(difference) = differs("the prepared evaluator", &quick, "") {
                        return Some(difference);
                    }
                    let layouts = [
                        ("SQLite, rows in memory", &memory as &dyn Engine),
                        ("SQLite, rows as stored", &physical),
                    ];
                    for (name, engine) in layouts {
                        let Some((theirs, sql)) = asker_of_sql.ask(engine, *table, action, tally)
                        else {
                            continue;
                        };
                        if let Some(difference) = differs(name, &theirs, &sql) {
                            return Some(difference);
                        }
                    }
                }
            }
        }
        None
    }

    /// Leaves out rows with a null where the schema wants none.
    pub fn keep_to_the_schema(&mut self) {
        let program = lower(&self.policy).unwrap();
        for rows in &mut self.rows {
            let table = program.find_table(&rows.table).unwrap();
            let columns = &program.table(table).columns;
            // A scope that is stored in rows of its own has no cell here.
            let apart = |ty: &Type| matches!(ty, Type::Scope(_));
            rows.rows.retain(|row| {
                let mut cells = columns.iter().zip(row);
                cells.all(|(c, cell)| c.nullable || apart(&c.ty) || !cell.is_null())
            });
        }
    }

    /// Whether each user may read each row, and do what else is asked, by the rules of this program: one that the
    /// policy became, or became with an edit.
    pub fn decisions(&self, program: &Program) -> Vec<bool> {
        let mut data = Data::new(program);
        let mut loaded: Vec<(TableId, Vec<Row>)> = Vec::new();
        for rows in &self.rows {
            let table = program.find_table(&rows.table).unwrap();
            for row in &rows.rows {
                data.add(program, table, row.clone().into()).unwrap();
            }
            loaded.push((table, data.rows(table).map(|r| r.values.into()).collect()));
        }
        let mut all = Vec::new();
        for (spec, (others, action)) in self.users.iter().zip(&self.asks) {
            for (table, rows) in loaded.iter().filter(|(_, rows)| !rows.is_empty()) {
                let named = others.iter().filter_map(|n| program.find_table(n));
                let query: BTreeSet<TableId> = named.chain([*table]).collect();
                let asker = Asker {
                    program,
                    spec,
                    query: &query,
                    today: self.pool.today,
                };
                for action in ["read", action] {
                    let truths = asker.evaluate(&data, *table, rows, action);
                    all.extend(truths.iter().map(|truth| truth.is_true()));
                }
            }
        }
        all
    }

    /// For people: the policy, the row, the user, both answers.
    pub fn describe(&self, difference: &Difference) -> String {
        let mut text = format!("{}\n{}\n", self.policy.settings(), self.policy.text());
        for table in &self.rows {
            let _ = writeln!(text, "{} {{", table.table);
            for row in &table.rows {
                let cells: Vec<String> = row.iter().map(shown).collect();
                let _ = writeln!(text, "    {}", cells.join(", "));
            }
            text.push_str("}\n");
        }
        let _ = writeln!(text, "today {}", self.pool.today);
        let (spec, (others, _)) = (&self.users[difference.user], &self.asks[difference.user]);
        let _ = writeln!(
            text,
            "user {spec:?}\nquery {others:?} and {}",
            difference.table
        );
        let _ = writeln!(
            text,
            "{} on {}, row {} (from 0): the evaluator says {:?}, {} says {}\n{}",
            difference.action,
            difference.table,
            difference.row,
            difference.evaluator,
            difference.against,
            difference.other,
            difference.sql
        );
        text
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Scope(scope) => format!("{scope:?}"),
        value => literal(value),
    }
}

/// Somewhere the predicates of both outcomes run.
pub trait Engine {
    fn layout(&self, program: &Program) -> Layout;
    fn run(&self, table: TableId, yes: &Predicate, no: &Predicate) -> Vec<Option<bool>>;
}

impl Engine for ambit_query::oracle::Database {
    fn layout(&self, program: &Program) -> Layout {
        Layout::memory(program, None)
    }
    fn run(&self, table: TableId, yes: &Predicate, no: &Predicate) -> Vec<Option<bool>> {
        self.outcomes(table, yes, no)
            .unwrap_or_else(|e| panic!("{e}\n{}\n{}", yes.sql, no.sql))
    }
}

/// A user with a query.
#[derive(Clone, Copy)]
struct Asker<'a> {
    program: &'a Program,
    spec: &'a UserSpec,
    query: &'a BTreeSet<TableId>,
    today: jiff::civil::Date,
}

impl Asker<'_> {
    fn user(&self) -> User {
        let program = self.program;
        let find = |name: &String| program.find_principal(name);
        let mut user = match (&self.spec.declared, &self.spec.login) {
            (Some(name), _) => {
                find(name).map_or_else(|| User::nobody(program), |id| User::of(program, id))
            }
            (None, Some(login)) => User::named(program, login),
            (None, None) => User::nobody(program),
        };
        self.spec
            .principals
            .iter()
            .filter_map(find)
            .for_each(|id| user.add(program, id));
        for (name, value) in &self.spec.attributes {
            user.supply(program.find_attribute(name).unwrap(), value.clone());
        }
        user
    }

    fn context(&self) -> UserContext {
        let program = self.program;
        let find = |name: &String| program.find_principal(name);
        let mut user = UserContext::default();
        if let Some(id) = self.spec.declared.as_ref().and_then(find) {
            user = UserContext::of(program, id);
        } else if let Some(login) = self
            .spec
            .login
            .as_ref()
            .filter(|_| self.spec.declared.is_none())
        {
            user.login = Login::Named(login.as_str().into());
        }
        self.spec
            .principals
            .iter()
            .filter_map(find)
            .for_each(|id| user.add(program, id));
        for (name, value) in &self.spec.attributes {
            let id = program.find_attribute(name).unwrap();
            user.attributes.entry(id).or_insert_with(|| value.clone());
        }
        user
    }

    /// What the evaluator decides. An update turns each row into the one after it.
    fn evaluate(&self, data: &Data, table: TableId, rows: &[Row], action: &str) -> Vec<Truth> {
        let (user, query) = (self.user(), self.query.iter().copied().collect::<Vec<_>>());
        let judge = Judge::new(self.program, data, &user, &query, self.today, None);
        let at = |i: usize| data.row(table, i % rows.len()).unwrap();
        (0..rows.len())
            .map(|i| {
                judge.decide(
                    table,
                    match action {
                        "read" => Act::Read(at(i)),
                        "insert" => Act::Insert(at(i)),
                        "delete" => Act::Delete(at(i)),
                        _ => Act::Update {
                            old: at(i),
                            new: at(i + 1),
                        },
                    },
                )
            })
            .collect()
    }

    fn prepared(
        &self,
        data: &Data,
        table: TableId,
        rows: &[Row],
        action: &str,
    ) -> Vec<Option<Truth>> {
        let (user, query) = (self.user(), self.query.iter().copied().collect::<Vec<_>>());
        let prepared = Prepared::new(
            Judge::new(self.program, data, &user, &query, self.today, None),
            table,
            action,
        );
        let new = |i: usize| {
            if action == "update" {
                &rows[(i + 1) % rows.len()]
            } else {
                &rows[i]
            }
        };
        (0..rows.len())
            .map(|i| Some(prepared.change(&rows[i], new(i))))
            .collect()
    }

    /// What `SQLite` says, and the SQL. Nothing where it was refused.
    fn ask(
        &self,
        engine: &dyn Engine,
        table: TableId,
        action: &str,
        tally: &mut Tally,
    ) -> Option<(Vec<Option<Truth>>, String)> {
        let (user, layout) = (self.context(), engine.layout(self.program));
        let mut sql = String::new();
        let mut run = |action: &str| -> Option<Vec<Truth>> {
            let request = Request {
                program: self.program,
                layout: &layout,
                dialect: Dialect::Sqlite,
                user: &user,
                facts: Facts::Known,
                query: Query::Tables(self.query),
                today: Today::Fixed(self.today),
                functions: true,
                rules: None,
            };
            let lower = |outcome| access(&request, table, action, outcome);
            match lower(Outcome::True).and_then(|yes| Ok((yes, lower(Outcome::False)?))) {
                Ok((yes, no)) => {
                    tally.predicates += 1;
                    sql.push_str(&yes.sql);
                    sql.push('\n');
                    let outcomes = engine.run(table, &yes, &no);
                    Some(
                        outcomes
                            .into_iter()
                            .map(|o| o.map_or(Truth::Unknown, Truth::from))
                            .collect(),
                    )
                }
                Err(refusal) => {
                    tally.refuse(&refusal);
                    None
                }
            }
        };
        let own = run(action)?;
        let values: Vec<Truth> = match action {
            "read" | "insert" => own,
            _ => {
                let read = run("read")?;
                let new = |i: usize| {
                    if action == "update" {
                        own[(i + 1) % own.len()]
                    } else {
                        Truth::True
                    }
                };
                (0..own.len())
                    .map(|i| Truth::least([own[i], new(i), read[i]]))
                    .collect()
            }
        };
        Some((values.into_iter().map(Some).collect(), sql))
    }
}
