//! Hover, and the parameters of roles.

use ambit_lsp::ide::{hover, signature};

use crate::support::with_base;

fn hovered(text: &str) -> String {
    let f = with_base(text);
    hover::hover(&f.db, f.project, f.file, f.offset).map_or_else(String::new, |(_, text)| text)
}

#[test]
fn a_table_shows_its_columns_and_rules() {
    let text =
        hovered("group g { grant read on sa$0les where done\n deny read on sales }\nuser u : g");
    for part in [
        "table sales in warehouse",
        "One row for each thing sold.",
        "key id : int",
        "country : Country",
        "// g\ngrant read on sales where done\ndeny read on sales",
    ] {
        assert!(text.contains(part), "{part} in\n{text}");
    }
}

#[test]
fn a_role_shows_what_counts_for_it() {
    let text = hovered(
        "/// Sellers.\nrole a { grant read on sales }\nrole $0b inherits a { deny read on sales where done }\nfor a { grant read on campaigns }\neveryone { restrict sales to amount > 1 }\neveryone except b { restrict sales to nothing }\nuser u : b",
    );
    for part in [
        "role b inherits a",
        "has: `a`",
        "// b\ndeny read on sales where done",
        "// a\ngrant read on sales",
        "// for a\ngrant read on campaigns",
        "// everyone\nrestrict sales to amount > 1",
        "users: `u`",
    ] {
        assert!(text.contains(part), "{part} in\n{text}");
    }
    assert!(
        !text.contains("nothing"),
        "the fallback is for others:\n{text}"
    );
}

#[test]
fn a_user_shows_what_he_has() {
    let text = hovered(
        "role a { grant read on sales }\nrole b inherits a\nuser $0u : b { deny read on sales where done }",
    );
    for part in [
        "user u : b",
        "has: `b`, `a`",
        "// u\ndeny read on sales where done",
        "// a\ngrant read on sales",
    ] {
        assert!(text.contains(part), "{part} in\n{text}");
    }
}

#[test]
fn small_things_show_their_type_and_docs() {
    for (text, part) in [
        (
            "group g { grant read on sales where coun$0try = \"USA\" }",
            "sales.country : Country\n```\n\nWhere it was sold.",
        ),
        (
            "group g { grant read on sales where salesperson = user.full$0_name }",
            "attribute full_name : string",
        ),
        (
            "group g { grant read on sales where country = \"US$0A\" }",
            "member of the enum `Country`",
        ),
        (
            "role r(c: Country) { grant read on sales where country = $0c }",
            "c : Country\n```\n\nparameter of `r`",
        ),
        (
            "group g { grant wr$0ite on campaigns }",
            "write implies read\n```\n\naction of the kind `dataset`",
        ),
        ("group g { grant re$0ad on sales }", "to see a row"),
        (
            "group g { grant read on sales where salesperson = user.log$0in }",
            "`user.login`",
        ),
        ("attribute a : strin$0g", "text, compared exactly"),
        (
            "filter $0f on sales where done",
            "filter f on sales where done",
        ),
    ] {
        let found = hovered(text);
        assert!(found.contains(part), "{text}: {found}");
    }
    assert_eq!(hovered("group g { gra$0nt read on sales }"), "");
}

#[test]
fn circles_end() {
    let text = hovered("role a inherits b\nrole $0b inherits a");
    assert!(text.contains("has: `a`"), "{text}");
}

fn signed(text: &str) -> Option<(String, u32)> {
    let f = with_base(text);
    let found = signature::signature(&f.db, f.project, f.file, f.offset)?;
    Some((found.label, found.active))
}

#[test]
fn arguments_show_the_parameters() {
    let role = "role m(c: Country, n: int)\n";
    let label = "m(c: Country, n: int)".to_owned();
    for (text, active) in [
        ("role x inherits m($0)", 0),
        ("role x inherits m(\"USA\", $0", 1),
        ("user u : m(\"USA\", 1$0)", 1),
        ("assert m($0) can never read sales", 0),
    ] {
        assert_eq!(
            signed(&format!("{role}{text}")),
            Some((label.clone(), active)),
            "{text}"
        );
    }
    for text in [
        "role m($0c: Country)",
        "role x inherits m(\"USA\", 1)$0",
        "group g { grant read on sales where (d$0one) }",
    ] {
        assert_eq!(signed(text), None, "{text}");
    }
}

#[test]
fn a_role_shows_what_it_may_in_the_end() {
    let text = hovered(
        "role a { grant read on sales where country = \"USA\" }\nrole $0b inherits a { deny read on sales where done  grant write on contacts }\n",
    );
    for part in [
        "In the end, with `b` alone:",
        "grant read on sales where country = \"USA\" and not done",
        "grant insert on contacts\n",
        "// read on contacts: nothing",
    ] {
        assert!(text.contains(part), "{part} in\n{text}");
    }
    assert!(!text.contains("```sql"), "{text}");
    let role = hovered(
        "role $0m(c: Country) { grant read on sales where country = c }\nuser u : m(\"FRANCE\")",
    );
    assert!(
        role.contains("In the end, with `m(\"FRANCE\")` alone:"),
        "{role}"
    );
    assert!(
        role.contains("grant read on sales where country = \"FRANCE\""),
        "{role}"
    );
}

#[test]
fn a_user_shows_what_he_sees_in_sql() {
    let text = hovered(
        "role a { grant read on sales where salesperson = user.full_name }\nuser $0u : a { full_name = \"Dan\" }",
    );
    for part in [
        "In the end, with `u` alone:",
        "grant read on sales where",
        "```sql\n-- sales, postgres\n",
        "'Dan'",
    ] {
        assert!(text.contains(part), "{part} in\n{text}");
    }
    let none = hovered("user $0u");
    assert!(
        none.contains("In the end, with `u` alone: nothing."),
        "{none}"
    );
    let broken = hovered("user $0u\nrole x inherits nobody");
    assert!(!broken.contains("In the end"), "{broken}");
}
