//! `ambit build`: what it writes, what it refuses to replace, and what `--check` says.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::Stdio;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::envelope::envelope;
use super::{Run, SCHEMA, ambit, command, project, write};

const POLICY: &str = "role r { grant read on sales where id = 1 }\n";

fn small() -> TempDir {
    project(&[("schema.ambit", SCHEMA), ("policy.ambit", POLICY)])
}

/// Builds the target that every project has.
fn build(folder: &Path, more: &[&str]) -> Run {
    let mut args = vec!["build", "--target", "json"];
    args.extend_from_slice(more);
    ambit(folder, &args)
}

/// All files below a folder: path and bytes.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    fn walk(root: &Path, folder: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(root, &path, found);
            } else {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap();
                found.insert(name.to_owned(), std::fs::read(&path).unwrap());
            }
        }
    }
    let mut found = BTreeMap::new();
    walk(folder, folder, &mut found);
    found
}

fn manifest(folder: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(folder.join("out/manifest.json")).unwrap()).unwrap()
}

fn assert_valid(schema: &str, document: &Value) {
    let schema: Value = serde_json::from_str(schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let faults: Vec<String> = validator
        .iter_errors(document)
        .map(|e| format!("{e} at {}", e.instance_path()))
        .collect();
    assert!(faults.is_empty(), "{faults:#?}\n{document:#}");
}

#[test]
fn a_build_writes_artifacts_and_their_manifest() {
    let dir = small();
    let run = build(dir.path(), &[]);
    assert_eq!(
        (run.code, run.out.as_str()),
        (0, "1 artifact in out (json 1)\n"),
        "{}",
        run.err
    );
    let found = files(&dir.path().join("out"));
    assert_eq!(
        found.keys().collect::<Vec<_>>(),
        ["json/policy.json", "manifest.json"]
    );
    let manifest = manifest(dir.path());
    assert_valid(
        include_str!("../../../../docs/schemas/manifest.schema.json"),
        &manifest,
    );
    let text = found.get("manifest.json").unwrap();
    assert!(text.ends_with(b"}\n"));
    assert_eq!(manifest["artifacts"][0]["path"], "json/policy.json");
    let run = build(dir.path(), &["--format", "json"]);
    let document = envelope(&run);
    assert_eq!(run.err, "");
    let mut entry = manifest["artifacts"][0].clone();
    for of_the_manifest in ["assumes", "engine"] {
        entry.as_object_mut().unwrap().remove(of_the_manifest);
    }
    assert_eq!(
        document["result"],
        json!({"out": "out", "artifacts": [entry], "proofs": [], "refusals": []})
    );
    assert_eq!(files(&dir.path().join("out")), found, "the same again");
    let beside: Vec<_> = std::fs::read_dir(dir.path())
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .collect();
    assert_eq!(beside.len(), 4, "nothing is left: {beside:?}");
}

/// As docs/build.md says: what `sha256sum` prints for the files, hashed once more.
#[cfg(unix)]
#[test]
fn the_digest_of_the_policy_is_that_of_the_files() {
    let dir = small();
    write(dir.path(), "b/é x\\y.ambit", b"// nothing\n");
    write(dir.path(), "data.csv", b"no source");
    assert_eq!(build(dir.path(), &[]).code, 0);
    let shell = "sha256sum ambit.toml 'b/é x\\y.ambit' policy.ambit schema.ambit | sha256sum";
    let output = std::process::Command::new("sh")
        .args(["-c", shell])
        .current_dir(dir.path())
        .output()
        .unwrap();
    let digest = String::from_utf8(output.stdout).unwrap();
    assert_eq!(
        manifest(dir.path())["policy_sha256"].as_str(),
        digest.split_whitespace().next()
    );
}

#[test]
fn a_project_with_errors_leaves_the_old_artifacts_whole() {
    let dir = small();
    build(dir.path(), &[]);
    let before = files(dir.path().join("out").as_path());
    write(dir.path(), "policy.ambit", b"role r { grant read on sale }");
    let run = build(dir.path(), &["--format", "json"]);
    assert_eq!(envelope(&run)["diagnostics"][0]["code"], "E0201");
    assert_eq!(run.code, 1);
    assert_eq!(files(dir.path().join("out").as_path()), before);
}

#[test]
fn check_names_what_is_not_as_it_should_be() {
    let dir = small();
    let faults = |args: &[&str]| -> (i32, Value) {
        let run = build(
            dir.path(),
            &[&["--check", "--format", "json"], args].concat(),
        );
        (run.code, envelope(&run)["result"]["faults"].clone())
    };
    let before = std::fs::read_dir(dir.path()).unwrap().count();
    assert_eq!(
        faults(&[]),
        (
            1,
            json!([{"path": "json/policy.json", "reason": "missing"}, {"path": "manifest.json", "reason": "missing"}])
        )
    );
    assert_eq!(
        std::fs::read_dir(dir.path()).unwrap().count(),
        before,
        "nothing is written"
    );
    build(dir.path(), &[]);
    assert_eq!(faults(&[]), (0, json!([])));
    assert_eq!(
        faults(&["--at", "2024-01-15"]),
        (0, json!([])),
        "no day is frozen"
    );
    // A comment changes no artifact, and yet the artifacts are those of another policy.
    write(
        dir.path(),
        "policy.ambit",
        format!("// new\n{POLICY}").as_bytes(),
    );
    let (code, list) = faults(&[]);
    assert_eq!(code, 1);
    assert!(
        list.as_array()
            .unwrap()
            .contains(&json!({"path": "manifest.json", "reason": "stale"})),
        "{list}"
    );
    write(
        dir.path(),
        "policy.ambit",
        b"role r { grant read on sales where id = 2 }\n",
    );
    assert_eq!(
        faults(&[]),
        (
            1,
            json!([{"path": "json/policy.json", "reason": "stale"}, {"path": "manifest.json", "reason": "stale"}])
        )
    );
    build(dir.path(), &[]);
    write(dir.path(), "out/json/policy.json", b"{}");
    assert_eq!(
        faults(&[]),
        (
            1,
            json!([{"path": "json/policy.json", "reason": "altered"}])
        )
    );
    build(dir.path(), &[]);
    assert_eq!(faults(&[]), (0, json!([])), "written again");
    write(dir.path(), "out/more/mine.txt", b"");
    assert_eq!(
        faults(&[]),
        (1, json!([{"path": "more/mine.txt", "reason": "extra"}]))
    );
    std::fs::remove_file(dir.path().join("out/more/mine.txt")).unwrap();
    assert_eq!(faults(&[]), (0, json!([])), "an empty folder is nothing");
    std::fs::remove_file(dir.path().join("out/json/policy.json")).unwrap();
    assert_eq!(
        faults(&[]),
        (
            1,
            json!([{"path": "json/policy.json", "reason": "missing"}])
        )
    );
    write(dir.path(), "out/manifest.json", b"{}");
    assert_eq!(
        faults(&[]),
        (
            1,
            json!([{"path": "json/policy.json", "reason": "missing"}, {"path": "manifest.json", "reason": "altered"}])
        )
    );
    let run = build(dir.path(), &["--check"]);
    assert_eq!(run.out, "out is not up to date: 2 files\n");
    assert!(
        run.err.contains("`out/json/policy.json` is missing\n") && run.err.contains("help: "),
        "{}",
        run.err
    );
}

/// What no build wrote is never lost.
#[test]
fn a_folder_that_is_not_ours_stays() {
    type Prepare = fn(&Path);
    let cases: &[(&str, &str, Prepare)] = &[
        ("a file", "is no folder", |out| {
            std::fs::write(out, "x").unwrap();
        }),
        ("files without a manifest", "no `manifest.json`", |out| {
            write(out, "mine.txt", b"x");
        }),
        ("another manifest", "is not one of a build", |out| {
            write(out, "manifest.json", b"{\"name\": \"app\"}");
        }),
        (
            "a manifest with the marks of a conflict",
            "is not one of a build",
            |out| {
                build(out.parent().unwrap(), &[]);
                let text = std::fs::read_to_string(out.join("manifest.json")).unwrap();
                write(
                    out,
                    "manifest.json",
                    format!("<<<<<<< ours\n{text}").as_bytes(),
                );
            },
        ),
        (
            "a file of mine among artifacts",
            "no build wrote `json/mine.ambit`",
            |out| {
                build(out.parent().unwrap(), &[]);
                write(out, "json/mine.ambit", b"x");
            },
        ),
        #[cfg(unix)]
        ("a link to a folder", "is a link", |out| {
            let elsewhere = out.with_file_name("elsewhere");
            std::fs::create_dir(&elsewhere).unwrap();
            std::os::unix::fs::symlink(&elsewhere, out).unwrap();
        }),
        #[cfg(unix)]
        (
            "a link in the place of an artifact",
            "no build wrote `json/policy.json`",
            |out| {
                build(out.parent().unwrap(), &[]);
                std::fs::rename(out.join("json/policy.json"), out.with_file_name("kept")).unwrap();
                std::os::unix::fs::symlink("../../kept", out.join("json/policy.json")).unwrap();
            },
        ),
    ];
    for (name, message, prepare) in cases {
        let dir = small();
        let out = dir.path().join("out");
        prepare(&out);
        let before = files(dir.path());
        let run = build(dir.path(), &["--format", "json"]);
        let document = envelope(&run);
        assert_eq!(run.code, 1, "{name}");
        let problem = &document["diagnostics"][0];
        assert_eq!(problem["code"], "E0511", "{name}");
        assert!(
            problem["message"].as_str().unwrap().contains(message),
            "{name}: {problem}"
        );
        assert_eq!(files(dir.path()), before, "{name}");
    }
    // An empty folder is nobody's.
    let dir = small();
    std::fs::create_dir_all(dir.path().join("out/json")).unwrap();
    assert_eq!(build(dir.path(), &[]).code, 0);
}

#[cfg(unix)]
#[test]
fn no_way_leads_out_of_the_project() {
    let elsewhere = tempfile::tempdir().unwrap();
    let dir = small();
    std::os::unix::fs::symlink(elsewhere.path(), dir.path().join("link")).unwrap();
    for out in [
        "link/out",
        "../out",
        "/tmp/out",
        ".",
        "",
        "a/../../x",
        "policy.ambit",
        "policy.ambit/out",
    ] {
        write(
            dir.path(),
            "ambit.toml",
            format!("[build]\nout = \"{out}\"\n").as_bytes(),
        );
        let run = build(dir.path(), &["--format", "json"]);
        assert_eq!(run.code, 1, "{out}");
        let problem = &envelope(&run)["diagnostics"][0];
        assert_eq!(
            (&problem["code"], &problem["start"]["line"]),
            (&json!("E0511"), &json!(2)),
            "{out}"
        );
    }
    assert_eq!(std::fs::read_dir(elsewhere.path()).unwrap().count(), 0);
    write(
        dir.path(),
        "ambit.toml",
        b"[build]\nout = \"made/of/parts\"\n",
    );
    assert_eq!(build(dir.path(), &[]).code, 0);
    assert!(dir.path().join("made/of/parts/manifest.json").is_file());
}

#[test]
fn targets_and_their_options_are_known() {
    let dir = small();
    let run = ambit(dir.path(), &["build", "--target", "jsn"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("did you mean `json`?"), "{}", run.err);
    write(
        dir.path(),
        "ambit.toml",
        b"[targets.json]\nindent = 2\n[targets.sequel]\n",
    );
    for args in [
        &["build", "--format", "json"][..],
        &["check", "--format", "json"],
    ] {
        let run = ambit(dir.path(), args);
        assert_eq!(run.code, 1);
        let document = envelope(&run);
        let found: Vec<_> = document["diagnostics"]
            .as_array()
            .unwrap()
            .iter()
            .map(|d| {
                (
                    d["code"].as_str().unwrap(),
                    d["start"]["line"].as_u64().unwrap(),
                )
            })
            .collect();
        assert_eq!(found, [("E0510", 2), ("E0510", 3)]);
    }
    assert!(!dir.path().join("out").exists());
}

#[test]
fn a_depfile_names_all_that_was_read() {
    let dir = project(&[("schema.ambit", SCHEMA), ("a b/$x#y.ambit", POLICY)]);
    let run = build(dir.path(), &["--depfile", "out.d"]);
    assert_eq!(run.code, 0, "{}", run.err);
    let text = |name: &str| std::fs::read_to_string(dir.path().join(name)).unwrap();
    assert_eq!(
        text("out.d"),
        "out/manifest.json: \\\n  ambit.toml \\\n  a\\ b/$$x\\#y.ambit \\\n  schema.ambit\n\n\
         ambit.toml:\n\na\\ b/$$x\\#y.ambit:\n\nschema.ambit:\n"
    );
    // Names as whoever starts the command sees them.
    build(&dir.path().join("a b"), &["--depfile", "deep.d"]);
    assert!(
        text("a b/deep.d").starts_with("../out/manifest.json: \\\n  ../ambit.toml \\\n"),
        "{}",
        text("a b/deep.d")
    );
    let name = dir.path().file_name().unwrap().to_str().unwrap();
    let above = dir.path().parent().unwrap();
    let run = ambit(
        above,
        &[
            "-C",
            &format!("./{name}"),
            "build",
            "--depfile",
            &format!("{name}/up.d"),
        ],
    );
    assert!(matches!(run.code, 0 | 3), "{}", run.err);
    assert!(
        text("up.d").starts_with(&format!(
            "{name}/out/manifest.json: \\\n  {name}/ambit.toml \\\n"
        )),
        "{}",
        text("up.d")
    );

    let before = files(dir.path());
    for bad in ["out/x.d", "schema.ambit", "ambit.toml", "./out"] {
        assert_eq!(build(dir.path(), &["--depfile", bad]).code, 2, "{bad}");
    }
    write(dir.path(), "a=b.ambit", b"");
    let run = build(dir.path(), &["--depfile", "out.d"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("`a=b.ambit`"), "{}", run.err);
    std::fs::remove_file(dir.path().join("a=b.ambit")).unwrap();
    assert_eq!(files(dir.path()), before);
}

#[test]
fn a_build_waits_for_another() {
    let dir = small();
    let held = write(dir.path(), ".out.ambit-build/lock", b"");
    let lock = std::fs::File::options().write(true).open(&held).unwrap();
    lock.lock().unwrap();
    let mut child = command(dir.path(), &["build", "--target", "json"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut errors = BufReader::new(child.stderr.take().unwrap());
    errors.read_line(&mut line).unwrap();
    assert_eq!(
        line,
        "note: waiting for another `ambit build` of this project\n"
    );
    assert!(!dir.path().join("out").exists());
    drop(lock);
    assert!(child.wait().unwrap().success());
    let mut rest = String::new();
    errors.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "");
    assert!(dir.path().join("out/manifest.json").exists() && !held.exists());
}

#[test]
fn watching_builds_again() {
    let dir = small();
    let mut child = command(
        dir.path(),
        &["build", "--target", "json", "--watch", "--format", "json"],
    )
    .stdout(Stdio::piped())
    .stderr(Stdio::null())
    .spawn()
    .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut next = || -> Value { serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap() };
    let digest = |document: &Value| document["result"]["artifacts"][0]["sha256"].clone();
    let first = next();
    assert_eq!(
        (&first["command"], &first["exit"]),
        (&json!("build"), &json!(0))
    );
    write(
        dir.path(),
        "policy.ambit",
        b"role r { grant read on sales where id = 7 }\n",
    );
    let second = next();
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(second["exit"], 0);
    assert_ne!(digest(&first), digest(&second));
    assert_eq!(
        manifest(dir.path())["artifacts"][0]["sha256"],
        digest(&second)
    );
}

/// The schema of `ambit.toml` knows the options that the targets take.
#[test]
fn the_schema_of_the_settings_knows_the_options_of_targets() {
    use ambit_targets::target::{TARGETS, Takes};
    let schema: Value = serde_json::from_str(include_str!(
        "../../../../docs/schemas/ambit-toml.schema.json"
    ))
    .unwrap();
    let mut wanted = serde_json::Map::new();
    for target in TARGETS {
        let mut options = serde_json::Map::new();
        for option in target.options() {
            let takes = match option.takes {
                Takes::Text => json!({"type": "string"}),
                Takes::Word(words) => json!({"enum": words}),
                Takes::Words(words) => {
                    json!({"type": "array", "minItems": 1, "uniqueItems": true, "items": {"enum": words}})
                }
            };
            options.insert(option.name.to_owned(), takes);
        }
        let table = json!({"type": "object", "additionalProperties": false, "properties": options});
        wanted.insert(target.name().to_owned(), table);
    }
    assert_eq!(
        schema["properties"]["targets"]["properties"],
        Value::Object(wanted)
    );
}

/// A day that is frozen is in the manifest, and over when it is over.
#[test]
fn a_frozen_day_expires() {
    let schema = "source warehouse : sqlite\ntable visits in warehouse { key id : int  day : date }\n\
                  role r { grant read on visits where day in last 3 days to today }\n";
    let dir = project(&[("policy.ambit", schema)]);
    write(
        dir.path(),
        "ambit.toml",
        b"[project]\ntimezone = \"Asia/Tokyo\"\n",
    );
    let sql = |more: &[&str]| -> (i32, Value) {
        let args = [&["build", "--target", "sql", "--format", "json"], more].concat();
        let run = ambit(dir.path(), &args);
        (run.code, envelope(&run)["result"].clone())
    };
    let (code, result) = sql(&[]);
    assert_eq!(
        (code, &result["artifacts"][0]["valid_until"]),
        (0, &Value::Null),
        "{result}"
    );
    assert_eq!(
        sql(&["--check", "--at", "2030-01-01"]).0,
        0,
        "no day is frozen"
    );
    let (code, result) = sql(&["--at", "2024-01-15"]);
    assert_eq!(code, 0);
    for artifact in result["artifacts"].as_array().unwrap() {
        assert_eq!(
            artifact["valid_until"], "2024-01-15T15:00:00Z",
            "midnight in Tokyo"
        );
    }
    assert_eq!(
        manifest(dir.path())["artifacts"][0]["valid_until"],
        "2024-01-15T15:00:00Z"
    );
    for (at, code, reason) in [
        ("2024-01-15", 0, None),
        ("2024-01-15T14:59:59Z", 0, None),
        ("2024-01-15T15:00:00Z", 1, Some("expired")),
        ("2024-02-01", 1, Some("expired")),
        // Of a day that has not come.
        ("2024-01-14", 1, Some("stale")),
    ] {
        let (got, result) = sql(&["--check", "--at", at]);
        let first = &result["faults"]
            .as_array()
            .unwrap()
            .iter()
            .find(|f| f["path"] != "manifest.json");
        assert_eq!(
            (got, first.map(|f| f["reason"].as_str().unwrap())),
            (code, reason),
            "{at}: {result}"
        );
    }
    // Without `--at` it is over today, too.
    assert_eq!(sql(&["--check"]).0, 1);
    write(
        dir.path(),
        "ambit.toml",
        b"[targets.sql]\ntoday = \"frozen\"\n",
    );
    let (code, result) = sql(&[]);
    assert!(
        code == 0 && result["artifacts"][0]["valid_until"].is_string(),
        "{result}"
    );
    let run = ambit(dir.path(), &["build", "--at", "2024-01-15"]);
    assert!(run.err.contains("note: a day is frozen in `sql/sqlite/predicates.json`: it holds until 2024-01-16T00:00:00Z"), "{}", run.err);
}

/// What cannot be said: the rule is named once, everything is written, and the exit code is 3.
#[test]
fn a_refusal_names_its_rule_and_the_rest_is_written() {
    let schema = "source warehouse : sqlite\ntable costs in warehouse { key id : int  amount : decimal }\n\
                  role low(n: int) {\n    grant write on costs where amount < 1.5 and id > n\n    grant read on costs where id < 3\n}\n\
                  role a inherits low(1)\nrole b inherits low(2)\n";
    let dir = project(&[("policy.ambit", schema)]);
    write(
        dir.path(),
        "ambit.toml",
        b"[targets.sql]\ndialects = [\"sqlite\"]\n",
    );
    let run = ambit(dir.path(), &["build", "--format", "json"]);
    assert_eq!(run.code, 3);
    let document = envelope(&run);
    let refusals = document["result"]["refusals"].as_array().unwrap();
    assert_eq!(refusals.len(), 1, "{refusals:#?}");
    assert_eq!(
        (&refusals[0]["code"], &refusals[0]["start"]["line"]),
        (&json!("E0502"), &json!(4))
    );
    let note = refusals[0]["notes"][0].as_str().unwrap();
    for word in ["`a`", "`b`", "`costs`"] {
        assert!(note.contains(word), "{note}");
    }
    assert_eq!(document["diagnostics"], document["result"]["refusals"]);
    let out = files(&dir.path().join("out"));
    assert_eq!(
        out.keys().collect::<Vec<_>>(),
        [
            "json/policy.json",
            "manifest.json",
            "sql/sqlite/predicates.json"
        ]
    );
    let text = String::from_utf8(out.get("sql/sqlite/predicates.json").unwrap().clone()).unwrap();
    let entries: Value = serde_json::from_str(&text).unwrap();
    let closed = |e: &&Value| !e["refused"].is_null();
    let refused: Vec<&Value> = entries.as_array().unwrap().iter().filter(closed).collect();
    assert!(
        !refused.is_empty()
            && refused
                .iter()
                .all(|e| e["inline"].is_null() && e["bound"].is_null())
    );
    assert!(
        entries
            .as_array()
            .unwrap()
            .iter()
            .any(|e| e["principal"] == "a" && e["action"] == "read" && e["refused"].is_null())
    );
    let run = ambit(dir.path(), &["build", "--check"]);
    assert_eq!((run.code, run.out.as_str()), (3, "out is up to date\n"));
}
