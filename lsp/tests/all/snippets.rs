//! The snippets of the VS Code extension: filled in as they come, each is a program without problems, in the one style.

use std::fs;
use std::path::Path;

use ambit_grammar::format;
use ambit_lsp::ide::problems;
use ambit_lsp::ide::tokens::LEGEND;
use serde_json::Value;

use crate::support::fixture;

/// What the words that snippets begin with stand for.
const AROUND: &str = r#"
//- around.ambit
source warehouse : sqlite
table sales in warehouse {
    key id      : int
    country     : string
    salesperson : string
    amount      : int
}
attribute full_name : string
group salespeople {
    grant read on sales where salesperson = user.full_name
}
user dan as "Dan" : salespeople { full_name = "Dan" }
"#;

fn snippets() -> Vec<(String, Value)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("editors/vscode/snippets/ambit.json");
    let all: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let all = all.as_object().unwrap();
    all.iter()
        .map(|(name, snippet)| (name.clone(), snippet.clone()))
        .collect()
}

/// The text of a snippet before anybody types: its defaults, and of choices the one numbered.
fn expand(snippet: &Value, choice: usize) -> String {
    let lines = snippet["body"].as_array().unwrap().iter();
    let body: Vec<_> = lines.map(|line| line.as_str().unwrap()).collect();
    let body = body.join("\n");
    let mut text = String::new();
    let mut rest = body.as_str();
    while let Some((before, after)) = rest.split_once('$') {
        text.push_str(before);
        let Some(braced) = after.strip_prefix('{') else {
            rest = after
                .strip_prefix('0')
                .expect("only $0 stands without braces");
            continue;
        };
        let (inside, after) = braced.split_once('}').unwrap();
        let default = inside.trim_start_matches(|c: char| c.is_ascii_digit());
        if let Some(choices) = default.strip_prefix('|') {
            let choices: Vec<_> = choices.trim_end_matches('|').split(',').collect();
            text.push_str(choices[choice % choices.len()]);
        } else {
            text.push_str(default.trim_start_matches(':'));
        }
        rest = after;
    }
    text + rest
}

/// The snippet where it belongs: an item, a rule of a role, or a step of a test.
fn program(name: &str, text: &str) -> String {
    let inside = || text.replace('\n', "\n    ");
    match name.split_once(": ").unwrap().0 {
        "Item" => format!("{text}\n"),
        "Rule" => format!("role other {{\n    {}\n}}\n", inside()),
        "Step" if text.contains(" sees ") || text.contains(" cannot ") => {
            format!(
                "test \"it\" {{\n    given sales {{ id  1 }}\n    {}\n}}\n",
                inside()
            )
        }
        "Step" => format!(
            "test \"it\" {{\n    {}\n    dan sees sales []\n}}\n",
            inside()
        ),
        kind => panic!("{kind}"),
    }
}

#[test]
fn every_snippet_is_a_program_without_errors() {
    let all = snippets();
    assert!(all.len() >= 20);
    for (name, snippet) in all {
        for choice in 0..10 {
            let text = program(&name, &expand(&snippet, choice));
            let f = fixture(&format!("{text}{AROUND}"));
            let problems = problems::first(&f.db, f.project);
            let said: Vec<_> = problems.iter().map(|p| (p.code, &p.message)).collect();
            assert!(said.is_empty(), "{name}: {said:?}\n{text}");
        }
    }
}

#[test]
fn every_snippet_is_in_the_one_style() {
    for (name, snippet) in snippets() {
        let text = program(&name, &expand(&snippet, 0));
        assert_eq!(format(&text).text, text, "{name}");
    }
}

/// A theme that colours no semantic token of ours colours the scope that stands for it.
#[test]
fn every_colour_has_a_scope() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("editors/vscode/package.json");
    let all: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let scopes = &all["contributes"]["semanticTokenScopes"][0]["scopes"];
    for colour in LEGEND {
        assert!(scopes[colour].is_array(), "{colour}");
    }
}

#[test]
fn prefixes_are_unique_and_described() {
    let all = snippets();
    let mut prefixes: Vec<_> = all
        .iter()
        .map(|(_, s)| s["prefix"].as_str().unwrap())
        .collect();
    prefixes.sort_unstable();
    prefixes.dedup();
    assert_eq!(prefixes.len(), all.len());
    assert!(all.iter().all(|(_, s)| s["description"].is_string()));
}
