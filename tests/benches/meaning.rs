//! How fast the second stage of `check` is: claims, findings, the re-check after an edit, questions that could blow up;
//! and the same formulas decided by SAT and by decision diagrams.
//!
//! `cargo bench -p ambit-tests --bench meaning` prints the figures beside the aims and adds them to
//! `target/bench/results.json`. Memory is the peak of a process of its own (`--once NAME SIZE`).
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]
#![allow(
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::cast_possible_wrap
)]

#[path = "meaning/claims.rs"]
mod claims;
#[path = "meaning/diagrams.rs"]
mod diagrams;
#[path = "meaning/figures.rs"]
mod figures;
#[path = "meaning/findings.rs"]
mod findings;
#[path = "meaning/large.rs"]
mod large;

use figures::Figures;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if let [flag, name, size] = args.as_slice()
        && flag == "--once"
    {
        once(name, size.parse().unwrap());
        figures::print_peak();
        return;
    }
    let test = args.iter().any(|a| a == "--test");
    let wanted = |name: &str| {
        let named = args.iter().any(|a| !a.starts_with('-'));
        !named || args.iter().any(|a| a == name)
    };
    let mut figures = Figures::default();
    if wanted("claims") {
        claims::run(&mut figures, test);
    }
    if wanted("large") {
        large::run(&mut figures, test);
    }
    if wanted("diagrams") {
        diagrams::run(&mut figures, test);
    }
    if wanted("findings") {
        findings::run(&mut figures, test);
    }
    if !test {
        figures.write();
    }
}

fn once(name: &str, size: usize) {
    match name {
        "findings" => findings::once(size),
        _ => large::once(name, size),
    }
}
