//! What the names in a predicate of `PostgreSQL` are, and stand-ins for all of them (`shadows.sql`).
//!
//! A predicate may name types, functions, operators and collations with the schema `pg_catalog` only. Which it names is
//! read from its text, so a name that comes to the emitter tomorrow needs its stand-in tomorrow.

use std::collections::BTreeSet;
use std::sync::Mutex;

use ambit_targets::sql::Dialect;
use postgres::Client;

use super::tokens::{Kind as Token, tokens};

/// Makes the schema `evil`.
pub const SHADOWS: &str = include_str!("shadows.sql");

/// What a name is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Collation,
    Function,
    Operator,
    Type,
}

/// What is named.
pub type Name = (Kind, String);

/// All that predicates named in this process.
pub static MET: Mutex<BTreeSet<Name>> = Mutex::new(BTreeSet::new());

/// Words that mean the same in every session: the grammar of `PostgreSQL` looks nothing up for them, or in `pg_catalog`.
const WORDS: &[&str] = &[
    "ALL", "AND", "ANY", "ARRAY", "AS", "AT", "CASE", "COALESCE", "COLLATE", "E", "ELSE", "END",
    "GREATEST", "LEAST", "EXISTS", "FALSE", "FROM", "INTERVAL", "IS", "NOT", "NULL", "OPERATOR",
    "OR", "SELECT", "THEN", "TIME", "TRUE", "WHEN", "WHERE", "ZONE",
];

/// The names in a predicate, or what in it depends on the session.
pub fn names(sql: &str) -> Result<BTreeSet<Name>, String> {
    let list = tokens(Dialect::Postgres, sql)?;
    let text = |i: Option<usize>| i.and_then(|i| list.get(i)).map_or("", |t| t.text.as_str());
    let kind = |i: usize| list.get(i).map(|t| t.kind);
    let mut found = BTreeSet::new();
    let mut i = 0;
    while i < list.len() {
        let token = &list[i];
        let before = text(i.checked_sub(1));
        match (token.kind, token.text.as_str()) {
            (Token::Word, "pg_catalog") => {
                if text(Some(i + 1)) != "." {
                    return Err("a schema of nothing".to_owned());
                }
                let name = text(Some(i + 2)).to_owned();
                let what = match kind(i + 2) {
                    Some(Token::Symbol) if before == "(" => {
                        if text(i.checked_sub(2)) != "OPERATOR" || text(Some(i + 3)) != ")" {
                            return Err(format!("the operator {name}"));
                        }
                        Kind::Operator
                    }
                    Some(Token::Name) if before == "COLLATE" => Kind::Collation,
                    Some(Token::Word) if text(Some(i + 3)) == "(" => Kind::Function,
                    Some(Token::Word) => Kind::Type,
                    _ => return Err(format!("`pg_catalog.{name}`")),
                };
                found.insert((what, name.trim_matches('"').to_owned()));
                i += 2;
            }
            (Token::Word, word) if !WORDS.contains(&word) => {
                return Err(format!("the bare name `{word}`"));
            }
            // What the words of SQL call.
            (Token::Word, "AT") => {
                found.insert((Kind::Function, "timezone".to_owned()));
            }
            (Token::Name, name) if before == "COLLATE" => {
                return Err(format!("the bare collation {name}"));
            }
            (Token::Name, name) if text(Some(i + 1)) == "(" && before != "AS" => {
                return Err(format!("the bare function {name}"));
            }
            (Token::Symbol, "(" | ")" | "[" | "]" | "," | "." | "::") => {}
            // The sign of a number, where none can be taken away from anything.
            (Token::Symbol, "-")
                if kind(i + 1) == Some(Token::Number)
                    && ["(", ",", "[", ")"].contains(&before)
                    && (before != ")" || is_operator(&list[..i])) => {}
            (Token::Symbol, sign) => return Err(format!("the bare operator {sign}")),
            _ => {}
        }
        i += 1;
    }
    Ok(found)
}

/// Do the tokens end in `OPERATOR(pg_catalog.…)`?
fn is_operator(list: &[super::tokens::Token]) -> bool {
    let words: Vec<&str> = list
        .iter()
        .rev()
        .skip(1)
        .take(5)
        .map(|t| t.text.as_str())
        .collect();
    matches!(words.as_slice(), [_, ".", "pg_catalog", "(", "OPERATOR"])
}

