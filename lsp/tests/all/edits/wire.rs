//! A sequence through the whole server: every question gets one answer, versions never go back, malformed messages are
//! told of, and what the client ends up with is what a cold start says.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use ambit_lsp::lines::Encoding;
use ambit_tests::rng::Rng;
use serde_json::{Value, json};

use super::Sequence;
use super::state::expected;
use super::world::{Act, World};
use crate::client::{Client, run};

/// So long a client waits for what it must end up with.
const PATIENCE: Duration = Duration::from_secs(40);
/// Longer than the pause before the second stage: what is late would have come by then.
const QUIET: Duration = Duration::from_millis(300);

/// What is no message.
const MALFORMED: &[&str] = &[
    "Content-Length: 9\r\n\r\n{\"broken\"",
    "Content-Length: x\r\n\r\n",
    "Content-Length: 2\r\n\r\n[]",
    "Content-Length: 17\r\n\r\n{\"jsonrpc\":\"1.0\"}",
    "Content-Length: 30\r\n\r\n{\"jsonrpc\":\"2.0\",\"id\":[7]    }",
    "Content-Length: 4\r\n\r\n\u{7f}\u{7f}\u{7f}\u{7f}",
];

/// How a client gets its diagnostics.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    /// They are sent to it.
    Push,
    /// It asks, and cannot be told to ask again.
    Pull,
    /// It asks, and again when it is told.
    Refresh,
}

