//! The server over memory: what a client sees.

use serde_json::{Value, json};

use crate::client::{Client, codes, run};

const URI: &str = "file:///nowhere/main.ambit";
const SOUND: &str = "source w : sqlite\ntable t in w { key id : int  done : bool }\ngroup g { grant read on t where done }\nuser u : g\n";

fn at(line: u32, character: u32) -> Value {
    json!({ "textDocument": { "uri": URI }, "position": { "line": line, "character": character } })
}

#[test]
fn a_session_from_start_to_end() {
    run(async |c: &mut Client| {
        let result = c.start(json!({})).await;
        assert_eq!(result["capabilities"]["positionEncoding"], "utf-16");
        c.open(URI, SOUND).await;
        assert_eq!(codes(&c.diagnostics(URI).await), Vec::<String>::new());
        let hover = c.ask("textDocument/hover", at(2, 7)).await;
        assert!(
            hover["result"]["contents"]["value"]
                .as_str()
                .unwrap()
                .contains("group g")
        );
        c.edit(URI, 2, json!([{ "range": { "start": { "line": 3, "character": 9 }, "end": { "line": 3, "character": 10 } }, "text": "nobody" }])).await;
        let published = c.diagnostics(URI).await;
        assert_eq!(codes(&published), ["E0201"]);
        assert_eq!(published["version"], 2);
        let first = &published["diagnostics"][0];
        assert_eq!(
            first["range"]["start"],
            json!({ "line": 3, "character": 9 })
        );
        assert_eq!(first["codeDescription"]["href"], "ambit:/errors/E0201.md");
        assert_eq!(c.ask("shutdown", Value::Null).await["result"], Value::Null);
    });
}

#[test]
fn meaning_comes_after_a_pause_and_fades_what_can_go() {
    run(async |c: &mut Client| {
        c.start(json!({ "initializationOptions": { "pages": "https://pages.example/" } }))
            .await;
        c.open(
            URI,
            &SOUND.replace("where done", "grant read on t where done"),
        )
        .await;
        assert_eq!(codes(&c.diagnostics(URI).await), Vec::<String>::new());
        let second = c.diagnostics(URI).await;
        assert_eq!(codes(&second), ["W0602"]);
        let problem = &second["diagnostics"][0];
        assert_eq!(problem["tags"], json!([1]));
        assert_eq!(
            problem["codeDescription"]["href"],
            "https://pages.example/W0602.md"
        );
        assert!(problem["relatedInformation"][0]["location"]["uri"].is_string());
        let range = problem["range"].clone();
        let actions = json!({ "textDocument": { "uri": URI }, "range": range, "context": { "diagnostics": [] } });
        let actions = c.ask("textDocument/codeAction", actions).await;
        assert!(
            actions["result"][0]["edit"]["changes"][URI].is_array(),
            "{actions}"
        );
    });
}

#[test]
fn diagnostics_can_be_asked_for() {
    run(async |c: &mut Client| {
        let client = json!({ "capabilities": { "textDocument": { "diagnostic": {} } } });
        c.start(client).await;
        c.open(URI, "group g { grant read on nothing_here }").await;
        let asked = json!({ "textDocument": { "uri": URI } });
        let report = c.ask("textDocument/diagnostic", asked).await["result"].clone();
        assert_eq!(report["kind"], "full");
        assert_eq!(report["items"][0]["code"], "E0201");
        let again =
            json!({ "textDocument": { "uri": URI }, "previousResultId": report["resultId"] });
        let again = c.ask("textDocument/diagnostic", again).await;
        assert_eq!(again["result"]["kind"], "unchanged");
        let all = c
            .ask("workspace/diagnostic", json!({ "previousResultIds": [] }))
            .await;
        assert_eq!(all["result"]["items"][0]["uri"], URI);
    });
}

#[test]
fn columns_are_counted_as_agreed() {
    let text = "group g // 𝄞𝄞\r\n{ /* */ grant read on 𝄞nope }\r\n";
    for (offer, column) in [(json!(["utf-16"]), 24), (json!(["utf-8", "utf-16"]), 26)] {
        run(async |c: &mut Client| {
            let client = json!({ "capabilities": { "general": { "positionEncodings": offer } } });
            c.start(client).await;
            c.open(URI, text).await;
            let all = c.diagnostics(URI).await;
            let ends = all["diagnostics"]
                .as_array()
                .unwrap()
                .iter()
                .map(|d| &d["range"]["end"]);
            let ends: Vec<u64> = ends
                .filter(|e| e["line"] == 1)
                .map(|e| e["character"].as_u64().unwrap())
                .collect();
            assert!(ends.contains(&(column + 4)), "{ends:?}");
        });
    }
}

