//! What happens around the texts: folders, projects in projects, files that come and go, clients that can little or die.

use std::fs;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::client::{Client, codes, run};

const SCHEMA: &str = "source w : sqlite\ntable t in w { key id : int }\n";

fn folder(files: &[(&str, &str)]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    dir
}

fn uri(dir: &Path, name: &str) -> String {
    let text = ambit_lsp::convert::uri_of(&dir.join(name)).unwrap();
    text.as_str().to_owned()
}

fn named(dir: &TempDir) -> Value {
    json!({ "uri": uri(dir.path(), "").trim_end_matches('/'), "name": "folder" })
}

/// The client hears that files changed on disk.
async fn changed(c: &mut Client, uris: &[&str]) {
    let changes: Vec<Value> = uris
        .iter()
        .map(|u| json!({ "uri": u, "type": 2 }))
        .collect();
    c.tell(
        "workspace/didChangeWatchedFiles",
        json!({ "changes": changes }),
    )
    .await;
}

async fn close(c: &mut Client, uri: &str) {
    c.tell(
        "textDocument/didClose",
        json!({ "textDocument": { "uri": uri } }),
    )
    .await;
}

/// Waits until that is what was told of a file; a client that never hears it hangs, which fails.
async fn until(c: &mut Client, uri: &str, wanted: &[&str]) -> Value {
    loop {
        let told = c.diagnostics(uri).await;
        if codes(&told) == wanted {
            return told;
        }
    }
}

#[test]
fn folders_are_projects_of_their_own_and_go_with_what_was_said_of_them() {
    let (one, two) = (
        folder(&[("ambit.toml", ""), ("a.ambit", "user u : nobody\n")]),
        folder(&[("ambit.toml", ""), ("a.ambit", "user u : nowhere\n")]),
    );
    let (first, second) = (uri(one.path(), "a.ambit"), uri(two.path(), "a.ambit"));
    run(async |c: &mut Client| {
        c.start(json!({ "workspaceFolders": [named(&one)] })).await;
        until(c, &first, &["E0201"]).await;
        let event = json!({ "added": [named(&two)], "removed": [] });
        c.tell(
            "workspace/didChangeWorkspaceFolders",
            json!({ "event": event }),
        )
        .await;
        // Both declare `u`: they do not know of one another.
        until(c, &second, &["E0201"]).await;
        let event = json!({ "added": [], "removed": [named(&one)] });
        c.tell(
            "workspace/didChangeWorkspaceFolders",
            json!({ "event": event }),
        )
        .await;
        until(c, &first, &[]).await;
        assert_eq!(c.untaken("textDocument/publishDiagnostics"), 0);
    });
}

#[test]
fn a_project_inside_a_project_is_another_one() {
    let dir = folder(&[
        ("ambit.toml", ""),
        ("a.ambit", SCHEMA),
        ("inner/ambit.toml", ""),
        ("inner/b.ambit", "role r { grant read on t }\n"),
    ]);
    let inner = uri(dir.path(), "inner/b.ambit");
    run(async |c: &mut Client| {
        c.start(json!({ "workspaceFolders": [named(&dir)] })).await;
        until(c, &inner, &["E0201"]).await;
        fs::remove_file(dir.path().join("inner/ambit.toml")).unwrap();
        changed(c, &[&uri(dir.path(), "inner/ambit.toml")]).await;
        until(c, &inner, &[]).await;
        fs::write(dir.path().join("inner/ambit.toml"), "").unwrap();
        changed(c, &[&uri(dir.path(), "inner/ambit.toml")]).await;
        until(c, &inner, &["E0201"]).await;
    });
}

#[test]
fn files_that_are_not_saved_are_renamed_and_deleted_count_as_they_are() {
    let dir = folder(&[
        ("ambit.toml", ""),
        ("a.ambit", "role r { grant read on t }\n"),
    ]);
    let of = |name: &str| uri(dir.path(), name);
    let (user, new, renamed) = (of("a.ambit"), of("new.ambit"), of("sub/renamed.ambit"));
    run(async |c: &mut Client| {
        c.start(json!({ "workspaceFolders": [named(&dir)] })).await;
        until(c, &user, &["E0201"]).await;
        // Not on disk yet.
        c.open(&new, SCHEMA).await;
        until(c, &user, &[]).await;
        // Closed without being saved: it never was.
        close(c, &new).await;
        until(c, &user, &["E0201"]).await;
        c.open(&new, &format!("{SCHEMA}user u : gone\n")).await;
        until(c, &user, &[]).await;
        until(c, &new, &["E0201"]).await;
        // Saved and renamed: what was said of the old name goes.
        fs::create_dir(dir.path().join("sub")).unwrap();
        let text = format!("{SCHEMA}user u : gone\n");
        fs::write(dir.path().join("sub/renamed.ambit"), &text).unwrap();
        close(c, &new).await;
        c.open(&renamed, &text).await;
        changed(c, &[&new, &renamed]).await;
        until(c, &renamed, &["E0201"]).await;
        until(c, &new, &[]).await;
        // Deleted.
        fs::remove_file(dir.path().join("sub/renamed.ambit")).unwrap();
        close(c, &renamed).await;
        changed(c, &[&renamed]).await;
        until(c, &renamed, &[]).await;
        until(c, &user, &["E0201"]).await;
    });
}

