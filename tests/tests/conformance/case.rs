//! One random policy with rows and users for one engine, in pieces that can be left out.

use std::fmt::Write as _;
use std::sync::Arc;

use ambit_compiler::{Config, Database};
use ambit_core::{Instant, Program, SourceId, TableId, Value};
use ambit_eval::{Act, Data, Judge, Truth, User};
use ambit_targets::sql::{Dialect, Layout};
use ambit_tests::random::schema::{Form, Ty};
use ambit_tests::random::values::literal;
use ambit_tests::random::{Coverage, Policy, Pool, TableRows, UserSpec, world};
use ambit_tests::rng::Rng;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::store::{Hostile, Loaded};

/// The actions on rows.
pub const ACTIONS: [&str; 4] = ["read", "insert", "update", "delete"];

/// What a user asks.
#[derive(Debug, Clone)]
pub struct Ask {
    /// The tables that the query names besides the one asked about.
    pub others: Vec<String>,
    /// An action besides `read`.
    pub action: &'static str,
}

/// Where the program comes from.
#[derive(Clone)]
pub enum Text {
    /// Drawn, in pieces that can be left out.
    Random(Box<Policy>),
    /// Written: `ambit.toml`, the path of the file, the file.
    Written(String, String, String),
}

/// A policy, and what it is asked about.
#[derive(Clone)]
pub struct Case {
    pub dialect: Dialect,
    pub policy: Text,
    /// The day of the queries.
    pub today: Date,
    pub rows: Vec<TableRows>,
    pub users: Vec<UserSpec>,
    pub asks: Vec<Ask>,
    pub hostile: Hostile,
    /// The second source is `PostgreSQL`: there tables are judged in it that live in both.
    pub two_engines: bool,
    /// Today is the real day: what stands inline asks the engine's clock.
    pub clock: bool,
    /// The day is written into the artifact.
    pub frozen: bool,
    /// Another day for the SQL side: the two must differ, or the comparison sees nothing.
    pub sql_today: Option<Date>,
}

/// A case as program and rows.
pub struct Ready {
    pub program: Arc<Program>,
    pub layout: Layout,
    pub data: Data,
    pub tables: Vec<Loaded>,
    /// The source in which tables are judged that live in it; `None`: each in its first.
    pub source: Option<SourceId>,
}

/// Where the two sides part.
#[derive(Debug, Clone)]
pub struct Difference {
    pub table: String,
    pub who: String,
    pub action: String,
    pub form: &'static str,
    /// The first row, where the rows differ.
    pub row: Option<usize>,
    pub evaluator: String,
    pub engine: String,
    pub sql: String,
}

impl Case {
    /// A random case.
    pub fn new(dialect: Dialect, rng: &mut Rng, coverage: &mut Coverage) -> Self {
        let clock = dialect == Dialect::Postgres && rng.chance(35);
        let (mut policy, pool) = Policy::around(rng, coverage, |rng, zone| {
            if clock {
                Pool::on(rng, zone, today_in(zone))
            } else {
                Pool::new(rng, zone)
            }
        });
        if dialect == Dialect::Sqlite && rng.chance(60) {
            // It knows no other zone: days of instants can be asked for in this one only.
            policy.zone = "UTC";
        }
        if dialect == Dialect::Postgres {
            // It has decimals of its own.
            for column in policy.tables.iter_mut().flat_map(|t| &mut t.columns) {
                if column.ty == Ty::Decimal && rng.chance(40) {
                    column.form = Form::Plain;
                }
            }
        }
        // Of its own, so that what is drawn besides stays as it is.
        let mut other = rng.fork(1);
        let mut case = Self {
            dialect,
            rows: world::rows(rng, &policy, &pool, coverage),
            policy: Text::Random(Box::new(policy.clone())),
            today: pool.today,
            users: Vec::new(),
            asks: Vec::new(),
            hostile: Hostile {
                collation: rng.chance(40),
                names: rng.chance(50),
                session: rng.chance(50).then(|| other.draw()),
                views: other.chance(30),
            },
            two_engines: dialect == Dialect::Postgres && rng.chance(30),
            clock,
            frozen: !clock && (dialect == Dialect::Postgres || rng.chance(70)),
            sql_today: None,
        };
        let program = case
            .program()
            .unwrap_or_else(|e| panic!("a random policy has mistakes:\n{e}\n{}", case.text()));
        program.rules.iter().for_each(|r| coverage.pred(&r.pred));
        case.users = world::users(rng, &program, (&policy, &pool), 4, coverage);
        let names: Vec<String> = program.tables.iter().map(|t| t.name.to_string()).collect();
        case.asks = case
            .users
            .iter()
            .map(|_| Ask {
                others: if rng.chance(50) {
                    rng.some(&names, 2)
                } else {
                    Vec::new()
                },
                action: rng.pick::<&str>(&ACTIONS[1..]),
            })
            .collect();
        if dialect == Dialect::Postgres {
            case.as_postgres_holds_it(coverage);
        }
        case
    }

