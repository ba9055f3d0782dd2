//! Strings and doc comments: from what is written to what is meant.

use smol_str::{SmolStr, SmolStrBuilder};

use crate::ast::Span;
use crate::error::{Reading, SyntaxError, SyntaxErrorKind};

/// The characters that a string means. `raw` begins at `at` and is a string in double quotes, one in single quotes, one
/// without its closing quote, or a bare word: all but the first were reported already.
pub(crate) fn unquote(raw: &str, at: u32, errors: &mut Vec<SyntaxError>) -> SmolStr {
    let first = raw.chars().next().unwrap_or_default();
    let (inner, at) = match first {
        '"' | '\'' => {
            let inner = raw.get(1..).unwrap_or_default();
            // An escaped quote does not close: an odd number of backslashes stands before it.
            let closed = inner
                .strip_suffix(first)
                .filter(|inner| inner.bytes().rev().take_while(|&b| b == b'\\').count() % 2 == 0);
            (closed.unwrap_or(inner), at + 1)
        }
        // Typographic quotes.
        _ if !first.is_ascii() && !first.is_alphanumeric() => {
            let inner = raw.get(first.len_utf8()..).unwrap_or_default();
            let last = inner.chars().next_back().map_or(0, char::len_utf8);
            (inner.get(..inner.len() - last).unwrap_or_default(), at + first.len_utf8() as u32)
        }
        _ => (raw, at),
    };
    if inner.contains('\\') { unescape(inner, at, errors) } else { SmolStr::new(inner) }
}

fn unescape(inner: &str, at: u32, errors: &mut Vec<SyntaxError>) -> SmolStr {
    let mut value = SmolStrBuilder::new();
    let mut rest = inner;
    while let Some(slash) = rest.find('\\') {
        value.push_str(rest.get(..slash).unwrap_or_default());
        rest = rest.get(slash..).unwrap_or_default();
        let (meant, length) = escape(rest);
        if let Some(meant) = meant {
            value.push(meant);
        } else {
            let start = at + (inner.len() - rest.len()) as u32;
            let found = SmolStr::new(rest.get(1..length).unwrap_or_default());
            value.push_str(&found);
            errors.push(SyntaxError {
                kind: SyntaxErrorKind::BadEscape { found },
                span: Span::new(start, start + length as u32),
                context: Reading::String,
                fix: Vec::new(),
            });
        }
        rest = rest.get(length..).unwrap_or_default();
    }
    value.push_str(rest);
    value.finish()
}

/// The escape that `rest` begins with: the character meant, and how many bytes it takes.
fn escape(rest: &str) -> (Option<char>, usize) {
    let mut chars = rest.chars();
    chars.next();
    match chars.next() {
        None => (None, 1),
        Some('n') => (Some('\n'), 2),
        Some('t') => (Some('\t'), 2),
        Some(same @ ('"' | '\\')) => (Some(same), 2),
        Some('u') => {
            let hex = rest.get(2..).and_then(|tail| tail.strip_prefix('{'));
            let digits = hex.and_then(|tail| tail.split_once('}')).map(|(digits, _)| digits);
            match digits {
                // `from_str_radix` alone would take a sign, too.
                Some(digits) if (1..=6).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_hexdigit()) => {
                    let code = u32::from_str_radix(digits, 16).ok().and_then(char::from_u32);
                    (code, digits.len() + 4)
                }
                _ => (None, 2),
            }
        }
        Some(other) => (None, 1 + other.len_utf8()),
    }
}

/// A line of a doc comment without its slashes and one blank.
pub(crate) fn doc(raw: &str) -> SmolStr {
    let line = raw.strip_prefix("///").unwrap_or(raw);
    SmolStr::new(line.strip_prefix(' ').unwrap_or(line).trim_end())
}
