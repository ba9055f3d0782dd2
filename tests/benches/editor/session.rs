//! One project in one session: what somebody does who types.

use std::path::Path;
use std::time::{Duration, Instant};

use ambit_tests::project::{SETTINGS, Shape, generate};
use serde_json::{Value, json};

use super::client::Client;
use super::figures::Figures;

/// What is aimed at, in milliseconds and megabytes.
#[derive(Clone, Copy)]
pub struct Aims {
    pub change: Option<u64>,
    pub hover: Option<u64>,
    pub completion: Option<u64>,
    pub formatting: Option<u64>,
    pub memory: Option<u64>,
}

impl Aims {
    pub const NONE: Self = Self {
        change: None,
        hover: None,
        completion: None,
        formatting: None,
        memory: None,
    };
}

/// How often each thing is done.
const TIMES: usize = 60;
/// So long somebody thinks between two keys: less than the pause before the second stage.
const KEYS: Duration = Duration::from_millis(60);

struct Session {
    client: Client,
    uri: String,
    text: String,
    version: i32,
}

/// Measures; gives the median of a change.
pub fn measure(
    server: &Path,
    shape: Shape,
    aims: Aims,
    test: bool,
    figures: &mut Figures,
) -> Duration {
    let times = if test { 2 } else { TIMES };
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().canonicalize().unwrap();
    let files = generate(shape);
    std::fs::write(root.join("ambit.toml"), SETTINGS).unwrap();
    for (name, text) in &files {
        let path = root.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    // The last file with rules: what is edited is behind everything else.
    let rules = |(_, text): &&(String, String)| text.contains("    grant ");
    let (name, text) = files.iter().rfind(rules).unwrap();
    let mut session = Session {
        client: Client::start(server),
        uri: format!("file://{}/{name}", root.display()),
        text: text.clone(),
        version: 1,
    };
    let aim = |aim: Option<u64>| aim.map_or_else(String::new, |ms| format!("aim {ms} ms"));
    let n = shape.grants;

    let begin = Instant::now();
    session.begin(&root);
    figures.add(
        "editor: opening",
        n,
        vec![begin.elapsed()],
        None,
        "until the first diagnostics",
    );

    let before = session.client.computed();
    let mut sizes = Vec::new();
    let changes = (0..times).map(|i| {
        std::thread::sleep(KEYS);
        let (took, bytes) = session.change(i);
        sizes.push(bytes);
        took
    });
    let changes: Vec<Duration> = changes.collect();
    let computed = session.client.computed().saturating_sub(before) / times as u32;
    let note = format!(
        "{}  {:.1} ms computed for each, with the rest of the project; {} bytes",
        aim(aims.change),
        computed.as_secs_f64() * 1000.0,
        sizes.iter().max().unwrap_or(&0)
    );
    let mut sorted = changes.clone();
    sorted.sort_unstable();
    let median = sorted[sorted.len() / 2];
    figures.add("editor: change to types", n, changes, None, &note);

    for (name, method, aimed) in [
        ("editor: hover", "textDocument/hover", aims.hover),
        (
            "editor: completion",
            "textDocument/completion",
            aims.completion,
        ),
        (
            "editor: formatting",
            "textDocument/formatting",
            aims.formatting,
        ),
    ] {
        // Asked of a state of its own each time, as by somebody who types.
        let mut bytes = 0;
        let taken = (0..times).map(|i| {
            session.change(i);
            let begin = Instant::now();
            let (answer, size) = session.client.ask(method, &session.question(method));
            let took = begin.elapsed();
            assert!(!answer["result"].is_null(), "{method}: {answer}");
            bytes = size;
            took
        });
        let taken: Vec<Duration> = taken.collect();
        let note = format!("{}  {bytes} bytes", aim(aimed));
        figures.add(name, n, taken, None, &note);
    }
    let memory = |client: &Client| client.memory().unwrap_or_default();
    let (now, most) = memory(&session.client);
    let megabytes = |bytes: u64| bytes >> 20;
    let aimed = aims
        .memory
        .map_or_else(String::new, |mb| format!(", aim {mb} MB"));
    println!(
        "editor: memory {n}: {} MB resident while typing{aimed} (at most {} MB)",
        megabytes(now),
        megabytes(most)
    );
    if !test && std::env::var_os("AMBIT_TYPES_ONLY").is_none() {
        session.findings(n, figures);
    }
    median
}

impl Session {
    fn begin(&mut self, root: &Path) {
        let folders = json!([{ "uri": format!("file://{}", root.display()), "name": "bench" }]);
        let params = json!({ "capabilities": {}, "workspaceFolders": folders });
        self.client.ask("initialize", &params);
        self.client.tell("initialized", &json!({}));
        let document =
            json!({ "uri": self.uri, "languageId": "ambit", "version": 1, "text": self.text });
        let params = json!({ "textDocument": document });
        self.client.tell("textDocument/didOpen", &params);
        self.client.published(&self.uri, 1);
    }

    /// Breaks a name near the end of the file, or mends it; waits for the diagnostics.
    fn change(&mut self, i: usize) -> (Duration, usize) {
        let (line, column) = self.place();
        let broken = i.is_multiple_of(2);
        let at = |character: usize| json!({ "line": line, "character": character });
        let (start, end, text) = if broken {
            (column, column, "x")
        } else {
            (column, column + 1, "")
        };
        let change = json!([{ "range": { "start": at(start), "end": at(end) }, "text": text }]);
        self.version += 1;
        let params = json!({
            "textDocument": { "uri": self.uri, "version": self.version },
            "contentChanges": change,
        });
        let begin = Instant::now();
        self.client.tell("textDocument/didChange", &params);
        let bytes = self.client.published(&self.uri, self.version);
        (begin.elapsed(), bytes)
    }

    /// The name of the table of the last rule.
    fn place(&self) -> (usize, usize) {
        let lines = self.text.lines().enumerate();
        let is_rule =
            |(_, line): &(usize, &str)| line.starts_with("    grant ") && line.contains(" where ");
        let (line, text) = lines.filter(is_rule).last().unwrap();
        (line, text.find(" on ").unwrap() + 4)
    }

    fn question(&self, method: &str) -> Value {
        let (line, column) = self.place();
        let document = json!({ "uri": self.uri });
        match method {
            "textDocument/formatting" => {
                json!({ "textDocument": document, "options": { "tabSize": 4, "insertSpaces": true } })
            }
            "textDocument/hover" => {
                // The role above: what it inherits, its rules, its users.
                let lines = self.text.lines().take(line).enumerate();
                let is_role = |(_, line): &(usize, &str)| {
                    line.starts_with("role ") || line.starts_with("group ")
                };
                let (line, _) = lines.filter(is_role).last().unwrap();
                json!({ "textDocument": document, "position": { "line": line, "character": 8 } })
            }
            _ => json!({
                "textDocument": document,
                "position": { "line": line, "character": column },
                "context": { "triggerKind": 1 },
            }),
        }
    }

    /// The second stage: how long after a change of one rule all is said, and what it takes.
    fn findings(&mut self, n: usize, figures: &mut Figures) {
        // The first time everything is new.
        let begin = Instant::now();
        self.settle(Duration::from_mins(4));
        let first = begin.elapsed();
        let (now, most) = self.client.memory().unwrap_or_default();
        println!(
            "editor: memory {n}: {} MB resident once all is found (at most {} MB), after {:.1} s",
            now >> 20,
            most >> 20,
            first.as_secs_f64()
        );
        let changes = (0..TIMES / 2).map(|i| {
            std::thread::sleep(KEYS);
            self.change(i).0
        });
        let changes: Vec<Duration> = changes.collect();
        figures.add(
            "editor: change, all found",
            n,
            changes,
            None,
            "with all findings at hand",
        );
    }

    /// Waits until the server computes no more.
    fn settle(&self, most: Duration) {
        let begin = Instant::now();
        let mut quiet = 0;
        let mut before = self.client.computed();
        while begin.elapsed() < most && quiet < 5 {
            std::thread::sleep(Duration::from_millis(200));
            let now = self.client.computed();
            quiet = if now.saturating_sub(before) <= Duration::from_millis(10) {
                quiet + 1
            } else {
                0
            };
            before = now;
        }
    }
}
