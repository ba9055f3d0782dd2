//! What a run did, printed always, and bounds below which it would prove nothing.

use std::collections::BTreeMap;

use ambit_eval::Truth;
use ambit_targets::Refusal;
use ambit_targets::sql::Dialect;
use ambit_tests::random::Coverage;

use super::grid::Grid;
use super::refusals;

/// What a run did.
#[derive(Default)]
pub struct Tally {
    /// By form: policy × row × user × action.
    pub checks: BTreeMap<&'static str, u64>,
    /// What was written, lowered and stored.
    pub coverage: Coverage,
    /// Construct × mode × sign × null.
    pub grid: Grid,
    /// What was refused, by code and construct.
    pub refused: BTreeMap<(Dialect, &'static str, String), u64>,
    /// Tables × users, and those of which 10 to 90 % of the rows are visible.
    groups: u64,
    middling: u64,
    /// Decisions on reading: false, unknown, true.
    outcomes: [u64; 3],
}

/// How often an ordinary run must meet each construct in each of its twelve ways: plain, under `not`.
const AT_LEAST: &[(&str, u64, u64)] = &[
    ("boolean", 3, 0),
    ("comparison", 20, 20),
    ("comparison over a path", 1, 1),
    ("comparison with the user", 2, 2),
    ("exists", 6, 6),
    ("in list", 10, 10),
    ("in set", 8, 8),
    ("is null", 6, 6),
    ("scope", 5, 5),
    ("test of the user", 1, 0),
    ("test over a path", 3, 3),
    ("text test", 4, 4),
    ("visible", 3, 0),
    ("window", 3, 3),
];

impl Tally {
    pub fn checked(&mut self, form: &'static str, rows: usize) {
        *self.checks.entry(form).or_default() += rows as u64;
    }

    pub fn of(&self, form: &str) -> u64 {
        self.checks.get(form).copied().unwrap_or(0)
    }

    /// What one user may read of one table.
    pub fn decided(&mut self, values: &[Truth]) {
        let visible = values.iter().filter(|t| t.is_true()).count();
        self.groups += 1;
        if visible * 10 >= values.len() && visible * 10 <= values.len() * 9 {
            self.middling += 1;
        }
        for value in values {
            self.outcomes[match value {
                Truth::False => 0,
                Truth::Unknown => 1,
                Truth::True => 2,
            }] += 1;
        }
    }

    pub fn refuse(&mut self, dialect: Dialect, refusal: &Refusal) {
        let construct = refusals::general(&refusal.construct);
        *self
            .refused
            .entry((dialect, refusal.code, construct))
            .or_default() += 1;
    }

    pub fn refusals(&self) -> u64 {
        self.refused.values().sum()
    }

    pub fn add(&mut self, other: &Self) {
        for (form, n) in &other.checks {
            *self.checks.entry(form).or_default() += n;
        }
        for (what, n) in &other.refused {
            *self.refused.entry(what.clone()).or_default() += n;
        }
        self.coverage.add(&other.coverage);
        self.grid.add(&other.grid);
        self.groups += other.groups;
        self.middling += other.middling;
        for (mine, theirs) in self.outcomes.iter_mut().zip(other.outcomes) {
            *mine += theirs;
        }
    }

    /// Prints past the capture of the test harness: what a run covered is worth seeing when it passes.
    pub fn print(&self, title: &str, policies: usize, seed: u64, seconds: f64) {
        let checks: Vec<String> = self
            .checks
            .iter()
            .map(|(form, n)| format!("{form} {n}"))
            .collect();
        let all = self.outcomes.iter().sum::<u64>();
        let [no, unknown, yes] = self.outcomes.map(|n| percent(n, all));
        let mut text = format!(
            "\n{title}, seed {seed}: {policies} policies in {seconds:.1} s; checks (policy × row × user × action): {}",
            checks.join(", ")
        );
        if self.groups > 0 {
            text.push_str(&format!(
                "\n  10 to 90 % of the rows visible: {} % of {} tables × users; true {yes} %, false {no} %, unknown {unknown} %",
                percent(self.middling, self.groups),
                self.groups
            ));
        }
        for ((dialect, code, construct), n) in &self.refused {
            text.push_str(&format!(
                "\n  refused {n:6} × {dialect:?} {code} {construct}"
            ));
        }
        crate::budget::say(&text);
    }

    /// Fails where someone sees all or nothing too often, or where something is refused that was not before.
    pub fn assert_sound(&self, every_construct: bool, times: u64) {
        refusals::assert_pinned(&self.refused);
        if every_construct {
            self.grid.print();
            let least: Vec<_> = AT_LEAST
                .iter()
                .map(|(what, plain, negated)| (*what, plain * times, negated * times))
                .collect();
            self.grid.assert_covered(&least);
        }
        if self.groups > 0 {
            let middling = percent(self.middling, self.groups);
            // Of principals by themselves, as the artifact has them, more see nothing.
            let least = if every_construct { 30 } else { 24 };
            assert!(
                middling >= least,
                "only {middling} % of the tables × users see some rows and not others"
            );
            let all = self.outcomes.iter().sum::<u64>();
            for (what, n) in ["false", "unknown", "true"].into_iter().zip(self.outcomes) {
                let share = percent(n, all);
                assert!(share >= 8, "only {share} % of the decisions are {what}");
            }
        }
    }
}

fn percent(part: u64, whole: u64) -> u64 {
    part * 100 / whole.max(1)
}
