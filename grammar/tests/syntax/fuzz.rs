//! Random texts: nothing panics, nothing is lost, every place is one in the text.
//! `AMBIT_CASES` multiplies the number of cases, `AMBIT_SEED` begins another sequence.

use ambit_grammar::{Parsed, RawItem, Token, TokenKind, dump, lex, parse_item, split};

/// A small generator of its own: the same cases on every machine.
pub struct Random(u64);

impl Random {
    pub fn new() -> Self {
        let seed = std::env::var("AMBIT_SEED")
            .ok()
            .and_then(|seed| seed.parse().ok())
            .unwrap_or(1_u64);
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap() % bound.max(1)
    }
}

pub fn cases(base: usize) -> usize {
    base * std::env::var("AMBIT_CASES")
        .ok()
        .and_then(|cases| cases.parse().ok())
        .unwrap_or(1_usize)
}

const PIECES: &[&str] = &[
    "role",
    "a",
    "table",
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    ",",
    ":",
    ".",
    "=",
    "\"s\"",
    "1",
    "2024-01-15",
    "grant",
    "read",
    "on",
    "where",
    "and",
    "or",
    "not",
    "in",
    "user",
    "given",
    "sees",
    "test",
    "\n",
    "\n    ",
    " ",
    "// c\n",
    "/// d\n",
    "enum",
    "everyone",
    "for",
    "as",
    "key",
    "scope",
    "set of",
    "->",
    "?",
    ">",
    "<",
    "deny",
    "restrict",
    "to",
    "by",
    "applies",
    "when querying",
    "exists",
    "null",
    "is",
    "inherits",
    "source",
    "\"open",
    "'x'",
    ";",
    "==",
    "§",
    "é",
    "1_0",
    "match all",
    "contains",
    "last 3 months",
    "assert",
    "can",
    "never",
    "anyone",
    "today",
    "hierarchy",
    "kind",
    "/*",
    "*/",
];

fn check(text: &str) {
    let tokens = lex(text);
    let mut at = 0;
    for token in &tokens {
        assert_eq!(token.start, at, "a gap in {text:?}");
        assert!(
            token.end > token.start && text.is_char_boundary(token.end as usize),
            "{token:?} of {text:?}"
        );
        at = token.end;
    }
    assert_eq!(at as usize, text.len(), "an end in {text:?}");

    let mut end = 0;
    let items: Vec<RawItem> = split(text);
    for raw in &items {
        assert!(raw.start as usize >= end, "{text:?}");
        end = raw.start as usize + raw.text.len();
        assert_eq!(&text[raw.start as usize..end], &*raw.text);
        let Parsed { item, errors } = parse_item(raw);
        let _ = dump(&item);
        for error in &errors {
            let message = || format!("{error:?} of {:?}", raw.text);
            assert!(error.span.start <= error.span.end, "{}", message());
            assert!(raw.text.get(error.span.range()).is_some(), "{}", message());
            let mut last = 0;
            for edit in &error.fix {
                assert!(
                    raw.text.get(edit.span.range()).is_some() && edit.span.start >= last,
                    "{}",
                    message()
                );
                last = edit.span.end;
            }
        }
        if raw.keyword.is_empty() {
            assert!(!errors.is_empty(), "silent junk {:?}", raw.text);
        }
        if matches!(item.kind, ambit_grammar::ast::ItemKind::Error) || item.damaged {
            assert!(!errors.is_empty(), "silent damage {:?}", raw.text);
        }
        // What stands outside of an item never changes it.
        let alone = split(&raw.text);
        if let [alone] = alone.as_slice()
            && alone.keyword == raw.keyword
        {
            assert_eq!(parse_item(alone).item, item, "{:?} of {text:?}", raw.text);
        }
    }
    // Every token that is no trivia is in an item, and reads there as it does in the whole.
    let moved =
        |raw: &RawItem, token: Token| (token.kind, token.start + raw.start, token.end + raw.start);
    let inside: Vec<(TokenKind, u32, u32)> = items
        .iter()
        .flat_map(|raw| raw.tokens().into_iter().map(move |token| moved(raw, token)))
        .filter(|(kind, ..)| !kind.is_trivia())
        .collect();
    let whole: Vec<(TokenKind, u32, u32)> = tokens
        .iter()
        .filter(|token| !token.kind.is_trivia())
        .map(|token| (token.kind, token.start, token.end))
        .collect();
    assert_eq!(inside, whole, "{text:?}");
}

#[test]
fn random_characters() {
    let mut random = Random::new();
    let characters: Vec<char> = "\"'\\/*#-<>=!&|;{}()[],.:?0123456789aTZ_ \t\r\n\0é§“”😀\u{a0}"
        .chars()
        .collect();
    for _ in 0..cases(4_000) {
        let length = random.below(40);
        let text: String = (0..length)
            .map(|_| characters[random.below(characters.len())])
            .collect();
        check(&text);
    }
}

#[test]
fn random_pieces() {
    let mut random = Random::new();
    for _ in 0..cases(4_000) {
        let length = random.below(40);
        let mut text = String::new();
        for _ in 0..length {
            text.push_str(PIECES[random.below(PIECES.len())]);
            if random.below(8) > 0 {
                text.push(' ');
            }
        }
        check(&text);
    }
}

#[test]
fn mutated_items() {
    let mut random = Random::new();
    let items: Vec<String> = split(include_str!("../samples/policy.ambit"))
        .iter()
        .map(|raw| raw.text.to_string())
        .collect();
    for _ in 0..cases(3_000) {
        let mut text = items[random.below(items.len())].clone();
        if random.below(2) == 0 {
            text.push('\n');
            text.push_str(&items[random.below(items.len())]);
        }
        for _ in 0..=random.below(3) {
            let tokens = lex(&text);
            if tokens.is_empty() {
                break;
            }
            let token = tokens[random.below(tokens.len())];
            let range = token.start as usize..token.end as usize;
            let piece = PIECES[random.below(PIECES.len())];
            match random.below(5) {
                0 => text.replace_range(range, ""),
                1 => text.replace_range(range, piece),
                2 => text.insert_str(range.start, &format!(" {piece} ")),
                3 => {
                    let other = tokens[random.below(tokens.len())];
                    let slice = text[other.start as usize..other.end as usize].to_owned();
                    text.replace_range(range, &slice);
                }
                _ => text.truncate(range.end),
            }
        }
        check(&text);
    }
}
