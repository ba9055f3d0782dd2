//! Text to lossless tokens, items and syntax trees, and back: the Ambit grammar and its formatter.
//!
//! The stages (each pure: no file, clock or network): [`lex`] (text → tokens) → [`split`] (tokens → raw items) →
//! [`parse_item`] (raw item → tree with holes). [`format()`] goes back.

pub mod ast;
mod builder;
mod dump;
mod error;
mod format;
mod head;
mod items;
mod lexer;
mod one_line;
mod parser;
mod recover;
mod spelling;
mod text;
mod token;

pub use ast::Span;
pub use dump::{dump, dump_error};
pub use error::{Edit, Expected, Reading, SyntaxError, SyntaxErrorKind};
pub use format::{Formatted, SkipReason, format, format_range};
pub use items::{RawItem, split};
pub use lexer::lex;
pub use one_line::one_line;
pub use parser::{Parsed, parse_item};
pub use token::{Category, Token, TokenKind};
