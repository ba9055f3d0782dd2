//! `ambit.matrixRow`: what one principal may reach, of every table and object.

use ambit_cli::commands::access::{Cells, resources};
use ambit_cli::commands::inputs;
use serde_json::{Value as Json, json};

use super::{Answer, Args, Ask};

/// The cells of a bare principal, as `matrix` has them.
pub fn matrix_row(ask: &Ask<'_>, args: Args<'_>) -> Answer {
    let name = args.needed("as")?;
    let program = ask.program()?;
    let who = inputs::bare(&program, name)?;
    let name = who.map_or(inputs::EVERYONE, |id| program.principal(id).name.as_str());
    let cells = Cells::new(&program);
    let mut found: Vec<Json> = Vec::new();
    for resource in resources(&program) {
        let actions = program.actions_of(resource);
        for action in &actions {
            ask.breathe();
            let cell = cells.cell(who, resource, action, None)?;
            found.push(json!({
                "principal": name,
                "resource": program.resource_name(resource).as_str(),
                "action": action.as_str(),
                "access": cell.access.word(),
                "predicate": cell.predicate,
            }));
        }
    }
    Ok(Json::Array(found))
}
