//! Tells a client with views of projects that changed, each at most so often.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// How often a client hears of one project at most.
const EVERY: Duration = Duration::from_millis(100);

/// When which project was told of, and is to be.
#[derive(Default)]
pub(super) struct Telling {
    told: BTreeMap<u64, Instant>,
    due: BTreeMap<u64, Instant>,
}

impl Telling {
    /// A project changed: it is told of at once, or when it may be again.
    pub fn touch(&mut self, id: u64, now: Instant) {
        let again = self.told.get(&id).map(|told| *told + EVERY);
        let at = again.map_or(now, |again| again.max(now));
        self.due.entry(id).or_insert(at);
    }

    /// When something is to be told next.
    pub fn next(&self) -> Option<Instant> {
        self.due.values().min().copied()
    }

    /// The projects that are to be told of now.
    pub fn take(&mut self, now: Instant) -> Vec<u64> {
        let due = self.due.iter().filter(|(_, at)| **at <= now);
        let due: Vec<u64> = due.map(|(id, _)| *id).collect();
        for id in &due {
            self.due.remove(id);
            self.told.insert(*id, now);
        }
        due
    }

    /// A project is gone.
    pub fn forget(&mut self, id: u64) {
        self.told.remove(&id);
        self.due.remove(&id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_change_is_told_at_once_and_the_next_ones_together() {
        let (mut telling, start) = (Telling::default(), Instant::now());
        let after = |ms| start + Duration::from_millis(ms);
        assert_eq!(telling.next(), None);
        telling.touch(7, start);
        assert_eq!(telling.take(start), [7]);
        for ms in [10, 20, 90] {
            telling.touch(7, after(ms));
            assert!(telling.take(after(ms)).is_empty(), "{ms}");
        }
        telling.touch(8, after(95));
        assert_eq!(telling.take(after(95)), [8], "another project");
        assert_eq!(telling.next(), Some(after(100)));
        assert_eq!(telling.take(after(100)), [7]);
        telling.touch(7, after(500));
        assert_eq!(telling.take(after(500)), [7], "long after");
        telling.touch(7, after(501));
        telling.forget(7);
        assert_eq!(telling.next(), None);
    }
}
