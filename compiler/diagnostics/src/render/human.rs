//! The form for people, drawn by `ariadne` (this is the only file that knows it).
//!
//! What reaches the terminal is bounded and harmless: only lines that a problem points at are handed on, very long
//! lines are cut around the place, and control characters show as symbols.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::ops::Range;

use ariadne::{Cache, CharSet, Color, Config, IndexType, Label, Report, ReportKind, Source};
use smol_str::SmolStr;

use super::plain;
use crate::clean::{clean, clean_lines};
use crate::sources::Sources;
use crate::{FileSpan, Level, Resolved};

/// Longer lines (in bytes) are not drawn whole.
const LONGEST_LINE: usize = 400;
/// Lines further down are drawn without ariadne, which keeps a record for each line above.
const LAST_LINE: u32 = 200_000;

/// How to draw.
#[derive(Debug, Clone, Copy)]
pub struct Human {
    /// With ANSI colours.
    pub color: bool,
    /// With ASCII lines instead of box-drawing characters.
    pub ascii: bool,
    /// How many problems to draw at most; the rest is counted.
    pub limit: usize,
}

impl Default for Human {
    fn default() -> Self {
        Self {
            color: false,
            ascii: false,
            limit: 200,
        }
    }
}

/// Draws problems, in the order given, with a blank line between them.
pub fn human(problems: &[Resolved], sources: &Sources, options: Human) -> String {
    let shown = problems.get(..options.limit).unwrap_or(problems);
    let sheets = Sheets::new(shown, sources);
    let mut out = String::new();
    for (i, problem) in shown.iter().enumerate() {
        if i > 0 {
            out.push('\n');
        }
        let drawn = sheets
            .draw(problem, options)
            .unwrap_or_else(|| plain::draw(problem, sources, options.color));
        for line in drawn.lines() {
            out.push_str(line.trim_end());
            out.push('\n');
        }
    }
    let rest = problems.len() - shown.len();
    if rest > 0 {
        let _ = writeln!(out, "\n… and {rest} more");
    }
    out
}

/// The lines of each file that problems point at, in place; all others empty.
struct Sheets<'a> {
    sources: &'a Sources<'a>,
    files: BTreeMap<SmolStr, Sheet>,
}

struct Sheet {
    source: Source<String>,
    /// First byte of each line shown, in the sheet's own text.
    starts: BTreeMap<u32, usize>,
}

impl<'a> Sheets<'a> {
    fn new(problems: &[Resolved], sources: &'a Sources<'a>) -> Self {
        let mut lines: BTreeMap<SmolStr, BTreeSet<u32>> = BTreeMap::new();
        for at in problems.iter().flat_map(places) {
            let source = sources.get(&at.file);
            let shown = lines.entry(at.file.clone()).or_default();
            for line in [
                source.position(at.start).line,
                source.position(last_byte(at)).line,
            ] {
                if line <= LAST_LINE && source.line(line).len() <= LONGEST_LINE {
                    shown.insert(line);
                }
            }
        }
        let files = lines
            .into_iter()
            .map(|(file, shown)| (file.clone(), Sheet::new(&file, &shown, sources)))
            .collect();
        Self { sources, files }
    }

    /// Draws one problem, unless its own place is on a line that is not shown.
    fn draw(&self, problem: &Resolved, options: Human) -> Option<String> {
        let (kind, color) = match problem.level {
            Level::Error => ("error", Color::Red),
            Level::Warning => ("warning", Color::Yellow),
            Level::Info => ("info", Color::Blue),
        };
        let at = self.place(&problem.at)?;
        let config = Config::default()
            .with_color(options.color)
            .with_char_set(if options.ascii {
                CharSet::Ascii
            } else {
                CharSet::Unicode
            })
            .with_index_type(IndexType::Byte);
        let mut report = Report::build(
            ReportKind::Custom(kind, color),
            (problem.at.file.clone(), at.clone()),
        )
        .with_config(config)
        .with_code(problem.code)
        .with_message(clean(&problem.message));

        // Labels of the problem's own file come first, from top to bottom, so that it is drawn in one piece.
        let mut labels = vec![(&problem.at.file, at, problem.label.as_str(), color)];
        let mut elsewhere = Vec::new();
        for (message, place) in &problem.related {
            match self.place(place) {
                Some(range) => labels.push((&place.file, range, message.as_str(), Color::Blue)),
                None => elsewhere.push(plain::mention(message, place, self.sources)),
            }
        }
        labels.sort_by_key(|(file, range, ..)| {
            (**file != problem.at.file, (*file).clone(), range.start)
        });
        for (order, (file, range, message, color)) in (0..).zip(labels) {
            let label = Label::new((file.clone(), range))
                .with_color(color)
                .with_order(order);
            report.add_label(if message.is_empty() {
                label
            } else {
                label.with_message(clean(message))
            });
        }
        for text in helps(problem) {
            report.add_help(clean_lines(&text));
        }
        for text in problem.notes.iter().cloned().chain(elsewhere) {
            report.add_note(clean_lines(&text));
        }
        let mut out = Vec::new();
        report.finish().write(Drawn(&self.files), &mut out).ok()?;
        let drawn = String::from_utf8(out).ok()?;
        // The word for the level keeps its colour whatever the configuration says.
        Some(if options.color {
            drawn
        } else {
            without_colors(&drawn)
        })
    }

