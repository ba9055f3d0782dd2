//! A tokenizer of SQL of our own: what a predicate is made of, and that it is one expression and nothing more.

use ambit_targets::sql::Dialect;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A keyword, a function, a type.
    Word,
    /// A name in double quotes.
    Name,
    /// A text in single quotes, perhaps after `E` or `X`.
    Text,
    Number,
    /// `$1`, `:today`
    Param,
    Symbol,
}

/// A token as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    pub kind: Kind,
    pub text: String,
}

/// The tokens, or what no predicate may hold.
pub fn tokens(dialect: Dialect, sql: &str) -> Result<Vec<Token>, String> {
    let chars: Vec<char> = sql.chars().collect();
    let at = |i: usize| chars.get(i).copied().unwrap_or('\0');
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut list = Vec::new();
    let mut i = 0;
    while i < chars.len() {
        let (start, c) = (i, chars[i]);
        let kind = match c {
            ' ' | '\n' => {
                i += 1;
                continue;
            }
            '\'' => {
                i = text(dialect, &chars, i, false)?;
                Kind::Text
            }
            'E' | 'X' | 'x' if at(i + 1) == '\'' => {
                i = text(dialect, &chars, i + 1, c == 'E')?;
                Kind::Text
            }
            '"' => {
                i = quoted(&chars, i, '"').ok_or("a name without an end")?;
                Kind::Name
            }
            '-' if at(i + 1) == '-' => return Err("a comment".to_owned()),
            '/' if at(i + 1) == '*' => return Err("a comment".to_owned()),
            '0'..='9' => {
                while word(at(i)) || at(i) == '.' {
                    i += 1;
                }
                Kind::Number
            }
            '$' | ':' if word(at(i + 1)) => {
                i += 1;
                while word(at(i)) {
                    i += 1;
                }
                Kind::Param
            }
            ':' if at(i + 1) == ':' && dialect == Dialect::Postgres => {
                i += 2;
                Kind::Symbol
            }
            c if word(c) => {
                while word(at(i)) {
                    i += 1;
                }
                Kind::Word
            }
            '(' | ')' | '[' | ']' | ',' | '.' => {
                i += 1;
                Kind::Symbol
            }
            '#' if dialect == Dialect::Postgres => {
                while "#>-".contains(at(i)) && at(i) != '\0' {
                    i += 1;
                }
                Kind::Symbol
            }
            '<' | '>' | '=' | '!' | '|' | '+' | '-' | '*' | '/' | '%' | '~' | '^' | '&' => {
                while "<>=!|+*/%~^&".contains(at(i)) && at(i) != '\0' || i == start {
                    i += 1;
                }
                Kind::Symbol
            }
            c => return Err(format!("{c:?} outside quotes")),
        };
        list.push(Token {
            kind,
            text: chars[start..i].iter().collect(),
        });
    }
    Ok(list)
}

/// One expression: brackets match, no comma and no `SELECT` outside them, and just these parameters.
pub fn one_expression(dialect: Dialect, sql: &str, params: &[String]) -> Result<(), String> {
    let list = tokens(dialect, sql)?;
    let mut open = Vec::new();
    let mut seen = vec![false; params.len()];
    for token in &list {
        match (token.kind, token.text.as_str()) {
            (Kind::Symbol, "(") => open.push(")"),
            (Kind::Symbol, "[") => open.push("]"),
            (Kind::Symbol, close @ (")" | "]")) => {
                if open.pop() != Some(close) {
                    return Err(format!("`{close}` closes nothing"));
                }
            }
            (Kind::Symbol, ",") if open.is_empty() => return Err("two expressions".to_owned()),
            (Kind::Word, "SELECT" | "UNION" | "WHERE" | "FROM") if open.is_empty() => {
                return Err("a statement".to_owned());
            }
            (Kind::Param, text) => {
                let position = match dialect {
                    Dialect::Sqlite => params.iter().position(|p| text == format!(":{p}")),
                    Dialect::Postgres => text
                        .strip_prefix('$')
                        .and_then(|n| n.parse::<usize>().ok()?.checked_sub(1)),
                };
                match position.and_then(|p| seen.get_mut(p)) {
                    Some(seen) => *seen = true,
                    None => return Err(format!("the parameter {text} of {params:?}")),
                }
            }
            _ => {}
        }
    }
    if list.is_empty() || !open.is_empty() {
        return Err("an expression without an end".to_owned());
    }
    if seen.contains(&false) {
        return Err(format!("not all of the parameters {params:?}"));
    }
    Ok(())
}

/// The end of a text that begins at a quote.
fn text(dialect: Dialect, chars: &[char], start: usize, escapes: bool) -> Result<usize, String> {
    let mut i = start + 1;
    loop {
        match (chars.get(i), chars.get(i + 1)) {
            (None, _) => return Err("a text without an end".to_owned()),
            (Some('\0'), _) => return Err("a NUL in a text".to_owned()),
            (Some('\\'), Some(_)) if escapes => i += 2,
            // What it means depends on a setting of the session.
            (Some('\\'), _) if dialect == Dialect::Postgres => {
                return Err("a backslash in a plain text".to_owned());
            }
            (Some('\''), Some('\'')) => i += 2,
            (Some('\''), _) => return Ok(i + 1),
            _ => i += 1,
        }
    }
}

fn quoted(chars: &[char], start: usize, quote: char) -> Option<usize> {
    let mut i = start + 1;
    loop {
        match (chars.get(i)?, chars.get(i + 1)) {
            ('\0', _) => return None,
            (c, Some(next)) if *c == quote && *next == quote => i += 2,
            (c, _) if *c == quote => return Some(i + 1),
            _ => i += 1,
        }
    }
}

#[test]
fn more_than_one_expression_is_seen() {
    use Dialect::{Postgres, Sqlite};
    let none: &[String] = &[];
    for good in [
        "(1 = 1)",
        "\"t\".\"a\"\"b\" = 'it''s'",
        "EXISTS (SELECT 1 FROM \"u\")",
    ] {
        assert_eq!(one_expression(Sqlite, good, none), Ok(()), "{good}");
    }
    assert_eq!(
        one_expression(Postgres, "\"t\".\"a\"::text = E'\\\\'", none),
        Ok(())
    );
    assert_eq!(
        one_expression(Postgres, "$1::text = $2", &["a".into(), "b".into()]),
        Ok(())
    );
    for bad in [
        "",
        "1 = 1; DROP TABLE canary",
        "1) OR (1 = 1",
        "1, 2",
        "a = 'x' -- y",
        "a /* b",
        "'a",
        "\"a",
        "(1",
        "SELECT 1",
        "a = ?",
        "a = $1",
        "a = :b",
        "a = '\\'",
        "\u{ff07}",
        "$$x$$",
    ] {
        assert!(one_expression(Postgres, bad, none).is_err(), "{bad}");
    }
}
