//! Texts of files and their lines, looked up once each.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use smol_str::SmolStr;

/// How many bytes lie between two remembered character counts.
const STRIDE: usize = 1024;

/// Where the lines of a text begin; made once for a text, then quick to ask.
///
/// A line ends at `\n`. Columns are counted in code points.
#[derive(Debug, Clone)]
pub struct LineIndex {
    len: u32,
    starts: Vec<u32>,
    /// The number of characters before every `STRIDE`-th byte; empty when all characters are single bytes.
    counts: Vec<u32>,
}

/// A position in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// From 0, in bytes.
    pub byte: u32,
    /// From 1.
    pub line: u32,
    /// From 1, in code points.
    pub col: u32,
}

impl LineIndex {
    /// Reads a text.
    pub fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut starts = vec![0];
        starts.extend(
            bytes
                .iter()
                .enumerate()
                .filter(|(_, b)| **b == b'\n')
                .map(|(i, _)| i as u32 + 1),
        );
        let mut counts = Vec::new();
        if !text.is_ascii() {
            let mut count = 0;
            for chunk in bytes.chunks(STRIDE) {
                counts.push(count);
                count += characters(chunk);
            }
            counts.push(count);
        }
        Self {
            len: bytes.len() as u32,
            starts,
            counts,
        }
    }

    /// How many lines there are; at least one.
    pub fn line_count(&self) -> u32 {
        self.starts.len() as u32
    }

    /// The position of a byte of `text` (the text that the index was made from). A byte past the end counts as the
    /// end, and one inside a character as its first.
    pub fn position(&self, text: &str, byte: u32) -> Position {
        let byte = floor(text, byte.min(self.len));
        let line = self
            .starts
            .partition_point(|s| *s <= byte)
            .saturating_sub(1);
        let start = self.starts.get(line).copied().unwrap_or(0);
        let col = if self.counts.is_empty() {
            byte - start
        } else {
            self.count(text, byte)
                .saturating_sub(self.count(text, start))
        };
        Position {
            byte,
            line: line as u32 + 1,
            col: col + 1,
        }
    }

    /// The bytes of a line (from 1), without its line end.
    pub fn line_range(&self, text: &str, line: u32) -> std::ops::Range<usize> {
        let index = line.saturating_sub(1) as usize;
        let start = self.starts.get(index).copied().unwrap_or(self.len) as usize;
        let end = self
            .starts
            .get(index + 1)
            .map_or(self.len as usize, |s| *s as usize - 1);
        let end = end.max(start);
        let cr = text.get(start..end).is_some_and(|l| l.ends_with('\r'));
        start..end - usize::from(cr)
    }

    /// The number of characters before a byte.
    fn count(&self, text: &str, byte: u32) -> u32 {
        let chunk = byte as usize / STRIDE;
        let before = self.counts.get(chunk).copied().unwrap_or(0);
        before
            + text
                .as_bytes()
                .get(chunk * STRIDE..byte as usize)
                .map_or(0, characters)
    }
}

/// The characters that begin in these bytes of a UTF-8 text.
fn characters(bytes: &[u8]) -> u32 {
    bytes.iter().filter(|b| **b & 0xC0 != 0x80).count() as u32
}

/// The nearest character boundary at or before a byte.
fn floor(text: &str, byte: u32) -> u32 {
    let mut byte = byte;
    while byte > 0 && !text.is_char_boundary(byte as usize) {
        byte -= 1;
    }
    byte
}

/// A file's text with its lines.
#[derive(Debug)]
pub struct SourceText {
    /// The text.
    pub text: Arc<str>,
    /// Its lines.
    pub lines: LineIndex,
}

impl SourceText {
    /// The position of a byte.
    pub fn position(&self, byte: u32) -> Position {
        self.lines.position(&self.text, byte)
    }

    /// A line (from 1) without its line end.
    pub fn line(&self, line: u32) -> &str {
        self.text
            .get(self.lines.line_range(&self.text, line))
            .unwrap_or_default()
    }
}

/// The files that problems speak of; each is fetched and indexed when it is first needed.
pub struct Sources<'a> {
    fetch: &'a dyn Fn(&str) -> Option<Arc<str>>,
    cache: RefCell<BTreeMap<SmolStr, Rc<SourceText>>>,
}

impl<'a> Sources<'a> {
    /// Takes what gives the text of a file by its name (relative to the project). A file that it does not know
    /// counts as empty.
    pub fn new(fetch: &'a dyn Fn(&str) -> Option<Arc<str>>) -> Self {
        Self {
            fetch,
            cache: RefCell::default(),
        }
    }

    /// A file's text with its lines.
    pub fn get(&self, file: &str) -> Rc<SourceText> {
        if let Some(found) = self.cache.borrow().get(file) {
            return Rc::clone(found);
        }
        let text = (self.fetch)(file).unwrap_or_else(|| Arc::from(""));
        let lines = LineIndex::new(&text);
        let source = Rc::new(SourceText { text, lines });
        self.cache
            .borrow_mut()
            .insert(file.into(), Rc::clone(&source));
        source
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_code_points() {
        let text = "é→x\r\n𝄞b";
        let index = LineIndex::new(text);
        assert_eq!(index.line_count(), 2);
        assert_eq!(
            index.position(text, 5),
            Position {
                byte: 5,
                line: 1,
                col: 3
            }
        );
        assert_eq!(
            index.position(text, 4),
            Position {
                byte: 2,
                line: 1,
                col: 2
            },
            "inside `→`"
        );
        assert_eq!(
            index.position(text, 12),
            Position {
                byte: 12,
                line: 2,
                col: 2
            }
        );
        assert_eq!(
            index.position(text, 99),
            Position {
                byte: 13,
                line: 2,
                col: 3
            },
            "past the end"
        );
        assert_eq!(&text[index.line_range(text, 1)], "é→x");
        assert_eq!(&text[index.line_range(text, 2)], "𝄞b");
        assert_eq!(index.line_range(text, 3), 13..13);
    }

    #[test]
    fn positions_agree_with_plain_counting_across_strides() {
        let text: String = (0..3000)
            .map(|i| {
                if i % 7 == 0 {
                    "é"
                } else if i % 501 == 0 {
                    "\n"
                } else {
                    "ab"
                }
            })
            .collect();
        let index = LineIndex::new(&text);
        for (byte, _) in text.char_indices().step_by(13) {
            let before = &text[..byte];
            let line = before.matches('\n').count() as u32 + 1;
            let start = before.rfind('\n').map_or(0, |i| i + 1);
            let col = before[start..].chars().count() as u32 + 1;
            assert_eq!(
                index.position(&text, byte as u32),
                Position {
                    byte: byte as u32,
                    line,
                    col
                }
            );
        }
    }

    #[test]
    fn an_empty_text_has_one_line() {
        let index = LineIndex::new("");
        assert_eq!(
            index.position("", 0),
            Position {
                byte: 0,
                line: 1,
                col: 1
            }
        );
        assert_eq!(index.line_count(), 1);
    }
}
