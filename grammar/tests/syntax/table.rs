//! The table of keywords and what follows it.

use std::fmt::Write;

use ambit_grammar::{TokenKind, lex, parse_item, split};

/// The reserved words of the language's page.
const RESERVED: &str = "user as in on to from by where and or not is null true false nothing everything today match \
    contains starts ends with between before after all any last next this exists visible grant deny restrict applies when \
    sees can cannot given except stored for everyone exclusive assert anyone";

#[test]
fn reserved_words_are_those_of_the_page() {
    let mut page: Vec<&str> = RESERVED.split_whitespace().collect();
    let mut table: Vec<&str> = TokenKind::KEYWORDS
        .iter()
        .filter(|kind| kind.is_reserved())
        .map(|kind| kind.text())
        .collect();
    page.sort_unstable();
    table.sort_unstable();
    assert_eq!(page, table);
}

#[test]
fn every_word_and_sign_is_its_own_token() {
    for kind in TokenKind::KEYWORDS.iter().chain(TokenKind::SYMBOLS) {
        let tokens = lex(kind.text());
        assert_eq!(
            tokens.iter().map(|token| token.kind).collect::<Vec<_>>(),
            [*kind]
        );
        assert_eq!(TokenKind::from_text(kind.text()), Some(*kind));
    }
}

/// Soft keywords are names wherever a name stands (a type named `set` or `scope` would read as the beginning of one).
#[test]
fn soft_keywords_are_names() {
    for kind in TokenKind::KEYWORDS.iter().filter(|kind| kind.is_soft()) {
        let word = kind.text();
        let mut text = format!(
            "source {word} as {word}.{word} in {word} : {word}\n\
             table {word} in {word} open {{ key {word} : int {word} : int? -> {word}.{word} {word} as {word} : int }}\n\
             hierarchy {word} on {word} {{ {word} > {word} 1 > 2 }}\n\
             kind {word} {{ {word} implies {word}, {word} }}\n\
             object {word} in {word} : {word} uses {word}, {word}\n\
             filter {word} on {word} where {word} = {word}.{word} and user.{word} = {word} or2\n\
             role {word}({word} : int) inherits {word}({word}) bypasses {word} {{\n\
                 grant {word}, {word} on {word}, everything in {word} where {word} and exists {word} by {word}\n\
                 restrict {word} by {word} to scope match all {{ {word}: any }} applies when querying {word}\n\
                 deny {word} on {word} applies unless querying only any of [{word}, {word}]\n\
             }}\n\
             user {word} : {word} {{ {word} = 1 {word} = [] }}\n\
             everyone except {word} {{ }}\n\
             for {word} {{ }}\n\
             exclusive {word}, {word}\n\
             test \"x\" {{ given {word} {{ {word}, {word} 1, 2 }} {word} sees {word} [] {word} can {word} {word} when querying {word} }}\n\
             assert {word} can never {word} {word} where {word}\n\
             assert {word} and {word} are equal on {word}\n"
        );
        text = text.replace(" or2", "");
        if !matches!(word, "set" | "scope") {
            let _ = write!(
                text,
                "attribute {word} : set of {word}\nattribute {word} : {word}\n"
            );
        }
        let items = split(&text);
        let lines = text.lines().filter(|line| {
            !line.starts_with([' ', '}'])
                && !line.starts_with("grant")
                && !line.starts_with("restrict")
                && !line.starts_with("deny")
        });
        assert_eq!(
            items.len(),
            lines.count(),
            "{word}: {:#?}",
            items.iter().map(|item| &item.text).collect::<Vec<_>>()
        );
        for raw in &items {
            assert_eq!(parse_item(raw).errors, [], "{word}: {}", raw.text);
        }
    }
}

/// The grammar names every keyword and sign of the table, and every soft keyword as a word.
#[test]
fn the_grammar_follows_the_table() {
    let grammar = include_str!("../../src/grammar.lalrpop");
    let (terminals, rest) = grammar.split_once("\n    }\n}").unwrap();
    for kind in TokenKind::KEYWORDS.iter().chain(TokenKind::SYMBOLS) {
        let line = format!("\"{}\" => Symbol::Token(TokenKind::{kind:?}),", kind.text());
        assert!(terminals.contains(&line), "{line}");
    }
    let (_, words) = rest.split_once("\nWord: () = {").unwrap();
    let (words, types) = words.split_once("\nTypeWord: () = {").unwrap();
    for kind in TokenKind::KEYWORDS {
        let line = format!("    \"{}\" => (),\n", kind.text());
        assert_eq!(words.contains(&line), kind.is_soft(), "{line}");
        let begins_type = matches!(kind, TokenKind::Set | TokenKind::Scope);
        assert_eq!(
            types.contains(&line),
            kind.is_soft() && !begins_type,
            "{line}"
        );
    }
}
