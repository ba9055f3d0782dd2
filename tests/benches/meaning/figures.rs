//! What came out: a file for machines, figures beside their aims for people.

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// One measurement.
struct Figure {
    name: String,
    n: usize,
    median: Duration,
    p95: Duration,
    rss: Option<u64>,
    aim: String,
}

#[derive(Default)]
pub struct Figures(Vec<Figure>);

impl Figures {
    /// Adds times, and what was aimed at.
    pub fn add(
        &mut self,
        name: &str,
        n: usize,
        mut times: Vec<Duration>,
        rss: Option<u64>,
        aim: &str,
    ) {
        times.sort_unstable();
        let at = |part: usize| times[(times.len() - 1) * part / 100];
        let figure = Figure {
            name: name.to_owned(),
            n,
            median: at(50),
            p95: at(95),
            rss,
            aim: aim.to_owned(),
        };
        println!(
            "{:<28} {:>7} median {:>10.3} ms  p95 {:>10.3} ms  max {:>10.3} ms  {:>6}  {}",
            figure.name,
            figure.n,
            millis(figure.median),
            millis(figure.p95),
            millis(times[times.len() - 1]),
            rss.map_or_else(String::new, |b| format!("{} MB", b >> 20)),
            figure.aim,
        );
        self.0.push(figure);
    }

    /// Adds them to `target/bench/results.json`, in place of those of the same name and size.
    pub fn write(&self) {
        let exe = std::env::current_exe().unwrap();
        let folder: PathBuf = exe.ancestors().nth(3).unwrap().join("bench");
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("results.json");
        let mut list: Vec<Value> = std::fs::read(&path)
            .ok()
            .and_then(|b| serde_json::from_slice(&b).ok())
            .unwrap_or_default();
        for figure in &self.0 {
            let same = |v: &Value| v["name"] == figure.name.as_str() && v["n"] == figure.n;
            let old = list
                .iter()
                .find(|v| same(v))
                .and_then(|v| v["median_ns"].as_f64());
            list.retain(|v| !same(v));
            let now = figure.median.as_nanos() as f64;
            list.push(json!({
                "name": figure.name,
                "n": figure.n,
                "median_ns": figure.median.as_nanos() as u64,
                "p95_ns": figure.p95.as_nanos() as u64,
                "rss_bytes": figure.rss,
                "baseline": old.map(|b| b.round() as u64),
                "ratio": old.map(|b| (now / b * 1000.0).round() / 1000.0),
            }));
        }
        std::fs::write(&path, serde_json::to_vec_pretty(&list).unwrap()).unwrap();
    }
}

pub fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// How long something takes.
pub fn time<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let begin = Instant::now();
    let out = work();
    (begin.elapsed(), out)
}

/// The peak memory of a process that does the work once, in bytes.
pub fn peak_of(name: &str, size: usize) -> Option<u64> {
    let output = Command::new(std::env::current_exe().ok()?)
        .args(["--once", name, &size.to_string()])
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    text.lines().last()?.trim().parse().ok()
}

/// The peak memory of this process, where the system says so (Linux).
pub fn print_peak() {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|l| l.starts_with("VmHWM:"));
    let kilobytes = line
        .and_then(|l| l.split_whitespace().nth(1))
        .and_then(|n| n.parse::<u64>().ok());
    println!("{}", kilobytes.unwrap_or(0) * 1024);
}
