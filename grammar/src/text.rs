//! Strings, numbers, dates and doc comments: from what is written to what is meant.

use smol_str::{SmolStr, SmolStrBuilder, format_smolstr};

use crate::ast::Span;
use crate::error::{Reading, SyntaxError, SyntaxErrorKind};
use crate::token::TokenKind;

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
            (
                inner.get(..inner.len() - last).unwrap_or_default(),
                at + first.len_utf8() as u32,
            )
        }
        _ => (raw, at),
    };
    if inner.contains('\\') {
        unescape(inner, at, errors)
    } else {
        SmolStr::new(inner)
    }
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
            let digits = hex
                .and_then(|tail| tail.split_once('}'))
                .map(|(digits, _)| digits);
            match digits {
                // `from_str_radix` alone would take a sign, too.
                Some(digits)
                    if (1..=6).contains(&digits.len())
                        && digits.bytes().all(|b| b.is_ascii_hexdigit()) =>
                {
                    let code = u32::from_str_radix(digits, 16)
                        .ok()
                        .and_then(char::from_u32);
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

/// A number as meant: `1_000`, `.5`, `1.`
pub(crate) fn number(slice: &str) -> Option<SmolStr> {
    let plain = slice.replace('_', "");
    let (sign, digits) = plain
        .strip_prefix('-')
        .map_or(("", plain.as_str()), |rest| ("-", rest));
    let (whole, places) = digits
        .trim_end_matches('.')
        .split_once('.')
        .unwrap_or((digits.trim_end_matches('.'), ""));
    let number = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if !number(whole) || !number(places) || (whole.is_empty() && places.is_empty()) {
        return None;
    }
    let whole = if whole.is_empty() { "0" } else { whole };
    Some(if places.is_empty() {
        format_smolstr!("{sign}{whole}")
    } else {
        format_smolstr!("{sign}{whole}.{places}")
    })
}

/// A date as meant: `2024-1-5`, `2024/01/05`.
pub(crate) fn date(slice: &str) -> Option<SmolStr> {
    let mut parts = slice.split(['-', '/']);
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let digits = |s: &str, lengths: std::ops::RangeInclusive<usize>| {
        lengths.contains(&s.len()) && s.bytes().all(|b| b.is_ascii_digit())
    };
    if parts.next().is_some()
        || !digits(year, 4..=4)
        || !digits(month, 1..=2)
        || !digits(day, 1..=2)
    {
        return None;
    }
    Some(format_smolstr!("{year}-{month:0>2}-{day:0>2}"))
}

/// Is this a timestamp as the lexer knows it?
pub(crate) fn is_timestamp(slice: &str) -> bool {
    matches!(crate::lexer::lex(slice).as_slice(), [token] if token.kind == TokenKind::Timestamp)
}
