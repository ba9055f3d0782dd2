//! The target `sql`: `sql/<dialect>/predicates.json`.
//!
//! The file is an array of entries `{table,action,principal,inline,bound,params,refused}` (contract.md), one a line,
//! sorted by table, action and principal. It is sparse: `everyone` (a user with no principal at all) has an entry for
//! each action on each table, anyone else only where theirs differs. A principal without an entry has everyone's.
//!
//! - `index` knows which rules bear on whom, so that only what can differ is lowered;
//! - `say` lowers one entry, `entry` writes it.

mod entry;
mod index;
mod say;
mod teller;

use std::collections::BTreeSet;

use ambit_core::{PrincipalId, Program, SourceId, TableId};
use smol_str::SmolStr;

use super::request::Dialect;
use super::{Layout, RuleIndex, Today};
use crate::target::{
    Artifact, Context, Emitted, Engine, Evidence, Refused, Takes, Target, TargetOption,
};
use index::Index;
use say::{Speaker, Spoken};

pub use teller::{Teller, Told};

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
        let index = Index::new(context.program, context.per_user);
        let mut emitted = Emitted::default();
        // `postgres` stands before `sqlite`: the order of paths.
        for dialect in [Dialect::Postgres, Dialect::Sqlite] {
            let wanted = context.options.get("dialects");
            if wanted.is_none_or(|d| d.iter().any(|d| d == name(dialect))) {
                let (artifact, refused) = emit_dialect(context, &index, dialect);
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

/// The entry of one principal (`None`: of everyone) for an action on a table, also where the file leaves it out because
/// everyone's is the same. `None`: there is no such action.
pub fn entry(
    context: &Context<'_>,
    dialect: Dialect,
    who: Option<PrincipalId>,
    table: TableId,
    action: &str,
) -> Option<serde_json::Value> {
    let program = context.program;
    // Asked about a user, what is his own counts.
    let index = Index::new(program, true);
    let spots = index.spots().into_iter();
    let spot = spots
        .filter(|s| s.table == table)
        .find(|s| s.action == action)?;
    let layout = layout(context, dialect);
    let rules = RuleIndex::new(program);
    let speaker = Speaker {
        index: &index,
        rules: &rules,
        layout: &layout,
        dialect,
        inline_today: context.frozen.map_or(Today::Engine, Today::Fixed),
    };
    serde_json::from_str(&speaker.entry(spot, who)).ok()
}

fn layout(context: &Context<'_>, dialect: Dialect) -> Layout {
    let program = context.program;
    let mut layout = Layout::physical_in(program, |table| source(program, table, name(dialect)));
    layout.schema = schema(context, dialect);
    layout
}

fn emit_dialect(
    context: &Context<'_>,
    index: &Index<'_>,
    dialect: Dialect,
) -> (Artifact, Vec<Refused>) {
    let layout = layout(context, dialect);
    let rules = RuleIndex::new(context.program);
    let speaker = Speaker {
        index,
        rules: &rules,
        layout: &layout,
        dialect,
        inline_today: context.frozen.map_or(Today::Engine, Today::Fixed),
    };
    let spots = index.spots();
    let mut content = String::from("[");
    let mut assumes = BTreeSet::new();
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

/// Where a table stands for an engine: its first source of that kind, else its first.
fn source(program: &Program, table: TableId, kind: &str) -> Option<SourceId> {
    let sources = &program.table(table).sources;
    let of_kind = |s: &&SourceId| {
        program
            .sources
            .get(s.index())
            .is_some_and(|s| s.kind == kind)
    };
    sources
        .iter()
        .find(of_kind)
        .or_else(|| sources.first())
        .copied()
}
