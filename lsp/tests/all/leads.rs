//! Where names lead: to types, to what they become, along the role graph; and names that change together.

use ambit_lsp::ide::{calls, implementation, linked, type_definition};

use crate::support::{fixture, with_base};

fn types(text: &str) -> Vec<String> {
    let f = with_base(text);
    type_definition::type_definition(&f.db, f.project, f.file, f.offset)
        .map_or_else(Vec::new, |(_, places)| f.show_all(&places))
}

fn becomes(text: &str) -> Vec<String> {
    let f = with_base(text);
    implementation::implementation(&f.db, f.project, f.file, f.offset)
        .map_or_else(Vec::new, |(_, places)| f.show_all(&places))
}

#[test]
fn a_name_leads_to_its_type() {
    for (text, wanted) in [
        (
            "group g { grant read on sales where coun$0try = \"USA\" }",
            vec!["schema.ambit:3:Country"],
        ),
        (
            "group g { grant read on sales where contact$0_id is null }",
            vec!["schema.ambit:16:contacts"],
        ),
        (
            "group g { grant read on sales where sco$0pe match all { Book: any } }",
            vec!["schema.ambit:14:scope { Book, Desk }"],
        ),
        (
            "group g { grant read on sales where country in user.coun$0tries }",
            vec!["schema.ambit:3:Country"],
        ),
        (
            "role r(c: Country) { grant read on sales where country = $0c }",
            vec!["schema.ambit:3:Country"],
        ),
        (
            "group g { grant read on camp$0aigns }",
            vec!["schema.ambit:17:dataset"],
        ),
        (
            "role a\nrole b\nuser $0u : a, b",
            vec!["main.ambit:1:a", "main.ambit:2:b"],
        ),
        (
            "role a\ntest \"x\" { given user v : a  v$0 sees sales [] }",
            vec!["main.ambit:1:a"],
        ),
        (
            "group g { grant read on sales where country = \"US$0A\" }",
            vec!["schema.ambit:3:Country"],
        ),
        (
            "filter $0f on sales where done",
            vec!["schema.ambit:5:sales"],
        ),
        // What the language brings is declared nowhere.
        ("group g { grant read on sales where am$0ount > 1 }", vec![]),
        ("rol$0e a", vec![]),
    ] {
        assert_eq!(types(text), wanted, "{text}");
    }
}

#[test]
fn a_declaration_leads_to_what_it_becomes() {
    for (text, wanted) in [
        (
            "role ma$0rket(c: Country)\nrole x inherits market(\"USA\")\nuser u : market(\"FRANCE\"), market(\"USA\")",
            vec![
                "main.ambit:2:market(\"USA\")",
                "main.ambit:3:market(\"FRANCE\")",
                "main.ambit:3:u",
                "main.ambit:2:x",
            ],
        ),
        (
            "role $0a\nrole b inherits a\ngroup g inherits b\nuser u : a",
            vec!["main.ambit:2:b", "main.ambit:4:u"],
        ),
        (
            "filter fi$0n on sales where done\ngroup g { grant read on sales where fin\n deny read on sales where not fin }",
            vec!["main.ambit:2:fin", "main.ambit:3:fin"],
        ),
        (
            "object o in mkt : data$0set uses campaigns",
            vec!["main.ambit:1:o", "schema.ambit:18:campaigns"],
        ),
        (
            "group g { grant read on sa$0les }",
            vec!["schema.ambit:18:campaigns"],
        ),
        ("role $0a", vec![]),
        ("group g { grant read on sales where do$0ne }", vec![]),
    ] {
        assert_eq!(becomes(text), wanted, "{text}");
    }
}

#[test]
fn calls_say_where_each_edge_is_written() {
    let f = fixture(
        "role m(n: int)\nrole a inherits m(1), m(2)\nuser $0u : a, missing\n//- other.ambit\ngroup g inherits a\n",
    );
    let file = f.file;
    let show = |edges: Vec<calls::Edge>, own: Option<ambit_compiler::SourceFile>| -> Vec<String> {
        edges
            .iter()
            .map(|edge| {
                let text = own.unwrap_or(edge.node.file).text(&f.db);
                let written: Vec<&str> = edge.written.iter().map(|s| &text[s.range()]).collect();
                format!(
                    "{} {}: {}",
                    edge.node.sort,
                    edge.node.name,
                    written.join(" | ")
                )
            })
            .collect()
    };
    let outgoing = |name: &str| show(calls::outgoing(&f.db, f.project, name), Some(file));
    let incoming = |name: &str| show(calls::incoming(&f.db, f.project, name), None);
    assert_eq!(outgoing("u"), ["role a: a"]);
    assert_eq!(outgoing("a"), ["role m: m(1) | m(2)"]);
    assert_eq!(incoming("a"), ["group g: a", "user u: a"]);
    assert_eq!(incoming("m"), ["role a: m(1) | m(2)"]);
    assert!(incoming("u").is_empty() && outgoing("m").is_empty());
}

fn together(text: &str) -> Option<Vec<u32>> {
    let f = with_base(text);
    let spans = linked::linked(&f.db, f.project, f.file, f.offset)?;
    let name = f.text(spans[0]);
    assert!(spans.iter().all(|s| f.text(*s) == name), "{text}");
    Some(spans.iter().map(|s| s.start).collect())
}

#[test]
fn names_that_live_in_one_item_change_together() {
    let role = "role r(c: Country) as \"ROLE_{c}\" { grant read on sales where country = $0c }";
    let expected: Vec<u32> = [7, 29, 71].into();
    assert_eq!(together(role), Some(expected));
    let test = "test \"x\" { given user $0v\n v sees sales [] }";
    assert_eq!(together(test), Some(vec![22, 25]));
    for text in [
        "role $0a\nrole b inherits a",
        "group g { grant read on sales where don$0e }",
        "role r($0c: Country)",
        "role r($0c: Country, c: int) { grant read on sales where country = c }",
    ] {
        assert_eq!(together(text), None, "{text}");
    }
}

#[test]
fn a_parameter_in_an_outside_name_is_renamed_along() {
    let f =
        with_base("role r(c$0: Country) as \"ROLE_{c}\" { grant read on sales where country = c }");
    let rename = ambit_lsp::ide::rename::rename;
    let renaming = rename(&f.db, f.project, f.file, f.offset, "land").unwrap();
    let mut text = f.file.text(&f.db).to_string();
    let edits: Vec<_> = renaming
        .iter()
        .flat_map(ambit_lsp::ide::rename::Renaming::edits)
        .collect();
    for (_, span, _) in edits.into_iter().rev() {
        text.replace_range(span.range(), "land");
    }
    assert!(
        text.starts_with(
            "role r(land: Country) as \"ROLE_{land}\" { grant read on sales where country = land }"
        ),
        "{text}"
    );
}
