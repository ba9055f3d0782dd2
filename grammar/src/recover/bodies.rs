//! A broken item cut apart: its head, the members of its body, and what stands behind it.

use smol_str::SmolStr;

use crate::ast::Span;
use crate::error::{Edit, Reading, SyntaxErrorKind};
use crate::token::TokenKind;

use super::Recovery;
use super::single::{closer, is_closer};
use super::words::Word;

/// The parts of an item.
pub(super) struct Parts {
    pub head: Vec<Word>,
    /// The members of the body, cut apart; `None` without a body.
    pub members: Option<Vec<Vec<Word>>>,
}

impl Recovery<'_> {
    /// Cuts an item apart, reporting brackets that do not match.
    pub fn cut(&mut self, words: &[Word]) -> Parts {
        // `scope {` is a type: it may stand in the parameters of a role.
        let open = (1..words.len())
            .find(|&at| {
                let after = |kind| words.get(at - 1).is_some_and(|before| before.is(kind));
                words
                    .get(at)
                    .is_some_and(|word| word.is(TokenKind::LeftBrace))
                    && !after(TokenKind::Scope)
            })
            .filter(|_| self.has_body());
        let member = (1..words.len())
            .find(|&at| self.begins_member(words, at, None))
            .filter(|_| self.has_body());
        let body = match (open, member) {
            (Some(open), Some(member)) if open < member => Some(open + 1),
            (Some(open), None) => Some(open + 1),
            (_, Some(member)) => {
                let first = words.get(member).copied();
                let span = first.map_or(Span::default(), Word::span);
                let fix = vec![Edit {
                    span: Span::new(span.start, span.start),
                    text: SmolStr::new_static("{ "),
                }];
                let kind = SyntaxErrorKind::MissingOpen {
                    open: TokenKind::LeftBrace,
                };
                self.report(kind, span, self.member_reading(), fix);
                Some(member)
            }
            (None, None) => None,
        };
        let Some(body) = body else {
            return Parts {
                head: self.balance_head(words),
                members: None,
            };
        };
        let virtual_open = words
            .get(body - 1)
            .is_none_or(|word| !word.is(TokenKind::LeftBrace));
        let head_end = if virtual_open { body } else { body - 1 };
        let head = words.get(..head_end).unwrap_or_default();
        let opener = if virtual_open {
            None
        } else {
            words.get(body - 1).copied()
        };
        let rest = words.get(body..).unwrap_or_default();
        let inside = self.balance(opener, rest);
        Parts {
            head: self.balance_head(head),
            members: Some(self.members_of(&inside)),
        }
    }

    fn has_body(&self) -> bool {
        !matches!(
            self.keyword,
            TokenKind::Source
                | TokenKind::Object
                | TokenKind::Attribute
                | TokenKind::Filter
                | TokenKind::Exclusive
                | TokenKind::Assert
        )
    }

    /// A head with all of its brackets closed.
    fn balance_head(&mut self, words: &[Word]) -> Vec<Word> {
        let mut out: Vec<Word> = Vec::with_capacity(words.len());
        let mut stack: Vec<Word> = Vec::new();
        for &word in words {
            if word.kind.is_some_and(is_closer) {
                self.close(word, &mut stack, &mut out);
            } else {
                if word.kind.and_then(closer).is_some() {
                    stack.push(word);
                }
                out.push(word);
            }
        }
        self.close_down_to(0, &mut stack, &mut out);
        out
    }

    /// The words of a body up to its closing brace, with all of the brackets inside closed. What stands behind the
    /// brace is reported.
    fn balance(&mut self, opener: Option<Word>, words: &[Word]) -> Vec<Word> {
        let mut out: Vec<Word> = Vec::with_capacity(words.len());
        let mut stack: Vec<Word> = Vec::new();
        // The last member: a brace before it closes nothing, so the members behind it are not lost.
        let last_member = (0..words.len())
            .rev()
            .find(|&at| self.begins_member(words, at, None));
        let mut behind = None;
        let mut closed = false;
        for (at, &word) in words.iter().enumerate() {
            if !stack.is_empty() && self.begins_member(words, at, stack.last().copied()) {
                self.close_down_to(0, &mut stack, &mut out);
            }
            match word.kind {
                Some(TokenKind::RightBrace) if stack.is_empty() => {
                    if last_member.is_some_and(|last| last > at) {
                        self.unmatched(word);
                        continue;
                    }
                    closed = true;
                    behind = words.get(at + 1).copied();
                    break;
                }
                Some(kind) if is_closer(kind) => {
                    // The brace of the body closes what was left open in it.
                    let matches = stack
                        .iter()
                        .any(|open| open.kind.and_then(closer) == Some(kind));
                    if kind == TokenKind::RightBrace && !matches {
                        self.close_down_to(0, &mut stack, &mut out);
                        closed = true;
                        behind = words.get(at + 1).copied();
                        break;
                    }
                    self.close(word, &mut stack, &mut out);
                }
                Some(kind) => {
                    if closer(kind).is_some() {
                        stack.push(word);
                    }
                    out.push(word);
                }
                None => out.push(word),
            }
        }
        self.close_down_to(0, &mut stack, &mut out);
        if let Some(opener) = opener
            && !closed
        {
            self.unclosed(opener, words.last().map_or(opener.end, |word| word.end));
        }
        match behind {
            Some(word) if word.kind.is_some_and(is_closer) => self.unmatched(word),
            Some(word) => {
                let found = super::words::short(self.slice(word.span()));
                let kind = SyntaxErrorKind::Unexpected {
                    found: Some(found),
                    expected: vec![crate::error::Expected::End],
                };
                self.report(kind, word.span(), self.head_reading(), Vec::new());
            }
            None => {}
        }
        out
    }

    /// A closing bracket: closes what was left open inside of its own, or is dropped.
    fn close(&mut self, word: Word, stack: &mut Vec<Word>, out: &mut Vec<Word>) {
        match stack
            .iter()
            .rposition(|open| open.kind.and_then(closer) == word.kind)
        {
            Some(at) => {
                self.close_down_to(at + 1, stack, out);
                stack.pop();
                out.push(word);
            }
            None if word.is(TokenKind::RightBrace) => self.unmatched(word),
            // Rather the opening one is missing: the member will tell.
            None => out.push(word),
        }
    }

    fn close_down_to(&mut self, depth: usize, stack: &mut Vec<Word>, out: &mut Vec<Word>) {
        while stack.len() > depth {
            let end = out.last().map_or(0, |word| word.end);
            if let Some(open) = stack.pop()
                && let Some(close) = open.kind.and_then(closer)
            {
                self.unclosed(open, end);
                out.push(Word::missing(close, end));
            }
        }
    }

    fn unclosed(&mut self, open: Word, end: u32) {
        if let Some((kind, close)) = open.kind.and_then(|kind| Some((kind, closer(kind)?))) {
            let fix = vec![Edit {
                span: Span::new(end, end),
                text: SmolStr::from(format!(" {}", close.text())),
            }];
            self.report(
                SyntaxErrorKind::Unclosed { open: kind },
                open.span(),
                self.head_reading(),
                fix,
            );
        }
    }

    fn unmatched(&mut self, word: Word) {
        if let Some(close) = word.kind {
            let fix = vec![Edit {
                span: word.span(),
                text: SmolStr::default(),
            }];
            self.report(
                SyntaxErrorKind::UnmatchedClose { close },
                word.span(),
                self.head_reading(),
                fix,
            );
        }
    }

    /// Does a member begin here for sure? Inside brackets (`open` is the innermost) more is asked for, since there the
    /// same words may stand for something else.
    fn begins_member(&self, words: &[Word], at: usize, open: Option<Word>) -> bool {
        let Some(word) = words.get(at) else {
            return false;
        };
        let next = |by: usize| words.get(at + by);
        let name_then = |by: usize, kinds: &[TokenKind]| {
            let word =
                next(by).is_some_and(|w| w.is_name() || w.kind.is_some_and(TokenKind::is_reserved));
            word && next(by + 1).is_some_and(|w| kinds.iter().any(|&kind| w.is(kind)))
        };
        match self.keyword {
            TokenKind::Table => {
                let line =
                    word.begins_line && open.is_none_or(|open| open.is(TokenKind::LeftBrace));
                let key =
                    word.is(TokenKind::Key) && name_then(1, &[TokenKind::Colon, TokenKind::As]);
                (line && name_then(0, &[TokenKind::Colon, TokenKind::As]))
                    || key && (line || open.is_none())
            }
            TokenKind::Test => {
                if word.is(TokenKind::Given) {
                    return true;
                }
                word.begins_line
                    && (name_then(0, &[TokenKind::Sees, TokenKind::Can, TokenKind::Cannot])
                        || open.is_none() && name_then(0, &[TokenKind::LeftParen]))
            }
            TokenKind::User => {
                word.is_rule()
                    || word.begins_line
                        && name_then(0, &[TokenKind::Equals])
                        && open.is_none_or(|open| !open.is(TokenKind::LeftParen))
            }
            TokenKind::Role | TokenKind::Group | TokenKind::Everyone | TokenKind::For => {
                word.is_rule()
            }
            TokenKind::Enum => open.is_none() && word.is(TokenKind::String),
            _ => false,
        }
    }

    /// Cuts a body where members begin.
    fn members_of(&self, words: &[Word]) -> Vec<Vec<Word>> {
        let mut members: Vec<Vec<Word>> = Vec::new();
        let mut open: Vec<Word> = Vec::new();
        let mut colon = false;
        let mut at = 0;
        while let Some(&word) = words.get(at) {
            let before = at.checked_sub(1).and_then(|at| words.get(at)).copied();
            let begins = open.is_empty()
                && (self.begins_member(words, at, None)
                    || self.cuts(words, at, before, &members, colon));
            if begins || members.is_empty() {
                members.push(Vec::new());
                colon = false;
            }
            colon |= word.is(TokenKind::Colon);
            if word.kind.and_then(closer).is_some() {
                open.push(word);
            } else if word.kind.is_some_and(is_closer) {
                open.pop();
            }
            if let Some(member) = members.last_mut() {
                member.push(word);
            }
            at += 1;
        }
        members
    }

    /// Cuts that hold only for what stands open in the body itself.
    fn cuts(
        &self,
        words: &[Word],
        at: usize,
        before: Option<Word>,
        members: &[Vec<Word>],
        colon: bool,
    ) -> bool {
        let (Some(word), Some(before)) = (words.get(at), before) else {
            return false;
        };
        let next = words.get(at + 1);
        match self.keyword {
            TokenKind::Kind => {
                before.is(TokenKind::Comma)
                    || word.begins_line && word.is_name() && !before.is(TokenKind::Implies)
            }
            TokenKind::Hierarchy => !word.is(TokenKind::Greater) && !before.is(TokenKind::Greater),
            TokenKind::Table => {
                let name = word.is_name();
                let continues = before.kind.is_some_and(|kind| {
                    matches!(
                        kind,
                        TokenKind::Colon
                            | TokenKind::Arrow
                            | TokenKind::Dot
                            | TokenKind::As
                            | TokenKind::In
                            | TokenKind::Of
                            | TokenKind::Stored
                            | TokenKind::Key
                    )
                });
                // On one line a column begins with a name and a colon, once the one before has its colon.
                name && !continues
                    && (word.begins_line && !before.is(TokenKind::Comma)
                        || colon && next.is_some_and(|next| next.is(TokenKind::Colon)))
            }
            TokenKind::User => {
                let fact = members
                    .last()
                    .is_some_and(|member| !member.first().is_some_and(|first| first.is_rule()));
                fact && word.is_name() && next.is_some_and(|next| next.is(TokenKind::Equals))
            }
            TokenKind::Test => {
                let who = word.is_name()
                    && !before.kind.is_some_and(|kind| {
                        matches!(
                            kind,
                            TokenKind::Can
                                | TokenKind::Cannot
                                | TokenKind::Sees
                                | TokenKind::Querying
                                | TokenKind::Given
                                | TokenKind::User
                                | TokenKind::Colon
                                | TokenKind::Comma
                                | TokenKind::Dot
                                | TokenKind::As
                                | TokenKind::In
                        )
                    });
                who && next.is_some_and(|next| {
                    matches!(
                        next.kind,
                        Some(TokenKind::Sees | TokenKind::Can | TokenKind::Cannot)
                    )
                })
            }
            _ => false,
        }
    }

    /// What a member of this item is.
    pub fn reading_of(&self, member: &[Word]) -> Reading {
        match self.keyword {
            TokenKind::User if member.first().is_some_and(|first| first.is_rule()) => Reading::Rule,
            _ => self.member_reading(),
        }
    }
}
