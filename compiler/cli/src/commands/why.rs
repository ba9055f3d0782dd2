//! `ambit why`: who decided about a row, by which rule, and the value of each part of its condition.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;

use ambit_compiler::Config;
use ambit_core::{ObjectId, Pred, Program, Resource, Row, SourceId, TableId, Value};
use ambit_eval::{Data, Explanation, Judge, Node, RowRef, User, reasons};
use ambit_query::data::{Cells, Loaded};
use serde_json::{Value as Json, json};

use super::explanation::{self, act, complete, predicate, result};
use super::{condition, inputs, json as shapes};
use crate::args::Global;
use crate::exit::{Exit, Failure};
use crate::output::Outcome;
use crate::workspace::Workspace;

/// Arguments of `why`.
#[derive(Debug, clap::Args)]
pub struct Why {
    /// A user (by name, or by login in the source), a group or role (it stands for a user with that alone), or `everyone`:
    /// a user without any
    #[arg(long = "as", value_name = "P")]
    who: String,
    /// An attribute that the identity provider supplies
    #[arg(long = "attr", value_name = "NAME=VALUE")]
    attributes: Vec<String>,
    /// A group or role that the user has besides
    #[arg(long = "role", value_name = "R")]
    roles: Vec<String>,
    /// A table or an object
    resource: String,
    /// The action
    #[arg(long, default_value = "read")]
    action: String,
    /// The row: columns that are not named are null, or as in the row of `--data` with the same key
    #[arg(long, value_name = "COLUMN=VALUE,…", conflicts_with_all = ["row_json", "condition"])]
    row: Option<String>,
    /// The row as a JSON object
    #[arg(long, value_name = "JSON", conflicts_with = "condition")]
    row_json: Option<String>,
    /// The rows of `--data` for which this condition of the language is true
    #[arg(long = "where", value_name = "CONDITION", requires = "data")]
    condition: Option<String>,
    /// A folder with `<table>.csv`: the rows of all tables
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The tables that the query touches (besides the one asked about)
    #[arg(long, value_name = "TABLE,…", value_delimiter = ',')]
    query: Vec<String>,
    /// The source in which the table is judged (default: its first)
    #[arg(long, value_name = "SOURCE")]
    source: Option<String>,
}

/// Explains.
pub fn run(args: &Why, global: &Global) -> Result<Outcome, Failure> {
    let workspace = Workspace::open(global)?;
    let (program, condition) = match &args.condition {
        Some(condition) => {
            let program = inputs::program(&workspace)?;
            inputs::table(&program, &args.resource).map_err(Failure::usage)?;
            let config = Config::read(&workspace.disk.settings.text);
            let (program, pred) =
                condition::read(workspace.sources(), config, &args.resource, condition)?;
            (program, Some(pred))
        }
        None => (inputs::program(&workspace)?, None),
    };
    let program = &program;
    let usage = |message: String| Failure::usage(message);
    let resource = inputs::resource(program, &args.resource).map_err(usage)?;
    let table = match resource {
        Resource::Table(table) => Some(table),
        Resource::Object(_) => None,
    };
    inputs::check_action(program, resource, &args.action).map_err(usage)?;
    let source = args
        .source
        .as_ref()
        .map(|name| inputs::source(program, name, table))
        .transpose()
        .map_err(usage)?;
    let user = user(args, program, inputs::judged_in(program, resource, source))?;
    let mut query: BTreeSet<TableId> = table.into_iter().collect();
    for name in &args.query {
        query.insert(inputs::table(program, name.trim()).map_err(usage)?);
    }
    let query: Vec<TableId> = query.into_iter().collect();
    let Loaded {
        tables: rows,
        remarks,
    } = match &args.data {
        Some(folder) => inputs::read_folder(program, folder, Cells::Shown)?,
        None => Loaded::default(),
    };
    let data = inputs::data(program, rows).map_err(|message| Failure::new(Exit::Input, message))?;
    let today = inputs::today(global, &program.settings);
    let judge = Judge::new(program, &data, &user, &query, today, source);
    match resource {
        Resource::Object(object) => {
            if args.row.is_some() || args.row_json.is_some() {
                return Err(Failure::usage(format!(
                    "`{}` is an object: it has no rows",
                    args.resource
                )));
            }
            Ok(on_object(args, &judge, object))
        }
        Resource::Table(table) => {
            let mut outcome = on_table(args, &judge, table, &data, condition.as_ref())?;
            let remarks = remarks.iter().map(ToString::to_string);
            outcome.notes.splice(0..0, remarks);
            Ok(outcome)
        }
    }
}

/// Who asks. A name that is not declared is a login, which has what `--role` says.
fn user(args: &Why, program: &Program, source: Option<SourceId>) -> Result<User, Failure> {
    let roles: Vec<&str> = args.roles.iter().map(String::as_str).collect();
    let mut user = explanation::user(program, &args.who, &roles, source)?;
    inputs::supply(program, &mut user, &args.attributes).map_err(Failure::usage)?;
    Ok(user)
}

fn on_object(args: &Why, judge: &Judge<'_>, object: ObjectId) -> Outcome {
    let explanation = judge.explain_object(object, &args.action);
    let predicate = predicate(judge, Resource::Object(object), &args.action);
    let mut answer = String::new();
    told(
        &mut answer,
        args,
        judge,
        &args.resource,
        &explanation,
        &predicate,
    );
    Outcome::new(answer, result(judge, &explanation, &predicate))
}

