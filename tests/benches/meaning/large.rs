//! Questions that could blow up: many roles, long lists, deep conditions, memberships left free.

use std::fmt::Write as _;
use std::time::Duration;

use ambit_compiler::{check_in_parallel, program};

use super::figures::{Figures, peak_of, time};
use super::findings::open;

const KINDS: [(&str, usize); 5] = [
    ("10,000 roles", 10_000),
    ("1,000-value lists", 1_000),
    ("40 nested conditions", 40),
    ("30 free roles", 30),
    ("20 nested exists and paths", 20),
];

pub fn run(figures: &mut Figures, test: bool) {
    for (name, size) in KINDS {
        let size = if test { size / 10 } else { size };
        let text = text(name, size);
        let (claims, findings) = measure(&text);
        let rss = if test { None } else { peak_of(name, size) };
        figures.add(&format!("{name}: claims"), size, claims, None, "no blow-up");
        figures.add(
            &format!("{name}: findings"),
            size,
            vec![findings],
            rss,
            "under 1 GB",
        );
    }
}

pub fn once(name: &str, size: usize) {
    measure(&text(name, size));
}

/// How long each claim takes, and all findings.
fn measure(text: &str) -> (Vec<Duration>, Duration) {
    let (db, project) = open(&[("policy.ambit".to_owned(), text.to_owned())]);
    let report = check_in_parallel(&db, project);
    assert!(!report.has_errors(), "{:?}", report.problems.first());
    let program = program(&db, project).unwrap();
    let model = ambit_solver::Model::new(&program);
    let times = program
        .claims
        .iter()
        .map(|claim| time(|| ambit_analysis::prove(&program, &model, claim).unwrap()).0)
        .collect();
    let (findings, report) = time(|| ambit_analysis::report(&db, project));
    assert_eq!(report.fault, None);
    (times, findings)
}

fn text(name: &str, size: usize) -> String {
    let mut text = String::from(
        "source w : sqlite\ntable regions in w { key id : int  name : string? }\n\
         table t in w { key id : int  a : int  b : string?  c : bool  region_id : int? -> regions.id }\n\
         table parts in w { key id : int  t_id : int? -> t.id  kind : string  amount : int }\n\
         attribute limit : int\nattribute name : string\n",
    );
    match name {
        "10,000 roles" => {
            for i in 0..size {
                let inherits = if i % 10 == 0 {
                    String::new()
                } else {
                    format!(" inherits r{}", i - 1)
                };
                let _ = writeln!(
                    text,
                    "role r{i}{inherits} {{ grant read on t where a = {i} and b = \"x{i}\" }}"
                );
            }
            let _ = writeln!(text, "role capped {{ restrict t to a < {size} }}");
            let _ = writeln!(text, "assert anyone can never read t where a < 0");
            let _ = writeln!(
                text,
                "assert anyone with capped can never read t where a >= {size}"
            );
            let _ = writeln!(
                text,
                "assert anyone with r5 can never read t where a = {}",
                size - 1
            );
        }
        "1,000-value lists" => {
            let list = |from: usize| {
                let values: Vec<String> =
                    (from..from + size).map(|i| format!("\"v{i}\"")).collect();
                values.join(", ")
            };
            let numbers: Vec<String> = (0..size).map(|i| (i * 3).to_string()).collect();
            for i in 0..10 {
                let _ = writeln!(
                    text,
                    "role r{i} {{ grant read on t where b in [{}] and a not in [{}] }}",
                    list(i * 100),
                    numbers.join(", ")
                );
            }
            let _ = writeln!(
                text,
                "assert anyone can never read t where b in [{}]",
                list(size + 900)
            );
            let _ = writeln!(text, "assert anyone can never read t where a = 3");
            let _ = writeln!(
                text,
                "assert r0 can never read t where b not in [{}]",
                list(0)
            );
            let _ = writeln!(
                text,
                "assert r0 can never read t where b = \"v5\" and a > 10"
            );
        }
        "40 nested conditions" => {
            let mut deep = "a = 0".to_owned();
            for i in 1..size {
                deep = if i % 2 == 0 {
                    format!("(b = \"x{i}\" and ({deep}))")
                } else {
                    format!("(a > {i} or not ({deep}))")
                };
            }
            let _ = writeln!(text, "role r {{ grant read on t where {deep} }}");
            let _ = writeln!(text, "role s {{ grant read on t where not ({deep}) }}");
            let _ = writeln!(
                text,
                "assert r and s are disjoint on t\nassert r and s are equal on t\nassert anyone can never read t where a = 1"
            );
        }
        "30 free roles" => {
            for i in 0..size {
                let _ = writeln!(
                    text,
                    "role r{i} {{ grant read on t where a = {i}  restrict t by a to a in [{i}, {}]  deny read on t where b = \"x{i}\" }}",
                    (i + 1) % size
                );
            }
            let _ = writeln!(text, "exclusive r0, r1, r2");
            let _ = writeln!(text, "assert anyone can never read t where a = 7");
            let _ = writeln!(
                text,
                "assert anyone with r3 can never read t where a not in [{}]",
                (0..size)
                    .map(|i| i.to_string())
                    .collect::<Vec<_>>()
                    .join(", ")
            );
            let _ = writeln!(
                text,
                "assert anyone can never read t where b is null and a > {size}"
            );
        }
        _ => {
            let mut conditions: Vec<String> = Vec::new();
            for i in 0..size {
                conditions.push(format!(
                    "exists parts where (kind = \"k{i}\" and amount > {i} and t_id.region_id.name != \"n{i}\")"
                ));
            }
            let _ = writeln!(
                text,
                "role r {{ grant read on t where ({}) and region_id.name = user.name }}",
                conditions.join(" and ")
            );
            let _ = writeln!(
                text,
                "role s {{ grant read on t where not ({}) }}",
                conditions[0]
            );
            let _ = writeln!(text, "assert r can never read t where region_id is null");
            let _ = writeln!(text, "assert r and s are disjoint on t");
            let _ = writeln!(text, "assert r can never read t where a = 1");
        }
    }
    text
}
