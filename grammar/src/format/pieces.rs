//! A file as a row of pieces, each with its new text.

use super::SkipReason;
use super::check;
use super::layout::Layout;
use super::print::{Printed, print};
use super::stream::{Source, Stream};
use super::trailing;
use crate::ast::ItemKind;
use crate::{RawItem, Span, parse_item};

/// An item, or what stands between two.
#[derive(Debug)]
pub(super) struct Piece {
    /// Where it stands in the file. Pieces follow one another without gaps.
    pub span: Span,
    /// Its new text.
    pub text: String,
    /// Whoever asks for one of these bytes gets the piece: an item goes with the gap above it.
    pub claim: Span,
    /// Where a comment follows code on its line: the byte after the code.
    pub trailing: Vec<usize>,
    /// It stays byte for byte.
    pub verbatim: bool,
}

/// The words of one item, or words that belong to none.
struct Region {
    first: usize,
    past: usize,
    span: Span,
    /// Its text is new; else it stays as it is.
    formatted: bool,
    /// What stands above it stays as it is, too.
    left: bool,
    /// Comments after its last word that stay with it.
    kept: usize,
}

/// The pieces of a file, and what stays as it is: what cannot be read, and the items (by number) of `left`, with what
/// stands above them.
pub(super) fn pieces(source: &Source<'_>, left: &[usize]) -> (Vec<Piece>, Vec<(Span, SkipReason)>) {
    let stream = &source.stream;
    let text = stream.text;
    let mut skipped: Vec<(Span, SkipReason)> = Vec::new();
    let mut pieces = Vec::new();
    let mut previous: Option<Region> = None;
    for (number, (first, past, raw)) in ranges(stream, &source.items).into_iter().enumerate() {
        let left = left.contains(&number);
        let mut region = Region {
            first,
            past,
            span: stream.span(first, past - 1),
            formatted: false,
            left,
            kept: 0,
        };
        let outcome = match raw {
            Some(_) if left => Err(SkipReason::WouldChangeMeaning),
            Some(raw) => formatted(stream, &region, raw),
            None => Err(SkipReason::SyntaxError),
        };
        region.formatted = outcome.is_ok();
        if !region.formatted {
            region.keep_comments(stream);
        }
        pieces.push(gap(stream, previous.as_ref(), Some(&region)));
        let span = region.span;
        let printed = outcome.unwrap_or_else(|reason| {
            skipped.push((span, reason));
            Printed {
                text: text.get(span.range()).unwrap_or_default().to_owned(),
                trailing: Vec::new(),
            }
        });
        let verbatim = !region.formatted;
        let claim = pieces.last().map_or(span, |gap: &Piece| gap.claim);
        pieces.push(Piece {
            span,
            text: printed.text,
            claim,
            trailing: printed.trailing,
            verbatim,
        });
        previous = Some(region);
    }
    pieces.push(gap(stream, previous.as_ref(), None));
    trailing::align(&mut pieces);
    if returns(text, &pieces) {
        for piece in pieces.iter_mut().filter(|p| !p.verbatim) {
            piece.text = piece.text.replace('\n', "\r\n");
        }
    }
    (pieces, skipped)
}

/// The words of each item, and those that no item has.
fn ranges<'r>(
    stream: &Stream<'_>,
    raws: &'r [RawItem],
) -> Vec<(usize, usize, Option<&'r RawItem>)> {
    let mut ranges = Vec::with_capacity(raws.len());
    let mut at = 0;
    for raw in raws {
        let first = stream.word_at(raw.start).max(at);
        let past = stream
            .word_at(raw.start.saturating_add(raw.text.len() as u32))
            .max(first);
        if at < first {
            ranges.push((at, first, None));
        }
        if first < past {
            ranges.push((first, past, Some(raw)));
        }
        at = past;
    }
    if at < stream.words.len() {
        ranges.push((at, stream.words.len(), None));
    }
    ranges
}

