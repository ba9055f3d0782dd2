//! Conditions over linked rows: paths, `exists` and `visible`, without circles of reading.

use super::cond::Cond;
use super::maker::{At, Maker};
use super::schema::Table;

impl Maker<'_> {
    /// `exists t …`, if a table is linked that may be read.
    pub(super) fn exists(&mut self, at: At<'_>, depth: usize) -> Option<Cond> {
        // The row where the link hangs: this one, or one at the end of a path.
        let (mut here, mut path) = (at.table, String::new());
        if self.rng.chance(30)
            && let Some((prefix, table)) = self.step(at)
        {
            (here, path) = (table, prefix);
        }
        let mut ways: Vec<(usize, String, bool, bool)> = Vec::new();
        for (t, table) in self
            .tables
            .iter()
            .enumerate()
            .filter(|(_, t)| t.rank < at.limit && !t.helper)
        {
            for c in &table.columns {
                for (to, key) in c.links.iter().filter(|(to, _)| *to == here) {
                    let back = c.links.len() == 1
                        && self.tables[*to].keys == 1
                        && self.tables[*to].columns[0].name == *key;
                    ways.push((t, c.name.clone(), back, true));
                }
            }
            if t != here {
                for c in self.tables[here]
                    .columns
                    .iter()
                    .filter(|c| c.links.iter().any(|(to, _)| *to == t))
                {
                    ways.push((t, c.name.clone(), false, false));
                }
            }
        }
        if ways.is_empty() {
            return None;
        }
        let (t, by, back, from_there) = self.rng.pick(&ways).clone();
        let several = ways.iter().filter(|w| w.0 == t).count() > 1;
        if ways.iter().filter(|w| w.0 == t && w.1 == by).count() > 1 {
            return None;
        }
        let visible = self.visible && self.rng.chance(45);
        let mut head = String::from(if visible {
            "exists visible "
        } else {
            "exists "
        });
        if visible {
            self.seen("exists visible");
        }
        self.seen(if from_there {
            "exists over their link"
        } else {
            "exists over own link"
        });
        if at.depth > 0 {
            self.seen("exists in exists");
        }
        if !path.is_empty() {
            self.seen("exists at a path");
            head.push_str(&path);
            head.push('.');
        }
        head.push_str(&self.tables[t].name);
        if several || self.rng.chance(10) {
            self.seen("exists by");
            head.push_str(" by ");
            head.push_str(&by);
        }
        if self.rng.chance(20) {
            return Some(Cond::Exists(head, None));
        }
        self.seen("exists where");
        let inner = At {
            table: t,
            limit: self.tables[t].rank.min(at.limit),
            back: (back && path.is_empty()).then_some((by.as_str(), here)),
            depth: at.depth + 1,
            ..at
        };
        let inner = self.cond(inner, depth.saturating_sub(1));
        Some(Cond::Exists(head, Some(Box::new(inner))))
    }

    /// One to-one step, or two, over tables that may be read.
    pub(super) fn step(&mut self, at: At<'_>) -> Option<(String, usize)> {
        if let Some((back, table)) = at.back
            && self.rng.chance(50)
        {
            self.seen("path straight back");
            return Some((back.to_owned(), table));
        }
        let open = |tables: &[Table], from: usize| -> Vec<(String, usize)> {
            let steps = tables[from]
                .steps(tables)
                .filter(|(_, to)| tables[*to].rank < at.limit);
            steps.map(|(c, to)| (c.name.clone(), to)).collect()
        };
        let first = open(self.tables, at.table);
        if first.is_empty() {
            return None;
        }
        let (mut path, mut table) = self.rng.pick(&first).clone();
        let second = open(self.tables, table);
        if !second.is_empty() && self.rng.chance(35) {
            let (name, to) = self.rng.pick(&second).clone();
            path = format!("{path}.{name}");
            table = to;
            self.seen("path of two steps");
        } else {
            self.seen("path of one step");
        }
        Some((path, table))
    }

    /// `link is visible`, if a link leads to a table that may be read.
    pub(super) fn link_visible(&mut self, at: At<'_>) -> Option<String> {
        let tables = self.tables;
        let steps: Vec<String> = tables[at.table]
            .steps(tables)
            .filter(|(_, to)| tables[*to].rank < at.limit)
            .map(|(c, _)| c.name.clone())
            .collect();
        if steps.is_empty() {
            return None;
        }
        self.seen("is visible");
        Some(format!("{} is visible", self.rng.pick(&steps)))
    }
}
