//! The tokens of a broken item, and what can be mended in each of them alone.

use smol_str::{SmolStr, format_smolstr};

use crate::ast::Span;
use crate::builder::Symbol;
use crate::error::{Edit, Reading, SyntaxError, SyntaxErrorKind};
use crate::text;
use crate::token::{Token, TokenKind};

/// A token that is no trivia, as it is read: perhaps not as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Word {
    /// What it is read as; `None` is a hole.
    pub kind: Option<TokenKind>,
    /// What it is written as.
    pub written: TokenKind,
    pub start: u32,
    pub end: u32,
    /// The first on its line.
    pub begins_line: bool,
    /// Something was dropped before it: a mistake found here has been reported there.
    pub after_dropped: bool,
}

impl Word {
    /// A token that should have been written at `at`.
    pub fn missing(kind: TokenKind, at: u32) -> Self {
        Self {
            kind: Some(kind),
            written: kind,
            start: at,
            end: at,
            begins_line: false,
            after_dropped: false,
        }
    }

    pub fn hole(start: u32, end: u32) -> Self {
        Self {
            kind: None,
            ..Self::missing(TokenKind::Unknown, start)
        }
        .until(end)
    }

    fn until(self, end: u32) -> Self {
        Self {
            end: end.max(self.start),
            ..self
        }
    }

    pub fn span(self) -> Span {
        Span::new(self.start, self.end)
    }

    pub fn is(self, kind: TokenKind) -> bool {
        self.kind == Some(kind)
    }

    pub fn is_name(self) -> bool {
        self.kind.is_some_and(TokenKind::is_name)
    }

    pub fn is_rule(self) -> bool {
        matches!(
            self.kind,
            Some(TokenKind::Grant | TokenKind::Deny | TokenKind::Restrict)
        )
    }

    pub fn symbol(self) -> (u32, Symbol, u32) {
        (
            self.start,
            self.kind.map_or(Symbol::Hole, Symbol::Token),
            self.end,
        )
    }
}

/// The words of an item without trivia.
pub(super) fn words(text: &str, tokens: &[Token]) -> Vec<Word> {
    let mut words = Vec::with_capacity(tokens.len());
    let mut before = 0;
    for token in tokens {
        let gap = text
            .get(before as usize..token.start as usize)
            .unwrap_or_default();
        let begins_line = before == 0 || gap.contains(['\n', '\r']);
        before = token.end;
        if token.kind != TokenKind::DocComment {
            words.push(Word {
                kind: Some(token.kind),
                written: token.kind,
                start: token.start,
                end: token.end,
                begins_line,
                after_dropped: false,
            });
        }
    }
    words
}

/// Reads each error token as what was most likely meant, and reports it.
pub(super) fn mend(
    text: &str,
    words: &[Word],
    in_table: bool,
    errors: &mut Vec<SyntaxError>,
) -> Vec<Word> {
    let mut mended: Vec<Word> = Vec::with_capacity(words.len());
    let mut dropped = false;
    let mut line_begins = false;
    let mut semicolons: Vec<Span> = Vec::new();
    let mut at = 0;
    while let Some(&word) = words.get(at) {
        at += 1;
        let mut word = word;
        word.after_dropped = dropped;
        word.begins_line |= line_begins;
        if word.written.is_error() {
            if word.written == TokenKind::Unknown
                && let Some(end) = typographic_string(text, words, at - 1)
            {
                // “…” is one string.
                let last = words.get(end).copied().unwrap_or(word);
                word.end = last.end;
                word.kind = Some(TokenKind::String);
                errors.push(quotes(text, word));
                at = end + 1;
            } else {
                let slice = text
                    .get(word.start as usize..word.end as usize)
                    .unwrap_or_default();
                let (kind, error) = mean(text, slice, word, in_table);
                if word.written == TokenKind::Semicolon {
                    semicolons.push(word.span());
                }
                errors.extend(error);
                word.kind = kind;
            }
        }
        if word.kind.is_none() {
            dropped = true;
            line_begins = word.begins_line;
        } else {
            mended.push(word);
            dropped = false;
            line_begins = false;
        }
    }
    if let Some(&first) = semicolons.first() {
        let fix = semicolons
            .into_iter()
            .map(|span| Edit {
                span,
                text: SmolStr::default(),
            })
            .collect();
        errors.push(SyntaxError {
            kind: SyntaxErrorKind::Semicolon,
            span: first,
            context: Reading::File,
            fix,
        });
    }
    mended
}