fn formatted(stream: &Stream<'_>, region: &Region, raw: &RawItem) -> Result<Printed, SkipReason> {
    let parsed = parse_item(raw);
    if !parsed.errors.is_empty()
        || parsed.item.damaged
        || matches!(parsed.item.kind, ItemKind::Error)
    {
        return Err(SkipReason::SyntaxError);
    }
    let mut layout = Layout::new(stream, region.first, region.past - region.first, raw.start);
    layout.item(&parsed.item);
    let printed = print(&layout);
    let old = stream.text.get(region.span.range()).unwrap_or_default();
    if printed.text == old || check::same_item(parsed.item, &printed.text) {
        Ok(printed)
    } else {
        Err(SkipReason::WouldChangeMeaning)
    }
}

impl Region {
    /// Indented comments below what could not be read may belong to a body that somebody is writing.
    fn keep_comments(&mut self, stream: &Stream<'_>) {
        for comment in stream.comments(self.past) {
            let before = stream
                .text
                .get(..comment.start as usize)
                .unwrap_or_default();
            if comment.breaks > 0 && !before.ends_with([' ', '\t']) {
                break;
            }
            self.kept += 1;
            self.span.end = comment.end;
        }
    }
}

/// What stands between two items, or before the first, or after the last.
fn gap(stream: &Stream<'_>, above: Option<&Region>, below: Option<&Region>) -> Piece {
    let word = above.map_or(0, |r| r.past);
    let start = above.map_or(0, |r| r.span.end);
    let end = below.map_or(stream.text.len() as u32, |r| r.span.start);
    let span = Span::new(start, end);
    let source = stream.text.get(span.range()).unwrap_or_default();
    let gap = stream.gap(word);
    let kept = above.map_or(0, |r| r.kept);
    let comments = stream.comments(word).get(kept..).unwrap_or_default();
    let claim = Span::new(start, below.map_or(end, |r| r.span.end));
    let mut piece = Piece {
        span,
        text: String::new(),
        claim,
        trailing: Vec::new(),
        verbatim: false,
    };
    let open = |region: Option<&Region>| region.is_some_and(|r| !r.formatted);
    // What cannot be read may go on here, on the same line: who knows what was meant.
    let one_line =
        above.is_some() && comments.is_empty() && gap.breaks == 0 && (open(above) || open(below));
    // At the very beginning of the file the mark would be no character, but a mark.
    let mark = above.is_none()
        && below.is_some_and(|r| stream.text.get(r.span.range()).is_some_and(marked));
    if below.is_some_and(|r| r.left) || below.is_some() && (one_line || mark) {
        source.clone_into(&mut piece.text);
        piece.verbatim = true;
        return piece;
    }
    let mut empty = above.is_none();
    if empty && marked(source) {
        piece.text.push(BYTE_ORDER_MARK);
    }
    for (i, comment) in comments.iter().enumerate() {
        if i == 0 && !empty && kept == 0 && comment.breaks == 0 {
            piece.trailing.push(0);
            piece.text.push(' ');
        } else if !empty {
            piece
                .text
                .push_str(if comment.breaks > 1 { "\n\n" } else { "\n" });
        }
        piece.text.push_str(stream.comment_text(comment));
        empty = false;
    }
    if !empty {
        piece.text.push_str(if gap.breaks > 1 && below.is_some() {
            "\n\n"
        } else {
            "\n"
        });
    }
    piece
}

const BYTE_ORDER_MARK: char = '\u{FEFF}';

fn marked(text: &str) -> bool {
    text.starts_with(BYTE_ORDER_MARK)
}

/// Do lines end with `\r\n`? What stays as it is decides; where nothing does, the majority of lines.
fn returns(text: &str, pieces: &[Piece]) -> bool {
    let count = |text: &str| {
        let with = text.matches("\r\n").count();
        (with, text.matches('\n').count() - with)
    };
    let kept = pieces.iter().filter(|p| p.verbatim).map(|p| count(&p.text));
    let (with, without) = kept.fold((0, 0), |sum, next| (sum.0 + next.0, sum.1 + next.1));
    let (with, without) = if with + without > 0 {
        (with, without)
    } else {
        count(text)
    };
    with > without
}
