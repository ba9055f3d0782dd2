//! The diagnostics that the client has: a file has one list, whichever project spoke of it last.
//!
//! A file may go from one project to another, and the two speak in any order. So a project takes back only what it said
//! itself.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::convert::told::Diagnostics;

/// What the client has, by file.
#[derive(Default)]
pub(super) struct Published(BTreeMap<PathBuf, Sent>);

/// The last list of a file, and the project that said it.
struct Sent {
    by: u64,
    diagnostics: Diagnostics,
}

impl Published {
    /// The projects of which the client has something.
    pub fn projects(&self) -> BTreeSet<u64> {
        self.0.values().map(|sent| sent.by).collect()
    }

    /// A project says this of a file; must it be sent?
    pub fn one(&mut self, by: u64, path: &Path, diagnostics: &Diagnostics) -> bool {
        let before = self.0.get(path);
        if before.is_some_and(|sent| sent.by != by && diagnostics.is_empty()) {
            // Whoever said it takes it back, if it is not right any more.
            return false;
        }
        let same = |sent: &Sent| {
            Arc::ptr_eq(&sent.diagnostics, diagnostics) || sent.diagnostics == *diagnostics
        };
        let known = before.is_some_and(same);
        let sent = Sent {
            by,
            diagnostics: Arc::clone(diagnostics),
        };
        self.0.insert(path.to_owned(), sent);
        !known
    }

    /// All that a project has to say; gives what must be sent. Of the files that are open an empty list is sent, too.
    pub fn whole(
        &mut self,
        by: u64,
        mut files: BTreeMap<PathBuf, Diagnostics>,
        open: &[PathBuf],
    ) -> Vec<(PathBuf, Diagnostics)> {
        let said = self.0.iter().filter(|(_, sent)| sent.by == by);
        let said: Vec<PathBuf> = said.map(|(path, _)| path.clone()).collect();
        for path in said.iter().chain(open) {
            files.entry(path.clone()).or_default();
        }
        files.retain(|path, diagnostics| self.one(by, path, diagnostics));
        for path in said {
            let nothing = |sent: &Sent| sent.by == by && sent.diagnostics.is_empty();
            if !open.contains(&path) && self.0.get(&path).is_some_and(nothing) {
                self.0.remove(&path);
            }
        }
        files.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use ambit_diagnostics::{Level, Said};
    use tower_lsp::ls_types::Range;

    use super::*;
    use crate::convert::mark::Mark;

    fn mark() -> Mark {
        Mark {
            code: "W0601",
            level: Level::Warning,
            range: Range::default(),
            said: Arc::new(Said::default()),
            related: Vec::new(),
            page: None,
        }
    }

    fn files(all: &[(&str, usize)]) -> BTreeMap<PathBuf, Diagnostics> {
        let list = |n: &usize| Arc::new(vec![mark(); *n]);
        all.iter()
            .map(|(path, n)| (PathBuf::from(path), list(n)))
            .collect()
    }

    fn sent(list: &[(PathBuf, Diagnostics)]) -> Vec<(String, usize)> {
        let all = list.iter();
        all.map(|(path, list)| (path.display().to_string(), list.len()))
            .collect()
    }

    #[test]
    fn what_the_client_has_is_not_sent_again_and_what_is_gone_is_taken_back() {
        let mut published = Published::default();
        let mut say =
            |all: &[(&str, usize)], open: &[PathBuf]| sent(&published.whole(1, files(all), open));
        let open = [PathBuf::from("b")];
        assert_eq!(say(&[("a", 2)], &open), [("a".into(), 2), ("b".into(), 0)]);
        assert_eq!(say(&[("a", 2)], &open), []);
        assert_eq!(say(&[("b", 1)], &open), [("a".into(), 0), ("b".into(), 1)]);
        assert_eq!(say(&[], &[]), [("b".into(), 0)]);
        assert!(published.projects().is_empty());
    }

    #[test]
    fn a_file_that_goes_to_another_project_keeps_what_that_one_says() {
        for first in [true, false] {
            let mut published = Published::default();
            published.whole(1, files(&[("a", 2)]), &[]);
            let mut last = 2;
            // The new project speaks before the old one takes its own back, or after.
            for by in if first { [2, 1] } else { [1, 2] } {
                let says = if by == 2 {
                    files(&[("a", 1)])
                } else {
                    files(&[])
                };
                for (_, list) in published.whole(by, says, &[]) {
                    last = list.len();
                }
            }
            assert_eq!(last, 1, "the new one first: {first}");
        }
    }

    #[test]
    fn what_the_old_project_said_goes_though_the_new_one_has_nothing_to_say() {
        let mut published = Published::default();
        published.whole(1, files(&[("a", 2)]), &[]);
        assert_eq!(
            sent(&published.whole(2, files(&[]), &[PathBuf::from("a")])),
            []
        );
        let taken = published.whole(1, files(&[]), &[]);
        assert_eq!(sent(&taken), [("a".into(), 0)]);
    }
}
