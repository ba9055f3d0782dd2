//! Problems and their fixes, lenses, hints, links, the role graph.

use ambit_grammar::Span;
use ambit_lsp::ide::{hierarchy, lens, link, problems};

use crate::support::{fixture, with_base};

#[test]
fn problems_come_in_two_stages() {
    let f = with_base("group g { grant read on sales where country = \"USB\" }$0");
    let first = problems::first(&f.db, f.project);
    assert_eq!(first.iter().map(|p| p.code).collect::<Vec<_>>(), ["E0302"]);
    assert!(
        problems::second(&f.db, f.project).is_empty(),
        "errors come first"
    );
    let sound = with_base("group g { grant read on sales grant read on sales where done }$0");
    assert!(problems::first(&sound.db, sound.project).is_empty());
    let second = problems::second(&sound.db, sound.project);
    assert!(
        second
            .iter()
            .any(|p| p.code == "W0602" && problems::fades(p.code)),
        "{second:?}"
    );
}

#[test]
fn fixes_are_offered_where_the_problem_is() {
    let f = with_base("group g { grant read on sal$0e }");
    let all = problems::first(&f.db, f.project);
    let at = Span::new(f.offset, f.offset);
    let fixes = problems::fixes(&all, "main.ambit", at);
    assert_eq!(fixes.len(), 1);
    assert_eq!(fixes[0].1.edits[0].1, "sales");
    assert!(problems::fixes(&all, "main.ambit", Span::new(0, 2)).is_empty());
    assert!(problems::fixes(&all, "schema.ambit", at).is_empty());
}

#[test]
fn lenses_count_users() {
    let f = fixture("role a\nrole b inherits a\nuser u : b\nuser v : b, a\nrole c$0\n");
    let all = lens::lenses(&f.db, f.project, f.file, &lens::For::default());
    let titles: Vec<&str> = all.iter().map(|l| l.title.as_str()).collect();
    assert_eq!(
        titles,
        ["2 users: u, v", "2 users: u, v", "no declared user"]
    );
}

#[test]
fn comments_link_to_addresses_and_pages() {
    let f = fixture(
        "// See (https://example.org/a?b=1), and W0602.\nrole a as \"https://no.example\"$0\n",
    );
    let all = link::links(&f.db, f.file);
    let all: Vec<_> = all.iter().map(|l| (f.text(l.span), l.to.clone())).collect();
    assert_eq!(
        all,
        [
            (
                "https://example.org/a?b=1".to_owned(),
                link::Target::Address("https://example.org/a?b=1".to_owned())
            ),
            ("W0602".to_owned(), link::Target::Page("W0602")),
        ]
    );
}

#[test]
fn the_role_graph_goes_both_ways() {
    let f = fixture("role a\nrole b inherits a, missing\ngroup g inherits b\nuser u : $0b\n");
    let node = hierarchy::prepare(&f.db, f.project, f.file, f.offset).unwrap();
    assert_eq!(node.name, "b");
    let names = |nodes: Vec<hierarchy::Node>| -> Vec<String> {
        nodes.iter().map(|n| n.name.to_string()).collect()
    };
    assert_eq!(names(hierarchy::supertypes(&f.db, f.project, "b")), ["a"]);
    assert_eq!(
        names(hierarchy::subtypes(&f.db, f.project, "b")),
        ["g", "u"]
    );
    let column = with_base("group g { grant read on sa$0les }");
    assert_eq!(
        hierarchy::prepare(&column.db, column.project, column.file, column.offset),
        None
    );
}
