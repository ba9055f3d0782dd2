//! The tree of an item that the grammar could not read.
//!
//! The language has no terminators, so the usual panic mode of LR parsers (drop tokens until one fits) would eat into the
//! next member. Instead, from the gentlest means to the harshest:
//! 1. each error token is read as what was meant (`==` as `=`), see words.rs;
//! 2. one edit that makes the item readable again keeps all of its tree, see single.rs;
//! 3. else head and members are cut apart (bodies.rs) and read one by one, each again with one edit (members.rs); what
//!    still cannot be read becomes a hole: a condition alone, else the member, else the rest of the head (heads.rs).
//!
//! Every means is tried a fixed number of times, so all of it is linear in the length of the item.

mod bodies;
mod expected;
mod heads;
mod members;
mod single;
mod tries;
mod words;

use std::collections::BTreeSet;

use smol_str::SmolStr;

use crate::ast::{ItemKind, Span};
use crate::builder::{Builder, Start, Symbol, Tree};
use crate::error::{Edit, Reading, SyntaxError, SyntaxErrorKind};
use crate::items::RawItem;
use crate::parser;
use crate::spelling;
use crate::token::{Token, TokenKind};

use expected::Terminals;
use words::{Word, short};

/// What came of a broken item: the tree, the mistakes, and whether names may be missing.
pub(crate) fn item(
    raw: &RawItem,
    tokens: &[Token],
    docs: &[(u32, Vec<SmolStr>)],
) -> (ItemKind, Vec<SyntaxError>, bool) {
    let written = words::words(&raw.text, tokens);
    let mut recovery = Recovery {
        text: &raw.text,
        docs,
        keyword: TokenKind::Source,
        errors: Vec::new(),
        damaged: false,
    };
    let Some(keyword) = TokenKind::from_text(&raw.keyword).filter(|kind| kind.is_item()) else {
        return (ItemKind::Error, recovery.junk(&written), true);
    };
    recovery.keyword = keyword;
    let mut words = words::mend(
        &raw.text,
        &written,
        keyword == TokenKind::Table,
        &mut recovery.errors,
    );
    if let Some(first) = words.first_mut()
        && !first.is(keyword)
    {
        let found = short(recovery.slice(first.span()));
        let fix = vec![Edit {
            span: first.span(),
            text: SmolStr::new_static(keyword.text()),
        }];
        first.kind = Some(keyword);
        let kind = SyntaxErrorKind::MisspelledKeyword {
            found,
            meant: keyword,
        };
        recovery.report(kind, first.span(), Reading::File, fix);
    }
    let kind = recovery.whole(&words);
    let errors = finish(recovery.errors);
    (kind, errors, recovery.damaged)
}

/// Where the grammar stopped.
#[derive(Debug, Clone)]
struct Failure {
    /// The word; at the end, one past the last.
    at: usize,
    expected: Terminals,
}

/// The recovery of one item.
struct Recovery<'a> {
    text: &'a str,
    docs: &'a [(u32, Vec<SmolStr>)],
    keyword: TokenKind,
    errors: Vec<SyntaxError>,
    damaged: bool,
}

