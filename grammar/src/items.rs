//! Tokens to items: where one ends and the next begins.
//!
//! Items have no terminators, so after a mistake the parser could not tell where the next item begins. People can: an
//! item keyword that begins a line, stands no further right than the keyword of the open item and is followed by a
//! name. That is the rule here (a *head*). The grammar on the other hand is blind to line ends, and a valid text must
//! mean the same however it is laid out; so wherever the rule alone could be wrong (an open brace, two items on one
//! line, a soft keyword as a name, a stray word at the margin) the parser is asked how far the item goes.

use std::sync::Arc;

use smol_str::SmolStr;

use crate::builder::{Builder, Start, Symbol};
use crate::lexer::lex;
use crate::parser;
use crate::spelling;
use crate::text;
use crate::token::{Token, TokenKind};

/// The text of one item, not yet parsed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RawItem {
    /// Its keyword (the one meant, where it is just misspelled); `""` for junk.
    pub keyword: SmolStr,
    /// The name after the keyword (`""` if none; of tests the string; of `for`, `exclusive` and `assert` the first name;
    /// `""` for `everyone`).
    pub name: SmolStr,
    /// Its first byte in the file.
    pub start: u32,
    /// From its first doc comment or its keyword to its last token: what stands outside never changes an item.
    pub text: Arc<str>,
}

impl RawItem {
    /// Its tokens without blanks and plain comments, relative to its own first byte.
    ///
    /// They are lexed anew, which is quick; kept for every item they would take more room than all texts.
    pub fn tokens(&self) -> Vec<Token> {
        let mut tokens = lex(&self.text);
        tokens.retain(|t| !matches!(t.kind, TokenKind::Whitespace | TokenKind::Comment));
        tokens
    }
}

/// Splits a text into items.
pub fn split(text: &str) -> Vec<RawItem> {
    let mut splitter = Splitter::new(text);
    let mut items = Vec::new();
    let mut at = 0;
    while at < splitter.words.len() {
        let keyword = splitter.keyword(at);
        let end = if keyword.is_some() {
            splitter.item_end(at)
        } else {
            splitter.junk_end(at)
        };
        let end = end.clamp(at + 1, splitter.words.len());
        items.push(splitter.item(keyword, at, end));
        at = end;
    }
    items
}

/// A token that is no trivia.
#[derive(Debug, Clone, Copy)]
struct Word {
    kind: TokenKind,
    start: u32,
    end: u32,
    /// Bytes between it and the beginning of its line.
    column: u32,
    /// Nothing but trivia stands before it on its line.
    begins_line: bool,
}

struct Splitter<'a> {
    text: &'a str,
    words: Vec<Word>,
    docs: Vec<(Token, bool)>,
    /// The first doc comment that no item has yet.
    next_doc: usize,
    /// How many tokens the parser may still read past the end that the rule gives: texts made to be asked about over
    /// and over still split in linear time.
    budget: usize,
}

impl<'a> Splitter<'a> {
    fn new(text: &'a str) -> Self {
        let tokens = lex(text);
        let mut words = Vec::with_capacity(tokens.len() / 2);
        let mut docs = Vec::new();
        // The byte order mark takes no room.
        let mut line = if text.starts_with('\u{FEFF}') { 3 } else { 0 };
        let mut begins_line = true;
        for token in tokens {
            match token.kind {
                TokenKind::Whitespace => {
                    let blank = text
                        .get(token.start as usize..token.end as usize)
                        .unwrap_or_default();
                    if let Some(at) = blank.rfind(['\n', '\r']) {
                        line = token.start + at as u32 + 1;
                        begins_line = true;
                    }
                }
                TokenKind::Comment => {}
                TokenKind::DocComment => docs.push((token, begins_line)),
                kind => {
                    let Token { start, end, .. } = token;
                    words.push(Word {
                        kind,
                        start,
                        end,
                        column: start.saturating_sub(line),
                        begins_line,
                    });
                    begins_line = false;
                }
            }
        }
        let budget = 1000 + 4 * words.len();
        Self {
            text,
            words,
            docs,
            next_doc: 0,
            budget,
        }
    }

    fn kind(&self, at: usize) -> Option<TokenKind> {
        self.words.get(at).map(|word| word.kind)
    }

