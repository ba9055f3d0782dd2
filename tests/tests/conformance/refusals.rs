//! What SQL may refuse of what the generator writes: the whole list. Anything else fails the run.

use std::collections::BTreeMap;

use ambit_targets::sql::Dialect;

/// Dialect, code, construct with `…` for names; and why no faithful form is known.
const PINNED: &[(Dialect, &str, &str, &str)] = &[
    // (filled from the lowering)
];

/// Fails where something else was refused.
pub fn assert_pinned(refused: &BTreeMap<(Dialect, &'static str, String), u64>) {
    for (dialect, code, construct) in refused.keys() {
        assert!(
            PINNED
                .iter()
                .any(|(d, c, w, _)| d == dialect && c == code && w == construct),
            "{dialect:?} refused {construct} ({code}), which is not pinned"
        );
    }
}

/// A construct with `…` for what stands between backticks.
pub fn general(construct: &str) -> String {
    construct
        .split('`')
        .enumerate()
        .map(|(i, part)| if i % 2 == 1 { "`…`" } else { part })
        .collect()
}
