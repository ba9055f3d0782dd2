//! Refactorings: what each changes, and that none is offered that would change the meaning.

use ambit_grammar::Span;
use ambit_lsp::ide::refactor::{self, Candidate, Proof};

use crate::support::{Fixture, with_base};

/// A text with `$0` at the cursor, or around what is selected.
fn marked(text: &str) -> (Fixture, Span) {
    let Some(end) = text.rfind("$0").filter(|e| text.find("$0") != Some(*e)) else {
        let f = with_base(text);
        let span = Span::new(f.offset, f.offset);
        return (f, span);
    };
    let mut one = text.to_owned();
    one.replace_range(end..end + 2, "");
    let f = with_base(&one);
    let span = Span::new(f.offset, end as u32 - 2);
    (f, span)
}

/// The file at the cursor after a change.
fn after(f: &Fixture, candidate: &Candidate) -> String {
    let mut edits: Vec<_> = candidate.edits.iter().filter(|e| e.0 == f.file).collect();
    edits.sort_by_key(|e| std::cmp::Reverse(e.1));
    let mut text = f.file.text(&f.db).to_string();
    for (_, span, new) in edits {
        text.replace_range(span.range(), new);
    }
    text
}

/// What is offered, each with the text after it.
fn offered(text: &str) -> Vec<(String, String)> {
    let (f, span) = marked(text);
    let all = refactor::offered(&f.db, f.project, f.file, span);
    all.iter()
        .map(|c| (c.title.clone(), after(&f, c)))
        .collect()
}

/// What could be done before anything is proved.
fn considered(text: &str) -> Vec<String> {
    let (f, span) = marked(text);
    let all = refactor::candidates(&f.db, f.project, f.file, span);
    all.into_iter().map(|c| c.title).collect()
}

#[track_caller]
fn offers(text: &str, title: &str, wanted: &str) {
    let all = offered(text);
    let found = all.iter().find(|(t, _)| t == title);
    assert_eq!(
        found.map(|(_, t)| t.trim_end()),
        Some(wanted.trim_end()),
        "{text}\n{all:#?}"
    );
}

/// It looks as if it could be done, and would change the meaning (or leave an error).
#[track_caller]
fn refuses(text: &str, title: &str) {
    let considered = considered(text);
    assert!(
        considered.iter().any(|t| t == title),
        "{text}\n{considered:#?}"
    );
    let all = offered(text);
    assert!(!all.iter().any(|(t, _)| t == title), "{text}\n{all:#?}");
}

#[test]
fn a_condition_becomes_a_filter() {
    offers(
        "role r {\n    grant read on sales where don$0e and country = \"USA\"\n}\n",
        "Extract as filter `sales_filter`",
        "filter sales_filter on sales where done and country = \"USA\"\n\nrole r {\n    grant read on sales where sales_filter\n}\n",
    );
    // A part that is selected; inside `exists` it speaks of the other table.
    offers(
        "filter contacts_filter on contacts where tier = \"x\"\n\ngroup g {\n    grant read on sales where done and exists contacts where ($0tier = \"gold\"$0)\n}\n",
        "Extract as filter `contacts_filter_2`",
        "filter contacts_filter on contacts where tier = \"x\"\n\nfilter contacts_filter_2 on contacts where tier = \"gold\"\n\ngroup g {\n    grant read on sales where done and exists contacts where (contacts_filter_2)\n}\n",
    );
}

#[test]
fn a_condition_that_needs_its_role_stays() {
    let title = "Extract as filter `sales_filter`";
    refuses(
        "role r(c: Country) {\n    grant read on sales where country = $0c\n}\nuser u : r(\"USA\")\n",
        title,
    );
    // Inside the role, the name of the new filter would be a parameter.
    refuses(
        "role r(sales_filter: bool) {\n    grant read on sales where amount $0> 1\n}\nuser u : r(true)\n",
        title,
    );
    assert!(
        considered("group g { grant read on sales where don$0e }").is_empty(),
        "one word needs no name"
    );
}

