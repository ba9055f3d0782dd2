//! Text to tokens, losing nothing: every byte is in exactly one token, and what is no token of the language is an
//! error token.

use logos::{Lexer, Logos};

use crate::token::{Token, TokenKind};

/// What the lexer remembers while it runs.
#[derive(Debug, Clone, Copy, Default)]
pub struct Extras {
    /// No `*/` follows: searching again for each `/*` would be quadratic.
    no_block_end: bool,
}

/// Splits a text into tokens. Their ranges follow one another without gaps and end on character boundaries.
///
/// Texts of 4 GiB and more do not fit the offsets: what lies beyond is not read.
pub fn lex(text: &str) -> Vec<Token> {
    let text = within_offsets(text);
    let mut tokens: Vec<Token> = Vec::with_capacity(text.len() / 4);
    let mut lexer = TokenKind::lexer(text);
    while let Some(kind) = lexer.next() {
        let kind = kind.unwrap_or_else(|()| unknown(&mut lexer));
        let span = lexer.span();
        let (start, end) = (span.start as u32, span.end as u32);
        if let Some(last) = tokens.last_mut()
            && joins(last.kind, kind)
        {
            last.kind = TokenKind::BadWord;
            last.end = end;
            continue;
        }
        tokens.push(Token { kind, start, end });
    }
    tokens
}

/// `gr` and `öße` are one word, and so are two halves of a word of another script.
fn joins(last: TokenKind, kind: TokenKind) -> bool {
    kind == TokenKind::BadWord
        && (last.is_keyword()
            || matches!(
                last,
                TokenKind::Identifier | TokenKind::BadWord | TokenKind::BadNumber
            ))
}

fn within_offsets(text: &str) -> &str {
    let mut end = text.len().min(u32::MAX as usize);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

/// `/* … */` of other languages: one token, so that what it holds is not taken for Ambit. Unclosed it ends with its
/// line.
pub(crate) fn block_comment(lexer: &mut Lexer<'_, TokenKind>) {
    let rest = lexer.remainder();
    if !lexer.extras.no_block_end {
        if let Some(end) = rest.find("*/") {
            lexer.bump(end + 2);
            return;
        }
        lexer.extras.no_block_end = true;
    }
    lexer.bump(rest.find(['\n', '\r']).unwrap_or(rest.len()));
}

/// What the lexer has no pattern for. A letter of another script begins a word (that cannot be a name); the byte order
/// mark that some editors put at the beginning of a file is a blank of no width; any other character stands alone.
fn unknown(lexer: &mut Lexer<'_, TokenKind>) -> TokenKind {
    let rest = lexer.remainder();
    match lexer.slice().chars().next_back() {
        Some('\u{FEFF}') if lexer.span() == (0..3) => TokenKind::Whitespace,
        Some(letter) if letter.is_alphanumeric() => {
            lexer.bump(
                rest.find(|c: char| !c.is_alphanumeric() && c != '_')
                    .unwrap_or(rest.len()),
            );
            TokenKind::BadWord
        }
        _ => TokenKind::Unknown,
    }
}
