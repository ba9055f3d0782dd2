//! Takes malformed messages out of the input, and says what was wrong with them.
//!
//! The library's reader ends at the first one. Here a message that cannot be read is told of and left out, and the
//! session goes on. What only holds text that is no Unicode is mended before (`mend`), because a lost edit would leave
//! every later one in the wrong place.

mod mend;

use serde_json::{Map, Value};
use tokio::io::{
    AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader,
};

/// The largest message: a text of the largest size, and something around it. What a client announces beyond this is
/// read and thrown away.
const LARGEST: u64 = 512 << 20;
/// The longest line of a header.
const LINE: u64 = 8 << 10;

/// Passes whole messages on until the input ends; `wrong` is told of all others.
pub(super) async fn sieve<I, O>(
    input: I,
    mut output: O,
    wrong: impl Fn(String),
) -> std::io::Result<()>
where
    I: AsyncRead + Unpin,
    O: AsyncWrite + Unpin,
{
    let mut input = BufReader::new(input);
    while let Some(length) = length(&mut input, &wrong).await? {
        if length > LARGEST {
            wrong(format!(
                "a message of {length} bytes is too large and was not read"
            ));
            let mut rest = (&mut input).take(length);
            tokio::io::copy(&mut rest, &mut tokio::io::sink()).await?;
            continue;
        }
        let mut body = Vec::new();
        (&mut input).take(length).read_to_end(&mut body).await?;
        if (body.len() as u64) < length {
            return Ok(());
        }
        let body = mend::mended(body);
        let body = match check(&body) {
            Ok(message) => without_params(message).unwrap_or(body),
            Err(why) => {
                wrong(format!(
                    "a message could not be read and was left out: {why}"
                ));
                continue;
            }
        };
        let length = body.len();
        let head = format!("Content-Length: {length}\r\n\r\n");
        output.write_all(head.as_bytes()).await?;
        output.write_all(&body).await?;
        output.flush().await?;
    }
    Ok(())
}

/// The length of the next message; none at the end of the input. Lines that are no header are skipped.
async fn length<I: AsyncRead + Unpin>(
    input: &mut BufReader<I>,
    wrong: &impl Fn(String),
) -> std::io::Result<Option<u64>> {
    let mut length = None;
    let mut skipped = false;
    loop {
        let mut line = Vec::new();
        let n = input.take(LINE).read_until(b'\n', &mut line).await?;
        if n == 0 {
            return Ok(None);
        }
        let line = String::from_utf8_lossy(&line);
        let line = line.trim();
        if line.is_empty() {
            if length.is_some() {
                return Ok(length);
            }
            continue;
        }
        match line
            .split_once(':')
            .map(|(name, value)| (name.trim(), value.trim()))
        {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                length = value.parse().ok();
                if length.is_none() {
                    wrong(format!("`{value}` is not the length of a message"));
                }
            }
            Some((name, _)) if name.eq_ignore_ascii_case("content-type") => {}
            _ if !skipped => {
                skipped = true;
                wrong("what stands before a message is no header and was skipped".to_owned());
            }
            _ => {}
        }
    }
}

/// `shutdown` and `exit` have no parameters, and the library refuses those with any; lsp-mode of Emacs sends `{}`.
fn without_params(mut message: Map<String, Value>) -> Option<Vec<u8>> {
    let method = message.get("method").and_then(Value::as_str);
    let bare = matches!(method, Some("shutdown" | "exit"));
    if !bare || message.remove("params").is_none() {
        return None;
    }
    serde_json::to_vec(&message).ok()
}

/// The message, if it is one at all.
fn check(body: &[u8]) -> Result<Map<String, Value>, String> {
    let message: Value = serde_json::from_slice(body).map_err(|e| e.to_string())?;
    let Value::Object(message) = message else {
        return Err("it is not an object".to_owned());
    };
    if message.get("jsonrpc").and_then(Value::as_str) != Some("2.0") {
        return Err("it does not say `\"jsonrpc\": \"2.0\"`".to_owned());
    }
    if !matches!(
        message.get("id"),
        None | Some(Value::Null | Value::String(_))
    ) && message.get("id").and_then(Value::as_i64).is_none()
    {
        return Err("its `id` is no whole number and no string".to_owned());
    }
    match message.get("method") {
        Some(Value::String(_)) => Ok(message),
        Some(_) => Err("its `method` is no string".to_owned()),
        None if !message.contains_key("id") => Err("it has neither `method` nor `id`".to_owned()),
        None if message.contains_key("result") == message.contains_key("error") => {
            Err("it is neither a request nor an answer".to_owned())
        }
        None => Ok(message),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    /// What passes, and what is said of the rest.
    fn sieved(input: impl AsyncRead + Unpin) -> (String, Vec<String>) {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let said = Mutex::new(Vec::new());
        let mut output = Vec::new();
        let wrong = |what| said.lock().unwrap().push(what);
        let work = sieve(input, &mut output, wrong);
        runtime.build().unwrap().block_on(work).unwrap();
        (
            String::from_utf8(output).unwrap(),
            said.into_inner().unwrap(),
        )
    }

    const MESSAGE: &str = "Content-Length: 33\r\n\r\n{\"jsonrpc\":\"2.0\",\"method\":\"next\"}";

    #[test]
    fn text_that_is_no_unicode_passes_with_replacement_characters() {
        let body = br#"{"jsonrpc":"2.0","method":"\ud83d","params":{}}"#;
        let input = [
            format!("Content-Length: {}\r\n\r\n", body.len()).as_bytes(),
            body,
        ]
        .concat();
        let (passed, said) = sieved(input.as_slice());
        assert!(
            passed.ends_with(r#""method":"\ufffd","params":{}}"#),
            "{passed}"
        );
        assert_eq!(said, [""; 0]);
    }

    #[test]
    fn a_message_that_is_too_large_is_read_and_thrown_away() {
        let length = LARGEST + 1;
        let head = format!("Content-Length: {length}\r\n\r\n").into_bytes();
        let body = tokio::io::repeat(b'x').take(length);
        let input = head.chain(body).chain(MESSAGE.as_bytes());
        let (passed, said) = sieved(input);
        assert_eq!(passed, MESSAGE);
        assert_eq!(
            said,
            [format!(
                "a message of {length} bytes is too large and was not read"
            )]
        );
    }

    #[test]
    fn a_message_that_ends_early_ends_the_input() {
        let (passed, said) = sieved("Content-Length: 99\r\n\r\n{\"json".as_bytes());
        assert_eq!((passed.as_str(), said.len()), ("", 0));
    }

    #[test]
    fn what_announces_more_than_a_number_can_say_is_told_of() {
        let input = format!("Content-Length: 99999999999999999999999\r\n\r\n{MESSAGE}");
        let (passed, said) = sieved(input.as_bytes());
        assert_eq!(passed, MESSAGE);
        assert!(
            said[0].contains("is not the length of a message"),
            "{said:?}"
        );
    }
}
