//! Texts that nobody would write.

use super::support::{Random, SAMPLE, cases, checked};
use ambit_grammar::{format, format_range, lex, split};

const PIECES: [&str; 44] = [
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    ",",
    ":",
    ".",
    "?",
    "->",
    ">",
    "=",
    "!=",
    "\"",
    "\"x\"",
    "'",
    "// c\n",
    "/// d\n",
    "//",
    "/*",
    "*/",
    "\n",
    "\n\n\n",
    "\r\n",
    "\r",
    "\t",
    " ",
    "    ",
    "\u{FEFF}",
    "ß",
    "日本",
    "\u{2028}",
    "\u{00A0}",
    "role x",
    "\nrole ",
    "\n  table t {",
    "grant read on sales",
    "where",
    "and",
    "or",
    "test \"t\" {",
    "2024-01-15",
    "-3.5",
];

/// A few items, or words from the middle of some, with a few of them changed.
fn mutated(text: &str, random: &mut Random) -> String {
    let starts: Vec<usize> = split(text).iter().map(|i| i.start as usize).collect();
    let from = starts[random.below(starts.len())];
    let until = starts
        .iter()
        .copied()
        .filter(|&s| s > from)
        .nth(random.below(4))
        .unwrap_or(text.len());
    let part = &text[from..until];
    let mut words: Vec<&str> = lex(part)
        .iter()
        .map(|t| &part[t.start as usize..t.end as usize])
        .collect();
    if random.below(4) == 0 {
        words.truncate(1 + random.below(words.len()));
        words.drain(..random.below(words.len()));
    }
    for _ in 0..random.below(4) {
        let at = random.below(words.len());
        match random.below(5) {
            0 if words.len() > 1 => drop(words.remove(at)),
            1 => words.insert(at, words[random.below(words.len())]),
            2 => {
                let other = random.below(words.len());
                words.swap(at, other);
            }
            _ => words.insert(at, random.pick(&PIECES)),
        }
    }
    words.concat()
}

#[test]
fn mutated_texts() {
    let mut random = Random::new(3);
    let mut whole = 0;
    let budget = cases(3_000);
    for _ in 0..budget {
        whole += usize::from(checked(&mutated(SAMPLE, &mut random)).skipped.is_empty());
    }
    assert!(
        whole > budget / 4,
        "only {whole} of {budget} could be read whole"
    );
}

#[test]
fn soups_of_pieces() {
    let mut random = Random::new(4);
    for _ in 0..cases(3_000) {
        let mut soup = String::new();
        for _ in 0..random.below(14) {
            soup.push_str(random.pick(&PIECES));
            soup.push_str(random.pick(&["", " ", "\n"]));
        }
        checked(&soup);
    }
}

/// A range comes out as the whole file would.
#[test]
fn ranges() {
    let mut random = Random::new(5);
    for _ in 0..cases(1_500) {
        let text = mutated(SAMPLE, &mut random);
        let whole = format(&text);
        let (a, b) = (
            random.below(text.len() + 2) as u32,
            random.below(text.len() + 2) as u32,
        );
        let range = format_range(&text, a.min(b), a.max(b));
        for edit in &range.edits {
            assert!(whole.edits.contains(edit), "{edit:?} in\n{text}");
        }
        assert_eq!(format_range(&text, 0, text.len() as u32).text, whole.text);
    }
}

#[test]
fn depth_and_size_are_no_trouble() {
    for depth in [10, 100, 10_000] {
        let (open, close) = ("(".repeat(depth), ")".repeat(depth));
        checked(&format!("filter f on t where {open}a = 1{close}"));
        checked(&format!("filter f on t where {}a", "not ".repeat(depth)));
        checked(&format!(
            "role r {{ grant read on t where {open} a = 1 and b = 2 {close} }}"
        ));
    }
    let rules = "    grant read on sales where country = \"USA\" and amount < 1000 // because\n"
        .repeat(2_000);
    let role = format!("role r {{\n{rules}}}\n");
    let long = checked(&role);
    assert_eq!(long.text, role);
    let wide = format!("enum E {{ {}\"end\" }}", "\"member\",".repeat(20_000));
    assert_eq!(checked(&wide).text.lines().count(), 20_003);
    let cells = format!(
        "test \"t\" {{ given t {{ a, b {} }} }}",
        "1, \"x\" ".repeat(20_000)
    );
    assert_eq!(checked(&cells).text.lines().count(), 20_005);
    let junk = "} ".repeat(50_000);
    assert_eq!(format(&junk).text, format!("{}\n", junk.trim_end()));
}
