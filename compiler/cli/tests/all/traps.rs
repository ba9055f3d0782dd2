//! Folders and files that set traps.

use super::{SCHEMA, ambit, folder, project, write};

const ROLE: &str = "role r {\n    grant read on sales\n}\n";

fn files(dir: &std::path::Path) -> u64 {
    let run = ambit(dir, &["check", "--stage", "types", "--format", "json"]);
    let document = run.json();
    assert_eq!(run.code, 0, "{document:#}");
    document["result"]["files"].as_u64().unwrap()
}

#[test]
fn the_nearest_parent_with_settings_is_the_project() {
    let dir = project(&[("a.ambit", SCHEMA), ("deep/er/b.ambit", ROLE)]);
    assert_eq!(files(&dir.path().join("deep/er")), 2);
}

#[test]
fn what_is_no_source_of_the_project_is_told() {
    let dir = folder(&[
        (
            "ambit.toml",
            "[project]\nexclude = [\"drafts\", \"**/*_old.ambit\"]\n",
        ),
        ("a.ambit", SCHEMA),
        ("out/b.ambit", "broken {"),
        (".hidden/b.ambit", "broken {"),
        (".git/b.ambit", "broken {"),
        (".b.ambit", "broken {"),
        ("nested/ambit.toml", ""),
        ("nested/deep/b.ambit", "broken {"),
        ("drafts/deep/b.ambit", "broken {"),
        ("kept/b_old.ambit", "broken {"),
        ("notes.txt", "broken {"),
        ("b.ambit.bak", "broken {"),
        ("kept/out/b.ambit", ROLE),
    ]);
    let run = ambit(
        dir.path(),
        &["check", "--stage", "types", "--format", "json"],
    );
    let document = run.json();
    assert_eq!(document["result"]["files"], 2, "{document:#}");
    assert_eq!(
        document["result"]["left_out"],
        serde_json::json!([
            {"path": ".b.ambit", "why": "`.b.ambit` is hidden"},
            {"path": ".hidden/b.ambit", "why": "`.hidden` is hidden"},
            {"path": "drafts/deep/b.ambit", "why": "`exclude` names `drafts`"},
            {"path": "kept/b_old.ambit", "why": "`exclude` names `**/*_old.ambit`"},
            {"path": "nested/deep/b.ambit", "why": "`nested` is a project of its own"},
            {"path": "out/b.ambit", "why": "it is in the folder of the artifacts"},
        ])
    );
    let run = ambit(dir.path(), &["check", "--stage", "types"]);
    assert!(
        run.out.contains("\n6 files left out:\n  .b.ambit: "),
        "{}",
        run.out
    );
}

#[test]
fn no_folder_but_those_is_left_out() {
    for name in [
        "target/b.ambit",
        "node_modules/x/b.ambit",
        "B.AMBIT",
        "b.Ambit",
    ] {
        let dir = project(&[("a.ambit", SCHEMA), (name, ROLE)]);
        assert_eq!(files(dir.path()), 2, "{name}");
    }
}

#[cfg(unix)]
#[test]
fn what_a_link_leads_to_is_read_once() {
    use std::os::unix::fs::symlink;
    // As a mounted ConfigMap looks.
    let dir = project(&[("a.ambit", SCHEMA), (".v1/b.ambit", ROLE)]);
    symlink(".v1", dir.path().join(".data")).unwrap();
    symlink(".data/b.ambit", dir.path().join("b.ambit")).unwrap();
    assert_eq!(files(dir.path()), 2);
    symlink(".v1", dir.path().join("again")).unwrap();
    assert_eq!(files(dir.path()), 2);
    let dir = project(&[("a.ambit", SCHEMA), (".v1/b.ambit", ROLE)]);
    symlink(".v1", dir.path().join("again")).unwrap();
    assert_eq!(files(dir.path()), 2);
}

