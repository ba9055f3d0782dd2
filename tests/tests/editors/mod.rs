//! What editors show and do, in the engines and editors themselves.

mod samples;
mod textmate;
mod tree_sitter;