fn on_table(
    args: &Why,
    judge: &Judge<'_>,
    table: TableId,
    data: &Data,
    condition: Option<&Pred>,
) -> Result<Outcome, Failure> {
    let program = judge.program;
    let predicate = predicate(judge, Resource::Table(table), &args.action);
    let mut answer = String::new();
    if args.data.is_some() && args.row.is_none() && args.row_json.is_none() {
        let chosen: Vec<RowRef<'_>> = data
            .rows(table)
            .filter(|row| condition.is_none_or(|pred| judge.value_of(table, *row, pred).is_true()))
            .collect();
        let mut results = Vec::new();
        for row in &chosen {
            let explanation = judge.explain(table, act(&args.action, *row));
            if chosen.len() == 1 {
                told(
                    &mut answer,
                    args,
                    judge,
                    &judge.row_name(table, *row),
                    &explanation,
                    &predicate,
                );
            } else {
                verdict(
                    &mut answer,
                    args,
                    &judge.row_name(table, *row),
                    &explanation,
                );
                for line in reasons(judge, &explanation) {
                    let _ = writeln!(answer, "  {line}");
                }
            }
            let mut result = result(judge, &explanation, &predicate);
            result["row"] = shapes::row(program, table, *row);
            results.push(result);
        }
        let mut outcome = Outcome::new(answer, json!({"rows": results}));
        if chosen.is_empty() {
            outcome.notes.push(format!(
                "note: no row of `{}` is chosen",
                program.table(table).name
            ));
        }
        return Ok(outcome);
    }
    let row = row(args, program, table, data).map_err(Failure::usage)?;
    let explanation = judge.explain(table, act(&args.action, RowRef::new(&row)));
    let name = judge.row_name(table, RowRef::new(&row));
    let mut outcome = Outcome::default();
    told(&mut answer, args, judge, &name, &explanation, &predicate);
    if args.row.is_none() && args.row_json.is_none() {
        outcome.notes.push(
            "note: no row is given, so this is the answer for one of which nothing is known; name one with `--row`"
                .to_owned(),
        );
    }
    outcome.answer = answer;
    outcome.result = result(judge, &explanation, &predicate);
    Ok(outcome)
}

/// The row of `--row` or `--row-json`. Where `--data` has a row of that key, it gives what they do not say.
fn row(args: &Why, program: &Program, table: TableId, data: &Data) -> Result<Row, String> {
    let declared = program.table(table);
    let mut row = vec![Value::Null; declared.columns.len()];
    let mut said = vec![false; declared.columns.len()];
    if let Some(text) = &args.row_json {
        let json: Json = serde_json::from_str(text)
            .map_err(|error| format!("`--row-json` is not JSON: {error}"))?;
        row = shapes::read_row(program, table, &json)?.into_vec();
        for (slot, column) in said.iter_mut().zip(&declared.columns) {
            *slot = json.get(column.name.as_str()).is_some();
        }
    }
    for (name, text) in args
        .row
        .as_deref()
        .map(inputs::pairs)
        .transpose()?
        .unwrap_or_default()
    {
        let position = declared
            .columns
            .iter()
            .position(|c| c.name == name.as_str());
        let slots = position
            .and_then(|p| Some((declared.columns.get(p)?, row.get_mut(p)?, said.get_mut(p)?)));
        let Some((column, slot, said)) = slots else {
            let known = declared.columns.iter().map(|c| c.name.as_str());
            return Err(shapes::unknown(
                &format!("column of `{}`", declared.name),
                &name,
                known,
            ));
        };
        *slot = inputs::read_text(
            program,
            &column.ty,
            &text,
            &format!("{}.{name}", declared.name),
        )?;
        *said = true;
    }
    let row =
        ambit_eval::check_row(program, table, row.into()).map_err(|error| error.to_string())?;
    Ok(complete(program, table, data, row, &said))
}

fn verdict(out: &mut String, args: &Why, what: &str, explanation: &Explanation) {
    let may = if explanation.value.is_true() {
        "may"
    } else {
        "may not"
    };
    let _ = writeln!(
        out,
        "{} {may} {} {what} ({})",
        args.who, args.action, explanation.value
    );
}

/// The whole explanation for people.
fn told(
    out: &mut String,
    args: &Why,
    judge: &Judge<'_>,
    what: &str,
    explanation: &Explanation,
    predicate: &str,
) {
    verdict(out, args, what, explanation);
    out.push('\n');
    for line in reasons(judge, explanation) {
        let _ = writeln!(out, "  {line}");
    }
    out.push('\n');
    node(out, &judge.tree(explanation), 1);
    let _ = writeln!(
        out,
        "\n  {} may {} where: {predicate}",
        args.who, args.action
    );
}

fn node(out: &mut String, tree: &Node, depth: usize) {
    let indent = "  ".repeat(depth);
    let _ = writeln!(out, "{indent}{:<7} {}", tree.value.as_str(), tree.text);
    for given in &tree.given {
        let _ = writeln!(out, "{indent}          {given}");
    }
    for child in &tree.children {
        node(out, child, depth + 1);
    }
}
