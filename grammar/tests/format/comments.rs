//! Comments of each kind in every place.

use super::support::{SAMPLE, checked, tokens};
use ambit_grammar::{TokenKind, lex, parse_item, split};

/// Kinds of comments, with what stands around them.
const COMMENTS: [&str; 7] = [
    " // at the end\n",
    "\n// alone\n",
    "\n\n    // with blank lines around  \n\n",
    " // at the end\n // and alone\n",
    "\n/// doc\n",
    " /// doc at the end\r\n",
    "\n//\n///\n//// ruler\n",
];

/// Every comment before, after and between all words of an item.
#[test]
fn in_every_gap_of_every_item() {
    let (mut tried, mut formatted) = (0, 0);
    for raw in split(SAMPLE) {
        let mut places: Vec<usize> = lex(&raw.text)
            .iter()
            .flat_map(|t| [t.start as usize, t.end as usize])
            .collect();
        places.sort_unstable();
        places.dedup();
        for place in places {
            for comment in COMMENTS {
                let (before, after) = raw.text.split_at(place);
                let text = format!("role above\n{before}{comment}{after}\nrole below\n");
                let readable = split(&text).iter().all(|r| parse_item(r).errors.is_empty());
                let result = checked(&text);
                assert_eq!(result.skipped.is_empty(), readable, "{text}");
                tried += 1;
                formatted += usize::from(readable);
            }
        }
    }
    assert!(tried > 5_000, "only {tried} places");
    assert!(
        formatted * 10 > tried * 9,
        "{formatted} of {tried} could be read"
    );
}

/// A comment in every gap at once.
#[test]
fn in_all_gaps_at_once() {
    for comment in COMMENTS {
        for raw in split(SAMPLE) {
            let mut text = String::new();
            for (_, word) in tokens(&raw.text) {
                text.push_str(word);
                text.push_str(comment);
            }
            checked(&text);
        }
    }
}

/// A comment at the end of a line stays there; one on a line of its own stays alone.
#[test]
fn stay_on_their_lines() {
    for raw in split(SAMPLE) {
        for token in lex(&raw.text) {
            if matches!(
                token.kind,
                TokenKind::Whitespace | TokenKind::Comment | TokenKind::DocComment
            ) {
                continue;
            }
            let (before, after) = raw.text.split_at(token.end as usize);
            let word = &before[token.start as usize..];
            let end = checked(&format!("{before}   // here\n{after}")).text;
            let line = end.lines().find(|l| l.contains("// here")).unwrap();
            assert!(
                line.split("// here")
                    .next()
                    .unwrap()
                    .trim_end()
                    .ends_with(word),
                "{end}"
            );
            let own = checked(&format!("{before}\n// here\n{after}")).text;
            assert!(own.lines().any(|l| l.trim() == "// here"), "{own}");
        }
    }
}