    /// A place in the text of its sheet.
    fn place(&self, at: &FileSpan) -> Option<Range<usize>> {
        let start = self.byte(at, at.start)?;
        let end = if at.end > at.start {
            let last = last_byte(at);
            // The character that the place ends with, as drawn.
            self.byte(at, last)? + self.width(at, last)
        } else {
            start
        };
        Some(start..end.max(start))
    }

    /// Where a byte of a file is drawn.
    fn byte(&self, at: &FileSpan, byte: u32) -> Option<usize> {
        let source = self.sources.get(&at.file);
        let position = source.position(byte);
        let start = *self.files.get(&at.file)?.starts.get(&position.line)?;
        let line = source.lines.line_range(&source.text, position.line);
        let until = (position.byte as usize).clamp(line.start, line.end);
        Some(start + clean(source.text.get(line.start..until)?).len())
    }

    /// How many bytes the character at a byte takes as drawn (a line end: none).
    fn width(&self, at: &FileSpan, byte: u32) -> usize {
        let source = self.sources.get(&at.file);
        let position = source.position(byte);
        let line = source.lines.line_range(&source.text, position.line);
        let from = (position.byte as usize).clamp(line.start, line.end);
        let first = source
            .text
            .get(from..line.end)
            .and_then(|t| t.chars().next());
        first.map_or(0, |c| clean(c.encode_utf8(&mut [0; 4])).len())
    }
}

impl Sheet {
    fn new(file: &str, shown: &BTreeSet<u32>, sources: &Sources) -> Self {
        let source = sources.get(file);
        let mut text = String::new();
        let mut starts = BTreeMap::new();
        let mut line = 1;
        for wanted in shown {
            while line < *wanted {
                text.push('\n');
                line += 1;
            }
            starts.insert(line, text.len());
            text.push_str(&clean(source.line(line)));
        }
        // An empty line after the last one, so that a place at the very end is inside the text.
        text.push('\n');
        Self {
            source: Source::from(text),
            starts,
        }
    }
}

/// The last byte of a place (its only one, when it is empty).
fn last_byte(at: &FileSpan) -> u32 {
    at.end.saturating_sub(1).max(at.start)
}

fn places(problem: &Resolved) -> impl Iterator<Item = &FileSpan> {
    std::iter::once(&problem.at).chain(problem.related.iter().map(|(_, at)| at))
}

/// What to do: the helps, then the fixes that no help says already (in these words, or with the same code).
pub(super) fn helps(problem: &Resolved) -> Vec<String> {
    let mut helps = problem.help.clone();
    for fix in &problem.fixes {
        let code = fix
            .title
            .split_inclusive('`')
            .nth(1)
            .map_or(fix.title.as_str(), |c| c);
        if !helps
            .iter()
            .any(|h| h.contains(fix.title.as_str()) || h.contains(code))
        {
            helps.push(fix.title.to_string());
        }
    }
    helps
}

/// Takes the colour sequences out; nothing else in the text can hold an escape character.
fn without_colors(text: &str) -> String {
    let mut parts = text.split('\u{1b}');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str(part.split_once('m').map_or("", |(_, rest)| rest));
    }
    out
}

/// The sheets, as ariadne asks for them.
struct Drawn<'a>(&'a BTreeMap<SmolStr, Sheet>);

impl Cache<SmolStr> for Drawn<'_> {
    type Storage = String;

    fn fetch(&mut self, id: &SmolStr) -> Result<&Source<String>, impl std::fmt::Debug> {
        self.0
            .get(id)
            .map(|s| &s.source)
            .ok_or("a file without a sheet")
    }

    fn display<'b>(&self, id: &'b SmolStr) -> Option<impl std::fmt::Display + 'b> {
        Some(clean(id))
    }
}
