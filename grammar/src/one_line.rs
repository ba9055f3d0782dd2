//! A piece of a program on one line, for messages.

use crate::lexer::lex;
use crate::token::TokenKind;

/// The text on one line: every token as it is written, plain comments left out, and one blank where blanks, line ends or
/// comments stood between tokens. What stands inside a string is never touched.
pub fn one_line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut apart = false;
    for token in lex(text) {
        match token.kind {
            TokenKind::Whitespace | TokenKind::Comment | TokenKind::DocComment => apart = true,
            _ => {
                if apart && !out.is_empty() {
                    out.push(' ');
                }
                apart = false;
                out.push_str(
                    text.get(token.start as usize..token.end as usize)
                        .unwrap_or_default(),
                );
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::one_line;

    #[test]
    fn strings_keep_their_blanks() {
        assert_eq!(
            one_line("  a can\n\tnever // why\n read t\r\nwhere x  =  \"p  q\u{a0}\t// r\" "),
            "a can never read t where x = \"p  q\u{a0}\t// r\""
        );
        assert_eq!(one_line("// nothing"), "");
        assert_eq!(one_line("f(\"a\",\n 2)"), "f(\"a\", 2)");
    }
}
