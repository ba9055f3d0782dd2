//! From a layout to text.

use super::layout::{Blank, Break, Layout, Slot, WIDTH};

/// Blanks of one level.
const STEP: u32 = 4;
/// Deeper levels stand no further right, so that text does not grow with the square of its nesting.
const DEEPEST: u32 = 16;

/// The text of an item.
#[derive(Debug, Default)]
pub(super) struct Printed {
    /// Its lines.
    pub text: String,
    /// Where a comment follows code on its line: the byte after the code.
    pub trailing: Vec<usize>,
}

struct Printer<'p, 'a> {
    layout: &'p Layout<'a>,
    out: Printed,
    /// The characters on the current line.
    column: u32,
    /// For each group: does it break?
    broken: Vec<bool>,
    /// Width of all words and blanks before a word.
    before: Vec<u64>,
    /// Comments in the slots up to and with that of a word.
    comments: Vec<u32>,
    /// Width of what follows a word up to the next slot that may break.
    tail: Vec<u64>,
}

/// Prints an item.
pub(super) fn print(layout: &Layout<'_>) -> Printed {
    let mut printer = Printer {
        layout,
        out: Printed::default(),
        column: 0,
        broken: vec![false; layout.groups.len()],
        before: Vec::with_capacity(layout.slots.len() + 1),
        comments: Vec::with_capacity(layout.slots.len()),
        tail: vec![0; layout.slots.len()],
    };
    printer.measure();
    let mut order: Vec<usize> = (0..layout.groups.len()).collect();
    order.sort_by_key(|&g| layout.groups.get(g).map_or(0, |group| group.first));
    let mut groups = order.into_iter().peekable();
    for (word, slot) in layout.slots.iter().enumerate() {
        if word > 0 {
            printer.slot(word, slot);
        }
        while let Some(id) = groups.next_if(|&g| {
            layout
                .groups
                .get(g)
                .is_some_and(|group| group.first <= word)
        }) {
            printer.decide(id);
        }
        printer.word(word);
    }
    printer.out
}

impl Printer<'_, '_> {
    fn measure(&mut self) {
        let (stream, base) = (self.layout.stream, self.layout.base);
        let (mut width, mut comments) = (0u64, 0u32);
        for (i, slot) in self.layout.slots.iter().enumerate() {
            width += u64::from(slot.space);
            self.before.push(width);
            width += u64::from(self.width(i));
            comments += u32::from(i > 0 && stream.gap(base + i).has_comments());
            self.comments.push(comments);
        }
        let mut tail = 0;
        for (i, slot) in self.layout.slots.iter().enumerate().rev() {
            if let Some(entry) = self.tail.get_mut(i) {
                *entry = tail;
            }
            let ends = slot.breaks != Break::Never || stream.gap(base + i).has_comments();
            tail = if ends {
                0
            } else {
                tail + u64::from(slot.space) + u64::from(self.width(i))
            };
        }
    }

    fn width(&self, word: usize) -> u32 {
        self.layout
            .stream
            .words
            .get(self.layout.base + word)
            .map_or(0, |w| w.width)
    }

    /// Do the words, and what cannot be parted from them, have room after `blanks` on this line?
    fn fits(&self, first: usize, last: usize, blanks: u32) -> bool {
        let (Some(from), Some(to), Some(tail)) = (
            self.before.get(first),
            self.before.get(last),
            self.tail.get(last),
        ) else {
            return true;
        };
        let words = to - from + u64::from(self.width(last)) + tail;
        u64::from(self.column) + u64::from(blanks) + words <= u64::from(WIDTH)
    }

    /// Decides whether a group breaks; its first word comes next.
    fn decide(&mut self, id: usize) {
        let Some(group) = self.layout.groups.get(id) else {
            return;
        };
        let inside_flat = group.parent.is_some_and(|p| !self.is_broken(p));
        let cut = self.comments.get(group.first) != self.comments.get(group.last);
        let broken =
            !inside_flat && (group.forced || cut || !self.fits(group.first, group.last, 0));
        if let Some(entry) = self.broken.get_mut(id) {
            *entry = broken;
        }
    }

    fn is_broken(&self, group: u32) -> bool {
        self.broken.get(group as usize).copied().unwrap_or_default()
    }

    fn slot(&mut self, word: usize, slot: &Slot) {
        let stream = self.layout.stream;
        let global = self.layout.base + word;
        let gap = stream.gap(global);
        if gap.has_comments() {
            let mut fresh = slot.blank == Blank::KeepInside;
            for (i, comment) in stream.comments(global).iter().enumerate() {
                if i == 0 && comment.breaks == 0 {
                    self.out.trailing.push(self.out.text.len());
                    self.out.text.push(' ');
                } else {
                    let blank = slot.blank != Blank::Drop && !fresh && comment.breaks > 1;
                    self.line(blank, slot.indent + u32::from(slot.closer));
                    fresh = false;
                }
                self.out.text.push_str(stream.comment_text(comment));
            }
            let blank = slot.blank != Blank::Drop && !fresh && !slot.closer && gap.breaks > 1;
            self.line(blank, slot.indent);
            return;
        }
        let breaks = match slot.breaks {
            Break::Never => false,
            Break::With(group) => self.is_broken(group),
            Break::Fill { group, to } => self.is_broken(group) && !self.fits(word, to, slot.space),
        };
        if breaks {
            self.line(
                slot.blank == Blank::Keep && !slot.closer && gap.breaks > 1,
                slot.indent,
            );
        } else {
            let pad = if self.is_broken(slot.pad.1) {
                slot.pad.0
            } else {
                0
            };
            self.blanks(slot.space + pad);
        }
    }

    fn word(&mut self, word: usize) {
        self.out.text.push_str(self.layout.text(word));
        self.column = self.column.saturating_add(self.width(word));
    }

    fn line(&mut self, blank: bool, level: u32) {
        self.out.text.push('\n');
        if blank {
            self.out.text.push('\n');
        }
        self.column = 0;
        self.blanks(level.min(DEEPEST) * STEP);
    }

    fn blanks(&mut self, count: u32) {
        self.out
            .text
            .extend(std::iter::repeat_n(' ', count as usize));
        self.column = self.column.saturating_add(count);
    }
}
