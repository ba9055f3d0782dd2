//! Conditions for the interpreters of UCAST: `ucast/<principal>.json`, one file for each bare principal and one for a user
//! with none (docs/targets/ucast.md).
//!
//! A file says for each resource and action where it is allowed; what it does not name is not. Only what `@ucast/js` and
//! `@ucast/sql` decide alike is said; all else is refused.

mod access;
mod cond;
mod field;
mod lower;
mod name;
mod window;

use std::cell::Cell;
use std::collections::BTreeSet;

use ambit_core::{ObjectId, PrincipalId, PrincipalKind, Program, Resource, TableId};
use serde_json::{Map, Value as Json, json};
use smol_str::SmolStr;

use self::access::{Bound, Rules};
use self::cond::{Cond, Said, all};
use self::lower::Lower;
use crate::json::print;
use crate::target::{
    Artifact, Context, Emitted, Evidence, Refusal, Refused, Takes, Target, TargetOption,
};

/// What the conditions count on.
const ASSUMES: &[&str] = &[
    "A row carries every column under its Ambit name: null where there is no value, integers as numbers, dates as text like 2024-01-15, timestamps as text.",
    "A SQL engine compares text byte by byte, and its columns have types in which such values compare as they stand.",
    "Who holds several principals at once has no file: the conditions of two files must not be joined, and those of `everyone.json` do not count.",
    "A table that lives in several sources is judged in its first: of rows in another source nothing is said here.",
];

/// The target `ucast`.
#[derive(Debug, Clone, Copy)]
pub struct Ucast;

impl Target for Ucast {
    fn name(&self) -> &'static str {
        "ucast"
    }

    fn options(&self) -> &'static [TargetOption] {
        &[TargetOption {
            name: "today",
            takes: Takes::Word(&["frozen"]),
            about: "what stands for `today`: the day of the build; refused where nothing is said",
        }]
    }

    fn emit(&self, context: &Context<'_>) -> Emitted {
        let program = context.program;
        let rules = Rules::new(program);
        let mut taken = BTreeSet::new();
        let mut emitted = Emitted::default();
        let people = program.principals.iter().enumerate();
        let people = people
            .filter(|(_, p)| p.test.is_none())
            .map(|(n, _)| PrincipalId(n as u32));
        for who in std::iter::once(None).chain(people.map(Some)) {
            let mut person = Person {
                context,
                rules: &rules,
                who,
                dated: false,
                refused: &mut emitted.refused,
            };
            let content = person.document();
            let valid_until = context.frozen_until().filter(|_| person.dated);
            let file = name::file(person.name().unwrap_or("everyone"), &mut taken);
            emitted.artifacts.push(Artifact {
                path: format!("ucast/{file}.json"),
                content,
                evidence: Evidence::Engine,
                engine: None,
                valid_until,
                assumes: ASSUMES.iter().map(|text| (*text).to_owned()).collect(),
            });
        }
        emitted.artifacts.sort_by(|a, b| a.path.cmp(&b.path));
        emitted
    }
}

/// The file of one principal.
struct Person<'c, 'p> {
    context: &'c Context<'p>,
    rules: &'c Rules<'p>,
    who: Option<PrincipalId>,
    /// Does some condition of the file depend on the frozen day?
    dated: bool,
    refused: &'c mut Vec<Refused>,
}

impl<'p> Person<'_, 'p> {
    fn program(&self) -> &'p Program {
        self.context.program
    }

    fn name(&self) -> Option<&'p str> {
        self.who
            .map(|who| self.program().principal(who).name.as_str())
    }

    fn document(&mut self) -> String {
        let program = self.program();
        let tables = (0..program.tables.len()).map(|n| Resource::Table(TableId(n as u32)));
        let objects = (0..program.objects.len()).map(|n| Resource::Object(ObjectId(n as u32)));
        let (tables, objects) = (self.section(tables), self.section(objects));
        let kind = self
            .who
            .map_or("everyone", |who| match program.principal(who).kind {
                PrincipalKind::Group => "group",
                PrincipalKind::Role => "role",
                PrincipalKind::User => "user",
            });
        let until = self.context.frozen_until().filter(|_| self.dated);
        let document = json!({
            "ambit": 1,
            "artifact": "ucast",
            "version": 1,
            "principal": self.name(),
            "kind": kind,
            "valid_until": until.map(|instant| instant.to_string()),
            "tables": tables,
            "objects": objects,
        });
        print::text(&document, &[("tables", 2), ("objects", 2)])
    }

    fn section(&mut self, resources: impl Iterator<Item = Resource>) -> Json {
        let mut section = Map::new();
        for resource in resources {
            let actions = self.resource(resource);
            if !actions.is_empty() {
                let name = self.program().resource_name(resource).to_string();
                section.insert(name, Json::Object(actions));
            }
        }
        Json::Object(section)
    }

    /// The actions of a resource that are allowed somewhere, or refused.
    fn resource(&mut self, resource: Resource) -> Map<String, Json> {
        let program = self.program();
        let lower = Lower {
            program,
            who: self.who,
            source: match resource {
                Resource::Table(table) => program.source_of(table, None),
                Resource::Object(id) => program.objects.get(id.index()).and_then(|o| o.source),
            },
            table: match resource {
                Resource::Table(table) => Some(table),
                Resource::Object(_) => None,
            },
            frozen: self.context.frozen,
            dated: Cell::new(false),
        };
        let bound = self.rules.bound(&lower, resource);
        let mut actions = Map::new();
        for action in program.actions_of(resource) {
            lower.dated.set(false);
            let (old, new) = both(&lower, &bound, &action);
            let entry = match (old, new) {
                (Ok(Cond::Const(false)), _) | (_, Some(Ok(Cond::Const(false)))) => continue,
                (Err(refusal), _) | (_, Some(Err(refusal))) => {
                    let entry = json!({"refused": refused(program, &refusal)});
                    self.refuse(resource, &action, refusal);
                    entry
                }
                (Ok(old), None) => json!({"condition": old.json()}),
                (Ok(old), Some(Ok(new))) => json!({"condition": old.json(), "new": new.json()}),
            };
            self.dated |= lower.dated.get();
            actions.insert(action.to_string(), entry);
        }
        actions
    }

    fn refuse(&mut self, resource: Resource, action: &SmolStr, refusal: Refusal) {
        self.refused.push(Refused {
            by: "UCAST",
            principal: self.name().map(SmolStr::new),
            resource: Some(resource),
            action: Some(action.clone()),
            closed: true,
            refusal,
        });
    }
}

/// The condition on the row before the action (of an insert, the new row), and of an update that on the row after it.
/// Update and delete also need read of the old row.
fn both(lower: &Lower<'_>, bound: &Bound<'_>, action: &SmolStr) -> (Said, Option<Said>) {
    let own = bound.allowed(lower, action);
    match (lower.table, action.as_str()) {
        (Some(_), "update" | "delete") => {
            let new = (action == "update").then(|| own.clone());
            let old = all([own, bound.allowed(lower, "read")]);
            (old.and_then(Cond::bounded), new)
        }
        _ => (own, None),
    }
}

fn refused(program: &Program, refusal: &Refusal) -> Json {
    let rule = refusal.rule.and_then(|n| program.rules.get(n as usize));
    json!({
        "code": refusal.code,
        "construct": refusal.construct,
        "reason": refusal.reason,
        "file": rule.map(|r| r.origin.file.as_str()),
        "line": rule.map(|r| r.origin.line),
    })
}
