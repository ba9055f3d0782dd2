//! Printed Core parses back to the same Core: for every rule of random policies and of the examples.

use std::fmt::Write as _;
use std::sync::Arc;

use ambit_compiler::{Config, Database, check, program};
use ambit_core::print::print_rule;
use ambit_core::{CompareOp, Holder, Operand, Pred, Program, Rule};
use ambit_tests::random::{Coverage, Policy};
use ambit_tests::rng::Rng;

use crate::support;

/// How many random policies.
const POLICIES: usize = 150;

type Files = Vec<(smol_str::SmolStr, Arc<str>)>;

fn lowered(files: Files, settings: &str) -> Result<Arc<Program>, String> {
    let mut db = Database::default();
    let project = db.project(files, Config::read(settings));
    program(&db, project).ok_or_else(|| {
        let problems = check(&db, project).problems;
        problems.iter().fold(String::new(), |mut out, p| {
            let _ = writeln!(out, "{} {} {:?}", p.code, p.message, p.at);
            out
        })
    })
}

/// Adds each rule, printed, as the rule of a role of its own; gives how many there were.
fn check_rules(files: &Files, settings: &str) -> usize {
    let before = lowered(files.clone(), settings).unwrap_or_else(|problems| panic!("{problems}"));
    let mut text = String::new();
    let rules: Vec<&Rule> = before
        .rules
        .iter()
        .filter(|rule| !tests_a_constant(&rule.pred))
        .collect();
    for (number, rule) in rules.iter().enumerate() {
        let _ = writeln!(
            text,
            "role printed_{number} {{\n    {}\n}}",
            print_rule(&before, rule)
        );
    }
    let mut files = files.clone();
    files.push(("zz_printed.ambit".into(), text.as_str().into()));
    let after = lowered(files, settings).unwrap_or_else(|problems| panic!("{problems}\n{text}"));
    for (number, rule) in rules.iter().enumerate() {
        let name = format!("printed_{number}");
        let id = after.find_principal(&name).unwrap();
        let back: Vec<&Rule> = after
            .rules
            .iter()
            .filter(|r| r.holder == Holder::Principal(id))
            .collect();
        let [back] = back.as_slice() else {
            panic!("{name} has {} rules", back.len())
        };
        let printed = print_rule(&before, rule);
        assert_eq!(back.effect, rule.effect, "{printed}");
        assert_eq!(back.resource, rule.resource, "{printed}");
        assert_eq!(back.actions, rule.actions, "{printed}");
        assert_eq!(back.applies, rule.applies, "{printed}");
        assert_eq!(flat(&back.pred), flat(&rule.pred), "{printed}");
    }
    rules.len()
}

/// Where a role's argument stands for its parameter, a test of a constant can be left: it cannot be written so.
fn tests_a_constant(pred: &Pred) -> bool {
    let constant = |operand: &Operand| matches!(operand, Operand::Const(_));
    match pred {
        Pred::Const(_) | Pred::LinkVisible(_) => false,
        Pred::Not(inner) => tests_a_constant(inner),
        Pred::And(parts) | Pred::Or(parts) => parts.iter().any(tests_a_constant),
        Pred::Exists(exists) => tests_a_constant(&exists.pred),
        Pred::Compare(left, _, right) => constant(left) && constant(right),
        Pred::Is(operand)
        | Pred::InList(operand, _)
        | Pred::InSet(operand, _)
        | Pred::IsNull(operand)
        | Pred::Text(operand, ..)
        | Pred::InWindow(operand, _)
        | Pred::Scope(operand, _) => {
            constant(operand) || matches!(operand, Operand::Day(inner) if constant(inner))
        }
    }
}

/// Without what has no meaning: `and` directly in `and`, `or` in `or`, a literal on the left.
fn flat(pred: &Pred) -> Pred {
    let parts = |parts: &[Pred], and: bool| -> Arc<[Pred]> {
        let mut all = Vec::new();
        for part in parts {
            match (flat(part), and) {
                (Pred::And(inner), true) | (Pred::Or(inner), false) => {
                    all.extend(inner.iter().cloned());
                }
                (part, _) => all.push(part),
            }
        }
        all.into()
    };
    match pred {
        Pred::And(list) => Pred::And(parts(list, true)),
        Pred::Or(list) => Pred::Or(parts(list, false)),
        Pred::Not(inner) => Pred::Not(flat(inner).into()),
        Pred::Exists(exists) => {
            let mut exists = ambit_core::Exists::clone(exists);
            exists.pred = flat(&exists.pred);
            Pred::Exists(exists.into())
        }
        // A parameter on the left becomes a literal there; a written one is moved to the right.
        Pred::Compare(left @ Operand::Const(_), op, right)
            if !matches!(right, Operand::Const(_)) =>
        {
            Pred::Compare(right.clone(), turned(*op), left.clone())
        }
        other => other.clone(),
    }
}

fn turned(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Lt => CompareOp::Gt,
        CompareOp::Le => CompareOp::Ge,
        CompareOp::Gt => CompareOp::Lt,
        CompareOp::Ge => CompareOp::Le,
        same @ (CompareOp::Eq | CompareOp::Ne) => same,
    }
}

#[test]
fn random_rules_parse_back() {
    let (times, seed) = (crate::budget::times(), crate::budget::seed());
    let mut rules = 0;
    for n in 0..POLICIES * times {
        let mut rng = Rng::new(seed ^ 0x70_72_69_6e_74).fork(n as u64);
        let (policy, _) = Policy::new(&mut rng, &mut Coverage::default());
        rules += check_rules(
            &vec![("random.ambit".into(), policy.text().into())],
            &policy.settings(),
        );
    }
    assert!(rules > POLICIES * times * 3, "only {rules} rules");
}

#[test]
fn the_rules_of_the_examples_parse_back() {
    for example in ["sales", "markets", "limits", "stores", "dashboards"] {
        let folder = format!("examples/{example}");
        let files = support::files(&folder, ".ambit");
        let files = files
            .into_iter()
            .map(|(name, text)| (name.into(), text.into()))
            .collect();
        assert!(
            check_rules(&files, &support::read(&format!("{folder}/ambit.toml"))) > 0,
            "{example}"
        );
    }
    let page = ["schema.ambit", "policy.ambit"].map(|name| {
        (
            name.into(),
            Arc::from(support::read(&format!("tests/tests/page/{name}")).as_str()),
        )
    });
    assert!(check_rules(&page.to_vec(), "") > 20);
}
