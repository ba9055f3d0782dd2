//! How fast the front and the evaluator are, on generated projects of three sizes.
//!
//! `cargo bench -p ambit-tests` prints the figures beside the aims and writes `target/bench/results.json`. Memory is the
//! peak of a process of its own that does the work once (`--once NAME GRANTS`). `cargo bench -p ambit-tests --bench main
//! -- artifacts` measures the artifacts alone.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]
// Times and sizes are far from the ends of their types.
#![allow(
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::cast_possible_wrap
)]

#[path = "speed/artifacts.rs"]
mod artifacts;
#[path = "speed/measure.rs"]
mod measure;
#[path = "speed/results.rs"]
mod results;
#[path = "speed/work.rs"]
mod work;

use criterion::{Criterion, SamplingMode, Throughput};
use std::time::Duration;
use work::{WORKS, Work};

/// Grants of the three sizes.
const SIZES: [usize; 3] = [1_000, 10_000, 100_000];

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if let [flag, name, grants] = args.as_slice()
        && flag == "--once"
    {
        measure::once(name, grants.parse().unwrap());
        return;
    }
    // `cargo test --benches` asks whether they run at all.
    if args.iter().any(|a| a == "--test") {
        for work in WORKS {
            work.prepare(100).run();
        }
        artifacts::test();
        return;
    }
    let folder = results::folder();
    let mut criterion = Criterion::default()
        .output_directory(&folder.join("criterion"))
        .without_plots()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(3))
        .sample_size(20)
        .configure_from_args();
    for grants in SIZES {
        // Artifacts are measured by hand: a run takes seconds.
        if args.iter().any(|a| a == "artifacts") {
            break;
        }
        for work in WORKS {
            bench(&mut criterion, work, grants);
        }
    }
    criterion.final_summary();
    results::write(&folder);
}

fn bench(criterion: &mut Criterion, work: &Work, grants: usize) {
    let mut group = criterion.benchmark_group(work.name);
    let mut prepared = work.prepare(grants);
    group.throughput(if work.bytes {
        Throughput::Bytes(prepared.units)
    } else {
        Throughput::Elements(prepared.units)
    });
    group.sampling_mode(SamplingMode::Flat);
    if grants >= 100_000 {
        group.sample_size(10);
    }
    group.bench_function(grants.to_string(), |b| b.iter(|| prepared.run()));
    group.finish();
}
