//! The edits to try where the grammar stopped, the most telling first.

use smol_str::{SmolStr, format_smolstr};

use crate::ast::Span;
use crate::error::{Edit, Reading, SyntaxError, SyntaxErrorKind};
use crate::spelling;
use crate::token::TokenKind;

use super::expected::Terminals;
use super::single::{Try, closer, is_closer};
use super::words::{Word, short};
use super::{Failure, Recovery, span_at};

/// Words of other languages, and what Ambit says.
const FOREIGN: &[(&str, &[TokenKind], &str)] = &[
    ("allow", &[TokenKind::Grant], "grant"),
    ("permit", &[TokenKind::Grant], "grant"),
    ("forbid", &[TokenKind::Deny], "deny"),
    ("revoke", &[TokenKind::Deny], "deny"),
    ("limit", &[TokenKind::Restrict], "restrict"),
    ("if", &[TokenKind::Where], "where"),
    ("when", &[TokenKind::Where], "where"),
    ("extends", &[TokenKind::Inherits], "inherits"),
    ("like", &[TokenKind::Starts, TokenKind::With], "starts with"),
    (
        "ilike",
        &[TokenKind::Starts, TokenKind::With],
        "starts with",
    ),
    (
        "startswith",
        &[TokenKind::Starts, TokenKind::With],
        "starts with",
    ),
    ("endswith", &[TokenKind::Ends, TokenKind::With], "ends with"),
    ("nil", &[TokenKind::Null], "null"),
    ("none", &[TokenKind::Null], "null"),
    ("now", &[TokenKind::Today], "today"),
    ("everybody", &[TokenKind::Everyone], "everyone"),
    ("anybody", &[TokenKind::Anyone], "anyone"),
    ("references", &[TokenKind::Arrow], "->"),
    ("optional", &[TokenKind::Question], "?"),
    ("nullable", &[TokenKind::Question], "?"),
];

/// What may be put in where it is missing: it says nothing by itself.
const INSERTED: &[TokenKind] = &[
    TokenKind::Colon,
    TokenKind::Equals,
    TokenKind::On,
    TokenKind::To,
    TokenKind::In,
    TokenKind::Where,
    TokenKind::As,
    TokenKind::With,
    TokenKind::Of,
    TokenKind::Arrow,
    TokenKind::Dot,
    TokenKind::Comma,
    TokenKind::Is,
    TokenKind::And,
    TokenKind::Or,
    TokenKind::Querying,
    TokenKind::Only,
    TokenKind::When,
    TokenKind::Are,
    TokenKind::Stored,
    TokenKind::Can,
    TokenKind::User,
];

/// The edits to try at one place.
pub(super) struct Tries<'a, 't> {
    recovery: &'a Recovery<'t>,
    words: &'a [Word],
    at: usize,
    expected: &'a Terminals,
    reading: Reading,
    /// How many kinds of edits were listed.
    phase: usize,
    /// The edits of this kind still to try, last first.
    list: Vec<Try>,
}

impl<'a, 't> Tries<'a, 't> {
    pub fn new(
        recovery: &'a Recovery<'t>,
        words: &'a [Word],
        failure: &'a Failure,
        reading: Reading,
    ) -> Self {
        let Failure { at, expected } = failure;
        Self {
            recovery,
            words,
            at: *at,
            expected,
            reading,
            phase: 0,
            list: Vec::new(),
        }
    }
}

impl Iterator for Tries<'_, '_> {
    type Item = Try;

    /// The next edit; kinds of edits are listed only when those before them did not help.
    fn next(&mut self) -> Option<Try> {
        loop {
            if let Some(edit) = self.list.pop() {
                return Some(edit);
            }
            match self.phase {
                0 => self.spelling(),
                1 => self.names(),
                2 => self.foreign(),
                3 => self.close(),
                4 => self.open(),
                5 => self.commas(),
                6 => self.quotes(),
                7 => self.insert(),
                8 => self.replace(),
                9 => self.delete(),
                _ => return None,
            }
            self.list.reverse();
            self.phase += 1;
        }
    }
}

impl Tries<'_, '_> {
    fn word(&self, at: usize) -> Option<Word> {
        self.words.get(at).copied()
    }

    fn slice(&self, word: Word) -> &str {
        self.recovery.slice(word.span())
    }

    fn push(
        &mut self,
        range: std::ops::Range<usize>,
        words: Vec<Word>,
        kind: SyntaxErrorKind,
        span: Span,
        fix: Vec<Edit>,
    ) {
        let error = SyntaxError {
            kind,
            span,
            context: self.reading,
            fix,
        };
        self.list.push(Try {
            from: range.start,
            to: range.end,
            words,
            error,
            loses: false,
        });
    }

