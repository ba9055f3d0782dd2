//! Colours after random edits: what changed, put into what the client has, is everything; a part is a part of everything.

use serde_json::{Value, json};

use crate::client::{Client, run};

const URI: &str = "file:///nowhere/main.ambit";
const TEXT: &str = "// 𝄞 colours\nsource w : sqlite\n/// Größe\nenum Land { \"FR\", \"𝄞US\" }\ntable t in w { key id : int  land : Land }\nrole r(l: Land) { grant read on t where land = l }\r\nrole s inherits r(\"FR\")\n/* not\n   ours */\nuser u : s\n";
const PIECES: &[&str] = &[
    "\n",
    "\r\n",
    " ",
    "\"",
    "𝄞",
    "// é",
    "role x\n",
    "grant read on t\n",
    "}",
    "{",
    "land",
    "é",
    "/*",
    "*/",
    "2024-01-15",
    "",
];

/// Numbers that look like chance and are the same every time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % limit.max(1)
    }

    /// A place between two characters that does not stand inside a line end.
    fn place(&mut self, text: &str) -> usize {
        loop {
            let at = self.below(text.len() + 1);
            let inside = text.get(..at).is_some_and(|t| t.ends_with('\r'))
                && text.get(at..).is_some_and(|t| t.starts_with('\n'));
            if text.is_char_boundary(at) && !inside {
                return at;
            }
        }
    }
}

fn position(text: &str, at: usize) -> Value {
    let before = &text[..at];
    let line = before.matches('\n').count();
    let start = before.rfind('\n').map_or(0, |n| n + 1);
    json!({ "line": line, "character": before[start..].encode_utf16().count() })
}

fn numbers(data: &Value) -> Vec<u64> {
    data.as_array()
        .unwrap()
        .iter()
        .map(|n| n.as_u64().unwrap())
        .collect()
}

/// Each token with its line and column.
fn tokens(data: &[u64]) -> Vec<(u64, u64, Vec<u64>)> {
    let (mut line, mut column) = (0, 0);
    let mut all = Vec::new();
    for token in data.chunks(5) {
        column = if token[0] == 0 {
            column + token[1]
        } else {
            token[1]
        };
        line += token[0];
        all.push((line, column, token[2..].to_vec()));
    }
    all
}

#[test]
fn changes_and_parts_agree_with_the_whole() {
    let edits = 200;
    let seed = 5;
    println!("colours: {edits} edits, seed {seed}");
    run(async |c: &mut Client| {
        c.start(json!({})).await;
        c.open(URI, TEXT).await;
        let document = json!({ "textDocument": { "uri": URI } });
        let mut chance = Chance(seed);
        let mut text = TEXT.to_owned();
        let whole = c
            .ask("textDocument/semanticTokens/full", document.clone())
            .await;
        let mut id = whole["result"]["resultId"].clone();
        let mut have = numbers(&whole["result"]["data"]);
        let mut changed = 0;
        for version in 0..edits {
            let (a, b) = (chance.place(&text), chance.place(&text));
            // Mostly little goes, sometimes much.
            let b = if chance.below(4) == 0 { b } else { a };
            let (start, end) = (a.min(b), a.max(b));
            let piece = PIECES[chance.below(PIECES.len())];
            let range = json!({ "start": position(&text, start), "end": position(&text, end) });
            text.replace_range(start..end, piece);
            if text.len() < 40 {
                text.push_str(TEXT);
                c.edit(URI, version + 2, json!([{ "text": text }])).await;
            } else {
                c.edit(URI, version + 2, json!([{ "range": range, "text": piece }]))
                    .await;
            }
            let params = json!({ "textDocument": { "uri": URI }, "previousResultId": id });
            let delta = c
                .ask("textDocument/semanticTokens/full/delta", params)
                .await;
            let delta = &delta["result"];
            if let Some(edits) = delta["edits"].as_array() {
                changed += 1;
                for edit in edits {
                    let at = edit["start"].as_u64().unwrap() as usize;
                    let gone = edit["deleteCount"].as_u64().unwrap() as usize;
                    have.splice(at..at + gone, numbers(&edit["data"]));
                }
            } else {
                have = numbers(&delta["data"]);
            }
            let full = c
                .ask("textDocument/semanticTokens/full", document.clone())
                .await;
            let full = &full["result"];
            id = full["resultId"].clone();
            let all = numbers(&full["data"]);
            assert_eq!(have, all, "after edit {version} of seed {seed}: {text:?}");
            let (a, b) = (chance.place(&text), chance.place(&text));
            let (from, to) = (position(&text, a.min(b)), position(&text, a.max(b)));
            let params =
                json!({ "textDocument": { "uri": URI }, "range": { "start": from, "end": to } });
            let part = c.ask("textDocument/semanticTokens/range", params).await;
            let part = tokens(&numbers(&part["result"]["data"]));
            let all = tokens(&all);
            assert!(
                part.iter().all(|t| all.contains(t)),
                "a token of its own: {text:?}"
            );
            // Whatever begins in the part is there.
            let key = |p: &Value| {
                (
                    p["line"].as_u64().unwrap(),
                    p["character"].as_u64().unwrap(),
                )
            };
            let (from, to) = (key(&from), key(&to));
            let inside = all.iter().filter(|t| from <= (t.0, t.1) && (t.0, t.1) < to);
            for token in inside {
                assert!(part.contains(token), "{token:?} is missing: {text:?}");
            }
        }
        assert!(changed > edits / 2, "{changed} changes");
    });
}
