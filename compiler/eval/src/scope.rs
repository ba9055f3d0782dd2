//! Scopes: their text form and the four modes (language.md, "Scopes").

use ambit_core::{ScopeEntry, ScopeMode, ScopeOp, ScopeTest, ScopeValue};
use smol_str::SmolStr;

use crate::truth::Truth;

/// Reads the text form: `Book=Book 1|ID=[1 + 2]`.
///
/// Parts are split by `|`; a part is a level, one of `=`, `&=`, `<>`, `&<>`, and a member or `[a + b]`. Blanks
/// (space, tab) around these symbols do not count, empty text is the empty scope. A name holds none of the symbols
/// `| = < > [ ] + *`: with `*` it would be a wildcard, and anything else does not parse; both are unreadable.
pub fn parse_scope(text: &str) -> ScopeValue {
    if blank_trimmed(text).is_empty() {
        return ScopeValue::Entries(Vec::new());
    }
    match text.split('|').map(parse_part).collect::<Option<Vec<_>>>() {
        Some(entries) => ScopeValue::Entries(entries),
        None => ScopeValue::Unreadable(SmolStr::new(text)),
    }
}

fn parse_part(part: &str) -> Option<ScopeEntry> {
    let at = part.find(['=', '<'])?;
    let (before, rest) = part.split_at(at);
    let (level, total) = match before.strip_suffix('&') {
        Some(level) => (level, true),
        None => (before, false),
    };
    let (op, members) = if let Some(members) = rest.strip_prefix('=') {
        (
            if total {
                ScopeOp::TotalEquals
            } else {
                ScopeOp::Equals
            },
            members,
        )
    } else {
        (
            if total {
                ScopeOp::TotalNotEquals
            } else {
                ScopeOp::NotEquals
            },
            rest.strip_prefix("<>")?,
        )
    };
    let members = blank_trimmed(members);
    let members = match members.strip_prefix('[') {
        Some(list) => list
            .strip_suffix(']')?
            .split('+')
            .map(name)
            .collect::<Option<Vec<_>>>()?,
        None => vec![name(members)?],
    };
    Some(ScopeEntry {
        level: name(level)?,
        op,
        members,
    })
}

/// A level or a member, without the blanks around it.
fn name(text: &str) -> Option<SmolStr> {
    let text = blank_trimmed(text);
    let symbol = ['|', '=', '<', '>', '[', ']', '+', '*'];
    (!text.is_empty() && !text.contains(symbol)).then(|| SmolStr::new(text))
}

