//! Completion: what could stand at the cursor, and what not.

use ambit_lsp::ide::completion;

use crate::support::with_base;

fn offered(text: &str) -> Vec<String> {
    let f = with_base(text);
    let found = completion::completions(&f.db, f.project, f.file, f.offset);
    found.entries.into_iter().map(|e| e.label).collect()
}

/// Each case: a text, what must be offered, what must not.
fn check(cases: &[(&str, &[&str], &[&str])]) {
    for (text, some, none) in cases {
        let all = offered(text);
        for label in *some {
            assert!(
                all.iter().any(|l| l == label),
                "{text}\n{label} is missing: {all:?}"
            );
        }
        for label in *none {
            assert!(
                !all.iter().any(|l| l == label),
                "{text}\n{label} does not belong: {all:?}"
            );
        }
    }
}

#[test]
fn the_top_level() {
    check(&[
        ("$0", &["role", "table", "assert"], &["grant", "sales"]),
        ("ro$0", &["role"], &["grant"]),
        (
            "group g { grant read on sales }\n$0",
            &["role", "group"],
            &["grant"],
        ),
        ("// ro$0", &[], &["role"]),
    ]);
}

#[test]
fn heads_of_items() {
    check(&[
        ("group a\nrole b inherits $0", &["a"], &["sales", "u"]),
        ("group a\nrole b inherits a, $0", &["a"], &["sales"]),
        ("group a\nuser u : $0", &["a"], &["sales", "u"]),
        ("role b $0", &["inherits", "as", "bypasses"], &["grant"]),
        ("role b bypasses $0", &["mkt", "warehouse"], &["sales"]),
        ("table t in $0", &["warehouse"], &["sales"]),
        ("source s : $0", &["postgres", "sqlite"], &["sales"]),
        ("object o in mkt : $0", &["dataset"], &["sales"]),
        (
            "object o in mkt : dataset uses $0",
            &["sales", "campaigns"],
            &["mkt"],
        ),
        ("attribute x : $0", &["int", "Country", "set"], &["sales"]),
        ("attribute x : set of $0", &["Country"], &["sales"]),
        ("role r(c: $0", &["Country", "int"], &["sales"]),
        (
            "role m(c: Country)\nrole r inherits m($0",
            &["\"USA\""],
            &["sales"],
        ),
        ("filter f on $0", &["sales"], &["campaigns"]),
        (
            "filter f on sales where $0",
            &["country", "amount", "not", "user"],
            &["tier"],
        ),
        ("everyone except $0", &[], &["sales"]),
        (
            "hierarchy h on sales { $0",
            &["country", "amount"],
            &["tier"],
        ),
    ]);
}

#[test]
fn columns_of_a_table() {
    check(&[
        ("table t { $0", &["key"], &["grant"]),
        ("table t { key id : $0", &["int", "Country"], &["sales"]),
        (
            "table t { key id : int x : int -> $0",
            &["sales", "contacts"],
            &["int"],
        ),
        (
            "table t { key id : int x : int -> contacts.$0",
            &["id", "tier"],
            &["amount"],
        ),
        (
            "table t { key id : int x : int stored as $0",
            &["json", "text"],
            &["sales"],
        ),
    ]);
}

#[test]
fn rules() {
    check(&[
        (
            "group g { $0",
            &["grant", "deny", "restrict"],
            &["sales", "role"],
        ),
        ("group g {\n    $0\n}\n", &["grant"], &["role"]),
        (
            "group g { grant $0",
            &["read", "write", "insert"],
            &["sales"],
        ),
        (
            "group g { grant $0 on campaigns }",
            &["read", "write"],
            &["insert"],
        ),
        ("group g { grant read $0", &["on"], &["sales"]),
        (
            "group g { grant read on $0",
            &["sales", "campaigns", "everything"],
            &["mkt"],
        ),
        ("group g { grant read on sales, $0", &["contacts"], &[]),
        (
            "group g { grant read on everything in $0",
            &["mkt"],
            &["sales"],
        ),
        (
            "group g { grant read on sales $0",
            &["where", "applies", "deny"],
            &["country"],
        ),
        ("group g { restrict $0", &["sales"], &["read"]),
        ("group g { restrict sales $0", &["by", "to"], &["where"]),
        ("group g { restrict sales by $0", &["country"], &["tier"]),
        ("group g { restrict sales to $0", &["country"], &["tier"]),
        (
            "group g { grant read on sales applies $0",
            &["when", "unless"],
            &[],
        ),
        (
            "group g { grant read on sales applies when querying [$0",
            &["contacts"],
            &["read"],
        ),
    ]);
}

