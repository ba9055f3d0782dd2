//! The `TextMate` grammar in the engine of VS Code splits texts as the lexer does.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};

use ambit_grammar::{Category, Token, TokenKind, lex};
use ambit_tests::rng::Rng;

use super::samples;
use crate::engines::node::{Node, manifest};
use crate::{budget, support};

/// A piece of a text, and its scopes from the outside in.
type Piece = (usize, usize, String);

/// What the engine makes of texts.
fn split(node: &Node, texts: &[String]) -> Vec<Vec<Piece>> {
    let mut child = Command::new(&node.program)
        .arg(manifest().join("textmate.cjs"))
        .arg(support::root().join("grammar/editors/ambit.tmLanguage.json"))
        .env("NODE_PATH", &node.modules)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let lines = texts.iter().fold(String::new(), |mut lines, text| {
        let _ = writeln!(lines, "{}", serde_json::json!({ "text": text }));
        lines
    });
    let writer = std::thread::spawn(move || input.write_all(lines.as_bytes()).unwrap());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    assert!(output.status.success(), "node fails");
    let answers: Vec<_> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(answers.len(), texts.len());
    answers
}

/// The scope of a token, from its kind and, for words that can be names, its neighbours. Of errors only that they are.
fn scope(text: &str, tokens: &[Token], at: usize) -> &'static str {
    let kind = tokens[at].kind;
    if kind.is_error() {
        return "invalid.illegal";
    }
    match kind {
        TokenKind::Comment => "comment.line.double-slash.ambit",
        TokenKind::DocComment => "comment.line.documentation.ambit",
        TokenKind::String => "string.quoted.double.ambit",
        TokenKind::Number => "constant.numeric.ambit",
        TokenKind::Date => "constant.other.date.ambit",
        TokenKind::Timestamp => "constant.other.timestamp.ambit",
        TokenKind::LeftBrace | TokenKind::RightBrace => "punctuation.section.block.ambit",
        TokenKind::LeftParen | TokenKind::RightParen => "punctuation.section.parens.ambit",
        TokenKind::LeftBracket | TokenKind::RightBracket => "punctuation.section.brackets.ambit",
        TokenKind::Comma | TokenKind::Dot | TokenKind::Colon => "punctuation.separator.ambit",
        TokenKind::Question => "keyword.operator.nullable.ambit",
        TokenKind::Arrow => "punctuation.separator.link.ambit",
        kind if TokenKind::SYMBOLS.contains(&kind) => "keyword.operator.comparison.ambit",
        kind if kind.is_name() && is_declared(text, tokens, at) => "entity.name.type.ambit",
        TokenKind::User if next(text, tokens, at) == Some(TokenKind::Dot) => {
            "variable.language.ambit"
        }
        kind if !kind.is_name() || kind.is_soft() && !is_plain_name(text, tokens, at) => {
            match kind.category().unwrap() {
                Category::Item => "storage.type.ambit",
                Category::Clause => "storage.modifier.ambit",
                Category::Rule => "keyword.control.ambit",
                Category::Operator => "keyword.operator.wordlike.ambit",
                Category::Constant => "constant.language.ambit",
                Category::Test => "keyword.other.test.ambit",
                Category::Unit => "keyword.other.unit.ambit",
            }
        }
        _ => "variable.other.ambit",
    }
}

/// The token after this one and after blanks, on the same line.
fn next(text: &str, tokens: &[Token], at: usize) -> Option<TokenKind> {
    let following = tokens.get(at + 1)?;
    if !is_blank(text, *following) {
        return Some(following.kind);
    }
    tokens.get(at + 2).map(|t| t.kind)
}

/// Blanks and tabs, without a line end.
fn is_blank(text: &str, token: Token) -> bool {
    let slice = &text[token.start as usize..token.end as usize];
    token.kind == TokenKind::Whitespace && slice.chars().all(|c| c == ' ' || c == '\t')
}

/// `role x` at the beginning of a line.
fn is_declared(text: &str, tokens: &[Token], at: usize) -> bool {
    let Some(&[keyword, gap]) = at.checked_sub(2).and_then(|from| tokens.get(from..at)) else {
        return false;
    };
    let declares = keyword.kind.is_item()
        && !matches!(
            keyword.kind,
            TokenKind::Everyone
                | TokenKind::For
                | TokenKind::Exclusive
                | TokenKind::Test
                | TokenKind::Assert
        );
    let line = text[..keyword.start as usize]
        .rsplit(['\n', '\r'])
        .next()
        .unwrap_or_default();
    declares && is_blank(text, gap) && line.chars().all(|c| c == ' ' || c == '\t')
}

/// A soft keyword in a place where none stands: after a dot, or before a sign that only names have after them.
fn is_plain_name(text: &str, tokens: &[Token], at: usize) -> bool {
    let after_dot = at
        .checked_sub(1)
        .is_some_and(|before| text[..tokens[before].end as usize].ends_with('.'));
    let end = tokens[at].end as usize;
    let rest = text[end..].trim_start_matches([' ', '\t']);
    after_dot || rest.starts_with([',', ':', '=', '<', '>', '.']) || rest.starts_with("!=")
}

