//! Indentation while somebody types: that of the formatter.

use ambit_grammar::Span;
use ambit_lsp::ide::{format, on_type};

use crate::support::fixture;

/// The line at the cursor after `typed` was typed there.
fn typed(text: &str, typed: char) -> Option<String> {
    let f = fixture(text);
    let (span, new) = on_type::on_type(&f.db, f.file, f.offset, typed)?;
    let text = f.file.text(&f.db);
    assert!(
        text[span.range()].trim().is_empty(),
        "only white space goes"
    );
    Some(new)
}

#[test]
fn a_new_line_stands_where_the_formatter_would_have_it() {
    let wide = |n: usize| Some(" ".repeat(n));
    for (text, wanted) in [
        ("role a {\n$0", wide(4)),
        ("role a {\n$0}", None),
        (
            "role a {\n    grant read on sales\n$0where done\n}",
            wide(8),
        ),
        ("role a {\n    grant read on sales where\n$0", wide(12)),
        ("role a {\n    grant read on sales where (\n$0", wide(8)),
        ("role a {\n    // word\n$0", wide(4)),
        ("role a\n$0inherits b", wide(4)),
        ("user u : a,\n$0", wide(4)),
        ("test \"x\" {\n    given sales {\n$0", wide(8)),
        ("role a { }\n      $0", wide(0)),
        ("role a {\n    $0", None),
    ] {
        assert_eq!(typed(text, '\n'), wanted, "{text}");
    }
}

#[test]
fn a_closing_brace_moves_below_what_it_closes() {
    let wide = |n: usize| Some(" ".repeat(n));
    for (text, wanted) in [
        ("role a {\n    grant read on sales\n    }$0", wide(0)),
        (
            "test \"x\" {\n    given sales {\n        id\n        1\n        }$0",
            wide(4),
        ),
        ("role a {\n}$0", None),
        ("role a { grant read on sales }$0", None),
    ] {
        assert_eq!(typed(text, '}'), wanted, "{text}");
    }
}

/// Every line of every formatted example gets the indentation that it has.
#[test]
fn examples_are_indented_as_the_formatter_does() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples");
    let mut lines = 0;
    let mut wrong = Vec::new();
    for project in std::fs::read_dir(root).unwrap().flatten() {
        let Ok(files) = std::fs::read_dir(project.path()) else {
            continue;
        };
        for path in files.flatten().map(|f| f.path()) {
            let broken = path.components().any(|c| c.as_os_str() == "broken");
            if broken || path.extension().is_none_or(|e| e != "ambit") {
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let text: String = ambit_grammar::format(&text).text.clone();
            let mut at = 0;
            for line in text.split_inclusive('\n') {
                let start = at;
                at += line.len();
                let body = line.trim_start_matches(' ');
                let width = line.len() - body.len();
                if body.trim().is_empty() || body.starts_with("//") {
                    continue;
                }
                lines += 1;
                let mut bare = text.clone();
                bare.replace_range(start..start + width, "");
                bare.insert_str(start, "$0");
                let found = typed(&bare, '\n').map_or(0, |new| new.len());
                if found != width {
                    wrong.push(format!("{}: {found} for {width}: {line}", path.display()));
                }
            }
        }
    }
    println!("{lines} lines");
    assert!(lines > 500, "{lines}");
    assert!(wrong.is_empty(), "{}", wrong.concat());
}

#[test]
fn a_range_formats_the_items_that_it_touches_alone() {
    let f = fixture("role   a\nrole   b$0\nrole   c\n");
    let edits = format::format(&f.db, f.file, Some(Span::new(f.offset - 1, f.offset)));
    let touched: Vec<u32> = edits.iter().map(|(span, _)| span.start / 9).collect();
    assert_eq!(touched, [1], "{edits:?}");
    let whole = format::format(&f.db, f.file, None);
    assert_eq!(whole.len(), 3, "{whole:?}");
}
