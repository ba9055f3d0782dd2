//! Text between the lines.

use ambit_grammar::Span;
use ambit_lsp::ide::hint;

use crate::support::{Fixture, fixture, with_base};

/// The word before each hint of a part, and the hint.
fn hints_in(f: &Fixture, range: Span) -> Vec<(String, String)> {
    let text = f.file.text(&f.db);
    let all = hint::hints(&f.db, f.project, f.file, range, None);
    all.iter()
        .map(|h| {
            let before = text[..h.at as usize]
                .split_whitespace()
                .next_back()
                .unwrap();
            (before.to_owned(), h.text.clone())
        })
        .collect()
}

fn hints(text: &str) -> Vec<(String, String)> {
    let f = with_base(text);
    let whole = Span::new(0, f.file.text(&f.db).len() as u32);
    hints_in(&f, whole)
}

fn pairs(all: &[(&str, &str)]) -> Vec<(String, String)> {
    all.iter()
        .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()))
        .collect()
}

#[test]
fn hints_count_what_comes_along_and_who_has_it() {
    let text = "role a\nrole b inherits a\nrole c inherits b\nuser u : c\nuser v : b\nrole d\n";
    let f = fixture(&format!("{text}$0"));
    let whole = Span::new(0, text.len() as u32);
    assert_eq!(
        hints_in(&f, whole),
        pairs(&[
            ("a", "2 users"),
            ("b", "2 users"),
            ("c", "1 user"),
            ("b", "+ 1 inherited"),
            ("c", "+ 2 inherited"),
            ("b", "+ 1 inherited"),
            ("d", "no user"),
        ])
    );
    // Only what stands in the part that is seen.
    assert_eq!(hints_in(&f, Span::new(0, 8)), pairs(&[("a", "2 users")]));
    assert!(
        hints("role a\nrole b inherits a\n").is_empty(),
        "without users nobody counts them"
    );
}

#[test]
fn a_filter_says_what_it_depends_on() {
    let text = "filter f on sales where done\nfilter g on sales where salesperson = user.full_name\nfilter h on sales where sold_on in last 3 months or f\nfilter i on sales where g and h\n";
    assert_eq!(
        hints(text),
        pairs(&[
            ("f", "sales → bool"),
            ("g", "sales, user → bool"),
            ("h", "sales, today → bool"),
            ("i", "sales, user, today → bool"),
        ])
    );
}

#[test]
fn a_grant_says_what_is_left_of_it() {
    for (text, wanted) in [
        ("group g { grant read on sales where done }", vec![]),
        (
            "group g {\n grant read on sales where done\n deny read on sales where done\n}",
            vec![("done", "no effect")],
        ),
        (
            "group g {\n grant read on sales where country = \"USA\"\n}\neveryone { restrict sales to amount < 1000 }",
            vec![("\"USA\"", "→ country = \"USA\" and amount < 1000")],
        ),
        // What others give as well is not taken away.
        (
            "group g {\n grant read on sales where country = \"USA\"\n deny read on sales where country = \"FRANCE\"\n}",
            vec![],
        ),
        (
            "role a { deny read on sales where not done }\nrole b inherits a {\n grant read on sales\n}",
            vec![("sales", "→ done")],
        ),
        // Instances of a role, and things granted together, would each have a hint of their own.
        (
            "role r(c: Country) {\n grant read on sales where country = c\n deny read on sales\n}\nrole x inherits r(\"USA\"), r(\"FRANCE\")",
            vec![],
        ),
        (
            "group g {\n grant read on sales where nope\n deny read on sales\n}",
            vec![],
        ),
    ] {
        let found: Vec<_> = hints(text)
            .into_iter()
            .filter(|(_, t)| !t.contains("inherited"))
            .collect();
        assert_eq!(found, pairs(&wanted), "{text}");
    }
}
