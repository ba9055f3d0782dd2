//! RFC 4180 with places: each field knows its line and column, and whether it was quoted.

use crate::error::DataError;

/// A field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Field {
    /// Its text, without quotes.
    pub(crate) text: String,
    /// It stood in quotes.
    pub(crate) quoted: bool,
    /// The line of its first character, from 1.
    pub(crate) line: usize,
    /// Its column, in characters, from 1.
    pub(crate) column: usize,
}

/// The records of a text. Lines end with LF or CRLF; a byte order mark is skipped.
pub(crate) fn records(file: &str, text: &str) -> Result<Vec<Vec<Field>>, DataError> {
    let mut reader = Reader {
        file,
        rest: text.strip_prefix('\u{feff}').unwrap_or(text),
        line: 1,
        column: 1,
    };
    let mut records = Vec::new();
    while !reader.rest.is_empty() {
        records.push(reader.record()?);
    }
    Ok(records)
}

struct Reader<'a> {
    file: &'a str,
    rest: &'a str,
    line: usize,
    column: usize,
}

impl Reader<'_> {
    fn record(&mut self) -> Result<Vec<Field>, DataError> {
        let mut fields = Vec::new();
        loop {
            let (line, column) = (self.line, self.column);
            let quoted = self.rest.starts_with('"');
            let text = if quoted {
                self.quoted()?
            } else {
                self.plain()?
            };
            fields.push(Field {
                text,
                quoted,
                line,
                column,
            });
            if self.take(",") {
                continue;
            }
            if self.rest.is_empty() || self.take("\r\n") || self.take("\n") {
                return Ok(fields);
            }
            return Err(self.error("after a closing quote comes a comma or the end of the line"));
        }
    }

    fn plain(&mut self) -> Result<String, DataError> {
        let mut text = String::new();
        while let Some(c) = self.rest.chars().next() {
            if c == ',' || c == '\n' || self.rest.starts_with("\r\n") {
                break;
            }
            if c == '\r' {
                return Err(self.error(
                    "a carriage return that ends no line: lines end with LF or CRLF, and within a field it stands in quotes",
                ));
            }
            if c == '"' {
                return Err(self.error("a quote within a field that does not begin with one: put the field in quotes and double each quote in it"));
            }
            text.push(c);
            self.skip(c);
        }
        Ok(text)
    }

    fn quoted(&mut self) -> Result<String, DataError> {
        let open = self.error("this quote is never closed");
        self.skip('"');
        let mut text = String::new();
        while let Some(c) = self.rest.chars().next() {
            self.skip(c);
            if c != '"' {
                text.push(c);
            } else if self.rest.starts_with('"') {
                self.skip('"');
                text.push('"');
            } else {
                return Ok(text);
            }
        }
        Err(open)
    }

    fn take(&mut self, what: &str) -> bool {
        if !self.rest.starts_with(what) {
            return false;
        }
        for c in what.chars() {
            self.skip(c);
        }
        true
    }

    fn skip(&mut self, c: char) {
        self.rest = self.rest.get(c.len_utf8()..).unwrap_or_default();
        if c == '\n' {
            self.line += 1;
            self.column = 1;
        } else {
            self.column += 1;
        }
    }

    fn error(&self, message: &str) -> DataError {
        DataError {
            file: self.file.to_owned(),
            line: self.line,
            column: self.column,
            message: message.to_owned(),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<Vec<String>> {
        let records = records("f", text).unwrap();
        records
            .into_iter()
            .map(|r| r.into_iter().map(|f| f.text).collect())
            .collect()
    }

    #[test]
    fn records_of_all_kinds() {
        assert_eq!(
            texts("a,b\r\n1,\"x, \"\"y\"\"\nz\"\n,"),
            [["a", "b"], ["1", "x, \"y\"\nz"], ["", ""]]
        );
        assert_eq!(texts("\u{feff}a\n"), [["a"]]);
        assert_eq!(texts("a\n\nb"), [["a"], [""], ["b"]]);
        assert!(texts("").is_empty());
    }

    #[test]
    fn places() {
        let all = records("f", "é,b\n\"x\ny\",\\N").unwrap();
        assert_eq!((all[0][1].line, all[0][1].column), (1, 3));
        assert_eq!(
            (all[1][1].line, all[1][1].column, all[1][1].quoted),
            (3, 4, false)
        );
        let error = records("f", "a\nb,\"c").unwrap_err();
        assert_eq!(error.to_string(), "f:2:3: this quote is never closed");
        let error = records("f", "a\r1\r").unwrap_err();
        assert!(error.to_string().starts_with("f:1:2: a carriage return"));
        assert!(records("f", "a\"b").is_err());
        assert!(records("f", "\"a\"b").is_err());
    }
}
