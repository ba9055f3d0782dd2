//! Exit codes, streams and the JSON envelope.

use serde_json::{Value, json};

use super::{Run, SCHEMA, ambit, folder, project};

/// Fails unless the document has the contract's shape, and returns it.
pub(super) fn envelope(run: &Run) -> Value {
    let document = run.json();
    assert_eq!(
        keys(&document),
        ["ambit", "command", "diagnostics", "exit", "result"]
    );
    assert_eq!(document["ambit"], 1);
    assert_eq!(document["exit"], run.code);
    let schema: Value =
        serde_json::from_str(include_str!("../../../../docs/schemas/cli.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let faults: Vec<String> = validator
        .iter_errors(&document)
        .map(|e| format!("{e} at {}", e.instance_path()))
        .collect();
    assert!(faults.is_empty(), "{faults:#?}\n{document:#}");
    sorted(&run.out);
    document
}

fn keys(value: &Value) -> Vec<&str> {
    value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

/// Keys are in order in the text itself: a parser that keeps the order must see it.
fn sorted(text: &str) {
    let value: Value = serde_json::from_str(text).unwrap();
    // `serde_json` sorts without `preserve_order`, so printing again must give the same text.
    assert_eq!(format!("{value}\n"), text);
}

#[test]
fn a_clean_project_exits_0() {
    let dir = project(&[("a.ambit", SCHEMA)]);
    let run = ambit(
        dir.path(),
        &["check", "--stage", "types", "--format", "json"],
    );
    let document = envelope(&run);
    assert_eq!(run.code, 0);
    assert_eq!(document["diagnostics"], json!([]));
    assert_eq!(
        document["result"],
        json!({"items": 2, "files": 1, "assertions": {"proved": 0, "failed": 0}, "findings": 0, "left_out": []})
    );
    assert_eq!(run.err, "");
}

#[test]
fn errors_exit_1_and_have_places() {
    let dir = project(&[
        ("a.ambit", SCHEMA),
        ("p/b.ambit", "// é\r\nrole r { grant read on sale }\r\n"),
    ]);
    let run = ambit(
        dir.path(),
        &["check", "--stage", "types", "--format", "json"],
    );
    let document = envelope(&run);
    assert_eq!(run.code, 1);
    let problem = &document["diagnostics"][0];
    assert_eq!(problem["code"], "E0201");
    assert_eq!(problem["slug"], "unknown-name");
    assert_eq!(problem["level"], "error");
    assert_eq!(problem["file"], "p/b.ambit");
    assert_eq!(problem["start"], json!({"byte": 30, "line": 2, "col": 24}));
    assert_eq!(problem["end"], json!({"byte": 34, "line": 2, "col": 28}));
    assert_eq!(problem["page"], "docs/errors/E0201.md");
    assert_eq!(problem["witness"], Value::Null);
}

#[test]
fn people_read_problems_on_stderr() {
    let dir = project(&[
        ("a.ambit", SCHEMA),
        ("b.ambit", "role r { grant read on sale }"),
    ]);
    let run = ambit(dir.path(), &["check"]);
    assert_eq!(run.code, 1);
    assert_eq!(run.out, "3 items in 2 files: 1 error\n");
    assert!(
        run.err.contains("[E0201] error: ") && run.err.contains("b.ambit:1:24"),
        "{}",
        run.err
    );
    assert!(!run.err.contains('\u{1b}'), "no colours for a pipe");
    let run = ambit(dir.path(), &["check", "--color", "always"]);
    assert!(run.err.contains('\u{1b}'));
    assert!(!run.out.contains('\u{1b}'));
}

#[test]
fn github_and_sarif_are_answers() {
    let dir = project(&[
        ("a.ambit", SCHEMA),
        ("b.ambit", "role r { grant read on sale }"),
    ]);
    let run = ambit(
        dir.path(),
        &["check", "--stage", "types", "--format", "github"],
    );
    assert_eq!(run.code, 1);
    assert!(run.out.starts_with(
        "::error file=b.ambit,line=1,col=24,endLine=1,endColumn=28,title=E0201 unknown-name::"
    ));
    let outside = folder(&[
        ("in/side/ambit.toml", ""),
        ("in/side/b.ambit", "role r { grant read on sale }"),
    ]);
    let run = ambit(
        outside.path(),
        &["-C", "./in/side", "check", "--format", "github"],
    );
    assert!(
        run.out.starts_with("::error file=in/side/b.ambit,line=1,"),
        "{}",
        run.out
    );
    let run = ambit(dir.path(), &["check", "--format", "sarif"]);
    let log = run.json();
    assert_eq!(run.code, 1);
    assert_eq!(log["version"], "2.1.0");
    assert_eq!(log["runs"][0]["results"][0]["ruleId"], "E0201");
}

#[test]
fn wrong_usage_exits_2() {
    let dir = folder(&[]);
    for args in [
        &["no-such-command"][..],
        &["check", "--stage", "wrong"],
        &["check", "--at", "2024-02-30"],
        &["explain"],
        &["explain", "E9999"],
        &["check", "--format", "junit"],
        &["fmt", "--stdin", "x.ambit"],
        &["--format", "xml", "check"],
        &[],
    ] {
        let run = ambit(dir.path(), args);
        assert_eq!(run.code, 2, "{args:?}: {}", run.err);
        assert_eq!(run.out, "", "{args:?}");
        assert!(!run.err.is_empty());
    }
    for args in [
        &["--format", "json", "wrong"][..],
        &["explain", "E9999", "--format=json"],
    ] {
        let run = ambit(dir.path(), args);
        assert_eq!(run.code, 2);
        let document = envelope(&run);
        assert!(!document["result"]["error"].as_str().unwrap().is_empty());
    }
}

#[test]
fn the_outside_world_exits_4() {
    let dir = folder(&[]);
    for args in [
        &["check"][..],
        &["check", "-C", "nowhere"],
        &["-C", ".", "check"],
        &["fmt", "nowhere.ambit"],
        &["fmt"],
        &["debug", "lex", "nowhere.ambit"],
        &["debug", "lex", "."],
    ] {
        let run = ambit(dir.path(), args);
        assert_eq!(run.code, 4, "{args:?}: {}", run.err);
        assert!(run.err.starts_with("error: "), "{}", run.err);
        let mut args = args.to_vec();
        args.extend(["--format", "json"]);
        envelope(&ambit(dir.path(), &args));
    }
}

#[test]
fn help_and_version_are_answers() {
    let dir = folder(&[]);
    let run = ambit(dir.path(), &["--version"]);
    assert_eq!(
        (run.code, run.out.as_str()),
        (0, concat!("ambit ", env!("CARGO_PKG_VERSION"), "\n"))
    );
    let run = ambit(dir.path(), &["--help"]);
    assert_eq!(run.code, 0);
    assert!(run.out.contains("explain") && run.err.is_empty());
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let dir = folder(&[]);
    let mut child = super::command(dir.path(), &["completions", "bash"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(
        output.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn the_answer_does_not_depend_on_the_run() {
    let many: Vec<(String, String)> = (0..40)
        .map(|i| {
            (
                format!("f{i}.ambit"),
                format!("role r{i} {{ grant read on t{i} }}\nrole d {{ }}\n"),
            )
        })
        .collect();
    let files: Vec<(&str, &str)> = many.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    let dir = project(&files);
    let args = ["check", "--stage", "types", "--format", "json"];
    let first = ambit(dir.path(), &args);
    assert_eq!(first.code, 1);
    for _ in 0..3 {
        assert_eq!(ambit(dir.path(), &args).out, first.out);
    }
}
