//! Where lines may break: a slot between any two words of an item, and groups of slots that break together.

use super::stream::Stream;
use crate::Span;

/// Longest line that the formatter aims at, in characters.
pub(super) const WIDTH: u32 = 120;

/// An index into [`Layout::groups`].
pub(super) type GroupId = u32;

/// When a slot becomes a line break. A comment in it makes one in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Break {
    /// Never.
    Never,
    /// When the group does not stand on one line.
    With(GroupId),
    /// When the group does not stand on one line and the words up to `to` have no room on this one.
    Fill {
        /// The group.
        group: GroupId,
        /// The last word that must fit.
        to: usize,
    },
}

/// What becomes of a blank line in a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Blank {
    /// It goes.
    Drop,
    /// One stays: the slot stands between two members.
    Keep,
    /// Before the first comment or word it goes, further down it stays: the slot stands after an opening brace.
    KeepInside,
}

/// What stands between two words.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slot {
    /// Blanks, where the line goes on.
    pub space: u32,
    /// Levels of indentation, where it does not.
    pub indent: u32,
    /// When the line breaks.
    pub breaks: Break,
    /// What becomes of blank lines.
    pub blank: Blank,
    /// A closing bracket follows: comments here belong to what it closes, one level deeper.
    pub closer: bool,
    /// Further blanks that align a column, where this group does not stand on one line.
    pub pad: (u32, GroupId),
}

/// Words that stand on one line together, or whose slots break together.
#[derive(Debug, Clone, Copy)]
pub(super) struct Group {
    /// First word.
    pub first: usize,
    /// Last word.
    pub last: usize,
    /// The group around it.
    pub parent: Option<GroupId>,
    /// It breaks even where it has room.
    pub forced: bool,
}

/// The layout of one item. Words are counted from the item's first.
#[derive(Debug)]
pub(super) struct Layout<'a> {
    /// The file.
    pub stream: &'a Stream<'a>,
    /// The item's first word in the file.
    pub base: usize,
    /// `slots[i]` stands before word `i`.
    pub slots: Vec<Slot>,
    /// Outer groups before inner ones.
    pub groups: Vec<Group>,
    stack: Vec<GroupId>,
    shift: u32,
}

impl<'a> Layout<'a> {
    /// An item of `len` words whose tree counts bytes from `shift`.
    pub fn new(stream: &'a Stream<'a>, base: usize, len: usize, shift: u32) -> Self {
        let mut layout = Self {
            stream,
            base,
            slots: Vec::with_capacity(len),
            groups: Vec::new(),
            stack: Vec::new(),
            shift,
        };
        for i in 0..len {
            let space = u32::from(i > 0 && spaced(layout.text(i - 1), layout.text(i)));
            layout.slots.push(Slot {
                space,
                indent: 0,
                breaks: Break::Never,
                blank: Blank::Drop,
                closer: false,
                pad: (0, 0),
            });
        }
        layout
    }

