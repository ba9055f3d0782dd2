//! Policies with questions, and what the evaluator answers.

use std::collections::BTreeMap;
use std::sync::Arc;

use ambit_cli::commands::json as shapes;
use ambit_compiler::{Config, Database};
use ambit_core::{ObjectId, Program, Resource, SourceId, TableId};
use ambit_eval::{Act, Data, Judge, Truth, User};
use ambit_targets::{Context, Emitted, find};
use ambit_tests::random::{Coverage, Policy, Pool, TableRows, UserSpec, world};
use ambit_tests::rng::Rng;
use jiff::civil::Date;
use serde_json::{Map, Value as Json, json};

/// A question as `ambit eval` reads it, and the evaluator's answer.
pub struct Case {
    pub question: Json,
    pub value: Truth,
}

/// A program with rows.
pub struct World {
    pub program: Arc<Program>,
    pub data: Data,
    pub today: Date,
}

/// What a target makes of a program.
pub fn emit(program: &Program, target: &str, frozen: Option<Date>) -> Emitted {
    let context = Context {
        program,
        per_user: false,
        options: BTreeMap::new(),
        frozen,
    };
    find(target).unwrap().emit(&context)
}

/// `policy.json` of a program.
pub fn policy(program: &Program) -> String {
    let emitted = emit(program, "json", None);
    assert!(emitted.refused.is_empty());
    emitted.artifacts[0].content.clone()
}

/// The program of a text, with its settings.
pub fn program(settings: &str, text: &str) -> Arc<Program> {
    let mut db = Database::default();
    let files = vec![("policy.ambit".into(), text.into())];
    let project = db.project(files, Config::read(settings));
    ambit_compiler::program(&db, project).unwrap_or_else(|| {
        let problems = ambit_compiler::check(&db, project).problems;
        let list: Vec<String> = problems
            .iter()
            .map(|p| format!("{} {}", p.code, p.message))
            .collect();
        panic!("{list:#?}\n{text}")
    })
}

impl World {
    pub fn new(program: Arc<Program>, rows: &[TableRows], today: Date) -> Self {
        let mut data = Data::new(&program);
        for table in rows {
            let id = program.find_table(&table.table).unwrap();
            for row in &table.rows {
                data.add(&program, id, row.clone().into()).unwrap();
            }
        }
        Self {
            program,
            data,
            today,
        }
    }

    /// A random policy with rows, and users to ask about.
    pub fn random(rng: &mut Rng, coverage: &mut Coverage) -> (Self, Policy, Vec<UserSpec>) {
        let (policy, pool): (Policy, Pool) = Policy::new(rng, coverage);
        let program = program(&policy.settings(), &policy.text());
        let rows = world::rows(rng, &policy, &pool, coverage);
        let users = world::users(rng, &program, (&policy, &pool), 4, coverage);
        (Self::new(program, &rows, pool.today), policy, users)
    }

    /// All rows of all tables, as questions carry them.
    pub fn related(&self) -> Json {
        let tables = (0..self.program.tables.len()).map(|n| {
            let table = TableId(n as u32);
            let rows = self
                .data
                .rows(table)
                .map(|row| shapes::row(&self.program, table, row));
            (self.program.table(table).name.to_string(), rows.collect())
        });
        Json::Object(tables.collect())
    }

    /// A question about a row, and its answer. `new` is the row after an update.
    pub fn about_row(
        &self,
        who: (&User, &Json),
        (table, row, new): (TableId, usize, usize),
        action: &str,
        query: &[TableId],
        source: Option<SourceId>,
        related: &Json,
    ) -> Case {
        let (program, mut question) = (&self.program, self.question(who.1, action));
        let mut all: Vec<TableId> = query.to_vec();
        all.push(table);
        let judge = Judge::new(program, &self.data, who.0, &all, self.today, source);
        let (old, new) = (
            self.data.row(table, row).unwrap(),
            self.data.row(table, new).unwrap(),
        );
        let act = match action {
            "insert" => Act::Insert(old),
            "delete" => Act::Delete(old),
            "update" => Act::Update { old, new },
            _ => Act::Read(old),
        };
        let names: Vec<&str> = query
            .iter()
            .map(|t| program.table(*t).name.as_str())
            .collect();
        question.insert("query".into(), json!(names));
        question.insert("table".into(), json!(program.table(table).name.as_str()));
        question.insert("row".into(), shapes::row(program, table, old));
        question.insert("related".into(), related.clone());
        if action == "update" {
            question.insert("new".into(), shapes::row(program, table, new));
        }
        if let Some(source) = source {
            question.insert(
                "source".into(),
                json!(program.sources[source.index()].name.as_str()),
            );
        }
        Case {
            question: Json::Object(question),
            value: judge.decide(table, act),
        }
    }

    /// A question about an object.
    pub fn about_object(&self, who: (&User, &Json), object: ObjectId, action: &str) -> Case {
        let mut question = self.question(who.1, action);
        let name = self.program.resource_name(Resource::Object(object));
        question.insert("object".into(), json!(name.as_str()));
        let judge = Judge::new(&self.program, &self.data, who.0, &[], self.today, None);
        Case {
            question: Json::Object(question),
            value: judge.decide_object(object, action),
        }
    }

    fn question(&self, who: &Json, action: &str) -> Map<String, Json> {
        let mut question = who.as_object().unwrap().clone();
        question.insert("action".into(), json!(action));
        question.insert("at".into(), json!(self.today.to_string()));
        question
    }

    /// A user as the evaluator takes one, and as a question describes one; nothing for a login that is a name here.
    pub fn user(&self, spec: &UserSpec) -> Option<(User, Json)> {
        let program = &self.program;
        let mut who = Map::new();
        let mut user = match (&spec.declared, &spec.login) {
            (Some(name), _) => {
                who.insert("user".into(), json!(name));
                User::of(program, program.find_principal(name)?)
            }
            (None, Some(login)) => {
                let sources = (0..program.sources.len() as u32).map(|s| Some(SourceId(s)));
                let mut sources = sources.chain([None]);
                if login.is_empty()
                    || program.find_principal(login).is_some()
                    || sources.any(|s| program.user_of_login(login, s).is_some())
                {
                    return None;
                }
                who.insert("user".into(), json!(login));
                User::named(program, login)
            }
            (None, None) => User::nobody(program),
        };
        for name in &spec.principals {
            user.add(program, program.find_principal(name)?);
        }
        if program.excluded(&user.principals).is_some() {
            return None;
        }
        who.insert("principals".into(), json!(spec.principals));
        let mut attributes = Map::new();
        for (name, value) in &spec.attributes {
            user.supply(program.find_attribute(name)?, value.clone());
            attributes.insert(name.clone(), shapes::value(value));
        }
        who.insert("attributes".into(), Json::Object(attributes));
        Some((user, Json::Object(who)))
    }
}

/// How often each value came up.
#[derive(Debug, Default, Clone, Copy)]
pub struct Values {
    pub yes: u64,
    pub no: u64,
    pub unknown: u64,
}

impl Values {
    pub fn count(&mut self, value: Truth) {
        match value {
            Truth::True => self.yes += 1,
            Truth::False => self.no += 1,
            Truth::Unknown => self.unknown += 1,
        }
    }

    pub fn all(&self) -> u64 {
        self.yes + self.no + self.unknown
    }
}

/// Each on a line of its own.
pub fn lines(each: impl Iterator<Item = Json>) -> String {
    each.fold(String::new(), |mut text, json| {
        text.push_str(&json.to_string());
        text.push('\n');
        text
    })
}
