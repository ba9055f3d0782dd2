//! The table of requests (docs/editor/requests.md) is complete and true.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::{Value, json};

use crate::client::{Client, codes, run};

const METHODS: &str = include_str!("data/methods-3.17.txt");
const TABLE: &str = include_str!("../../../docs/editor/requests.md");

/// A row: direction, sort, state, and the test or reason.
type Row<'a> = (&'a str, &'a str, &'a str, &'a str);

fn table() -> BTreeMap<&'static str, Row<'static>> {
    let rows = TABLE.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.map(|row| {
        let cells: Vec<&str> = row.trim_end_matches(" |").split(" | ").collect();
        let [method, direction, sort, state, rest] = cells.as_slice() else {
            panic!("{row}");
        };
        (
            method.trim_end_matches('`'),
            (*direction, *sort, *state, *rest),
        )
    })
    .collect()
}

/// The requests of the client that are said to be answered.
fn answered() -> BTreeSet<&'static str> {
    let answered = table().into_iter().filter(|(_, row)| row.2 == "answered");
    answered.map(|(method, _)| method).collect()
}

/// The methods behind each capability that the server may advertise.
const CAPABILITIES: &[(&str, &[&str])] = &[
    ("positionEncoding", &["initialize"]),
    (
        "textDocumentSync",
        &[
            "textDocument/didOpen",
            "textDocument/didChange",
            "textDocument/didClose",
        ],
    ),
    ("hoverProvider", &["textDocument/hover"]),
    (
        "completionProvider",
        &["textDocument/completion", "completionItem/resolve"],
    ),
    ("signatureHelpProvider", &["textDocument/signatureHelp"]),
    ("definitionProvider", &["textDocument/definition"]),
    ("declarationProvider", &["textDocument/declaration"]),
    ("typeDefinitionProvider", &["textDocument/typeDefinition"]),
    ("implementationProvider", &["textDocument/implementation"]),
    ("referencesProvider", &["textDocument/references"]),
    (
        "documentHighlightProvider",
        &["textDocument/documentHighlight"],
    ),
    ("documentSymbolProvider", &["textDocument/documentSymbol"]),
    ("workspaceSymbolProvider", &["workspace/symbol"]),
    ("documentFormattingProvider", &["textDocument/formatting"]),
    (
        "documentRangeFormattingProvider",
        &["textDocument/rangeFormatting"],
    ),
    (
        "documentOnTypeFormattingProvider",
        &["textDocument/onTypeFormatting"],
    ),
    (
        "linkedEditingRangeProvider",
        &["textDocument/linkedEditingRange"],
    ),
    (
        "callHierarchyProvider",
        &[
            "textDocument/prepareCallHierarchy",
            "callHierarchy/incomingCalls",
            "callHierarchy/outgoingCalls",
        ],
    ),
    ("foldingRangeProvider", &["textDocument/foldingRange"]),
    ("selectionRangeProvider", &["textDocument/selectionRange"]),
    (
        "renameProvider",
        &["textDocument/rename", "textDocument/prepareRename"],
    ),
    (
        "semanticTokensProvider",
        &[
            "textDocument/semanticTokens/full",
            "textDocument/semanticTokens/full/delta",
            "textDocument/semanticTokens/range",
        ],
    ),
    ("codeActionProvider", &["textDocument/codeAction"]),
    ("codeLensProvider", &["textDocument/codeLens"]),
    ("inlayHintProvider", &["textDocument/inlayHint"]),
    ("documentLinkProvider", &["textDocument/documentLink"]),
    ("executeCommandProvider", &["workspace/executeCommand"]),
    (
        "diagnosticProvider",
        &["textDocument/diagnostic", "workspace/diagnostic"],
    ),
    ("workspace", &["workspace/didChangeWorkspaceFolders"]),
];

/// Capabilities that the server registers when the session has begun.
const REGISTERED: &[&str] = &[
    "textDocument/prepareTypeHierarchy",
    "typeHierarchy/supertypes",
    "typeHierarchy/subtypes",
    "workspace/didChangeWatchedFiles",
];

