//! Problems: the registry of codes, their pages, and the renderers.

mod problem;

pub use problem::{
    Edit, FileSpan, Fix, ItemKey, Level, Place, Problem, Related, Resolved, ResolvedFix,
};