/// What a client knows.
struct View {
    kind: Kind,
    dynamic: bool,
    /// The newest version that was sent, by address.
    sent: BTreeMap<String, i64>,
    /// The version of the last diagnostics, and the diagnostics.
    published: BTreeMap<String, (i64, Value)>,
    asked: Vec<(u64, &'static str)>,
    complaints: usize,
    refreshes: usize,
}

pub fn uri(path: &Path) -> String {
    let text = ambit_lsp::convert::uri_of(path).unwrap();
    text.as_str().to_owned()
}

pub fn session(sequence: &Sequence, number: usize) -> Result<(), String> {
    let mut told = Ok(());
    run(async |c: &mut Client| told = drive(c, sequence, number).await);
    told
}

async fn drive(c: &mut Client, sequence: &Sequence, number: usize) -> Result<(), String> {
    let mut rng = Rng::new(number as u64);
    let mut world = World::new(&sequence.start, sequence.encoding);
    let mut view = View {
        kind: [Kind::Push, Kind::Push, Kind::Pull, Kind::Refresh][number % 4],
        dynamic: rng.chance(50),
        sent: BTreeMap::new(),
        published: BTreeMap::new(),
        asked: Vec::new(),
        complaints: 0,
        refreshes: 0,
    };
    begin(c, &world, &view).await;
    let mut malformed = 0;
    for step in &sequence.steps {
        for act in world.step(*step) {
            tell(c, act, &mut view).await;
        }
        if rng.chance(30) {
            ask(c, &world, &mut rng, &mut view).await;
        }
        if rng.chance(5) {
            malformed += 1;
            c.send_raw(rng.pick::<&str>(MALFORMED)).await;
        }
        if rng.chance(10) {
            tokio::time::sleep(Duration::from_millis(rng.below(40) as u64)).await;
        }
        view.hear_all(c).await?;
    }
    let wanted: BTreeMap<String, Value> = expected(&world)
        .into_iter()
        .map(|(path, list)| (uri(&path), list))
        .collect();
    view.settle(c, &wanted).await?;
    for (id, method) in std::mem::take(&mut view.asked) {
        let answer = c.answer(id).await;
        let code = answer["error"]["code"].as_i64();
        let refused = method == "textDocument/prepareRename" && code == Some(-32602);
        if !matches!(code, None | Some(-32800 | -32801)) && !refused {
            return Err(format!("{method}: {answer}"));
        }
    }
    view.hear_all(c).await?;
    if view.complaints < malformed {
        return Err(format!(
            "{} of {malformed} malformed messages were told of",
            view.complaints
        ));
    }
    let answer = c.ask("shutdown", Value::Null).await;
    match answer.get("error") {
        None => Ok(()),
        Some(error) => Err(format!("shutdown: {error}")),
    }
}

async fn begin(c: &mut Client, world: &World, view: &View) {
    let mut capabilities = json!({ "textDocument": {}, "workspace": {}, "general": {} });
    if world.encoding == Encoding::Utf8 {
        capabilities["general"]["positionEncodings"] = json!(["utf-8", "utf-16"]);
    }
    if view.kind != Kind::Push {
        capabilities["textDocument"]["diagnostic"] = json!({});
    }
    if view.kind == Kind::Refresh {
        capabilities["workspace"]["diagnostics"] = json!({ "refreshSupport": true });
    }
    if view.dynamic {
        capabilities["workspace"]["didChangeWatchedFiles"] = json!({ "dynamicRegistration": true });
        capabilities["textDocument"]["typeHierarchy"] = json!({ "dynamicRegistration": true });
    }
    let folders = json!([{ "uri": uri(&world.root), "name": "world" }]);
    let params = json!({ "capabilities": capabilities, "workspaceFolders": folders });
    c.start(params).await;
}

async fn tell(c: &mut Client, act: Act, view: &mut View) {
    match act {
        Act::Open(path, text, version) => {
            let uri = uri(&path);
            view.sent.insert(uri.clone(), version.into());
            let document =
                json!({ "uri": uri, "languageId": "ambit", "version": version, "text": text });
            let params = json!({ "textDocument": document });
            c.tell("textDocument/didOpen", params).await;
        }
        Act::Change(path, changes, version, _) => {
            let uri = uri(&path);
            view.sent.insert(uri.clone(), version.into());
            c.edit(&uri, version, changes).await;
        }
        Act::Close(path) => {
            let params = json!({ "textDocument": { "uri": uri(&path) } });
            c.tell("textDocument/didClose", params).await;
        }
        Act::Disk(paths) => {
            let changes = paths.iter().map(|p| json!({ "uri": uri(p), "type": 2 }));
            let params = json!({ "changes": changes.collect::<Vec<_>>() });
            c.tell("workspace/didChangeWatchedFiles", params).await;
        }
    }
}

/// Asks something and does not wait; may call it off.
async fn ask(c: &mut Client, world: &World, rng: &mut Rng, view: &mut View) {
    let Some(path): Option<&PathBuf> = world.open.keys().next() else {
        return;
    };
    let document = json!({ "uri": uri(path) });
    let at = json!({ "line": rng.below(30), "character": rng.below(50) });
    let range = json!({ "start": at, "end": { "line": 40, "character": 0 } });
    let method = *rng.pick(&[
        "textDocument/hover",
        "textDocument/completion",
        "textDocument/definition",
        "textDocument/prepareRename",
        "textDocument/semanticTokens/full",
        "textDocument/documentSymbol",
        "textDocument/codeAction",
        "textDocument/inlayHint",
        "textDocument/codeLens",
        "textDocument/formatting",
    ]);
    let params = json!({
        "textDocument": document, "position": at, "range": range, "context": { "diagnostics": [], "triggerKind": 1 },
        "options": { "tabSize": 4, "insertSpaces": true },
    });
    let id = c.begin(method, params).await;
    view.asked.push((id, method));
    if rng.chance(30) {
        c.tell("$/cancelRequest", json!({ "id": id })).await;
    }
}

impl View {
    /// Takes what has come without waiting for more.
    async fn hear_all(&mut self, c: &mut Client) -> Result<(), String> {
        while let Some(message) = c.next(Duration::from_millis(1)).await {
            self.hear(c, &message).await?;
        }
        Ok(())
    }

