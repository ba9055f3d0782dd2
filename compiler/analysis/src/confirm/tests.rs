//! A witness that is changed in anything that counts is not confirmed.

#![allow(clippy::unwrap_used, clippy::panic, clippy::items_after_statements)]

use std::sync::Arc;

use ambit_compiler::{Config, Database};
use ambit_core::{AttributeId, ClaimKind, PrincipalId, TableId, Value};
use ambit_solver::Model;
use jiff::civil::date;

use super::*;

const POLICY: &str = r#"
source main : postgres
table regions in main { key id : int  name : string }
table sales in main {
    key id : int
    region : int -> regions.id
    amount : decimal
    note   : string?
}
attribute quota : int
role reader { grant read on sales where amount > 10 and region.name = "north" }
role other { grant read on sales where amount > 1000000 }
role lord bypasses main
user ann : reader { quota = 3 }
exclusive reader, other
assert anyone with reader can never read sales where amount > 100.5 and note is null
"#;

fn id(program: &Program, name: &str) -> PrincipalId {
    let at = program.principals.iter().position(|p| p.name == name);
    PrincipalId(at.unwrap() as u32)
}

/// A change of a witness.
type Change<'a> = Box<dyn Fn(&mut Shown) + 'a>;

#[test]
fn what_is_changed_is_not_confirmed() {
    let mut db = Database::default();
    let files = vec![("policy.ambit".into(), Arc::from(POLICY))];
    let project = db.project(files, Config::default());
    let program = ambit_compiler::program(&db, project).unwrap();
    let [claim] = program.claims.as_slice() else {
        panic!("one claim");
    };
    let ClaimKind::Can { pred, .. } = &claim.kind else {
        panic!("a claim of what one can");
    };
    let proof = crate::claims::prove(&program, &Model::new(&program), claim).unwrap();
    let shown = proof.witness.unwrap();
    let (reader, other, lord, ann) = (
        id(&program, "reader"),
        id(&program, "other"),
        id(&program, "lord"),
        id(&program, "ann"),
    );
    let sales = TableId(
        program
            .tables
            .iter()
            .position(|t| t.name == "sales")
            .unwrap() as u32,
    );
    let (key, region, amount, note) = (0, 1, 2, 3);
    let showing = Showing {
        user: 0,
        who: Who::AnyoneWith(reader),
        resource: Resource::Table(sales),
        action: "read",
        allowed: true,
        said: &|case| case.condition(pred)[0].is_true() && case.asks_for(sales),
    };
    assert_eq!(doubt(&program, &shown, showing), None, "{shown:?}");

    /// The row, where it is acted on and where it stands among the data.
    fn set(shown: &mut Shown, column: usize, value: &Value) {
        let row = shown.row.clone().unwrap();
        let mut changed = row.clone();
        changed[column] = value.clone();
        for (_, rows) in &mut shown.related {
            for other in rows.iter_mut().filter(|r| **r == row) {
                *other = changed.clone();
            }
        }
        shown.row = Some(changed);
    }
    let decimal = |text: &str| Value::Decimal(text.parse().unwrap());
    let cell =
        |column: usize, value: Value| -> Change<'_> { Box::new(move |s| set(s, column, &value)) };
    let changes: Vec<(&str, Change<'_>)> = vec![
        // Still allowed, and not what the claim speaks of.
        ("the condition of the claim", cell(amount, decimal("100.5"))),
        ("a part of the condition", cell(note, Value::text("x"))),
        ("the decision", cell(amount, decimal("10"))),
        ("a link to nowhere", cell(region, Value::Int(77))),
        ("null where none can be", cell(amount, Value::Null)),
        ("a value of another type", cell(amount, Value::text("200"))),
        (
            "the key alone of the row acted on",
            Box::new(|s| {
                let mut row = s.row.clone().unwrap();
                row[key] = Value::Int(99);
                s.row = Some(row);
            }),
        ),
        ("no row", Box::new(|s| s.row = None)),
        (
            "the row not among the data",
            Box::new(|s| s.related.retain(|(t, _)| *t != sales)),
        ),
        (
            "the linked row gone",
            Box::new(|s| s.related.retain(|(t, _)| *t == sales)),
        ),
        (
            "two rows with one key",
            Box::new(|s| {
                for (_, rows) in s.related.iter_mut().filter(|(t, _)| *t == sales) {
                    let mut twin = rows[0].clone();
                    twin[note] = Value::text("twin");
                    rows.push(twin);
                }
            }),
        ),
        ("no principal", Box::new(|s| s.user.principals.clear())),
        (
            "another principal",
            Box::new(|s| s.user.principals = vec![other]),
        ),
        (
            "what is exclusive",
            Box::new(|s| s.user.principals = vec![reader, other]),
        ),
        ("who bypasses", Box::new(|s| s.user.principals.push(lord))),
        (
            "a user as a principal",
            Box::new(|s| s.user.principals.push(ann)),
        ),
        (
            "an attribute that is written",
            Box::new(|s| {
                s.user.declared = Some(ann);
                s.user.attributes = vec![(AttributeId(0), Value::Int(4))];
            }),
        ),
        (
            "an attribute of another type",
            Box::new(|s| {
                s.user.attributes = vec![(AttributeId(0), Value::text("3"))];
            }),
        ),
        ("another query", Box::new(|s| s.query.clear())),
        (
            "a day out of range",
            Box::new(|s| s.today = date(1969, 12, 31)),
        ),
        ("the other decision", Box::new(|s| s.allowed = false)),
    ];
    for (what, change) in changes {
        let mut changed = (*shown).clone();
        change(&mut changed);
        assert_ne!(changed, *shown, "{what}");
        assert!(
            doubt(&program, &changed, showing).is_some(),
            "{what}: {changed:?}"
        );
    }
    // Another subject.
    for who in [
        Who::Nobody,
        Who::Bare(other),
        Who::AnyoneWith(other),
        Who::Both(reader, lord),
    ] {
        assert!(
            doubt(&program, &shown, Showing { who, ..showing }).is_some(),
            "{who:?}"
        );
    }
    // What holds of the same case for others that it speaks of.
    for who in [Who::Anyone, Who::Bare(reader)] {
        assert_eq!(
            doubt(&program, &shown, Showing { who, ..showing }),
            None,
            "{who:?}"
        );
    }
}

