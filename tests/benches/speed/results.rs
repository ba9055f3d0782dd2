//! What came out: a file for machines, figures beside their aims for people.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::SIZES;
use super::measure::peak_of;
use super::work::WORKS;

/// `target/bench`, wherever the target folder is.
pub fn folder() -> PathBuf {
    let exe = std::env::current_exe().unwrap();
    // target/release/deps/main-…
    exe.ancestors().nth(3).unwrap().join("bench")
}

/// One measurement.
struct Figure {
    name: &'static str,
    grants: usize,
    units: f64,
    median: f64,
    p95: f64,
    rss: Option<u64>,
}

/// Reads what criterion left, writes `results.json` and prints the figures. `baseline` is the median of the file that
/// was there before, `ratio` how many times as long it takes now.
pub fn write(folder: &Path) {
    let path = folder.join("results.json");
    let before: Vec<Value> = std::fs::read(&path)
        .ok()
        .and_then(|b| serde_json::from_slice(&b).ok())
        .unwrap_or_default();
    let mut figures = Vec::new();
    for work in WORKS {
        for grants in SIZES {
            let Some(mut times) = samples(
                &folder
                    .join("criterion")
                    .join(work.name)
                    .join(grants.to_string()),
            ) else {
                continue;
            };
            times.sort_by(f64::total_cmp);
            let at = |part: f64| times[((times.len() - 1) as f64 * part).round() as usize];
            let units = work.prepare(grants).units as f64;
            let rss = peak_of(work.name, grants);
            figures.push(Figure {
                name: work.name,
                grants,
                units,
                median: at(0.5),
                p95: at(0.95),
                rss,
            });
        }
    }
    let old = |f: &Figure| {
        let same = before
            .iter()
            .find(|b| b["name"] == f.name && b["n"] == f.grants)?;
        same["median_ns"].as_f64()
    };
    let mut list: Vec<Value> = figures
        .iter()
        .map(|f| {
            json!({
                "name": f.name,
                "n": f.grants,
                "median_ns": f.median.round() as u64,
                "p95_ns": f.p95.round() as u64,
                "rss_bytes": f.rss,
                "baseline": old(f).map(|b| b.round() as u64),
                "ratio": old(f).map(|b| (f.median / b * 1000.0).round() / 1000.0),
            })
        })
        .collect();
    list.extend(super::artifacts::results(&before));
    std::fs::create_dir_all(folder).unwrap();
    std::fs::write(
        &path,
        format!("{}\n", serde_json::to_string_pretty(&list).unwrap()),
    )
    .unwrap();
    print(&figures);
    println!("\nwritten to {}", path.display());
}

/// The times of one run each, in nanoseconds.
fn samples(folder: &Path) -> Option<Vec<f64>> {
    let sample: Value =
        serde_json::from_slice(&std::fs::read(folder.join("new/sample.json")).ok()?).ok()?;
    let list = |key: &str| -> Option<Vec<f64>> {
        sample[key].as_array()?.iter().map(Value::as_f64).collect()
    };
    let times: Vec<f64> = list("times")?
        .iter()
        .zip(list("iters")?)
        .map(|(time, n)| time / n)
        .collect();
    (!times.is_empty()).then_some(times)
}

fn print(figures: &[Figure]) {
    println!(
        "\n{:<11} {:>7} {:>11} {:>11} {:>15} {:>8} {:>10}",
        "", "grants", "median", "p95", "throughput", "memory", "10x input"
    );
    for (i, f) in figures.iter().enumerate() {
        let bytes = WORKS.iter().any(|w| w.name == f.name && w.bytes);
        let per_second = f.units / (f.median / 1e9) / 1e6;
        let throughput = if bytes {
            format!("{per_second:.1} MB/s")
        } else {
            format!("{per_second:.2} M rows/s")
        };
        let growth = i
            .checked_sub(1)
            .and_then(|p| figures.get(p))
            .filter(|p| p.name == f.name);
        let growth = growth
            .filter(|_| bytes)
            .map_or_else(String::new, |p| format!("{:.1}x time", f.median / p.median));
        let memory = f
            .rss
            .map_or_else(String::new, |rss| format!("{} MB", rss / 1_000_000));
        println!(
            "{:<11} {:>7} {:>8.2} ms {:>8.2} ms {throughput:>15} {memory:>8} {growth:>10}",
            f.name,
            f.grants,
            f.median / 1e6,
            f.p95 / 1e6
        );
    }
    println!("\naims");
    let largest = |name: &str| figures.iter().rev().find(|f| f.name == name);
    let aim = |text: &str, value: Option<f64>, most: f64| {
        if let Some(value) = value {
            let verdict = if value <= most { "met" } else { "MISSED" };
            println!("  {verdict:<6} {text}: {value:.2}, aim {most}");
        }
    };
    aim(
        "cold check of 100,000 grants in 1,000 files, s",
        largest("check_cold").map(|f| f.median / 1e9),
        1.0,
    );
    aim(
        "its memory, MB",
        largest("check_cold")
            .and_then(|f| f.rss)
            .map(|r| r as f64 / 1e6),
        800.0,
    );
    aim(
        "lexer and parser, s for 20 MB",
        largest("lex_parse").map(|f| 20e6 / f.units * f.median / 1e9),
        1.0,
    );
    aim(
        "evaluator, s for 5,000,000 rows",
        largest("evaluate").map(|f| 5e6 / f.units * f.median / 1e9),
        1.0,
    );
    for pair in figures
        .windows(2)
        .filter(|p| p[0].name == p[1].name && p[0].name != "evaluate")
    {
        let text = format!(
            "{}, {} to {} grants, times as long",
            pair[0].name, pair[0].grants, pair[1].grants
        );
        aim(&text, Some(pair[1].median / pair[0].median), 11.0);
    }
}
