//! JSON with the place of every value: artifacts are read again to know where their predicates stand.

/// A value and its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Node {
    /// Its first byte.
    pub start: usize,
    /// One past its last byte.
    pub end: usize,
    /// What it is.
    pub value: Value,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    /// An object: names and values in order.
    Object(Vec<(String, Node)>),
    /// A list.
    Array(Vec<Node>),
    /// A text.
    Text(String),
    /// Anything else.
    Other,
}

impl Node {
    /// A member of an object.
    pub fn get(&self, name: &str) -> Option<&Node> {
        self.members()
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, node)| node)
    }

    /// The members of an object.
    pub fn members(&self) -> &[(String, Node)] {
        match &self.value {
            Value::Object(members) => members,
            _ => &[],
        }
    }

    /// The entries of a list.
    pub fn entries(&self) -> &[Node] {
        match &self.value {
            Value::Array(entries) => entries,
            _ => &[],
        }
    }

    /// A text.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// Reads a text; none where it is no JSON.
pub(super) fn read(text: &str) -> Option<Node> {
    let mut reader = Reader { text, at: 0 };
    reader.value()
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl Reader<'_> {
    fn peek(&mut self) -> Option<u8> {
        let rest = self.text.as_bytes().get(self.at..)?;
        self.at += rest.iter().take_while(|b| b.is_ascii_whitespace()).count();
        self.text.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    fn value(&mut self) -> Option<Node> {
        let first = self.peek()?;
        let start = self.at;
        let value = match first {
            b'{' => Value::Object(self.list(b'}', |r| {
                let name = r.string()?;
                r.take(b':')?;
                Some((name, r.value()?))
            })?),
            b'[' => Value::Array(self.list(b']', Self::value)?),
            b'"' => Value::Text(self.string()?),
            _ => {
                let rest = self.text.as_bytes().get(self.at..)?.iter();
                let word = |b: &&u8| b.is_ascii_alphanumeric() || b"+-.".contains(b);
                self.at += rest.take_while(word).count();
                (self.at > start).then_some(Value::Other)?
            }
        };
        let end = self.at;
        Some(Node { start, end, value })
    }

    fn list<T>(
        &mut self,
        close: u8,
        mut one: impl FnMut(&mut Self) -> Option<T>,
    ) -> Option<Vec<T>> {
        self.at += 1;
        let mut all = Vec::new();
        if self.peek()? == close {
            self.at += 1;
            return Some(all);
        }
        loop {
            all.push(one(self)?);
            match self.peek()? {
                b',' => self.at += 1,
                found if found == close => {
                    self.at += 1;
                    return Some(all);
                }
                _ => return None,
            }
        }
    }

    fn string(&mut self) -> Option<String> {
        self.peek()?;
        let start = self.at;
        self.take(b'"')?;
        let bytes = self.text.as_bytes();
        loop {
            match bytes.get(self.at)? {
                b'"' => break,
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
        self.at += 1;
        serde_json::from_str(self.text.get(start..self.at)?).ok()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn places_are_those_of_the_text() {
        let text = "{\"a\": [1, -2.5e3, \"é\\\"}\"], \"b\" : {\"c\":null}}\n";
        let whole = read(text).unwrap();
        let at = |node: &Node| &text[node.start..node.end];
        let list = whole.get("a").unwrap();
        assert_eq!(at(list), "[1, -2.5e3, \"é\\\"}\"]");
        assert_eq!(at(&list.entries()[1]), "-2.5e3");
        assert_eq!(at(&list.entries()[2]), "\"é\\\"}\"");
        assert_eq!(list.entries()[2].text(), Some("é\"}"));
        assert_eq!(at(whole.get("b").unwrap().get("c").unwrap()), "null");
        assert_eq!(read("[]").unwrap().entries(), []);
        for bad in ["", "[1", "{\"a\" 1}", "\"x", "[1 2]"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
