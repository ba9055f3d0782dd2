//! Lexer, splitter, parser and recovery.

mod broken;
mod deletion;
mod fuzz;
mod robust;
mod table;
mod valid;
