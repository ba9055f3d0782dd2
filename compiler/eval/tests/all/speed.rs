//! A guard against a fast path that is none; the measure itself is a bench.

use std::sync::Arc;
use std::time::Instant;

use ambit_core::{CompareOp, Operand, Pred, Row, Value};
use ambit_eval::{Data, Judge, Prepared, User};

use crate::build::*;

/// `country = "FRANCE" and amount < 1000`, with a deny and a restrict.
#[test]
fn rows_a_second() {
    let mut p = program();
    let below = |n: i64| {
        Pred::Compare(
            here(AMOUNT),
            CompareOp::Lt,
            Operand::Const(Value::Decimal(n.into())),
        )
    };
    p.rules = vec![
        grant(Pred::And(
            [eq(here(COUNTRY), text("FRANCE")), below(1_000)].into(),
        )),
        deny(Pred::Not(Arc::new(Pred::Compare(
            here(ID),
            CompareOp::Ge,
            Operand::Const(Value::Int(0)),
        )))),
        restrict(None, Pred::Compare(here(NAME), CompareOp::Ne, text("VIP"))),
    ];
    let (data, user) = (Data::new(&p), User::nobody(&p));
    let prepared = Prepared::new(
        Judge::new(&p, &data, &user, &[SALES], TODAY, None),
        SALES,
        "read",
    );
    let rows: Vec<Row> = (0..1_000_i64)
        .map(|i| {
            sale(&[
                (ID, Value::Int(i)),
                (
                    COUNTRY,
                    Value::text(["FRANCE", "USA"][usize::from(i % 4 == 0)]),
                ),
                (AMOUNT, Value::Decimal((i * 2).into())),
                (NAME, Value::text("Ann")),
            ])
        })
        .collect();
    let begun = Instant::now();
    let mut allowed = 0;
    for _ in 0..300 {
        allowed += prepared.allowed(&rows).count();
    }
    let a_second = 300_000.0 / begun.elapsed().as_secs_f64();
    assert_eq!(allowed, 375 * 300);
    println!("{a_second:.0} decisions a second");
    // Far below what an idle machine does, even unoptimised.
    assert!(a_second > 100_000.0, "{a_second:.0} decisions a second");
}
