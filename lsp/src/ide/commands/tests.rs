//! `ambit.tests`: the tests of a project, as they are written.

use ambit_compiler::item_syntax;
use ambit_grammar::ast::ItemKind;
use serde_json::{Value as Json, json};

use super::{Answer, Args, Ask};
use crate::ide::{Place, all_items};

/// The tests in the order of files and places.
#[allow(clippy::unnecessary_wraps)] // as all commands are
pub fn tests(ask: &Ask<'_>, _: Args<'_>) -> Answer {
    let all = all_items(ask.db, ask.project).filter_map(|(file, item)| {
        let tree = &item_syntax(ask.db, item).item;
        let ItemKind::Test(test) = &tree.kind else {
            return None;
        };
        let span = tree.span.shift(item.start(ask.db));
        let entry = json!({ "name": test.name.value.as_str() });
        Some(ask.placed(entry, Some(Place { file, span })))
    });
    Ok(Json::Array(all.collect()))
}
