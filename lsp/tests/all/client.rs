//! A client over memory.

use std::collections::VecDeque;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, ReadHalf, WriteHalf, split};

/// Runs a session against a server of its own; one that hangs fails.
pub fn run(session: impl AsyncFnOnce(&mut Client)) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    runtime.block_on(async {
        let (near, far) = tokio::io::duplex(1 << 20);
        let (input, output) = split(far);
        let server = tokio::spawn(ambit_lsp::backend::serve(input, output));
        let (read, write) = split(near);
        let mut client = Client {
            read,
            write,
            next: 0,
            seen: VecDeque::new(),
            buffer: Vec::new(),
        };
        let limit = Duration::from_mins(1);
        tokio::time::timeout(limit, session(&mut client))
            .await
            .expect("the session hangs");
        drop(client);
        tokio::time::timeout(limit, server)
            .await
            .expect("the server does not end")
            .unwrap();
    });
}

/// The codes of a set of diagnostics.
pub fn codes(published: &Value) -> Vec<String> {
    let all = published["diagnostics"].as_array().unwrap();
    all.iter()
        .map(|d| d["code"].as_str().unwrap().to_owned())
        .collect()
}

/// The client.
pub struct Client {
    read: ReadHalf<DuplexStream>,
    write: WriteHalf<DuplexStream>,
    next: u64,
    /// Messages that nobody has taken yet.
    seen: VecDeque<Value>,
    buffer: Vec<u8>,
}

impl Client {
    /// Begins the session.
    pub async fn start(&mut self, mut params: Value) -> Value {
        if params.get("capabilities").is_none() {
            params["capabilities"] = json!({});
        }
        let answer = self.ask("initialize", params).await;
        self.tell("initialized", json!({})).await;
        answer["result"].clone()
    }

    pub async fn open(&mut self, uri: &str, text: &str) {
        let document = json!({ "uri": uri, "languageId": "ambit", "version": 1, "text": text });
        self.tell("textDocument/didOpen", json!({ "textDocument": document }))
            .await;
    }

    pub async fn edit(&mut self, uri: &str, version: i32, changes: Value) {
        let document = json!({ "uri": uri, "version": version });
        let params = json!({ "textDocument": document, "contentChanges": changes });
        self.tell("textDocument/didChange", params).await;
    }

    /// The answer of one of the server's commands; a refusal is the panic.
    pub async fn command(&mut self, name: &str, argument: Value) -> Value {
        let answer = self.try_command(name, argument).await;
        assert!(answer.get("error").is_none(), "{name}: {answer}");
        answer["result"].clone()
    }

    /// Why a command is refused.
    pub async fn refusal(&mut self, name: &str, argument: Value) -> String {
        let answer = self.try_command(name, argument).await;
        assert_eq!(answer["error"]["code"], -32602, "{name}: {answer}");
        answer["error"]["message"].as_str().unwrap().to_owned()
    }

    async fn try_command(&mut self, name: &str, argument: Value) -> Value {
        let params = json!({ "command": name, "arguments": [argument] });
        self.ask("workspace/executeCommand", params).await
    }

    /// The next notification of that method.
    pub async fn notified(&mut self, method: &str) -> Value {
        self.wait(|m| m["method"] == method).await["params"].clone()
    }

    /// The next request of that method from the server, which is answered with null.
    pub async fn asked(&mut self, method: &str) -> Value {
        let request = self.wait(|m| m["method"] == method).await;
        let answer = json!({ "jsonrpc": "2.0", "id": request["id"], "result": null });
        self.send(&answer).await;
        request
    }

    /// How many messages of that method have come and were not taken.
    pub fn untaken(&self, method: &str) -> usize {
        let of = |m: &&Value| m["method"] == method;
        self.seen.iter().filter(of).count()
    }

    /// The next diagnostics of a file.
    pub async fn diagnostics(&mut self, uri: &str) -> Value {
        let wanted = |m: &Value| {
            m["method"] == "textDocument/publishDiagnostics" && m["params"]["uri"] == uri
        };
        self.wait(wanted).await["params"].clone()
    }

    pub async fn ask(&mut self, method: &str, params: Value) -> Value {
        let id = self.begin(method, params).await;
        self.answer(id).await
    }

    /// Sends a request and does not wait.
    pub async fn begin(&mut self, method: &str, params: Value) -> u64 {
        self.next += 1;
        let mut message = json!({ "jsonrpc": "2.0", "id": self.next, "method": method });
        if !params.is_null() {
            message["params"] = params;
        }
        self.send(&message).await;
        self.next
    }

    pub async fn answer(&mut self, id: u64) -> Value {
        self.wait(|m| m["id"] == id && m.get("method").is_none())
            .await
    }

    pub async fn tell(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }))
            .await;
    }

    /// Answers a request of the server with nothing.
    pub async fn reply(&mut self, id: &Value) {
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "result": null }))
            .await;
    }

    /// The next message that is no answer, if one comes in that time.
    pub async fn next(&mut self, within: Duration) -> Option<Value> {
        let wanted = |m: &Value| m.get("method").is_some();
        tokio::time::timeout(within, self.wait(wanted)).await.ok()
    }

    async fn send(&mut self, message: &Value) {
        let text = message.to_string();
        self.send_raw(&format!("Content-Length: {}\r\n\r\n{text}", text.len()))
            .await;
    }

    pub async fn send_raw(&mut self, bytes: &str) {
        self.write.write_all(bytes.as_bytes()).await.unwrap();
    }

    async fn wait(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            if let Some(at) = self.seen.iter().position(&wanted) {
                return self.seen.remove(at).unwrap();
            }
            let message = self.receive().await;
            self.seen.push_back(message);
        }
    }

    async fn receive(&mut self) -> Value {
        loop {
            if let Some(message) = self.take() {
                return message;
            }
            let mut chunk = [0; 4096];
            let n = self.read.read(&mut chunk).await.unwrap();
            assert!(n > 0, "the server hung up");
            self.buffer.extend_from_slice(&chunk[..n]);
        }
    }

    /// A whole message, if one has come.
    fn take(&mut self) -> Option<Value> {
        let end = self.buffer.windows(4).position(|w| w == b"\r\n\r\n")?;
        let head = std::str::from_utf8(&self.buffer[..end]).unwrap();
        let length = head
            .lines()
            .find_map(|l| l.strip_prefix("Content-Length: "))?;
        let length: usize = length.trim().parse().unwrap();
        let body = self.buffer.get(end + 4..end + 4 + length)?;
        let message = serde_json::from_slice(body).unwrap();
        self.buffer.drain(..end + 4 + length);
        Some(message)
    }
}