#[test]
fn the_table_has_every_method_and_no_other() {
    let table = table();
    let mut known = BTreeSet::new();
    for line in METHODS.lines().filter(|l| !l.starts_with('#')) {
        let words: Vec<&str> = line.split(' ').collect();
        let [direction, sort, method] = words.as_slice() else {
            panic!("{line}");
        };
        known.insert(*method);
        let row = table
            .get(method)
            .unwrap_or_else(|| panic!("{method} has no row"));
        assert_eq!((row.0, row.1), (*direction, *sort), "{method}");
    }
    assert_eq!(known.len(), 90);
    let rows: BTreeSet<&str> = table.keys().copied().collect();
    assert_eq!(rows, known);
    assert_eq!(
        TABLE.lines().filter(|l| l.starts_with("| `")).count(),
        rows.len(),
        "twice"
    );
}

#[test]
fn every_row_has_a_test_or_a_reason() {
    let mut tests = BTreeSet::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/all");
    let mut folders = vec![folder];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let name = path.file_stem().unwrap().to_string_lossy().into_owned();
                let text = std::fs::read_to_string(&path).unwrap();
                for part in text.split("#[test]\nfn ").skip(1) {
                    let test = part.split('(').next().unwrap();
                    tests.insert(format!("`{name}::{test}`"));
                }
            }
        }
    }
    for (method, (_, sort, state, rest)) in table() {
        match state {
            "answered" | "taken" | "sent" => {
                assert_eq!(
                    state == "answered",
                    sort == "request" && state != "sent",
                    "{method}"
                );
                assert!(tests.contains(rest), "{method}: no test {rest}");
            }
            "not advertised" => {
                let reason = rest.strip_prefix("because ").unwrap_or_default();
                assert!(reason.len() > 10, "{method}: {rest}");
            }
            _ => panic!("{method}: {state}"),
        }
    }
}

/// Nothing, or nothing in it.
fn is_empty(result: &Value) -> bool {
    match result {
        Value::Null => true,
        Value::Array(all) => all.is_empty(),
        Value::Object(members) => ["data", "items", "edits", "changes", "ranges", "contents"]
            .iter()
            .filter_map(|key| members.get(*key))
            .any(|inner| match inner {
                Value::Object(inner) => inner.is_empty(),
                inner => is_empty(inner),
            }),
        _ => false,
    }
}

const PROJECT: &str = r#"// See W0602.
source w : sqlite
enum Land { "FR", "US" }
table t in w { key id : int  land : Land }
role r(l: Land) {
grant read on t where land = l
}
role   s inherits r("FR")
role q inherits s
user u : q
filter f on t where land = "FR" or land = "US"
"#;

