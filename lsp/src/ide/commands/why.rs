//! `ambit.why`: a decision with the rules and the value of every part of their conditions.

use std::collections::BTreeSet;

use ambit_cli::commands::{explanation, inputs, json as shapes};
use ambit_core::{Program, Resource, Row, TableId, Value};
use ambit_eval::{Data, Judge, RowRef, User, check_row};
use serde_json::{Map, Value as Json, json};

use super::given::{Loaded, Source};
use super::{Answer, Args, Ask, Refused};

/// R of `why`: of the row that is named, of those of the data, or of one of which nothing is known.
pub fn why(ask: &Ask<'_>, args: Args<'_>) -> Answer {
    let (who, name, action) = (args.needed("as")?, args.needed("resource")?, args.action()?);
    let (roles, source) = (args.texts("role")?, Source::read(args)?);
    let (attributes, row) = (args.object("attr")?, args.object("row")?);
    let program = ask.program()?;
    let resource = inputs::resource(&program, name)?;
    let judged_in = inputs::judged_in(&program, resource, None);
    let mut user = explanation::user(&program, who, &roles, judged_in)?;
    supply(&program, &mut user, attributes)?;
    inputs::check_action(&program, resource, action)?;
    let mut query: BTreeSet<TableId> = BTreeSet::new();
    for name in args.texts("query")? {
        query.insert(inputs::table(&program, name)?);
    }
    if let Resource::Table(table) = resource {
        query.insert(table);
    }
    let query: Vec<TableId> = query.into_iter().collect();
    let from_data = source.is_some();
    let Loaded { data, today } = match source {
        Some(source) => source.load(ask, &program)?,
        None => Loaded {
            data: Data::new(&program),
            today: None,
        },
    };
    let today = today.unwrap_or_else(|| inputs::clock_day(&program.settings));
    let judge = Judge::new(&program, &data, &user, &query, today, None);
    let predicate = explanation::predicate(&judge, resource, action);
    let on_row = |table, row: RowRef<'_>| {
        let explanation = judge.explain(table, explanation::act(action, row));
        explanation::result(&judge, &explanation, &predicate)
    };
    match resource {
        Resource::Object(_) if row.is_some() => {
            Err(Refused(format!("`{name}` is an object: it has no rows")))
        }
        Resource::Object(object) => {
            let explanation = judge.explain_object(object, action);
            Ok(explanation::result(&judge, &explanation, &predicate))
        }
        Resource::Table(table) if from_data && row.is_none() => {
            let rows = data.rows(table).map(|row| {
                ask.breathe();
                let mut result = on_row(table, row);
                result["row"] = shapes::row(&program, table, row);
                result
            });
            let rows: Vec<Json> = rows.collect();
            Ok(json!({ "rows": rows }))
        }
        Resource::Table(table) => {
            let row = named(&program, table, &data, row)?;
            Ok(on_row(table, RowRef::new(&row)))
        }
    }
}

/// The identity provider supplies these.
fn supply(
    program: &Program,
    user: &mut User,
    attributes: Option<&Map<String, Json>>,
) -> Result<(), Refused> {
    for (name, value) in attributes.into_iter().flatten() {
        let (id, ty) = inputs::attribute(program, name)?;
        let value = shapes::read_value(program, ty, value, &format!("user.{name}"))?;
        user.supply(id, value);
    }
    Ok(())
}

/// The row of these cells; the rest is as in the row of the data with its key, else null.
fn named(
    program: &Program,
    table: TableId,
    data: &Data,
    cells: Option<&Map<String, Json>>,
) -> Result<Row, Refused> {
    let columns = &program.table(table).columns;
    let Some(cells) = cells else {
        return Ok(vec![Value::Null; columns.len()].into());
    };
    let row = shapes::read_row(program, table, &Json::Object(cells.clone()))?;
    let row = check_row(program, table, row).map_err(|error| Refused(error.to_string()))?;
    let said = columns.iter().map(|c| cells.contains_key(c.name.as_str()));
    let said: Vec<bool> = said.collect();
    Ok(explanation::complete(program, table, data, row, &said))
}
