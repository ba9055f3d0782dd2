//! Text in messages that is no Unicode, made Unicode without moving anything.
//!
//! An editor keeps UTF-16 and may cut a pair of surrogates in two: `"\ud83d"` is JSON and no text. U+FFFD takes as much
//! room as half a pair, in UTF-16 (one unit) and in UTF-8 (three bytes), so every position after it still holds.

/// The same message with U+FFFD for halves of pairs and for bytes that are no UTF-8, and with escapes for control
/// characters that stand raw in strings.
pub(super) fn mended(body: Vec<u8>) -> Vec<u8> {
    let body = match String::from_utf8(body) {
        Ok(text) => text.into_bytes(),
        Err(error) => String::from_utf8_lossy(error.as_bytes())
            .into_owned()
            .into_bytes(),
    };
    if needs_mending(&body) {
        strings(&body)
    } else {
        body
    }
}

/// Could there be something to mend? Messages can be large, and next to none needs it.
fn needs_mending(body: &[u8]) -> bool {
    let surrogate = |w: &[u8]| matches!(w, [b'\\', b'u', b'd' | b'D']);
    body.iter().any(|b| *b < 0x20) || body.windows(3).any(surrogate)
}

fn strings(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len() + 16);
    let mut at = 0;
    let mut inside = false;
    while let Some(&byte) = body.get(at) {
        let rest = body.get(at..).unwrap_or_default();
        let length = match byte {
            b'"' => {
                inside = !inside;
                1
            }
            b'\\' if inside => match (unit(rest), unit(rest.get(6..).unwrap_or_default())) {
                (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => 12,
                (Some(0xD800..=0xDFFF), _) => {
                    out.extend_from_slice(br"\ufffd");
                    at += 6;
                    continue;
                }
                _ => 2,
            },
            0..0x20 if inside => {
                out.extend_from_slice(format!("\\u{byte:04x}").as_bytes());
                at += 1;
                continue;
            }
            _ => 1,
        };
        out.extend_from_slice(rest.get(..length).unwrap_or(rest));
        at += length;
    }
    out
}

/// The UTF-16 unit of an escape `\uXXXX` at the beginning.
fn unit(text: &[u8]) -> Option<u16> {
    let digits = text.strip_prefix(br"\u")?.get(..4)?;
    let digits = std::str::from_utf8(digits).ok()?;
    // `from_str_radix` alone would take a sign, too.
    let hexadecimal = digits.bytes().all(|b| b.is_ascii_hexdigit());
    hexadecimal.then(|| u16::from_str_radix(digits, 16).ok())?
}

#[cfg(test)]
mod tests {
    use super::mended;

    #[test]
    fn halves_of_pairs_become_replacement_characters() {
        for (written, wanted) in [
            (r#"{"a":"\ud83d"}"#, r#"{"a":"\ufffd"}"#),
            (r#"{"a":"\uDE00x"}"#, r#"{"a":"\ufffdx"}"#),
            (r#"{"a":"\ud83d\ude00"}"#, r#"{"a":"\ud83d\ude00"}"#),
            (
                r#"{"a":"\ud83d\ud83d\ude00"}"#,
                r#"{"a":"\ufffd\ud83d\ude00"}"#,
            ),
            (r#"{"a":"\ude00\ud83d"}"#, r#"{"a":"\ufffd\ufffd"}"#),
            // A backslash and the letters `ud83d`.
            (r#"{"a":"\\ud83d"}"#, r#"{"a":"\\ud83d"}"#),
            (r#"{"\ud83d":1}"#, r#"{"\ufffd":1}"#),
            (r#"{"a":"\ud83"}"#, r#"{"a":"\ud83"}"#),
            ("{\"a\":\"x\ty\u{1}\"}", r#"{"a":"x\u0009y\u0001"}"#),
            ("{\n\t\"a\": 1\r\n}", "{\n\t\"a\": 1\r\n}"),
        ] {
            let mended = mended(written.as_bytes().to_vec());
            assert_eq!(String::from_utf8_lossy(&mended), wanted, "{written}");
        }
    }

    #[test]
    fn bytes_that_are_no_utf8_become_replacement_characters() {
        assert_eq!(
            mended(b"{\"a\":\"\xff\"}".to_vec()),
            "{\"a\":\"\u{fffd}\"}".as_bytes()
        );
        // WTF-8: a half of a pair, as it would be written.
        let half = mended(b"\"\xed\xa0\xbd\"".to_vec());
        assert_eq!(String::from_utf8_lossy(&half).chars().count(), 5);
    }

    /// Whatever comes, what was JSON stays it, with the same value.
    #[test]
    fn what_is_sound_stays() {
        for text in ["\u{1F600}", "\\", "\"", "\u{7f}\u{80}", "\\ud83d", "tab\t"] {
            let json = serde_json::json!({ text: [text, { "n": text }] }).to_string();
            assert_eq!(mended(json.clone().into_bytes()), json.as_bytes());
        }
    }
}
