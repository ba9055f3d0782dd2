//! Definition, references, highlights and renaming.

use ambit_lsp::ide::{Place, definition, highlight, references, rename};

use crate::support::{fixture, with_base};

fn defined(text: &str) -> Vec<String> {
    let f = with_base(text);
    let found = definition::definition(&f.db, f.project, f.file, f.offset);
    found.map_or_else(Vec::new, |(_, places)| f.show_all(&places))
}

#[test]
fn definitions_of_everything_that_has_a_name() {
    for (text, want) in [
        ("group g { grant read on sa$0les }", "schema.ambit:5:sales"),
        (
            "group g { grant read on sales where coun$0try = \"USA\" }",
            "schema.ambit:8:country",
        ),
        (
            "group g { grant read on sales where contact_id.ti$0er = \"x\" }",
            "schema.ambit:16:tier",
        ),
        (
            "group g { grant read on sales where country = \"US$0A\" }",
            "schema.ambit:3:\"USA\"",
        ),
        (
            "group g { grant read on sales where country in [\"USA\", \"FR$0ANCE\"] }",
            "schema.ambit:3:\"FRANCE\"",
        ),
        (
            "group g { grant read on sales where salesperson = user.full$0_name }",
            "schema.ambit:19:full_name",
        ),
        (
            "group g { grant read on contacts where exists sales where (am$0ount > 1) }",
            "schema.ambit:10:amount",
        ),
        (
            "group g { grant wri$0te on campaigns }",
            "schema.ambit:17:write",
        ),
        (
            "role r(c: Country) { grant read on sales where country = $0c }",
            "main.ambit:1:c",
        ),
        ("group a\nuser u : $0a", "main.ambit:1:a"),
        (
            "user u { countries = [\"U$0SA\"] }",
            "schema.ambit:3:\"USA\"",
        ),
        (
            "role m(c: Country)\nrole n inherits m(\"U$0SA\")",
            "schema.ambit:3:\"USA\"",
        ),
        (
            "filter f on sales where done\ngroup g { grant read on sales where $0f }",
            "main.ambit:1:f",
        ),
        (
            "test \"t\" { given user eve\n eve$0 sees sales [] }",
            "main.ambit:1:eve",
        ),
        (
            "test \"t\" { given sales { id, coun$0try 1, \"USA\" } }",
            "schema.ambit:8:country",
        ),
        (
            "assert anyone can never read sal$0es where amount = 1",
            "schema.ambit:5:sales",
        ),
        (
            "hierarchy h on sales { coun$0try > salesperson }",
            "schema.ambit:8:country",
        ),
    ] {
        assert_eq!(defined(text), [want], "{text}");
    }
}

#[test]
fn definitions_in_broken_text() {
    assert_eq!(
        defined("group g { grant read on sales where country$0 = "),
        ["schema.ambit:8:country"]
    );
    assert_eq!(
        defined("group g { grant on sa$0les where"),
        ["schema.ambit:5:sales"]
    );
    assert_eq!(
        defined("group g { grant read on no$0where }"),
        Vec::<String>::new()
    );
    assert_eq!(defined("// sa$0les"), Vec::<String>::new());
}

#[test]
fn a_column_of_two_tables_is_declared_twice() {
    let text = "group g { grant read on sales, contacts where i$0d = 1 }";
    let mut found = defined(text);
    found.sort();
    assert_eq!(found, ["schema.ambit:16:id", "schema.ambit:6:id"]);
}

#[test]
fn references_go_across_files() {
    let f = with_base(
        "group g { grant read on sales where amo$0unt > 1 }\nassert anyone can never read sales where amount = 1\n",
    );
    let places = references::references(&f.db, f.project, f.file, f.offset, true);
    assert_eq!(
        f.show_all(&places),
        [
            "main.ambit:1:amount",
            "main.ambit:2:amount",
            "schema.ambit:10:amount"
        ]
    );
    let without = references::references(&f.db, f.project, f.file, f.offset, false);
    assert_eq!(without.len(), 2);
}

