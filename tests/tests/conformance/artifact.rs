//! The artifact itself: each entry of `predicates.json`, run as it is written, for whoever logs in with one principal
//! (docs/targets/sql.md), against the evaluator.

use std::collections::BTreeMap;

use ambit_core::{PrincipalKind, SourceId, TableId, Value};
use ambit_targets::sql::{Dialect, Layout, UserContext, homes};
use ambit_targets::{Context, find};
use ambit_tests::random::UserSpec;
use serde_json::Value as Json;
use smol_str::SmolStr;

use super::case::{Case, Difference, Ready, Text};
use super::direct::fact;
use super::store::{Engine, Question, Setup, Store};
use super::tally::Tally;
use super::tokens::one_expression;

/// The entries of a file, by table, source, action and principal.
struct Entries(BTreeMap<[String; 4], Json>);

/// The two predicates of an entry in one form: of the row before, and of the row after an update.
#[derive(Clone, Copy)]
struct Asked {
    old: usize,
    new: usize,
}

/// The first difference. Nothing where the policy is no program (only while shrinking).
pub fn compare(case: &Case, engine: &mut dyn Engine, tally: &mut Tally) -> Option<Difference> {
    let mut ready = case.ready()?;
    let mut mine = Tally::default();
    let entries = emit(case, &ready, &mut mine);
    if let Some(found) = entries.more_than_one_expression(case.dialect) {
        return Some(found);
    }
    // In each source a database of its own, with the names, logins and bypasses that hold there.
    let sources = (0..ready.program.sources.len()).map(|n| Some(SourceId(n as u32)));
    let sources: Vec<_> = std::iter::once(None).chain(sources).collect();
    let mut found = None;
    for source in sources {
        ready.source = source;
        ready.layout = Layout::physical(&ready.program, source);
        found = compare_in(case, &ready, &entries, engine, &mut mine);
        if found.is_some() {
            break;
        }
    }
    if case.is_stale() {
        return None;
    }
    tally.add(&mine);
    found
}

/// The tables that are judged in one source.
fn compare_in(
    case: &Case,
    ready: &Ready,
    entries: &Entries,
    engine: &mut dyn Engine,
    mine: &mut Tally,
) -> Option<Difference> {
    let is_here = |table: TableId| {
        let homes = homes(&ready.program, table, case.dialect);
        homes.contains(&ready.source)
            && ready.program.source_of(table, ready.source) == ready.source
    };
    let here = ready.tables.iter().filter(|loaded| {
        let name = &ready.program.table(loaded.table).name;
        !loaded.rows.is_empty() && case.is_asked(name) && is_here(loaded.table)
    });
    let here: Vec<TableId> = here.map(|loaded| loaded.table).collect();
    if here.is_empty() {
        return None;
    }
    let setup = Setup {
        program: &ready.program,
        layout: &ready.layout,
        tables: &ready.tables,
        hostile: case.hostile,
    };
    let mut store = match engine.load(&setup) {
        Ok(store) => store,
        // Names that no table has there.
        Err(_) if matches!(case.policy, Text::Written(..)) => {
            mine.coverage.count("not stored");
            return None;
        }
        Err(e) => panic!("the rows cannot be stored: {e}\n{}", case.text()),
    };
    for table in here {
        if homes(&ready.program, table, case.dialect).len() > 1 {
            mine.coverage.count("tables in two sources of a kind");
        }
        let reader = Reader {
            case,
            ready,
            entries,
            table,
            name: ready.program.table(table).name.to_string(),
        };
        let found = reader.compare(&mut *store, mine);
        if found.is_some() {
            return found;
        }
    }
    (!store.canary_lives()).then(|| trouble("the canary is gone", ""))
}

/// What is wrong beyond rows.
fn trouble(what: &str, sql: &str) -> Difference {
    Difference {
        table: String::new(),
        who: String::new(),
        action: String::new(),
        form: "any",
        row: None,
        evaluator: String::new(),
        engine: what.to_owned(),
        sql: sql.to_owned(),
    }
}

