//! Marks in source text: `//~ E0201 E0302` says which problems are expected on its line, `//~^ E0201` on the line
//! above, `//~ fails` that a step of a test fails.

/// Something that is expected of a line: a code, or `fails`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    pub file: String,
    /// From 1.
    pub line: u32,
    pub what: String,
}

/// The marks of a file; `sign` begins the comment (`//~`, in settings `#~`).
pub fn marks(file: &str, text: &str, sign: &str) -> Vec<Mark> {
    let mut found = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let Some((_, mark)) = line.split_once(sign) else {
            continue;
        };
        let (mark, up) = mark.strip_prefix('^').map_or((mark, 0), |rest| (rest, 1));
        for what in mark.split_whitespace() {
            found.push(Mark {
                file: file.to_owned(),
                line: index as u32 + 1 - up,
                what: what.to_owned(),
            });
        }
    }
    found.sort();
    found
}

/// Compares two sorted lists of marks: what is missing, and what is too much.
pub fn compare(expected: &[Mark], got: &[Mark]) -> (Vec<Mark>, Vec<Mark>) {
    let mut missing = Vec::new();
    let mut extra = got.to_vec();
    for mark in expected {
        match extra.iter().position(|m| m == mark) {
            Some(at) => drop(extra.remove(at)),
            None => missing.push(mark.clone()),
        }
    }
    (missing, extra)
}

#[test]
fn marks_are_found_and_compared() {
    let found = marks("a", "x //~ E1 E2\ny\n//~^ E3\n", "//~");
    let list: Vec<_> = found.iter().map(|m| (m.line, m.what.as_str())).collect();
    assert_eq!(list, [(1, "E1"), (1, "E2"), (2, "E3")]);
    let (missing, extra) = compare(&found[..2], &found[1..]);
    assert_eq!(
        (missing, extra),
        (vec![found[0].clone()], vec![found[2].clone()])
    );
    let twice = [found[0].clone(), found[0].clone()];
    assert_eq!(
        compare(&twice, &found[..1]).0.len(),
        1,
        "the same problem twice is two problems"
    );
}
