//! Outlines, search, folding, selection, formatting, colours.

use ambit_grammar::Span;
use ambit_lsp::ide::{folding, format, selection, symbols, tokens};

use crate::support::{fixture, with_base};

#[test]
fn the_outline_holds_what_items_hold() {
    let f = fixture(
        "table t { key id : int  name : string? }\nenum E { \"A\" }\nrole r(p: int) { grant read on t }\neveryone except r { deny read on t }\ntest \"works\" { given user eve }\nassert anyone can never read t\nrole $0broken { grant on }\njunk here",
    );
    let all = symbols::document(&f.db, f.file);
    let show = |e: &symbols::Entry| {
        let children: Vec<&str> = e.children.iter().map(|c| c.name.as_str()).collect();
        format!("{:?} {} [{}]", e.kind, e.name, children.join("; "))
    };
    let all: Vec<String> = all.iter().map(show).collect();
    assert_eq!(
        all,
        [
            "Table t [id; name]",
            "Enum E [A]",
            "Role r [grant read on t]",
            "Block everyone except r [deny read on t]",
            "Test works [eve]",
            "Claim assert anyone can never read t []",
            "Role broken []",
        ]
    );
}

#[test]
fn names_lie_within_their_entries() {
    let f = with_base("/// Docs.\nrole r inherits r { grant read on sales }$0");
    for entry in symbols::document(&f.db, f.file) {
        for e in std::iter::once(&entry).chain(&entry.children) {
            assert!(
                e.span.start <= e.name_span.start && e.name_span.end <= e.span.end,
                "{e:?}"
            );
        }
    }
}

#[test]
fn the_search_takes_letters_in_order() {
    let f = with_base("group gold_sellers $0");
    let names = |query: &str| -> Vec<String> {
        let all = symbols::workspace(&f.db, f.project, query);
        all.into_iter()
            .map(|(e, _, container)| format!("{container}>{}", e.name))
            .collect()
    };
    assert_eq!(names("GSell"), [">gold_sellers"]);
    assert_eq!(names("country"), [">Country", "sales>country"]);
    assert!(names("").len() > 10);
}

#[test]
fn bodies_lists_and_comments_fold() {
    let f = fixture(
        "// one\n// two\n\n// three\ngroup g {\n    grant read on t where x in [\n        1\n    ]\n}\nrole open { (\n$0",
    );
    let text = f.file.text(&f.db);
    let all = folding::folds(&f.db, f.file);
    let show = |fold: &folding::Fold| {
        let line = |at: u32| text[..at as usize].matches('\n').count();
        (line(fold.span.start), line(fold.span.end), fold.comment)
    };
    let all: Vec<_> = all.iter().map(show).collect();
    assert_eq!(all, [(0, 1, true), (4, 8, false), (5, 7, false)]);
}

#[test]
fn selections_grow() {
    let f = with_base("group g { grant read on sales where done and (amo$0unt > 1 or done) }");
    let spans = selection::selections(&f.db, f.file, f.offset);
    let texts: Vec<String> = spans.iter().map(|s| f.text(*s)).collect();
    assert_eq!(
        texts.first_chunk(),
        Some(&[
            "amount".to_owned(),
            "amount > 1".to_owned(),
            "amount > 1 or done".to_owned(),
            "(amount > 1 or done)".to_owned(),
            "done and (amount > 1 or done)".to_owned(),
            "grant read on sales where done and (amount > 1 or done)".to_owned(),
        ])
    );
    for (inner, outer) in spans.iter().zip(spans.iter().skip(1)) {
        assert!(outer.start <= inner.start && inner.end <= outer.end);
    }
}

#[test]
fn formatting_a_range_leaves_the_rest() {
    let f = fixture("role   a\nrole   b$0\n");
    let all = format::format(&f.db, f.file, None);
    assert_eq!(all.len(), 2);
    let at = Span::new(f.offset - 1, f.offset);
    let some = format::format(&f.db, f.file, Some(at));
    assert_eq!(some.len(), 1);
    assert!(some[0].0.start > 8);
}

#[test]
fn colours_follow_the_meaning() {
    let f = with_base(
        "/// Docs.\nrole key(c: Country) { grant read on sales where country = c and salesperson = user.login }$0",
    );
    let text = f.file.text(&f.db);
    let all = tokens::tokens(&f.db, f.project, f.file, Span::new(0, text.len() as u32));
    let show = |t: &tokens::Coloured| {
        format!(
            "{} {:?}{}",
            &text[t.span.range()],
            t.colour,
            if t.declares { "!" } else { "" }
        )
    };
    let all: Vec<String> = all.iter().map(show).collect();
    assert_eq!(
        all,
        [
            "/// Docs. Comment",
            "role Keyword",
            "key Interface!",
            "c Parameter!",
            "Country Enum",
            "grant Keyword",
            "read Method",
            "on Keyword",
            "sales Class",
            "where Keyword",
            "country Property",
            "c Parameter",
            "and Operator",
            "salesperson Property",
            "user Keyword",
            "login Variable",
        ]
    );
    let part = tokens::tokens(&f.db, f.project, f.file, Span::new(10, 14));
    assert_eq!(part.len(), 1, "a range holds what it touches");
}

#[test]
fn the_legend_names_every_colour() {
    assert_eq!(tokens::LEGEND.len(), tokens::Colour::Method as usize + 1);
}
