//! Names of files.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

/// How long a name may be before it is cut (and told apart by its digest).
const LONGEST: usize = 100;

/// A name for a principal's file: letters, digits, `_` and `-` as they are, every other byte as `%XX`. A long name,
/// and one that a file system without case takes for another, carries digits of its SHA-256 after a `~`, which stands in
/// no other name.
pub(super) fn file(name: &str, taken: &mut BTreeSet<String>) -> String {
    let plain: String = name.bytes().map(encoded).collect();
    let file = if plain.len() > LONGEST || taken.contains(&plain.to_lowercase()) {
        let mut digest = String::new();
        for byte in Sha256::digest(name).iter().take(12) {
            let _ = write!(digest, "{byte:02x}");
        }
        let start: String = plain.chars().take(LONGEST - 40).collect();
        format!("{start}~{digest}")
    } else {
        plain
    };
    taken.insert(file.to_lowercase());
    file
}

fn encoded(byte: u8) -> String {
    match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    }
}