#[test]
fn every_advertised_request_answers() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("ambit.toml"), "").unwrap();
    std::fs::write(dir.path().join("main.ambit"), PROJECT).unwrap();
    let root = format!("file://{}", dir.path().display());
    let uri = format!("{root}/main.ambit");
    run(async |c: &mut Client| {
        let started = c
            .start(json!({
                "workspaceFolders": [{ "uri": root, "name": "x" }],
                "capabilities": { "textDocument": {
                    "diagnostic": {}, "typeHierarchy": { "dynamicRegistration": true },
                } },
            }))
            .await;
        let mut asked = BTreeSet::from(["initialize"]);
        let advertised = started["capabilities"].as_object().unwrap();
        let mut offered: BTreeSet<&str> = REGISTERED.iter().copied().collect();
        for key in advertised.keys() {
            let known = CAPABILITIES.iter().find(|(name, _)| name == key);
            let (_, methods) = known.unwrap_or_else(|| panic!("{key} has no row"));
            offered.extend(*methods);
        }
        for method in offered {
            let state = table().get(method).map(|row| row.2);
            assert!(
                matches!(state, Some("answered" | "taken")),
                "{method}: {state:?}"
            );
        }
        c.open(&uri, PROJECT).await;
        let document = json!({ "textDocument": { "uri": uri } });
        let with = |base: &Value, more: Value| {
            let mut params = base.clone();
            for (key, value) in more.as_object().unwrap() {
                params[key] = value.clone();
            }
            params
        };
        let at = |line: u32, character: u32| {
            with(
                &document,
                json!({ "position": { "line": line, "character": character } }),
            )
        };
        let options = json!({ "tabSize": 4, "insertSpaces": true });
        let whole = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 99, "character": 0 } });
        let ranged = with(&document, json!({ "range": whole, "options": options }));
        let point = json!({ "line": 10, "character": 33 });
        let first = |answer: Value| answer["result"][0].clone();
        let list = c.ask("textDocument/completion", at(5, 14)).await["result"].clone();
        let item = list["items"]
            .as_array()
            .unwrap()
            .iter()
            .find(|i| i["label"] == "t");
        let item = item.unwrap().clone();
        let types = first(c.ask("textDocument/prepareTypeHierarchy", at(7, 7)).await);
        let calls = first(c.ask("textDocument/prepareCallHierarchy", at(7, 7)).await);
        let colours = c
            .ask("textDocument/semanticTokens/full", document.clone())
            .await;
        let since = colours["result"]["resultId"].clone();
        let top = json!({ "start": { "line": 11, "character": 0 }, "end": { "line": 11, "character": 0 } });
        c.edit(&uri, 2, json!([{ "range": top, "text": "// more\n" }]))
            .await;
        for (method, params) in [
            ("textDocument/completion", at(5, 14)),
            ("completionItem/resolve", item),
            ("textDocument/hover", at(5, 14)),
            ("textDocument/signatureHelp", at(7, 20)),
            ("textDocument/declaration", at(5, 14)),
            ("textDocument/definition", at(5, 14)),
            ("textDocument/typeDefinition", at(5, 22)),
            ("textDocument/implementation", at(4, 5)),
            (
                "textDocument/references",
                with(
                    &at(5, 14),
                    json!({ "context": { "includeDeclaration": true } }),
                ),
            ),
            ("textDocument/documentHighlight", at(5, 14)),
            ("textDocument/documentSymbol", document.clone()),
            ("workspace/symbol", json!({ "query": "t" })),
            ("textDocument/formatting", ranged.clone()),
            ("textDocument/rangeFormatting", ranged.clone()),
            (
                "textDocument/onTypeFormatting",
                with(&at(5, 0), json!({ "ch": "\n", "options": options })),
            ),
            ("textDocument/foldingRange", document.clone()),
            (
                "textDocument/selectionRange",
                with(
                    &document,
                    json!({ "positions": [{ "line": 5, "character": 14 }] }),
                ),
            ),
            ("textDocument/prepareRename", at(5, 14)),
            (
                "textDocument/rename",
                with(&at(5, 14), json!({ "newName": "rows" })),
            ),
            ("textDocument/linkedEditingRange", at(4, 7)),
            ("textDocument/semanticTokens/full", document.clone()),
            ("textDocument/semanticTokens/range", ranged.clone()),
            (
                "textDocument/codeAction",
                with(
                    &document,
                    json!({ "range": { "start": point, "end": point }, "context": { "diagnostics": [] } }),
                ),
            ),
            ("textDocument/codeLens", document.clone()),
            ("textDocument/inlayHint", ranged.clone()),
            ("textDocument/documentLink", document.clone()),
            ("textDocument/prepareTypeHierarchy", at(7, 7)),
            ("typeHierarchy/supertypes", json!({ "item": types })),
            ("typeHierarchy/subtypes", json!({ "item": types })),
            ("textDocument/prepareCallHierarchy", at(7, 7)),
            ("callHierarchy/incomingCalls", json!({ "item": calls })),
            ("callHierarchy/outgoingCalls", json!({ "item": calls })),
            ("textDocument/diagnostic", document.clone()),
            ("workspace/diagnostic", json!({ "previousResultIds": [] })),
            (
                "workspace/executeCommand",
                json!({ "command": "ambit.principals", "arguments": [{ "uri": uri }] }),
            ),
        ] {
            asked.insert(method);
            if method == "textDocument/semanticTokens/full" {
                // First what changed since the first time, then everything.
                let delta = "textDocument/semanticTokens/full/delta";
                asked.insert(delta);
                let params = with(&document, json!({ "previousResultId": since }));
                let answer = c.ask(delta, params).await;
                assert!(!is_empty(&answer["result"]), "{delta}: {answer}");
            }
            let answer = c.ask(method, params).await;
            // A sound file has no diagnostics; that they are all that is known is the answer.
            let report = answer["result"]["kind"] == "full";
            assert!(report || !is_empty(&answer["result"]), "{method}: {answer}");
        }
        let answer = c.ask("shutdown", Value::Null).await;
        assert!(answer.get("error").is_none(), "{answer}");
        asked.insert("shutdown");
        assert_eq!(asked, answered());
    });
}