impl<'a> Recovery<'a> {
    fn slice(&self, span: Span) -> &'a str {
        self.text.get(span.range()).unwrap_or_default()
    }

    fn report(&mut self, kind: SyntaxErrorKind, span: Span, context: Reading, fix: Vec<Edit>) {
        self.errors.push(SyntaxError {
            kind,
            span,
            context,
            fix,
        });
    }

    /// Runs the grammar; else the word it stopped at, `None` at the end.
    fn read(
        &self,
        start: Start,
        words: impl Iterator<Item = Word>,
    ) -> Result<(Tree, Vec<SyntaxError>), Option<usize>> {
        let mut builder = Builder::mended(self.text, self.docs);
        match parser::run(&mut builder, start, words.map(Word::symbol)) {
            Ok(tree) => Ok((tree, builder.errors)),
            Err(stop) => Err(stop.at),
        }
    }

    /// What the grammar could have gone on with at a word. A parser with merged states takes some steps on a token that
    /// it then refuses, and has forgotten by then what it expected: so it is asked again, halting before that token.
    fn failure(&self, start: Start, words: &[Word], at: Option<usize>) -> Failure {
        let at = at.unwrap_or(words.len()).min(words.len());
        let before = words.iter().take(at).map(|word| word.symbol());
        let halt = std::iter::once((u32::MAX, Symbol::Halt, u32::MAX));
        let expected = match parser::run(
            &mut Builder::mended(self.text, self.docs),
            start,
            before.chain(halt),
        ) {
            Ok(_) => Terminals::default(),
            Err(stop) => Terminals::new(&stop.expected),
        };
        Failure { at, expected }
    }

    fn unexpected(
        &self,
        words: &[Word],
        at: usize,
        expected: &Terminals,
        reading: Reading,
    ) -> SyntaxErrorKind {
        // What was only put in is the end for the reader.
        let found = words
            .get(at)
            .filter(|word| word.end > word.start)
            .map(|word| short(self.slice(word.span())));
        if reading == Reading::Condition
            && let Some(found) = found.clone()
            && expected.has(TokenKind::Months)
            && words
                .get(at)
                .is_some_and(|word| word.is(TokenKind::Identifier))
        {
            let units = TokenKind::KEYWORDS.iter().copied();
            let units = units.filter(|kind| kind.category() == Some(crate::token::Category::Unit));
            return SyntaxErrorKind::UnknownUnit {
                nearest: spelling::nearest(&found, units),
                found,
            };
        }
        let in_columns = reading == Reading::Column;
        SyntaxErrorKind::Unexpected {
            found,
            expected: expected.describe(in_columns),
        }
    }

    /// Reports where the grammar stopped, unless what stands before was reported already.
    fn report_failure(&mut self, words: &[Word], failure: &Failure, reading: Reading) {
        let at = failure.at;
        if words.get(at).is_some_and(|word| word.after_dropped) && !self.errors.is_empty() {
            return;
        }
        let kind = self.unexpected(words, at, &failure.expected, reading);
        let span = span_at(words, at);
        self.report(kind, span, reading, Vec::new());
    }

    /// The item with all means.
    fn whole(&mut self, words: &[Word]) -> ItemKind {
        let at = match self.read(Start::Item, words.iter().copied()) {
            Ok((Tree::Item(kind), errors)) => {
                self.errors.extend(errors);
                return *kind;
            }
            Ok(_) => return ItemKind::Error,
            Err(at) => at,
        };
        let failure = self.failure(Start::Item, words, at);
        if let Some(mended) = self.edit(Start::Item, words, failure, None, 1)
            && let Tree::Item(kind) = mended.tree
        {
            self.errors.extend(mended.errors);
            self.damaged |= mended.loses;
            return *kind;
        }
        self.parts(words)
    }

    /// What is being read at a word of a part of an item; `base` is what the part is.
    fn reading_in(&self, words: &[Word], at: usize, base: Option<Reading>) -> Reading {
        let inner = self.reading(words, at);
        match base {
            Some(base) if !matches!(inner, Reading::Condition | Reading::Rule | Reading::Step) => {
                base
            }
            _ => inner,
        }
    }

    /// What is being read at a word.
    fn reading(&self, words: &[Word], at: usize) -> Reading {
        let mut depth = 0_i32;
        for word in words
            .get(..at.min(words.len()))
            .unwrap_or_default()
            .iter()
            .rev()
        {
            match word.kind {
                Some(TokenKind::RightBrace) => depth += 1,
                Some(TokenKind::LeftBrace) => depth -= 1,
                // `to today` stands inside conditions, which is the same answer as for `restrict … to`.
                Some(TokenKind::Where | TokenKind::To) if depth <= 0 => return Reading::Condition,
                Some(
                    TokenKind::Grant | TokenKind::Deny | TokenKind::Restrict | TokenKind::Applies,
                ) => {
                    return Reading::Rule;
                }
                Some(TokenKind::Given | TokenKind::Sees | TokenKind::Can | TokenKind::Cannot)
                    if self.keyword == TokenKind::Test =>
                {
                    return Reading::Step;
                }
                _ => {}
            }
        }
        if depth < 0 {
            self.member_reading()
        } else {
            self.head_reading()
        }
    }

    fn head_reading(&self) -> Reading {
        match self.keyword {
            TokenKind::Assert => Reading::Claim,
            keyword => Reading::Header(keyword),
        }
    }

    fn member_reading(&self) -> Reading {
        match self.keyword {
            TokenKind::Table => Reading::Column,
            TokenKind::Enum => Reading::EnumMember,
            TokenKind::Kind => Reading::Action,
            TokenKind::Hierarchy => Reading::Levels,
            TokenKind::User => Reading::Fact,
            TokenKind::Test => Reading::Step,
            TokenKind::Attribute => Reading::Type,
            _ => Reading::Rule,
        }
    }

    /// What begins no item.
    fn junk(&self, written: &[Word]) -> Vec<SyntaxError> {
        let Some(&first) = written.first() else {
            return Vec::new();
        };
        let mut errors = Vec::new();
        if first.written.is_error() {
            let mended = words::mend(self.text, written, false, &mut errors);
            let only_dropped = mended.first().is_none_or(|word| word.after_dropped);
            if only_dropped && !errors.is_empty() {
                errors.truncate(1);
                return errors;
            }
            errors.clear();
        }
        let slice = self.slice(first.span());
        let kind = match first.written {
            close if single::is_closer(close) => SyntaxErrorKind::UnmatchedClose { close },
            keyword @ (TokenKind::Grant | TokenKind::Deny | TokenKind::Restrict) => {
                SyntaxErrorKind::RuleOutside { keyword }
            }
            _ => {
                let nearest = spelling::nearest(slice, TokenKind::item_keywords());
                SyntaxErrorKind::NotAnItem {
                    found: short(slice),
                    nearest,
                }
            }
        };
        errors.push(SyntaxError {
            kind,
            span: first.span(),
            context: Reading::File,
            fix: Vec::new(),
        });
        errors
    }
}

