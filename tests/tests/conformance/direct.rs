//! The lowering itself, for users with any principals: what SQL says of each row against what the evaluator says, true,
//! false and unknown apart.

use std::collections::BTreeSet;

use ambit_core::{Applies, Resource, TableId, Value};
use ambit_eval::{Truth, User};
use ambit_targets::sql::{Facts, Outcome, Query, Request, Today, UserContext, access};
use ambit_tests::random::UserSpec;
use smol_str::SmolStr;

use super::case::{Case, Difference, Ready};
use super::store::{Engine, Question, Setup, Store};
use super::tally::Tally;

/// The first difference. Nothing where the policy is no program (only while shrinking).
pub fn compare(case: &Case, engine: &mut dyn Engine, tally: &mut Tally) -> Option<Difference> {
    let ready = case.ready()?;
    let setup = Setup {
        program: &ready.program,
        layout: &ready.layout,
        tables: &ready.tables,
        hostile: case.hostile,
    };
    let mut store = engine
        .load(&setup)
        .unwrap_or_else(|e| panic!("the rows cannot be stored: {e}\n{}", case.text()));
    let mut mine = Tally::default();
    let mut found = None;
    'all: for number in 0..case.users.len() {
        for loaded in &ready.tables {
            let name = &ready.program.table(loaded.table).name;
            if loaded.rows.is_empty() || !case.is_asked(name) {
                continue;
            }
            let mut pair = Pair {
                case,
                ready: &ready,
                store: &mut *store,
                tally: &mut mine,
                number,
                table: loaded.table,
                user: case.users[number].user(&ready.program),
            };
            found = pair.compare();
            if found.is_some() {
                break 'all;
            }
        }
    }
    if case.is_stale() {
        // Midnight came in between.
        return None;
    }
    tally.add(&mine);
    found
}

/// A user and a table.
struct Pair<'a> {
    case: &'a Case,
    ready: &'a Ready,
    store: &'a mut dyn Store,
    tally: &'a mut Tally,
    number: usize,
    table: TableId,
    user: User,
}