#[test]
fn a_filter_goes_where_its_name_stands() {
    let filter = "filter f on sales where done or amount > 1\n";
    offers(
        &format!("{filter}group g {{ grant read on sales where country = \"USA\" and $0f }}\n"),
        "Inline `f` here",
        &format!(
            "{filter}group g {{ grant read on sales where country = \"USA\" and (done or amount > 1) }}\n"
        ),
    );
    offers(
        "filter $0f on sales where not done // why\ngroup g { grant read on sales where f }\ngroup h { deny read on sales where not f }\n",
        "Inline `f` everywhere",
        " // why\ngroup g { grant read on sales where (not done) }\ngroup h { deny read on sales where not (not done) }\n",
    );
}

#[test]
fn a_filter_stays_where_its_words_mean_something_else() {
    refuses(
        "filter f on sales where done\nrole r(done: bool) { grant read on sales where $0f and done }\nuser u : r(false)\n",
        "Inline `f` here",
    );
    refuses(
        "filter $0f on sales where done\nrole r(done: bool) { grant read on sales where f and done }\nuser u : r(false)\n",
        "Inline `f` everywhere",
    );
}

#[test]
fn grants_of_one_block_merge() {
    offers(
        "group g {\n    grant re$0ad on sales where done and amount > 1\n    grant read on sales where country = \"USA\"\n}\n",
        "Merge with the grant of line 3",
        "group g {\n    grant read on sales where (done and amount > 1) or country = \"USA\"\n}\n",
    );
    offers(
        "group g {\n    grant re$0ad on sales where done\n    deny read on sales where amount > 1\n    grant update, delete on sales where done\n}\n",
        "Merge with the grant of line 4",
        "group g {\n    grant read, update, delete on sales where done\n    deny read on sales where amount > 1\n}\n",
    );
    offers(
        "group g {\n    grant re$0ad on sales\n    grant read on sales where done\n}\n",
        "Merge with the grant of line 3",
        "group g {\n    grant read on sales\n}\n",
    );
    // Whoever reads sales queries them.
    offers(
        "group g {\n    grant re$0ad on sales where done\n    grant read on sales where amount > 1 applies when querying sales\n}\n",
        "Merge with the grant of line 3",
        "group g {\n    grant read on sales where done or amount > 1\n}\n",
    );
}

#[test]
fn grants_for_other_queries_do_not_merge() {
    refuses(
        "group g {\n    grant re$0ad on sales where done\n    grant read on sales where amount > 1 applies when querying contacts\n}\n",
        "Merge with the grant of line 3",
    );
    // A comment of its own would be lost, and other actions under other conditions are two grants.
    for text in [
        "group g {\n    grant re$0ad on sales where done\n    /// Why.\n    grant read on sales where amount > 1\n}\n",
        "group g {\n    grant re$0ad on sales where done\n    grant update on sales where amount > 1\n}\n",
    ] {
        assert!(
            !considered(text).iter().any(|t| t.starts_with("Merge")),
            "{text}"
        );
    }
}

#[test]
fn grants_of_several_move_to_for() {
    offers(
        "group a {\n    grant re$0ad on sales where done\n    deny read on sales where amount > 5\n}\ngroup b {\n    grant read on sales\n        where done\n}\nrole c { grant read on sales where done }\n",
        "Move the grant to `for a, b, c`",
        "group a {\n    deny read on sales where amount > 5\n}\n\nfor a, b, c {\n    grant read on sales where done\n}\ngroup b {\n}\nrole c { }\n",
    );
    // Written otherwise, and the same.
    offers(
        "group a { grant re$0ad on sales where country in [\"USA\", \"FRANCE\"] }\ngroup b { grant read on sales where country = \"FRANCE\" or country = \"USA\" }\n",
        "Move the grant to `for a, b`",
        "group a { }\n\nfor a, b {\n    grant read on sales where country in [\"USA\", \"FRANCE\"]\n}\ngroup b { }\n",
    );
}