/// The file that the target writes.
fn emit(case: &Case, ready: &Ready, tally: &mut Tally) -> Entries {
    let dialect = match case.dialect {
        Dialect::Sqlite => "sqlite",
        Dialect::Postgres => "postgres",
    };
    let words = |word: &str| vec![SmolStr::new(word)];
    let context = Context {
        program: &ready.program,
        // Declared users who differ have entries in any case.
        per_user: case.hostile.names,
        options: BTreeMap::from([("dialects".into(), words(dialect))]),
        frozen: case.frozen.then(|| case.sql_today.unwrap_or(case.today)),
    };
    let emitted = find("sql").unwrap().emit(&context);
    assert_eq!(emitted.artifacts.len(), 1);
    let artifact = &emitted.artifacts[0];
    assert_eq!(artifact.path, format!("sql/{dialect}/predicates.json"));
    for refused in &emitted.refused {
        tally.refuse(case.dialect, &refused.refusal);
    }
    let list: Vec<Json> = serde_json::from_str(&artifact.content).unwrap();
    let text = |entry: &Json, key: &str| entry[key].as_str().unwrap().to_owned();
    let entries: BTreeMap<_, _> = list
        .into_iter()
        .map(|e| {
            let source = e["source"].as_str().unwrap_or_default().to_owned();
            let key = [
                text(&e, "table"),
                source,
                text(&e, "action"),
                text(&e, "principal"),
            ];
            (key, e)
        })
        .collect();
    let closed = entries.values().any(|e| !e["refused"].is_null());
    assert_eq!(
        closed,
        emitted.refused.iter().any(|r| r.closed),
        "what is refused in the file is reported"
    );
    Entries(entries)
}

impl Entries {
    /// The first text that is not one SQL expression with just the parameters it says.
    fn more_than_one_expression(&self, dialect: Dialect) -> Option<Difference> {
        let forms = self
            .0
            .values()
            .flat_map(|e| [Some(e), e.get("new")])
            .flatten();
        for form in forms {
            let list = form["params"].as_array().unwrap();
            let params: Vec<String> = list
                .iter()
                .map(|p| p.as_str().unwrap().to_owned())
                .collect();
            for (key, params) in [("inline", &[][..]), ("bound", &params)] {
                if let Some(sql) = form[key].as_str()
                    && let Err(why) = one_expression(dialect, sql, params)
                {
                    return Some(trouble(&why, sql));
                }
            }
        }
        None
    }

    /// The entry of a principal: everyone's where it has none.
    fn get(&self, (table, source): (&str, &str), action: &str, principal: &str) -> &Json {
        let key = |who: &str| [table, source, action, who].map(str::to_owned);
        self.0
            .get(&key(principal))
            .or_else(|| self.0.get(&key("everyone")))
            .unwrap_or_else(|| panic!("no entry for {action} on {table}"))
    }
}

/// Someone with one principal, and what else is known of them.
struct Who {
    name: String,
    spec: UserSpec,
    /// What is written at the principal.
    written: UserContext,
}

struct Reader<'a> {
    case: &'a Case,
    ready: &'a Ready,
    entries: &'a Entries,
    table: TableId,
    name: String,
}

