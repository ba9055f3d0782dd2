//! What editors show and do, in the engines and editors themselves.

mod clients;
mod process;
mod samples;
mod textmate;
mod tree_sitter;
mod vscode;
