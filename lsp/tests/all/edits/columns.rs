//! Lines and columns counted the plain way: what the server's own counting is held against.

use ambit_lsp::lines::Encoding;
use serde_json::{Value, json};

/// Line and column of a byte at which a character begins.
pub fn position(text: &str, byte: usize, encoding: Encoding) -> (u32, u32) {
    let (mut line, mut column) = (0, 0);
    let mut before = None;
    for (at, c) in text.char_indices() {
        let ended = match before {
            Some('\n') => true,
            Some('\r') => c != '\n',
            _ => false,
        };
        if ended {
            (line, column) = (line + 1, 0);
        }
        if at >= byte {
            return (line, column);
        }
        column += match encoding {
            Encoding::Utf8 => c.len_utf8() as u32,
            Encoding::Utf16 => c.len_utf16() as u32,
        };
        before = Some(c);
    }
    match before {
        Some('\n' | '\r') => (line + 1, 0),
        _ => (line, column),
    }
}

/// Can an editor put its cursor there? Between `\r` and `\n` it cannot.
fn is_place(text: &str, at: usize) -> bool {
    text.is_char_boundary(at) && !(text[..at].ends_with('\r') && text[at..].starts_with('\n'))
}

/// The change that turns one text into another, as small as can be, as an editor sends it.
pub fn change(old: &str, new: &str, encoding: Encoding) -> Value {
    let same = |(a, b): &(u8, u8)| a == b;
    let mut head = old.bytes().zip(new.bytes()).take_while(same).count();
    while !is_place(old, head) || !is_place(new, head) {
        head -= 1;
    }
    let rest = old.len().min(new.len()) - head;
    let backwards = old.bytes().rev().zip(new.bytes().rev());
    let mut tail = backwards.take(rest).take_while(same).count();
    while !is_place(old, old.len() - tail) || !is_place(new, new.len() - tail) {
        tail -= 1;
    }
    let at = |byte| {
        let (line, character) = position(old, byte, encoding);
        json!({ "line": line, "character": character })
    };
    json!({
        "range": { "start": at(head), "end": at(old.len() - tail) },
        "text": &new[head..new.len() - tail],
    })
}
