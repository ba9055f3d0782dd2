//! Lenses: from what they do to the client's commands, or to the server's own.

use ambit_compiler::SourceFile;
use serde_json::{Value as Json, json};
use tower_lsp::ls_types::{CodeLens, Command, Range, Uri};

use super::Snapshot;
use crate::ide::lens::{Does, For, lenses as made};

/// For whom lenses and hints are made.
pub fn wanted(s: &Snapshot) -> For {
    For {
        acting: s.acting(),
        views: s.shared.views,
    }
}

/// Lines above declarations.
pub fn lenses(s: &Snapshot, file: SourceFile) -> Vec<CodeLens> {
    let Some(uri) = s.uri(file) else {
        return Vec::new();
    };
    made(&s.db, s.project, file, &wanted(s))
        .into_iter()
        .map(|lens| {
            let range = s.range(file, lens.span);
            let does = command(s, &uri, range, lens.does);
            let (command, arguments) = match does {
                Some((command, argument)) => (command.to_owned(), Some(vec![argument])),
                // It tells, and does nothing.
                None => (String::new(), None),
            };
            CodeLens {
                range,
                command: Some(Command {
                    title: lens.title,
                    command,
                    arguments,
                }),
                data: None,
            }
        })
        .collect()
}

/// The command and its argument; none where there is none that this client could run.
fn command(s: &Snapshot, uri: &Uri, range: Range, does: Does) -> Option<(&'static str, Json)> {
    let views = s.shared.views;
    Some(match does {
        Does::Users(places) if views => {
            let locations: Vec<_> = places.into_iter().filter_map(|p| s.location(p)).collect();
            let argument = json!({ "uri": uri, "range": range, "locations": locations });
            ("ambit.view.users", argument)
        }
        Does::RunTest(name) => {
            let argument = json!({ "uri": uri, "name": name.as_str() });
            let own = if views {
                "ambit.view.runTest"
            } else {
                "ambit.runTest"
            };
            (own, argument)
        }
        Does::Sql(who, resource) if views => {
            let mut argument = json!({ "uri": uri, "as": who.as_str() });
            if let Some(resource) = resource {
                argument["resource"] = json!(resource.as_str());
            }
            ("ambit.view.sql", argument)
        }
        Does::WhoSees(resource) if views => {
            let mut argument = json!({ "uri": uri, "resource": resource.as_str() });
            if let Some(who) = s.acting() {
                argument["as"] = json!(who.as_str());
            }
            ("ambit.view.whoSees", argument)
        }
        _ => return None,
    })
}