/// What an error token means (`None`: nothing, it is dropped), and the report.
fn mean(
    text: &str,
    slice: &str,
    word: Word,
    in_table: bool,
) -> (Option<TokenKind>, Option<SyntaxError>) {
    let span = word.span();
    let found = short(slice);
    let replace = |text: SmolStr| vec![Edit { span, text }];
    let report = |kind, context, fix| {
        Some(SyntaxError {
            kind,
            span,
            context,
            fix,
        })
    };
    let operator = |kind: TokenKind| {
        let fix = replace(spaced(text, span, kind.text()));
        let error = SyntaxErrorKind::ForeignOperator {
            found: found.clone(),
            instead: kind,
        };
        (Some(kind), report(error, Reading::Condition, fix))
    };
    match word.written {
        TokenKind::UnterminatedString => {
            let end = span.start + slice.trim_end().len() as u32;
            let plain =
                !slice.contains([',', '[', ']', '{', '}', '(', ')', '=']) && !slice.ends_with('\\');
            let edit = Edit {
                span: Span::new(end, end),
                text: SmolStr::new_static("\""),
            };
            let fix = if plain { vec![edit] } else { Vec::new() };
            (
                Some(TokenKind::String),
                report(SyntaxErrorKind::UnterminatedString, Reading::String, fix),
            )
        }
        TokenKind::SingleQuoted => (Some(TokenKind::String), Some(quotes(text, word))),
        TokenKind::BadNumber => {
            let fix = text::number(slice).map(replace).unwrap_or_default();
            (
                Some(TokenKind::Number),
                report(
                    SyntaxErrorKind::MalformedNumber { found },
                    Reading::Condition,
                    fix,
                ),
            )
        }
        TokenKind::BadDate => {
            let kind = if slice.contains(['T', 't']) {
                TokenKind::Timestamp
            } else {
                TokenKind::Date
            };
            let fix = text::date(slice).map(replace).unwrap_or_default();
            (
                Some(kind),
                report(
                    SyntaxErrorKind::MalformedDate { found },
                    Reading::Condition,
                    fix,
                ),
            )
        }
        TokenKind::BadWord => {
            let fix = if slice.is_ascii() {
                replace(SmolStr::from(slice.replace('-', "_")))
            } else {
                Vec::new()
            };
            (
                Some(TokenKind::Identifier),
                report(SyntaxErrorKind::BadName { found }, Reading::File, fix),
            )
        }
        TokenKind::DoubleEquals => operator(TokenKind::Equals),
        TokenKind::OtherNotEquals => operator(TokenKind::NotEquals),
        TokenKind::EqualLess => operator(TokenKind::LessEquals),
        TokenKind::FatArrow if in_table => operator(TokenKind::Arrow),
        TokenKind::FatArrow => operator(TokenKind::GreaterEquals),
        TokenKind::Ampersands => operator(TokenKind::And),
        TokenKind::Bars => operator(TokenKind::Or),
        TokenKind::Bang => operator(TokenKind::Not),
        TokenKind::Arithmetic => (
            None,
            report(
                SyntaxErrorKind::Arithmetic { found },
                Reading::Condition,
                Vec::new(),
            ),
        ),
        TokenKind::ForeignComment => {
            let sign = ["/*", "--", "#"]
                .into_iter()
                .find(|sign| slice.starts_with(sign))
                .unwrap_or_default();
            let head = Span::new(span.start, span.start + sign.len() as u32);
            let fix = if sign == "/*" {
                Vec::new()
            } else {
                vec![Edit {
                    span: head,
                    text: SmolStr::new_static("//"),
                }]
            };
            let kind = SyntaxErrorKind::ForeignComment {
                found: SmolStr::new_static(sign),
            };
            (
                None,
                Some(SyntaxError {
                    kind,
                    span: head,
                    context: Reading::File,
                    fix,
                }),
            )
        }
        TokenKind::Unknown => {
            let found = slice.chars().next().unwrap_or_default();
            match look_alike(found) {
                Some((kind, meant)) => {
                    let fix = match kind {
                        Some(kind) => replace(spaced(text, span, kind.text())),
                        None if meant == ' ' => replace(SmolStr::new_static(" ")),
                        None => Vec::new(),
                    };
                    (
                        kind,
                        report(
                            SyntaxErrorKind::LookAlike { found, meant },
                            Reading::File,
                            fix,
                        ),
                    )
                }
                None => (
                    None,
                    report(
                        SyntaxErrorKind::UnknownCharacter { found },
                        Reading::File,
                        Vec::new(),
                    ),
                ),
            }
        }
        // Reported once for all of them.
        _ => (None, None),
    }
}

