//! Keywords as entries of the list, with a line on each that is not plain from its place.

use super::{Entry, Kind};

/// The keywords that begin an item.
pub(super) const ITEMS: &[&str] = &[
    "source",
    "enum",
    "table",
    "hierarchy",
    "kind",
    "object",
    "attribute",
    "filter",
    "role",
    "group",
    "user",
    "everyone",
    "for",
    "exclusive",
    "test",
    "assert",
];
/// The keywords that begin a rule.
pub(super) const RULES: &[&str] = &["grant", "deny", "restrict"];
/// What begins a condition, besides a name.
pub(super) const CONDITION: &[&str] = &["not", "exists", "user", "today", "nothing", "everything"];
/// What comes behind a value in a condition.
pub(super) const TESTS: &[&str] = &[
    "is", "in", "not", "between", "before", "after", "starts", "ends", "contains", "match",
];
/// What comes behind a condition.
pub(super) const JOINS: &[&str] = &["and", "or"];
/// Units of windows.
pub(super) const UNITS: &[&str] = &[
    "day", "days", "week", "weeks", "month", "months", "quarter", "quarters", "year", "years",
];

/// A keyword as an entry.
pub(super) fn entry(word: &str) -> Entry {
    Entry {
        label: word.to_owned(),
        kind: Kind::Keyword,
        detail: String::new(),
        docs: docs(word).to_owned(),
        text: word.to_owned(),
    }
}

fn docs(word: &str) -> &'static str {
    match word {
        "source" => "where data lives: `source warehouse : postgres`",
        "enum" => "a closed set of texts: `enum Country { \"USA\" }`",
        "table" => "a table and its columns",
        "hierarchy" => "levels over columns of a table, coarse to fine",
        "kind" => "a kind of objects, with its actions",
        "object" => "a thing that is granted whole",
        "attribute" => "a fact about the user: `attribute region : string`",
        "filter" => "a named condition: `filter own on sales where …`",
        "role" => "rules by name; may take parameters",
        "group" => "a group of the identity provider; means the same as a role",
        "user" => "a declared user, or, in a condition, a fact about the user: `user.region`",
        "everyone" => "rules for every user, perhaps `except` some",
        "for" => "rules added to principals that are declared elsewhere",
        "exclusive" => "principals of which no user has two",
        "test" => "rows, users, and what they must see",
        "assert" => "a claim that is proved for every row, user, query and day",
        "grant" => "gives: `grant read on sales where …`",
        "deny" => "takes away, also where its condition is unknown",
        "restrict" => "keeps only: `restrict sales to …`",
        "applies" => "only for some queries: `applies when querying [a, b]`",
        "open" => "rows can be read unless a rule takes them away",
        "key" => "part of the table's key",
        "exists" => "some linked row: `exists orders where (…)`",
        "visible" => "rows that the same user may read",
        "today" => "the day on which the query starts, in the project's time zone",
        "everything" => "true; or all of a source: `everything in mkt`",
        "nothing" => "false",
        "bypasses" => "sources that never filter whoever has it",
        "last" => "whole periods before this one: `last 3 months`",
        "next" => "whole periods after this one: `next 3 months`",
        "this" => "the period of today: `this month`",
        _ => "",
    }
}
