//! The pages of the codes (`docs/errors/<CODE>.md`), embedded.

const PAGES: &[(&str, &str)] = &include!(concat!(env!("OUT_DIR"), "/pages.rs"));

/// The page of a code.
pub(crate) fn page(code: &str) -> Option<&'static str> {
    all().find(|(name, _)| *name == code).map(|(_, text)| text)
}

/// Every page: its code (the file's name) and its text.
pub fn all() -> impl Iterator<Item = (&'static str, &'static str)> {
    PAGES.iter().copied()
}
