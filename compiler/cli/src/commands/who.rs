//! `ambit who --can ACTION RESOURCE`: everybody who may reach something of a table or object.

use std::fmt::Write as _;

use ambit_compiler::Config;
use ambit_core::Resource;

use super::{access, condition, inputs};
use crate::args::Global;
use crate::exit::{Exit, Failure};
use crate::output::Outcome;
use crate::workspace::Workspace;

/// Arguments of `who`.
#[derive(Debug, clap::Args)]
pub struct Who {
    /// What they can do, and with which table or object
    #[arg(long, required = true, num_args = 2, value_names = ["ACTION", "RESOURCE"])]
    can: Vec<String>,
    /// Only as far as rows with this condition of the language are meant
    #[arg(long = "where", value_name = "CONDITION")]
    condition: Option<String>,
}

/// Lists them.
pub fn run(args: &Who, global: &Global) -> Result<Outcome, Failure> {
    let [action, name] = args.can.as_slice() else {
        return Err(Failure::usage(
            "`--can` takes an action and a table or object",
        ));
    };
    let workspace = Workspace::open(global)?;
    let mut program = inputs::program(&workspace)?;
    let resource = inputs::resource(&program, name).map_err(Failure::usage)?;
    inputs::check_action(&program, resource, action).map_err(Failure::usage)?;
    let mut within = None;
    if let Some(text) = &args.condition {
        if let Resource::Object(_) = resource {
            return Err(Failure::usage(format!(
                "`{name}` is an object: it has no rows"
            )));
        }
        let config = Config::read(&workspace.disk.settings.text);
        let (with, pred) = condition::read(workspace.sources(), config, name, text)?;
        program = with;
        within = Some(pred);
    }
    let found = access::who(&program, resource, action, within.as_ref(), &|| {})
        .map_err(|limit| Failure::new(Exit::Refused, limit))?;
    let width = found.iter().map(|(who, _)| who.chars().count()).max();
    let width = width.unwrap_or(0);
    let mut answer = String::new();
    for (who, cell) in &found {
        let word = cell.access.word();
        let _ = writeln!(answer, "{who:width$}  {word:<4}  {}", cell.predicate);
    }
    let mut outcome = Outcome::new(answer, access::who_result(&found));
    if found.is_empty() {
        outcome
            .notes
            .push(format!("note: nobody can {action} `{name}`"));
    }
    Ok(outcome)
}