/// Claims about decimals: what each comes to.
fn decided(policy: &str) -> Vec<crate::claims::Proof> {
    let mut db = Database::default();
    let files = vec![("policy.ambit".into(), Arc::from(policy))];
    let project = db.project(files, Config::default());
    let program = ambit_compiler::program(&db, project).unwrap();
    let model = Model::new(&program);
    let prove = |claim| crate::claims::prove(&program, &model, claim).unwrap();
    program.claims.iter().map(prove).collect()
}

#[test]
fn between_any_two_decimals_lies_another() {
    for places in [1, 28, 29, 40, 999] {
        let least = format!("0.{}1", "0".repeat(places - 1));
        let policy = format!(
            "source main : postgres\n\
             table t in main {{ key id : int  d : decimal }}\n\
             role r {{ grant read on t where d <= 0 or d >= {least} }}\n\
             role s {{ grant read on t where d > 0 and d < {least} }}\n\
             assert r can always read t\n\
             assert r can never read t where d > 0 and d < {least}\n\
             assert r can never read t where d > 0 and d <= {least}\n\
             assert s can never read t where d <= 0 or d >= {least}\n\
             assert s can never read t\n"
        );
        let proofs = decided(&policy);
        let holds: Vec<bool> = proofs.iter().map(crate::claims::Proof::holds).collect();
        assert_eq!(holds, [false, true, false, true, false], "{least}");
        let value = |proof: &crate::claims::Proof| match &proof.witness.as_ref().unwrap().row {
            Some(row) => row[1].clone(),
            None => panic!("no row"),
        };
        let least = Value::Decimal(least.parse().unwrap());
        let nothing = Value::Decimal(ambit_core::Decimal::zero());
        for proof in [&proofs[0], &proofs[4]] {
            let between = value(proof);
            assert!(nothing < between && between < least, "{between:?}");
        }
        assert_eq!(value(&proofs[2]), least);
    }
}

#[test]
fn a_thousand_digits_are_told_apart() {
    let digits = "7".repeat(998);
    let policy = format!(
        "source main : postgres\n\
         table t in main {{ key id : int  d : decimal }}\n\
         role r {{ grant read on t where d > 0.{digits}1 and d < 0.{digits}2 and d != 0.{digits}1 }}\n\
         assert r can never read t where d <= 0.{digits}1 or d >= 0.{digits}2\n\
         assert r can never read t where d >= {digits}.5\n\
         assert r can never read t\n"
    );
    let holds: Vec<bool> = decided(&policy)
        .iter()
        .map(crate::claims::Proof::holds)
        .collect();
    assert_eq!(holds, [true, true, false]);
}