    /// One word read as another kind.
    fn read_as(&mut self, at: usize, read: TokenKind, kind: SyntaxErrorKind, fix: Vec<Edit>) {
        if let Some(word) = self.word(at) {
            self.push(
                at..at + 1,
                vec![Word {
                    kind: Some(read),
                    ..word
                }],
                kind,
                word.span(),
                fix,
            );
        }
    }

    fn unexpected(&self) -> SyntaxErrorKind {
        self.recovery
            .unexpected(self.words, self.at, self.expected, self.reading)
    }

    fn span(&self) -> Span {
        span_at(self.words, self.at)
    }

    /// A misspelled keyword: where the parser stopped, or one before, if that could be read as a name.
    fn spelling(&mut self) {
        for at in [Some(self.at), self.at.checked_sub(1)]
            .into_iter()
            .flatten()
        {
            let Some(word) = self.word(at).filter(|word| word.is(TokenKind::Identifier)) else {
                continue;
            };
            let keywords = TokenKind::KEYWORDS.iter().copied();
            let here = at == self.at;
            let fitting = keywords.filter(|&kind| !here || self.expected.has(kind));
            if let Some(meant) = spelling::nearest(self.slice(word), fitting) {
                let found = short(self.slice(word));
                let fix = vec![Edit {
                    span: word.span(),
                    text: SmolStr::new_static(meant.text()),
                }];
                self.read_as(
                    at,
                    meant,
                    SyntaxErrorKind::MisspelledKeyword { found, meant },
                    fix,
                );
            }
        }
    }

    /// A keyword, a number-like word or a string in the place of a name.
    fn names(&mut self) {
        for at in [Some(self.at), self.at.checked_sub(1)]
            .into_iter()
            .flatten()
        {
            let Some(word) = self.word(at) else { continue };
            if at == self.at && !self.expected.has(TokenKind::Identifier) {
                continue;
            }
            match word.kind {
                Some(keyword) if keyword.is_reserved() || keyword.is_soft() && at == self.at => {
                    self.read_as(
                        at,
                        TokenKind::Identifier,
                        SyntaxErrorKind::KeywordAsName { keyword },
                        Vec::new(),
                    );
                }
                Some(TokenKind::String)
                    if at == self.at && !self.expected.has(TokenKind::String) =>
                {
                    let value = crate::text::unquote(self.slice(word), 0, &mut Vec::new());
                    let plain = value
                        .bytes()
                        .all(|b| b.is_ascii_alphanumeric() || b == b'_')
                        && !value.is_empty()
                        && !value.starts_with(|c: char| c.is_ascii_digit());
                    let edit = Edit {
                        span: word.span(),
                        text: value.clone(),
                    };
                    let fix = if plain { vec![edit] } else { Vec::new() };
                    self.read_as(
                        at,
                        TokenKind::Identifier,
                        SyntaxErrorKind::StringAsName { value },
                        fix,
                    );
                }
                _ => {}
            }
        }
    }

    fn foreign(&mut self) {
        for at in [Some(self.at), self.at.checked_sub(1)]
            .into_iter()
            .flatten()
        {
            let Some(word) = self.word(at).filter(|word| word.end - word.start < 16) else {
                continue;
            };
            let text = self.slice(word).to_ascii_lowercase();
            if let Some((_, kinds, instead)) = FOREIGN.iter().find(|(found, ..)| *found == text) {
                let words = kinds
                    .iter()
                    .map(|&kind| Word {
                        kind: Some(kind),
                        ..word
                    })
                    .collect();
                let instead = SmolStr::new_static(instead);
                // A pattern is no plain text.
                let same = !text.ends_with("like");
                let edit = Edit {
                    span: word.span(),
                    text: instead.clone(),
                };
                let fix = if same { vec![edit] } else { Vec::new() };
                let kind = SyntaxErrorKind::ForeignWord {
                    found: SmolStr::from(text),
                    instead,
                };
                self.push(at..at + 1, words, kind, word.span(), fix);
            }
        }
        let Some(word) = self.word(self.at) else {
            return;
        };
        // `is "x"`, `is not "x"`
        let before = |back: usize, kind| {
            self.at
                .checked_sub(back)
                .and_then(|at| self.word(at))
                .filter(|w| w.is(kind))
        };
        let is = match (
            before(1, TokenKind::Is),
            before(1, TokenKind::Not),
            before(2, TokenKind::Is),
        ) {
            (Some(is), ..) => Some((is, is, 1, TokenKind::Equals)),
            (_, Some(not), Some(is)) => Some((is, not, 2, TokenKind::NotEquals)),
            _ => None,
        };
        if let Some((first, last, back, meant)) = is {
            let span = first.span().to(last.span());
            let found = short(self.recovery.slice(span));
            let instead = SmolStr::new_static(meant.text());
            let fix = vec![Edit {
                span,
                text: instead.clone(),
            }];
            let kind = SyntaxErrorKind::ForeignWord { found, instead };
            self.push(
                self.at - back..self.at,
                vec![Word {
                    kind: Some(meant),
                    ..first
                }],
                kind,
                span,
                fix,
            );
        }
        if word.is(TokenKind::Not)
            && let Some(null) = self
                .word(self.at + 1)
                .filter(|null| null.is(TokenKind::Null))
            && self.expected.has(TokenKind::Question)
        {
            let span = word.span().to(null.span());
            let fix = vec![Edit {
                span,
                text: SmolStr::default(),
            }];
            self.push(
                self.at..self.at + 2,
                Vec::new(),
                SyntaxErrorKind::NotNull,
                span,
                fix,
            );
        }
    }

