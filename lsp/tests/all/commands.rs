//! The server's own commands, over memory: what docs/editor/protocol.md says.

#[path = "commands/project.rs"]
mod project;

#[path = "commands/asked.rs"]
mod asked;
#[path = "commands/sample.rs"]
mod sample;
