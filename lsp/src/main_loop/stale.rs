//! What the second stage said before an edit: shown until it speaks again, so that marks do not flicker while somebody
//! types.

use ambit_diagnostics::{FileSpan, Resolved};

/// Findings moved along with the text of a file; what the edit touches goes, and so do changes that were offered.
pub(super) fn moved(findings: &[Resolved], file: &str, old: &str, new: &str) -> Vec<Resolved> {
    let (head, tail) = common(old, new);
    let place = |at: &FileSpan| {
        let mut at = at.clone();
        if at.file != file || at.end as usize <= head {
            return Some(at);
        }
        if (at.start as usize) < old.len() - tail {
            return None;
        }
        let by = |byte: u32| (byte as usize + new.len() - old.len()) as u32;
        (at.start, at.end) = (by(at.start), by(at.end));
        Some(at)
    };
    findings
        .iter()
        .filter_map(|finding| {
            let related = finding.related.iter();
            let related = related.filter_map(|(message, at)| Some((message.clone(), place(at)?)));
            Some(Resolved {
                at: place(&finding.at)?,
                related: related.collect(),
                fixes: Vec::new(),
                ..finding.clone()
            })
        })
        .collect()
}

/// How many bytes two texts have in common at their beginnings, and then at their ends.
fn common(old: &str, new: &str) -> (usize, usize) {
    /// Compared at once: texts are long, and edits are small.
    const BLOCK: usize = 256;
    let (old, new) = (old.as_bytes(), new.as_bytes());
    let most = old.len().min(new.len());
    let blocks = old.chunks_exact(BLOCK).zip(new.chunks_exact(BLOCK));
    let mut head = blocks.take_while(|(a, b)| a == b).count() * BLOCK;
    while head < most && old.get(head) == new.get(head) {
        head += 1;
    }
    let most = most - head;
    let blocks = old.rchunks_exact(BLOCK).zip(new.rchunks_exact(BLOCK));
    let blocks = blocks.take(most / BLOCK);
    let mut tail = blocks.take_while(|(a, b)| a == b).count() * BLOCK;
    while tail < most && old.get(old.len() - tail - 1) == new.get(new.len() - tail - 1) {
        tail += 1;
    }
    (head, tail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ambit_diagnostics::Said;

    fn finding(start: u32, end: u32) -> Resolved {
        let file = "a".into();
        Resolved::at("W0601", FileSpan { file, start, end }, Said::default())
    }

    #[test]
    fn what_texts_have_in_common_is_found_in_blocks_and_bytes() {
        let long = "x".repeat(700);
        for (at, new) in [
            (0, "y"),
            (255, ""),
            (256, "yy"),
            (511, "x"),
            (699, ""),
            (700, "y"),
        ] {
            let edited = format!("{}{new}{}", &long[..at], &long[(at + 1).min(700)..]);
            let same = |(a, b): &(u8, u8)| a == b;
            let head = long.bytes().zip(edited.bytes()).take_while(same).count();
            let rest = long.len().min(edited.len()) - head;
            let backwards = long.bytes().rev().zip(edited.bytes().rev());
            let tail = backwards.take(rest).take_while(same).count();
            assert_eq!(common(&long, &edited), (head, tail), "{at}");
        }
    }

    #[test]
    fn findings_move_with_the_text_around_them() {
        let all = [finding(0, 3), finding(4, 7), finding(8, 11)];
        let at = |file, new| -> Vec<(u32, u32)> {
            let moved = moved(&all, file, "one two six", new);
            moved.iter().map(|f| (f.at.start, f.at.end)).collect()
        };
        assert_eq!(at("a", "one 2 six"), [(0, 3), (6, 9)], "shorter");
        assert_eq!(at("a", "one two, six"), [(0, 3), (4, 7), (9, 12)], "longer");
        assert_eq!(
            at("a", "one two six"),
            [(0, 3), (4, 7), (8, 11)],
            "the same"
        );
        assert_eq!(at("a", ""), [], "gone");
        assert_eq!(at("b", ""), [(0, 3), (4, 7), (8, 11)], "another file");
    }
}
