//! Depth and size: nothing overflows, nothing is quadratic.

use ambit_grammar::{Parsed, SyntaxErrorKind, dump, lex, parse_item, split};

/// Parses all items and walks their trees in every way that recursion could take.
fn all(text: &str) -> Vec<Parsed> {
    let parsed: Vec<Parsed> = split(text).iter().map(parse_item).collect();
    for item in &parsed {
        let _ = dump(&item.item);
        assert_eq!(item, &item.clone());
    }
    parsed
}

fn errors(text: &str) -> Vec<SyntaxErrorKind> {
    all(text)
        .into_iter()
        .flat_map(|parsed| parsed.errors)
        .map(|error| error.kind)
        .collect()
}

#[test]
fn deep_nesting_is_one_error() {
    let many = 10_000;
    for text in [
        format!(
            "filter f on t where {}x{}",
            "(".repeat(many),
            ")".repeat(many)
        ),
        format!("filter f on t where {} x", "not ".repeat(many)),
        format!(
            "filter f on t where {}x{}",
            "exists a where (".repeat(many),
            ")".repeat(many)
        ),
        format!(
            "filter f on t where {}x{}",
            "not (a and ".repeat(many),
            ")".repeat(many)
        ),
    ] {
        let found = errors(&text);
        assert!(
            matches!(found.as_slice(), [SyntaxErrorKind::TooDeep { limit: 128 }]),
            "{found:?}"
        );
    }
    let fine = format!(
        "filter f on t where {}x{}",
        "(".repeat(128),
        ")".repeat(128)
    );
    assert_eq!(errors(&fine), []);
}

#[test]
fn open_brackets_without_end() {
    for open in [
        "(",
        "[",
        "{",
        "role a {\n",
        "exists a where (",
        "not ",
        "\"",
        "'",
        "/*",
        "“",
        "enum {\n",
        "table t { a : scope {\n",
    ] {
        for head in [
            "",
            "role a { grant read on t where ",
            "test \"x\" {\n",
            "table t {\n",
            "user u {\n",
        ] {
            let found = all(&format!("{head}{}", open.repeat(10_000)));
            assert!(
                found.iter().any(|parsed| !parsed.errors.is_empty()),
                "{head}{open}"
            );
        }
    }
}

/// Ten times the text has at most ten times the mistakes: none breeds others. (How long it takes is for the benches to
/// say; what takes its square would not end here.)
fn linear(what: &str, build: impl Fn(usize) -> String) {
    let errors = |text: &str| -> usize {
        split(text)
            .iter()
            .map(|raw| parse_item(raw).errors.len())
            .sum()
    };
    let (few, many) = (errors(&build(400)), errors(&build(4_000)));
    assert!(many <= few * 10 + 10, "{what}: {few}, then {many}");
}

#[test]
fn everything_is_linear() {
    linear("items", |n| {
        "role a { grant read on t where x = 1 }\n".repeat(n)
    });
    linear("items on one line", |n| {
        "role a { grant read on t } ".repeat(n)
    });
    linear("bodiless items on one line", |n| "role a ".repeat(n));
    linear("broken items", |n| {
        "role a { grant read t where x = }\n".repeat(n)
    });
    linear("unclosed items", |n| "role a {\n".repeat(n));
    linear("junk", |n| "foo { bar }\n".repeat(n));
    linear("junk on one line", |n| "foo { bar } ".repeat(n));
    linear("misspelled items", |n| {
        "rolle a { grant read on t }\n".repeat(n)
    });
    linear("lists", |n| {
        format!("filter f on t where x in [{} 1]", "1, ".repeat(n))
    });
    linear("broken lists", |n| {
        format!("filter f on t where x in [{} , 1]", "1, ".repeat(n))
    });
    linear("words for strings", |n| {
        format!("enum E {{ {} }}", "A, ".repeat(n))
    });
    linear("conjunctions", |n| {
        format!("filter f on t where {} x", "x = 1 and ".repeat(n))
    });
    linear("mixed conjunctions", |n| {
        format!("filter f on t where {} x", "x = 1 and y or ".repeat(n))
    });
    linear("rules", |n| {
        format!("role a {{ {} }}", "grant read on t where x = 1\n".repeat(n))
    });
    linear("broken rules", |n| {
        format!("role a {{ {} }}", "grant read t where x == \n".repeat(n))
    });
    linear("rules without a brace", |n| {
        format!("role a {}", "grant read on t where x = 1\n".repeat(n))
    });
    linear("columns with commas", |n| {
        format!("table t {{ {} }}", "a : int,\n".repeat(n))
    });
    linear("broken columns on one line", |n| {
        format!("table t {{ {} }}", "a int b : ".repeat(n))
    });
    linear("rows", |n| {
        format!("test \"t\" {{ given t {{ id {} }} }}", "1 ".repeat(n))
    });
    linear("broken rows", |n| {
        format!(
            "test \"t\" {{ given t {{ id {} foo bar }} dan sees }}",
            "1 ".repeat(n)
        )
    });
    linear("semicolons", |n| {
        format!("role a {{ {} }}", "grant read on t;\n".repeat(n))
    });
    linear("soft keywords in kinds", |n| {
        format!("kind k {{\n{} }}", "role implies b,\n".repeat(n))
    });
    linear("soft keywords in broken kinds", |n| {
        format!("kind k {{\n{} ;", "role implies b,\n".repeat(n))
    });
    linear("doc comments", |n| {
        format!("role a {{ {} }}", "/// d\ngrant read on t\n".repeat(n))
    });
    linear("block comments", |n| "/* ".repeat(n));
    linear("open strings", |n| "\"\n".repeat(n));
    linear("quotes", |n| "“ ".repeat(n));
    linear("one long string", |n| {
        format!("test \"{}\" {{ }}", "\\n\\q".repeat(n))
    });
    linear("closing braces", |n| {
        format!("role a {{ {} }}", "} ".repeat(n))
    });
}

#[test]
fn odd_texts() {
    for text in [
        "",
        " ",
        "\0",
        "\u{feff}",
        "\u{feff}role a",
        "role a\r\nrole b\r\n",
        "role a\rrole b",
        "role\0a",
        "\\",
        "\"",
        "'",
    ] {
        all(text);
    }
    assert_eq!(split("\u{feff}role a\r\nrole b\r\n").len(), 2);
    assert_eq!(errors("\u{feff}role a\r\nrole b\r\n"), []);
}

#[test]
fn many_items_and_a_large_text() {
    let item = "role some_longer_name inherits other { grant read on sales where country = \"FRANCE\" and x in [1, 2, 3] }\n";
    let text = item.repeat(8 * 1024 * 1024 / item.len());
    assert!(lex(&text).len() > 1_000_000);
    let items = split(&text);
    assert_eq!(items.len(), 8 * 1024 * 1024 / item.len());
    assert!(items.iter().all(|raw| parse_item(raw).errors.is_empty()));
}
