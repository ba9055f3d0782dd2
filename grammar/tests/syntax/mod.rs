//! Lexer, splitter, parser and recovery.

mod broken;
mod deletion;
mod fuzz;
mod robust;
mod valid;
