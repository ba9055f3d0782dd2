//! How long artifacts take and how large they are: with the grants, with the users, with the roles of each user.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ambit_compiler::{Config, Database, check_in_parallel, program};
use ambit_core::{PrincipalKind, Program};
use ambit_targets::Context;
use ambit_tests::project::{SETTINGS, Shape, generate, size};
use serde_json::{Value, json};
use smol_str::SmolStr;

use super::SIZES;
use super::measure::peak_of;

/// What is emitted: the name in the results, the target, the dialect.
const EMITTED: [(&str, &str, Option<&str>); 3] = [
    ("emit_json", "json", None),
    ("emit_sqlite", "sql", Some("sqlite")),
    ("emit_postgres", "sql", Some("postgres")),
];

/// All three, one after the other.
const ALL: &str = "emit_all";

/// One measurement.
struct Figure {
    name: &'static str,
    /// Grants, users or roles.
    n: usize,
    /// Bytes of policy.
    policy: usize,
    /// Bytes of the artifact.
    bytes: usize,
    times: Vec<Duration>,
    rss: Option<u64>,
}

/// A project in memory.
struct Sample {
    program: Arc<Program>,
    policy: usize,
}

impl Sample {
    fn new(mut files: Vec<(String, String)>, more: String) -> Self {
        files.push(("policy/more.ambit".to_owned(), more));
        let policy = size(&files);
        let texts = files
            .into_iter()
            .map(|(name, text)| (name.into(), Arc::from(text)))
            .collect();
        let mut db = Database::default();
        let project = db.project(texts, Config::read(SETTINGS));
        assert!(check_in_parallel(&db, project).problems.is_empty());
        Self {
            program: program(&db, project).unwrap(),
            policy,
        }
    }

    fn of_grants(grants: usize) -> Self {
        Self::new(generate(Shape::of_grants(grants)), String::new())
    }

    /// The project of a thousand grants with more users, of so many roles each.
    fn of_users(users: usize, roles: usize, facts: bool) -> Self {
        let files = generate(Shape::of_grants(SIZES[0]));
        let base = Self::new(files.clone(), String::new());
        let names: Vec<&SmolStr> = base
            .program
            .principals
            .iter()
            .filter(|p| p.kind == PrincipalKind::Role && p.args.is_empty())
            .map(|p| &p.name)
            .collect();
        let mut more = String::new();
        for user in 0..users {
            let held: Vec<&str> = (0..roles)
                .map(|r| names[(user * 7 + r) % names.len()].as_str())
                .collect();
            let body = if facts {
                format!(" {{ full_name = \"Extra {user}\" }}")
            } else {
                String::new()
            };
            let _ = writeln!(more, "user extra_{user:06} : {}{body}", held.join(", "));
        }
        Self::new(files, more)
    }

    /// Emits, and says how many bytes that are.
    fn emit(&self, name: &str) -> usize {
        let mut bytes = 0;
        for (_, target, dialect) in EMITTED.iter().filter(|e| name == ALL || e.0 == name) {
            let dialect = dialect.map(|d| (SmolStr::new("dialects"), vec![SmolStr::new(d)]));
            let context = Context {
                program: &self.program,
                per_user: false,
                options: dialect.into_iter().collect::<BTreeMap<_, _>>(),
                frozen: None,
            };
            let emitted = black_box(ambit_targets::find(target).unwrap().emit(&context));
            bytes += emitted
                .artifacts
                .iter()
                .map(|a| a.content.len())
                .sum::<usize>();
        }
        bytes
    }

    fn measure(&self, name: &'static str, what: &str, n: usize, runs: usize) -> Figure {
        let mut bytes = 0;
        let mut times: Vec<Duration> = (0..runs)
            .map(|_| {
                let start = Instant::now();
                bytes = self.emit(what);
                start.elapsed()
            })
            .collect();
        times.sort();
        Figure {
            name,
            n,
            policy: self.policy,
            bytes,
            times,
            rss: None,
        }
    }
}

/// Emits once, in a process whose memory is measured. Is it a name of ours?
pub fn once(name: &str, grants: usize) -> bool {
    let ours = name == ALL || EMITTED.iter().any(|e| e.0 == name);
    if ours {
        Sample::of_grants(grants).emit(name);
    }
    ours
}