    /// The text of a word.
    pub fn text(&self, word: usize) -> &'a str {
        self.stream.word_text(self.base + word)
    }

    /// First and last word of a span of the tree.
    pub fn words(&self, span: Span) -> (usize, usize) {
        let first = self
            .stream
            .word_at(span.start + self.shift)
            .saturating_sub(self.base);
        let past = self
            .stream
            .word_at(span.end + self.shift)
            .saturating_sub(self.base);
        (first, past.saturating_sub(1).max(first))
    }

    /// First word of a span.
    pub fn first(&self, span: Span) -> usize {
        self.words(span).0
    }

    /// Last word of a span.
    pub fn last(&self, span: Span) -> usize {
        self.words(span).1
    }

    /// Changes a slot; words past the end have none.
    pub fn slot(&mut self, word: usize, change: impl FnOnce(&mut Slot)) {
        if let Some(slot) = self.slots.get_mut(word) {
            change(slot);
        }
    }

    /// Sets the indentation of the slots between these words.
    pub fn indent(&mut self, first: usize, last: usize, level: u32) {
        let past = (last + 1).min(self.slots.len());
        for slot in self.slots.get_mut(first + 1..past).unwrap_or_default() {
            slot.indent = level;
        }
    }

    /// Opens a group; what is opened before [`Self::close`] lies inside it.
    pub fn open(&mut self, first: usize, last: usize, forced: bool) -> GroupId {
        let id = self.groups.len() as GroupId;
        self.groups.push(Group {
            first,
            last,
            parent: self.stack.last().copied(),
            forced,
        });
        self.stack.push(id);
        if forced {
            for &outer in &self.stack {
                if let Some(group) = self.groups.get_mut(outer as usize) {
                    group.forced = true;
                }
            }
        }
        id
    }

    /// Closes the innermost group.
    pub fn close(&mut self) {
        self.stack.pop();
    }

    /// Lets the line break before a word, together with the innermost group.
    pub fn soft(&mut self, word: usize) {
        if let Some(&group) = self.stack.last() {
            self.slot(word, |s| s.breaks = Break::With(group));
        }
    }

    /// Lets the line break between the elements of a list, where one has no room.
    pub fn fill(&mut self, elements: &[(usize, usize)]) {
        let Some(&group) = self.stack.last() else {
            return;
        };
        for &(first, last) in elements.iter().skip(1) {
            let to = if self.text(last + 1) == "," {
                last + 1
            } else {
                last
            };
            self.slot(first, |s| s.breaks = Break::Fill { group, to });
        }
    }

    /// A list in brackets, which stays on one line where it fits; else the brackets stand apart, and the elements fill
    /// the lines between (`fill`) or stand one on each.
    pub fn enclosed(
        &mut self,
        open: usize,
        close: usize,
        elements: &[(usize, usize)],
        level: u32,
        fill: bool,
    ) {
        self.indent(open, close, level + 1);
        let space = u32::from(!fill);
        if elements.is_empty() {
            self.slot(close, |s| (s.space, s.closer, s.indent) = (0, true, level));
            return;
        }
        self.open(open, close, false);
        self.soft(open + 1);
        self.slot(open + 1, |s| s.space = space);
        if fill {
            self.fill(elements);
        } else {
            for &(first, _) in elements.iter().skip(1) {
                self.soft(first);
            }
        }
        self.soft(close);
        self.slot(close, |s| {
            (s.space, s.closer, s.indent) = (space, true, level);
        });
        self.close();
    }

    /// Opens the group of a body and of whatever stands before it: on one line only if `may_be_short`, if no line
    /// break follows the opening brace in the source, and if it fits.
    pub fn open_body(
        &mut self,
        first: usize,
        brace: usize,
        close: usize,
        may_be_short: bool,
    ) -> GroupId {
        let empty = close == brace + 1;
        let broken = self.stream.gap(self.base + brace + 1).breaks > 0;
        self.open(first, close, !empty && (broken || !may_be_short))
    }

    /// The members of a body, `blanks` apart where they stand on one line.
    pub fn members(
        &mut self,
        body: GroupId,
        brace: usize,
        close: usize,
        members: &[(usize, usize)],
        level: u32,
        blanks: u32,
    ) {
        for (i, &(first, last)) in members.iter().enumerate() {
            let (space, blank) = if i == 0 {
                (1, Blank::KeepInside)
            } else {
                (blanks, Blank::Keep)
            };
            self.slot(first, |s| {
                (s.space, s.blank, s.breaks, s.indent) =
                    (space, blank, Break::With(body), level + 1);
            });
            self.indent(first, last, level + 2);
        }
        let (space, breaks) = if members.is_empty() {
            (0, Break::Never)
        } else {
            (1, Break::With(body))
        };
        let blank = if close == brace + 1 {
            Blank::KeepInside
        } else {
            Blank::Keep
        };
        self.slot(close, |s| {
            (s.space, s.blank, s.breaks, s.indent, s.closer) = (space, blank, breaks, level, true);
        });
    }
}

/// Does a blank stand between these two words, as far as the words alone tell?
fn spaced(left: &str, right: &str) -> bool {
    match (left, right) {
        (_, "," | ")" | "]" | "." | "?") | ("(" | "[" | ".", _) => false,
        // Arguments and parameters hug their name; a condition in parentheses stands apart.
        (_, "(") => matches!(left, "where" | "to" | "and" | "or" | "not" | ","),
        _ => true,
    }
}
