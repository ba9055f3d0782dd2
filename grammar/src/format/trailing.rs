//! Comments at the ends of neighbouring lines stand in one column.

use super::pieces::Piece;

/// The comment of a longer line stands where the line ends, and the others do not follow it.
const WIDEST: usize = 100;

/// A line that ends with a comment.
struct Line {
    piece: usize,
    /// The byte after its code, in its piece.
    at: usize,
    /// Characters of indentation and code.
    width: usize,
    indent: usize,
    /// The line above ends with a comment too.
    follows: bool,
}

/// Pads the code before the comments of neighbouring lines with the same indentation.
pub(super) fn align(pieces: &mut [Piece]) {
    let lines = lines(pieces);
    let mut pads = vec![0; lines.len()];
    let mut start = 0;
    while let Some(first) = lines.get(start) {
        let mut past = start + 1;
        if first.width <= WIDEST {
            while lines
                .get(past)
                .is_some_and(|l| l.follows && l.indent == first.indent && l.width <= WIDEST)
            {
                past += 1;
            }
            let run = lines.get(start..past).unwrap_or_default();
            let widest = run.iter().map(|l| l.width).max().unwrap_or_default();
            for (pad, line) in pads.iter_mut().skip(start).zip(run) {
                *pad = widest - line.width;
            }
        }
        start = past;
    }
    let mut todo = lines.iter().zip(pads).peekable();
    for (i, piece) in pieces.iter_mut().enumerate() {
        let mut padded = String::new();
        let mut copied = 0;
        while let Some((line, pad)) = todo.next_if(|(l, _)| l.piece == i) {
            if pad > 0 {
                padded.push_str(piece.text.get(copied..line.at).unwrap_or_default());
                padded.extend(std::iter::repeat_n(' ', pad));
                copied = line.at;
            }
        }
        if copied > 0 || !padded.is_empty() {
            padded.push_str(piece.text.get(copied..).unwrap_or_default());
            piece.text = padded;
        }
    }
}

/// The lines with comments at their ends, from top to bottom.
fn lines(pieces: &[Piece]) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    // What stands on the current line in earlier pieces; and how many line breaks stand since the last comment.
    let mut open = String::new();
    let mut breaks = 2;
    for (i, piece) in pieces.iter().enumerate() {
        let mut from = 0;
        for &at in &piece.trailing {
            let passed = piece.text.get(from..at).unwrap_or_default();
            breaks += advance(&mut open, passed);
            let indent = open.len() - open.trim_start_matches(' ').len();
            lines.push(Line {
                piece: i,
                at,
                width: open.chars().count(),
                indent,
                follows: breaks == 1,
            });
            breaks = 0;
            from = at;
        }
        breaks += advance(&mut open, piece.text.get(from..).unwrap_or_default());
    }
    lines
}

/// Moves on over a text; returns its line breaks.
fn advance(line: &mut String, text: &str) -> usize {
    let breaks = text.matches('\n').count();
    if let Some(at) = text.rfind('\n') {
        line.clear();
        line.push_str(text.get(at + 1..).unwrap_or_default());
    } else {
        line.push_str(text);
    }
    breaks
}