impl Reader<'_> {
    fn compare(&self, store: &mut dyn Store, tally: &mut Tally) -> Option<Difference> {
        let mut questions: Vec<Question> = Vec::new();
        let mut asked = Vec::new();
        for form in ["inline", "bound"] {
            for who in self.everybody(form == "bound") {
                for action in self.case.actions() {
                    let program = &self.ready.program;
                    let source = self
                        .ready
                        .source
                        .map(|s| program.sources[s.index()].name.as_str());
                    let place = (self.name.as_str(), source.unwrap_or_default());
                    let entry = self.entries.get(place, action, &who.name);
                    if !entry["refused"].is_null() {
                        assert!(entry["inline"].is_null() && entry["bound"].is_null());
                        tally.coverage.count("closed entries");
                        continue;
                    }
                    let Some(old) = self.question(entry, form, &who) else {
                        tally.coverage.count("entries without inline");
                        continue;
                    };
                    let new = match entry.get("new") {
                        Some(new) => match self.question(new, form, &who) {
                            Some(new) => new,
                            None => continue,
                        },
                        None => old.clone(),
                    };
                    let mut place = |question: Question| {
                        questions
                            .iter()
                            .position(|q| *q == question)
                            .unwrap_or_else(|| {
                                questions.push(question);
                                questions.len() - 1
                            })
                    };
                    let at = Asked {
                        old: place(old),
                        new: place(new),
                    };
                    asked.push((form, who.spec.clone(), action, at));
                }
            }
        }
        let answers = match store.ask(self.table, &questions) {
            Ok(answers) => answers,
            Err(error) => {
                return Some(self.difference("any", &"", "any", None, (String::new(), error), ""));
            }
        };
        let all: Vec<TableId> = (0..self.ready.program.tables.len())
            .map(|i| TableId(i as u32))
            .collect();
        let mut queries = vec![vec![self.table]];
        if matches!(self.case.policy, Text::Random(_)) {
            queries.push(all);
        }
        for (form, spec, action, at) in asked {
            let user = spec.user(&self.ready.program);
            for query in &queries {
                let truths = self
                    .ready
                    .judge(&user, query, self.case.today, self.table, action);
                let size = truths.len();
                for (row, expected) in truths.iter().enumerate() {
                    let mut got = answers[at.old][row];
                    if action == "update" {
                        got &= answers[at.new][(row + 1) % size];
                    }
                    if got != expected.is_true() {
                        let says = (format!("{expected:?}"), got.to_string());
                        let sql = format!(
                            "{}\nnew: {}\nparameters {:?}",
                            questions[at.old].sql, questions[at.new].sql, questions[at.old].params
                        );
                        return Some(self.difference(form, &spec, action, Some(row), says, &sql));
                    }
                }
                if action == "read" {
                    tally.decided(&truths);
                }
            }
            tally.checked(form, answers[at.old].len());
        }
        None
    }

    /// Everyone without a principal, and everyone with one alone. `supplied`: with a login and attributes.
    fn everybody(&self, supplied: bool) -> Vec<Who> {
        let program = &self.ready.program;
        let nobody = UserSpec {
            declared: None,
            principals: Vec::new(),
            attributes: Vec::new(),
            login: None,
        };
        let mut list = vec![("everyone".to_owned(), nobody.clone())];
        for principal in &program.principals {
            let name = principal.name.to_string();
            let spec = if principal.kind == PrincipalKind::User {
                UserSpec {
                    declared: Some(name.clone()),
                    ..nobody.clone()
                }
            } else {
                UserSpec {
                    principals: vec![name.clone()],
                    ..nobody.clone()
                }
            };
            list.push((name, spec));
        }
        list.into_iter()
            .enumerate()
            .map(|(i, (name, mut spec))| {
                let written = spec.context(program, false);
                if supplied && !self.case.users.is_empty() {
                    let other = &self.case.users[i % self.case.users.len()];
                    spec.attributes.clone_from(&other.attributes);
                    if spec.declared.is_none() {
                        spec.login.clone_from(&other.login);
                    }
                }
                Who {
                    name,
                    spec,
                    written,
                }
            })
            .collect()
    }

    /// A form of an entry, or of its `new`.
    fn question(&self, entry: &Json, form: &str, who: &Who) -> Option<Question> {
        let Some(sql) = entry[form].as_str() else {
            assert!(entry[form].is_null());
            assert!(!entry[&*format!("{form}_refused")].is_null(), "{entry}");
            return None;
        };
        let params = if form == "inline" {
            Vec::new()
        } else {
            let list = entry["params"].as_array().unwrap();
            list.iter()
                .map(|name| {
                    let name = name.as_str().unwrap();
                    let value = match name {
                        "today" => Value::Date(self.case.sql_today.unwrap_or(self.case.today)),
                        name => fact(self.ready, &who.spec, &who.written, self.table, name),
                    };
                    (name.into(), value)
                })
                .collect()
        };
        Some(Question {
            sql: sql.to_owned(),
            params,
        })
    }

    fn difference(
        &self,
        form: &'static str,
        who: &dyn std::fmt::Debug,
        action: &str,
        row: Option<usize>,
        says: (String, String),
        sql: &str,
    ) -> Difference {
        Difference {
            table: self.name.clone(),
            who: format!("{who:?}"),
            action: action.to_owned(),
            form,
            row,
            evaluator: says.0,
            engine: says.1,
            sql: sql.to_owned(),
        }
    }
}
