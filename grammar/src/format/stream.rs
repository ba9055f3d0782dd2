//! The tokens that mean something, and what stands between them: comments and line breaks.

use crate::{RawItem, Span, TokenKind, lex, split};

/// A token that is neither a comment nor white space.
#[derive(Debug, Clone, Copy)]
pub(super) struct Word {
    /// First byte in the file.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// Its width in characters.
    pub width: u32,
}

/// A comment, without the blanks at its end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Comment {
    /// First byte in the file.
    pub start: u32,
    /// One past the last byte that is not blank.
    pub end: u32,
    /// Line breaks between whatever stands before it and the comment.
    pub breaks: u32,
}

/// What stands between two words.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Gap {
    /// Its first comment, an index into the stream's comments.
    first: u32,
    /// One past its last comment.
    last: u32,
    /// Line breaks between the last comment (or the word before) and the word after.
    pub breaks: u32,
}

impl Gap {
    /// Does a comment stand here?
    pub fn has_comments(self) -> bool {
        self.first < self.last
    }
}

/// A text as words and gaps: `gaps[i]` stands before `words[i]`, and one gap stands after the last word.
#[derive(Debug)]
pub(super) struct Stream<'a> {
    /// The whole text.
    pub text: &'a str,
    /// Its words.
    pub words: Vec<Word>,
    comments: Vec<Comment>,
    gaps: Vec<Gap>,
}

/// A text, read for formatting.
#[derive(Debug)]
pub(super) struct Source<'a> {
    /// Its words and gaps.
    pub stream: Stream<'a>,
    /// Its items.
    pub items: Vec<RawItem>,
}

impl<'a> Source<'a> {
    /// Reads a text.
    pub fn new(text: &'a str) -> Self {
        Self {
            stream: Stream::new(text),
            items: split(text),
        }
    }
}

impl<'a> Stream<'a> {
    /// Reads a text.
    pub fn new(text: &'a str) -> Self {
        let mut stream = Self {
            text,
            words: Vec::new(),
            comments: Vec::new(),
            gaps: Vec::new(),
        };
        let mut gap = Gap::default();
        for token in lex(text) {
            let raw = stream.slice(token.start, token.end);
            match token.kind {
                TokenKind::Whitespace => gap.breaks = gap.breaks.saturating_add(line_breaks(raw)),
                TokenKind::Comment | TokenKind::DocComment => {
                    let end = token.start + raw.trim_end().len() as u32;
                    stream.comments.push(Comment {
                        start: token.start,
                        end,
                        breaks: gap.breaks,
                    });
                    gap.last = stream.comments.len() as u32;
                    gap.breaks = 0;
                }
                _ => {
                    let width = raw.chars().count() as u32;
                    stream.words.push(Word {
                        start: token.start,
                        end: token.end,
                        width,
                    });
                    stream.gaps.push(gap);
                    let next = stream.comments.len() as u32;
                    gap = Gap {
                        first: next,
                        last: next,
                        breaks: 0,
                    };
                }
            }
        }
        stream.gaps.push(gap);
        stream
    }

    fn slice(&self, start: u32, end: u32) -> &'a str {
        self.text
            .get(start as usize..end as usize)
            .unwrap_or_default()
    }

    /// The gap before a word (or after the last one).
    pub fn gap(&self, word: usize) -> Gap {
        self.gaps.get(word).copied().unwrap_or_default()
    }

    /// The comments of the gap before a word.
    pub fn comments(&self, word: usize) -> &[Comment] {
        let gap = self.gap(word);
        self.comments
            .get(gap.first as usize..gap.last as usize)
            .unwrap_or_default()
    }

    /// The text of a comment.
    pub fn comment_text(&self, comment: &Comment) -> &'a str {
        self.slice(comment.start, comment.end)
    }

    /// The text of a word; empty past the end.
    pub fn word_text(&self, word: usize) -> &'a str {
        self.words
            .get(word)
            .map_or("", |w| self.slice(w.start, w.end))
    }

    /// The first word that starts at a byte or after it.
    pub fn word_at(&self, byte: u32) -> usize {
        self.words.partition_point(|w| w.start < byte)
    }

    /// From the first byte of one word to the last byte of another.
    pub fn span(&self, first: usize, last: usize) -> Span {
        let end = self.text.len() as u32;
        let start = self.words.get(first).map_or(end, |w| w.start);
        Span::new(
            start,
            self.words.get(last).map_or(end, |w| w.end).max(start),
        )
    }
}

/// The line breaks in white space: `\n`, `\r\n`, or `\r` alone.
fn line_breaks(blank: &str) -> u32 {
    let mut count = 0;
    let mut after_return = false;
    for byte in blank.bytes() {
        if byte == b'\r' || byte == b'\n' && !after_return {
            count += 1;
        }
        after_return = byte == b'\r';
    }
    count
}
