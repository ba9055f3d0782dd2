//! What a query gives: typed cells, and how they print for people.

use ambit_core::{Instant, read_date};
use rusqlite::types::ValueRef;

use crate::error::Error;

/// The rows that a query gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The names of the result's columns, as SQLite gives them.
    pub columns: Vec<String>,
    /// The rows.
    pub rows: Vec<Vec<Cell>>,
    /// The tables that the statement names, by their Ambit names, sorted.
    pub tables: Vec<String>,
}

/// A cell of a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// No value.
    Null,
    /// A value of a bool column.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A number that is no integer: its shortest exact text.
    Decimal(String),
    /// A text.
    Text(String),
    /// A value of a date column.
    Date(String),
    /// A value of a timestamp column.
    Timestamp(String),
}

/// How a result column's values are to be understood, where it is a column of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Plain,
    Bool,
    Decimal,
    Date,
    Timestamp,
}

impl Kind {
    const TAGS: [(&'static str, Self); 5] = [
        ("ANY_", Self::Plain),
        ("BOOL_", Self::Bool),
        ("DEC_", Self::Decimal),
        ("DATE_", Self::Date),
        ("STAMP_", Self::Timestamp),
    ];

    /// The word with which a declared type begins: SQLite hands it back for a result column. It holds none of the
    /// words from which SQLite takes an affinity.
    pub(crate) fn tag(self) -> &'static str {
        Self::TAGS
            .iter()
            .find(|(_, kind)| *kind == self)
            .map_or("ANY_", |(tag, _)| tag)
    }

    /// The reverse.
    pub(crate) fn of_declared(declared: Option<&str>) -> Self {
        let declared = declared.unwrap_or_default();
        Self::TAGS
            .iter()
            .find(|(tag, _)| declared.starts_with(tag))
            .map_or(Self::Plain, |(_, kind)| *kind)
    }
}

impl Cell {
    /// A value as SQLite gives it. In a compound statement a column can hold anything: the kind counts only for values
    /// that fit it.
    pub(crate) fn of(value: ValueRef<'_>, kind: Kind, column: &str) -> Result<Self, Error> {
        Ok(match value {
            ValueRef::Null => Self::Null,
            ValueRef::Integer(i) => match kind {
                Kind::Bool if i == 0 || i == 1 => Self::Bool(i == 1),
                Kind::Decimal => Self::Decimal(i.to_string()),
                _ => Self::Int(i),
            },
            ValueRef::Real(real) if real.is_finite() => Self::Decimal(real.to_string()),
            ValueRef::Real(_) => {
                return Err(Error::Failed {
                    message: format!("`{column}` is infinite, which no value can say"),
                });
            }
            ValueRef::Text(bytes) => {
                let Ok(text) = std::str::from_utf8(bytes) else {
                    return Err(Error::Failed {
                        message: format!("`{column}` holds a text that is not UTF-8"),
                    });
                };
                let text = text.to_owned();
                match kind {
                    Kind::Decimal if is_decimal(&text) => Self::Decimal(text),
                    Kind::Date if read_date(&text).is_some() => Self::Date(text),
                    Kind::Timestamp if text.parse::<Instant>().is_ok() => Self::Timestamp(text),
                    _ => Self::Text(text),
                }
            }
            ValueRef::Blob(_) => {
                return Err(Error::refused(format!(
                    "`{column}` is a blob; use `hex()` to see its bytes"
                )));
            }
        })
    }

    /// How many bytes it holds, roughly.
    pub(crate) fn size(&self) -> usize {
        16 + match self {
            Self::Decimal(text) | Self::Text(text) | Self::Date(text) | Self::Timestamp(text) => {
                text.len()
            }
            Self::Null | Self::Bool(_) | Self::Int(_) => 0,
        }
    }

    fn shown(&self) -> String {
        match self {
            Self::Null => "null".to_owned(),
            Self::Bool(b) => b.to_string(),
            Self::Int(i) => i.to_string(),
            Self::Decimal(text) | Self::Date(text) | Self::Timestamp(text) => text.clone(),
            Self::Text(text) => visible(text),
        }
    }

    fn is_number(&self) -> bool {
        matches!(self, Self::Int(_) | Self::Decimal(_) | Self::Null)
    }
}

fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    [whole, fraction]
        .iter()
        .all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
}

/// Control characters must not reach a terminal.
fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        // Also what turns the direction of text around.
        if c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') {
            out.extend(c.escape_debug());
        } else {
            out.push(c);
        }
    }
    out
}

impl Answer {
    /// An aligned table for people, numbers to the right.
    pub fn table(&self) -> String {
        let header: Vec<String> = self.columns.iter().map(|c| visible(c)).collect();
        let cells: Vec<Vec<String>> = self
            .rows
            .iter()
            .map(|r| r.iter().map(Cell::shown).collect())
            .collect();
        let width = |i: usize, rows: &[Vec<String>]| {
            let cells = rows
                .iter()
                .filter_map(|r| r.get(i))
                .map(|c| c.chars().count())
                .max()
                .unwrap_or(0);
            cells.max(header.get(i).map_or(0, |h| h.chars().count()))
        };
        let widths: Vec<usize> = (0..header.len()).map(|i| width(i, &cells)).collect();
        let right: Vec<bool> = (0..header.len())
            .map(|i| {
                let mut column = self.rows.iter().filter_map(|r| r.get(i)).peekable();
                column.peek().is_some() && column.all(Cell::is_number)
            })
            .collect();
        let mut out = String::new();
        let rule: Vec<String> = widths.iter().map(|w| "─".repeat(*w)).collect();
        for row in [&header, &rule].into_iter().chain(&cells) {
            let mut line = String::new();
            for ((cell, width), right) in row.iter().zip(&widths).zip(&right) {
                if !line.is_empty() {
                    line.push_str("  ");
                }
                let pad = " ".repeat(width.saturating_sub(cell.chars().count()));
                let (left, rest) = if *right { (&pad, cell) } else { (cell, &pad) };
                line.push_str(left);
                line.push_str(rest);
            }
            out.push_str(line.trim_end());
            out.push('\n');
        }
        out
    }
}