#[test]
fn a_column_of_the_same_name_elsewhere_is_another() {
    let f = with_base(
        "group g { grant read on contacts where i$0d = 1 grant read on sales where id = 1 }",
    );
    let places = references::references(&f.db, f.project, f.file, f.offset, true);
    assert_eq!(
        f.show_all(&places),
        [
            "main.ambit:1:id",
            "schema.ambit:12:id",
            "schema.ambit:16:id"
        ]
    );
}

#[test]
fn highlights_stay_in_the_file() {
    let f = with_base("group a$0\nuser u : a\nfor a { grant read on sales }");
    let all = highlight::highlights(&f.db, f.file, f.offset);
    let all: Vec<_> = all.iter().map(|(s, d)| (s.start, *d)).collect();
    assert_eq!(all, [(6, true), (17, false), (23, false)]);
}

fn renamed(text: &str, new: &str) -> Result<Vec<String>, String> {
    let f = with_base(text);
    let Some(renaming) = rename::rename(&f.db, f.project, f.file, f.offset, new)? else {
        return Ok(Vec::new());
    };
    rename::Proof::new(&f.db, f.project, renaming.clone()).holds()?;
    let show = |(file, span, text): (&smol_str::SmolStr, _, _)| {
        let file = ambit_lsp::ide::file_named(&f.db, f.project, file).unwrap();
        format!("{} → {text}", f.show(Place { file, span }))
    };
    Ok(renaming.edits().map(show).collect())
}

#[test]
fn renames_across_files() {
    assert_eq!(
        renamed(
            "group g { grant read on sales where count$0ry = \"USA\" }",
            "land"
        )
        .unwrap(),
        [
            "main.ambit:1:country → land",
            "schema.ambit:8:country → land"
        ]
    );
    assert_eq!(
        renamed(
            "group g { grant read on sales where country = \"US$0A\" }",
            "U\"S"
        )
        .unwrap(),
        [
            "main.ambit:1:\"USA\" → \"U\\\"S\"",
            "schema.ambit:3:\"USA\" → \"U\\\"S\""
        ]
    );
    assert_eq!(
        renamed(
            "role m($0c: Country) { grant read on sales where country = c }",
            "d"
        )
        .unwrap(),
        ["main.ambit:1:c → d", "main.ambit:1:c → d"]
    );
}

#[test]
fn refused_renames_say_why() {
    let column = "group g { grant read on sales where count$0ry = \"USA\" }";
    for (text, new, why) in [
        (
            column,
            "grant",
            "`grant` is a keyword, so it cannot be a name",
        ),
        (
            column,
            "9x",
            "`9x` is not a name: letters, digits and `_`, not beginning with a digit",
        ),
        (
            column,
            "",
            "`` is not a name: letters, digits and `_`, not beginning with a digit",
        ),
        (column, "amount", "`amount` is taken: a column of `sales`"),
        (
            "group g { grant re$0ad on sales }",
            "x",
            "`read` belongs to the language",
        ),
        (
            "group $0g",
            "sales",
            "`sales` is taken: a table in `schema.ambit`",
        ),
        (
            "group g { grant read on sales, contacts where i$0d = 1 }",
            "x",
            "this name stands for several things: rename one where it is declared",
        ),
        (
            "group g { $0grant read on sales }",
            "x",
            "there is no name here that could be renamed",
        ),
        (
            "role r(c: Country) { grant read on sales where country = $0c }",
            "country",
            "`country` is taken: it means something else here",
        ),
    ] {
        assert_eq!(renamed(text, new), Err(why.to_owned()), "{text}");
    }
}

