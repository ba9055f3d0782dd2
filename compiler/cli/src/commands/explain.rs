//! `ambit explain CODE`: the page of a code, without any file beside the program.

use ambit_diagnostics::render::level_word;
use ambit_diagnostics::{nearest, registry};
use serde_json::json;

use crate::exit::Failure;
use crate::output::Outcome;

/// Arguments of `explain`.
#[derive(Debug, clap::Args)]
pub struct Explain {
    /// A code such as E0201, or its slug such as unknown-name
    code: String,
}

/// Prints the page.
pub fn run(args: &Explain) -> Result<Outcome, Failure> {
    let wanted = args.code.trim();
    let Some(code) = registry::look_up(wanted) else {
        let failure = Failure::usage(format!("unknown code `{wanted}`"));
        let upper = wanted.to_ascii_uppercase();
        let codes = || registry::CODES.iter().map(|c| c.code);
        let near = nearest(&upper, codes())
            .or_else(|| nearest(wanted, registry::CODES.iter().map(|c| c.slug)));
        return Err(match near {
            Some(near) => failure.help(format!("did you mean `{near}`?")),
            None => failure.help(format!(
                "codes run from {} to {}; every problem shows its own",
                codes().next().unwrap_or_default(),
                codes().next_back().unwrap_or_default()
            )),
        });
    };
    let page = code.page().unwrap_or(code.title);
    let result = json!({
        "code": code.code,
        "slug": code.slug,
        "title": code.title,
        "level": level_word(code.level),
        "since": code.since,
        "page": page,
    });
    Ok(Outcome::new(page, result))
}
