//! `ambit.whoSees`: everybody who may reach something of a table or object.

use ambit_analysis::Access;
use ambit_cli::commands::access::{Cells, people};
use ambit_cli::commands::{condition, inputs};
use serde_json::{Value as Json, json};

use super::{Answer, Args, Ask};

/// R of `who`: bare principals, and `everyone` for someone without any.
pub fn who_sees(ask: &Ask<'_>, args: Args<'_>) -> Answer {
    let (name, action, within) = (
        args.needed("resource")?,
        args.action()?,
        args.text("where")?,
    );
    let mut program = ask.program()?;
    let resource = inputs::resource(&program, name)?;
    inputs::check_action(&program, resource, action)?;
    let within = match within {
        Some(text) => {
            let config = (*ask.project.config(ask.db)).clone();
            inputs::table(&program, name)?;
            let (with, pred) = condition::read(ask.texts(), config, name, text)?;
            program = with;
            Some(pred)
        }
        None => None,
    };
    let cells = Cells::new(&program);
    let mut found: Vec<Json> = Vec::new();
    for (name, who) in people(&program) {
        ask.breathe();
        let cell = cells.cell(who, resource, action, within.as_ref())?;
        if cell.access != Access::None {
            found.push(json!({
                "principal": name.as_str(),
                "access": cell.access.word(),
                "predicate": cell.predicate,
            }));
        }
    }
    Ok(Json::Array(found))
}
