//! From a statement to an answer.

use ambit_core::Program;
use ambit_targets::sql::{Dialect, Facts, Outcome, Query, Request, Today, UserContext, access};
use jiff::civil::Date;

use crate::answer::Answer;
use crate::error::Error;
use crate::harden::Clock;
use crate::sandbox::{Sandbox, Shown};
use crate::store::Store;

/// How much a statement may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Seconds for all that a query makes SQLite do.
    pub seconds: u64,
    /// Rows of the answer.
    pub rows: usize,
    /// Bytes of the answer, roughly.
    pub bytes: usize,
    /// Bytes of one text, or of the statement.
    pub text: i32,
    /// Bytes of memory that SQLite may take, in the whole process. It can only be lowered.
    pub memory: i64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            seconds: 30,
            rows: 1_000_000,
            bytes: 64 << 20,
            text: 2_000_000,
            memory: 1 << 30,
        }
    }
}

/// Runs a statement for a user: over each table it sees the rows that the user may read in this very query, and no
/// others.
pub fn query(
    store: &mut Store,
    program: &Program,
    user: &UserContext,
    today: Date,
    sql: &str,
    limits: &Limits,
) -> Result<Answer, Error> {
    let clock = Clock::start(limits);
    store.watch(&clock, limits)?;
    let answer = ask(store, program, user, today, sql, limits, &clock);
    clock.in_time(answer)
}

fn ask(
    store: &mut Store,
    program: &Program,
    user: &UserContext,
    today: Date,
    sql: &str,
    limits: &Limits,
    clock: &Clock,
) -> Result<Answer, Error> {
    let all = store.shown(program);
    // Which tables the statement names decides which rules apply, so an empty sandbox is asked first.
    let tables = Sandbox::new(&all, limits)?.examine(sql, clock)?;
    store.unlock()?;
    let mut views = Vec::new();
    for mut shown in all
        .into_iter()
        .filter(|shown| tables.contains(&shown.table))
    {
        store.refine(&mut shown)?;
        let request = Request {
            program,
            layout: &store.layout,
            dialect: Dialect::Sqlite,
            user,
            facts: Facts::Known,
            query: Query::Tables(&tables),
            today: Today::Fixed(today),
            functions: true,
            rules: None,
        };
        let predicate = access(&request, shown.table, "read", Outcome::True)
            .map_err(|refusal| Error::refused(refusal.to_string()))?;
        views.push((shown, predicate));
    }
    let shown: Vec<Shown> = views.iter().map(|(shown, _)| shown.clone()).collect();
    let mut sandbox = Sandbox::new(&shown, limits)?;
    sandbox.begin()?;
    store.fill(program, &views, &sandbox, limits)?;
    sandbox.commit()?;
    let names: Vec<String> = tables
        .iter()
        .map(|t| program.table(*t).name.to_string())
        .collect();
    sandbox.run(sql, limits, clock, &names)
}