    /// Takes a message that is no answer.
    async fn hear(&mut self, c: &mut Client, message: &Value) -> Result<(), String> {
        let params = &message["params"];
        match message["method"].as_str().unwrap_or_default() {
            "textDocument/publishDiagnostics" => {
                if self.kind != Kind::Push {
                    return Err("diagnostics are sent to a client that asks".to_owned());
                }
                let uri = params["uri"].as_str().unwrap().to_owned();
                let before = self.published.get(&uri).map_or(0, |(v, _)| *v);
                let version = params["version"].as_i64();
                let sent = self.sent.get(&uri).copied().unwrap_or_default();
                if version.is_some_and(|v| v < before || v > sent) {
                    return Err(format!(
                        "version {version:?} of {uri} after {before}, of {sent} sent"
                    ));
                }
                let list = params["diagnostics"].clone();
                self.published
                    .insert(uri, (version.unwrap_or(before), list));
            }
            "window/logMessage" => self.complaints += 1,
            "workspace/diagnostic/refresh" => {
                if self.kind != Kind::Refresh {
                    return Err("a client is told to ask again that cannot be told".to_owned());
                }
                self.refreshes += 1;
                c.reply(&message["id"]).await;
            }
            "client/registerCapability" if self.dynamic => c.reply(&message["id"]).await,
            other => return Err(format!("unexpected: {other} {params}")),
        }
        Ok(())
    }

    /// Waits until the client has what it must have, and then for whatever might still come.
    async fn settle(
        &mut self,
        c: &mut Client,
        wanted: &BTreeMap<String, Value>,
    ) -> Result<(), String> {
        let begin = Instant::now();
        let mut refreshes = usize::MAX;
        loop {
            if self.kind != Kind::Push && refreshes != self.refreshes {
                refreshes = self.refreshes;
                self.pull(c).await?;
            }
            let same = self.has() == *wanted;
            let wait = if same {
                QUIET
            } else {
                Duration::from_millis(100)
            };
            match c.next(wait).await {
                Some(message) => self.hear(c, &message).await?,
                None if same => return Ok(()),
                None if begin.elapsed() > PATIENCE => {
                    return Err(format!("{:?}: {}", self.kind, odd(&self.has(), wanted)));
                }
                None => {}
            }
        }
    }

    fn has(&self) -> BTreeMap<String, Value> {
        let all = self.published.iter();
        all.filter(|(_, (_, list))| list.as_array().is_some_and(|l| !l.is_empty()))
            .map(|(uri, (_, list))| (uri.clone(), list.clone()))
            .collect()
    }

    /// Asks for everything.
    async fn pull(&mut self, c: &mut Client) -> Result<(), String> {
        let params = json!({ "previousResultIds": [] });
        let answer = loop {
            let answer = c.ask("workspace/diagnostic", params.clone()).await;
            // The edits before may still be on their way.
            if answer["error"]["code"] != -32801 {
                break answer;
            }
        };
        let Some(items) = answer["result"]["items"].as_array() else {
            return Err(format!("workspace/diagnostic: {answer}"));
        };
        self.published.clear();
        for item in items {
            let uri = item["uri"].as_str().unwrap().to_owned();
            self.published.insert(uri, (0, item["items"].clone()));
        }
        Ok(())
    }
}

fn odd(has: &BTreeMap<String, Value>, wanted: &BTreeMap<String, Value>) -> String {
    let uris = has.keys().chain(wanted.keys());
    let odd = uris.filter(|uri| has.get(*uri) != wanted.get(*uri));
    let list = odd.map(|uri| {
        let short = |list: Option<&Value>| -> Vec<String> {
            let all = list.and_then(Value::as_array).into_iter().flatten();
            all.map(|d| format!("{} {} {}", d["code"], d["range"]["start"], d["message"]))
                .collect()
        };
        format!(
            "{uri}\nhas {:#?}\nmust have {:#?}",
            short(has.get(uri)),
            short(wanted.get(uri))
        )
    });
    list.collect::<Vec<_>>().join("\n")
}
