//! Text to lossless tokens, items and syntax trees, and back: the Ambit grammar and its formatter.
//!
//! The stages (each pure: no file, clock or network): [`lex`] (text → tokens) → [`split`] (tokens → raw items) →
//! [`parse_item`] (raw item → tree with holes). [`format`] goes back.

pub mod ast;

use smol_str::SmolStr;
use std::sync::Arc;

pub use ast::Span;