    /// No NUL in texts, and instants of whole microseconds: rows and facts that `PostgreSQL` can hold.
    pub fn as_postgres_holds_it(&mut self, coverage: &mut Coverage) {
        for table in &mut self.rows {
            let before = table.rows.len();
            table.rows.retain(|row| !row.iter().any(has_nul));
            for _ in table.rows.len()..before {
                coverage.count("rows with NUL left out");
            }
            for value in table.rows.iter_mut().flatten() {
                round(value);
            }
        }
        for user in &mut self.users {
            user.attributes.retain(|(_, value)| !has_nul(value));
            user.login = user.login.take().filter(|l| !l.contains('\0'));
            for (_, value) in &mut user.attributes {
                round(value);
            }
        }
    }

    /// A written policy with rows, for one engine, asked by the users it declares and by its roles.
    pub fn written(dialect: Dialect, path: &str, text: String, rows: Vec<TableRows>) -> Self {
        Self {
            dialect,
            policy: Text::Written(
                "[project]\nname = \"written\"\n".to_owned(),
                path.to_owned(),
                text,
            ),
            today: jiff::civil::date(2024, 1, 15),
            rows,
            users: Vec::new(),
            asks: Vec::new(),
            hostile: Hostile::default(),
            two_engines: false,
            clock: false,
            frozen: true,
            sql_today: None,
        }
    }

    /// The policy as text.
    pub fn text(&self) -> String {
        let text = match &self.policy {
            Text::Random(policy) => policy.text(),
            Text::Written(_, _, text) => text.clone(),
        };
        match (self.dialect, self.two_engines) {
            (_, true) => text.replacen("source other : sqlite", "source other : postgres", 1),
            // Both sources are of the engine's kind, as they are for `SQLite`.
            (Dialect::Postgres, false) if matches!(self.policy, Text::Random(_)) => text
                .replacen("source main : sqlite", "source main : postgres", 1)
                .replacen("source other : sqlite", "source other : postgres", 1),
            _ => text,
        }
    }

    /// `ambit.toml` as text.
    pub fn settings(&self) -> String {
        match &self.policy {
            Text::Random(policy) => policy.settings(),
            Text::Written(settings, ..) => settings.clone(),
        }
    }

    /// The program, or what is wrong with it.
    pub fn program(&self) -> Result<Arc<Program>, String> {
        let path = match &self.policy {
            Text::Random(_) => "random.ambit",
            Text::Written(_, path, _) => path,
        };
        lower(&self.settings(), path, &self.text())
    }