#[test]
fn other_grants_do_not_move_to_for() {
    refuses(
        "group a { grant re$0ad on sales where done }\ngroup b { grant read on sales where not done }\n",
        "Move the grant to `for a, b`",
    );
    // Almost the same.
    refuses(
        "group a { grant re$0ad on sales where amount > 1 }\ngroup b { grant read on sales where amount >= 1 }\n",
        "Move the grant to `for a, b`",
    );
}

#[test]
fn equalities_become_a_list() {
    offers(
        "group g { grant read on sales where (country = \"USA\" $0or done or country in [\"FRANCE\"]) and amount > 1 }\n",
        "Test `country` with one list",
        "group g { grant read on sales where (country in [\"USA\", \"FRANCE\"] or done) and amount > 1 }\n",
    );
    offers(
        "filter f on sales where contact_id.tier != \"a\" and conta$0ct_id.tier != \"b\"\n",
        "Test `contact_id.tier` with one list",
        "filter f on sales where contact_id.tier not in [\"a\", \"b\"]\n",
    );
}

#[test]
fn other_tests_do_not_become_a_list() {
    for text in [
        "group g { grant read on sales where country = \"USA\" $0or salesperson = \"USA\" }\n",
        "group g { grant read on sales where country != \"USA\" $0or country != \"FRANCE\" }\n",
    ] {
        assert!(
            !considered(text).iter().any(|t| t.starts_with("Test")),
            "{text}"
        );
    }
}

#[test]
fn a_parameter_gets_a_name_that_says_more() {
    let shops = "table shops in warehouse { key id : int  land : Country }\n";
    let text = format!(
        "{shops}role r($0c: Country) as \"R_{{c}}\" {{ grant read on shops where land = c }}\nuser u : r(\"USA\")\n"
    );
    offers(
        &text,
        "Rename parameter `c` to `country`",
        &format!(
            "{shops}role r(country: Country) as \"R_{{country}}\" {{ grant read on shops where land = country }}\nuser u : r(\"USA\")\n"
        ),
    );
    // That name is a column's here: every row would be equal to itself.
    refuses(&text, "Rename parameter `c` to `land`");
}

#[test]
fn nothing_is_offered_while_the_project_has_errors_or_is_too_large() {
    let text = "group g { grant read on sales where don$0e and amount > 1 }\n";
    assert!(!offered(text).is_empty());
    assert!(offered(&format!("{text}role x inherits nobody\n")).is_empty());
    let (f, _) = marked(text);
    assert!(Proof::new(&f.db, f.project, 100).is_none());
}

/// The proof itself, on edits that look harmless.
#[test]
fn edits_that_change_a_decision_are_not_proved() {
    let cases = [
        ("where done", "where done and amount > 1", false),
        ("where done", "where amount is not null and done", false),
        ("where done", "where done and done", true),
        ("where done", "where not not done", true),
        ("where done", "", false),
        ("grant read", "grant read, delete", false),
        ("deny read", "deny delete", false),
        ("group g", "group gg", false),
        ("group g", "group  g", true),
    ];
    let text = "group g { grant read on sales where done  deny read on sales where country = \"USA\" }$0\n";
    for (old, new, same) in cases {
        let f = with_base(text);
        let source = f.file.text(&f.db);
        let at = source.find(old).unwrap() as u32;
        let edit = (f.file, Span::new(at, at + old.len() as u32), new.to_owned());
        let edits = refactor::by_file(&f.db, &[edit]);
        let mut prover = Proof::new(&f.db, f.project, 1 << 20).unwrap().begin();
        // Asked twice: the first time is undone.
        for _ in 0..2 {
            assert_eq!(prover.holds(&edits, &|| false), same, "{old} -> {new}");
        }
        assert!(!prover.holds(&edits, &|| true) || same, "called off");
    }
}