    /// The innermost bracket open before `at`.
    fn open_bracket(&self, at: usize) -> Option<Word> {
        let mut open = Vec::new();
        for word in self.words.get(..at)? {
            match word.kind {
                Some(TokenKind::LeftBrace | TokenKind::LeftParen | TokenKind::LeftBracket) => {
                    open.push(*word);
                }
                Some(TokenKind::RightBrace | TokenKind::RightParen | TokenKind::RightBracket) => {
                    open.pop();
                }
                _ => {}
            }
        }
        open.pop()
    }

    /// A closing bracket is missing: where the parser stopped, or at the beginning of that line.
    fn close(&mut self) {
        let line = (0..=self.at.min(self.words.len()))
            .rev()
            .find(|&at| self.word(at).is_some_and(|w| w.begins_line));
        for at in [
            Some(self.at),
            line.filter(|&at| at < self.at),
            self.at.checked_sub(1),
        ]
        .into_iter()
        .flatten()
        {
            let Some(open) = self.open_bracket(at) else {
                continue;
            };
            let Some((kind, close)) = open.kind.and_then(|kind| Some((kind, closer(kind)?))) else {
                continue;
            };
            if at == self.at && !self.expected.has(close) {
                continue;
            }
            let end = at
                .checked_sub(1)
                .and_then(|at| self.word(at))
                .map_or(0, |word| word.end);
            let fix = vec![Edit {
                span: Span::new(end, end),
                text: format_smolstr!(" {}", close.text()),
            }];
            let kind = SyntaxErrorKind::Unclosed { open: kind };
            self.push(
                at..at,
                vec![Word::missing(close, end)],
                kind,
                open.span(),
                fix,
            );
        }
    }

    fn open(&mut self) {
        // `: a name = …`: the name was read as what follows the list.
        let value = self
            .word(self.at)
            .is_some_and(|word| word.is(TokenKind::Equals));
        if let Some(before) = self.at.checked_sub(1).filter(|_| value)
            && let Some(name) = self.word(before).filter(|word| word.is_name())
        {
            let open = TokenKind::LeftBrace;
            let fix = vec![Edit {
                span: Span::new(name.start, name.start),
                text: SmolStr::new_static("{ "),
            }];
            let kind = SyntaxErrorKind::MissingOpen { open };
            self.push(
                before..before,
                vec![Word::missing(open, name.start)],
                kind,
                name.span(),
                fix,
            );
        }
        for open in [
            TokenKind::LeftBrace,
            TokenKind::LeftParen,
            TokenKind::LeftBracket,
        ] {
            if self.expected.has(open) {
                let span = self.span();
                let at = self.word(self.at).map_or(span.end, |word| word.start);
                let fix = vec![Edit {
                    span: Span::new(at, at),
                    text: SmolStr::new_static(open.text()),
                }];
                let kind = SyntaxErrorKind::MissingOpen { open };
                self.push(
                    self.at..self.at,
                    vec![Word::missing(open, at)],
                    kind,
                    span,
                    fix,
                );
            }
        }
    }

    /// A comma behind the last element.
    fn commas(&mut self) {
        let Some(before) = self.at.checked_sub(1) else {
            return;
        };
        if let Some(comma) = self.word(before).filter(|word| word.is(TokenKind::Comma)) {
            let fix = vec![Edit {
                span: comma.span(),
                text: SmolStr::default(),
            }];
            self.push(
                before..self.at,
                Vec::new(),
                SyntaxErrorKind::TrailingComma,
                comma.span(),
                fix,
            );
        }
        if let Some(comma) = self.word(self.at).filter(|word| word.is(TokenKind::Comma)) {
            let fix = vec![Edit {
                span: comma.span(),
                text: SmolStr::default(),
            }];
            self.push(
                self.at..self.at + 1,
                Vec::new(),
                SyntaxErrorKind::StrayComma,
                comma.span(),
                fix,
            );
        }
    }

