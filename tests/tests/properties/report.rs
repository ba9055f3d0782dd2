//! What a run covered, printed always, and bounds below which it would prove nothing.

use std::io::Write as _;

use ambit_eval::Truth;
use ambit_targets::Refusal;
use ambit_tests::random::Coverage;

/// What a run did.
#[derive(Default)]
pub struct Tally {
    /// Policy × row × user.
    pub cases: u64,
    /// Predicates that `SQLite` ran.
    pub predicates: u64,
    /// What was written and lowered.
    pub coverage: Coverage,
    /// What SQL refused, by construct.
    pub refused: Coverage,
    /// Tables × users, and those of which 10 to 90 % of the rows are visible.
    groups: u64,
    middling: u64,
    visible: u64,
    unknown: u64,
}

/// What SQL may refuse: nothing that the generator writes.
const MAY_BE_REFUSED: &[&str] = &[];

/// Constructs that a run of ordinary size must write at least so often.
const AT_LEAST: &[(u64, &[&str])] = &[
    (
        200,
        &[
            "and",
            "or",
            "not",
            "in list",
            "in set",
            "between",
            "is null",
            "starts with",
            "ends with",
            "contains",
            "exists where",
            "exists over own link",
            "exists over their link",
            "path of one step",
            "attribute",
            "grant",
            "deny",
            "restrict",
            "null cells",
            "missing attributes",
            "empty sets",
            "values outside their enum",
            "scopes in rows",
            "links that lead somewhere",
            "links drawn freely, mostly dangling",
            "boolean column",
            "literal first",
            "two columns",
            "instant and day",
            "restrict by column",
            "about the user",
            "declared users",
            "bare principals",
            "users of the identity provider",
            "inherits",
        ],
    ),
    (
        40,
        &[
            "before, after",
            "everyone",
            "everyone except",
            "for",
            "bypasses",
            "role with parameters",
            "filter",
            "exists visible",
            "is visible",
            "exists by",
            "exists in exists",
            "exists at a path",
            "path of two steps",
            "path straight back",
            "parameter",
            "today",
            "user.login",
            "everything",
            "nothing",
            "scope as text",
            "scope as array",
            "scope as json",
            "scope as rows",
            "restrict by hierarchy",
            "attribute is null",
            "set is null",
            "literal in set",
            "everything in",
            "applies when one",
            "applies when all",
            "applies when any of",
            "applies unless only",
            "grant write",
            "grant insert",
            "grant read, update",
            "deny write",
            "core scope MatchAll",
            "core scope MatchAny",
            "core scope ContainsAll",
            "core scope ContainsAny",
            "core scope MatchAll with any",
            "core scope MatchAny with any",
            "core scope ContainsAll with any",
            "core scope ContainsAny with any",
            "core link visible",
            "core window of day of an instant",
            "core compare of day of an instant",
            "core in list of day of an instant",
            "policies of single conditions",
            "core is null of path",
            "core StartsWith of column",
        ],
    ),
];

impl Tally {
    pub fn group(&mut self, rows: usize) {
        self.cases += rows as u64;
        self.groups += 1;
    }

    pub fn visible(&mut self, visible: usize, rows: usize) {
        self.visible += visible as u64;
        if visible * 10 >= rows && visible * 10 <= rows * 9 {
            self.middling += 1;
        }
    }

    pub fn decided(&mut self, value: Truth) {
        self.unknown += u64::from(value == Truth::Unknown);
    }

    pub fn refuse(&mut self, refusal: &Refusal) {
        self.refused.count(&refusal.construct);
    }

    pub fn add(&mut self, other: &Self) {
        self.cases += other.cases;
        self.predicates += other.predicates;
        self.coverage.add(&other.coverage);
        self.refused.add(&other.refused);
        self.groups += other.groups;
        self.middling += other.middling;
        self.visible += other.visible;
        self.unknown += other.unknown;
    }

    fn percent(part: u64, whole: u64) -> u64 {
        part * 100 / whole.max(1)
    }

    /// Prints past the capture of the test harness: what a run covered is worth seeing when it passes.
    pub fn print(&self, policies: usize, seed: u64) {
        let mut out = std::io::stdout().lock();
        let _ = writeln!(
            out,
            "\nproperties: evaluator against SQLite, seed {seed}: {policies} policies, {} cases (policy × row × user), {} predicates",
            self.cases, self.predicates
        );
        let _ = writeln!(
            out,
            "  10 to 90 % of the rows visible: {} % of {} tables × users; visible {} %, unknown {} % of the rows",
            Self::percent(self.middling, self.groups),
            self.groups,
            Self::percent(self.visible, self.cases),
            Self::percent(self.unknown, self.cases)
        );
        for (title, counts) in [("refused", &self.refused), ("covered", &self.coverage)] {
            let list: Vec<String> = counts
                .0
                .iter()
                .map(|(what, n)| format!("{what} {n}"))
                .collect();
            let _ = writeln!(
                out,
                "  {title}: {}",
                if list.is_empty() {
                    "none".to_owned()
                } else {
                    list.join(" · ")
                }
            );
        }
    }

    /// Fails where the generator no longer reaches what it is there for.
    pub fn assert_not_degenerate(&self, times: u64) {
        for (least, constructs) in AT_LEAST {
            for construct in *constructs {
                let n = self.coverage.of(construct);
                assert!(
                    n >= least * times,
                    "`{construct}` was covered {n} times, not {}",
                    least * times
                );
            }
        }
        for kind in ["Last", "LastToToday", "Next", "NextFromToday", "This"] {
            for unit in ["Day", "Week", "Month", "Quarter", "Year"] {
                let n = self.coverage.of(&format!("core window {kind} {unit}"));
                assert!(n >= 5, "the window {kind} {unit} was covered {n} times");
            }
        }
        let middling = Self::percent(self.middling, self.groups);
        assert!(
            middling >= 30,
            "only {middling} % of the tables × users see some rows and not others"
        );
        let unknown = Self::percent(self.unknown, self.cases);
        assert!(
            unknown >= 5,
            "only {unknown} % of the decisions are unknown"
        );
        for construct in self.refused.0.keys() {
            assert!(
                MAY_BE_REFUSED.contains(&construct.as_str()),
                "SQL refused {construct}"
            );
        }
    }
}
