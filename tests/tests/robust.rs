//! Inputs that break compilers: too deep, too long, in circles. Each gives the right result or a clear error, soon, and
//! on the stack of an ordinary thread.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ambit_compiler::{Config, Database, Report, check, program};

const SCHEMA: &str = "table t { key id : int  n : int?  s : string? }\n";

/// Checks a text, and lowers it where it is sound.
fn checked(text: String) -> Report {
    let started = Instant::now();
    let mut db = Database::default();
    let project = db.project(vec![("a.ambit".into(), Arc::from(text))], Config::default());
    let report = check(&db, project);
    assert_eq!(program(&db, project).is_some(), !report.has_errors());
    // A hang, not a measure of speed.
    assert!(
        started.elapsed() < Duration::from_mins(1),
        "took {:?}",
        started.elapsed()
    );
    report
}

fn codes(report: &Report) -> Vec<&'static str> {
    let mut codes: Vec<&str> = report.problems.iter().map(|p| p.code).collect();
    codes.dedup();
    codes
}

#[test]
fn parentheses_ten_thousand_deep() {
    for (open, close) in [("(", ")"), ("not ", ""), ("not (", ")")] {
        let cond = format!("{}n = 1{}", open.repeat(10_000), close.repeat(10_000));
        let report = checked(format!(
            "{SCHEMA}role r {{ grant read on t where {cond} }}\nrole s {{ grant read on t }}\n"
        ));
        assert_eq!(codes(&report), ["E0110"], "{open}");
    }
    let report = checked(format!(
        "{SCHEMA}role r {{ grant read on t where {}n = 1 }}\n",
        "(".repeat(10_000)
    ));
    assert!(report.has_errors());
    let report = checked(format!(
        "{SCHEMA}role r {{ grant read on t where n = 1{} }}\n",
        ")".repeat(10_000)
    ));
    assert!(report.has_errors());
}

#[test]
fn formatting_what_is_too_deep_leaves_it() {
    let text = format!(
        "{SCHEMA}role r {{ grant read on t where {}n = 1{} }}\n",
        "(".repeat(10_000),
        ")".repeat(10_000)
    );
    let once = ambit_grammar::format(&text).text;
    assert_eq!(ambit_grammar::format(&once).text, once);
}

#[test]
fn exists_nested_a_thousand_times() {
    let schema = "table a { key id : int  up : int? -> a.id }\n";
    let cond = format!(
        "{}id = 1{}",
        "exists a where (".repeat(1_000),
        ")".repeat(1_000)
    );
    assert!(
        checked(format!(
            "{schema}role r {{ grant read on a where {cond} }}\n"
        ))
        .has_errors()
    );
}

#[test]
fn braces_that_nothing_closes() {
    for piece in [
        "role r {",
        "test \"x\" {",
        "{",
        "[",
        "table t { key id : int",
        "user u : ",
    ] {
        assert!(checked(piece.repeat(10_000)).has_errors(), "{piece}");
        assert!(
            checked(format!("{piece}\n").repeat(2_000)).has_errors(),
            "{piece}"
        );
    }
}

#[test]
fn a_long_and() {
    let cond = vec!["n = 1"; 20_000].join(" and ");
    let report = checked(format!(
        "{SCHEMA}role r {{ grant read on t where {cond} }}\n"
    ));
    assert!(report.problems.is_empty(), "{:?}", codes(&report));
}

#[test]
fn a_list_of_a_hundred_thousand() {
    let list: Vec<String> = (0..100_000).map(|n| n.to_string()).collect();
    let report = checked(format!(
        "{SCHEMA}role r {{ grant read on t where n in [{}] }}\n",
        list.join(", ")
    ));
    assert!(report.problems.is_empty(), "{:?}", codes(&report));
}

#[test]
fn a_circle_of_a_thousand_roles() {
    let mut text = SCHEMA.to_owned();
    for n in 0..1_000 {
        let _ = writeln!(text, "role r{n} inherits r{}", (n + 1) % 1_000);
    }
    let report = checked(text);
    assert_eq!(codes(&report), ["E0401"]);
    assert_eq!(report.problems.len(), 1, "one circle is one problem");
    assert!(report.problems[0].message.len() < 400);
}

