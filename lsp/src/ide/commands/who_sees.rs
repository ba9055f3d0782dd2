//! `ambit.whoSees`: everybody who may reach something of a table or object.

use ambit_cli::commands::{access, condition, inputs};

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
    let step = || ask.breathe();
    let found = access::who(&program, resource, action, within.as_ref(), &step)?;
    Ok(access::who_result(&found))
}