impl Pair<'_> {
    fn compare(&mut self) -> Option<Difference> {
        let (ask, ready) = (&self.case.asks[self.number], self.ready);
        let mut query: BTreeSet<TableId> = ask
            .others
            .iter()
            .filter_map(|n| ready.program.find_table(n))
            .collect();
        query.insert(self.table);
        let list: Vec<TableId> = query.iter().copied().collect();
        let today = self.case.today;
        let mut seen = Vec::new();
        for action in ["read", ask.action] {
            let truths = ready.judge(&self.user, &list, today, self.table, action);
            if action == "read" {
                self.tally.decided(&truths);
            }
            seen.push((action, truths));
        }
        for form in ["inline", "bound"] {
            let Some((own, sql)) = self.ask(form, Query::Tables(&query), &["read", ask.action])
            else {
                continue;
            };
            let own = match own {
                Ok(own) => own,
                Err(error) => {
                    return Some(self.difference(form, "any", None, (String::new(), error), &sql));
                }
            };
            for (action, truths) in &seen {
                let at = |n: usize, row: usize| own[n].get(row).copied().flatten();
                let size = truths.len();
                for (row, expected) in truths.iter().enumerate() {
                    let read = at(0, row);
                    let got = match *action {
                        "read" => read,
                        "insert" => at(1, row),
                        "delete" => least([at(1, row), read]),
                        _ => least([at(1, row), at(1, (row + 1) % size), read]),
                    };
                    if got != Some(*expected) {
                        let says = (format!("{expected:?}"), format!("{got:?}"));
                        return Some(self.difference(form, action, Some(row), says, &sql));
                    }
                }
                self.tally.checked(form, size);
            }
        }
        self.unseen()
    }

    /// A predicate for a query of which only this table is known: right for every query, or refused with a reason.
    fn unseen(&mut self) -> Option<Difference> {
        let (own, sql) = self.ask("inline", Query::Unseen, &["read"])?;
        let own = match own {
            Ok(own) => own,
            Err(error) => {
                return Some(self.difference("unseen", "read", None, (String::new(), error), &sql));
            }
        };
        for query in self.queries() {
            let truths = self
                .ready
                .judge(&self.user, &query, self.case.today, self.table, "read");
            for (row, expected) in truths.iter().enumerate() {
                let got = own[0].get(row).copied().flatten();
                if got != Some(*expected) {
                    let says = (format!("{expected:?} for {query:?}"), format!("{got:?}"));
                    return Some(self.difference("unseen", "read", Some(row), says, &sql));
                }
            }
            self.tally.checked("unseen", truths.len());
        }
        None
    }

    /// All queries that touch this table.
    fn queries(&self) -> Vec<Vec<TableId>> {
        let others: Vec<TableId> = self
            .ready
            .tables
            .iter()
            .map(|t| t.table)
            .filter(|t| *t != self.table && self.case.is_asked(&self.ready.program.table(*t).name))
            .collect();
        (0..1_usize << others.len())
            .map(|mask| {
                let some = others
                    .iter()
                    .enumerate()
                    .filter(|(i, _)| mask >> i & 1 == 1);
                [self.table]
                    .into_iter()
                    .chain(some.map(|(_, t)| *t))
                    .collect()
            })
            .collect()
    }

    /// For each action what the engine says of each row by the three lines of that action; `None` for a row that is both
    /// true and false. Nothing at all where it was refused.
    fn ask(
        &mut self,
        form: &'static str,
        query: Query<'_>,
        actions: &[&str],
    ) -> Option<(Result<Vec<Vec<Option<Truth>>>, String>, String)> {
        let (case, ready, program) = (self.case, self.ready, &*self.ready.program);
        let spec = &case.users[self.number];
        let day = case.sql_today.unwrap_or(case.today);
        let context = spec.context(program, form != "bound");
        let request = Request {
            program,
            layout: &ready.layout,
            dialect: case.dialect,
            user: &context,
            facts: if form == "bound" {
                Facts::Bound
            } else {
                Facts::Known
            },
            query,
            today: match form {
                "bound" => Today::Bound,
                _ if case.clock && case.sql_today.is_none() => Today::Engine,
                _ => Today::Fixed(day),
            },
            functions: false,
            rules: None,
        };
        let mut questions = Vec::new();
        let mut all = String::new();
        for action in actions {
            for outcome in [Outcome::True, Outcome::False] {
                match access(&request, self.table, action, outcome) {
                    Ok(predicate) => {
                        assert!(predicate.functions.is_empty(), "{}", predicate.sql);
                        all.push_str(&format!("{action} is {outcome:?}: {}\n", predicate.sql));
                        let value = |name: &SmolStr| match name.as_str() {
                            "today" => Value::Date(day),
                            name => fact(ready, spec, &context, self.table, name),
                        };
                        questions.push(Question {
                            params: predicate
                                .params
                                .iter()
                                .map(|n| (n.clone(), value(n)))
                                .collect(),
                            sql: predicate.sql,
                        });
                    }
                    Err(refusal) => {
                        let unseen = query == Query::Unseen;
                        if refusal.code == "E0501" {
                            assert!(
                                unseen && self.is_undecided(),
                                "{refusal:?}\n{}",
                                case.text()
                            );
                        }
                        self.tally.refuse(case.dialect, &refusal);
                        return None;
                    }
                }
            }
        }
        let answers = self.store.ask(self.table, &questions).map(|answers| {
            answers
                .chunks(2)
                .map(|pair| {
                    let both = pair[0].iter().zip(&pair[1]);
                    both.map(|both| match both {
                        (true, false) => Some(Truth::True),
                        (false, true) => Some(Truth::False),
                        (false, false) => Some(Truth::Unknown),
                        (true, true) => None,
                    })
                    .collect()
                })
                .collect()
        });
        Some((answers, all))
    }

    /// Does it depend on the rest of the query whether a rule of this user applies?
    fn is_undecided(&self) -> bool {
        let queries = self.queries();
        self.ready.program.rules.iter().any(|rule| {
            matches!(rule.resource, Resource::Table(_)) && self.user.is_under(&rule.holder) && {
                let mut sides = queries.iter().map(|q| applies(&rule.applies, q));
                let first = sides.next();
                sides.any(|side| Some(side) != first)
            }
        })
    }

    fn difference(
        &self,
        form: &'static str,
        action: &str,
        row: Option<usize>,
        says: (String, String),
        sql: &str,
    ) -> Difference {
        Difference {
            table: self.ready.program.table(self.table).name.to_string(),
            who: format!(
                "{:?}\nquery {:?}",
                self.case.users[self.number], self.case.asks[self.number]
            ),
            action: action.to_owned(),
            form,
            row,
            evaluator: says.0,
            engine: says.1,
            sql: sql.to_owned(),
        }
    }
}

/// language.md, `applies`: the other reading of it, so that the evaluator's is not asked.
fn applies(applies: &Applies, query: &[TableId]) -> bool {
    match applies {
        Applies::Always => true,
        Applies::WhenAll(tables) => tables.iter().all(|t| query.contains(t)),
        Applies::WhenAny(tables) => tables.iter().any(|t| query.contains(t)),
        Applies::UnlessOnly(tables) => query.iter().any(|t| !tables.contains(t)),
    }
}

fn least<const N: usize>(values: [Option<Truth>; N]) -> Option<Truth> {
    let all: Option<Vec<Truth>> = values.into_iter().collect();
    all.map(Truth::least)
}

/// What a parameter stands for: what is `written` at the user, else what is supplied, else null.
pub fn fact(
    ready: &Ready,
    spec: &UserSpec,
    written: &UserContext,
    table: TableId,
    name: &str,
) -> Value {
    if name == "user_login" {
        let source = ready.layout.table(table).and_then(|t| t.source);
        return written
            .login_in(&ready.program, source)
            .or_else(|| spec.login.as_deref().map(SmolStr::new))
            .map_or(Value::Null, Value::Text);
    }
    let attribute = name
        .strip_prefix("user_")
        .unwrap_or_else(|| panic!("parameter `{name}`"));
    let id = ready.program.find_attribute(attribute).unwrap();
    let supplied = || spec.attributes.iter().find(|(n, _)| n == attribute);
    written
        .attributes
        .get(&id)
        .or_else(|| supplied().map(|(_, v)| v))
        .cloned()
        .unwrap_or(Value::Null)
}
