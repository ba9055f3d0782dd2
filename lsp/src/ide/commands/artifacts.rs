//! `ambit.artifacts`: what a build would write, with the way from each predicate to its rules.

mod links;
mod spans;
mod units;

use ambit_cli::build::emit::Built;
use ambit_cli::build::refusals::refusals;
use ambit_cli::build::settings;
use ambit_core::{Origin, Program};
use ambit_targets::sql::{Dialect, Sql, Teller, dialect_named};
use ambit_targets::target::{Context, Refused as CannotSay};
use serde_json::{Value as Json, json};

use super::{Answer, Args, Ask, Refused};

/// The artifacts by path, or one of them with its text.
pub fn artifacts(ask: &Ask<'_>, args: Args<'_>) -> Answer {
    let (target, path) = (args.text("target")?, args.text("path")?);
    let program = ask.program()?;
    let mut found: Vec<(String, &str)> = Vec::new();
    for target in ask.targets(target)? {
        ask.breathe();
        let built = ask.built(target)?;
        if let Some(path) = path
            && let Some((_, artifact)) = built.artifacts.get(path)
        {
            return whole(
                ask,
                &program,
                &built,
                target.name(),
                path,
                &artifact.content,
            );
        }
        let paths = built.artifacts.keys().cloned();
        found.extend(paths.map(|path| (path, target.name())));
    }
    found.sort();
    if let Some(path) = path {
        let known = found.iter().map(|(path, _)| path.as_str());
        return Err(Refused(ambit_cli::commands::json::unknown(
            "artifact", path, known,
        )));
    }
    let all = found
        .iter()
        .map(|(path, target)| json!({ "path": path, "target": target }));
    Ok(Json::Array(all.collect()))
}

fn whole(
    ask: &Ask<'_>,
    program: &Program,
    built: &Built,
    target: &str,
    path: &str,
    text: &str,
) -> Answer {
    let (small, config) = (ask.smallest()?, ask.project.config(ask.db));
    let context = Context {
        program: &small,
        per_user: config.per_user,
        options: settings::options(&config, &Sql),
        frozen: ask.frozen(program, &Sql),
    };
    let dialect = dialect(target, path);
    let teller = dialect.map(|dialect| Teller::new(&context, dialect));
    let mut links = links::links(&small, target, text, teller.as_ref());
    units::to_utf16(text, &mut links);
    let links = links.into_iter().map(|link| {
        let entry = json!({ "start": link.start, "end": link.end });
        ask.at_origin(entry, link.origin)
    });
    let links: Vec<Json> = links.collect();
    let of_this = |refused: &&CannotSay| concerns(program, refused, target, path);
    let refused = Built {
        refused: built.refused.iter().filter(of_this).cloned().collect(),
        ..Built::default()
    };
    let refusals = refusals(program, &refused).problems.into_iter().map(|p| {
        let origin = Origin {
            file: p.at.file.clone(),
            start: p.at.start,
            end: p.at.end,
            ..Origin::default()
        };
        ask.at_origin(json!({ "message": p.message }), &origin)
    });
    let refusals: Vec<Json> = refusals.collect();
    Ok(
        json!({ "path": path, "target": target, "text": text, "links": links, "refusals": refusals }),
    )
}

/// The dialect of an artifact of `sql`.
fn dialect(target: &str, path: &str) -> Option<Dialect> {
    let word = path.split('/').nth(1).filter(|_| target == "sql")?;
    dialect_named(word)
}

/// Is it this artifact that cannot say it?
fn concerns(program: &Program, refused: &CannotSay, target: &str, path: &str) -> bool {
    match target {
        "sql" => dialect(target, path).is_some_and(|dialect| dialect.name() == refused.by),
        "ucast" => {
            let who = refused.principal.as_deref().unwrap_or("everyone");
            links::principal_of_path(program, path).is_none_or(|of| of == who)
        }
        _ => true,
    }
}
