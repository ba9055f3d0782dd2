//! Texts in Ambit: all that the repository has.

use crate::support;
use crate::support::markdown::sections;

/// A text and where it stands.
pub struct Sample {
    pub place: String,
    pub text: String,
}

/// Every `.ambit` file of the repository, and every block of the specification, the reference, the README and the pages
/// of problems.
pub fn all() -> Vec<Sample> {
    let mut samples = Vec::new();
    for folder in ["examples", "grammar/tests", "lsp"] {
        for (name, text) in support::files(folder, ".ambit") {
            samples.push(Sample {
                place: format!("{folder}/{name}"),
                text,
            });
        }
    }
    let mut pages = vec![("README.md".to_owned(), support::read("README.md"))];
    for folder in ["tests/spec", "docs"] {
        let found = support::files(folder, ".md");
        pages.extend(found.into_iter().map(|(n, t)| (format!("{folder}/{n}"), t)));
    }
    for (page, text) in pages {
        for block in sections(&text).into_iter().flat_map(|s| s.blocks) {
            if block.info.split(' ').next() == Some("ambit") {
                samples.push(Sample {
                    place: format!("{page}:{}", block.line),
                    text: block.text,
                });
            }
        }
    }
    assert!(samples.len() > 400, "only {} samples", samples.len());
    samples
}

/// No part of it is a mistake of syntax.
pub fn is_sound(text: &str) -> bool {
    ambit_grammar::split(text)
        .iter()
        .all(|raw| ambit_grammar::parse_item(raw).errors.is_empty())
}