fn blank_trimmed(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

/// The value of a scope test. P, the pairs of the row, against C, the entries listed.
pub fn test_scope(scope: &ScopeValue, test: &ScopeTest) -> Truth {
    let Some(pairs) = pairs(scope) else {
        return Truth::Unknown;
    };
    let entries: Vec<(&str, Option<&str>)> = test
        .levels
        .iter()
        .flat_map(|level| -> Vec<(&str, Option<&str>)> {
            match &level.members {
                // `Desk: any` is one entry.
                None => vec![(level.level.as_str(), None)],
                Some(members) => members
                    .iter()
                    .map(|m| (level.level.as_str(), Some(m.as_str())))
                    .collect(),
            }
        })
        .collect();
    let fits = |pair: &(&str, &str), entry: &(&str, Option<&str>)| {
        pair.0 == entry.0 && entry.1.is_none_or(|member| member == pair.1)
    };
    let fits_an_entry = |pair: &(&str, &str)| entries.iter().any(|entry| fits(pair, entry));
    let is_fitted = |entry: &(&str, Option<&str>)| pairs.iter().any(|pair| fits(pair, entry));
    Truth::from(match test.mode {
        ScopeMode::MatchAll => {
            !pairs.is_empty() && pairs.iter().all(fits_an_entry) && entries.iter().all(is_fitted)
        }
        ScopeMode::MatchAny => !pairs.is_empty() && pairs.iter().all(fits_an_entry),
        ScopeMode::ContainsAll => entries.iter().all(is_fitted),
        ScopeMode::ContainsAny => pairs.iter().any(fits_an_entry),
    })
}

/// The (level, member) pairs of a scope; `None` where it cannot be read.
fn pairs(scope: &ScopeValue) -> Option<Vec<(&str, &str)>> {
    let ScopeValue::Entries(entries) = scope else {
        return None;
    };
    let mut pairs = Vec::new();
    for entry in entries {
        if !matches!(entry.op, ScopeOp::Equals | ScopeOp::TotalEquals) || entry.members.is_empty() {
            return None;
        }
        for member in &entry.members {
            if member.contains('*') || entry.level.contains('*') {
                return None;
            }
            pairs.push((entry.level.as_str(), member.as_str()));
        }
    }
    Some(pairs)
}

#[cfg(test)]
mod tests {
    use ambit_core::{ScopeLevel, ScopeMode, ScopeTest, ScopeValue};

    use ambit_core::print::print_scope as scope_text;

    use super::{parse_scope, test_scope};
    use crate::truth::Truth;

    fn test(mode: ScopeMode, levels: &[(&str, Option<&[&str]>)]) -> ScopeTest {
        let levels = levels
            .iter()
            .map(|(level, members)| ScopeLevel {
                level: (*level).into(),
                members: members.map(|m| m.iter().map(|m| (*m).into()).collect()),
            })
            .collect();
        ScopeTest { mode, levels }
    }

    /// The truth table of the reference (seed-systems.md, 2.4), whole: four modes for Book ∈ {Book 1, Book 2}, a
    /// level without members, two levels in one mode, and two modes joined by `or`.
    #[test]
    fn the_truth_table() {
        let books: &[&str] = &["Book 1", "Book 2"];
        let one: &[&str] = &["Book 1"];
        let id: &[&str] = &["1"];
        let book = |mode| test(mode, &[("Book", Some(books))]);
        let any_book = test(ScopeMode::MatchAll, &[("Book", None)]);
        let both = test(
            ScopeMode::MatchAll,
            &[("Book", Some(one)), ("ID", Some(id))],
        );
        let left = test(ScopeMode::MatchAll, &[("Book", Some(one))]);
        let right = test(ScopeMode::ContainsAll, &[("ID", Some(id))]);
        let rows = [
            ("Book=Book 1", "-Y-YY-Y"),
            ("Book=Book 3", "----Y--"),
            ("Book=[Book 1 + Book 2]", "YYYYY--"),
            ("Book=[Book 1 + Book 3]", "---YY--"),
            ("Book=Book 1|Book=Book 2", "YYYYY--"),
            ("Book=Book 1|ID=1", "---Y-YY"),
            ("Book=[Book 1 + Book 2]|ID=1", "--YY--Y"),
            ("Desk=Equities|Book=Book 1", "---Y---"),
            ("ID=1", "------Y"),
            ("Desk=Equities|ID=1", "------Y"),
            ("Book&=[Book 1 + Book 2]", "YYYYY--"),
            ("Book<>Book 3", "???????"),
            ("Book&<>Book 1", "???????"),
            ("Book=Book 1|Desk<>X", "???????"),
            ("Book=*", "???????"),
            ("", "-------"),
        ];
        for (text, expected) in rows {
            let scope = parse_scope(text);
            let got: String = [
                test_scope(&scope, &book(ScopeMode::MatchAll)),
                test_scope(&scope, &book(ScopeMode::MatchAny)),
                test_scope(&scope, &book(ScopeMode::ContainsAll)),
                test_scope(&scope, &book(ScopeMode::ContainsAny)),
                test_scope(&scope, &any_book),
                test_scope(&scope, &both),
                test_scope(&scope, &left).or(test_scope(&scope, &right)),
            ]
            .into_iter()
            .map(|t| match t {
                Truth::True => 'Y',
                Truth::Unknown => '?',
                Truth::False => '-',
            })
            .collect();
            assert_eq!(got, expected, "{text}");
        }
    }

    #[test]
    fn any_is_one_entry() {
        let scope = parse_scope("Desk=A|Desk=B|Book=1");
        let levels: &[(&str, Option<&[&str]>)] = &[("Book", Some(&["1"])), ("Desk", None)];
        for (mode, expected) in [
            (ScopeMode::MatchAll, true),
            (ScopeMode::MatchAny, true),
            (ScopeMode::ContainsAll, true),
            (ScopeMode::ContainsAny, true),
        ] {
            assert_eq!(
                test_scope(&scope, &test(mode, levels)),
                Truth::from(expected)
            );
        }
        let no_desk = parse_scope("Book=1");
        assert_eq!(
            test_scope(&no_desk, &test(ScopeMode::ContainsAll, levels)),
            Truth::False
        );
        assert_eq!(
            test_scope(&no_desk, &test(ScopeMode::MatchAll, levels)),
            Truth::False
        );
        assert_eq!(
            test_scope(&no_desk, &test(ScopeMode::MatchAny, levels)),
            Truth::True
        );
    }

    #[test]
    fn blanks_around_symbols_do_not_count() {
        let tight = parse_scope("Book=[Book 1+Book 2]|ID&=1");
        assert_eq!(
            tight,
            parse_scope("  Book = [ Book 1 + Book 2 ] | ID\t&= 1 ")
        );
        assert_eq!(scope_text(&tight), "Book=[Book 1 + Book 2]|ID&=1");
        assert_eq!(parse_scope("   "), ScopeValue::Entries(vec![]));
    }

    #[test]
    fn what_cannot_be_read() {
        for text in [
            "Book",
            "=1",
            "Book=",
            "Book=[]",
            "Book=[A",
            "Book=A]",
            "Book=[A+]",
            "Book=[A]B",
            "|",
            "Book=A|",
            "Book==A",
            "Book=A=B",
            "Book<A",
            "Book>A",
            "Book=A+B",
            "&=A",
            "Book=*",
            "Book=A*",
            "Book = [A + *]",
            "Book=[[A]]",
        ] {
            assert_eq!(
                parse_scope(text),
                ScopeValue::Unreadable(text.into()),
                "{text}"
            );
        }
        // A `&` that is no operator is part of a name.
        assert_eq!(scope_text(&parse_scope("R&D=A&B")), "R&D=A&B");
        assert!(matches!(parse_scope("R&D=A&B"), ScopeValue::Entries(_)));
    }
}
