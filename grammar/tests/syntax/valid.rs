//! Valid texts parse without a word.

use ambit_grammar::{parse_item, split};

#[test]
fn every_construct() {
    let text = include_str!("../samples/policy.ambit");
    let items = split(text);
    for raw in &items {
        let parsed = parse_item(raw);
        assert!(
            parsed.errors.is_empty() && !parsed.item.damaged,
            "{}\n{parsed:#?}",
            raw.text
        );
        assert!(
            !matches!(parsed.item.kind, ambit_grammar::ast::ItemKind::Error),
            "{}",
            raw.text
        );
    }
    let lines = text
        .lines()
        .filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()))
        .count();
    assert_eq!(items.len(), lines);
}

#[test]
fn trees() {
    let text = include_str!("../samples/policy.ambit");
    let trees: String = split(text)
        .iter()
        .map(|raw| ambit_grammar::dump(&parse_item(raw).item))
        .collect();
    insta::assert_snapshot!(trees);
}

/// The grammar is blind to line ends: the same items come of one line, of one word a line, and of any margin.
#[test]
fn layout_does_not_matter() {
    let text = include_str!("../samples/policy.ambit");
    let trees = |text: &str| -> Vec<String> {
        split(text)
            .iter()
            .map(|raw| ambit_grammar::dump(&parse_item(raw).item))
            .collect()
    };
    let words: Vec<String> = ambit_grammar::lex(text)
        .into_iter()
        .filter(|token| !token.kind.is_trivia())
        .map(|token| text[token.start as usize..token.end as usize].to_owned())
        .collect();
    let plain = trees(&words.join(" "));
    assert!(plain.len() > 40);
    assert_eq!(trees(&words.join("\n")), plain);
    let stairs: Vec<String> = words
        .iter()
        .enumerate()
        .map(|(at, word)| format!("{}{word}", " ".repeat(at % 7)))
        .collect();
    assert_eq!(trees(&stairs.join("\n")), plain);
    let without_docs = |dump: String| {
        dump.lines()
            .filter(|line| !line.trim_start().starts_with(";;"))
            .collect::<String>()
    };
    let plain: Vec<String> = plain.into_iter().map(without_docs).collect();
    assert_eq!(
        trees(text)
            .into_iter()
            .map(without_docs)
            .collect::<Vec<_>>(),
        plain
    );
}

#[test]
fn docs_hang_on_what_stands_below_them() {
    let text = "/// one\n///two\n// plain\n\nrole a { /// behind a brace\n  /// three\n  grant read on t /// behind a rule\n\n  /// four\n}\n";
    let items = split(text);
    let parsed = parse_item(&items[0]);
    assert_eq!(parsed.errors, []);
    assert_eq!(parsed.item.docs, ["one", "two"]);
    assert_eq!(
        ambit_grammar::dump(&parsed.item),
        ";; one\n;; two\n(role a\n  ;; three\n  (grant read (on t)))\n"
    );
    assert_eq!(
        &text[parsed.item.span.range()],
        text[text.find("role").unwrap()..].trim_end()
    );
}
