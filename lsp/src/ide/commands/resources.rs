//! `ambit.resources`: what can be asked about.

use ambit_compiler::{Sort, item_syntax, name_index};
use ambit_core::ROW_ACTIONS;
use ambit_grammar::ast::ItemKind;
use serde_json::{Value as Json, json};
use smol_str::SmolStr;

use super::{Answer, Args, Ask};
use crate::ide::symbol::{self, Symbol};

/// Tables and objects by name.
#[allow(clippy::unnecessary_wraps)] // as all commands are
pub fn resources(ask: &Ask<'_>, _: Args<'_>) -> Answer {
    let index = name_index(ask.db, ask.project);
    let mut all: Vec<(SmolStr, &str, Vec<SmolStr>)> = Vec::new();
    for (name, sort, item) in index.declarations() {
        match (sort, &item_syntax(ask.db, item).item.kind) {
            (Sort::Table, _) => {
                let actions = ROW_ACTIONS.iter().map(|a| SmolStr::new_static(a));
                all.push((name.into(), "table", actions.collect()));
            }
            (Sort::Object, ItemKind::Object(object)) => {
                let kind = object.kind.as_ref();
                let actions = kind.map(|kind| actions_of(ask, &kind.text));
                all.push((name.into(), "object", actions.unwrap_or_default()));
            }
            _ => {}
        }
    }
    all.sort();
    all.dedup_by(|a, b| a.0 == b.0);
    let all = all.into_iter().map(|(name, kind, actions)| {
        let place = Symbol::Item(name.clone()).declaration(ask.db, ask.project);
        let actions: Vec<&str> = actions.iter().map(SmolStr::as_str).collect();
        let entry = json!({ "name": name.as_str(), "kind": kind, "actions": actions });
        ask.placed(entry, place)
    });
    Ok(Json::Array(all.collect()))
}

fn actions_of(ask: &Ask<'_>, kind: &str) -> Vec<SmolStr> {
    let item = symbol::named(ask.db, ask.project, kind, Sort::Kind);
    let kind = item.and_then(|item| ambit_compiler::kind_decl(ask.db, item));
    kind.map(|kind| kind.actions.clone()).unwrap_or_default()
}