    fn slice(&self, word: Word) -> &'a str {
        self.text
            .get(word.start as usize..word.end as usize)
            .unwrap_or_default()
    }

    /// Can what stands at `at` follow this item keyword?
    fn follows(&self, keyword: TokenKind, at: usize) -> bool {
        let Some(kind) = self.kind(at) else {
            return false;
        };
        match keyword {
            TokenKind::Test => is_string(kind),
            TokenKind::Everyone => matches!(kind, TokenKind::LeftBrace | TokenKind::Except),
            TokenKind::Assert => {
                kind.is_name() || matches!(kind, TokenKind::Anyone | TokenKind::BadWord)
            }
            _ => kind.is_name() || kind == TokenKind::BadWord,
        }
    }

    /// An item keyword with what must follow it.
    fn is_head(&self, at: usize) -> bool {
        self.kind(at)
            .is_some_and(|kind| kind.is_item() && self.follows(kind, at + 1))
    }

    /// The keyword of the item that begins here, also a misspelled one.
    fn keyword(&self, at: usize) -> Option<TokenKind> {
        let word = self.words.get(at)?;
        if word.kind.is_item() {
            return Some(word.kind);
        }
        if word.kind != TokenKind::Identifier {
            return None;
        }
        spelling::nearest(self.slice(*word), TokenKind::item_keywords())
            .filter(|&meant| self.follows(meant, at + 1))
    }

    /// At the beginning of a line, no further right than `column`.
    fn at_margin(&self, at: usize, column: u32) -> bool {
        self.words
            .get(at)
            .is_some_and(|word| word.begins_line && word.column <= column)
    }

    /// One past the last token of junk.
    fn junk_end(&self, from: usize) -> usize {
        let column = self.words.get(from).map_or(0, |word| word.column);
        (from + 1..self.words.len())
            .find(|&at| {
                self.at_margin(at, column)
                    && (self.is_head(at)
                        || self.kind(at) == Some(TokenKind::Identifier)
                            && self.keyword(at).is_some())
            })
            .unwrap_or(self.words.len())
    }

    /// One past the last token of the item that begins at `from`.
    fn item_end(&mut self, from: usize) -> usize {
        let column = self.words.get(from).map_or(0, |word| word.column);
        let mut depth = 0_i32;
        let mut body = false;
        let mut asked = false;
        // Where the item ends at the latest if it is broken.
        let mut broken_end = None;
        let mut end = from + 1;
        while let Some(&word) = self.words.get(end) {
            let margin = word.begins_line && word.column <= column.saturating_add(1);
            let head = self.is_head(end);
            if head && word.begins_line && word.column <= column {
                break;
            }
            let mut doubtful = false;
            match word.kind {
                TokenKind::LeftBrace => {
                    // No item has two bodies.
                    doubtful = depth == 0 && body;
                    body |= depth == 0;
                    depth += 1;
                }
                TokenKind::RightBrace => {
                    depth -= 1;
                    doubtful = depth < 0;
                }
                TokenKind::RightParen | TokenKind::RightBracket => {}
                kind if depth <= 0 && (margin || head) => {
                    doubtful = true;
                    // Nothing goes on with a name behind a closing brace.
                    let behind =
                        kind.is_name() && self.kind(end - 1) == Some(TokenKind::RightBrace);
                    if margin && (kind.is_item() || behind) && broken_end.is_none() {
                        broken_end = Some(end);
                    }
                }
                _ => {}
            }
            if doubtful && !asked {
                asked = true;
                if let Some(next) = self.complete(from, end, column) {
                    return next;
                }
            }
            end += 1;
        }
        if !asked && end < self.words.len() {
            let ends = self
                .words
                .get(end - 1)
                .is_some_and(|word| can_end(word.kind));
            if (depth != 0 || !ends)
                && let Some(next) = self.complete(from, end, column)
            {
                return next;
            }
        }
        broken_end.unwrap_or(end)
    }

    /// Behind a whole item: does this token, which cannot continue it, belong to something else? Further right it may
    /// well be a slip of the item, say in a clause on a line of its own. One blank does not count: it is what stands
    /// there when a keyword at the margin was deleted.
    fn parts(&self, at: usize, column: u32) -> bool {
        let closed = at.checked_sub(1).and_then(|at| self.kind(at)) == Some(TokenKind::RightBrace);
        at == self.words.len()
            || self.is_head(at)
            || self.at_margin(
                at,
                if closed {
                    u32::MAX
                } else {
                    column.saturating_add(1)
                },
            )
    }

    /// Where the item that begins at `from` ends, if the parser can read it whole and something else follows. It may well
    /// end after `end`, where it is in doubt.
    fn complete(&mut self, from: usize, end: usize, column: u32) -> Option<usize> {
        if self.budget == 0 {
            return None;
        }
        let limit = self.words.len().min(end.saturating_add(self.budget));
        let stop = match self.parse(from, limit) {
            Ok(()) => return (limit == self.words.len()).then_some(limit),
            Err(stop) => stop?,
        };
        self.budget = self.budget.saturating_sub(stop.saturating_sub(end));
        (stop > from && self.parts(stop, column) && self.parse(from, stop).is_ok()).then_some(stop)
    }

    /// Parses tokens as one item; else where that failed, if not at their end.
    fn parse(&self, from: usize, to: usize) -> Result<(), Option<usize>> {
        let words = self.words.get(from..to).unwrap_or_default();
        // A misspelled keyword is read as what it means.
        let keyword = self.keyword(from);
        let symbols = words.iter().enumerate().map(|(at, word)| {
            let kind = keyword.filter(|_| at == 0).unwrap_or(word.kind);
            (word.start, Symbol::Token(kind), word.end)
        });
        match parser::run(&mut Builder::new(self.text, &[]), Start::Item, symbols) {
            Ok(_) => Ok(()),
            Err(stop) => Err(stop.at.map(|at| from + at)),
        }
    }

    /// The item of the tokens `from..to`, with the doc comments above it.
    fn item(&mut self, keyword: Option<TokenKind>, from: usize, to: usize) -> RawItem {
        let words = self.words.get(from..to).unwrap_or_default();
        let first = words.first().map_or(0, |word| word.start);
        let end = words.last().map_or(first, |word| word.end);
        // A doc comment on the line of the item before is above nothing.
        while self
            .docs
            .get(self.next_doc)
            .is_some_and(|(doc, begins_line)| doc.start < first && !begins_line)
        {
            self.next_doc += 1;
        }
        let docs = self.docs.get(self.next_doc..).unwrap_or_default();
        let docs = docs
            .get(..docs.partition_point(|(doc, _)| doc.start < end))
            .unwrap_or_default();
        self.next_doc += docs.len();
        let start = docs.first().map_or(first, |(doc, _)| doc.start.min(first));
        RawItem {
            keyword: SmolStr::new_static(keyword.map_or("", TokenKind::text)),
            name: self.name(keyword, words),
            start,
            text: Arc::from(
                self.text
                    .get(start as usize..end as usize)
                    .unwrap_or_default(),
            ),
        }
    }

    fn name(&self, keyword: Option<TokenKind>, words: &[Word]) -> SmolStr {
        let mut rest = words.iter().skip(1).take(3).copied();
        let is_name = |word: &Word| word.kind.is_name() || word.kind == TokenKind::BadWord;
        let name = match keyword {
            None | Some(TokenKind::Everyone) => None,
            Some(TokenKind::Test) => {
                let string = rest.next().filter(|word| is_string(word.kind));
                return string.map_or(SmolStr::default(), |word| {
                    text::unquote(self.slice(word), 0, &mut Vec::new())
                });
            }
            Some(TokenKind::For | TokenKind::Exclusive | TokenKind::Assert) => rest.find(is_name),
            // A reserved word in the place of the name is meant as one, unless the name itself seems to be missing.
            Some(_) => match (rest.next(), rest.next()) {
                (Some(word), _) if is_name(&word) => Some(word),
                (Some(word), next)
                    if word.kind.is_reserved() && !next.is_some_and(|next| is_name(&next)) =>
                {
                    Some(word)
                }
                _ => None,
            },
        };
        name.map_or(SmolStr::default(), |word| SmolStr::new(self.slice(word)))
    }
}

fn is_string(kind: TokenKind) -> bool {
    matches!(
        kind,
        TokenKind::String | TokenKind::UnterminatedString | TokenKind::SingleQuoted
    )
}

/// Can an item end with this token for sure? A soft keyword may be one, or the name of something.
fn can_end(kind: TokenKind) -> bool {
    kind.is_value()
        || matches!(
            kind,
            TokenKind::Identifier
                | TokenKind::RightBrace
                | TokenKind::RightParen
                | TokenKind::RightBracket
                | TokenKind::Null
                | TokenKind::True
                | TokenKind::False
                | TokenKind::Nothing
                | TokenKind::Everything
                | TokenKind::Today
                | TokenKind::Visible
        )
}
