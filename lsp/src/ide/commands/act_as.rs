//! `ambit.actAs`: for whom hover, hints and lenses speak.

use smol_str::SmolStr;

use super::people::people;
use super::{Args, Ask, Refused};

/// Whom to speak for; nobody where `as` is null.
///
/// # Errors
/// Where there is nobody of that name.
pub fn act_as(ask: &Ask<'_>, args: Args<'_>) -> Result<Option<SmolStr>, Refused> {
    let Some(name) = args.text("as")? else {
        return Ok(None);
    };
    if let Some(program) = ambit_compiler::program(ask.db, ask.project) {
        if name == ambit_cli::commands::inputs::EVERYONE {
            return Ok(Some(name.into()));
        }
        let id = ambit_cli::commands::inputs::principal(&program, name)?;
        return Ok(Some(program.principal(id).name.clone()));
    }
    let known = people(ask);
    if known.iter().any(|(_, known)| known == name) {
        return Ok(Some(name.into()));
    }
    let known = known.iter().map(|(_, name)| name.as_str());
    Err(Refused(ambit_cli::commands::json::unknown(
        "user, group or role",
        name,
        known,
    )))
}