#[test]
fn a_chain_of_ten_thousand_roles() {
    let mut text = format!("{SCHEMA}role r0 {{ grant read on t }}\n");
    for n in 1..10_000 {
        let _ = writeln!(text, "role r{n} inherits r{}", n - 1);
    }
    let report = checked(text);
    // What each role has is written out in Core: either that is done, or it is said to be too large.
    assert!(
        report.problems.is_empty() || codes(&report) == ["E0407"],
        "{:?}",
        codes(&report)
    );
}

#[test]
fn a_role_with_parameters_that_calls_itself() {
    let report = checked(format!(
        "{SCHEMA}role a(x: int) inherits b(x)\nrole b(x: int) inherits a(x)\nuser u : a(1)\n"
    ));
    assert_eq!(codes(&report), ["E0401"]);
}

#[test]
fn a_chain_of_a_thousand_filters() {
    let mut text = format!("{SCHEMA}filter f0 on t where n = 1\n");
    for n in 1..1_000 {
        let _ = writeln!(text, "filter f{n} on t where f{} or n = {n}", n - 1);
    }
    text.push_str("role r { grant read on t where f999 }\n");
    let report = checked(text);
    // Expanded it nests a thousand deep: either it is lowered, or it is said to be too large.
    assert!(
        report.problems.is_empty() || codes(&report) == ["E0407"],
        "{:?}",
        codes(&report)
    );
}

#[test]
fn filters_that_double() {
    let mut text = format!("{SCHEMA}filter f0 on t where n = 1\n");
    for n in 1..64 {
        let _ = writeln!(text, "filter f{n} on t where f{} and f{}", n - 1, n - 1);
    }
    text.push_str("role r { grant read on t where f63 }\n");
    assert_eq!(codes(&checked(text)), ["E0407"]);
}

#[test]
fn a_circle_of_filters() {
    let mut text = SCHEMA.to_owned();
    for n in 0..1_000 {
        let _ = writeln!(text, "filter f{n} on t where not f{}", (n + 1) % 1_000);
    }
    assert_eq!(codes(&checked(text)), ["E0404"]);
}

#[test]
fn roles_that_double_their_instances() {
    // Each role is inherited twice by the next: 2^40 ways, but 40 roles.
    let mut text = format!("{SCHEMA}role r0(x: int) {{ grant read on t where n = x }}\n");
    for n in 1..40 {
        let _ = writeln!(
            text,
            "role r{n}(x: int) inherits r{}(x), r{}({n})",
            n - 1,
            n - 1
        );
    }
    text.push_str("user u : r39(7)\n");
    let report = checked(text);
    assert!(report.problems.is_empty(), "{:?}", codes(&report));
}

#[test]
fn line_ends_of_windows_and_old_macs() {
    let text = format!(
        "{SCHEMA}// a comment\n/// and docs\nrole r {{\n    grant read on t where s = \"x\" // why\n}}\n"
    );
    for end in ["\r\n", "\n"] {
        let text = text.replace('\n', end);
        assert!(checked(text.clone()).problems.is_empty(), "{end:?}");
        let once = ambit_grammar::format(&text).text;
        assert_eq!(ambit_grammar::format(&once).text, once);
        assert!(checked(once).problems.is_empty());
    }
    checked(text.replace('\n', "\r"));
}

#[test]
fn fifty_megabytes_are_split_and_parsed() {
    let item = "role some_name inherits other {\n    grant read on t where n in [1, 2, 3] and s = \"text\"\n}\n";
    let text = item.repeat(50_000_000 / item.len());
    let items = ambit_grammar::split(&text);
    assert_eq!(items.len(), 50_000_000 / item.len());
    let noise = "}{ \" 1 = ".repeat(200_000);
    assert!(!ambit_grammar::split(&noise).is_empty());
    let line = format!(
        "{SCHEMA}role r {{ grant read on t where s = \"{}\" }}\n",
        "x".repeat(5_000_000)
    );
    assert!(checked(line).problems.is_empty());
}
