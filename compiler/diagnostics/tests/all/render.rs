use std::sync::Arc;

use ambit_diagnostics::render::{Human, github, human, json, sarif};
use ambit_diagnostics::{FileSpan, Level, Resolved, ResolvedFix, Said, Sources};

const POLICY: &str =
    "// règles\r\nrole analyst {\r\n    grant read on sale where contry = \"FRANCE\"\r\n}\r\n";

fn span(file: &str, text: &str, wanted: &str) -> FileSpan {
    let start = text.find(wanted).unwrap() as u32;
    FileSpan {
        file: file.into(),
        start,
        end: start + wanted.len() as u32,
    }
}

fn problem(at: FileSpan) -> Resolved {
    let said = Said {
        message: "unknown table `sale`".into(),
        label: "no table has this name".into(),
        help: vec!["did you mean `sales`?".into()],
        notes: vec!["all files share one namespace".into()],
        witness: None,
    };
    Resolved::at("E0201", at, said)
}

fn full() -> Vec<Resolved> {
    let at = span("policy.ambit", POLICY, "sale");
    let schema = "table sales in warehouse {\n}\n";
    let mut one = problem(at.clone());
    one.related.push((
        "the nearest table is declared here".into(),
        span("schema.ambit", schema, "sales"),
    ));
    one.fixes.push(ResolvedFix {
        title: "write `sales`".into(),
        safe: true,
        edits: vec![(at, "sales".into())],
    });
    let mut two = problem(span(
        "policy.ambit",
        POLICY,
        "{\r\n    grant read on sale where contry = \"FRANCE\"\r\n}",
    ));
    two.code = "E0102";
    two.level = Level::Warning;
    let said = Arc::make_mut(&mut two.said);
    said.message = "100% odd, a: b".into();
    said.help.clear();
    said.witness = Some("{\"at\":\"2024-01-15\"}".into());
    vec![one, two]
}

fn fetch(file: &str) -> Option<Arc<str>> {
    match file {
        "policy.ambit" => Some(Arc::from(POLICY)),
        "schema.ambit" => Some(Arc::from("table sales in warehouse {\n}\n")),
        _ => None,
    }
}

#[test]
fn human_form() {
    insta::assert_snapshot!(human(&full(), &Sources::new(&fetch), Human::default()));
}

#[test]
fn human_form_in_ascii() {
    let out = human(
        &full(),
        &Sources::new(&fetch),
        Human {
            ascii: true,
            ..Human::default()
        },
    );
    assert!(out.replace('è', "e").is_ascii(), "{out}");
}

#[test]
fn colours_only_when_asked() {
    let with = human(
        &full(),
        &Sources::new(&fetch),
        Human {
            color: true,
            ..Human::default()
        },
    );
    let without = human(&full(), &Sources::new(&fetch), Human::default());
    assert!(with.contains('\u{1b}') && !without.contains('\u{1b}'));
}

#[test]
fn json_form() {
    let value = serde_json::Value::from(json(&full(), &Sources::new(&fetch)));
    insta::assert_snapshot!(serde_json::to_string_pretty(&value).unwrap());
}

#[test]
fn sarif_form() {
    let mut log = sarif(&full(), &Sources::new(&fetch));
    // The pages are long, and tested elsewhere.
    for rule in log
        .pointer_mut("/runs/0/tool/driver/rules")
        .unwrap()
        .as_array_mut()
        .unwrap()
    {
        rule.as_object_mut().unwrap().remove("help");
    }
    insta::assert_snapshot!(serde_json::to_string_pretty(&log).unwrap());
}

#[test]
fn github_form() {
    insta::assert_snapshot!(github(&full(), &Sources::new(&fetch), "policies/a,b/"), @"
    ::error file=policies/a%2Cb/policy.ambit,line=3,col=19,endLine=3,endColumn=23,title=E0201 unknown-name::unknown table `sale`%0Ahelp: did you mean `sales`?
    ::warning file=policies/a%2Cb/policy.ambit,line=2,col=14,endLine=4,title=E0102 unclosed::100%25 odd, a: b
    ");
}

/// One problem in a file of the given text, drawn.
fn draw(text: &str, start: u32, end: u32) -> String {
    let shared: Arc<str> = Arc::from(text);
    let fetch = |_: &str| Some(Arc::clone(&shared));
    let at = FileSpan {
        file: "f.ambit".into(),
        start,
        end,
    };
    let out = human(&[problem(at)], &Sources::new(&fetch), Human::default());
    assert!(
        out.lines().all(|l| l.trim_end() == l),
        "trailing blanks:\n{out}"
    );
    assert!(
        out.contains("no table has this name"),
        "the label is lost:\n{out}"
    );
    assert!(out.contains("did you mean"), "the help is lost:\n{out}");
    out
}

#[test]
fn places_at_the_edges_keep_their_label() {
    for (text, start, end) in [
        ("", 0, 0),
        ("x", 0, 1),
        ("x", 1, 1),
        ("x\n", 2, 2),
        ("x\n", 1, 2),
        ("x\r\ny", 1, 3),
        ("x\r\ny", 2, 2),
        ("x", 5, 9),
        ("x", 4, 2),
        ("é→x", 1, 4),
        ("a\nb\nc\nd\ne", 0, 9),
        ("\n\n\n", 1, 3),
        ("\u{FEFF}role", 0, 3),
        ("a\u{2028}b\u{85}c\rd\u{b}e", 10, 12),
    ] {
        draw(text, start, end);
    }
}

#[test]
fn the_place_is_drawn_where_it_is() {
    let out = draw("role → x {\n    gränt wrong\n}\n", 24, 29);
    assert!(out.contains("f.ambit:2:11"), "{out}");
    let line = out.lines().find(|l| l.contains("gränt")).unwrap();
    let under = out
        .lines()
        .skip_while(|l| !l.contains("gränt"))
        .nth(1)
        .unwrap();
    let at = line.chars().take_while(|c| *c != 'w').count();
    assert_eq!(under.chars().nth(at), Some('─'), "{out}");
}

#[test]
fn hostile_text_is_shown_as_symbols() {
    let out = draw("role \u{1b}[2J\u{202E} x\n", 5, 6);
    assert!(
        !out.contains('\u{1b}') && !out.contains('\u{202E}'),
        "{out}"
    );
}

#[test]
fn huge_inputs_are_cut() {
    let long = "x".repeat(5_000_000);
    let out = draw(&long, 4_000_000, 4_900_000);
    assert!(out.len() < 2_000, "{} bytes", out.len());
    assert!(out.contains("f.ambit:1:4000001"), "{out}");
    let deep = "a\n".repeat(1_000_000);
    let out = draw(&deep, 1_999_998, 1_999_999);
    assert!(out.contains("f.ambit:1000000:1"), "{out}");
    assert!(out.len() < 2_000);
}

#[test]
fn many_problems_are_counted() {
    let many: Vec<_> = (0..1000).map(|_| full().remove(0)).collect();
    let out = human(
        &many,
        &Sources::new(&fetch),
        Human {
            limit: 3,
            ..Human::default()
        },
    );
    assert!(out.ends_with("… and 997 more\n"));
    assert_eq!(out.matches("[E0201]").count(), 3);
}