#[test]
fn the_output_folder_is_the_one_of_the_settings() {
    let dir = folder(&[
        ("ambit.toml", "[build]\nout = \"generated/here\"\n"),
        ("a.ambit", SCHEMA),
        ("generated/here/b.ambit", "broken {"),
        ("out/b.ambit", ROLE),
    ]);
    assert_eq!(files(dir.path()), 2);
}

#[cfg(unix)]
#[test]
fn folder_loops_end() {
    use std::os::unix::fs::symlink;
    let dir = project(&[("a.ambit", SCHEMA), ("x/y/b.ambit", ROLE)]);
    symlink(dir.path(), dir.path().join("x/y/root")).unwrap();
    symlink(dir.path().join("x"), dir.path().join("x/y/again")).unwrap();
    symlink("self", dir.path().join("self")).unwrap();
    symlink(dir.path().parent().unwrap(), dir.path().join("above")).unwrap();
    symlink(dir.path().join("a.ambit"), dir.path().join("same.ambit")).unwrap();
    symlink("gone", dir.path().join("dangling")).unwrap();
    symlink("gone", dir.path().join(".#lock.ambit")).unwrap();
    assert_eq!(files(dir.path()), 2);
}

#[cfg(unix)]
#[test]
fn linked_folders_outside_belong_to_the_project_once() {
    use std::os::unix::fs::symlink;
    let outside = folder(&[("shared.ambit", ROLE)]);
    let dir = project(&[("a.ambit", SCHEMA)]);
    symlink(outside.path(), dir.path().join("one")).unwrap();
    symlink(outside.path(), dir.path().join("two")).unwrap();
    symlink(
        outside.path().join("shared.ambit"),
        dir.path().join("three.ambit"),
    )
    .unwrap();
    let run = ambit(
        dir.path(),
        &["check", "--stage", "types", "--format", "json"],
    );
    let document = run.json();
    // The file itself is reached by a link of its own and by one folder: twice the same role would be two roles.
    assert_eq!(
        (run.code, &document["result"]["files"]),
        (0, &serde_json::json!(2)),
        "{document:#}"
    );
}

#[cfg(unix)]
#[test]
fn a_source_that_cannot_be_read_exits_4() {
    use std::os::unix::fs::symlink;
    let dir = project(&[("a.ambit", SCHEMA)]);
    symlink("gone.ambit", dir.path().join("b.ambit")).unwrap();
    let run = ambit(dir.path(), &["check"]);
    assert_eq!(run.code, 4);
    assert!(
        run.err.contains("b.ambit`: the link leads nowhere"),
        "{}",
        run.err
    );
}

#[test]
fn invalid_utf_8_names_file_and_byte() {
    let dir = project(&[("a.ambit", SCHEMA)]);
    write(
        dir.path(),
        "b.ambit",
        b"// caf\n// caf\xE9\nrole r { grant read on nowhere }",
    );
    let run = ambit(dir.path(), &["check", "--format", "json"]);
    assert_eq!(run.code, 1);
    let document = run.json();
    let problems = document["diagnostics"].as_array().unwrap();
    assert_eq!(problems.len(), 1, "nothing follows from it: {document:#}");
    assert_eq!(problems[0]["code"], "E0190");
    assert_eq!(problems[0]["file"], "b.ambit");
    assert_eq!(
        problems[0]["start"],
        serde_json::json!({"byte": 13, "line": 2, "col": 7})
    );
    assert!(
        problems[0]["message"]
            .as_str()
            .unwrap()
            .contains("byte 13 is 0xE9")
    );
    let run = ambit(dir.path(), &["check"]);
    assert!(run.err.contains("b.ambit:2:7"), "{}", run.err);
}