/// A name that is free where it is declared and means something else where it is used.
#[test]
fn a_rename_that_changes_what_a_use_stands_for_is_refused() {
    for (text, new) in [
        // A column and a hierarchy of one table are both axes.
        (
            "table t { key id : int  reg$0ion : int  area : int }\nhierarchy place on t { area }\n\
             role a { restrict t by region to region = 1 }\nrole b { restrict t by place to area = 1 }",
            "place",
        ),
        (
            "table t { key id : int  region : int  area : int }\nhierarchy pl$0ace on t { area }\n\
             role a { restrict t by region to region = 1 }\nrole b { restrict t by place to area = 1 }",
            "region",
        ),
        // A column and a filter.
        (
            "table t { key id : int  do$0ne : bool }\nfilter mine on t where done = false\nrole a { grant read on t where mine }",
            "mine",
        ),
        (
            "table t { key id : int  done : bool }\nfilter mi$0ne on t where done = false\nrole a { grant read on t where mine }",
            "done",
        ),
        // A column and a parameter of a role.
        (
            "table t { key id : int  m$0 : int }\nrole r(n: int) { grant read on t where m = n }\nuser u : r(1)",
            "n",
        ),
        (
            "table t { key id : int  m : int  k : int }\nrole r(n$0: int) { grant read on t where m = n or k = 1 }\nuser u : r(1)",
            "k",
        ),
        // An enum and a type of the language.
        (
            "enum La$0nd { \"1\" }\ntable t { key id : int  c : Land }\nrole r { grant read on t }",
            "int",
        ),
        // A user of a test and a user of the policy.
        (
            "table t { key id : int }\nuser dan { grant read on t }\n\
             test \"x\" { given t { id 1 } given user ev$0e : g  dan sees t [1]  eve sees t [] }\ngroup g",
            "dan",
        ),
        (
            "table t { key id : int }\nuser da$0n { grant read on t }\n\
             test \"x\" { given t { id 1 } given user eve : g  dan sees t [1]  eve sees t [] }\ngroup g",
            "eve",
        ),
    ] {
        let refused = renamed(text, new).unwrap_err();
        assert!(
            [
                "would mean something else",
                "would be wrong",
                "is taken",
                "means something else here"
            ]
            .iter()
            .any(|why| refused.contains(why)),
            "{text}: {refused}"
        );
    }
}

/// Order of names, arguments, and things of other namespaces change nothing.
#[test]
fn a_rename_that_changes_nothing_is_proved() {
    for (text, new) in [
        (
            "table t { key id : int }\nrole r(n: int) { grant read on t where id = n }\nrole b$0 inherits r(1), r(2)\nuser u : b",
            "zz",
        ),
        (
            "table t { key id : int }\nrole r$0(n: int) { grant read on t where id = n }\nrole b inherits r(1), r(2)\nuser u : b",
            "a",
        ),
        (
            "table t$0 { key id : int }\ntable s { key id : int  t_id : int -> t.id }\nrole r { grant read on t, s where id = 1 }",
            "z",
        ),
        (
            "kind k { view, ed$0it implies view }\nobject o : k\nrole r { grant edit on o }",
            "act",
        ),
    ] {
        assert_ne!(renamed(text, new), Ok(Vec::new()), "{text}");
    }
}

#[test]
fn a_column_that_shares_a_condition_is_not_renamed_alone() {
    let f = fixture(
        "table a { key $0id : int }\ntable b { key id : int }\ngroup g { grant read on a, b where id = 1 }",
    );
    let refused = rename::rename(&f.db, f.project, f.file, f.offset, "x").unwrap_err();
    assert!(
        refused.contains("stands for several things in `main.ambit`"),
        "{refused}"
    );
}

#[test]
fn what_can_be_renamed_is_known_before() {
    let f = with_base("group g { grant read on sa$0les }");
    let (span, name) = rename::prepare(&f.db, f.project, f.file, f.offset).unwrap();
    assert_eq!((f.text(span), name.as_str()), ("sales".to_owned(), "sales"));
}
