//! Text made harmless for a terminal: what a file holds must not move the cursor, hide text or turn it around.

use std::borrow::Cow;

/// A text of one line; tabs stay.
pub fn clean(text: &str) -> Cow<'_, str> {
    map(text, |c| c == '\t' || !is_hostile(c))
}

/// A text that may have several lines.
pub fn clean_lines(text: &str) -> Cow<'_, str> {
    map(text, |c| c == '\n' || c == '\t' || !is_hostile(c))
}

fn map(text: &str, keep: impl Fn(char) -> bool) -> Cow<'_, str> {
    if text.chars().all(&keep) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(
        text.chars()
            .map(|c| if keep(c) { c } else { picture(c) })
            .collect(),
    )
}

/// Control characters, separators that some programs take for line ends, and marks that change the direction.
fn is_hostile(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

/// The symbol for a character: the control pictures of Unicode where there is one.
fn picture(c: char) -> char {
    match c {
        '\u{0}'..='\u{1F}' => char::from_u32(0x2400 + c as u32).unwrap_or('\u{FFFD}'),
        '\u{7F}' => '\u{2421}',
        _ => '\u{FFFD}',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_show_as_symbols() {
        assert_eq!(clean("a\u{1b}[31mb"), "a␛[31mb");
        assert_eq!(clean("x\u{202E}y\n"), "x\u{FFFD}y␊");
        assert_eq!(clean_lines("x\ny\r"), "x\ny␍");
        assert!(matches!(clean("plain → text\tä"), Cow::Borrowed(_)));
    }
}