#[test]
fn conditions() {
    check(&[
        (
            "group g { grant read on sales where $0",
            &["country", "done", "exists"],
            &["tier", "USA"],
        ),
        (
            "group g { grant read on sales where cou$0",
            &["country"],
            &[],
        ),
        (
            "group g { grant read on sales where country $0",
            &["in", "is", "and"],
            &["country"],
        ),
        (
            "group g { grant read on sales where country = $0",
            &["\"USA\"", "\"FRANCE\""],
            &["and"],
        ),
        (
            "group g { grant read on sales where country = \"$0",
            &["USA", "FRANCE"],
            &["country", "user"],
        ),
        (
            "group g { grant read on sales where country = \"U$0\" }",
            &["USA"],
            &[],
        ),
        (
            "group g { grant read on sales where country in [$0",
            &["\"USA\""],
            &[],
        ),
        (
            "group g { grant read on sales where country in [\"USA\", \"$0",
            &["FRANCE"],
            &[],
        ),
        (
            "group g { grant read on sales where country not in [\"$0\"]",
            &["FRANCE"],
            &[],
        ),
        (
            "group g { grant read on sales where contact_id.$0",
            &["tier", "id"],
            &["amount"],
        ),
        (
            "group g { grant read on sales where salesperson = user.$0",
            &["full_name", "login"],
            &["country"],
        ),
        (
            "group g { grant read on sales where done and $0",
            &["country"],
            &["and"],
        ),
        (
            "group g { grant read on sales where done $0",
            &["and", "or", "applies", "grant"],
            &[],
        ),
        (
            "group g { grant read on sales where country is $0",
            &["null", "not"],
            &["country"],
        ),
        (
            "group g { grant read on sales where sold_on in $0",
            &["last", "next", "this"],
            &[],
        ),
        (
            "group g { grant read on sales where sold_on in last 3 $0",
            &["months", "days"],
            &["country"],
        ),
        (
            "group g { grant read on sales where sold_on in last 3 months $0",
            &["to"],
            &["country"],
        ),
        (
            "group g { grant read on contacts where exists $0",
            &["visible", "sales"],
            &["contacts"],
        ),
        (
            "group g { grant read on contacts where exists sales where ($0",
            &["amount"],
            &["tier"],
        ),
        (
            "group g { grant read on contacts where exists sales where (done) and $0",
            &["tier"],
            &["amount"],
        ),
        (
            "group g { grant read on sales where scope match $0",
            &["all", "any"],
            &[],
        ),
        (
            "group g { grant read on sales where scope match all { $0",
            &["Book", "Desk"],
            &[],
        ),
        (
            "role r(c: Country) { grant read on sales where country = $0",
            &["c", "\"USA\""],
            &[],
        ),
        (
            "role r(c: Country) { grant read on sales where c = \"$0",
            &["USA"],
            &[],
        ),
        (
            "filter f on sales where done\nfilter h on contacts where id = 1\ngroup g { grant read on sales where $0",
            &["f"],
            &["h"],
        ),
        (
            "group g { grant read on sales where user.countries = \"$0",
            &["USA"],
            &[],
        ),
    ]);
}

#[test]
fn users_tests_and_claims() {
    check(&[
        (
            "user u { $0",
            &["full_name", "countries", "grant"],
            &["sales"],
        ),
        ("user u { countries = [\"$0", &["USA"], &[]),
        ("test \"t\" { $0", &["given"], &["grant"]),
        ("test \"t\" { given $0", &["sales", "user", "today"], &[]),
        (
            "test \"t\" { given sales { $0",
            &["id", "country"],
            &["tier"],
        ),
        ("test \"t\" { given user eve\n $0", &["eve", "given"], &[]),
        ("user u\ntest \"t\" { u $0", &["sees", "can", "cannot"], &[]),
        ("user u\ntest \"t\" { u sees $0", &["sales"], &[]),
        (
            "user u\ntest \"t\" { u can $0",
            &["read", "write"],
            &["sales"],
        ),
        ("assert $0", &["anyone"], &["sales"]),
        ("assert anyone can $0", &["always", "never"], &[]),
        ("assert anyone can never read $0", &["sales"], &["read"]),
        (
            "assert anyone can never read sales where $0",
            &["country"],
            &["tier"],
        ),
    ]);
}

#[test]
fn an_entry_replaces_the_word_under_the_cursor() {
    for (text, word) in [
        ("group g { grant read on sales where cou$0ntry }", "country"),
        (
            "group g { grant read on sales where country = \"U$0SA\" }",
            "USA",
        ),
        ("group g { grant read on sales where country = \"U$0", "U"),
        ("group g { grant read on sales where $0 }", ""),
    ] {
        let f = with_base(text);
        let found = completion::completions(&f.db, f.project, f.file, f.offset);
        assert_eq!(f.text(found.replaced), word, "{text}");
    }
}

#[test]
fn cells_of_given_rows() {
    check(&[
        (
            "test \"t\" { given sales { id, country, done\n 1, $0",
            &["\"USA\"", "\"FRANCE\""],
            &["null", "true", "country"],
        ),
        (
            "test \"t\" { given sales { id, country, done\n 1, \"$0\"",
            &["USA", "FRANCE"],
            &["\"USA\""],
        ),
        (
            "test \"t\" { given sales { id, country, done\n 1, \"USA\", $0",
            &["true", "false"],
            &["\"USA\""],
        ),
        // The next row begins again; an `int` has no values to offer.
        (
            "test \"t\" { given sales { country, id\n \"USA\", 1\n $0",
            &["\"USA\""],
            &["true"],
        ),
        (
            "test \"t\" { given contacts { id, tier\n 7, null\n 8, \"x\" }\n given sales { id, contact_id\n 1, $0",
            &["7", "8", "null"],
            &["\"x\""],
        ),
        // Rows that stand further down count, too.
        (
            "test \"t\" {\n given sales { id, contact_id\n 1, $0 }\n given contacts { tier, id\n null, 9 } }",
            &["9"],
            &["null, 9"],
        ),
        ("test \"t\" { given sales { id, $0", &["country"], &["1"]),
        (
            "group g\ntest \"t\" { given sales { id\n 3\n 4 } g sees sales [$0",
            &["3", "4"],
            &["id", "grant"],
        ),
        (
            "group g\ntest \"t\" { given sales { id\n 3 } g cannot update sales [3, $0",
            &["3"],
            &[],
        ),
    ]);
}
