//! Where in `ambit.toml` a byte is. Read line by line, because what is being written is no TOML yet.

use ambit_grammar::Span;

/// What stands at a byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Between the brackets of a table's name.
    Header,
    /// The name of a setting.
    Key,
    /// The value of a setting.
    Value {
        /// The setting.
        key: String,
    },
}

/// A byte's place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// The table around it; of a header its own name.
    pub table: Vec<String>,
    /// What stands there.
    pub part: Part,
    /// The word under it; of a string what is between the quotes.
    pub word: Span,
    /// It is inside a string.
    pub in_string: bool,
}

impl Cursor {
    /// The place of a byte; nothing in a comment.
    pub fn at(text: &str, offset: u32) -> Option<Self> {
        let offset = offset as usize;
        let before = text.get(..offset)?;
        let start = before.rfind('\n').map_or(0, |n| n + 1);
        let rest = text.get(start..)?;
        let line = rest.split(['\n', '\r']).next().unwrap_or_default();
        let at = offset - start;
        let quotes = line.get(..at)?.matches('"').count();
        let in_string = quotes % 2 == 1;
        if !in_string && line.get(..at)?.contains('#') {
            return None;
        }
        let word = word(line, at, in_string);
        let span = Span::new((start + word.start) as u32, (start + word.end) as u32);
        let around = text.get(..start)?.lines().rev().find_map(header);
        let around = around.unwrap_or_default();
        if let Some(name) = line.trim_start().strip_prefix('[') {
            let name = name.split(']').next().unwrap_or_default();
            let first = start + line.find('[')? + 1;
            let whole = Span::new(first as u32, (first + name.len()) as u32);
            return Some(Self {
                table: parts(name),
                part: Part::Header,
                word: whole,
                in_string: false,
            });
        }
        let equals = line.find('=').filter(|e| *e < at);
        let mut table = around;
        let part = match equals {
            None => Part::Key,
            Some(equals) => {
                let mut path = parts(line.get(..equals)?);
                let key = path.pop()?;
                table.extend(path);
                Part::Value { key }
            }
        };
        Some(Self {
            table,
            part,
            word: span,
            in_string,
        })
    }
}

/// The name of a table, where a line is its header.
fn header(line: &str) -> Option<Vec<String>> {
    let name = line.trim().strip_prefix('[')?.split(']').next()?;
    Some(parts(name))
}

fn parts(name: &str) -> Vec<String> {
    let parts = name.split('.').map(|p| p.trim().trim_matches('"'));
    parts.filter(|p| !p.is_empty()).map(str::to_owned).collect()
}

fn word(line: &str, at: usize, in_string: bool) -> std::ops::Range<usize> {
    let inside = |c: char| {
        if in_string {
            c != '"'
        } else {
            c.is_alphanumeric() || c == '_' || c == '-'
        }
    };
    let before = line.get(..at).unwrap_or_default();
    let behind = line.get(at..).unwrap_or_default();
    let start = before.rfind(|c| !inside(c)).map_or(0, |n| {
        n + before
            .get(n..)
            .and_then(|b| b.chars().next())
            .map_or(1, char::len_utf8)
    });
    let end = behind.find(|c| !inside(c)).map_or(line.len(), |n| at + n);
    start..end
}
