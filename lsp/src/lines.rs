//! Positions: bytes of a text to lines and columns, in the units that an editor counts in, and back.

use ambit_compiler::{Db, SourceFile};
use std::sync::Arc;

/// What an editor counts columns in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Encoding {
    /// Bytes.
    Utf8,
    /// Two for characters beyond the basic plane: what every client understands.
    #[default]
    Utf16,
}

impl Encoding {
    fn len(self, c: char) -> u32 {
        match self {
            Self::Utf8 => c.len_utf8() as u32,
            Self::Utf16 => c.len_utf16() as u32,
        }
    }

    /// The length of a text.
    pub fn width(self, text: &str) -> u32 {
        match self {
            Self::Utf8 => text.len() as u32,
            Self::Utf16 if text.is_ascii() => text.len() as u32,
            Self::Utf16 => text.chars().map(|c| self.len(c)).sum(),
        }
    }
}

/// Where the lines of a text begin. A line ends at `\n`, `\r\n` or a lone `\r`, as the protocol has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lines {
    text: Arc<str>,
    starts: Vec<u32>,
}

impl Lines {
    /// Reads a text.
    pub fn new(text: Arc<str>) -> Self {
        let bytes = text.as_bytes();
        let mut starts = vec![0];
        for (i, byte) in bytes.iter().enumerate() {
            let ends = match byte {
                b'\n' => true,
                b'\r' => bytes.get(i + 1) != Some(&b'\n'),
                _ => false,
            };
            if ends {
                starts.push(i as u32 + 1);
            }
        }
        Self { text, starts }
    }

    /// Line and column (from 0) of a byte; one past the end counts as the end, one inside a character as its first.
    pub fn position(&self, byte: u32, encoding: Encoding) -> (u32, u32) {
        let mut byte = (byte as usize).min(self.text.len());
        while !self.text.is_char_boundary(byte) {
            byte -= 1;
        }
        let line = self.starts.partition_point(|s| *s as usize <= byte);
        let line = line.saturating_sub(1);
        let start = self.starts.get(line).copied().unwrap_or(0) as usize;
        let before = self.text.get(start..byte).unwrap_or_default();
        (line as u32, encoding.width(before))
    }

    /// The byte at a line and column (from 0); a column past the end of its line counts as its end.
    pub fn offset(&self, line: u32, column: u32, encoding: Encoding) -> u32 {
        let Some(start) = self.starts.get(line as usize).copied() else {
            return self.text.len() as u32;
        };
        let end = self.starts.get(line as usize + 1).copied();
        let end = end.map_or(self.text.len(), |e| e as usize);
        let text = self.text.get(start as usize..end).unwrap_or_default();
        let text = text.trim_end_matches(['\n', '\r']);
        let mut left = column;
        let mut at = start;
        for c in text.chars() {
            let width = encoding.len(c);
            if left < width {
                break;
            }
            left -= width;
            at += c.len_utf8() as u32;
        }
        at
    }
}

/// The lines of a file.
#[salsa::tracked(returns(clone))]
pub fn lines(db: &dyn Db, file: SourceFile) -> Arc<Lines> {
    Arc::new(Lines::new(file.text(db)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_in_the_units_of_the_editor() {
        let lines = Lines::new(Arc::from("a𝄞é\r\nb\rc\n"));
        let at = |byte, encoding| lines.position(byte, encoding);
        assert_eq!(at(5, Encoding::Utf16), (0, 3), "behind the clef");
        assert_eq!(at(5, Encoding::Utf8), (0, 5));
        assert_eq!(at(3, Encoding::Utf16), (0, 1), "inside the clef");
        assert_eq!(at(9, Encoding::Utf16), (1, 0), "behind CRLF");
        assert_eq!(at(11, Encoding::Utf16), (2, 0), "behind a lone CR");
        assert_eq!(at(99, Encoding::Utf16), (3, 0), "past the end");
    }

    #[test]
    fn positions_and_bytes_are_inverse() {
        let text = "x𝄞\r\né→\n\n𝄞𝄞 end";
        let lines = Lines::new(Arc::from(text));
        for encoding in [Encoding::Utf8, Encoding::Utf16] {
            for (byte, _) in text.char_indices().filter(|(_, c)| *c != '\n') {
                let (line, column) = lines.position(byte as u32, encoding);
                assert_eq!(
                    lines.offset(line, column, encoding),
                    byte as u32,
                    "{encoding:?}"
                );
            }
        }
        assert_eq!(
            lines.offset(0, 99, Encoding::Utf16),
            5,
            "a column past its line"
        );
        assert_eq!(
            lines.offset(99, 0, Encoding::Utf16),
            text.len() as u32,
            "a line past the text"
        );
        assert_eq!(
            lines.offset(0, 2, Encoding::Utf16),
            1,
            "inside the pair of the clef"
        );
    }
}
