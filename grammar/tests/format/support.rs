//! What every test of the formatter checks, told without the formatter's own code.

use ambit_grammar::{Formatted, SkipReason, TokenKind, format, lex, parse_item, split};

/// A program with every construct, in the canonical style.
pub const SAMPLE: &str = include_str!("sample.ambit");

/// Pseudo-random numbers (splitmix64): the same for the same seed, everywhere.
pub struct Random(u64);

impl Random {
    pub fn new(stream: u64) -> Self {
        let seed = std::env::var("AMBIT_SEED")
            .ok()
            .and_then(|s| s.parse::<u64>().ok())
            .unwrap_or(1);
        Self(Self(seed ^ (stream << 32)).next())
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }

    pub fn pick<'t>(&mut self, of: &[&'t str]) -> &'t str {
        of[self.below(of.len())]
    }
}

/// A budget of cases; `AMBIT_CASES` multiplies it.
pub fn cases(budget: usize) -> usize {
    let factor = std::env::var("AMBIT_CASES")
        .ok()
        .and_then(|s| s.parse::<usize>().ok())
        .unwrap_or(1);
    budget * factor.max(1)
}

/// All that is not white space.
pub fn ink(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace() && *c != '\u{FEFF}')
        .collect()
}

/// Words and comments in order; blanks at the end of a comment do not count.
pub fn tokens(text: &str) -> Vec<(TokenKind, &str)> {
    lex(text)
        .into_iter()
        .filter(|t| t.kind != TokenKind::Whitespace)
        .map(|t| {
            let raw = &text[t.start as usize..t.end as usize];
            let comment = matches!(t.kind, TokenKind::Comment | TokenKind::DocComment);
            (t.kind, if comment { raw.trim_end() } else { raw })
        })
        .collect()
}

/// The trees of a text without places. Items that cannot be read count as their text.
pub fn meaning(text: &str) -> Vec<String> {
    let item = |raw: &ambit_grammar::RawItem| {
        let parsed = parse_item(raw);
        if parsed.errors.is_empty() {
            without_places(&format!("{:?}", parsed.item))
        } else {
            // What stands above it may be formatted.
            let first = raw
                .tokens()
                .into_iter()
                .find(|t| t.kind != TokenKind::DocComment);
            raw.text[first.unwrap().start as usize..].to_owned()
        }
    };
    split(text).iter().map(item).collect()
}

/// A debug print without what it says of spans.
fn without_places(print: &str) -> String {
    let mut out = String::new();
    let mut rest = print;
    while let Some(at) = rest.find("Span { start: ") {
        let end = at + rest[at..].find('}').unwrap() + 1;
        out.push_str(&rest[..at]);
        rest = &rest[end..];
    }
    out + rest
}

/// Formats a text and checks what must hold for every text.
pub fn checked(text: &str) -> Formatted {
    let formatted = format(text);
    let new = &formatted.text;
    assert_eq!(
        tokens(text),
        tokens(new),
        "words or comments changed\n--- from\n{text}\n--- to\n{new}"
    );
    assert_eq!(ink(text), ink(new), "--- from\n{text:?}\n--- to\n{new:?}");
    assert_eq!(
        meaning(text),
        meaning(new),
        "the meaning changed\n--- from\n{text}\n--- to\n{new}"
    );
    let again = format(new);
    assert_eq!(
        again.text, *new,
        "not idempotent\n--- from\n{text}\n--- to\n{new}\n--- and then\n{}",
        again.text
    );
    assert!(again.edits.is_empty());
    // Where nothing is broken, nothing is refused. (Around broken text, lines decide where items end.)
    let broken = formatted
        .skipped
        .iter()
        .any(|(_, reason)| *reason == SkipReason::SyntaxError);
    assert!(broken || formatted.skipped.is_empty(), "refused\n{text}");
    let mut applied = text.to_owned();
    for (span, replacement) in formatted.edits.iter().rev() {
        applied.replace_range(span.range(), replacement);
    }
    assert_eq!(applied, *new, "the edits do not give the text");
    formatted
}
