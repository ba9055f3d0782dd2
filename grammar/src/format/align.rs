//! Blanks that align: the columns of a table's declaration, and the cells of `given`.

use super::layout::{GroupId, Layout};
use crate::ast::Column;

/// A wider cell stands out of its column instead of widening it.
const WIDEST: u32 = 40;

/// So much padding is always fine; beyond it a block stays unaligned where padding would be most of it.
const FREE_PADDING: u64 = 1 << 20;

impl Layout<'_> {
    /// Aligns what follows the names of neighbouring columns; a blank line parts neighbours.
    pub(super) fn align_columns(&mut self, body: GroupId, columns: &[Column]) {
        let cells: Vec<(usize, usize)> = columns
            .iter()
            .map(|c| (self.first(c.span), self.last(c.name.span)))
            .collect();
        let mut run: Vec<Vec<(usize, usize)>> = Vec::new();
        for &cell in &cells {
            if !run.is_empty() && self.parted(cell.0) {
                self.pad(body, &run);
                run.clear();
            }
            // The second cell is there for its slot, which takes the padding.
            run.push(vec![cell, (cell.1 + 1, cell.1 + 1)]);
        }
        self.pad(body, &run);
    }

    /// Aligns the cells of a block's lines.
    pub(super) fn align_cells(&mut self, body: GroupId, lines: &[Vec<(usize, usize)>]) {
        // A cell takes the comma that follows it.
        let lines: Vec<Vec<(usize, usize)>> = lines
            .iter()
            .map(|l| {
                l.iter()
                    .enumerate()
                    .map(|(i, &(first, last))| {
                        (first, if i + 1 < l.len() { last + 1 } else { last })
                    })
                    .collect()
            })
            .collect();
        self.pad(body, &lines);
    }

    /// Does a blank line stand before a word?
    fn parted(&self, word: usize) -> bool {
        let word = self.base + word;
        self.stream.gap(word).breaks > 1 || self.stream.comments(word).iter().any(|c| c.breaks > 1)
    }

    /// Pads the slots after the cells of each line, but not after its last one.
    fn pad(&mut self, body: GroupId, lines: &[Vec<(usize, usize)>]) {
        let mut widths: Vec<u32> = Vec::new();
        for line in lines {
            for (i, &cell) in line.iter().enumerate().take(line.len().saturating_sub(1)) {
                let width = self.cell_width(cell);
                match widths.get_mut(i) {
                    Some(widest) => *widest = (*widest).max(width),
                    None => widths.push(width),
                }
            }
        }
        let mut pads: Vec<(usize, u32)> = Vec::new();
        let (mut content, mut padding) = (0u64, 0u64);
        for line in lines {
            for (&cell, &widest) in line.iter().zip(&widths).take(line.len().saturating_sub(1)) {
                let width = self.cell_width(cell);
                let pad = if width == 0 { 0 } else { widest - width };
                content += u64::from(width) + 1;
                padding += u64::from(pad);
                pads.push((cell.1 + 1, pad));
            }
        }
        if padding > FREE_PADDING && padding > 4 * content {
            return;
        }
        for (word, pad) in pads {
            self.slot(word, |s| s.pad = (pad, body));
        }
    }

    /// The width of a cell; 0 where it is too wide to take part, or a comment cuts it.
    fn cell_width(&self, (first, last): (usize, usize)) -> u32 {
        let mut width = 0u32;
        for word in first..=last {
            if word > first {
                if self.stream.gap(self.base + word).has_comments() {
                    return 0;
                }
                width = width.saturating_add(self.slots.get(word).map_or(0, |s| s.space));
            }
            width = width.saturating_add(
                self.stream
                    .words
                    .get(self.base + word)
                    .map_or(0, |w| w.width),
            );
        }
        if width > WIDEST { 0 } else { width }
    }
}
