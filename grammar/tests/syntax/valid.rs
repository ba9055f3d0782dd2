//! Valid texts parse without a word.

use ambit_grammar::{parse_item, split};

#[test]
fn every_construct() {
    let text = include_str!("../samples/policy.ambit");
    let items = split(text);
    for raw in &items {
        let parsed = parse_item(raw);
        assert!(parsed.errors.is_empty() && !parsed.item.damaged, "{}\n{parsed:#?}", raw.text);
        assert!(!matches!(parsed.item.kind, ambit_grammar::ast::ItemKind::Error), "{}", raw.text);
    }
    let lines = text.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase())).count();
    assert_eq!(items.len(), lines);
}
