//! `editors/ambit.tmLanguage.json` is `ambit.tmLanguage.in.json` with the words of the table in their places.
//!
//! `AMBIT_BLESS=1 cargo test -p ambit-grammar textmate` writes it anew. How it splits texts is tested with the real
//! engine in `tests/tests/editors/textmate.rs`.

use std::path::{Path, PathBuf};

use ambit_grammar::{Category, TokenKind};

const NOTE: &str = "Made of ambit.tmLanguage.in.json and the table in grammar/src/token.rs by a test: \
                    AMBIT_BLESS=1 cargo test -p ambit-grammar textmate";

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("editors")
        .join(name)
}

fn words(wanted: impl Fn(TokenKind) -> bool) -> String {
    let kinds = TokenKind::KEYWORDS.iter().copied();
    let words: Vec<_> = kinds.filter(|k| wanted(*k)).map(TokenKind::text).collect();
    words.join("|")
}

/// The items that are followed by a name.
fn declares(kind: TokenKind) -> bool {
    kind.is_item()
        && !matches!(
            kind,
            TokenKind::Everyone
                | TokenKind::For
                | TokenKind::Exclusive
                | TokenKind::Test
                | TokenKind::Assert
        )
}

fn expanded() -> String {
    let of = |category| words(|k| k.category() == Some(category));
    let places = [
        ("@note@", NOTE.to_owned()),
        ("@declaring@", words(declares)),
        ("@reserved@", words(TokenKind::is_reserved)),
        ("@soft@", words(TokenKind::is_soft)),
        ("@item@", of(Category::Item)),
        ("@clause@", of(Category::Clause)),
        ("@rule@", of(Category::Rule)),
        ("@operator@", of(Category::Operator)),
        ("@constant@", of(Category::Constant)),
        ("@test@", of(Category::Test)),
        ("@unit@", of(Category::Unit)),
    ];
    let mut text = std::fs::read_to_string(file("ambit.tmLanguage.in.json")).unwrap();
    for (place, value) in places {
        assert!(text.contains(place), "the template has no {place}");
        text = text.replace(place, &value);
    }
    let rest = text.split('@').nth(1);
    assert!(rest.is_none(), "an unknown place: {rest:?}");
    text
}

#[test]
fn the_textmate_grammar_follows_the_table() {
    let wanted = expanded();
    let path = file("ambit.tmLanguage.json");
    if std::env::var_os("AMBIT_BLESS").is_some() {
        std::fs::write(&path, &wanted).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == wanted,
        "{} is stale: AMBIT_BLESS=1 cargo test -p ambit-grammar textmate",
        path.display()
    );
}

/// Every keyword stands in exactly one of the lists of words, and no other word does.
#[test]
fn the_textmate_grammar_lists_every_keyword_once() {
    let text = std::fs::read_to_string(file("ambit.tmLanguage.json")).unwrap();
    let lists = text.lines().filter_map(|line| {
        let (_, rest) = line.split_once("\"match\": \"(?:")?;
        let (list, rest) = rest.split_once(')')?;
        // Not the two patterns of names: a soft keyword where a name stands.
        rest.starts_with("(?![A-Za-z0-9_])\"").then_some(list)
    });
    let mut listed: Vec<&str> = lists.flat_map(|list| list.split('|')).collect();
    let mut keywords: Vec<&str> = TokenKind::KEYWORDS.iter().map(|k| k.text()).collect();
    listed.sort_unstable();
    keywords.sort_unstable();
    assert_eq!(listed, keywords);
}