/// What has a stand-in.
pub fn shadowed(client: &mut Client) -> BTreeSet<Name> {
    let sql = "SELECT 'f', proname::text FROM pg_catalog.pg_proc WHERE pronamespace = 'evil'::regnamespace
        UNION SELECT 'o', oprname::text FROM pg_catalog.pg_operator WHERE oprnamespace = 'evil'::regnamespace
        UNION SELECT 't', typname::text FROM pg_catalog.pg_type WHERE typnamespace = 'evil'::regnamespace AND typtype = 'd'
        UNION SELECT 'c', collname::text FROM pg_catalog.pg_collation WHERE collnamespace = 'evil'::regnamespace";
    let rows = client.query(sql, &[]).unwrap();
    rows.iter()
        .map(|row| {
            let kind = match row.get(0) {
                "f" => Kind::Function,
                "o" => Kind::Operator,
                "t" => Kind::Type,
                _ => Kind::Collation,
            };
            (kind, row.get(1))
        })
        .collect()
}

/// Settings of a session that are not the usual ones, some at a time.
pub const SETTINGS: &[(&str, &[&str])] = &[
    // From version 18, names of zones can be names of the session's own zone.
    (
        "TimeZone",
        &[
            "Asia/Tokyo",
            "Z5",
            "UTC5",
            "GMT-3",
            "<+00>-14",
            "Pacific/Kiritimati",
            "America/St_Johns",
            "JULY7",
        ],
    ),
    ("timezone_abbreviations", &["Australia", "India"]),
    (
        "DateStyle",
        &[
            "SQL, DMY",
            "German",
            "Postgres, MDY",
            "ISO, YMD",
            "SQL, YMD",
        ],
    ),
    (
        "IntervalStyle",
        &["sql_standard", "postgres_verbose", "iso_8601"],
    ),
    ("standard_conforming_strings", &["off"]),
    ("escape_string_warning", &["off"]),
    ("backslash_quote", &["on", "off"]),
    ("transform_null_equals", &["on"]),
    ("array_nulls", &["off"]),
    ("quote_all_identifiers", &["on"]),
    ("xmloption", &["document"]),
    ("bytea_output", &["escape"]),
    ("extra_float_digits", &["-15"]),
    (
        "plan_cache_mode",
        &["force_generic_plan", "force_custom_plan"],
    ),
    ("constraint_exclusion", &["on", "off"]),
    ("from_collapse_limit", &["1"]),
    ("join_collapse_limit", &["1"]),
    ("geqo_threshold", &["2"]),
    ("work_mem", &["64kB"]),
    ("row_security", &["off"]),
    ("enable_seqscan", &["off"]),
    ("enable_hashjoin", &["off"]),
    ("enable_mergejoin", &["off"]),
    ("enable_nestloop", &["off"]),
    ("enable_hashagg", &["off"]),
    ("enable_material", &["off"]),
    ("enable_memoize", &["off"]),
    ("enable_sort", &["off"]),
    ("lc_monetary", &["C"]),
    ("default_text_search_config", &["pg_catalog.german"]),
];

#[test]
fn names_are_found_and_bare_ones_are_seen() {
    let good = "((\"t\".\"a\"::pg_catalog.text COLLATE pg_catalog.\"C\" OPERATOR(pg_catalog.=) 'x') AND (\"t\".\"n\" \
        OPERATOR(pg_catalog.<>) ALL (ARRAY[-1, 2])) AND pg_catalog.strpos(E'\\\\', 'b') OPERATOR(pg_catalog.>) -1 \
        AND ($1::pg_catalog.text[] IS NOT NULL))";
    let found = names(good).unwrap();
    let all: Vec<&str> = found.iter().map(|(_, name)| name.as_str()).collect();
    assert_eq!(all, ["C", "strpos", "<>", "=", ">", "text"]);
    for bad in [
        "(\"a\" = 1)",
        "(\"a\" OPERATOR(pg_catalog.=) 1 - 2)",
        "(\"a\" IN (1))",
        "(\"a\" BETWEEN 1 AND 2)",
        "length(\"a\")",
        "\"length\"(\"a\")",
        "\"a\"::text",
        "\"a\" COLLATE \"C\"",
        "DATE '2024-01-01'",
        "CAST(\"a\" AS pg_catalog.text)",
        "(\"a\" LIKE 'x')",
        "(\"a\" IS DISTINCT FROM 1)",
    ] {
        assert!(names(bad).is_err(), "{bad}");
    }
}
