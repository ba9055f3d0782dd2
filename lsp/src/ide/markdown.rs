//! Text of the policy in Markdown: shown as it is written, and never obeyed.
//!
//! Editors render a hover, follow its links (some of them run commands) and load its images. Names, conditions and `///`
//! comments come from whoever wrote the policy, so everything of theirs goes through here.

/// Text as a paragraph: every character stands for itself, lines stay lines.
pub fn text(plain: &str) -> String {
    let mut out = String::with_capacity(plain.len() + 8);
    for (n, line) in plain.lines().enumerate() {
        if n > 0 {
            // A hard break, else two lines are one.
            out.push_str("  \n");
        }
        let line = line.trim_end();
        // Four blanks would begin a block of code.
        let indented = line.len() - line.trim_start().len();
        out.extend(std::iter::repeat_n("&nbsp;", indented));
        for c in line.trim_start().chars() {
            match c {
                // In a word, and not behind the number of a list, these mean nothing by themselves.
                '.' | ',' | ';' | '?' | '\'' | '"' | '/' | '%'
                    if !out.ends_with(|c: char| c.is_ascii_digit())
                        && !out.to_ascii_lowercase().ends_with("www") =>
                {
                    out.push(c);
                }
                // `\&` shields what follows from being an entity, `\<` from being HTML, `\:` and `\@` from being an address.
                c if c.is_ascii_punctuation() => {
                    out.push('\\');
                    out.push(c);
                }
                c => out.push(c),
            }
        }
    }
    out
}

/// Text as code within a line.
pub fn inline(code: &str) -> String {
    let code = code.replace(['\n', '\r'], " ");
    let fence = "`".repeat(longest_run(&code) + 1);
    if code.starts_with('`') || code.ends_with('`') {
        format!("{fence} {code} {fence}")
    } else {
        format!("{fence}{code}{fence}")
    }
}

/// Lines as a block of code in a language.
pub fn block(language: &str, lines: &str) -> String {
    let fence = "`".repeat((longest_run(lines) + 1).max(3));
    format!("{fence}{language}\n{lines}\n{fence}")
}

/// What [`text`] and [`block`] made, for a client that shows no Markdown.
pub fn plain(markdown: &str) -> String {
    let mut fence = None;
    let mut out: Vec<String> = Vec::new();
    for line in markdown.lines() {
        let ticks = line.len() - line.trim_start_matches('`').len();
        match fence {
            Some(open) if ticks == open && line.len() == ticks => fence = None,
            Some(_) => out.push(line.to_owned()),
            None if ticks >= 3 => fence = Some(ticks),
            None => out.push(unescaped(line.trim_end())),
        }
    }
    out.join("\n")
}

fn unescaped(line: &str) -> String {
    let line = line.replace("&nbsp;", " ");
    let mut out = String::with_capacity(line.len());
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match chars.peek() {
            Some(next) if c == '\\' && next.is_ascii_punctuation() => out.extend(chars.next()),
            _ => out.push(c),
        }
    }
    out
}

/// The most backticks side by side.
fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_never_obeyed() {
        for (written, shown) in [
            ("plain words", "plain words"),
            ("[x](command:a)", r"\[x\]\(command\:a\)"),
            ("![i](https://e.x/i.png)", r"\!\[i\]\(https\://e.x/i.png\)"),
            ("<img src=x> &lt;", r"\<img src\=x\> \&lt;"),
            ("a\nb", "a  \nb"),
            ("1. www.x.y", r"1\. www\.x.y"),
            ("    code", "&nbsp;&nbsp;&nbsp;&nbsp;code"),
        ] {
            assert_eq!(text(written), shown);
        }
    }

    #[test]
    fn without_markdown_it_is_as_written() {
        let written = "a [b](c) \\ *d*\n  e";
        assert_eq!(plain(&text(written)), written);
        let code = block("ambit", r#"where s = "\u{200b}""#);
        assert_eq!(plain(&code), r#"where s = "\u{200b}""#);
    }

    #[test]
    fn code_does_not_end_early() {
        assert_eq!(inline("a"), "`a`");
        assert_eq!(inline("a``b"), "```a``b```");
        assert_eq!(inline("`"), "`` ` ``");
        assert_eq!(block("ambit", "a ``` b"), "````ambit\na ``` b\n````");
    }
}