#[test]
fn an_action_is_what_was_asked_for_and_proved() {
    let uri = "file:///nowhere/main.ambit";
    run(async |c: &mut Client| {
        c.start(json!({})).await;
        c.open(uri, PROJECT).await;
        let point = json!({ "line": 10, "character": 33 });
        let asked = |only: Value| {
            json!({
                "textDocument": { "uri": uri }, "range": { "start": point, "end": point },
                "context": { "diagnostics": [], "only": only },
            })
        };
        for (only, some) in [
            ("refactor", true),
            ("refactor.rewrite", true),
            ("refactor.extract", false),
            ("quickfix", false),
            ("", true),
        ] {
            let answer = c.ask("textDocument/codeAction", asked(json!([only]))).await;
            let all = answer["result"].as_array().unwrap().clone();
            assert_eq!(!all.is_empty(), some, "{only}: {answer}");
            for action in all {
                assert_eq!(action["kind"], "refactor.rewrite");
                let edit = &action["edit"]["changes"][uri][0];
                assert_eq!(edit["newText"], "land in [\"FR\", \"US\"]");
            }
        }
    });
}

#[test]
fn the_client_is_told_and_asked() {
    run(async |c: &mut Client| {
        let dynamic = json!({ "dynamicRegistration": true });
        c.start(json!({ "capabilities": {
            "textDocument": { "diagnostic": {}, "typeHierarchy": dynamic },
            "workspace": { "didChangeWatchedFiles": dynamic, "diagnostics": { "refreshSupport": true } },
        } }))
        .await;
        let registered = c.asked("client/registerCapability").await.to_string();
        for method in [
            "workspace/didChangeWatchedFiles",
            "textDocument/prepareTypeHierarchy",
        ] {
            assert!(registered.contains(method), "{registered}");
        }
        c.open("file:///nowhere/main.ambit", PROJECT).await;
        c.asked("workspace/diagnostic/refresh").await;
        c.send_raw("Content-Length: 9\r\n\r\n{\"broken\"").await;
        let said = c.notified("window/logMessage").await;
        assert_eq!(said["type"], 1, "{said}");
    });
}

#[test]
fn folders_come_and_go() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("ambit.toml"), "").unwrap();
    std::fs::write(dir.path().join("main.ambit"), "role r inherits nobody\n").unwrap();
    let root = format!("file://{}", dir.path().display());
    let uri = format!("{root}/main.ambit");
    run(async |c: &mut Client| {
        c.start(json!({})).await;
        let folder = json!([{ "uri": root, "name": "x" }]);
        for (added, removed, wanted) in [
            (&folder, &json!([]), vec!["E0201"]),
            (&json!([]), &folder, vec![]),
        ] {
            let event = json!({ "event": { "added": added, "removed": removed } });
            c.tell("workspace/didChangeWorkspaceFolders", event).await;
            assert_eq!(codes(&c.diagnostics(&uri).await), wanted);
        }
    });
}
