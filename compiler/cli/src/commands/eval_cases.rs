//! `ambit eval --cases FILE.jsonl`: one question a line, one answer a line. The oracle for checks outside the project.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use ambit_core::{ObjectId, PrincipalKind, Program, Resource, SourceId, TableId};
use ambit_eval::{Act, Data, Explanation, Judge, RowRef, User};
use jiff::civil::Date;
use serde_json::{Map, Value as Json, json};

use super::{inputs, json as shapes};
use crate::args::{Format, Global};
use crate::exit::{Exit, Failure};
use crate::output::{Outcome, line};
use crate::workspace::Workspace;

/// Arguments of `eval`.
#[derive(Debug, clap::Args)]
pub struct Eval {
    /// The questions, one JSON object a line (`-`: stdin); docs/schemas/eval.schema.json describes them
    #[arg(long, value_name = "FILE")]
    cases: PathBuf,
}

/// A file of cases is held in memory.
const LARGEST: u64 = 1 << 30;

fn read_file(path: &Path) -> std::io::Result<String> {
    let bytes = ambit_query::files::read(path, LARGEST)?;
    String::from_utf8(bytes)
        .map_err(|_| std::io::Error::new(std::io::ErrorKind::InvalidData, "it is not UTF-8 text"))
}

/// Answers all questions. One that cannot be answered gets an error of its own, and the others their answers.
pub fn run(args: &Eval, global: &Global) -> Result<Outcome, Failure> {
    let workspace = Workspace::open(global)?;
    let program = inputs::program(&workspace)?;
    let today = inputs::today(global, &program.settings);
    let mut text = String::new();
    let read = if args.cases == Path::new("-") {
        std::io::stdin()
            .lock()
            .read_to_string(&mut text)
            .map(|_| ())
    } else {
        read_file(&args.cases).map(|read| text = read)
    };
    read.map_err(|error| Failure::file("read", &args.cases, &error))?;
    let mut answers = Vec::new();
    let mut failed = 0;
    for question in text.lines().filter(|line| !line.trim().is_empty()) {
        answers.push(answer(&program, question, today).unwrap_or_else(|error| {
            failed += 1;
            json!({"error": error})
        }));
    }
    let mut outcome = Outcome {
        exit: (failed > 0).then_some(Exit::Input),
        ..Outcome::default()
    };
    if global.format != Format::Json {
        outcome.document = Some(answers.iter().map(line).collect());
    }
    outcome.result = Json::Array(answers);
    Ok(outcome)
}

/// The keys of a question.
const KEYS: &[&str] = &[
    "user",
    "principals",
    "attributes",
    "query",
    "at",
    "source",
    "action",
    "table",
    "object",
    "row",
    "new",
    "related",
];

/// Answers one question: `{decision, value, rules}`. `today` is the day where the question names none.
pub fn answer(program: &Program, question: &str, today: Date) -> Result<Json, String> {
    let question: Json =
        serde_json::from_str(question).map_err(|error| format!("not JSON: {error}"))?;
    let Json::Object(question) = question else {
        return Err("a question is a JSON object".to_owned());
    };
    for key in question.keys() {
        if !KEYS.contains(&key.as_str()) {
            return Err(shapes::unknown(
                "key of a question",
                key,
                KEYS.iter().copied(),
            ));
        }
    }
    let asked = Asked {
        program,
        question: &question,
    };
    let explanation = asked.explain(today)?;
    Ok(json!({
        "decision": shapes::decision(&explanation),
        "value": explanation.value.as_str(),
        "rules": shapes::rules(program, &explanation),
    }))
}

/// The keys of a user who is written out.
const USER_KEYS: &[&str] = &["name", "principals", "attributes", "logins"];

fn text<'a>(object: &'a Map<String, Json>, key: &str) -> Result<Option<&'a str>, String> {
    match object.get(key) {
        None | Some(Json::Null) => Ok(None),
        Some(Json::String(text)) => Ok(Some(text)),
        Some(_) => Err(format!("`{key}` is a string")),
    }
}

fn texts<'a>(object: &'a Map<String, Json>, key: &str) -> Result<Option<Vec<&'a str>>, String> {
    match object.get(key) {
        None | Some(Json::Null) => Ok(None),
        Some(Json::Array(list)) => list
            .iter()
            .map(|element| {
                element
                    .as_str()
                    .ok_or_else(|| format!("`{key}` is a list of strings"))
            })
            .collect::<Result<_, _>>()
            .map(Some),
        Some(_) => Err(format!("`{key}` is a list of strings")),
    }
}

