//! Tests of the public interface: renderers, pages, words of syntax errors.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

#[path = "all/pages.rs"]
mod pages;
#[path = "all/render.rs"]
mod render;
#[path = "all/syntax.rs"]
mod syntax;
