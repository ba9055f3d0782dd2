//! `init`, `fmt`, `explain`, `completions`, `debug`.

use super::{SCHEMA, ambit, folder, project, with_input, write};

#[test]
fn a_new_project_is_sound() {
    let dir = folder(&[]);
    let run = ambit(dir.path(), &["init", "a/b"]);
    assert_eq!(run.code, 0, "{}", run.err);
    let run = ambit(dir.path(), &["-C", "a/b", "check", "--stage", "types"]);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    let run = ambit(dir.path(), &["-C", "a/b", "fmt", "--check"]);
    assert_eq!(
        (run.code, run.out.as_str()),
        (0, ""),
        "the template is formatted"
    );
    let left: Vec<String> = std::fs::read_dir(dir.path().join("a/b"))
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .filter(|n| n.starts_with('.'))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn every_template_is_the_example_it_comes_from() {
    let examples = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    for name in ["sales", "markets", "limits", "stores", "dashboards"] {
        let dir = folder(&[]);
        let run = ambit(dir.path(), &["init", "--template", name, "x"]);
        assert_eq!(run.code, 0, "{}", run.err);
        let run = ambit(dir.path(), &["-C", "x", "check", "--stage", "types"]);
        assert_eq!((run.code, run.err.as_str()), (0, ""));
        let listed = |folder: &std::path::Path| {
            let mut names: Vec<String> = ["", "data"]
                .iter()
                .flat_map(|part| std::fs::read_dir(folder.join(part)).unwrap())
                .map(|e| {
                    e.unwrap()
                        .path()
                        .strip_prefix(folder)
                        .unwrap()
                        .display()
                        .to_string()
                })
                .filter(|n| {
                    [".ambit", ".csv", ".toml"]
                        .iter()
                        .any(|ending| n.ends_with(ending))
                })
                .collect();
            names.sort();
            names
        };
        let made = listed(&dir.path().join("x"));
        assert_eq!(made, listed(&examples.join(name)), "{name}");
        for file in made {
            assert_eq!(
                std::fs::read_to_string(dir.path().join("x").join(&file)).unwrap(),
                std::fs::read_to_string(examples.join(name).join(&file)).unwrap(),
                "{name}/{file}"
            );
        }
    }
}

#[test]
fn init_replaces_nothing_and_leaves_nothing_half_written() {
    let dir = folder(&[("mine/policy.ambit", "// mine\n")]);
    let run = ambit(dir.path(), &["init", "mine"]);
    assert_eq!(run.code, 4);
    assert!(
        run.err.contains("policy.ambit` is there already"),
        "{}",
        run.err
    );
    assert_eq!(
        std::fs::read_dir(dir.path().join("mine")).unwrap().count(),
        1
    );
    assert_eq!(
        std::fs::read_to_string(dir.path().join("mine/policy.ambit")).unwrap(),
        "// mine\n"
    );

    write(dir.path(), "other/notes.txt", b"kept");
    assert_eq!(
        ambit(dir.path(), &["init", "other"]).code,
        0,
        "other files do not matter"
    );
    assert_eq!(
        std::fs::read_to_string(dir.path().join("other/notes.txt")).unwrap(),
        "kept"
    );

    let run = ambit(dir.path(), &["init", "mine/policy.ambit/x"]);
    assert_eq!(run.code, 4, "a file is no folder");
    let run = ambit(dir.path(), &["init", "--template", "nope", "y"]);
    assert_eq!(run.code, 2);
    assert!(!dir.path().join("y").exists());
}

#[test]
fn fmt_brings_the_project_into_shape() {
    let dir = project(&[
        ("a.ambit", SCHEMA),
        ("b.ambit", "role   r {grant read on   sales}\n"),
    ]);
    let run = ambit(dir.path(), &["fmt", "--check", "--format", "json"]);
    assert_eq!(run.code, 1);
    assert_eq!(
        run.json()["result"],
        serde_json::json!({"changed": ["b.ambit"]})
    );
    let before = std::fs::read(dir.path().join("b.ambit")).unwrap();
    assert_eq!(
        before, b"role   r {grant read on   sales}\n",
        "--check changes nothing"
    );

    let run = ambit(dir.path(), &["fmt"]);
    assert_eq!((run.code, run.out.as_str()), (0, "formatted b.ambit\n"));
    let once = std::fs::read_to_string(dir.path().join("b.ambit")).unwrap();
    assert!(once.contains("grant read on sales"));
    let run = ambit(dir.path(), &["fmt"]);
    assert_eq!((run.code, run.out.as_str()), (0, ""));
    assert_eq!(
        std::fs::read_to_string(dir.path().join("b.ambit")).unwrap(),
        once
    );
    assert_eq!(ambit(dir.path(), &["fmt", "--check"]).code, 0);
}

#[test]
fn fmt_takes_files_folders_and_stdin() {
    let dir = folder(&[
        ("x/b.ambit", "role   r {}\n"),
        ("c.ambit", "role   s {}\n"),
        ("d.ambit", "role   t {}\n"),
    ]);
    let run = ambit(dir.path(), &["fmt", "c.ambit", "x"]);
    assert_eq!(
        (run.code, run.out.as_str()),
        (0, "formatted c.ambit\nformatted x/b.ambit\n")
    );
    assert_eq!(
        std::fs::read_to_string(dir.path().join("d.ambit")).unwrap(),
        "role   t {}\n"
    );
    let run = with_input(dir.path(), &["fmt", "--stdin"], b"role   r {}\n");
    assert_eq!(run.code, 0);
    assert!(run.out.starts_with("role r {"), "{}", run.out);
    let run = with_input(dir.path(), &["fmt", "--stdin", "--check"], b"role   r {}\n");
    assert_eq!((run.code, run.out.as_str()), (1, ""));
    let run = with_input(
        dir.path(),
        &["fmt", "--stdin", "--format", "json"],
        b"role r {}\xFF",
    );
    assert_eq!(run.code, 1);
    assert_eq!(run.json()["diagnostics"][0]["code"], "E0190");
}

#[test]
fn fmt_leaves_what_it_cannot_read() {
    let dir = folder(&[("a.ambit", "role   r {}\nrole x { grant ( read }\n")]);
    let run = ambit(dir.path(), &["fmt", "a.ambit"]);
    assert_eq!(run.code, 0);
    assert!(
        run.err.contains("note: a.ambit:2: left as it is"),
        "{}",
        run.err
    );
    let text = std::fs::read_to_string(dir.path().join("a.ambit")).unwrap();
    assert!(text.contains("role x { grant ( read }"), "{text}");
}

#[cfg(unix)]
#[test]
fn fmt_keeps_links_and_permissions() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let dir = folder(&[("real/b.ambit", "role   r {}\n")]);
    let real = dir.path().join("real/b.ambit");
    std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o640)).unwrap();
    symlink("real/b.ambit", dir.path().join("link.ambit")).unwrap();
    assert_eq!(ambit(dir.path(), &["fmt", "link.ambit"]).code, 0);
    assert!(dir.path().join("link.ambit").is_symlink());
    assert!(!std::fs::read_to_string(&real).unwrap().contains("   r"));
    assert_eq!(
        std::fs::metadata(&real).unwrap().permissions().mode() & 0o777,
        0o640
    );
}

