//! The documents agree with the code: words and signs of the reference, commands and links of the README.

use std::collections::BTreeSet;

use ambit_grammar::{Category, TokenKind};

use crate::support;

/// The codes in backticks in a piece of text.
fn quoted(text: &str) -> BTreeSet<String> {
    text.split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

/// The rows of the table under this header line.
fn table<'a>(page: &'a str, header: &str) -> Vec<Vec<&'a str>> {
    let mut lines = page.lines().skip_while(|l| !l.starts_with(header)).skip(2);
    let rows: Vec<_> = lines
        .by_ref()
        .take_while(|l| l.starts_with('|'))
        .map(|l| l.split('|').skip(1).map(str::trim).collect())
        .collect();
    assert!(!rows.is_empty(), "no table under `{header}`");
    rows
}

#[test]
fn the_page_of_sql_names_the_oldest_versions() {
    let page = support::read("docs/targets/sql.md");
    let said: BTreeSet<String> = table(&page, "| file | engine |")
        .iter()
        .map(|row| row[1].to_owned())
        .collect();
    let meant = ambit_targets::sql::Dialect::ALL
        .map(|dialect| format!("{}, from {} on", dialect.name(), dialect.minimum()));
    assert_eq!(said, BTreeSet::from(meant));
}

#[test]
fn the_reference_lists_every_word_of_the_token_table() {
    let page = support::read("docs/language.md");
    let rows = table(&page, "| words | reserved |");
    let categories = [
        ("items", Category::Item),
        ("clauses", Category::Clause),
        ("rules", Category::Rule),
        ("conditions", Category::Operator),
        ("values", Category::Constant),
        ("tests", Category::Test),
        ("units", Category::Unit),
    ];
    assert_eq!(rows.len(), categories.len());
    for (row, (title, category)) in rows.iter().zip(categories) {
        assert_eq!(row[0], title);
        for (cell, reserved) in [(1, true), (2, false)] {
            let words: BTreeSet<String> = TokenKind::KEYWORDS
                .iter()
                .filter(|k| k.category() == Some(category) && k.is_reserved() == reserved)
                .map(|k| k.text().to_owned())
                .collect();
            assert_eq!(
                row.get(cell).map(|c| quoted(c)).unwrap_or_default(),
                words,
                "{title}, reserved: {reserved}"
            );
        }
    }
}

#[test]
fn the_reference_lists_every_sign_of_the_token_table() {
    let page = support::read("docs/language.md");
    let listed: BTreeSet<String> = table(&page, "| signs |")
        .iter()
        .flat_map(|row| quoted(row[1]))
        .collect();
    let signs: BTreeSet<String> = TokenKind::SYMBOLS
        .iter()
        .map(|k| k.text().to_owned())
        .collect();
    assert_eq!(listed, signs);
}

/// The conditions of the reference name every operator, so that none stays undocumented.
#[test]
fn the_conditions_of_the_reference_use_every_operator() {
    let page = support::read("docs/language.md");
    let start = page.find("## Conditions").unwrap();
    let end = page.find("## Objects").unwrap();
    let words: BTreeSet<&str> = page[start..end]
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .collect();
    for kind in TokenKind::KEYWORDS {
        if matches!(
            kind.category(),
            Some(Category::Operator | Category::Constant)
        ) {
            assert!(words.contains(kind.text()), "`{}` is missing", kind.text());
        }
    }
}

#[test]
fn the_readme_has_its_two_commands() {
    let readme = support::read("README.md");
    assert_eq!(command(&readme, "test"), "cargo test --workspace --locked");
    assert!(command(&readme, "main").starts_with("cargo run -q -p ambit-cli --bin ambit -- "));
}

/// The one fenced block after the line `<!-- run:NAME -->`.
pub fn command(readme: &str, name: &str) -> String {
    let mark = format!("<!-- run:{name} -->");
    assert_eq!(readme.lines().filter(|l| *l == mark).count(), 1, "{mark}");
    let mut lines = readme.lines().skip_while(|l| *l != mark).skip(1);
    assert!(
        lines.next().is_some_and(|l| l.starts_with("```")),
        "a fenced block follows {mark}"
    );
    let body: Vec<_> = lines.take_while(|l| !l.starts_with("```")).collect();
    assert_eq!(body.len(), 1, "one command after {mark}");
    body[0].to_owned()
}

/// The settings that the reference shows are settings.
#[test]
fn the_settings_of_the_reference_are_understood() {
    let page = support::read("docs/language.md");
    let settings = page
        .split("```toml\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next())
        .unwrap();
    let problems = ambit_compiler::Config::read(settings).problems;
    assert!(
        settings.contains("[project]") && problems.is_empty(),
        "{problems:?}"
    );
}

/// Every relative link of the documents leads to a file.
#[test]
fn links_lead_somewhere() {
    let mut dead = Vec::new();
    for (folder, pages) in [
        ("docs", support::files("docs", ".md")),
        ("tests/spec", support::files("tests/spec", ".md")),
    ] {
        for (name, text) in pages {
            check_links(&format!("{folder}/{name}"), &text, &mut dead);
        }
    }
    check_links("README.md", &support::read("README.md"), &mut dead);
    assert!(
        dead.is_empty(),
        "links that lead nowhere:\n{}",
        dead.join("\n")
    );
}

fn check_links(page: &str, text: &str, dead: &mut Vec<String>) {
    let folder = support::root().join(page).parent().unwrap().to_path_buf();
    for link in text
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
    {
        let path = link.split('#').next().unwrap_or_default();
        if !path.is_empty()
            && !path.contains("://")
            && !path.contains(' ')
            && !folder.join(path).exists()
        {
            dead.push(format!("{page}: {link}"));
        }
    }
}
