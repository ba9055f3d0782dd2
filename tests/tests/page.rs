//! The language by example: one program that uses most of the language, and what it means row by row.

use std::fmt::Write as _;

use ambit_core::{Program, TestId};
use ambit_eval::{Act, Data, Judge, RowRef, Truth, User, run_test};
use jiff::civil::date;

use crate::support;
use crate::support::project::Checked;

fn program() -> std::sync::Arc<Program> {
    let names = ["schema.ambit", "policy.ambit", "policy_test.ambit"];
    let files: Vec<(String, String)> = names
        .iter()
        .map(|name| {
            (
                (*name).to_owned(),
                support::read(&format!("tests/tests/page/{name}")),
            )
        })
        .collect();
    let checked = Checked::new(&files, None);
    assert!(!checked.report.has_errors(), "{}", checked.rendered());
    ambit_compiler::program(&checked.db, checked.project).unwrap()
}

#[test]
fn its_test_passes() {
    let program = program();
    assert_eq!(program.tests.len(), 1);
    let run = run_test(&program, TestId(0), date(2024, 1, 15));
    let mut failures = String::new();
    for failure in &run.failures {
        let _ = writeln!(
            failures,
            "{}\n  got {}\n  {}",
            failure.expect,
            failure.got,
            failure.why.join("\n  ")
        );
    }
    assert!(failures.is_empty(), "{failures}");
    // Each rule that the test's rows reach: what gave and what took.
    let lines: Vec<String> = run
        .decisive
        .iter()
        .filter_map(|id| program.rules.get(id.index()))
        .map(|rule| {
            let holder = ambit_core::print::print_holder(&program, &rule.holder);
            format!(
                "{holder}: {}",
                ambit_core::print::print_rule_head(&program, rule)
            )
        })
        .collect();
    assert_eq!(
        lines,
        [
            "market(\"FRANCE\"): grant read on sales",
            "emea_sales: grant read on sales",
            "emea_sales: restrict sales",
            "emea_sales: grant read, run on refresh",
            "everyone: deny read on sales",
        ]
    );
}

/// Limits are open: who has none of the named roles is cut off by the fallback, who has one is not.
#[test]
fn the_fallback_for_all_others() {
    let program = program();
    let limits = program.find_table("limits").unwrap();
    let row = |group: &str, measure: &str, scope: &str| -> ambit_core::Row {
        [group, group, measure, scope]
            .map(ambit_core::Value::text)
            .into()
    };
    let sees = |who: &str, row: &ambit_core::Row| {
        let data = Data::new(&program);
        let user = User::of(&program, program.find_principal(who).unwrap());
        let query = [limits];
        let judge = Judge::new(&program, &data, &user, &query, date(2024, 1, 15), None);
        judge.decide(limits, Act::Read(RowRef::new(row)))
    };
    let book = row("g", "PnL", "Book=Book 1");
    let id = row("g", "PnL", "Book=Book 3|ID=1");
    let theta = row("g", "Theta", "Desk=X");
    let odd = row("g", "VaR", "Desk<>X");
    let values = |who: &str| [&book, &id, &theta, &odd].map(|row| sees(who, row));
    assert_eq!(
        values("desk_head"),
        [Truth::True, Truth::False, Truth::False, Truth::Unknown]
    );
    assert_eq!(
        values("risk"),
        [Truth::False, Truth::True, Truth::False, Truth::Unknown]
    );
    assert_eq!(values("analyst"), [Truth::False; 4]);
    assert_eq!(values("dan"), [Truth::False; 4]);
}
