//! Scopes as SQL meets them: their text, and tests of it as an argument of a SQL function.

use ambit_core::{ScopeEntry, ScopeLevel, ScopeMode, ScopeOp, ScopeTest, ScopeValue};
use smol_str::SmolStr;

/// Reads `Book=Book 1|ID=[1 + 2]`. Blanks (space, tab) around symbols do not count; empty text is the empty scope.
/// A name that holds a symbol, or none at all, makes the whole unreadable.
pub fn parse_scope(text: &str) -> ScopeValue {
    if trim(text).is_empty() {
        return ScopeValue::Entries(Vec::new());
    }
    let entries: Option<Vec<ScopeEntry>> = text.split('|').map(parse_part).collect();
    entries.map_or_else(|| ScopeValue::Unreadable(text.into()), ScopeValue::Entries)
}

/// One part: a level, an operator, a member or a bracketed list.
pub(super) fn parse_part(part: &str) -> Option<ScopeEntry> {
    let at = part.find(['=', '<'])?;
    let (before, rest) = (part.get(..at)?, part.get(at..)?);
    let (level, total) = before
        .strip_suffix('&')
        .map_or((before, false), |l| (l, true));
    let (op, rest) = match (rest.strip_prefix('='), rest.strip_prefix("<>")) {
        (Some(rest), _) => (
            if total {
                ScopeOp::TotalEquals
            } else {
                ScopeOp::Equals
            },
            rest,
        ),
        (None, Some(rest)) => (
            if total {
                ScopeOp::TotalNotEquals
            } else {
                ScopeOp::NotEquals
            },
            rest,
        ),
        (None, None) => return None,
    };
    let rest = trim(rest);
    let members = match rest.strip_prefix('[') {
        Some(list) => list
            .strip_suffix(']')?
            .split('+')
            .map(name)
            .collect::<Option<Vec<_>>>()?,
        None => vec![name(rest)?],
    };
    Some(ScopeEntry {
        level: name(level)?,
        op,
        members,
    })
}

/// A level or member, without the blanks around it.
pub(super) fn name(text: &str) -> Option<SmolStr> {
    let text = trim(text);
    (!text.is_empty() && !text.contains(['|', '=', '<', '>', '[', ']', '+', '*']))
        .then(|| text.into())
}

fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

/// The text of a scope; what could not be read stands as it stood.
pub fn print_scope(value: &ScopeValue) -> String {
    let entries = match value {
        ScopeValue::Unreadable(text) => return text.to_string(),
        ScopeValue::Entries(entries) => entries,
    };
    let parts: Vec<String> = entries
        .iter()
        .map(|entry| {
            let op = match entry.op {
                ScopeOp::Equals => "=",
                ScopeOp::TotalEquals => "&=",
                ScopeOp::NotEquals => "<>",
                ScopeOp::TotalNotEquals => "&<>",
            };
            match entry.members.as_slice() {
                [one] => format!("{}{op}{one}", entry.level),
                many => format!("{}{op}[{}]", entry.level, many.join(" + ")),
            }
        })
        .collect();
    parts.join("|")
}