#[test]
fn explain_prints_pages() {
    let dir = folder(&[]);
    let run = ambit(dir.path(), &["explain", "e0201"]);
    assert_eq!(run.code, 0);
    assert!(run.out.starts_with("# E0201 unknown-name: "));
    assert_eq!(ambit(dir.path(), &["explain", "unknown-name"]).out, run.out);
    let json = ambit(dir.path(), &["explain", "E0201", "--format", "json"]).json();
    assert_eq!(json["result"]["page"].as_str(), Some(run.out.as_str()));
    let run = ambit(dir.path(), &["explain", "unknwon-name"]);
    assert_eq!(run.code, 2);
    assert!(
        run.err.contains("did you mean `unknown-name`?"),
        "{}",
        run.err
    );
}

#[test]
fn completions_for_every_shell() {
    let dir = folder(&[]);
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let run = ambit(dir.path(), &["completions", shell]);
        assert_eq!(run.code, 0);
        assert!(run.out.contains("explain"), "{shell}");
    }
    assert_eq!(ambit(dir.path(), &["completions", "tcsh"]).code, 2);
}

#[test]
fn debug_prints_stages() {
    let dir = folder(&[("a.ambit", "// c\nrole r { grant read on t }\n")]);
    let run = ambit(dir.path(), &["debug", "lex", "a.ambit"]);
    assert_eq!(run.code, 0);
    assert!(run.out.contains("5..9 Role \"role\"\n"), "{}", run.out);
    let run = ambit(dir.path(), &["debug", "items", "a.ambit"]);
    assert_eq!(run.out, "5..31 line 2 role \"r\" 8 tokens\n");
    let run = ambit(dir.path(), &["debug", "syntax", "a.ambit"]);
    assert!(
        run.out.contains("effect: Grant") && run.out.contains("span: 5..6"),
        "{}",
        run.out
    );
    write(dir.path(), "b.ambit", b"role r { grant = }");
    assert_eq!(ambit(dir.path(), &["debug", "syntax", "b.ambit"]).code, 1);
}

#[test]
fn debug_prints_the_stages_of_a_project() {
    let policy = "role r {\n    grant write on sales where id = 1\n    grant read on sales where id in [1, 2]\n}\n";
    let dir = project(&[("a.ambit", SCHEMA), ("b.ambit", policy)]);
    let run = ambit(dir.path(), &["debug", "core"]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(run.out.contains("id in [1, 2]"), "{}", run.out);
    let run = ambit(dir.path(), &["debug", "predicates"]);
    assert!(
        run.out.contains("r on sales\n    b.ambit:2 grant "),
        "{}",
        run.out
    );
    let run = ambit(dir.path(), &["debug", "typed", "b.ambit"]);
    assert!(run.out.starts_with("// b.ambit role r\n"), "{}", run.out);
    let run = ambit(dir.path(), &["debug", "events"]);
    assert!(run.out.contains("check_item"), "{}", run.out);
    assert_eq!(ambit(dir.path(), &["debug", "lex"]).code, 2);
    assert_eq!(ambit(dir.path(), &["debug", "typed", "c.ambit"]).code, 2);
    write(dir.path(), "c.ambit", b"role x { grant read on nowhere }");
    let run = ambit(dir.path(), &["debug", "core", "--format", "json"]);
    assert_eq!(run.code, 1);
    assert_eq!(run.json()["diagnostics"][0]["code"], "E0201");
}
