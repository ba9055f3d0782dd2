//! The target `sql`: `sql/<dialect>/predicates.json`.
//!
//! The file is an array of entries `{table,source,action,principal,inline,bound,params,refused}`, one a line, sorted by
//! these four. It is sparse: `everyone` (a user with no principal at all) has an entry for each action on each table in
//! each source, any role, group or declared user only where theirs differs. Who looks up an entry, and who is not covered,
//! stands in docs/targets/sql.md.
//!
//! - `index` knows which rules bear on whom, so that only what can differ is lowered;
//! - `say` lowers one entry, `entry` writes it.

mod entry;
mod index;
mod layouts;
mod say;
mod teller;

use std::collections::BTreeSet;

use ambit_core::{PrincipalId, SourceId, TableId};
use smol_str::SmolStr;

use super::request::Dialect;
use super::{RuleIndex, Today};
use crate::target::{
    Artifact, Context, Emitted, Engine, Evidence, Refused, Takes, Target, TargetOption,
};
use index::Index;
use layouts::Layouts;
use say::{Speaker, Spoken};

pub use layouts::homes;
pub use teller::{Teller, Told};

/// What every file of predicates counts on, whatever they say.
const ASSUMES: &[&str] = &[
    "Predicates are judged before the write: the rows that those of `insert`, `update` (its `new`, too) and `delete` read are the rows before the action, of the written table as of all others.",
    "Who is no declared user and holds several principals, or a principal that the policy does not have, is not covered: nothing is shown to them, not even by the entry of `everyone`.",
];

/// The target `sql`.
#[derive(Debug, Clone, Copy)]
pub struct Sql;

impl Target for Sql {
    fn name(&self) -> &'static str {
        "sql"
    }

    fn options(&self) -> &'static [TargetOption] {
        &[
            TargetOption {
                name: "dialects",
                takes: Takes::Words(&["sqlite", "postgres"]),
                about: "the engines to write predicates for; both where nothing is said",
            },
            TargetOption {
                name: "today",
                takes: Takes::Word(&["engine", "frozen"]),
                about: "what stands for `today` in `inline`: the engine's clock, or the day of the build",
            },
            TargetOption {
                name: "schema",
                takes: Takes::Text,
                about: "the PostgreSQL schema of tables whose outside name has no schema; `public` where nothing is said",
            },
        ]
    }

    fn emit(&self, context: &Context<'_>) -> Emitted {
        let mut emitted = Emitted::default();
        // `postgres` stands before `sqlite`: the order of paths.
        for dialect in [Dialect::Postgres, Dialect::Sqlite] {
            let wanted = context.options.get("dialects");
            if wanted.is_none_or(|d| d.iter().any(|d| d == name(dialect))) {
                let (artifact, refused) = emit_dialect(context, dialect);
                emitted.artifacts.push(artifact);
                emitted.refused.extend(refused);
            }
        }
        emitted
    }
}

/// As paths, options and kinds of sources spell it.
fn name(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Sqlite => "sqlite",
        Dialect::Postgres => "postgres",
    }
}

/// The dialect that paths, options and kinds of sources spell so.
pub fn dialect_named(word: &str) -> Option<Dialect> {
    let all = [Dialect::Sqlite, Dialect::Postgres];
    all.into_iter().find(|dialect| name(*dialect) == word)
}

/// The entry of one principal (`None`: of everyone) for an action on a table in a source (one of its [`homes`]), also where
/// the file leaves it out because everyone's is the same. `None`: there is no such action, or no such source.
pub fn entry(
    context: &Context<'_>,
    dialect: Dialect,
    who: Option<PrincipalId>,
    (table, source): (TableId, Option<SourceId>),
    action: &str,
) -> Option<serde_json::Value> {
    let program = context.program;
    let index = Index::new(program, false, |table| homes(program, table, dialect));
    let spots = index.spots().into_iter();
    let spot = spots
        .filter(|s| (s.table, s.source) == (table, source))
        .find(|s| s.action == action)?;
    let layouts = Layouts::new(context, dialect);
    let rules = RuleIndex::new(program);
    let speaker = Speaker {
        index: &index,
        rules: &rules,
        layouts: &layouts,
        dialect,
        inline_today: context.frozen.map_or(Today::Engine, Today::Fixed),
    };
    serde_json::from_str(&speaker.entry(spot, who)).ok()
}

fn emit_dialect(context: &Context<'_>, dialect: Dialect) -> (Artifact, Vec<Refused>) {
    let program = context.program;
    let index = Index::new(program, context.per_user, |table| {
        homes(program, table, dialect)
    });
    let layouts = Layouts::new(context, dialect);
    let rules = RuleIndex::new(program);
    let speaker = Speaker {
        index: &index,
        rules: &rules,
        layouts: &layouts,
        dialect,
        inline_today: context.frozen.map_or(Today::Engine, Today::Fixed),
    };
    let spots = index.spots();
    let mut content = String::from("[");
    let mut assumes: BTreeSet<String> = ASSUMES.iter().map(|s| (*s).to_owned()).collect();
    let mut refused = Vec::new();
    let mut dated = false;
    for Spoken {
        lines,
        refusals,
        assumed,
        inline_dated,
    } in speaker.all(&spots)
    {
        for line in lines {
            content.push_str(if content.len() == 1 { "\n" } else { ",\n" });
            content.push_str(&line);
        }
        assumes.extend(assumed);
        refused.extend(refusals);
        dated |= inline_dated;
    }
    content.push_str("\n]\n");
    let artifact = Artifact {
        path: format!("sql/{}/predicates.json", name(dialect)),
        content,
        evidence: Evidence::Engine,
        engine: Some(Engine {
            name: name(dialect),
            minimum: dialect.minimum(),
        }),
        valid_until: if dated { context.frozen_until() } else { None },
        assumes: assumes.into_iter().collect(),
    };
    (artifact, entry::united(refused))
}

/// The schema of tables that name none, where that is a choice.
fn schema(context: &Context<'_>, dialect: Dialect) -> Option<SmolStr> {
    match dialect {
        Dialect::Postgres => context.option("schema").cloned(),
        Dialect::Sqlite => None,
    }
}