/// Single or typographic quotes; the fix writes double ones.
fn quotes(text: &str, word: Word) -> SyntaxError {
    let span = word.span();
    let slice = text.get(span.range()).unwrap_or_default();
    let first = slice.chars().next().unwrap_or_default();
    let inner = slice.get(first.len_utf8()..).and_then(|rest| {
        let last = rest.chars().next_back()?;
        rest.get(..rest.len() - last.len_utf8())
    });
    let fix = match inner {
        Some(inner) if !inner.contains(['"', '\\']) => vec![Edit {
            span,
            text: format_smolstr!("\"{inner}\""),
        }],
        _ => Vec::new(),
    };
    let kind = if first == '\'' {
        SyntaxErrorKind::SingleQuotes
    } else {
        SyntaxErrorKind::LookAlike {
            found: first,
            meant: '"',
        }
    };
    SyntaxError {
        kind,
        span,
        context: Reading::String,
        fix,
    }
}

/// That many words at most: many lone quotes must stay linear.
const LONGEST: usize = 64;

/// The word that ends the string in typographic quotes that the word at `at` begins, on its line.
fn typographic_string(text: &str, words: &[Word], at: usize) -> Option<usize> {
    let is_quote = |word: &Word| {
        let slice = text
            .get(word.start as usize..word.end as usize)
            .unwrap_or_default();
        word.written == TokenKind::Unknown && slice.chars().all(|c| "“”„‟«»‘’‚".contains(c))
    };
    words.get(at).filter(|word| is_quote(word))?;
    let rest = words
        .get(at + 1..)?
        .iter()
        .take(LONGEST)
        .take_while(|word| !word.begins_line);
    rest.enumerate()
        .find(|(_, word)| is_quote(word))
        .map(|(i, _)| at + 1 + i)
}

/// Characters that look like one of the language (`None`: like a blank).
fn look_alike(found: char) -> Option<(Option<TokenKind>, char)> {
    Some(match found {
        '\u{A0}' | '\u{2000}'..='\u{200B}' | '\u{202F}' | '\u{205F}' | '\u{3000}' | '\u{FEFF}' => {
            (None, ' ')
        }
        '≤' => (Some(TokenKind::LessEquals), '<'),
        '≥' => (Some(TokenKind::GreaterEquals), '>'),
        '≠' => (Some(TokenKind::NotEquals), '!'),
        '→' => (Some(TokenKind::Arrow), '-'),
        '，' => (Some(TokenKind::Comma), ','),
        '：' => (Some(TokenKind::Colon), ':'),
        '（' => (Some(TokenKind::LeftParen), '('),
        '）' => (Some(TokenKind::RightParen), ')'),
        '＝' => (Some(TokenKind::Equals), '='),
        '“' | '”' | '„' | '‟' | '«' | '»' | '‘' | '’' | '‚' | '`' | '\'' => {
            (None, '"')
        }
        _ => return None,
    })
}

/// `meant` with blanks where it would otherwise stick to a neighbour.
fn spaced(text: &str, span: Span, meant: &str) -> SmolStr {
    let word = meant.bytes().all(|b| b.is_ascii_alphabetic());
    let before = text
        .get(..span.start as usize)
        .and_then(|s| s.chars().next_back());
    let after = text.get(span.end as usize..).and_then(|s| s.chars().next());
    let gap = |c: Option<char>| {
        if word && c.is_some_and(|c| !c.is_whitespace()) {
            " "
        } else {
            ""
        }
    };
    let (left, right) = (gap(before.filter(|&c| c != '(')), gap(after));
    format_smolstr!("{left}{meant}{right}")
}

/// Text for a message: the first characters of long ones.
pub(super) fn short(slice: &str) -> SmolStr {
    const MOST: usize = 40;
    match slice.char_indices().nth(MOST) {
        Some((end, _)) => format_smolstr!("{}…", slice.get(..end).unwrap_or_default()),
        None => SmolStr::new(slice),
    }
}
