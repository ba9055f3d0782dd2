//! White space that says nothing changes nothing.

use super::support::{Random, SAMPLE, cases, checked};
use ambit_grammar::{TokenKind, lex, split};

/// The text with other white space wherever the style does not look at it: not around comments, not where a blank line
/// stands, and not behind an opening brace, where a line break keeps a body open.
fn mangled(text: &str, random: &mut Random) -> String {
    let all = lex(text);
    let starts: Vec<u32> = split(text).iter().map(|i| i.start).collect();
    let comment = |kind| matches!(kind, TokenKind::Comment | TokenKind::DocComment);
    let mut out = String::new();
    for (i, token) in all.iter().enumerate() {
        let raw = &text[token.start as usize..token.end as usize];
        let before = i.checked_sub(1).map(|i| all[i]);
        let after = all.get(i + 1);
        let fixed = before.is_none_or(|t| comment(t.kind) || t.kind == TokenKind::LeftBrace)
            || after.is_none_or(|t| comment(t.kind) || starts.contains(&t.start));
        if token.kind != TokenKind::Whitespace || fixed || raw.matches('\n').count() > 1 {
            out.push_str(raw);
            // Blanks that the style does not have, where words may be parted.
            let parted = after.is_some_and(|t| {
                t.kind != TokenKind::Whitespace
                    && t.kind != TokenKind::Comment
                    && token.kind != TokenKind::Whitespace
            });
            if parted && !comment(token.kind) && token.kind != TokenKind::LeftBrace {
                out.push_str(random.pick(&["", " ", "\n  "]));
            }
        } else {
            out.push_str(random.pick(&[" ", "   ", "\t", "\n ", " \n\t", "\r\n  "]));
        }
    }
    out
}

#[test]
fn is_no_matter() {
    let mut random = Random::new(2);
    for _ in 0..cases(40) {
        let text = mangled(SAMPLE, &mut random).replace("\r\n", "\n");
        assert_eq!(checked(&text).text, SAMPLE, "from\n{text}");
    }
}

#[test]
fn line_ends_follow_the_majority() {
    let returns = SAMPLE.replace('\n', "\r\n");
    assert_eq!(checked(&returns).text, returns);
    let mixed = format!("{}role final  // end\n\n\n", returns.replace("    ", "  "));
    assert_eq!(
        checked(&mixed).text,
        format!("{returns}role final // end\r\n")
    );
    assert_eq!(
        checked("role a\r\nrole b\nrole c\n").text,
        "role a\nrole b\nrole c\n"
    );
    assert_eq!(
        checked("role a // c\rrole b\r").text,
        "role a // c\nrole b\n"
    );
}

#[test]
fn ends_of_files() {
    for blank in ["", " ", "\n", "\r\n\r\n", "\t\n \n"] {
        assert_eq!(checked(blank).text, "");
        assert_eq!(
            checked(&format!("{blank}role a{blank}")).text.trim_end(),
            "role a"
        );
        assert_eq!(
            checked(&format!("{blank}// c{blank}")).text.trim_end(),
            "// c"
        );
    }
    assert_eq!(checked("\n\n  role a").text, "role a\n");
    assert_eq!(checked("role a\n\n// end\n\n\n").text, "role a\n\n// end\n");
    assert_eq!(checked("\u{FEFF}\n role  a").text, "\u{FEFF}role a\n");
    assert_eq!(checked("\u{FEFF}").text, "\u{FEFF}");
}
