//! Tests of the features on marked texts, and of the server over memory.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

#[path = "all/client.rs"]
mod client;
#[path = "all/support.rs"]
mod support;

#[path = "../../tests/tests/budget.rs"]
#[allow(dead_code)]
mod budget;

#[path = "all/answers.rs"]
mod answers;
#[path = "all/behaviour.rs"]
mod behaviour;
#[path = "all/colours.rs"]
mod colours;
#[path = "all/commands.rs"]
mod commands;
#[path = "all/completion.rs"]
mod completion;
#[path = "all/edits/mod.rs"]
mod edits;
#[path = "all/everywhere.rs"]
mod everywhere;
#[path = "all/fixes.rs"]
mod fixes;
#[path = "all/guard.rs"]
mod guard;
#[path = "all/hints.rs"]
mod hints;
#[path = "all/hover.rs"]
mod hover;
#[path = "all/leads.rs"]
mod leads;
#[path = "all/names.rs"]
mod names;
#[path = "all/outline.rs"]
mod outline;
#[path = "all/protocol.rs"]
mod protocol;
#[path = "all/refactor.rs"]
mod refactor;
#[path = "all/requests.rs"]
mod requests;
#[path = "all/settings.rs"]
mod settings;
#[path = "all/snippets.rs"]
mod snippets;
#[path = "all/typing.rs"]
mod typing;
#[path = "all/vfs.rs"]
mod vfs;