/// The first place where the engine and the lexer disagree. Neighbours of the same scope are one piece for the engine, and
/// a string has pieces for its escapes, so places are compared by what covers them.
fn difference(text: &str, pieces: &[Piece]) -> Option<String> {
    let tokens = lex(text);
    let mut first = 0;
    for (at, token) in tokens.iter().enumerate() {
        let (start, end) = (token.start as usize, token.end as usize);
        while pieces.get(first).is_some_and(|(_, to, _)| *to <= start) {
            first += 1;
        }
        if token.kind == TokenKind::Whitespace {
            continue;
        }
        let wanted = scope(text, &tokens, at);
        let over = pieces[first..].iter().take_while(|(from, ..)| *from < end);
        let mut covered = 0;
        for (from, to, scopes) in over {
            covered += end.min(*to) - start.max(*from);
            if !scopes.starts_with(wanted) {
                return Some(format!(
                    "{:?} at {start} is {:?}, `{wanted}`; the grammar says `{scopes}` for {:?}",
                    &text[start..end],
                    token.kind,
                    &text[*from..*to]
                ));
            }
        }
        if covered != end - start && !text[start..end].contains(['\n', '\r']) {
            return Some(format!("{:?} at {start} is not covered", &text[start..end]));
        }
    }
    None
}

#[test]
fn the_grammar_splits_all_samples_as_the_lexer_does() {
    let node = need!("node");
    let samples = samples::all();
    let mut texts: Vec<String> = samples.iter().map(|s| s.text.clone()).collect();
    // What editors on other systems save.
    texts.extend(samples.iter().map(|s| s.text.replace('\n', "\r\n")));
    let mut failures = Vec::new();
    let mut tokens = 0;
    for (at, (text, pieces)) in texts.iter().zip(split(&node, &texts)).enumerate() {
        tokens += lex(text).len();
        if let Some(wrong) = difference(text, &pieces) {
            failures.push(format!("{}: {wrong}", samples[at % samples.len()].place));
        }
    }
    assert!(tokens > 20_000, "only {tokens} tokens");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Texts put together of everything that has a meaning for the lexer, right and wrong.
#[test]
fn the_grammar_splits_random_texts_as_the_lexer_does() {
    const PIECES: &[&str] = &[
        " ",
        " ",
        " ",
        "\t",
        "\n",
        "\r\n",
        "user",
        ".",
        ",",
        ":",
        "=",
        "!=",
        "<",
        ">",
        "<=",
        "=<",
        "==",
        "===",
        "!==",
        "=>",
        "<>",
        "->",
        "-",
        "--",
        "#",
        "&&",
        "|",
        "!",
        ";",
        "+",
        "*",
        "%",
        "^",
        "/",
        "// a",
        "/// a",
        "//// a",
        "\"a\"",
        "\"",
        "\\",
        "\"\\n\\u{e9}\\x\"",
        "'a'",
        "'",
        "12",
        "-3",
        "1.50",
        ".5",
        "1.",
        "1_000",
        "2024-01-15",
        "2024-1-5",
        "2024-01-15T10:00:00Z",
        "2024-01-15T10:00:00.5+01:00",
        "1/2/3",
        "T",
        "a",
        "_b2",
        "ha-noi",
        "gr",
        "\u{f6}\u{df}e",
        "\u{4e2d}",
        "\u{661f}\u{1f600}",
        "\u{a0}",
        "\u{2264}",
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        "?",
        "@",
        "$",
    ];
    let node = need!("node");
    let mut rng = Rng::new(budget::seed());
    let texts: Vec<String> = (0..5_000 * budget::times())
        .map(|_| {
            let mut text = String::new();
            for _ in 0..rng.below(14) {
                if rng.below(3) == 0 {
                    let words = TokenKind::KEYWORDS;
                    text.push_str(words[rng.below(words.len())].text());
                } else {
                    text.push_str(PIECES[rng.below(PIECES.len())]);
                }
            }
            text
        })
        // Two stars and slashes make a comment of another language, which the engine cannot end with its line.
        .filter(|text| !text.contains("/*"))
        .collect();
    let failures: Vec<String> = texts
        .iter()
        .zip(split(&node, &texts))
        .filter_map(|(text, pieces)| Some(format!("{text:?}: {}", difference(text, &pieces)?)))
        .collect();
    let shown = failures.len().min(20);
    assert!(
        failures.is_empty(),
        "seed {}, {} of {}:\n{}",
        budget::seed(),
        failures.len(),
        texts.len(),
        failures[..shown].join("\n")
    );
}

/// The escapes of the engine are those that the parser takes.
#[test]
fn the_grammar_knows_the_escapes_of_strings() {
    let node = need!("node");
    let escapes = [
        "\\n",
        "\\t",
        "\\\"",
        "\\\\",
        "\\u{e9}",
        "\\u{0}",
        "\\u{10FFFF}",
        "\\u{00e9}",
        "\\u{0000e9}",
        "\\u{1F600}",
        "\\u{d7ff}",
        "\\u{e000}",
        "\\r",
        "\\x41",
        "\\u",
        "\\u{}",
        "\\u{110000}",
        "\\u{0000000}",
        "\\u{d800}",
        "\\u{00DFFF}",
        "\\u{g}",
        "\\'",
        "\\0",
    ];
    let texts: Vec<String> = escapes
        .iter()
        .map(|e| format!("test \"{e}\" {{ }}"))
        .collect();
    for (text, pieces) in texts.iter().zip(split(&node, &texts)) {
        let marked = |scope| pieces.iter().any(|(_, _, s): &Piece| s.ends_with(scope));
        assert!(marked("escape.ambit"), "{text}: {pieces:?}");
        assert_eq!(
            marked("invalid.illegal.escape.ambit"),
            !samples::is_sound(text),
            "{text}"
        );
    }
}