    /// Bare words where strings must stand: all of the list at once.
    fn quotes(&mut self) {
        if !self.expected.has(TokenKind::String) || self.expected.has(TokenKind::Identifier) {
            return;
        }
        let Some(first) = self.word(self.at).filter(|word| word.is_name()) else {
            return;
        };
        let mut words = Vec::new();
        let mut fix = Vec::new();
        let mut depth = 0_i32;
        for &word in self.words.get(self.at..).unwrap_or_default() {
            match word.kind {
                Some(kind) if is_closer(kind) => depth -= 1,
                Some(TokenKind::LeftBrace | TokenKind::LeftParen | TokenKind::LeftBracket) => {
                    depth += 1;
                }
                _ => {}
            }
            let element = word.is_name() || word.is(TokenKind::Comma) || word.is(TokenKind::String);
            if depth < 0 || !element {
                break;
            }
            let mut word = word;
            if word.is_name() {
                if words
                    .last()
                    .is_some_and(|before: &Word| !before.is(TokenKind::Comma))
                {
                    break;
                }
                fix.push(Edit {
                    span: word.span(),
                    text: format_smolstr!("\"{}\"", self.slice(word)),
                });
                word.kind = Some(TokenKind::String);
            }
            words.push(word);
        }
        let range = self.at..self.at + words.len();
        let found = short(self.slice(first));
        self.push(
            range,
            words,
            SyntaxErrorKind::MissingQuotes { found },
            first.span(),
            fix,
        );
    }

    /// A sign or a small word is missing.
    fn insert(&mut self) {
        let (kind, span) = (self.unexpected(), self.span());
        for &missing in INSERTED {
            if !self.expected.has(missing)
                || missing.is_soft() && self.expected.has(TokenKind::Identifier)
            {
                continue;
            }
            let end = self
                .at
                .checked_sub(1)
                .and_then(|at| self.word(at))
                .map_or(0, |word| word.end);
            let text = match missing {
                TokenKind::Comma | TokenKind::Dot => SmolStr::new_static(missing.text()),
                _ => format_smolstr!(" {}", missing.text()),
            };
            // Which of `and` and `or` was meant, nobody knows.
            let edit = Edit {
                span: Span::new(end, end),
                text,
            };
            let unsure = matches!(missing, TokenKind::And | TokenKind::Or);
            let fix = if unsure { Vec::new() } else { vec![edit] };
            self.push(
                self.at..self.at,
                vec![Word::missing(missing, end)],
                kind.clone(),
                span,
                fix,
            );
        }
    }

    /// The wrong sign.
    fn replace(&mut self) {
        let Some(found) = self.word(self.at) else {
            return;
        };
        let sign = found.kind.is_some_and(|kind| {
            TokenKind::SYMBOLS.contains(&kind)
                || matches!(
                    kind,
                    TokenKind::On
                        | TokenKind::To
                        | TokenKind::In
                        | TokenKind::By
                        | TokenKind::From
                        | TokenKind::As
                )
        });
        if !sign {
            return;
        }
        for &meant in INSERTED {
            if self.expected.has(meant)
                && !(meant.is_soft() && self.expected.has(TokenKind::Identifier))
            {
                let fix = vec![Edit {
                    span: found.span(),
                    text: SmolStr::new_static(meant.text()),
                }];
                self.read_as(self.at, meant, self.unexpected(), fix);
            }
        }
    }

    /// Something that does not belong there.
    fn delete(&mut self) {
        let Some(found) = self.word(self.at) else {
            return;
        };
        let twice = self
            .at
            .checked_sub(1)
            .and_then(|at| self.word(at))
            .is_some_and(|before| {
                before.kind == found.kind && self.slice(before) == self.slice(found)
            });
        let closes = found.kind.filter(|&kind| is_closer(kind));
        let unmatched = closes.filter(|_| {
            self.open_bracket(self.at)
                .and_then(|open| closer(open.kind?))
                != closes
        });
        let gone = vec![Edit {
            span: found.span(),
            text: SmolStr::default(),
        }];
        let (kind, fix) = match unmatched {
            Some(close) => (SyntaxErrorKind::UnmatchedClose { close }, gone),
            None => (self.unexpected(), if twice { gone } else { Vec::new() }),
        };
        self.push(self.at..self.at + 1, Vec::new(), kind, found.span(), fix);
        if let Some(last) = self.list.last_mut() {
            last.loses = unmatched.is_none() && !twice;
        }
    }
}