/// The outcome of a test: `None` where the scope cannot be read.
pub(super) fn outcome(test: &ScopeTest, scope: &ScopeValue) -> Option<bool> {
    let ScopeValue::Entries(entries) = scope else {
        return None;
    };
    let mut pairs: Vec<(&str, &str)> = Vec::new();
    for entry in entries {
        match entry.op {
            ScopeOp::NotEquals | ScopeOp::TotalNotEquals => return None,
            ScopeOp::Equals | ScopeOp::TotalEquals => {
                pairs.extend(
                    entry
                        .members
                        .iter()
                        .map(|m| (entry.level.as_str(), m.as_str())),
                );
            }
        }
    }
    let listed: Vec<(&str, Option<&str>)> = test
        .levels
        .iter()
        .flat_map(|level| match &level.members {
            None => vec![(level.level.as_str(), None)],
            Some(members) => members
                .iter()
                .map(|m| (level.level.as_str(), Some(m.as_str())))
                .collect(),
        })
        .collect();
    let fits = |pair: &(&str, &str), entry: &(&str, Option<&str>)| {
        pair.0 == entry.0 && entry.1.is_none_or(|member| member == pair.1)
    };
    let each_pair_fits = || pairs.iter().all(|p| listed.iter().any(|e| fits(p, e)));
    let each_entry_is_fitted = || listed.iter().all(|e| pairs.iter().any(|p| fits(p, e)));
    Some(match test.mode {
        ScopeMode::MatchAll => !pairs.is_empty() && each_pair_fits() && each_entry_is_fitted(),
        ScopeMode::MatchAny => !pairs.is_empty() && each_pair_fits(),
        ScopeMode::ContainsAll => each_entry_is_fitted(),
        ScopeMode::ContainsAny => pairs.iter().any(|p| listed.iter().any(|e| fits(p, e))),
    })
}

/// A test as one line of text: the mode, then a line for each level; members after tabs, none for `any`.
pub(super) fn encode(test: &ScopeTest) -> String {
    let mut out = String::from(match test.mode {
        ScopeMode::MatchAll => "match all",
        ScopeMode::MatchAny => "match any",
        ScopeMode::ContainsAll => "contains all",
        ScopeMode::ContainsAny => "contains any",
    });
    for level in &test.levels {
        out.push('\n');
        escape(&level.level, &mut out);
        for member in level.members.iter().flatten() {
            out.push('\t');
            escape(member, &mut out);
        }
    }
    out
}

/// The reverse of [`encode`].
pub(super) fn decode(text: &str) -> Option<ScopeTest> {
    let mut lines = text.split('\n');
    let mode = match lines.next()? {
        "match all" => ScopeMode::MatchAll,
        "match any" => ScopeMode::MatchAny,
        "contains all" => ScopeMode::ContainsAll,
        "contains any" => ScopeMode::ContainsAny,
        _ => return None,
    };
    let levels = lines.map(|line| {
        let mut cells = line.split('\t').map(unescape);
        let level = cells.next().unwrap_or_default();
        let members: Vec<SmolStr> = cells.collect();
        ScopeLevel {
            level,
            members: (!members.is_empty()).then_some(members),
        }
    });
    Some(ScopeTest {
        mode,
        levels: levels.collect(),
    })
}

fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\0' => out.push_str("\\0"),
            other => out.push(other),
        }
    }
}

fn unescape(text: &str) -> SmolStr {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        out.push(match c {
            '\\' => match chars.next() {
                Some('n') => '\n',
                Some('t') => '\t',
                Some('0') => '\0',
                Some(other) => other,
                None => '\\',
            },
            other => other,
        });
    }
    out.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_survives_its_encoding() {
        let test = ScopeTest {
            mode: ScopeMode::ContainsAll,
            levels: vec![
                ScopeLevel {
                    level: "A\\n\tb".into(),
                    members: Some(vec!["x\ny".into(), "\\".into(), "\0".into()]),
                },
                ScopeLevel {
                    level: "Desk".into(),
                    members: None,
                },
            ],
        };
        assert_eq!(decode(&encode(&test)), Some(test));
    }

    #[test]
    fn text_is_read_and_printed() {
        let read = parse_scope(" Book = [ Book 1 +Book 2 ] | R&D &= x\t");
        assert_eq!(print_scope(&read), "Book=[Book 1 + Book 2]|R&D&=x");
        for bad in [
            "Book",
            "=x",
            "Book=",
            "Book=[a",
            "Book=[a + ]",
            "Book=*",
            "a=b=c",
            "a>b",
            "a=b|",
            "a=b+c",
            "a<b",
        ] {
            assert!(
                matches!(parse_scope(bad), ScopeValue::Unreadable(_)),
                "{bad}"
            );
        }
        assert_eq!(parse_scope(" \t"), ScopeValue::Entries(vec![]));
    }
}