#[test]
fn binary_files_are_one_problem() {
    let dir = project(&[]);
    let noise: Vec<u8> = (0..3_000_000_u32)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    write(dir.path(), "noise.ambit", &noise);
    write(dir.path(), "utf16.ambit", b"\xFF\xFEr\0o\0l\0e\0");
    write(dir.path(), "zero.ambit", b"role r { }\0\0\0");
    write(dir.path(), "ambit.toml", b"# \xFF\n");
    let run = ambit(dir.path(), &["check", "--format", "json"]);
    let document = run.json();
    let found: Vec<&str> = document["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .map(|d| d["file"].as_str().unwrap())
        .collect();
    assert_eq!(run.code, 1);
    assert_eq!(
        found,
        ["ambit.toml", "noise.ambit", "utf16.ambit", "zero.ambit"]
    );
    assert!(
        document["diagnostics"][2]["message"]
            .as_str()
            .unwrap()
            .contains("UTF-16")
    );
}

#[test]
fn a_byte_order_mark_and_windows_lines_are_fine() {
    let dir = project(&[]);
    write(
        dir.path(),
        "a.ambit",
        format!("\u{FEFF}{}", SCHEMA.replace('\n', "\r\n")).as_bytes(),
    );
    write(dir.path(), "b.ambit", ROLE.replace('\n', "\r\n").as_bytes());
    write(dir.path(), "empty.ambit", b"");
    write(dir.path(), "mark.ambit", "\u{FEFF}".as_bytes());
    assert_eq!(files(dir.path()), 4);
}

#[test]
fn deep_nesting_and_long_chains_end() {
    let nested = format!(
        "role r {{ grant read on sales where {}id = 1{} }}\n",
        "(".repeat(10_000),
        ")".repeat(10_000)
    );
    let not = format!(
        "role n {{ grant read on sales where {} id = 1 }}\n",
        "not ".repeat(10_000)
    );
    let chain: Vec<String> = (0..1000)
        .map(|i| format!("role c{i} inherits c{} {{ }}\n", (i + 1) % 1000))
        .collect();
    let chain = chain.concat();
    let dir = project(&[
        ("a.ambit", SCHEMA),
        ("nested.ambit", &nested),
        ("not.ambit", &not),
        ("chain.ambit", &chain),
    ]);
    let run = ambit(
        dir.path(),
        &["check", "--stage", "types", "--format", "json"],
    );
    assert_eq!(run.code, 1, "{}", run.err);
    let document = run.json();
    let codes: std::collections::BTreeSet<&str> = document["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .map(|d| d["code"].as_str().unwrap())
        .collect();
    assert_eq!(
        codes,
        ["E0110", "E0401"].into(),
        "{}",
        run.out.get(..3000).unwrap_or(&run.out)
    );
}

#[test]
fn a_file_of_50_mb_works() {
    let one = "// A comment line that says nothing but takes its room in the file.\n";
    let mut text = String::with_capacity(51 << 20);
    text.push_str(SCHEMA);
    while text.len() < 50 << 20 {
        text.push_str(one);
    }
    text.push_str("role r { grant read on sale }\n");
    let dir = project(&[]);
    write(dir.path(), "a.ambit", text.as_bytes());
    let run = ambit(dir.path(), &["check", "--stage", "types"]);
    assert_eq!(run.code, 1, "{}", run.err);
    let line = text.lines().count();
    assert!(
        run.err.contains(&format!("a.ambit:{line}:24")),
        "{}",
        run.err
    );
    assert!(run.err.len() < 10_000);
}

#[test]
fn one_line_of_5_mb_is_cut() {
    let text = format!("{SCHEMA}user u as \"{}\" : nobody\n", "x".repeat(5_000_000));
    let dir = project(&[("a.ambit", &text)]);
    let run = ambit(dir.path(), &["check", "--stage", "types"]);
    assert_eq!(run.code, 1);
    assert!(
        run.err.contains("a.ambit:5:5000016"),
        "{}",
        run.err.get(..2000).unwrap_or(&run.err)
    );
    assert!(run.err.len() < 2_000, "{} bytes", run.err.len());
}
