//! One claim at a time: those that a reviewer would make of a generated project.

use std::fmt::Write as _;

use ambit_compiler::{check_in_parallel, program};
use ambit_tests::project::{Shape, generate};

use super::figures::{Figures, time};
use super::findings::open;

pub fn run(figures: &mut Figures, test: bool) {
    let sizes: &[usize] = if test { &[100] } else { &[1_000, 10_000] };
    for size in sizes {
        let mut files = generate(Shape::of_grants(*size));
        let claims = claims(&files, 240);
        let count = claims.lines().count();
        files.push(("zz_claims.ambit".to_owned(), claims));
        let (db, project) = open(&files);
        let report = check_in_parallel(&db, project);
        assert!(!report.has_errors(), "{:?}", report.problems.first());
        let program = program(&db, project).unwrap();
        let model = ambit_solver::Model::new(&program);
        let mut times = Vec::new();
        let mut held = 0;
        for claim in &program.claims {
            let (took, proof) = time(|| ambit_analysis::prove(&program, &model, claim));
            held += usize::from(proof.unwrap().holds());
            times.push(took);
        }
        assert_eq!(program.claims.len(), count);
        let aim = format!("aim: 5 ms; {held} of {count} hold");
        figures.add("one assertion", *size, times, None, &aim);
    }
}

/// Claims about the roles and tables of a project.
fn claims(files: &[(String, String)], most: usize) -> String {
    let mut roles: Vec<(String, String)> = Vec::new();
    for (_, text) in files {
        for line in text.lines() {
            let name = line
                .strip_prefix("role ")
                .or_else(|| line.strip_prefix("group "))
                .and_then(|l| l.split([' ', '{']).next());
            if let Some(name) = name
                && let Some((department, _)) = name.split_once('_')
            {
                roles.push((department.to_owned(), name.to_owned()));
            }
        }
    }
    let mut out = String::new();
    let step = (roles.len() * 6 / most).max(1);
    for (i, (department, role)) in roles.iter().enumerate().step_by(step) {
        let main = match department.as_str() {
            "sales" => "orders",
            "finance" => "invoices",
            "people" => "salaries",
            "logistics" => "shipments",
            "purchasing" => "requests",
            "risk" => "exposures",
            "marketing" => "visits",
            "support" => "tickets",
            "production" => "batches",
            _ => "hearings",
        };
        let table = format!("{department}_{main}");
        let other = &roles[(i + 1) % roles.len()].1;
        let _ = writeln!(
            out,
            "assert {role} can never read {table} where country = \"CHINA\" and confidential"
        );
        let _ = writeln!(out, "assert anyone with {role} can never delete {table}");
        let _ = writeln!(
            out,
            "assert anyone with {role} can never read {table} where amount > 9999.99 and status = \"draft\""
        );
        let _ = writeln!(
            out,
            "assert anyone can never read {table} where owner = \"nobody\" and label is null"
        );
        let _ = writeln!(out, "assert {role} and {other} are disjoint on {table}");
        let _ = writeln!(
            out,
            "assert {role} can always read {table} where country = \"FRANCE\""
        );
        if out.lines().count() >= most {
            break;
        }
    }
    out
}
