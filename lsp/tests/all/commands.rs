//! The server's own commands, over memory: what docs/editor/protocol.md says.

#[path = "commands/project.rs"]
mod project;

#[path = "commands/acting.rs"]
mod acting;
#[path = "commands/artifacts.rs"]
mod artifacts;
#[path = "commands/asked.rs"]
mod asked;
#[path = "commands/decided.rs"]
mod decided;
#[path = "commands/examples.rs"]
mod examples;
#[path = "commands/sample.rs"]
mod sample;
#[path = "commands/told.rs"]
mod told;
