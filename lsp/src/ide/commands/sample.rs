//! `ambit.sample`: rows of a table, each shown or hidden, with the reason.

use std::collections::BTreeSet;

use ambit_cli::commands::{explanation, inputs, json as shapes};
use ambit_core::{Effect, ObjectId, Program, Resource, TableId};
use ambit_eval::{Data, Explanation, Judge, Role, RowRef};
use serde_json::{Value as Json, json};

use super::given::{Loaded, Source, sources};
use super::reason::{holder, reason, written};
use super::{Answer, Args, Ask};

/// At most so many rows are shown.
const MOST: usize = 500;

/// SAMPLE.
pub fn sample(ask: &Ask<'_>, args: Args<'_>) -> Answer {
    let (who, name, action) = (args.needed("as")?, args.needed("resource")?, args.action()?);
    let wanted = Source::read(args)?;
    let program = ask.program()?;
    let user = inputs::known_user(&program, who)?;
    let resource = inputs::resource(&program, name)?;
    inputs::check_action(&program, resource, action)?;
    let mut query: BTreeSet<TableId> = BTreeSet::new();
    for name in args.texts("query")? {
        query.insert(inputs::table(&program, name)?);
    }
    let all = match resource {
        Resource::Table(table) => {
            query.insert(table);
            sources(ask, &program, table)
        }
        Resource::Object(_) => Vec::new(),
    };
    let query: Vec<TableId> = query.into_iter().collect();
    let loaded = match wanted.or_else(|| all.first().cloned()) {
        Some(source) => source.load(ask, &program)?,
        None => Loaded {
            data: Data::new(&program),
            today: None,
        },
    };
    let today = loaded.today;
    let today = today.unwrap_or_else(|| inputs::clock_day(&program.settings));
    let judge = Judge::new(&program, &loaded.data, &user, &query, today, None);
    let mut answer = match resource {
        Resource::Table(table) => of_table(ask, &judge, table, action),
        Resource::Object(object) => of_object(ask, &judge, object, action),
    };
    let sources = all
        .iter()
        .map(|s| json!({ "label": s.label(), "data": s.json() }));
    answer["table"] = json!(name);
    answer["sources"] = sources.collect();
    Ok(answer)
}

fn of_table(ask: &Ask<'_>, judge: &Judge<'_>, table: TableId, action: &str) -> Json {
    let program = judge.program;
    let columns = program.table(table).columns.iter();
    let columns: Vec<&str> = columns.map(|c| c.name.as_str()).collect();
    let rows: Vec<Json> = judge
        .data
        .rows(table)
        .take(MOST)
        .map(|row| {
            ask.breathe();
            of_row(ask, judge, table, action, row)
        })
        .collect();
    let truncated = judge.data.len(table).saturating_sub(MOST);
    json!({ "columns": columns, "rows": rows, "truncated": truncated })
}

fn of_row(ask: &Ask<'_>, judge: &Judge<'_>, table: TableId, action: &str, row: RowRef<'_>) -> Json {
    let act = explanation::act(action, row);
    judge.decide(table, act);
    let unreadable = judge.take_left_out().into_iter().next();
    let explanation = judge.explain(table, act);
    let mut answer = told(ask, judge, &explanation);
    answer["values"] = shapes::row(judge.program, table, row);
    if let Some(cell) = unreadable {
        let column = &judge.program.column(cell.table, cell.column).name;
        let table = &judge.program.table(cell.table).name;
        answer["decision"] = json!("deny");
        answer["reason"] = json!(format!(
            "no answer: a rule reads `{table}.{column}`, which `given {table}` leaves out and which cannot be null"
        ));
    }
    answer
}

fn of_object(ask: &Ask<'_>, judge: &Judge<'_>, object: ObjectId, action: &str) -> Json {
    let explanation = judge.explain_object(object, action);
    let mut answer = told(ask, judge, &explanation);
    answer["values"] = json!({});
    json!({ "columns": [], "rows": [answer], "truncated": 0 })
}

/// A ROW without its values.
fn told(ask: &Ask<'_>, judge: &Judge<'_>, explanation: &Explanation) -> Json {
    json!({
        "decision": shapes::decision(explanation),
        "reason": reason(judge, explanation),
        "rules": rules(ask, judge.program, explanation),
        "tree": shapes::tree(&judge.tree(explanation)),
    })
}

fn rules(ask: &Ask<'_>, program: &Program, explanation: &Explanation) -> Json {
    let allowed = explanation.value.is_true();
    let mut rules: Vec<Json> = Vec::new();
    for reason in explanation.parts.iter().flat_map(|part| &part.rules) {
        let Some(rule) = program.rules.get(reason.rule.index()) else {
            continue;
        };
        let effect = match rule.effect {
            Effect::Grant => "grant",
            Effect::Deny => "deny",
            Effect::Restrict { .. } => "restrict",
        };
        let decisive = match reason.role {
            Role::Gives => allowed,
            Role::Takes | Role::Lacks => !allowed,
            Role::Idle => false,
        };
        let entry = json!({
            "effect": effect,
            "text": format!("{}: {}", holder(program, reason.rule), written(program, reason.rule)),
            "value": reason.value.as_str(),
            "applies": reason.applies,
            "decisive": decisive,
        });
        let entry = ask.at_origin(entry, &rule.origin);
        if !rules.contains(&entry) {
            rules.push(entry);
        }
    }
    Json::Array(rules)
}