/// Where a mistake at this word is shown: at the end, at the last word.
fn span_at(words: &[Word], at: usize) -> Span {
    let word = words.get(at).or_else(|| {
        words
            .get(..at.min(words.len()))
            .and_then(|before| before.last())
    });
    word.map_or(Span::default(), |word| word.span())
}

/// One mistake, one report: those that only follow from another one go.
fn finish(errors: Vec<SyntaxError>) -> Vec<SyntaxError> {
    // An open string swallows whatever follows it on its line, brackets too.
    let swallowed = errors
        .iter()
        .any(|error| matches!(error.kind, SyntaxErrorKind::UnterminatedString));
    let structural = |error: &SyntaxError| {
        matches!(
            error.kind,
            SyntaxErrorKind::Unexpected { .. }
                | SyntaxErrorKind::Unclosed { .. }
                | SyntaxErrorKind::UnmatchedClose { .. }
                | SyntaxErrorKind::MissingOpen { .. }
                | SyntaxErrorKind::MissingQuotes { .. }
                | SyntaxErrorKind::TrailingComma
                | SyntaxErrorKind::StrayComma
        )
    };
    let tokens: BTreeSet<Span> = errors
        .iter()
        .filter(|error| !structural(error))
        .map(|error| error.span)
        .collect();
    let mut kept: Vec<SyntaxError> = errors
        .into_iter()
        .filter(|error| !structural(error) || !swallowed && !tokens.contains(&error.span))
        .collect();
    kept.sort_by_key(|error| error.span);
    kept.dedup();
    kept
}