/// A question taken apart.
struct Asked<'a> {
    program: &'a Program,
    question: &'a Map<String, Json>,
}

impl Asked<'_> {
    fn explain(&self, today: Date) -> Result<Explanation, String> {
        let program = self.program;
        let resource = self.resource()?;
        let table = match resource {
            Resource::Table(table) => Some(table),
            Resource::Object(_) => None,
        };
        let action = self.action(resource)?;
        let today = match self.text("at")? {
            Some(text) => inputs::read_day(text, &program.settings)?,
            None => today,
        };
        let source = self
            .text("source")?
            .map(|name| inputs::source(program, name, table))
            .transpose()?;
        let judged_in = inputs::judged_in(program, resource, source);
        let (user, query, data) = (self.user(judged_in)?, self.query(table)?, self.related()?);
        let judge = Judge::new(program, &data, &user, &query, today, source);
        match resource {
            Resource::Table(table) => self.explain_row(&judge, table, &action),
            Resource::Object(object) => self.explain_object(&judge, object, &action),
        }
    }

    fn explain_row(
        &self,
        judge: &Judge<'_>,
        table: TableId,
        action: &str,
    ) -> Result<Explanation, String> {
        let row = |key: &str| {
            let json = self.question.get(key).filter(|json| !json.is_null());
            json.map(|json| shapes::read_row(self.program, table, json))
                .transpose()
        };
        let (old, new) = (row("row")?, row("new")?);
        let needs = |key: &str, row: Option<ambit_core::Row>| {
            row.ok_or_else(|| format!("`{action}` needs `{key}`"))
        };
        if matches!(action, "read" | "delete") && new.is_some() {
            return Err(format!(
                "`new` is for `update` and `insert`, not `{action}`"
            ));
        }
        Ok(match action {
            "insert" => {
                if old.is_some() && new.is_some() {
                    return Err("`insert` takes one row: `row` or `new`".to_owned());
                }
                let new = needs("row", old.or(new))?;
                judge.explain(table, Act::Insert(RowRef::new(&new)))
            }
            "update" => {
                let (old, new) = (needs("row", old)?, needs("new", new)?);
                judge.explain(
                    table,
                    Act::Update {
                        old: RowRef::new(&old),
                        new: RowRef::new(&new),
                    },
                )
            }
            "delete" => judge.explain(table, Act::Delete(RowRef::new(&needs("row", old)?))),
            _ => judge.explain(table, Act::Read(RowRef::new(&needs("row", old)?))),
        })
    }

    fn explain_object(
        &self,
        judge: &Judge<'_>,
        object: ObjectId,
        action: &str,
    ) -> Result<Explanation, String> {
        for key in ["row", "new"] {
            // The witness of an object has no cells.
            let empty = |json: &Json| json.is_null() || *json == json!({});
            if self.question.get(key).is_some_and(|json| !empty(json)) {
                return Err(format!("an object has no rows: leave `{key}` out"));
            }
        }
        Ok(judge.explain_object(object, action))
    }

    fn text(&self, key: &str) -> Result<Option<&str>, String> {
        text(self.question, key)
    }

    fn texts(&self, key: &str) -> Result<Option<Vec<&str>>, String> {
        texts(self.question, key)
    }

    fn resource(&self) -> Result<Resource, String> {
        match (self.text("table")?, self.text("object")?) {
            (Some(name), None) => inputs::table(self.program, name).map(Resource::Table),
            (None, Some(name)) => self
                .program
                .find_object(name)
                .map(Resource::Object)
                .ok_or_else(|| {
                    shapes::unknown(
                        "object",
                        name,
                        self.program.objects.iter().map(|o| o.name.as_str()),
                    )
                }),
            (None, None) => Err("name a `table` or an `object`".to_owned()),
            (Some(_), Some(_)) => Err("name a `table` or an `object`, not both".to_owned()),
        }
    }

    fn action(&self, resource: Resource) -> Result<String, String> {
        let actions = self.program.actions_of(resource);
        let action = self.text("action")?.unwrap_or("read");
        if actions.iter().any(|known| known == action) {
            return Ok(action.to_owned());
        }
        if matches!(resource, Resource::Table(_)) && action == "write" {
            return Err(
                "`write` is three actions on rows: ask for `insert`, `update` or `delete`"
                    .to_owned(),
            );
        }
        let what = format!("action of `{}`", self.program.resource_name(resource));
        Err(shapes::unknown(
            &what,
            action,
            actions.iter().map(smol_str::SmolStr::as_str),
        ))
    }

    /// Who asks: a name and what is said besides it, or the user of a witness.
    fn user(&self, source: Option<SourceId>) -> Result<User, String> {
        let Some(Json::Object(user)) = self.question.get("user") else {
            let principals = texts(self.question, "principals")?.unwrap_or_default();
            let mut user = inputs::user(
                self.program,
                self.text("user")?,
                principals.into_iter(),
                source,
            )?;
            self.supply(&mut user, self.question)?;
            return Ok(user);
        };
        for key in user.keys() {
            if !USER_KEYS.contains(&key.as_str()) {
                let known = USER_KEYS.iter().copied();
                return Err(shapes::unknown("key of a user", key, known));
            }
        }
        for key in ["principals", "attributes"] {
            if self.question.get(key).is_some_and(|json| !json.is_null()) {
                return Err(format!(
                    "`{key}` stands in `user` or beside it, not in both"
                ));
            }
        }
        let principals = texts(user, "principals")?.unwrap_or_default();
        let logins = match user.get("logins") {
            None | Some(Json::Null) => None,
            Some(Json::Object(logins)) => Some(logins),
            Some(_) => return Err("`user.logins` is an object of sources and logins".to_owned()),
        };
        let mut out = match logins {
            None => inputs::user(
                self.program,
                text(user, "name")?,
                principals.into_iter(),
                source,
            )?,
            Some(logins) => self.with_logins(logins, &principals)?,
        };
        self.supply(&mut out, user)?;
        Ok(out)
    }

    /// Somebody who is not declared, with a login, or none, for each source.
    fn with_logins(&self, logins: &Map<String, Json>, principals: &[&str]) -> Result<User, String> {
        let program = self.program;
        let mut known = Vec::new();
        for name in logins.keys() {
            let source = match name.as_str() {
                "" => None,
                name => Some(inputs::source(program, name, None)?),
            };
            let login = text(logins, name)?;
            if let Some(owner) = login.and_then(|login| program.user_of_login(login, source)) {
                return Err(format!(
                    "the login in `{name}` is that of `{}`",
                    program.principal(owner).name
                ));
            }
            known.push((source, login.map(Into::into)));
        }
        let mut user = User::with_logins(program, &known);
        for name in principals {
            let principal = inputs::principal(program, name)?;
            if program.principal(principal).kind == PrincipalKind::User {
                return Err(format!(
                    "`{name}` has logins of his own: leave `logins` out"
                ));
            }
            user.add(program, principal);
        }
        inputs::check_exclusive(program, &user.principals)?;
        Ok(user)
    }

    /// Supplies the attributes that an object names.
    fn supply(&self, user: &mut User, from: &Map<String, Json>) -> Result<(), String> {
        match from.get("attributes") {
            None | Some(Json::Null) => {}
            Some(Json::Object(attributes)) => {
                for (name, json) in attributes {
                    let (id, ty) = inputs::attribute(self.program, name)?;
                    user.supply(
                        id,
                        shapes::read_value(self.program, ty, json, &format!("user.{name}"))?,
                    );
                }
            }
            Some(_) => return Err("`attributes` is an object of names and values".to_owned()),
        }
        Ok(())
    }

    /// Q: the tables of the query, with the one asked about.
    fn query(&self, table: Option<TableId>) -> Result<Vec<TableId>, String> {
        let mut query: BTreeSet<TableId> = table.into_iter().collect();
        for name in self.texts("query")?.unwrap_or_default() {
            query.insert(inputs::table(self.program, name)?);
        }
        Ok(query.into_iter().collect())
    }

    /// The rows before the action.
    fn related(&self) -> Result<Data, String> {
        let mut data = Data::new(self.program);
        let tables = match self.question.get("related") {
            None | Some(Json::Null) => return Ok(data),
            Some(Json::Object(tables)) => tables,
            Some(_) => return Err("`related` is an object of tables and lists of rows".to_owned()),
        };
        for (name, rows) in tables {
            let table = inputs::table(self.program, name)?;
            let Json::Array(rows) = rows else {
                return Err(format!("`related.{name}` is a list of rows"));
            };
            for row in rows {
                let row = shapes::read_row(self.program, table, row)?;
                data.add(self.program, table, row)
                    .map_err(|error| error.to_string())?;
            }
        }
        Ok(data)
    }
}
