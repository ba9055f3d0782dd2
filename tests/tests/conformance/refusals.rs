//! What SQL may refuse of what the generator writes: the whole list. Anything else fails the run.

use std::collections::BTreeMap;

use ambit_targets::sql::Dialect;

/// Dialect, code, construct with `…` for names; and why no faithful form is known.
const PINNED: &[(Dialect, &str, &str, &str)] = &[
    (
        Dialect::Sqlite,
        "E0501",
        "a rule with `applies`",
        "the predicate does not see which other tables the query names",
    ),
    (
        Dialect::Postgres,
        "E0501",
        "a rule with `applies`",
        "the predicate does not see which other tables the query names",
    ),
    (
        Dialect::Sqlite,
        "E0503",
        "the day of a timestamp, compared with what is not known yet,",
        "SQLite knows no zones: only days that are known beforehand become instants",
    ),
    (
        Dialect::Sqlite,
        "E0504",
        "`user.login` in `…`",
        "the sources know the user by different names, and one parameter holds one name",
    ),
    (
        Dialect::Postgres,
        "E0504",
        "`user.login` in `…`",
        "the sources know the user by different names, and one parameter holds one name",
    ),
    (
        Dialect::Postgres,
        "E0505",
        "a text with a NUL character",
        "PostgreSQL has no such text",
    ),
    (
        Dialect::Postgres,
        "E0505",
        "an instant finer than a microsecond",
        "a timestamptz would round it",
    ),
    (
        Dialect::Sqlite,
        "E0506",
        "`today`",
        "inline: SQLite has no day that stays for a whole SELECT",
    ),
    (
        Dialect::Sqlite,
        "E0508",
        "a condition of this size",
        "the parser of the oldest version has a stack of 100 entries, and scopes read as text within several `exists` need more",
    ),
    (
        Dialect::Sqlite,
        "E0516",
        "a condition on rows of `…` in a predicate of `…` in `…`",
        "no predicate reads a table of another source",
    ),
    (
        Dialect::Postgres,
        "E0516",
        "a condition on rows of `…` in a predicate of `…` in `…`",
        "no predicate reads a table of another source",
    ),
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

/// What stands between backticks and is a word of the language.
const WORDS: &[&str] = &["applies", "today", "user.login"];

/// A construct with `…` for the names in it.
pub fn general(construct: &str) -> String {
    construct
        .split('`')
        .enumerate()
        .map(|(i, part)| match i % 2 {
            1 if WORDS.contains(&part) => format!("`{part}`"),
            1 => "`…`".to_owned(),
            _ => part.to_owned(),
        })
        .collect()
}