#[test]
fn edits_behind_astral_characters_and_crlf_hit_their_place() {
    run(async |c: &mut Client| {
        c.start(json!({})).await;
        c.open(URI, "// 𝄞 first\r\ngroup x // 𝄞 old\r\nuser u : x\r\n")
            .await;
        let edit = json!([
            { "range": { "start": { "line": 1, "character": 6 }, "end": { "line": 1, "character": 7 } }, "text": "𝄞" },
            { "range": { "start": { "line": 1, "character": 6 }, "end": { "line": 1, "character": 8 } }, "text": "new" },
            { "range": { "start": { "line": 2, "character": 9 }, "end": { "line": 2, "character": 10 } }, "text": "new" },
        ]);
        c.edit(URI, 2, edit).await;
        let found = c.ask("textDocument/definition", at(2, 9)).await;
        let range = &found["result"][0]["range"];
        assert_eq!(
            *range,
            json!({ "start": { "line": 1, "character": 6 }, "end": { "line": 1, "character": 9 } })
        );
    });
}

#[test]
fn what_is_malformed_is_answered_and_the_server_lives() {
    run(async |c: &mut Client| {
        c.start(json!({})).await;
        c.open(URI, SOUND).await;
        c.send_raw("Content-Length: 9\r\n\r\n{\"broken\"").await;
        c.send_raw("Content-Length: x\r\n\r\nrubbish\r\n").await;
        let two = "{}".len();
        c.send_raw(&format!("Content-Length: {two}\r\n\r\n{{}}"))
            .await;
        let answer = c
            .ask("textDocument/hover", json!({ "textDocument": 7 }))
            .await;
        assert_eq!(answer["error"]["code"], -32602);
        let answer = c.ask("no/such", json!({})).await;
        assert_eq!(answer["error"]["code"], -32601);
        let hover = c.ask("textDocument/hover", at(2, 6)).await;
        assert!(hover["result"]["contents"].is_object(), "{hover}");
        let unknown = json!({ "textDocument": { "uri": "file:///no/such.ambit" }, "position": { "line": 0, "character": 0 } });
        assert_eq!(
            c.ask("textDocument/hover", unknown).await["result"],
            Value::Null
        );
        let far = c.ask("textDocument/hover", at(999, 999)).await;
        assert_eq!(far["result"], Value::Null);
    });
}

#[test]
fn questions_and_edits_in_a_hurry_all_get_answers() {
    run(async |c: &mut Client| {
        c.start(json!({})).await;
        c.open(URI, SOUND).await;
        let mut asked = Vec::new();
        for n in 0..40 {
            asked.push(c.begin("textDocument/hover", at(2, 6)).await);
            if n % 4 == 0 {
                c.tell("$/cancelRequest", json!({ "id": asked.last() }))
                    .await;
            }
            c.edit(URI, n + 2, json!([{ "text": format!("{SOUND}// {n}\n") }]))
                .await;
        }
        for id in asked {
            let answer = c.answer(id).await;
            // A result, or called off by the edit or by the client.
            let code = answer["error"]["code"].as_i64();
            assert!(matches!(code, None | Some(-32800 | -32801)), "{answer}");
        }
        let hover = c.ask("textDocument/hover", at(2, 6)).await;
        assert!(hover["result"]["contents"].is_object(), "{hover}");
    });
}

#[test]
fn colours_come_whole_and_as_changes() {
    run(async |c: &mut Client| {
        c.start(json!({})).await;
        c.open(URI, SOUND).await;
        let whole = c
            .ask(
                "textDocument/semanticTokens/full",
                json!({ "textDocument": { "uri": URI } }),
            )
            .await;
        let mut data: Vec<Value> = whole["result"]["data"].as_array().unwrap().clone();
        c.edit(URI, 2, json!([{ "range": { "start": { "line": 2, "character": 0 }, "end": { "line": 2, "character": 0 } }, "text": "// x\n" }])).await;
        let since = json!({ "textDocument": { "uri": URI }, "previousResultId": whole["result"]["resultId"] });
        let delta = c.ask("textDocument/semanticTokens/full/delta", since).await;
        for edit in delta["result"]["edits"].as_array().unwrap() {
            let start = edit["start"].as_u64().unwrap() as usize;
            let gone = edit["deleteCount"].as_u64().unwrap() as usize;
            data.splice(
                start..start + gone,
                edit["data"].as_array().unwrap().iter().cloned(),
            );
        }
        let again = c
            .ask(
                "textDocument/semanticTokens/full",
                json!({ "textDocument": { "uri": URI } }),
            )
            .await;
        assert_eq!(json!(data), again["result"]["data"]);
    });
}