#[test]
fn an_edit_of_one_file_is_told_of_in_another() {
    let dir = folder(&[
        ("ambit.toml", ""),
        ("a.ambit", "role r { grant read on t }\n"),
        ("b.ambit", SCHEMA),
    ]);
    let (user, schema) = (uri(dir.path(), "a.ambit"), uri(dir.path(), "b.ambit"));
    run(async |c: &mut Client| {
        c.start(json!({ "workspaceFolders": [named(&dir)] })).await;
        c.open(&schema, SCHEMA).await;
        let text = SCHEMA.replace("table t", "table other");
        c.edit(&schema, 2, json!([{ "text": text }])).await;
        until(c, &user, &["E0201"]).await;
        c.edit(&schema, 3, json!([{ "text": SCHEMA }])).await;
        until(c, &user, &[]).await;
    });
}

#[test]
fn circles_are_told_of_in_every_file_and_move_while_somebody_types() {
    let dir = folder(&[
        ("ambit.toml", ""),
        ("a.ambit", "role a inherits b\n"),
        ("b.ambit", "role b inherits a\n"),
    ]);
    let (a, b) = (uri(dir.path(), "a.ambit"), uri(dir.path(), "b.ambit"));
    run(async |c: &mut Client| {
        c.start(json!({ "workspaceFolders": [named(&dir)] })).await;
        c.open(&b, "role b inherits a\n").await;
        until(c, &a, &["E0401"]).await;
        // The other half of the circle moves: where the first half points to must follow.
        c.edit(&b, 2, json!([{ "text": "\n\nrole b inherits a\n" }]))
            .await;
        let moved = until(c, &a, &["E0401"]).await;
        let related = &moved["diagnostics"][0]["relatedInformation"][0]["location"];
        assert_eq!(related["range"]["start"]["line"], 2, "{moved}");
        c.edit(&b, 3, json!([{ "text": "role b\n" }])).await;
        until(c, &a, &[]).await;
    });
}

#[test]
fn only_a_client_that_registers_is_asked_to() {
    for dynamic in [false, true] {
        run(async |c: &mut Client| {
            let can = json!({ "dynamicRegistration": dynamic });
            let client = json!({
                "textDocument": { "typeHierarchy": can },
                "workspace": { "didChangeWatchedFiles": can },
            });
            c.start(json!({ "capabilities": client })).await;
            if dynamic {
                let asked = c.asked("client/registerCapability").await;
                let all = asked["params"]["registrations"].as_array().unwrap();
                assert!(
                    all.iter()
                        .any(|r| r["method"] == "workspace/didChangeWatchedFiles")
                );
            }
            c.open("file:///nowhere/x.ambit", "user u : nobody\n").await;
            until(c, "file:///nowhere/x.ambit", &["E0201"]).await;
            assert_eq!(c.untaken("client/registerCapability"), 0);
        });
    }
}

#[test]
fn a_large_text_is_taken_and_edited() {
    let uri = "file:///nowhere/large.ambit";
    let text = format!(
        "{SCHEMA}{}",
        "// what a long file this is\n".repeat(100_000)
    );
    run(async |c: &mut Client| {
        c.start(json!({})).await;
        c.open(uri, &text).await;
        until(c, uri, &[]).await;
        let at = json!({ "line": 100_002, "character": 0 });
        let edit = json!([{ "range": { "start": at, "end": at }, "text": "user u : nobody\n" }]);
        c.edit(uri, 2, edit).await;
        let told = c.diagnostics(uri).await;
        assert_eq!(told["diagnostics"][0]["range"]["start"]["line"], 100_002);
    });
}

/// The binary, with a session that has begun.
fn server(process: Option<u32>) -> Child {
    let mut child = Command::new(env!("CARGO_BIN_EXE_ambit-lsp"))
        .arg("--stdio")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let params = json!({ "processId": process, "capabilities": {} });
    let start = json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params });
    let text = start.to_string();
    let input = child.stdin.as_mut().unwrap();
    write!(input, "Content-Length: {}\r\n\r\n{text}", text.len()).unwrap();
    let mut said = [0; 16];
    child
        .stdout
        .as_mut()
        .unwrap()
        .read_exact(&mut said)
        .unwrap();
    child
}

/// The code with which it ends, within a time that nobody waits for in vain.
fn ended(mut child: Child) -> Option<i32> {
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_secs(30) {
        if let Some(status) = child.try_wait().unwrap() {
            return status.code();
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    child.kill().unwrap();
    panic!("the server goes on without a client");
}

#[test]
fn a_client_that_dies_within_a_message_leaves_no_server() {
    let mut child = server(None);
    let mut input = child.stdin.take().unwrap();
    write!(input, "Content-Length: 500\r\n\r\n{{\"jsonrpc\"").unwrap();
    drop(input);
    drop(child.stdout.take());
    assert_eq!(ended(child), Some(1));
}

#[test]
#[cfg(target_os = "linux")]
fn a_client_that_dies_while_others_hold_the_pipe_leaves_no_server() {
    let mut client = Command::new("sleep").arg("300").spawn().unwrap();
    let child = server(Some(client.id()));
    client.kill().unwrap();
    client.wait().unwrap();
    // Its input is still open: we hold it.
    assert_eq!(ended(child), Some(1));
}
