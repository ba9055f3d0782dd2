//! The policy as data: `json/policy.json`, for enforcers and tools that know nothing of Ambit's language.
//!
//! One self-contained document (docs/targets/json.md, docs/schemas/policy.schema.json): settings, schema, principals
//! and rules. A record of a rule is a rule of Core, shared by all its actions, so the document grows with the policy
//! and not with users, actions or resources. Each node of a condition says on which line it is written.

mod cond;
mod people;
pub(crate) mod print;
mod rules;
mod schema;
mod value;

use ambit_core::Program;
use jiff::civil::Weekday;
use serde_json::json;

use crate::target::{Artifact, Context, Emitted, Evidence, Target, TargetOption};

/// The version of the format. It changes when a reader of the old one would misread the new one.
pub const VERSION: u32 = 1;

/// How many levels of a section stand over lines: a changed rule, principal or column is a changed line.
const SPREAD: &[(&str, usize)] = &[
    ("docs", 1),
    ("exclusive", 1),
    ("principals", 1),
    ("project", 1),
    ("schema", 4),
];

/// The target `json`.
#[derive(Debug, Clone, Copy)]
pub struct Json;

/// The document of a program but for its rules, which are most of it.
fn document(program: &Program) -> serde_json::Value {
    json!({
        "ambit": 1,
        "artifact": "policy",
        "version": VERSION,
        "project": project(program),
        "schema": schema::schema(program),
        "docs": schema::docs(program),
        "principals": people::principals(program),
        "exclusive": people::exclusive(program),
        "rules": [],
    })
}

fn project(program: &Program) -> serde_json::Value {
    let settings = &program.settings;
    json!({
        "name": settings.name.as_str(),
        "timezone": settings.zone.as_str(),
        "week_start": if settings.week_start == Weekday::Sunday { "sunday" } else { "monday" },
        "users": if settings.users_listed { "listed" } else { "open" },
    })
}

impl Target for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn options(&self) -> &'static [TargetOption] {
        &[]
    }

    fn emit(&self, context: &Context<'_>) -> Emitted {
        let artifact = Artifact {
            path: "json/policy.json".to_owned(),
            content: print::text_with(
                &document(context.program),
                SPREAD,
                "rules",
                &mut rules::rules(context.program),
            ),
            evidence: Evidence::Engine,
            engine: None,
            valid_until: None,
            assumes: Vec::new(),
        };
        Emitted {
            artifacts: vec![artifact],
            ..Emitted::default()
        }
    }
}