#[test]
fn a_name_that_cannot_be_is_refused_with_the_reason() {
    run(async |c: &mut Client| {
        c.start(json!({})).await;
        c.open(URI, SOUND).await;
        let mut params = at(1, 6);
        params["newName"] = json!("grant");
        let refused = c.ask("textDocument/rename", params).await;
        let message = refused["error"]["message"].as_str().unwrap();
        assert!(message.contains("keyword"), "{refused}");
    });
}

#[test]
fn a_closed_file_outside_any_project_is_forgotten() {
    run(async |c: &mut Client| {
        c.start(json!({})).await;
        c.open(URI, "role r inherits nobody").await;
        assert_eq!(codes(&c.diagnostics(URI).await), ["E0201"]);
        c.tell(
            "textDocument/didClose",
            json!({ "textDocument": { "uri": URI } }),
        )
        .await;
        assert_eq!(codes(&c.diagnostics(URI).await), Vec::<String>::new());
    });
}

#[test]
fn a_file_on_disk_is_checked_without_being_open() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(
        dir.path().join("ambit.toml"),
        "[lints]\nno-such-lint = \"deny\"\n",
    )
    .unwrap();
    std::fs::write(dir.path().join("a.ambit"), "role r inherits nobody\n").unwrap();
    let uri = |name: &str| format!("file://{}/{name}", dir.path().display());
    run(async |c: &mut Client| {
        let folders = json!([{ "uri": format!("file://{}", dir.path().display()), "name": "x" }]);
        c.start(json!({ "workspaceFolders": folders })).await;
        assert_eq!(codes(&c.diagnostics(&uri("a.ambit")).await), ["E0201"]);
        assert_eq!(codes(&c.diagnostics(&uri("ambit.toml")).await), ["E0410"]);
        std::fs::write(dir.path().join("a.ambit"), "role r\n").unwrap();
        let change = json!({ "changes": [{ "uri": uri("a.ambit"), "type": 2 }] });
        c.tell("workspace/didChangeWatchedFiles", change).await;
        assert_eq!(
            codes(&c.diagnostics(&uri("a.ambit")).await),
            Vec::<String>::new()
        );
    });
}

/// Runs the binary on these messages, each after the answer to the one before, and gives its exit code and output.
fn binary(messages: &[Value]) -> (Option<i32>, String) {
    use std::io::{Read as _, Write as _};
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_ambit-lsp"))
        .arg("--stdio")
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut output = child.stdout.take().unwrap();
    let mut said = String::new();
    for message in messages {
        let text = message.to_string();
        write!(input, "Content-Length: {}\r\n\r\n{text}", text.len()).unwrap();
        while message
            .get("id")
            .is_some_and(|id| !said.contains(&format!("\"id\":{id}}}")))
        {
            let mut chunk = [0; 4096];
            let n = output.read(&mut chunk).unwrap();
            assert!(n > 0, "{said}");
            said.push_str(&String::from_utf8_lossy(&chunk[..n]));
        }
    }
    drop(input);
    (child.wait().unwrap().code(), said)
}

#[test]
fn the_binary_ends_well_only_after_a_goodbye() {
    let start = json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": { "capabilities": {} } });
    let goodbye = json!({ "jsonrpc": "2.0", "id": 2, "method": "shutdown" });
    let exit = json!({ "jsonrpc": "2.0", "method": "exit" });
    let (code, said) = binary(&[start.clone(), goodbye.clone(), exit.clone()]);
    assert_eq!(code, Some(0), "{said}");
    // lsp-mode of Emacs sends parameters where there are none.
    let mut with = [goodbye, exit];
    for message in &mut with {
        message["params"] = json!({});
    }
    let [goodbye, exit] = with;
    assert_eq!(binary(&[start.clone(), goodbye, exit]).0, Some(0));
    assert!(said.contains("\"capabilities\""));
    assert_eq!(
        binary(&[start]).0,
        Some(1),
        "the client went without a word"
    );
}

#[test]
fn findings_stay_while_somebody_types() {
    run(async |c: &mut Client| {
        c.start(json!({})).await;
        let text = SOUND.replace("where done", "grant read on t where done");
        c.open(URI, &text).await;
        c.diagnostics(URI).await;
        assert_eq!(codes(&c.diagnostics(URI).await), ["W0602"]);
        let top =
            json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 0, "character": 0 } });
        c.edit(URI, 2, json!([{ "range": top, "text": "\n" }]))
            .await;
        let first = c.diagnostics(URI).await;
        assert_eq!(
            (codes(&first), &first["version"]),
            (vec!["W0602".to_owned()], &json!(2))
        );
        assert_eq!(first["diagnostics"][0]["range"]["start"]["line"], 3);
    });
}
