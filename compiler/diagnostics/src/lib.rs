//! Problems: the registry of codes, their pages, and the renderers.
//!
//! A [`Problem`] is data. Its code stands in the [`registry`], which also knows its page; [`render`] gives it one of
//! four forms, once its places are resolved to bytes of files ([`Resolved`]).

mod clean;
pub mod pages;
mod problem;
pub mod registry;
pub mod render;
mod sources;
mod spelling;
mod syntax;

pub use clean::{clean, clean_lines};
pub use problem::{
    Edit, FileSpan, Fix, ItemKey, Level, Place, Problem, Related, Resolved, ResolvedFix, Said,
};
pub use sources::{LineIndex, Position, SourceText, Sources};
pub use spelling::nearest;
pub use syntax::syntax_problem;
