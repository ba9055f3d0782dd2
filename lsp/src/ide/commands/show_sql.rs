//! `ambit.showSql`: the predicates of somebody on a table, as a build would write them.

use ambit_cli::build::settings;
use ambit_cli::commands::inputs;
use ambit_core::{Program, Resource, TableId};
use ambit_targets::sql::{Sql, dialect_named, entry, homes};
use ambit_targets::target::Context;
use serde_json::{Value as Json, json};

use super::{Answer, Args, Ask, Refused};

/// Where neither the question nor the table's sources name a dialect.
const USUAL: &str = "sqlite";

/// An entry as in `predicates.json` for each dialect, and for each source of its kind in which the table lives.
pub fn show_sql(ask: &Ask<'_>, args: Args<'_>) -> Answer {
    let (who, name, action) = (args.needed("as")?, args.needed("resource")?, args.action()?);
    let program = ask.smallest()?;
    let who = inputs::bare(&program, who)?;
    let resource = inputs::resource(&program, name)?;
    inputs::check_action(&program, resource, action)?;
    let Resource::Table(table) = resource else {
        return Err(Refused(format!(
            "`{name}` is an object: it is granted whole, without a predicate"
        )));
    };
    let words = match args.text("dialect")? {
        Some(word) => vec![word],
        None => own_dialects(&program, table),
    };
    let config = ask.project.config(ask.db);
    let context = Context {
        program: &program,
        per_user: config.per_user,
        options: settings::options(&config, &Sql),
        frozen: ask.frozen(&program, &Sql),
    };
    let mut found = Vec::new();
    for word in words {
        ask.breathe();
        let dialect = dialect_named(word).ok_or_else(|| {
            let known = ["postgres", "sqlite"].into_iter();
            Refused(ambit_cli::commands::json::unknown("dialect", word, known))
        })?;
        for source in homes(&program, table, dialect) {
            let place = (table, source);
            let mut said = entry(&context, dialect, who, place, action).unwrap_or_default();
            said["dialect"] = json!(word);
            found.push(said);
        }
    }
    Ok(Json::Array(found))
}

/// The dialects of the sources in which a table lives.
fn own_dialects(program: &Program, table: TableId) -> Vec<&str> {
    let sources = program.table(table).sources.iter();
    let kinds = sources.filter_map(|s| program.sources.get(s.index()));
    let mut words: Vec<&str> = Vec::new();
    for kind in kinds.map(|s| s.kind.as_str()) {
        if dialect_named(kind).is_some() && !words.contains(&kind) {
            words.push(kind);
        }
    }
    if words.is_empty() {
        words.push(USUAL);
    }
    words
}
