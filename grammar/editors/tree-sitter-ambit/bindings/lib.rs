//! The Ambit grammar for editors that read tree-sitter, and its queries.

use tree_sitter_language::LanguageFn;

unsafe extern "C" {
    fn tree_sitter_ambit() -> *const ();
}

/// The language, for `tree_sitter::Parser::set_language`.
// SAFETY: the function is the one that `tree-sitter generate` wrote for this grammar.
pub const LANGUAGE: LanguageFn = unsafe { LanguageFn::from_raw(tree_sitter_ambit) };

/// What is coloured, and as what.
pub const HIGHLIGHTS: &str = include_str!("../queries/highlights.scm");
/// What can be folded.
pub const FOLDS: &str = include_str!("../queries/folds.scm");
/// What moves lines in and out.
pub const INDENTS: &str = include_str!("../queries/indents.scm");
/// Where names are known.
pub const LOCALS: &str = include_str!("../queries/locals.scm");
