//! One token less never reaches beyond its own item.

use std::cmp::Ordering;

use ambit_grammar::{Parsed, RawItem, lex, parse_item, split};

/// Deletes each token of a text in turn: whatever happens to its item, the items before and after it stay what they
/// were, to the byte. Returns how many texts were tried.
fn every_single(text: &str) -> usize {
    let before = split(text);
    let parsed: Vec<Parsed> = before.iter().map(parse_item).collect();
    for item in &parsed {
        assert!(item.errors.is_empty(), "{item:?}");
    }
    let same =
        |a: &RawItem, b: &RawItem| a.keyword == b.keyword && a.name == b.name && a.text == b.text;
    let mut tried = 0;
    for token in lex(text)
        .into_iter()
        .filter(|token| !token.kind.is_trivia())
    {
        let owner = before
            .iter()
            .rposition(|item| item.start <= token.start)
            .unwrap();
        // Without its keyword the body of `everyone` reads as that of a role just before it: line ends mean nothing.
        let body_moves = before[owner].keyword == "everyone"
            && token.start == before[owner].start
            && owner
                .checked_sub(1)
                .is_some_and(|at| !before[at].text.ends_with('}'));
        if body_moves {
            continue;
        }
        tried += 1;
        let mut without = text.to_owned();
        without.replace_range(token.start as usize..token.end as usize, "");
        let after = split(&without);
        let message = || {
            format!(
                "without token {token:?} of\n{}\n{:#?}",
                before[owner].text,
                after.iter().map(|i| i.text.clone()).collect::<Vec<_>>()
            )
        };
        assert!(after.len() + 1 >= before.len(), "{}", message());
        let tail = before.len() - owner - 1;
        for (at, item) in before.iter().enumerate() {
            let other = match at.cmp(&owner) {
                Ordering::Less => &after[at],
                Ordering::Equal => continue,
                Ordering::Greater => &after[after.len() - tail + (at - owner - 1)],
            };
            assert!(same(item, other), "{}", message());
        }
        // The items are the same to the byte, so their trees are: only what took the place of the damaged one is new.
        for raw in &after[owner..after.len() - tail] {
            for error in parse_item(raw).errors {
                assert!(error.span.end as usize <= raw.text.len(), "{}", message());
                assert!(raw.text.get(error.span.range()).is_some(), "{}", message());
            }
        }
    }
    tried
}

#[test]
fn of_the_sample() {
    let tried = every_single(include_str!("../samples/policy.ambit"));
    assert!(tried > 900, "{tried}");
}

#[test]
fn of_other_layouts() {
    every_single(
        "role a\nrole b {\n}\n\nenum E\n{\n    \"A\"\n}\nsource s : postgres\ntest \"x\" {\n}\nfor a {\n}\n",
    );
    every_single(
        "  role a\n  role b { deny read on t }\n  exclusive a, b\n  filter f on t where x\n  role c inherits a\n",
    );
}

/// The item that lost a token still says who it is, if its keyword and name are there.
#[test]
fn keeps_names() {
    use ambit_grammar::ast::ItemKind;
    let text = include_str!("../samples/policy.ambit");
    let mut several: Vec<String> = Vec::new();
    for raw in split(text) {
        let tokens = raw.tokens();
        for (at, token) in tokens.iter().enumerate() {
            let head = tokens
                .iter()
                .filter(|token| !token.kind.is_trivia())
                .take(2)
                .any(|first| first == token);
            if head || token.kind.is_trivia() {
                continue;
            }
            let mut without = raw.text.to_string();
            without.replace_range(token.start as usize..token.end as usize, " ");
            let items = split(&without);
            let parsed = parse_item(&items[0]);
            assert!(
                !matches!(parsed.item.kind, ItemKind::Error),
                "without {at} of {}: {parsed:?}",
                raw.text
            );
            assert_eq!(
                items[0].keyword, raw.keyword,
                "without {at} of {}",
                raw.text
            );
            // The name of a claim is just the first one in it.
            if raw.keyword != "assert" {
                assert_eq!(items[0].name, raw.name, "without {at} of {}", raw.text);
            }
            // One mistake, one report, unless a quote or bracket more or less makes several of one.
            let count: usize = items.iter().map(|item| parse_item(item).errors.len()).sum();
            if count > 1 {
                let errors = items.iter().flat_map(|item| parse_item(item).errors);
                let errors: Vec<String> = errors
                    .map(|error| ambit_grammar::dump_error(&error))
                    .collect();
                let line = without[..token.start as usize]
                    .rfind('\n')
                    .map_or(0, |at| at + 1);
                let line = without[line..].lines().next().unwrap_or_default();
                several.push(format!(
                    "without `{}`: {}\n  {}",
                    &raw.text[token.start as usize..token.end as usize],
                    line.trim(),
                    errors.join("\n  ")
                ));
            }
        }
    }
    insta::assert_snapshot!(several.join("\n"));
}
