//! Outside names that an engine cannot carry.

use ambit_core::TableId;

use crate::sql::identifier;
use crate::sql::request::{Dialect, Predicate, Request};
use crate::target::Refusal;

/// Longer names are cut silently by `PostgreSQL` (`NAMEDATALEN` - 1), and then mean another thing.
const POSTGRES_BYTES: usize = 63;

/// Can the engine carry the names of the table and of what the predicate reads?
pub(super) fn check(
    request: &Request<'_>,
    table: TableId,
    predicate: &Predicate,
) -> Result<(), Refusal> {
    for id in [&table].into_iter().chain(&predicate.reads) {
        let Some(layout) = request.layout.table(*id) else {
            continue;
        };
        let name = &request.program.table(*id).name;
        if layout.parts.len() > 2 {
            return Err(refusal(
                format!("the outside name of table `{name}`"),
                "it has more than two parts, a schema and a name".to_owned(),
            ));
        }
        for part in &layout.parts {
            carried(request.dialect, part)
                .map_err(|why| refusal(format!("the outside name of table `{name}`"), why))?;
        }
        // Columns that the predicate does not name do not matter.
        for (column, declared) in layout
            .columns
            .iter()
            .zip(&request.program.table(*id).columns)
            .filter(|(c, _)| predicate.sql.contains(&identifier(&c.name)))
        {
            carried(request.dialect, &column.name).map_err(|why| {
                refusal(
                    format!("the outside name of column `{name}.{}`", declared.name),
                    why,
                )
            })?;
        }
    }
    Ok(())
}

fn carried(dialect: Dialect, part: &str) -> Result<(), String> {
    if part.is_empty() {
        return Err("it is empty".to_owned());
    }
    if part.contains('\0') {
        return Err("it holds a NUL, which ends SQL text".to_owned());
    }
    if dialect == Dialect::Postgres && part.len() > POSTGRES_BYTES {
        return Err(format!(
            "it is {} bytes long, and PostgreSQL cuts names after {POSTGRES_BYTES}",
            part.len()
        ));
    }
    Ok(())
}

fn refusal(construct: String, reason: String) -> Refusal {
    Refusal::new("E0507", construct, reason)
        .help("give it another outside name for this source, `as … in …`")
}
