//! What the second stage said before an edit: shown until it speaks again, so that marks do not flicker while somebody
//! types.

use ambit_diagnostics::{FileSpan, Resolved};

/// Findings moved along with the text of a file; what the edit touches goes, and so do changes that were offered.
pub(super) fn moved(findings: &[Resolved], file: &str, old: &str, new: &str) -> Vec<Resolved> {
    let same = |(a, b): &(u8, u8)| a == b;
    let head = old.bytes().zip(new.bytes()).take_while(same).count();
    let rest = old.len().min(new.len()) - head;
    let backwards = old.bytes().rev().zip(new.bytes().rev());
    let tail = backwards.take(rest).take_while(same).count();
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

#[cfg(test)]
mod tests {
    use super::*;
    use ambit_diagnostics::Level;

    fn finding(start: u32, end: u32) -> Resolved {
        let file = "a".into();
        Resolved {
            code: "W0601",
            level: Level::Warning,
            message: String::new(),
            at: FileSpan { file, start, end },
            label: String::new(),
            related: Vec::new(),
            help: Vec::new(),
            notes: Vec::new(),
            fixes: Vec::new(),
            witness: None,
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
