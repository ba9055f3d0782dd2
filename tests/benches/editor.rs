//! How fast the language server is: its own binary over its own protocol, on generated projects.
//!
//! `cargo bench -p ambit-tests --bench editor` builds the server in the profile of benches, prints the figures beside the
//! aims and adds them to `target/bench/results.json`. `AMBIT_LSP` names another binary; `AMBIT_TYPES_ONLY` leaves the second
//! stage out; numbers choose sizes.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]
#![allow(
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::cast_possible_wrap
)]

#[path = "editor/client.rs"]
mod client;
#[path = "meaning/figures.rs"]
#[allow(dead_code)]
mod figures;
#[path = "editor/session.rs"]
mod session;

use ambit_tests::project::Shape;

use figures::Figures;
use session::{Aims, measure};

/// Rules, files, and what is aimed at.
const PROJECTS: &[(usize, usize, Aims)] = &[
    (1_000, 10, Aims::NONE),
    (
        2_000,
        1,
        Aims {
            change: Some(5),
            hover: Some(1),
            completion: Some(1),
            formatting: Some(50),
            memory: None,
        },
    ),
    (10_000, 100, Aims::NONE),
    (
        100_000,
        500,
        Aims {
            change: Some(10),
            hover: None,
            completion: Some(5),
            formatting: None,
            memory: Some(500),
        },
    ),
];

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let test = args.iter().any(|a| a == "--test");
    let sizes: Vec<usize> = args.iter().filter_map(|a| a.parse().ok()).collect();
    let server = client::binary(test);
    let mut figures = Figures::default();
    let mut medians: Vec<(usize, std::time::Duration)> = Vec::new();
    let small = [(100, 2, Aims::NONE)];
    for (rules, files, aims) in if test { &small } else { PROJECTS } {
        if !sizes.is_empty() && !sizes.contains(rules) {
            continue;
        }
        let shape = Shape {
            roles: (rules / 10).max(1),
            grants: *rules,
            files: *files,
            seed: 1,
        };
        medians.push((*rules, measure(&server, shape, *aims, test, &mut figures)));
    }
    if !test {
        // Files are as large in all of these, but for the one of 2,000 rules.
        medians.retain(|(rules, _)| *rules != 2_000);
        for pair in medians.windows(2) {
            let ((few, before), (many, after)) = (pair[0], pair[1]);
            let growth = after.as_secs_f64() / before.as_secs_f64();
            println!("editor: change, {few} to {many} rules: {growth:.1}x");
        }
        println!(
            "for the record: Cedar 4.12 at 2,000 policies: 232, 585, 1280 and 17306 ms, 163 MB"
        );
        figures.write();
    }
}