/// Runs everything on little projects.
pub fn test() {
    for (name, ..) in EMITTED {
        assert!(Sample::of_grants(100).emit(name) > 0);
    }
}

/// Measures all.
fn figures() -> Vec<Figure> {
    let mut figures = Vec::new();
    for grants in SIZES {
        let sample = Sample::of_grants(grants);
        let runs = if grants >= 100_000 { 1 } else { 5 };
        for name in EMITTED.map(|e| e.0).into_iter().chain([ALL]) {
            let mut figure = sample.measure(name, name, grants, runs);
            // Once more in a process of its own: of the largest it is not worth the wait.
            figure.rss = (runs > 1).then(|| peak_of(name, grants)).flatten();
            figures.push(figure);
        }
    }
    for users in [100, 1_000, 10_000] {
        figures.push(Sample::of_users(users, 1, false).measure("users", ALL, users, 1));
    }
    for roles in [1, 10, 50] {
        figures.push(Sample::of_users(1_000, roles, false).measure(
            "roles_of_1000_users",
            ALL,
            roles,
            1,
        ));
    }
    for users in [100, 1_000] {
        figures.push(Sample::of_users(users, 1, true).measure("users_with_facts", ALL, users, 1));
    }
    figures
}

impl Figure {
    /// The time that the given part of the runs did not exceed.
    fn at(&self, part: f64) -> u64 {
        let last = self.times.len().saturating_sub(1) as f64;
        self.times[(last * part).round() as usize].as_nanos() as u64
    }

    /// As it stands in `results.json`.
    fn json(&self, before: &[Value]) -> Value {
        let same = before
            .iter()
            .find(|b| b["name"] == self.name && b["n"] == self.n);
        let old = same.and_then(|b| b["median_ns"].as_f64());
        json!({
            "name": self.name,
            "n": self.n,
            "median_ns": self.at(0.5),
            "p95_ns": self.at(0.95),
            "rss_bytes": self.rss,
            "baseline": old.map(|b| b.round() as u64),
            "ratio": old.map(|b| (self.at(0.5) as f64 / b * 1000.0).round() / 1000.0),
            "policy_bytes": self.policy,
            "artifact_bytes": self.bytes,
        })
    }
}

/// The table for people, and the aims.
fn print(figures: &[Figure]) {
    println!(
        "\n{:<20} {:>7} {:>12} {:>12} {:>7} {:>11} {:>8}",
        "artifacts", "n", "policy", "artifact", "times", "median", "memory"
    );
    for f in figures {
        let memory = f
            .rss
            .map_or_else(String::new, |rss| format!("{} MB", rss / 1_000_000));
        println!(
            "{:<20} {:>7} {:>9.2} MB {:>9.2} MB {:>6.1}x {:>8.2} ms {memory:>8}",
            f.name,
            f.n,
            f.policy as f64 / 1e6,
            f.bytes as f64 / 1e6,
            f.bytes as f64 / f.policy as f64,
            f.at(0.5) as f64 / 1e6,
        );
    }
    let verdict = |met: bool| if met { "met" } else { "MISSED" };
    if let Some(all) = figures.iter().find(|f| f.name == ALL && f.n == 10_000) {
        let seconds = all.at(0.5) as f64 / 1e9;
        println!(
            "  {:<6} 10,000 grants to JSON and both dialects, s: {seconds:.2}, aim 3",
            verdict(seconds < 3.0)
        );
    }
    // Members of roles cost what is written about them, not what their roles may do.
    let extreme = |name: &str| {
        let mut own = figures.iter().filter(|f| f.name == name);
        Some((own.next()?, own.next_back()?))
    };
    for name in ["users", "roles_of_1000_users"] {
        if let Some((few, many)) = extreme(name) {
            let grown = (many.bytes - few.bytes) as f64 / (many.policy - few.policy) as f64;
            println!(
                "  {:<6} {name}, bytes of artifact for each byte of policy more: {grown:.2}, aim 10",
                verdict(grown < 10.0)
            );
        }
    }
}

/// Measures, prints, and gives what belongs into `results.json`.
pub fn results(before: &[Value]) -> Vec<Value> {
    let figures = figures();
    print(&figures);
    figures.iter().map(|f| f.json(before)).collect()
}