    /// Program, rows and layout; nothing where the policy is no program (only while shrinking).
    pub fn ready(&self) -> Option<Ready> {
        let program = self.program().ok()?;
        let source = if self.two_engines {
            program.find_source("other")
        } else {
            None
        };
        let mut layout = Layout::physical(&program, source);
        // The harness puts all tables into one database.
        layout.together = true;
        let mut data = Data::new(&program);
        let mut tables = Vec::new();
        for rows in &self.rows {
            let table = program.find_table(&rows.table)?;
            let mut raw = Vec::new();
            for row in &rows.rows {
                // Rounding may have made two keys one.
                if data.add(&program, table, row.clone().into()).is_ok() {
                    raw.push(row.clone());
                }
            }
            let rows = data.rows(table).map(|r| r.values.into()).collect();
            tables.push(Loaded { table, raw, rows });
        }
        Some(Ready {
            program,
            layout,
            data,
            tables,
            source,
        })
    }

    /// The actions to ask about: in what is written no rule speaks of others.
    pub fn actions(&self) -> impl Iterator<Item = &'static str> + use<> {
        let random = matches!(self.policy, Text::Random(_));
        ACTIONS
            .into_iter()
            .filter(move |a| random || ["read", "update"].contains(a))
    }

    /// Do rules speak of this table?
    pub fn is_asked(&self, name: &str) -> bool {
        match &self.policy {
            Text::Random(policy) => !policy.tables.iter().any(|t| t.helper && t.name == name),
            Text::Written(..) => true,
        }
    }

    /// Has the real day changed under a case that lives on it?
    pub fn is_stale(&self) -> bool {
        match &self.policy {
            Text::Random(policy) => self.clock && today_in(policy.zone) != self.today,
            Text::Written(..) => false,
        }
    }

    /// For people: the policy, the rows, the user, both answers.
    pub fn describe(&self, difference: &Difference) -> String {
        let mut text = format!("{}\n{}\n", self.settings(), self.text());
        for table in &self.rows {
            let _ = writeln!(text, "{} {{", table.table);
            for row in &table.rows {
                let cells: Vec<String> = row.iter().map(shown).collect();
                let _ = writeln!(text, "    {}", cells.join(", "));
            }
            text.push_str("}\n");
        }
        let _ = writeln!(text, "today {}, {:?}", self.today, self.hostile);
        let Difference {
            table,
            who,
            action,
            form,
            row,
            evaluator,
            engine,
            sql,
        } = difference;
        let _ = writeln!(
            text,
            "{who}\n{action} on {table}, {form}, row {row:?} (from 0): the evaluator says {evaluator}, {:?} says {engine}\n{sql}",
            self.dialect
        );
        text
    }
}

/// The program of a text, or what is wrong with it.
pub fn lower(settings: &str, path: &str, text: &str) -> Result<Arc<Program>, String> {
    let mut db = Database::default();
    let config = Config::read(settings);
    let project = db.project(vec![(path.into(), text.into())], config);
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

impl Ready {
    /// What the evaluator decides, row by row. An update turns each row into the one after it.
    pub fn judge(
        &self,
        user: &User,
        query: &[TableId],
        today: Date,
        table: TableId,
        action: &str,
    ) -> Vec<Truth> {
        let judge = Judge::new(&self.program, &self.data, user, query, today, self.source);
        let size = self.data.len(table);
        let at = |i: usize| self.data.row(table, i % size).unwrap();
        (0..size)
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
}

fn today_in(zone: &str) -> Date {
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    Timestamp::now().to_zoned(zone).date()
}

fn has_nul(value: &Value) -> bool {
    match value {
        Value::Text(text) => text.contains('\0'),
        Value::Set(list) => list.iter().any(has_nul),
        _ => false,
    }
}

fn round(value: &mut Value) {
    match value {
        Value::Timestamp(t) => {
            *t = Instant::from_nanosecond(t.as_nanosecond().div_euclid(1_000) * 1_000).unwrap();
        }
        Value::Set(list) => {
            let mut values = list.to_vec();
            values.iter_mut().for_each(round);
            *value = Value::set(values);
        }
        _ => {}
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Scope(scope) => format!("{scope:?}"),
        value => literal(value),
    }
}
